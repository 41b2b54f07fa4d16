"""The landing page's tables by district and by commune, and its list of gaps.

Formats finished tables; computes none.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

import pandas as pd

from ..i18n import Bilingual, both, number
from .board import share_text

GAPS_SHOWN = 10
COVERED_SHARE = "covered_population_share"
ESTIMATED_SHARE = "share_median"
AREA_SHARE = "covered_area_share"
NO_FIGURE = Bilingual("–", "–")


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A figure as shown, by what it sorts, and how it stands against its target."""

    shown: Bilingual
    value: float
    verdict: str = ""


@dataclass(frozen=True, kw_only=True)
class UnitRow:
    """A district or commune: what it is called, where its map opens, its figures.

    `district` is empty for a district, and for a commune where there are none.
    """

    name: str
    district: str
    address: str
    cells: tuple[Cell, ...]


def nobody_known(units: pd.DataFrame) -> bool:
    """Tell whether no unit has a figure of residents."""
    return bool(units["population"].isna().all())


def verdict_column(units: pd.DataFrame, service: str) -> str:
    """Return the column of a service's verdicts: those with their doubt, if all units have one."""
    confident = f"confident_verdict_{service}"
    if confident in units and units[confident].notna().all():
        return confident
    return f"target_verdict_{service}"


def unit_rows(
    units: pd.DataFrame,
    services: Mapping[str, float | None],
    *,
    key: str,
    address: str,
    shares: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[UnitRow]:
    """Yield the rows of a table by unit: residents, then each service's share of them.

    Parameters
    ----------
    units : DataFrame
        Rows as `tables.COMMUNES_RESULT` or `tables.DISTRICTS_RESULT`.
    services : mapping of str to float or None
        The target of each service, by its id, in the order of the columns. What misses it
        is never rounded up to it.
    key : str
        Column of the unit's code.
    address : str
        Map that opens at a unit whose code is put behind it; empty for none.
    shares : mapping of str to str
        Which share of residents is shown of each service; `COVERED_SHARE` if not told.
    """
    judged = {service: verdict_column(units, service) for service in services}
    told = [f"{shares.get(service, COVERED_SHARE)}_{service}" for service in services]
    asked = {key, "type", "name", "district", "population", *told, *judged.values()}
    ordered = units[[name for name in units if name in asked]].sort_values(key)
    for row in ordered.to_dict("records"):
        named = f"{row['type']} {row['name']}" if "type" in row else str(row["district"])
        yield UnitRow(
            name=named,
            district=str(row["district"]) if "type" in row and pd.notna(row["district"]) else "",
            address=f"{address}{quote(str(row[key]))}" if address else "",
            cells=(
                _count(row["population"]),
                *(
                    _share(
                        row.get(f"{shares.get(service, COVERED_SHARE)}_{service}"),
                        target,
                        row.get(judged[service]),
                    )
                    for service, target in services.items()
                ),
            ),
        )


def gap_rows(gaps: pd.DataFrame, service: str, *, address: str) -> list[dict[str, Any]]:
    """Return the gaps of a service with the most residents, those first."""
    own = gaps[gaps["service"] == service].sort_values(["rank", "gap_id"]).head(GAPS_SHOWN)
    return [
        {
            "id": row["gap_id"],
            "communes": row["communes"] if pd.notna(row["communes"]) else "–",
            "address": f"{address}{quote(str(row['gap_id']))}" if address else "",
            "population": _count(row["population"]).shown,
            "area": _number(row["area_km2"], decimals=1),
            "villages": _count(row["villages"]).shown,
        }
        for row in own.to_dict("records")
    ]


def _share(share: float | None, target: float | None, verdict: Any) -> Cell:
    if share is None or pd.isna(share):
        return Cell(shown=NO_FIGURE, value=-1.0)
    return Cell(
        shown=both(lambda lang: share_text(share, 1.0 if target is None else target, lang)),
        value=float(share),
        verdict=str(verdict or ""),
    )


def _number(value: float, *, decimals: int) -> Bilingual:
    return both(lambda lang: number(value, lang, decimals=decimals))


def _count(value: Any) -> Cell:
    if value is None or pd.isna(value):
        return Cell(shown=NO_FIGURE, value=-1.0)
    return Cell(shown=both(lambda lang: number(value, lang)), value=float(value))
