"""The tables of the page of a plan of sites: the first rows of each, in words."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd

from ..i18n import Bilingual, Language, both, number, percent, text, words
from ..report import PageTable
from ..tables import (
    PLANNED_SITES,
    SITE_CHECKS,
    SITE_COMMUNE_CURVES,
    SITE_COMMUNE_YEARS,
    SITE_COMMUNES,
    SITE_CURVE,
    SITE_PRICES,
    SITE_UNREACHED,
    SITE_VERDICTS,
    SITE_YEARS,
)
from .questions.siting import SitingFindings

ROWS_SHOWN = 40
_NOTHING = Bilingual("–", "–")
Row = tuple[Bilingual, ...]


def services_of(found: SitingFindings) -> list[str]:
    """Return the services of a plan."""
    return list(dict.fromkeys(aim.service for aim in found.aims))


def title_of(found: SitingFindings, service: str) -> Bilingual:
    """Return what a service is called."""
    return next(one.title for one in found.study.services if one.id == service)


def of_service(found: SitingFindings, service: str, said: Bilingual) -> Bilingual:
    """Return a text with the service it is about, where the plan is for several."""
    if len(services_of(found)) == 1:
        return said
    return both(lambda lang: f"{said[lang]}: {title_of(found, service)[lang]}")


def tables_of(
    found: SitingFindings, further: Mapping[str, pd.DataFrame], workbook: str
) -> Iterator[PageTable]:
    """Yield the tables of the page of a plan.

    Parameters
    ----------
    found : SitingFindings
    further : mapping of str to DataFrame
        As for `page_of`.
    workbook : str
        Name of the file that has every row.
    """
    shown = found.sites.head(ROWS_SHOWN)
    yield _table(
        words("site.sites"),
        ("rank", "site", "commune", "kind", "year", "backhaul", "power", "height", "people",
         "villages", "cost", "per_person"),
        [_site(found, row) for row in shown.to_dict("records")],
        numbers=5,
        lead=words("site.sites_lead", shown=len(shown), count=len(found.sites),
                   sheet=PLANNED_SITES.sheet, file=workbook),
    )  # fmt: skip
    yield _table(
        SITE_YEARS.title,
        ("year", "budget", "spent", "left", "so_far"),
        [
            (_text(row["year"]), _millions(row["budget_vnd"]), _millions(row["spent_vnd"]),
             _millions(row["left_vnd"]), whole(row["people"]))
            for row in found.years.to_dict("records")
        ],
        numbers=4,
    )  # fmt: skip
    gained = found.communes[found.communes["people"] >= 0.5]
    gained = gained.sort_values("people", ascending=False)
    yield _table(
        SITE_COMMUNES.title,
        ("commune", "waiting", "before", "people", "after"),
        [
            (of_service(found, row["service"], _text(f"{row['name']} ({row['commune_code']})")),
             whole(row["population"] * (1 - row["share_before"])),
             share_text(row["share_before"]), whole(row["people"]), share_text(row["share_after"]))
            for row in gained.head(ROWS_SHOWN).to_dict("records")
        ],
        numbers=4,
        lead=words("site.communes_lead", shown=min(len(gained), ROWS_SHOWN), count=len(gained),
                   sheet=SITE_COMMUNES.sheet, file=workbook),
    )  # fmt: skip
    yield _table(
        SITE_COMMUNE_YEARS.title,
        ("year", "commune", "masts", "shared", "cost", "people"),
        [
            (_text(row["year"]), _text(row["name"]), whole(row["new_masts"]),
             whole(row["shared_masts"]), _millions(row["cost_vnd"]), whole(row["people"]))
            for row in found.commune_years.head(ROWS_SHOWN).to_dict("records")
        ],
        numbers=4,
        lead=words("site.commune_years_lead"),
        aside=True,
    )  # fmt: skip
    if SITE_VERDICTS.name in further:
        yield from _draw_tables(found, further, workbook)
    if SITE_CURVE.name in further:
        yield from _curve_tables(found, further, workbook)
    lost = found.unreached[found.unreached["people"] >= 0.5]
    if len(lost):
        yield _table(
            SITE_UNREACHED.title,
            ("village", "commune", "cause", "candidate", "people", "distance", "clearing"),
            [
                (of_service(found, row["service"], _text(row["name"])), _text(row["commune"]),
                 words("site.none_near") if row["cause"] == "none_near" else _choice(row["cause"]),
                 _text(row["candidate_id"]), whole(row["people"]),
                 _number(row["candidate_distance_km"]), whole(row["clearing_height_m"]))
                for row in lost.head(ROWS_SHOWN).to_dict("records")
            ],
            numbers=3,
            lead=words("site.unreached_lead", shown=min(len(lost), ROWS_SHOWN), count=len(lost),
                       people=float(lost["people"].sum()), sheet=SITE_UNREACHED.sheet,
                       file=workbook),
            aside=True,
        )  # fmt: skip
    left = found.gaps[found.gaps["people_left"] >= 0.5].sort_values("people_left", ascending=False)
    yield _table(
        words("site.gaps_left"),
        ("gap", "commune", "waiting", "people", "remaining"),
        [
            (_text(row["gap_id"]), _text(row["communes"]), whole(row["population"]),
             whole(row["people"]), whole(row["people_left"]))
            for row in left.head(ROWS_SHOWN).to_dict("records")
        ],
        numbers=3,
        lead=words("site.gaps_lead", shown=min(len(left), ROWS_SHOWN), count=len(left)),
        aside=True,
    )  # fmt: skip
    kept = found.candidates.table["kind"].value_counts()
    counts = [*kept.items(), *found.candidates.left_out.items()]
    yield _table(
        words("site.candidates"),
        ("why", "count"),
        [(words(f"site.candidate_{name}"), whole(count)) for name, count in counts],
        numbers=1,
        lead=words("site.candidates_lead"),
        aside=True,
    )
    yield _table(
        words("site.assumed"),
        ("note",),
        [(both(note.render),) for note in found.notes],
        numbers=0,
        aside=True,
    )


def _draw_tables(
    found: SitingFindings, further: Mapping[str, pd.DataFrame], workbook: str
) -> Iterator[PageTable]:
    drawn, errors = further[SITE_VERDICTS.name], found.study.errors
    open_ones = drawn[(drawn["level"] == "province") | (drawn["confident_verdict"] != "met")]
    open_ones = open_ones.sort_values(
        ["level", "target_probability"], ascending=[False, True], kind="stable"
    )
    shown = open_ones.head(ROWS_SHOWN)
    yield _table(
        words("common.with_errors", title=SITE_VERDICTS.title, errors=errors),
        (
            "unit",
            "verdict",
            "promised",
            "estimate",
            "low",
            "high",
            "expected",
            "likely_before",
            "likely",
        ),
        [
            (
                of_service(found, row["service"], _text(f"{row['name']} ({row['code']})")),
                _choice(row["confident_verdict"]),
                share_text(row["share_after"]),
                share_text(row["share_median"]),
                share_text(row["share_low"]),
                share_text(row["share_high"]),
                whole(row["expected_after"]),
                share_text(row["probability_before"]),
                share_text(row["target_probability"]),
            )
            for row in shown.to_dict("records")
        ],
        numbers=6,
        lead=words(
            "site.verdicts_lead",
            shown=len(shown),
            met=int((drawn["confident_verdict"] == "met").sum()),
            sheet=SITE_VERDICTS.sheet,
            file=workbook,
        ),
    )
    checks = further[SITE_CHECKS.name]
    risky = checks[checks["at_stake_vnd"] > 0].head(ROWS_SHOWN)
    yield _table(
        words("common.with_errors", title=SITE_CHECKS.title, errors=errors),
        ("site", "commune", "village_names", "year", "people", "people_low", "people_high",
         "needless", "weak", "at_stake"),
        [
            (of_service(found, row["service"], _text(row["site_id"])), _text(row["commune"]),
             _text(row["village_names"]), _text(row["year"]), whole(row["people"]),
             whole(row["people_low"]), whole(row["people_high"]),
             share_text(row["needless_probability"]), share_text(row["weak_probability"]),
             _millions(row["at_stake_vnd"]))
            for row in risky.to_dict("records")
        ],
        numbers=7,
        lead=words("site.checks_lead", shown=len(risky), count=len(checks),
                   sheet=SITE_CHECKS.sheet, file=workbook),
    )  # fmt: skip


def _curve_tables(
    found: SitingFindings, curves: Mapping[str, pd.DataFrame], workbook: str
) -> Iterator[PageTable]:
    yield _table(
        SITE_CURVE.title,
        ("cost", "people", "after", "met", "proof"),
        [
            (
                _millions(row["cost_vnd"]),
                whole(row["people"]),
                share_text(row["share"]),
                whole(row["communes_met"]),
                share_text(row["gap"]),
            )
            for row in curves[SITE_CURVE.name].to_dict("records")
        ],
        numbers=5,
    )
    by_commune = curves[SITE_COMMUNE_CURVES.name]
    of_unit = by_commune.groupby(["commune_code", "service"], sort=True)
    most = of_unit["people"].max().sort_values(ascending=False)
    rows = []
    for code, service in most.index[:ROWS_SHOWN]:
        its = of_unit.get_group((code, service))
        steps = its[its["people"] > 0].to_dict("records")
        name = of_service(found, service, _text(f"{its['name'].iloc[0]} ({code})"))
        rows.append((name, both(partial(_steps, steps))))
    yield _table(
        SITE_COMMUNE_CURVES.title,
        ("commune", "steps"),
        rows,
        numbers=0,
        lead=words(
            "site.commune_curves_lead",
            shown=len(rows),
            count=len(most),
            sheet=SITE_COMMUNE_CURVES.sheet,
            file=workbook,
        ),
        aside=True,
    )
    priced = curves[SITE_PRICES.name]
    unmet = priced[~priced["why"].isin(["met", "no_residents"])]
    unmet = unmet.sort_values(["price_vnd", "commune_code"], ascending=[False, True])
    yield _table(
        SITE_PRICES.title,
        ("commune", "why_not", "before", "most", "cost"),
        [
            (
                of_service(found, row["service"], _text(f"{row['name']} ({row['commune_code']})")),
                _choice(row["why"]),
                share_text(row["share_before"]),
                share_text(row["share_most"]),
                _millions(row["price_vnd"]),
            )
            for row in unmet.head(ROWS_SHOWN).to_dict("records")
        ],
        numbers=3,
        lead=words(
            "site.prices_lead",
            shown=min(len(unmet), ROWS_SHOWN),
            count=len(unmet),
            sheet=SITE_PRICES.sheet,
            file=workbook,
        ),
    )


def _steps(points: Sequence[Mapping[Any, Any]], lang: Language) -> str:
    """Return the points of a commune's curve as text: money, people, share."""
    return "; ".join(
        text(
            "site.curve_step", lang, millions=float(point["cost_vnd"]) / 1e6,
            people=float(point["people"]), share=percent(point["share"], lang),
        )
        for point in points
    )  # fmt: skip


def _site(found: SitingFindings, row: Mapping[Any, Any]) -> Row:
    kind = _choice(row["site_kind"])
    if len({aim.network for aim in found.aims}) > 1:
        network = f"{row['operator']} {row['technology']}"
        kind = Bilingual(f"{kind.vi}, {network}", f"{kind.en}, {network}")
    return (
        _text(row["rank"]),
        _text(row["site_id"]),
        _text(row["commune"]),
        kind,
        _text(row["year"]),
        _choice(row["backhaul"]),
        _choice(row["power"]),
        whole(row["antenna_height_m"]),
        whole(row["people"]),
        whole(row["villages"]),
        _millions(row["total_vnd"]),
        _millions(row["vnd_per_person"], decimals=1),
    )


def _table(
    title: Bilingual,
    columns: Sequence[str],
    rows: Sequence[Row],
    *,
    numbers: int,
    lead: Bilingual | None = None,
    aside: bool = False,
) -> PageTable:
    return PageTable(
        title=title,
        headings=tuple(words(f"site.column_{name}") for name in columns),
        numbers=numbers,
        rows=tuple(rows),
        lead=lead,
        aside=aside,
    )


def money(vnd: float) -> Bilingual:
    """Return a sum of money in words, in billions of dong."""
    return both(lambda lang: text("site.money", lang, billions=number(vnd / 1e9, lang, decimals=2)))


def _millions(vnd: Any, decimals: int = 0) -> Bilingual:
    if pd.isna(vnd):
        return _NOTHING
    return both(partial(number, float(vnd) / 1e6, decimals=decimals))


def whole(value: Any) -> Bilingual:
    """Return a number without decimals in words; a dash for none."""
    return _NOTHING if pd.isna(value) else both(partial(number, float(value)))


def _number(value: Any) -> Bilingual:
    return _NOTHING if pd.isna(value) else both(partial(number, float(value), decimals=1))


def share_text(value: Any) -> Bilingual:
    """Return a share in words, in percent; a dash for none."""
    return _NOTHING if pd.isna(value) else both(partial(percent, float(value)))


def _choice(value: Any) -> Bilingual:
    return _NOTHING if pd.isna(value) else words(f"maps.value_{value}")


def _text(value: Any) -> Bilingual:
    shown = "–" if value is None or pd.isna(value) else str(value)
    return Bilingual(shown, shown)
