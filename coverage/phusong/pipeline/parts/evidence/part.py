"""Evidence as a part of a run: of what the covered residents of each commune are made.

By class of margin and by station, each adding up to the commune's figures to the last
decimal of the files.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...._on_disk import full_on_disk
from ....grid import blocks_of_rows
from ....radio import served
from ....service.evidence import (
    LAST_DECIMAL,
    rounded_to_sum,
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
    columns = units.communes[["commune_code", "population"]].to_dict("list")
    edges = (np.nan, *MARGIN_EDGES_DB, np.nan)
    km2_a_pixel = level.zones.area_km2 / level.zones.pixels()
    rows = []
    for unit, (code, population) in enumerate(zip(*columns.values(), strict=True)):
        to_km2 = km2_a_pixel[unit]
        split = (
            _split(people[unit], population, counted.people[service][unit]),
            rounded_to_sum(expected[unit], counted.expected[service][unit], LAST_DECIMAL),
            _split(
                ground[unit] * to_km2,
                level.zones.area_km2[unit],
                counted.pixels[service][unit] * to_km2,
            ),
        )
        for label in np.flatnonzero(ground[unit]):
            open_ends = label == _NO_SIGNAL
            rows.append(
                {
                    "commune_code": code,
                    "service": service,
                    "margin_class": int(label),
                    "margin_from_db": np.nan if open_ends else edges[label - 1],
                    "margin_below_db": np.nan if open_ends else edges[label],
                    "population": split[0][label],
                    "expected_covered_population": split[1][label],
                    "area_km2": split[2][label],
                }
            )
    return pd.DataFrame(rows, columns=list(COMMUNE_MARGINS.columns))


def _split(parts: NDArray[np.float64], whole: float, of_served: float) -> NDArray[np.float64]:
    """Round the classes so that both those served and all of them add up to their figure."""
    above = rounded_to_sum(parts[_FIRST_SERVED:], of_served, LAST_DECIMAL)
    below = rounded_to_sum(
        parts[:_FIRST_SERVED], round(whole, 6) - round(of_served, 6), LAST_DECIMAL
    )
    return np.concatenate([below, above])


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
    found = []
    of_units = sums_of_labels_there(level.zones.weights, level.people, labels)
    for unit, (there, ground, people) in enumerate(of_units):
        by_station = there != unserved
        there = there[by_station]
        of_people = rounded_to_sum(people[by_station], counted[unit], LAST_DECIMAL)
        of_area = ground[by_station] * km2_a_pixel[unit]
        of_area = rounded_to_sum(of_area, of_area.sum(), LAST_DECIMAL)
        most_first = np.lexsort((-of_area, -of_people))
        found.append(
            np.column_stack([np.full(len(there), unit), there, of_people, of_area])[most_first]
        )
    rows = np.concatenate(found)
    unit_of, station_of = rows[:, 0].astype(np.int64), stations[rows[:, 1].astype(np.int64)]
    return pd.DataFrame(
        {
            "commune_code": units.communes["commune_code"].to_numpy()[unit_of],
            "service": service,
            "station_id": station_of,
            **{name: named[name].reindex(station_of).to_numpy() for name in known},
            "population": rows[:, 2],
            "area_km2": rows[:, 3],
        }
    )


EVIDENCE = Part(
    name="evidence",
    stands_on=(TERRITORY.name, COVERAGE.name),
    take=take,
    compute=compute,
)
