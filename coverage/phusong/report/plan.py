"""Readiness and rollout as tables to show, in a terminal or on a page.

Formats and sorts finished tables; computes none.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from ..i18n import Language, number, percent, text

NEXT_SHOWN = 10


@dataclass(frozen=True, kw_only=True)
class ShownTable:
    """A table in one language.

    Parameters
    ----------
    title : str
    headings : tuple of str, length k
    rows : tuple of tuple of str, each of length k
        Cells as printed.
    """

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def levels_shown(
    readiness: pd.DataFrame, communes: pd.DataFrame | None, levels: int, lang: Language
) -> ShownTable:
    """Count the commune offices of each district at each level, and those that lack a LAN.

    Parameters
    ----------
    readiness : DataFrame
        Rows as `tables.READINESS_LEVELS`.
    communes : DataFrame, optional
        ``commune_code`` and ``district``; without it there is one row.
    levels : int
        Highest level.
    lang : {"vi", "en"}

    Returns
    -------
    ShownTable

    Examples
    --------
    >>> readiness = pd.DataFrame({
    ...     "level": "commune", "commune_code": ["00688", "00691"], "readiness_level": [0, 2],
    ...     "lacks_lan": [True, False],
    ... })
    >>> levels_shown(readiness, None, 2, "en").rows[0][1:]
    ('1', '0', '1', '1')
    """
    seats = readiness[readiness["level"] == "commune"]
    whole = pd.Series(text("plan.province", lang), seats.index)
    district = whole
    if communes is not None:
        named = communes.drop_duplicates("commune_code").set_index("commune_code")["district"]
        district = seats["commune_code"].map(named).fillna(text("plan.no_district", lang))
    reached = seats["readiness_level"].astype(int)
    lacking = seats["lacks_lan"].fillna(False).astype(bool)
    rows = []
    for name in [*sorted(set(district) - set(whole)), whole.iloc[0]] if len(seats) else []:
        mine = (district == name) | (whole == name)
        counts = [int((reached[mine] == level).sum()) for level in range(levels + 1)]
        rows.append((name, *(number(n, lang) for n in (*counts, lacking[mine].sum()))))
    return ShownTable(
        title=text("plan.levels", lang),
        headings=(
            text("plan.district", lang),
            *(text("plan.level", lang, level=level) for level in range(levels + 1)),
            text("plan.lacks_lan", lang),
        ),
        rows=tuple(rows),
    )


def missing_shown(offices: pd.DataFrame, titles: Mapping[str, str], lang: Language) -> ShownTable:
    """Count what the commune offices lack most, and what they did not report.

    Parameters
    ----------
    offices : DataFrame
        Rows as `tables.READINESS`.
    titles : mapping
        Prerequisite → its words in that language.
    lang : {"vi", "en"}

    Returns
    -------
    ShownTable

    Examples
    --------
    >>> offices = pd.DataFrame({
    ...     "level": "commune", "missing_prerequisites": ["has_lan", ""],
    ...     "unknown_prerequisites": ["", "has_lan"],
    ... })
    >>> missing_shown(offices, {"has_lan": "LAN"}, "en").rows
    (('LAN', '1', '1'),)
    """
    seats = offices[offices["level"] == "commune"]
    missing, unknown = (
        seats[column].str.split(", ").explode().value_counts()
        for column in ("missing_prerequisites", "unknown_prerequisites")
    )
    rows = [
        (title, int(missing.get(name, 0)), int(unknown.get(name, 0)))
        for name, title in titles.items()
    ]
    rows.sort(key=lambda row: (-row[1], -row[2]))
    return ShownTable(
        title=text("plan.missing", lang, offices=len(seats)),
        headings=tuple(
            text(f"plan.{name}", lang) for name in ("prerequisite", "lacking", "unreported")
        ),
        rows=tuple((row[0], *(number(n, lang) for n in row[1:])) for row in rows),
    )


def years_shown(years: pd.DataFrame, lang: Language) -> ShownTable:
    """Show the plan by year.

    Parameters
    ----------
    years : DataFrame
        Rows as `tables.ROLLOUT_YEARS`.
    lang : {"vi", "en"}

    Returns
    -------
    ShownTable

    Examples
    --------
    >>> years = pd.DataFrame({
    ...     "year": [2018], "offices_no_works": 4, "offices_entering": 3, "offices_in_service": 7,
    ...     "spent_vnd": 9e8,
    ...     "budget_vnd": 1e9, "crew_days_used": 12, "crew_days": 20,
    ... })
    >>> years_shown(years, "en").rows
    (('2018', '4', '3', '7', '900', '1,000', '12 / 20'),)
    """
    return ShownTable(
        title=text("plan.years", lang),
        headings=tuple(
            text(f"plan.{name}", lang)
            for name in (
                "year",
                "no_works",
                "entering",
                "in_service",
                "spent",
                "budget",
                "crew_days",
            )
        ),
        rows=tuple(
            (
                str(row["year"]),
                number(row["offices_no_works"], lang),
                number(row["offices_entering"], lang),
                number(row["offices_in_service"], lang),
                millions(row["spent_vnd"], lang),
                millions(row["budget_vnd"], lang),
                f"{number(row['crew_days_used'], lang)} / {number(row['crew_days'], lang)}",
            )
            for row in years.to_dict("records")
        ),
    )


def next_shown(rollout: pd.DataFrame, titles: Mapping[str, str], lang: Language) -> ShownTable:
    """Show the offices outside the plan whose turn comes next, and what would have to change.

    Parameters
    ----------
    rollout : DataFrame
        Rows as `tables.ROLLOUT`.
    titles : mapping
        Work → its words in that language.
    lang : {"vi", "en"}

    Returns
    -------
    ShownTable

    Examples
    --------
    >>> rollout = pd.DataFrame({
    ...     "office_id": ["a", "b"], "name": ["UBND xã A", "UBND xã B"], "works": ["lan", "lan"],
    ...     "cost_vnd": 9e7, "service_year": [2018, None], "reason": ["in_plan", "budget"],
    ...     "short_vnd": [0.0, 2e7], "short_days": 0.0, "would_enter": [2018, 2020],
    ... })
    >>> next_shown(rollout, {"lan": "LAN"}, "en").rows
    (('UBND xã B', 'LAN', '90', 'the budget is short', '20 million VND', '2020'),)
    """
    idle = rollout["reason"].isin(["lacks_nothing", "no_works"])
    out = rollout["service_year"].isna() & ~idle
    outside = rollout[out].sort_values(["would_enter", "office_id"])
    return ShownTable(
        title=text("plan.next", lang, count=len(outside)),
        headings=tuple(
            text(f"plan.{name}", lang)
            for name in ("office", "works", "cost", "reason", "change", "would_enter")
        ),
        rows=tuple(
            (
                row["name"],
                "; ".join(titles[name] for name in row["works"].split(", ") if name) or "–",
                millions(row["cost_vnd"], lang),
                text(f"egov.reason_{row['reason']}", lang),
                text("plan.or" if row["reason"] == "budget_or_crew" else "plan.and", lang).join(
                    _changes(row, lang)
                )
                or "–",
                "–" if pd.isna(row["would_enter"]) else str(row["would_enter"]),
            )
            for row in outside.head(NEXT_SHOWN).to_dict("records")
        ),
    )


def scenarios_shown(scenarios: pd.DataFrame, lang: Language) -> ShownTable:
    """Compare the scenarios.

    Parameters
    ----------
    scenarios : DataFrame
        Rows as `tables.ROLLOUT_SCENARIOS`.
    lang : {"vi", "en"}

    Returns
    -------
    ShownTable

    Examples
    --------
    >>> scenarios = pd.DataFrame({
    ...     "vi": ["Cơ sở"], "en": ["Base"], "budget_vnd": 1e9, "spent_vnd": 9e8,
    ...     "offices_no_works": 4, "offices_in_service": 7, "offices": 9, "value": 12.5,
    ...     "gap_share": 0.0,
    ... })
    >>> scenarios_shown(scenarios, "en").rows
    (('Base', '1,000', '900', '4', '7 / 9', '12.50', '0.00 %'),)
    """
    return ShownTable(
        title=text("plan.scenarios", lang),
        headings=tuple(
            text(f"plan.{name}", lang)
            for name in ("scenario", "budget", "spent", "no_works", "in_service", "value", "gap")
        ),
        rows=tuple(
            (
                row[lang],
                millions(row["budget_vnd"], lang),
                millions(row["spent_vnd"], lang),
                number(row["offices_no_works"], lang),
                text("plan.infeasible", lang)
                if pd.isna(row["offices_in_service"])
                else f"{number(row['offices_in_service'], lang)} / {number(row['offices'], lang)}",
                number(row["value"], lang, decimals=2),
                percent(row["gap_share"], lang, decimals=2),
            )
            for row in scenarios.to_dict("records")
        ),
    )


def one_stop_shown(districts: pd.DataFrame, lang: Language) -> ShownTable:
    """Show the one-stop shops by district.

    Parameters
    ----------
    districts : DataFrame
        Rows as `tables.DISTRICTS_RESULT`.
    lang : {"vi", "en"}

    Returns
    -------
    ShownTable

    Examples
    --------
    >>> districts = pd.DataFrame({
    ...     "district": ["Xín Mần"], "offices": 19, "offices_with_lan": 12, "one_stop_local": 9,
    ...     "one_stop_interlinked": 3, "offices_ready": 2,
    ... })
    >>> one_stop_shown(districts, "en").rows
    (('Xín Mần', '19', '12', '9', '3', '2'),)
    """
    columns = (
        "offices",
        "offices_with_lan",
        "one_stop_local",
        "one_stop_interlinked",
        "offices_ready",
    )
    return ShownTable(
        title=text("plan.one_stop", lang),
        headings=tuple(text(f"plan.{name}", lang) for name in ("district", *columns)),
        rows=tuple(
            (row["district"], *(number(row[name], lang) for name in columns))
            for row in districts.to_dict("records")
        ),
    )


def millions(vnd: float, lang: Language) -> str:
    """Write a sum of money in millions of đồng."""
    return number(float(vnd) / 1e6, lang)


def _changes(row: Mapping[object, float], lang: Language) -> Iterator[str]:
    """Yield the least that would let an office in."""
    if row["short_vnd"] > 0:
        yield text("plan.more_money", lang, millions=millions(row["short_vnd"], lang))
    if row["short_days"] > 0:
        yield text("plan.more_days", lang, days=round(row["short_days"]))
