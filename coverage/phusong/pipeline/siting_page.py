"""A plan of sites as a page: what is built when, for whom, with which proof."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from .._types import Language
from .._version import program
from ..i18n import Bilingual, both, number, percent, text, words
from ..report import Curve, CurvePoint, Headline, PageTable, ReportPage
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
NEXT_SHOWN = 3
_NOTHING = Bilingual("–", "–")
NAMELESS = Bilingual("", "")
Row = tuple[Bilingual, ...]


def page_of(
    found: SitingFindings,
    further: Mapping[str, pd.DataFrame],
    *,
    workbook: str,
    links: Sequence[tuple[str, Bilingual]],
) -> ReportPage:
    """Return the page of a plan.

    Parameters
    ----------
    found : SitingFindings
    further : mapping of str to DataFrame
        Curve, prices by commune, and what comes of the plan in draws, if they were asked for.
    workbook : str
        Name of the file that has every row.
    links : sequence of (str, Bilingual)
        Files beside the page.
    """
    study, aim = found.study, found.aim
    service = next(one for one in study.services if one.id == aim.service)
    about = both(
        lambda lang: text(
            "site.about", lang, study=study.title[lang], service=service.title[lang],
            operator=aim.operator, technology=aim.technology,
        )
    )  # fmt: skip
    return ReportPage(
        title=words("site.title"),
        about=(about, _aim(found)),
        program=program(),
        sample=study.sample_headline,
        headlines=tuple(_headlines(found, further)),
        curve=_curve(found, further.get(SITE_CURVE.name)),
        links=links,
        tables=tuple(_tables(found, further, workbook)),
    )


def _aim(found: SitingFindings) -> Bilingual:
    share = found.aim.target_share
    if share is None:
        return words("site.aim_people")
    kinds = {(True, False): "each", (False, True): "village", (True, True): "both"}
    key = f"site.aim_{kinds.get((found.aim.each_commune, found.aim.each_village), 'share')}"
    year = str(int(found.years["year"].max()))
    return both(lambda lang: text(key, lang, share=percent(share, lang), year=year))


def _headlines(found: SitingFindings, further: Mapping[str, pd.DataFrame]) -> Iterator[Headline]:
    communes, sites, gaps = found.communes, found.sites, found.gaps
    total = float(communes["population"].sum())
    after = float((communes["share_after"] * communes["population"]).sum())
    gained = float(communes["people"].sum())
    shares = [(after - gained) / total, after / total] if total else [0.0, 0.0]
    yield Headline(
        label=words("site.people"),
        figure=_whole(gained),
        detail=both(
            lambda lang: text(
                "site.people_detail", lang, before=percent(shares[0], lang),
                after=percent(shares[1], lang), villages=int(sites["villages"].fillna(0).sum()),
            )
        ),
    )  # fmt: skip
    budget = money(float(found.years["budget_vnd"].sum()))
    yield Headline(
        label=words("site.cost"),
        figure=money(found.plan.cost_vnd),
        detail=both(
            lambda lang: text(
                "site.cost_detail", lang, budget=budget[lang], years=len(found.years)
            )
        ),
    )  # fmt: skip
    kinds = sites["site_kind"]
    yield Headline(
        label=words("site.sites"),
        figure=_whole(len(sites)),
        detail=words(
            "site.sites_detail",
            masts=int((kinds == "new_mast").sum()),
            shared=int((kinds != "new_mast").sum()),
        ),
    )
    outcome = gaps["outcome"]
    yield Headline(
        label=words("site.gaps"),
        figure=words(
            "site.gaps_figure", closed=int((outcome == "closed").sum()), total=len(gaps)
        ),
        detail=words(
            "site.gaps_detail",
            narrowed=int((outcome == "narrowed").sum()),
            left=int((outcome == "left").sum()),
        ),
    )  # fmt: skip
    aimed = "money" if found.aim.target_share is not None else "people"
    gap = found.plan.gap
    yield Headline(
        label=words("site.proof"),
        figure=both(lambda lang: percent(gap, lang, decimals=2)),
        detail=words("site.proof_best" if found.plan.optimal else f"site.proof_{aimed}"),
    )
    if SITE_VERDICTS.name in further:
        yield _likely(further[SITE_VERDICTS.name], found.study.errors)
    step = found.next
    if step is None:
        yield Headline(label=words("site.next"), figure=words("site.next_nothing"))
        return
    cost = money(step.cost_vnd)
    yield Headline(
        label=words("site.next"),
        figure=words("site.next_figure", people=step.people),
        detail=both(
            lambda lang: text(
                "site.next_detail", lang, cost=cost[lang], works=_next_works(found, lang)
            )
        ),
    )  # fmt: skip


def _next_works(found: SitingFindings, lang: Language) -> str:
    """Return the next works by their sites: where each is, and what is built there."""
    told = []
    for site, its in found.next_works.groupby("site_id", sort=False):
        kinds = ", ".join(text(f"maps.value_{kind}", lang) for kind in its["kind"])
        commune = its["commune"].dropna()
        told.append(
            text(
                "site.next_site", lang, site=str(site), kinds=kinds,
                commune=commune.iloc[0] if len(commune) else text("site.outside", lang),
            )
        )  # fmt: skip
    shown = told[:NEXT_SHOWN]
    if len(told) > len(shown):
        shown.append(text("site.next_more", lang, count=len(told) - len(shown)))
    return "; ".join(shown)


def _likely(drawn: pd.DataFrame, errors: Bilingual) -> Headline:
    """Return how likely the province has the share once the plan is done."""
    province = drawn[drawn["level"] == "province"].iloc[0]
    low, middle, high = (float(province[f"share_{end}"]) for end in ("low", "median", "high"))
    return Headline(
        label=words("common.with_errors", title=words("site.likely"), errors=errors),
        figure=_share(province["target_probability"]),
        detail=both(
            lambda lang: text(
                "site.likely_detail", lang, before=percent(province["probability_before"], lang),
                promised=percent(province["share_after"], lang), low=percent(low, lang),
                middle=percent(middle, lang), high=percent(high, lang),
                expected=float(province["expected_after"]),
            )
        ),
        verdict=str(province["confident_verdict"]),
    )  # fmt: skip


def _curve(found: SitingFindings, best: pd.DataFrame | None) -> Curve:
    """Return the best plans for any money, with this one beside, or this one by year."""
    if best is None:
        return _by_year(found)
    last = len(best) - 1
    points = [
        CurvePoint(
            x=cost / 1e9,
            y=people,
            name=words("site.curve_most", people=people) if at == last else NAMELESS,
        )
        for at, (cost, people) in enumerate(
            zip(best["cost_vnd"].to_list(), best["people"].to_list(), strict=True)
        )
    ]
    people = float(found.communes["people"].sum())
    mark = CurvePoint(
        x=found.plan.cost_vnd / 1e9, y=people, name=words("site.curve_plan", people=people)
    )
    return Curve(
        title=words("site.curve"),
        x_title=words("site.curve_x"),
        y_title=words("site.curve_y"),
        points=points,
        marks=[mark],
        level=_target(found),
    )


def _by_year(found: SitingFindings) -> Curve:
    """Return people against money: by year, and what the next money buys."""
    spent = np.cumsum(found.years["spent_vnd"].to_numpy(float)) / 1e9
    served = found.years["people"].to_numpy(float)
    points = [CurvePoint(x=0.0, y=0.0, name=NAMELESS)]
    for year, so_far, people in zip(found.years["year"], spent, served, strict=True):
        idle = so_far == points[-1].x  # nothing is built: the point is the one before
        name = NAMELESS if idle else words("site.curve_year", year=str(year), people=float(people))
        points.append(CurvePoint(x=float(so_far), y=float(people), name=name))
    beyond = []
    if found.next is not None:
        last, step = points[-1], found.next
        more = last.y + step.people
        name = words("site.curve_next", people=more)
        beyond = [CurvePoint(x=last.x + step.cost_vnd / 1e9, y=more, name=name)]
    return Curve(
        title=words("site.curve"),
        x_title=words("site.curve_x"),
        y_title=words("site.curve_y"),
        points=points,
        beyond=beyond,
        level=_target(found),
    )


def _target(found: SitingFindings) -> CurvePoint | None:
    """Return how many people more the target of the province asks for."""
    share = found.aim.target_share
    if share is None or found.aim.each_commune or found.aim.each_village:
        return None
    total = float(found.communes["population"].sum())
    served = float((found.communes["share_before"] * found.communes["population"]).sum())
    more = max(share * total - served, 0.0)
    return CurvePoint(x=0.0, y=more, name=words("site.curve_target", people=more))


def _tables(
    found: SitingFindings, further: Mapping[str, pd.DataFrame], workbook: str
) -> Iterator[PageTable]:
    shown = found.sites.head(ROWS_SHOWN)
    yield _table(
        words("site.sites"),
        ("rank", "site", "commune", "kind", "year", "backhaul", "power", "height", "people",
         "villages", "cost", "per_person"),
        [_site(row) for row in shown.to_dict("records")],
        numbers=5,
        lead=words("site.sites_lead", shown=len(shown), count=len(found.sites),
                   sheet=PLANNED_SITES.sheet, file=workbook),
    )  # fmt: skip
    yield _table(
        SITE_YEARS.title,
        ("year", "budget", "spent", "left", "so_far"),
        [
            (_text(row["year"]), _millions(row["budget_vnd"]), _millions(row["spent_vnd"]),
             _millions(row["left_vnd"]), _whole(row["people"]))
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
            (_text(f"{row['name']} ({row['commune_code']})"),
             _whole(row["population"] * (1 - row["share_before"])),
             _share(row["share_before"]), _whole(row["people"]), _share(row["share_after"]))
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
            (_text(row["year"]), _text(row["name"]), _whole(row["new_masts"]),
             _whole(row["shared_masts"]), _millions(row["cost_vnd"]), _whole(row["people"]))
            for row in found.commune_years.head(ROWS_SHOWN).to_dict("records")
        ],
        numbers=4,
        lead=words("site.commune_years_lead"),
        aside=True,
    )  # fmt: skip
    if SITE_VERDICTS.name in further:
        yield from _draw_tables(further, workbook, found.study.errors)
    if SITE_CURVE.name in further:
        yield from _curve_tables(further, workbook)
    lost = found.unreached[found.unreached["people"] >= 0.5]
    if len(lost):
        yield _table(
            SITE_UNREACHED.title,
            ("village", "commune", "cause", "candidate", "people", "distance", "clearing"),
            [
                (_text(row["name"]), _text(row["commune"]), _choice(row["cause"]),
                 _text(row["candidate_id"]), _whole(row["people"]),
                 _number(row["candidate_distance_km"]), _whole(row["clearing_height_m"]))
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
            (_text(row["gap_id"]), _text(row["communes"]), _whole(row["population"]),
             _whole(row["people"]), _whole(row["people_left"]))
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
        [(words(f"site.candidate_{name}"), _whole(count)) for name, count in counts],
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
    further: Mapping[str, pd.DataFrame], workbook: str, errors: Bilingual
) -> Iterator[PageTable]:
    drawn = further[SITE_VERDICTS.name]
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
                _text(f"{row['name']} ({row['code']})"),
                _choice(row["confident_verdict"]),
                _share(row["share_after"]),
                _share(row["share_median"]),
                _share(row["share_low"]),
                _share(row["share_high"]),
                _whole(row["expected_after"]),
                _share(row["probability_before"]),
                _share(row["target_probability"]),
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
            (_text(row["site_id"]), _text(row["commune"]), _text(row["village_names"]),
             _text(row["year"]), _whole(row["people"]), _whole(row["people_low"]),
             _whole(row["people_high"]), _share(row["needless_probability"]),
             _share(row["weak_probability"]), _millions(row["at_stake_vnd"]))
            for row in risky.to_dict("records")
        ],
        numbers=7,
        lead=words("site.checks_lead", shown=len(risky), count=len(checks),
                   sheet=SITE_CHECKS.sheet, file=workbook),
    )  # fmt: skip


def _curve_tables(curves: Mapping[str, pd.DataFrame], workbook: str) -> Iterator[PageTable]:
    yield _table(
        SITE_CURVE.title,
        ("cost", "people", "after", "met", "proof"),
        [
            (
                _millions(row["cost_vnd"]),
                _whole(row["people"]),
                _share(row["share"]),
                _whole(row["communes_met"]),
                _share(row["gap"]),
            )
            for row in curves[SITE_CURVE.name].to_dict("records")
        ],
        numbers=5,
    )
    by_commune = curves[SITE_COMMUNE_CURVES.name]
    most = by_commune.groupby("commune_code")["people"].max().sort_values(ascending=False)
    rows = []
    for code in most.index[:ROWS_SHOWN]:
        its = by_commune[by_commune["commune_code"] == code]
        steps = its[its["people"] > 0].to_dict("records")
        rows.append((_text(f"{its['name'].iloc[0]} ({code})"), both(partial(_steps, steps))))
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
                _text(f"{row['name']} ({row['commune_code']})"),
                _choice(row["why"]),
                _share(row["share_before"]),
                _share(row["share_most"]),
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


def _site(row: Mapping[Any, Any]) -> Row:
    return (
        _text(row["rank"]),
        _text(row["site_id"]),
        _text(row["commune"]),
        _choice(row["site_kind"]),
        _text(row["year"]),
        _choice(row["backhaul"]),
        _choice(row["power"]),
        _whole(row["antenna_height_m"]),
        _whole(row["people"]),
        _whole(row["villages"]),
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


def _whole(value: Any) -> Bilingual:
    return _NOTHING if pd.isna(value) else both(partial(number, float(value)))


def _number(value: Any) -> Bilingual:
    return _NOTHING if pd.isna(value) else both(partial(number, float(value), decimals=1))


def _share(value: Any) -> Bilingual:
    return _NOTHING if pd.isna(value) else both(partial(percent, float(value)))


def _choice(value: Any) -> Bilingual:
    return _NOTHING if pd.isna(value) else words(f"maps.value_{value}")


def _text(value: Any) -> Bilingual:
    shown = "–" if value is None or pd.isna(value) else str(value)
    return Bilingual(shown, shown)
