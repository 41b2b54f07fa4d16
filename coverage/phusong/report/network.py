"""The fibre of a result as tables to show: network, homing, worst cuts, what to build.

Formats and sorts finished tables; computes none.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from ..i18n import Language, number, text
from ..tables import FIBRE_FINDINGS, FIBRE_HOMING, LEVELS
from .plan import ShownTable, millions


def network_shown(spans: pd.DataFrame, findings: pd.DataFrame | None, lang: Language) -> ShownTable:
    """Count spans and kilometres by status, and the findings of each kind.

    Parameters
    ----------
    spans : GeoDataFrame
        Rows as `tables.SPANS_RESULT`, in metres.
    findings : DataFrame, optional
        Rows as `tables.FIBRE_FINDINGS`.
    lang : {"vi", "en"}

    Returns
    -------
    ShownTable

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import LineString
    >>> spans = gpd.GeoDataFrame(
    ...     {"status": ["operational", "planned"]},
    ...     geometry=[LineString([(0, 0), (3000, 0)]), LineString([(0, 0), (9000, 0)])],
    ...     crs="EPSG:9209",
    ... )
    >>> network_shown(spans, None, "en").rows
    (('Operational', '1', '3'), ('Planned', '1', '9'))
    """
    kilometres = pd.Series(spans.geometry.length.to_numpy() / 1000, spans.index)
    rows = [
        (
            text(f"fibre.status_{status}", lang),
            number(len(its), lang),
            number(kilometres[its.index].sum(), lang),
        )
        for status, its in spans.groupby("status", sort=False)
    ]
    if findings is not None:
        count = findings["finding"].value_counts()
        rows += [
            (text(f"fibre.finding_{kind}", lang), number(count[kind], lang), "")
            for kind in FIBRE_FINDINGS["finding"].choices
            if kind in count
        ]
    return _table("network", ("what", "count", "km"), rows, lang)


def homing_shown(
    offices: pd.DataFrame | None, communes: pd.DataFrame | None, lang: Language
) -> ShownTable:
    """Count offices of each level, and commune centres, by their homing.

    Parameters
    ----------
    offices, communes : DataFrame, optional
        Rows as `tables.OFFICES_RESULT` and `tables.COMMUNES_RESULT`.
    lang : {"vi", "en"}

    Returns
    -------
    ShownTable

    Examples
    --------
    >>> communes = pd.DataFrame({"homing": ["double", "single", "single"]})
    >>> homing_shown(None, communes, "en").rows
    (('Commune centres', '0', '1', '2', '0'),)
    """
    groups = []
    if offices is not None and "homing" in offices:
        groups = [
            (text(f"fibre.offices_{level}", lang), offices.loc[offices["level"] == level, "homing"])
            for level in LEVELS
        ]
    if communes is not None and "homing" in communes:
        groups.append((text("fibre.centres", lang), communes["homing"]))
    kinds = FIBRE_HOMING["homing"].choices
    rows = [
        (name, *(number((homing == kind).sum(), lang) for kind in kinds)) for name, homing in groups
    ]
    return _table("homing", ("where", *(f"homing_{kind}" for kind in kinds)), rows, lang)


def cuts_shown(spans: pd.DataFrame, count: int, lang: Language) -> ShownTable:
    """List the spans whose cut takes most away.

    Parameters
    ----------
    spans : GeoDataFrame
        Rows as `tables.SPANS_RESULT`, in metres.
    count : int
        How many.
    lang : {"vi", "en"}

    Returns
    -------
    ShownTable
        The worst first; a span whose cut takes nothing away is left out.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import LineString
    >>> spans = gpd.GeoDataFrame(
    ...     {"id": ["s1", "s2"], "name": None, "start": ["A", "B"], "end": ["B", "C"],
    ...      "rank": [1, 2], "dark_offices": [3, 0], "dark_masts": [1, 0],
    ...      "dark_population": [1200.0, 0.0]},
    ...     geometry=[LineString([(0, 0), (2500, 0)]), LineString([(2500, 0), (3000, 0)])],
    ... )
    >>> cuts_shown(spans, 5, "en").rows
    (('1', 's1', 'A–B', '2.5', '3', '1', '1,200'),)
    """
    rows = []
    if "rank" in spans:
        lost = ["dark_offices", "dark_masts", "dark_population"]
        worst = spans[spans[lost].gt(0).any(axis=1)].nsmallest(count, "rank")
        named: Iterable[Any] = worst.itertuples(index=False)
        rows = [
            (
                str(row.rank),
                _joined(row.id, row.name),
                _joined(row.start, row.end, "–"),
                number(row.geometry.length / 1000, lang, decimals=1),
                number(row.dark_offices, lang),
                number(row.dark_masts, lang),
                number(row.dark_population, lang),
            )
            for row in named
        ]
    headings = ("rank", "span", "between", "km", "dark_offices", "dark_masts", "dark_population")
    return _table("cuts", headings, rows, lang)


def links_shown(links: pd.DataFrame, lang: Language) -> ShownTable:
    """List the single new links that remove most risk.

    Parameters
    ----------
    links : DataFrame
        Rows as `tables.FIBRE_LINKS`.
    lang : {"vi", "en"}

    Returns
    -------
    ShownTable

    Examples
    --------
    >>> links = pd.DataFrame({
    ...     "rank": [1, 2], "from_id": ["a", "b"], "to_id": ["c", "d"], "from_name": None,
    ...     "to_name": None, "length_m": [1000.0, 2500.0], "cost_vnd": [50e6, 125e6],
    ...     "removed_risk": [180.0, 90.0],
    ... })
    >>> links_shown(links, "en").rows
    (('1', 'a – c', '1.0', '50', '100'), ('2', 'b – d', '2.5', '125', '50'))
    """
    best = links[links["rank"].notna()].sort_values("rank")
    whole = best["removed_risk"].max()
    named: Iterable[Any] = best.itertuples(index=False)
    rows = [
        (
            number(row.rank, lang),
            f"{_called(row.from_name, row.from_id)} – {_called(row.to_name, row.to_id)}",
            number(row.length_m / 1000, lang, decimals=1),
            millions(row.cost_vnd, lang),
            number(100 * row.removed_risk / whole, lang),
        )
        for row in named
    ]
    return _table("links", ("rank", "link", "km", "million_vnd", "removed"), rows, lang)


def construction_shown(
    links: pd.DataFrame | None, extension: pd.DataFrame | None, lang: Language
) -> ShownTable:
    """Sum up what should be built: second ways by stage, and the extension.

    Parameters
    ----------
    links, extension : DataFrame, optional
        Rows as `tables.FIBRE_LINKS` and `tables.FIBRE_EXTENSION`.
    lang : {"vi", "en"}

    Returns
    -------
    ShownTable

    Examples
    --------
    >>> links = pd.DataFrame({
    ...     "stage": 1, "length_m": [1000.0, 500.0], "cost_vnd": [50e6, 25e6],
    ...     "maintenance_vnd_per_year": [2e6, 1e6],
    ... })
    >>> construction_shown(links, None, "en").rows[0][1:]
    ('2', '1.5', '75', '3')
    """
    parts = []
    if links is not None:
        parts = [(f"stage_{stage}", links[links["stage"] == stage]) for stage in (1, 2)]
    if extension is not None:
        parts.append(("extension", extension))
    rows = [
        (
            text(f"fibre.{name}", lang),
            number(len(its), lang),
            number(its["length_m"].sum() / 1000, lang, decimals=1),
            *(
                millions(its[name].sum(min_count=max(len(its), 1)), lang)
                for name in ("cost_vnd", "maintenance_vnd_per_year")
            ),
        )
        for name, its in parts
    ]
    headings = ("what", "routes", "km", "million_vnd", "maintenance")
    return _table("construction", headings, rows, lang)


def cable_years_shown(years: pd.DataFrame, lang: Language) -> ShownTable:
    """Sum up new cable year by year.

    Parameters
    ----------
    years : DataFrame
        Rows as `tables.FIBRE_YEARS`.
    lang : {"vi", "en"}

    Returns
    -------
    ShownTable

    Examples
    --------
    >>> years = pd.DataFrame({
    ...     "year": [2026], "budget_vnd": [9e9], "spent_vnd": [8e9], "length_km": [120.5],
    ...     "first_ways": [3], "second_ways": [0],
    ... })
    >>> cable_years_shown(years, "en").rows
    (('2026', '9,000', '8,000', '120.5', '3', '0'),)
    """
    named: Iterable[Any] = years.itertuples(index=False)
    rows = [
        (
            str(row.year),
            millions(row.budget_vnd, lang),
            millions(row.spent_vnd, lang),
            number(row.length_km, lang, decimals=1),
            number(row.first_ways, lang),
            number(row.second_ways, lang),
        )
        for row in named
    ]
    headings = ("year", "budget", "spent", "km", "first_ways", "second_ways")
    return _table("cable_years", headings, rows, lang)


def operators_shown(operators: pd.DataFrame, lang: Language) -> ShownTable:
    """List the network of each operator, of those that share, of pairs, and of all.

    Parameters
    ----------
    operators : DataFrame
        Rows as `tables.FIBRE_OPERATORS`.
    lang : {"vi", "en"}

    Returns
    -------
    ShownTable

    Examples
    --------
    >>> operators = pd.DataFrame({
    ...     "basis": ["alone"], "cable_of": ["VNPT"], "length_km": [12.0], "parts": [2],
    ...     "centres_connected": [5], "centres_dark": [1], "centres_double": [pd.NA],
    ... })
    >>> operators_shown(operators, "en").rows
    (('One operator', 'VNPT', '12', '2', '5', '1', ''),)
    """
    named: Iterable[Any] = operators.itertuples(index=False)
    rows = [
        (
            text(f"fibre.basis_{row.basis}", lang),
            row.cable_of,
            number(row.length_km, lang),
            *(
                "" if pd.isna(count) else number(count, lang)
                for count in (
                    row.parts, row.centres_connected, row.centres_dark, row.centres_double,
                )
            ),
        )
        for row in named
    ]  # fmt: skip
    headings = ("basis", "cable_of", "km", "parts", "connected", "dark", "double")
    return _table("operators", headings, rows, lang)


def _table(
    title: str, headings: Sequence[str], rows: Sequence[tuple[str, ...]], lang: Language
) -> ShownTable:
    return ShownTable(
        title=text(f"fibre.shown_{title}", lang),
        headings=tuple(text(f"fibre.column_{name}", lang) for name in headings),
        rows=tuple(rows),
    )


def _called(name: Any, identifier: str) -> str:
    """Return the name of a node, or its id where it has none."""
    return identifier if pd.isna(name) else str(name)


def _joined(first: Any, second: Any, by: str = " ") -> str:
    """Join what is there of two texts."""
    return by.join(str(each) for each in (first, second) if not pd.isna(each))
