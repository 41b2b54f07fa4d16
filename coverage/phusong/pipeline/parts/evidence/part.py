"""Evidence as a part of a run: of what the covered residents of each commune are made.

By class of margin and by station, each adding up to the commune's figures to the last
decimal of the files.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...._on_disk import full_on_disk
from ....grid import blocks_of_rows
from ....radio import served
from ....service.evidence import (
    LAST_DECIMAL,
    rounded_to_sums,
    sums_by_label,
    sums_of_labels_there,
)
from ....study import Study
from ....tables import COMMUNE_MARGINS, COMMUNE_SERVERS, MARGIN_EDGES_DB
from ...load import Loaded
from ...records import Resources
from ..coverage import COVERAGE, Coverage
from ..coverage.count import required
from ..part import Findings, Found, Part
from ..territory import TERRITORY, Units

_NO_SIGNAL = 0
_CLASSES = len(MARGIN_EDGES_DB) + 2
_FIRST_SERVED = 2 + MARGIN_EDGES_DB.index(0.0)
_SITE = ("site_id", "site_name", "operator", "technology")


@dataclass(frozen=True)
class Nothing:
    """There are no inputs and no record: everything is in what coverage found."""


def take(_: Study, __: Loaded) -> Nothing:
    """Return what it needs of a study, which is nothing; without coverage it is not computed."""
    return Nothing()


def compute(_: Nothing, found: Found, __: Resources) -> Findings[Nothing]:
    """Split every commune's residents and ground by margin and by best server."""
    coverage = found[COVERAGE]
    units, _on_air = required(found[TERRITORY])
    return Findings(
        record=Nothing(),
        tables={
            name: _in_order([split(service, coverage, units) for service in coverage.services])
            for name, split in (
                (COMMUNE_MARGINS.name, _margins),
                (COMMUNE_SERVERS.name, _servers),
            )
        },
    )


def _in_order(of_services: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return rows commune by commune, services in the order of the study."""
    rows = pd.concat(of_services, ignore_index=True)
    return rows.sort_values("commune_code", kind="stable", ignore_index=True)


def _margins(service: str, coverage: Coverage, units: Units) -> pd.DataFrame:
    """Return the classes of a service in each commune; without those that hold nothing."""
    margins = coverage.services[service].margin_db.to_numpy()
    labels = full_on_disk(margins.shape, 0.0, np.dtype(np.int8))
    for some in blocks_of_rows(len(margins)):
        margin = margins[some]
        classes = 1 + np.digitize(margin, MARGIN_EDGES_DB)
        labels[some] = np.where(np.isnan(margin), _NO_SIGNAL, classes)
    level = units.residents.communes
    people = sums_by_label(level.people, labels, _CLASSES)
    likely = coverage.sums.probabilities[service].to_numpy()
    expected = sums_by_label(level.people, labels, _CLASSES, times=likely)
    ground = sums_by_label(level.zones.weights, labels, _CLASSES)
    counted = coverage.sums.levels[0]
    edges = np.array((np.nan, *MARGIN_EDGES_DB, np.nan))
    km2_a_pixel = level.zones.area_km2 / level.zones.pixels()
    to_km2 = km2_a_pixel[:, None]
    of_people = _split(people, units.communes["population"].to_list(), counted.people[service])
    of_ground = _split(ground * to_km2, level.zones.area_km2, counted.pixels[service] * km2_a_pixel)
    unit, label = np.nonzero(ground)
    open_ends = label == _NO_SIGNAL
    return pd.DataFrame(
        {
            "commune_code": units.communes["commune_code"].to_numpy()[unit],
            "service": service,
            "margin_class": label,
            "margin_from_db": np.where(open_ends, np.nan, edges[label - 1]),
            "margin_below_db": np.where(open_ends, np.nan, edges[label]),
            "population": of_people[unit, label],
            "expected_covered_population": _rounded(expected, counted.expected[service])[
                unit, label
            ],
            "area_km2": of_ground[unit, label],
        },
        columns=list(COMMUNE_MARGINS.columns),
    )


def _split(
    parts: NDArray[np.float64], wholes: Iterable[float], of_served: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Round the classes so that both those served and all of them add up to their figures."""
    of_others = [
        round(whole, 6) - round(served, 6) for whole, served in zip(wholes, of_served, strict=True)
    ]
    below = _rounded(parts[:, :_FIRST_SERVED], of_others)
    return np.concatenate([below, _rounded(parts[:, _FIRST_SERVED:], of_served)], axis=1)


def _rounded(parts: NDArray[np.float64], wholes: Any) -> NDArray[np.float64]:
    """Round the classes of each unit so that they add up to its figure."""
    first = np.arange(len(parts) + 1) * parts.shape[1]
    wholes = np.asarray(wholes, dtype=np.float64)
    return rounded_to_sums(parts.ravel(), wholes, LAST_DECIMAL, first=first).reshape(parts.shape)


def _servers(service: str, coverage: Coverage, units: Units) -> pd.DataFrame:
    """Return the stations that are the best server of somebody or of some ground."""
    rasters, level = coverage.services[service], units.residents.communes
    stations = pd.Index(coverage.cells["station_id"].unique())
    of_cell = stations.get_indexer(pd.Index(coverage.cells["station_id"]))
    unserved = len(stations)
    positions, margins = rasters.best_server.to_numpy(), rasters.margin_db.to_numpy()
    labels = full_on_disk(positions.shape, 0.0, np.dtype(np.int32))
    for some in blocks_of_rows(len(positions)):
        position = positions[some]
        has = served(margins[some]) & (position >= 0)
        labels[some] = np.where(has, of_cell[np.where(has, position, 0)], unserved)
    km2_a_pixel = level.zones.area_km2 / level.zones.pixels()
    counted = coverage.sums.levels[0].people[service]
    known = [name for name in _SITE if name in coverage.cells]
    named = pd.DataFrame(coverage.cells).drop_duplicates("station_id").set_index("station_id")
    unit, there, ground, people = sums_of_labels_there(level.zones.weights, level.people, labels)
    by_station = there != unserved
    unit, there, ground, people = (one[by_station] for one in (unit, there, ground, people))
    first = np.searchsorted(unit, np.arange(len(units.communes) + 1))
    of_people = rounded_to_sums(people, np.asarray(counted), LAST_DECIMAL, first=first)
    of_area = ground * km2_a_pixel[unit]
    whole_km2 = np.array([of_area[start:end].sum() for start, end in pairwise(first)])
    of_area = rounded_to_sums(of_area, whole_km2, LAST_DECIMAL, first=first)
    most_first = np.lexsort((-of_area, -of_people, unit))
    station_of = stations[there[most_first]]
    return pd.DataFrame(
        {
            "commune_code": units.communes["commune_code"].to_numpy()[unit[most_first]],
            "service": service,
            "station_id": station_of,
            **{name: named[name].reindex(station_of).to_numpy() for name in known},
            "population": of_people[most_first],
            "area_km2": of_area[most_first],
        }
    )


EVIDENCE = Part(
    name="evidence",
    stands_on=(TERRITORY.name, COVERAGE.name),
    take=take,
    compute=compute,
)
