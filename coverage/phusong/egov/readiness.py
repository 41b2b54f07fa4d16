"""Which prerequisites each office has, lacks or has not reported, and counts by district.

Knows offices and prerequisites; costs and years are `rollout`'s. A value that
was not reported is unknown, never "no"; contradictory figures are named, never mended.
"""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import pandas as pd

from ..tables import OFFICES, READINESS
from .checklist import Prerequisite


def readiness(offices: gpd.GeoDataFrame, prerequisites: Sequence[Prerequisite]) -> gpd.GeoDataFrame:
    """Judge each office by its prerequisites.

    Parameters
    ----------
    offices : GeoDataFrame of points
        As `tables.OFFICES`, with ``fibre_origin`` and ``mobile_fallback`` where
        a run found them out; an absent column counts as not reported.
    prerequisites : sequence of Prerequisite
        What an office needs, in the order in which lists name it.

    Returns
    -------
    GeoDataFrame, rows and index as `offices`
        Fields of `tables.READINESS`. ``lacks_lan`` is NA where the LAN was not
        reported; ``ready`` is False as soon as one prerequisite is missing,
        NA where none is missing but some are not reported. Lists are comma
        separated, empty if there is nothing to name; ``contradictions`` holds
        keys whose words are ``egov.contradiction_<key>``.

    Examples
    --------
    One office with a LAN, one without, one that did not report.

    >>> from .checklist import prerequisites
    >>> offices = gpd.GeoDataFrame({"has_lan": [True, False, None]}, geometry=[None] * 3)
    >>> judged = readiness(offices, prerequisites({"has_lan": None}))
    >>> judged.ready.to_list(), judged.missing_prerequisites.to_list()
    ([True, False, <NA>], ['', 'has_lan', ''])
    """
    table = _with_ratio(offices)
    held = held_prerequisites(table, prerequisites)
    table["lacks_lan"] = ~table["has_lan"].astype("boolean")
    table["missing_prerequisites"] = _names((~held).fillna(False))
    table["unknown_prerequisites"] = _names(held.isna())
    ready = pd.Series(True, index=table.index, dtype="boolean")
    for name in held:
        ready &= held[name]
    table["ready"] = ready
    table["contradictions"] = _names(_contradictions(table))
    return table[[*(name for name in READINESS.columns if name in table), offices.geometry.name]]


def readiness_by_district(
    offices: pd.DataFrame, communes: pd.DataFrame, prerequisites: Sequence[Prerequisite]
) -> pd.DataFrame:
    """Count commune-level offices by district.

    Parameters
    ----------
    offices : DataFrame
        From `readiness`, with the same prerequisites.
    communes : DataFrame
        ``commune_code`` and ``district_code`` as `tables.COMMUNES`. Offices of
        communes that are not in it are in no district; `readiness_total` has them.
    prerequisites : sequence of Prerequisite
        Those counted as missing.

    Returns
    -------
    DataFrame of int, one row a district of `communes`, indexed by ``district_code``
        ``offices``, ``offices_with_lan``, ``offices_ready``, ``one_stop_local``,
        ``one_stop_interlinked`` and one ``offices_missing_<prerequisite>`` each.
        What was not reported is counted neither as held nor as missing.

    Examples
    --------
    >>> from .checklist import prerequisites
    >>> wanted = prerequisites({"has_lan": None})
    >>> offices = gpd.GeoDataFrame(
    ...     {"level": "commune", "commune_code": ["00688", "00691"], "has_lan": [True, False]},
    ...     geometry=[None, None],
    ... )
    >>> communes = pd.DataFrame({"commune_code": ["00688", "00691"], "district_code": "024"})
    >>> counts = readiness_by_district(readiness(offices, wanted), communes, wanted)
    >>> counts.loc["024", ["offices", "offices_with_lan", "offices_missing_has_lan"]].to_list()
    [2, 1, 1]
    """
    flags = _count_columns(offices, prerequisites)
    known = communes.drop_duplicates("commune_code").set_index("commune_code")["district_code"]
    district = offices.loc[flags.index, "commune_code"].map(known).rename("district_code")
    every = pd.Index(sorted(known.dropna().unique()), name="district_code")
    return flags.groupby(district).sum().reindex(every, fill_value=0)


def readiness_total(offices: pd.DataFrame, prerequisites: Sequence[Prerequisite]) -> pd.Series:
    """Count all commune-level offices.

    Parameters
    ----------
    offices : DataFrame
        From `readiness`, with the same prerequisites.
    prerequisites : sequence of Prerequisite
        Those counted as missing.

    Returns
    -------
    Series of int
        The columns of `readiness_by_district`, for the province.

    Examples
    --------
    >>> from .checklist import prerequisites
    >>> wanted = prerequisites({"has_lan": None})
    >>> offices = gpd.GeoDataFrame(
    ...     {"level": "commune", "has_lan": [True, False, None]}, geometry=[None] * 3
    ... )
    >>> total = readiness_total(readiness(offices, wanted), wanted)
    >>> total[["offices", "offices_with_lan"]].to_list()
    [3, 1]
    """
    return _count_columns(offices, prerequisites).sum()


def held_prerequisites(
    offices: pd.DataFrame, prerequisites: Sequence[Prerequisite]
) -> pd.DataFrame:
    """Tell for each office and prerequisite whether it is held; NA if not reported.

    A column that is absent was not reported.
    """
    held: dict[str, pd.Series] = {}
    for prerequisite in prerequisites:
        values = offices.get(prerequisite.field, pd.Series(pd.NA, index=offices.index))
        if prerequisite.rule == "true":
            if pd.api.types.is_string_dtype(values):  # a choice, of which one is none
                values = values.ne("none").astype("boolean").where(values.notna())
            held[prerequisite.name] = values.astype("boolean")
        else:
            held[prerequisite.name] = values.astype("Float64") >= prerequisite.least
    return pd.DataFrame(held, index=offices.index, dtype="boolean")


def _with_ratio(offices: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give the offices every column of their table, and computers per official."""
    found = [name for name in ("fibre_origin", "mobile_fallback") if name in offices]
    table = offices.reindex(columns=[*OFFICES.columns, *found, offices.geometry.name])
    officials = table["officials"].astype("Float64")
    table["computers_per_official"] = (
        table["computers"].astype("Float64") / officials.where(officials > 0)
    ).astype("float64")
    return table


def _contradictions(table: pd.DataFrame) -> pd.DataFrame:
    """Mark figures that cannot hold together; what was not reported contradicts nothing."""
    flag: Mapping[str, pd.Series] = {
        name: table[name].astype("boolean")
        for name in ("has_fibre", "has_lan", "data_network_port", "video_conference")
    }
    interlinked = table["one_stop"].eq("interlinked").fillna(False)
    found = {
        "interlinked_without_lan": interlinked & ~flag["has_lan"],
        "interlinked_without_fibre": interlinked & ~flag["has_fibre"],
        "interlinked_without_data_network": interlinked & ~flag["data_network_port"],
        "lan_year_without_lan": table["lan_year"].notna() & ~flag["has_lan"],
        "lan_without_computers": flag["has_lan"] & table["computers"].eq(0),
        "video_conference_without_fibre": flag["video_conference"] & ~flag["has_fibre"],
        "computers_without_officials": table["computers"].gt(0) & table["officials"].eq(0),
    }
    return pd.DataFrame(
        {name: mark.astype("boolean").fillna(False) for name, mark in found.items()}
    )


def _names(marked: pd.DataFrame) -> list[str]:
    """Join the names of the marked columns of each row."""
    names = list(marked.columns)
    return [
        ", ".join(name for name, mark in zip(names, row, strict=True) if mark)
        for row in marked.to_numpy(dtype=bool)
    ]


def _count_columns(offices: pd.DataFrame, prerequisites: Sequence[Prerequisite]) -> pd.DataFrame:
    """Return 0 or 1 a commune office and count."""
    seats = offices[offices["level"] == "commune"]
    counts = {
        "offices": pd.Series(True, index=seats.index),
        "offices_with_lan": seats["has_lan"].astype("boolean"),
        "offices_ready": seats["ready"].astype("boolean"),
        "one_stop_local": seats["one_stop"].eq("local"),
        "one_stop_interlinked": seats["one_stop"].eq("interlinked"),
    }
    for name, held in held_prerequisites(seats, prerequisites).items():
        counts[f"offices_missing_{name}"] = ~held
    return pd.DataFrame(counts).astype("boolean").fillna(False).astype(int)
