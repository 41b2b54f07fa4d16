"""Seats of administration whose counts are those published for the end of 2017.

Totals and the three districts of the interlinked one-stop shop are facts; which
communes have what within them is drawn, favouring towns and large communes.
Published figures may contradict each other, such as 44 interlinked communes of
which 29 at most have a LAN; they are kept.
"""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .facts import Facts
from .shares import apportion

_PROVINCIAL = (
    "Văn phòng Tỉnh ủy",
    "Văn phòng UBND tỉnh",
    "Văn phòng HĐND tỉnh",
    "Sở Thông tin và Truyền thông",
)
_MAILBOXES_ABOVE = 180  # "more than 14,000"
_PROVINCIAL_OFFSETS = ((0.0, 0.0), (0.0018, 0.0012), (-0.0015, 0.0021), (0.0027, -0.0013))


def list_offices(
    facts: Facts,
    seats: gpd.GeoSeries,
    population: NDArray[np.int64],
    remoteness: NDArray[np.float64],
    *,
    seed: int,
) -> gpd.GeoDataFrame:
    """Return 4 provincial, 11 district and 195 commune seats, columns of `tables.OFFICES`.

    Parameters
    ----------
    facts : Facts
        Communes, districts and the published counts.
    seats : GeoSeries of points, one a commune
        Where committees sit.
    population : array, one a commune
        Files handled and officials grow with it.
    remoteness : array, one a commune
        The remotest lack video-conference.
    seed : int
        Draws the rest.
    """
    rng = np.random.default_rng(seed)
    offices = pd.concat(
        [_upper_seats(facts, rng), _communes(facts, population, remoteness, rng)],
        ignore_index=True,
    )
    published = facts.province
    officials = offices["officials"].to_numpy()
    commune = (offices["level"] == "commune").to_numpy()
    wish = officials * np.where(commune, rng.uniform(0.75, 1.05, len(offices)), 1.08)
    offices["computers"] = apportion(
        round(published["computers_per_official"] * officials.sum()), wish
    )
    offices["digital_certificates"] = apportion(
        published["digital_certificates"],
        np.where(commune, 6.0, officials * 0.9),
        low=1,
    )
    offices["mailboxes"] = apportion(published["mailboxes"] + _MAILBOXES_ABOVE, officials)
    return gpd.GeoDataFrame(offices, geometry=_points(facts, seats), crs=seats.crs)


def _points(facts: Facts, seats: gpd.GeoSeries) -> Any:
    at = dict(zip(facts.communes["commune_code"], seats, strict=True))
    districts = [at[code] for code in facts.districts["seat_code"]]
    capital = districts[0]
    provincial = [
        type(capital)(capital.x + east, capital.y + north) for east, north in _PROVINCIAL_OFFSETS
    ]
    return [*provincial, *districts, *seats]


def _upper_seats(facts: Facts, rng: np.random.Generator) -> pd.DataFrame:
    districts = facts.districts
    first = len(_PROVINCIAL)
    count = first + len(districts)
    province = np.arange(count) < first
    officials = np.where(province, rng.integers(45, 90, count), rng.integers(75, 125, count))
    return pd.DataFrame(
        {
            "office_id": [f"T-{k + 1:02d}" for k in range(first)]
            + [f"H-{code}" for code in districts["district_code"]],
            "name": [*_PROVINCIAL, *("UBND " + districts["type"] + " " + districts["district"])],
            "level": np.where(province, "province", "district"),
            "commune_code": [districts["seat_code"][0]] * first + districts["seat_code"].to_list(),
            "has_fibre": True,
            "has_lan": True,
            "lan_year": rng.integers(2004, 2012, count),
            "data_network_port": True,
            "officials": officials,
            "video_conference": True,
            "document_system": True,
            "one_stop": np.where(province, "none", "local"),
            "files_per_year": np.where(province, 0, rng.integers(9000, 26000, count)),
            "backup_power": True,
        }
    )


def _communes(
    facts: Facts,
    population: NDArray[np.int64],
    remoteness: NDArray[np.float64],
    rng: np.random.Generator,
) -> pd.DataFrame:
    communes, published = facts.communes, facts.province
    count = len(communes)
    town = (communes["type"] != "xã").to_numpy()
    interlinked = communes["district_code"].isin(published["interlinked_districts"]).to_numpy()
    standing = population / population.mean() + 3.0 * town + 0.4 * rng.standard_normal(count)
    has_lan = _top(np.where(interlinked, standing, -np.inf), published["lan_communes"])
    video = ~_top(remoteness, count - published["video_communes"])
    return pd.DataFrame(
        {
            "office_id": "X-" + communes["commune_code"],
            "name": "UBND " + communes["type"] + " " + communes["name"],
            "level": "commune",
            "commune_code": communes["commune_code"],
            "has_fibre": True,
            "has_lan": has_lan,
            "lan_year": pd.Series(rng.integers(2010, 2018, count), dtype="Int64").where(has_lan),
            "data_network_port": interlinked | (standing + rng.standard_normal(count) > 1.2),
            "officials": 19 + (town * 2) + rng.integers(0, 5, count),
            "video_conference": video,
            "document_system": True,
            "one_stop": np.where(
                interlinked, "interlinked", np.where(standing > 1.0, "local", "none")
            ),
            "files_per_year": np.rint(
                population * np.where(town, 0.75, 0.4) * rng.uniform(0.8, 1.2, count)
            ).astype(np.int64),
            "backup_power": rng.random(count) < np.where(town, 0.8, 0.35),
        }
    )


def _top(score: NDArray[np.float64], count: int) -> NDArray[np.bool_]:
    """Mark the `count` highest."""
    marked = np.zeros(score.size, dtype=bool)
    marked[np.argsort(-score, kind="stable")[:count]] = True
    return marked
