"""Strength as a part of a run: who hangs on one site or operator, and what sharing gives."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...._on_disk import full_on_disk
from ....grid import blocks, grid_of
from ....i18n import Bilingual, Language, both
from ....service import commune_of
from ....service.strength import (
    MastLosses,
    OperatorReach,
    mast_losses,
    operator_reach,
    served_on_battery,
)
from ....study import Service, Study
from ....tables import OPERATOR_SHARING, OPERATOR_STRENGTH, POWER_CUT, SITES_RESULT
from ...load import Loaded
from ...records import Note, Resources
from ..coverage import COVERAGE, Coverage
from ..coverage.count import required
from ..coverage.inputs import predicts
from ..coverage.probability import masts_of
from ..coverage.ranked import BEST_OF_OPERATORS, RANKED_MASTS, ByOperator, Ranked
from ..indicator import Figure, Indicator, defined
from ..part import Findings, Found, Part
from ..territory import TERRITORY, Units


@dataclass(frozen=True, kw_only=True)
class StrengthInputs:
    """The services that sites are judged by; which one operators are, coverage knows."""

    services: tuple[Service, ...]


@dataclass(frozen=True, kw_only=True)
class Strength:
    """How many residents hang on one site.

    Parameters
    ----------
    served, single : mapping of str to float
        By service: residents served, and those of them whom one site alone serves.
    """

    served: Mapping[str, float]
    single: Mapping[str, float]


def take(study: Study, _: Loaded) -> StrengthInputs:
    """Return what strength needs of a study; without coverage it is not computed."""
    return StrengthInputs(services=study.services)


def compute(inputs: StrengthInputs, found: Found, __: Resources) -> Findings[Strength]:
    """Count who loses signal with each site and operator, and what operators gain by sharing."""
    coverage, (units, _) = found[COVERAGE], required(found[TERRITORY])
    ranked = coverage.ranked
    if ranked is None:
        raise ValueError("strength is counted from a whole prediction")
    people = _people(units, ranked.pixel)
    if not people.any():  # nobody known is not nobody
        return Findings(record=Strength(served={}, single={}))
    mast = masts_of(coverage.cells, grid_of(coverage.terrain))
    size = int(mast.max(initial=-1)) + 1
    of_cell = np.append(mast, np.int32(-1))
    losses = {
        one.id: mast_losses(
            ranked.margin_db[one.id],
            _looked_up(of_cell, ranked.cell[one.id][:, :1])[:, 0],
            people,
            masts=size,
        )
        for one in inputs.services
    }
    tables: dict[str, pd.DataFrame] = {}
    if size:
        tables[SITES_RESULT.name] = _sites(coverage.cells, mast, losses, units)
    battery = _battery_hours(coverage.cells)
    if battery is not None:
        tables[POWER_CUT.name] = _power_cut(ranked, battery, people)
    by_operator, notes = coverage.by_operator, []
    if by_operator is not None and by_operator.operators:
        reach = operator_reach(by_operator.margin_db, people)
        total = float(people.sum())
        tables[OPERATOR_STRENGTH.name] = _operators(coverage, by_operator, reach, total)
        tables[OPERATOR_SHARING.name] = _sharing(by_operator, reach)
        title = next(one.title for one in inputs.services if one.id == by_operator.service)
        notes.append(Note("pipeline.operators_judged", {"service": title}))
    record = Strength(
        served={name: float(each.best.sum()) for name, each in losses.items()},
        single={name: float(each.only.sum()) for name, each in losses.items()},
    )
    return Findings(record=record, tables=tables, notes=notes)


def _battery_hours(cells: gpd.GeoDataFrame) -> NDArray[np.float64] | None:
    """Return how long each cell runs on without mains power, NaN unknown; None if none tells."""
    if "battery_hours" not in cells:
        return None
    hours: NDArray[np.float64] = cells["battery_hours"].to_numpy(dtype=np.float64, na_value=np.nan)
    return None if np.isnan(hours).all() else hours


def _power_cut(
    ranked: Ranked, battery: NDArray[np.float64], people: NDArray[np.float64]
) -> pd.DataFrame:
    """Return the rows of `tables.POWER_CUT`: at once, and as each battery runs out."""
    hours = np.unique(np.append(battery[~np.isnan(battery)], 0.0))
    of_cell = np.append(np.nan_to_num(battery), 0.0)
    served = {
        f"served_population_{name}": served_on_battery(
            margin_db, _looked_up(of_cell, ranked.cell[name]), people, hours
        )
        for name, margin_db in ranked.margin_db.items()
    }
    return pd.DataFrame({"hours": hours, **served})


def _looked_up(of_cell: NDArray[Any], cell: NDArray[np.int32]) -> NDArray[Any]:
    """Return what each cell of many pixels has, on the disk."""
    found = full_on_disk(cell.shape, 0.0, of_cell.dtype)
    for some in blocks(len(cell)):
        found[some] = of_cell[cell[some]]
    return found


def _people(units: Units, pixel: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the residents of the province at some pixels; they hold all of them."""
    of_province = units.residents.province.people
    people = full_on_disk(pixel.shape, 0.0, np.dtype(np.float64))
    for some in blocks(of_province.nnz):
        there = of_province.data[some] > 0
        slot = np.searchsorted(pixel, of_province.indices[some][there])
        np.add.at(people, slot, of_province.data[some][there])
    return people


def _sites(
    cells: gpd.GeoDataFrame,
    mast: NDArray[np.int32],
    losses: Mapping[str, MastLosses],
    units: Units,
) -> gpd.GeoDataFrame:
    """Return the rows of `tables.SITES_RESULT`, those of most people first.

    Cells within one pixel of the grid stand on one site, called after its first cell's.
    """
    grouped = cells.groupby(mast)
    first = cells.iloc[np.unique(mast, return_index=True)[1]].reset_index(drop=True)
    table = gpd.GeoDataFrame(
        {
            "site_id": _distinct(first["site_id"]),
            "operators": grouped["operator"].agg(_listed).to_numpy(),
            "stations": grouped["station_id"].nunique().astype("Int64").to_numpy(),
            "commune_code": commune_of(first.geometry, units.communes),
        },
        geometry=first.geometry,
        crs=cells.crs,
    )
    battery = _battery_hours(cells)
    if battery is not None:
        table["battery_hours"] = pd.Series(battery).groupby(mast).min().to_numpy()
    if "site_name" in first:
        table["site_name"] = first["site_name"]
    for name, each in losses.items():
        table[f"best_population_{name}"], table[f"only_population_{name}"] = each.best, each.only
    leading = f"only_population_{next(iter(losses))}"
    table = table.sort_values([leading, "site_id"], ascending=[False, True], ignore_index=True)
    table["rank"] = pd.array(range(1, len(table) + 1), dtype="Int64")
    return table


def _listed(names: pd.Series) -> str:
    return ", ".join(sorted(set(names)))


def _distinct(ids: pd.Series) -> list[str]:
    """Return ids, numbered where one stands for several places."""
    again = ids.groupby(ids).cumcount()
    return [one if not k else f"{one} ({k + 1})" for one, k in zip(ids, again, strict=True)]


def _operators(
    coverage: Coverage, by_operator: ByOperator, reach: OperatorReach, total: float
) -> pd.DataFrame:
    """Return the rows of `tables.OPERATOR_STRENGTH`."""
    rule = next(each for each in coverage.plan.services if each.id == by_operator.service)
    cells = coverage.cells
    admitted = cells[cells["technology"].isin(rule.technologies)]
    names = list(by_operator.operators)
    counted = admitted.groupby("operator")[["site_id", "station_id"]].nunique().reindex(names)
    host = np.argmax(reach.gain, axis=1)
    most = reach.gain[np.arange(len(names)), host]
    return pd.DataFrame(
        {
            "operator": names,
            "sites": counted["site_id"].astype("Int64").to_numpy(),
            "stations": counted["station_id"].astype("Int64").to_numpy(),
            "served_population": reach.own,
            "served_share": reach.own / total if total else np.nan,
            "only_population": reach.only,
            "roaming_population": reach.anyone - reach.own,
            "best_host": [
                names[k] if gain > 0 else None for k, gain in zip(host, most, strict=True)
            ],
            "best_host_population": np.where(most > 0, most, np.nan),
        }
    )


def _sharing(by_operator: ByOperator, reach: OperatorReach) -> pd.DataFrame:
    """Return the rows of `tables.OPERATOR_SHARING`."""
    names = by_operator.operators
    rows = [
        {"operator": one, "host": other, "gained_population": reach.gain[i, j]}
        for i, one in enumerate(names)
        for j, other in enumerate(names)
        if i != j
    ]
    return pd.DataFrame(rows, columns=list(OPERATOR_SHARING.columns))


_TITLE = Bilingual("Dân số có sóng chỉ nhờ một cột ăng-ten", "Residents whom one site alone serves")


def indicators(study: Study) -> Iterator[Indicator[Strength]]:
    """Return the share of the residents served who hang on one site, by service."""
    for service in study.services:
        yield Indicator(
            name=f"single_site_share_{service.id}",
            title=both(partial(_title_of, service)),
            unit="share",
            denominator="covered_population",
            origin="computed",
            definition=defined(
                "trong số dân có sóng, những người mà không cột ăng-ten nào khác đủ sóng: cột "
                "ăng-ten đó hỏng hay mất điện là mất sóng",
                "of the residents served, those whom no other site serves: if theirs fails, or its "
                "power does, they have no signal",
            ),
            figure=partial(_figure, service.id),
        )


def _title_of(service: Service, lang: Language) -> str:
    return f"{_TITLE[lang]}: {service.title[lang]}"


def _figure(service: str, found: Strength) -> Figure | None:
    served = found.served.get(service, 0.0)
    return Figure(found.single[service] / served) if served else None


def lacks(study: Study) -> Iterator[str]:
    """Name the tables that a study without cells or without a service of operators cannot give."""
    if not predicts(study):
        yield SITES_RESULT.name
    if not predicts(study) or study.villages is None:
        yield from (OPERATOR_STRENGTH.name, OPERATOR_SHARING.name)


STRENGTH = Part(
    name="strength",
    stands_on=(TERRITORY.name, COVERAGE.name),
    wants=frozenset({RANKED_MASTS, BEST_OF_OPERATORS}),
    take=take,
    compute=compute,
    lacks=lacks,
    indicators=indicators,
)
