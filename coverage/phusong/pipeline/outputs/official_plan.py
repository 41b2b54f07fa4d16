"""The plan: what its sections say, and the appendices of its works.

Works of three kinds: sites of a plan of ``phusong site``, offices of a roll-out, new cable by year.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pandas as pd

from ...i18n import number
from ...report.official import Appendix, Block, Grid, item, paragraph
from ...tables import PRIORITIES
from .official_text import (
    Told,
    band,
    chance,
    denominator,
    ended,
    goal,
    limits,
    say,
    scope,
    sections,
    share,
    table_in_words,
    wanted,
)
from .planned import Aim, Proof

YEARS: Mapping[str, str] = {
    "sites": "site_years", "fibre": "fibre_years", "egov": "rollout_years",
}  # fmt: skip
"""What a plan may be about, with the table of its years."""
SITE_APPENDICES = (
    ("planned_sites",
     ("year", "site_kind", "commune", "village_names", "people", "total_vnd"),
     (8, 18, 15, 26, 10, 18)),
    ("site_commune_years",
     ("year", "name", "new_masts", "shared_masts", "backhauls", "cost_vnd", "people"),
     (8, 20, 11, 13, 12, 20, 12)),
    ("site_unreached", ("name", "commune", "people", "cause"), (22, 20, 12, 30)),
)  # fmt: skip
"""Tables of a plan of sites that stand behind it whole."""


def has_plan(told: Told) -> bool:
    """Tell whether there are works by year that the audience may have."""
    return any(len(told.frames.get(name, ())) for name in YEARS.values())


def plan_years(told: Told) -> tuple[int, int]:
    """Return the first and the last year of the works."""
    years = [
        int(year)
        for name in YEARS.values()
        if name in told.frames
        for year in told.frames[name]["year"]
    ]
    return min(years), max(years)


def plan_body(told: Told, about: str) -> tuple[Block, ...]:
    """Return the text of a plan `about` something: aims, what is done when with which money."""
    parts = [(say("aims"), tuple(_aims(told)))]
    if len(told.frames.get("site_years", ())):
        parts.append((say("sites"), tuple(_sites(told))))
    if len(told.frames.get("rollout_years", ())):
        parts.append((say("offices"), tuple(_offices(told))))
    if len(told.frames.get("fibre_years", ())):
        parts.append((say("cable"), tuple(_cable(told))))
    parts.append((say("limits"), tuple(limits(told))))
    parts.append((say("organising"), ()))
    return ended(sections(parts), say("end_plan", topics=about, province=told.study.province))


def _aims(told: Told) -> Iterator[Block]:
    yield from scope(told)
    yield paragraph(say("aims_rule"))
    named = {service.id: service.title.vi for service in told.study.services}
    if told.study.targets:
        yield paragraph(say("aims_targets"))
    for target in told.study.targets:
        read = [say(f"scope_{target.scope}")]
        if target.denominator == "population":
            read.append(say(f"aim_{target.reading}"))
        yield item(
            say(
                "aim", service=named[target.service], target=goal(target),
                denominator=denominator(target), scope=", ".join(read),
            )
        )  # fmt: skip


def _sites(told: Told) -> Iterator[Block]:
    """Yield a plan of sites: its aim, its sums, its proof, its doubt, and what it cannot reach."""
    assert told.planned is not None
    aims, proof = told.planned
    years = told.frames["site_years"].sort_values("year")
    for aim in aims:
        yield from _asked_of_sites(told, aim)
    yield from _unlike_asked(proof)
    communes = told.frames.get("site_communes")
    sites = told.frames.get("planned_sites")
    yield paragraph(
        say(
            "sites_sum",
            first=int(years["year"].iloc[0]),
            last=int(years["year"].iloc[-1]),
            sites=0 if sites is None else len(sites),
            spent=float(years["spent_vnd"].sum()),
            budget=float(years["budget_vnd"].sum()),
            people=float(years["people"].iloc[-1]),
        )
    )
    for service in dict.fromkeys(aim.service for aim in aims):
        its = _of_service(communes, service)
        if its is None or not float(its["population"].sum()) > 0:
            continue
        residents = its["population"].fillna(0)
        before, after = (
            float((its[f"share_{when}"].fillna(0) * residents).sum() / residents.sum())
            for when in ("before", "after")
        )
        told_shares = {"before": share(before, None), "after": share(after, None)}
        sentence = say("sites_shares", population=float(residents.sum()), **told_shares)
        yield paragraph(_named(told, aims, service, sentence))
    columns = ("year", "budget_vnd", "spent_vnd", "left_vnd", "people")
    caption = say("sites_table", table=told.tables.next())
    yield table_in_words(told, "site_years", columns, (8, 20, 20, 20, 20), caption, years)
    yield paragraph(say("sites_appendices"))
    measure = say("sites_cost" if aims[0].has_target else "sites_person_years")
    if proof.optimal:
        yield paragraph(say("sites_best", measure=measure))
    else:
        percent_more = 100 * proof.gap
        end = say("sites_time") if proof.ran_out else ""
        yield paragraph(say("sites_gap", measure=measure, gap=percent_more, end=end))
    yield from _doubt_of_sites(told, aims, proof)
    unreached = told.frames.get("site_unreached")
    if unreached is not None and len(unreached):
        title = say("appendix_site_unreached")
        count = unreached["village_id"].nunique()
        yield paragraph(say("sites_unreached", count=count, title=title))


def _asked_of_sites(told: Told, aim: Aim) -> Iterator[Block]:
    """Yield what a plan of sites was asked for, of one service and network."""
    asked = {
        "service": _title(told, aim.service),
        "operator": aim.operator,
        "technology": aim.technology,
    }
    if not aim.has_target:
        yield paragraph(say("sites_most", **asked))
    if aim.target_share is not None:
        whose = "village" if aim.each_village else "commune" if aim.each_commune else "province"
        of = say(f"sites_of_{whose}")
        yield paragraph(say("sites_cheapest", **asked, share=wanted(aim.target_share), of=of))
    if aim.each_centre:
        yield paragraph(say("sites_centres", **asked))


def _unlike_asked(proof: Proof) -> Iterator[Block]:
    """Yield who counted more in the choice of sites, and which targets were beyond reach."""
    if proof.weights:
        weights = "; ".join(
            say("sites_weight", measure=PRIORITIES[name].title.vi, weight=weight)
            for name, weight in proof.weights.items()
        )
        yield paragraph(say("sites_weighted", weights=weights))
    if proof.lowered:
        most = proof.province_share
        end = "" if most is None else say("sites_lowered_to", share=share(most, None))
        yield paragraph(say("sites_lowered", count=proof.lowered, end=end))


def _title(told: Told, service: str) -> str:
    """Return what a service is called; its id where the study has it no more."""
    return next((one.title.vi for one in told.study.services if one.id == service), service)


def _of_service(rows: pd.DataFrame | None, service: str) -> pd.DataFrame | None:
    """Return the rows about a service."""
    return None if rows is None else rows[rows["service"] == service]


def _named(told: Told, aims: tuple[Aim, ...], service: str, sentence: str) -> str:
    """Return a sentence after the service it is about, where the plan is for several."""
    several = len({aim.service for aim in aims}) > 1
    return f"{_title(told, service)}: {sentence}" if several else sentence


def _doubt_of_sites(told: Told, aims: tuple[Aim, ...], proof: Proof) -> Iterator[Block]:
    """Yield what becomes of a plan where the prediction errs, or that it was not asked."""
    drawn = told.frames.get("site_verdicts")
    whole = None if drawn is None else drawn[drawn["level"] == "province"]
    if whole is None or not len(whole) or proof.share is None:
        yield paragraph(say("sites_no_doubt"))
        return
    for row in whole.to_dict("records"):
        low, median, high = (share(row[f"share_{end}"], None) for end in ("low", "median", "high"))
        sentence = say(
            "sites_doubt", errors=told.errors, median=median, low=low, high=high,
            share=wanted(proof.share), now=chance(row["probability_before"]),
            chance=chance(row["target_probability"]),
            verdict=told.verdict(row["confident_verdict"]),
        )  # fmt: skip
        yield paragraph(_named(told, aims, str(row["service"]), sentence))


def _offices(told: Told) -> Iterator[Block]:
    years = told.frames["rollout_years"].sort_values("year")
    values = {
        "first": int(years["year"].iloc[0]),
        "last": int(years["year"].iloc[-1]),
        "entering": int(years["offices_entering"].sum()),
        "spent": float(years["spent_vnd"].sum()),
        "budget": float(years["budget_vnd"].sum()),
    }
    offices = told.frames.get("rollout")
    without = int(years["offices_no_works"].iloc[0]) if "offices_no_works" in years else 0
    if offices is None:
        yield paragraph(say("offices_sum_plain", **values))
    else:
        yield paragraph(say("offices_sum", **values, offices=len(offices), without=without))
    columns = ("year", "offices_entering", "offices_in_service", "budget_vnd", "spent_vnd",
               "crew_days", "crew_days_used")  # fmt: skip
    caption = say("offices_table", table=told.tables.next())
    yield table_in_words(
        told, "rollout_years", columns, (8, 11, 14, 20, 20, 10, 10), caption, years
    )
    yield from _basis(years)
    if offices is not None and len(offices):
        yield paragraph(say("offices_list", title=say("appendix_offices")))


def _basis(rows: pd.DataFrame) -> Iterator[Block]:
    """Yield where prices and budgets come from, as the study says it."""
    for basis in rows["cost_basis"].dropna().unique() if "cost_basis" in rows else ():
        yield paragraph(say("cost_basis", basis=str(basis).rstrip(".")))


def _cable(told: Told) -> Iterator[Block]:
    years = told.frames["fibre_years"].sort_values("year")
    yield paragraph(
        say(
            "cable_sum",
            first=int(years["year"].iloc[0]),
            last=int(years["year"].iloc[-1]),
            length=float(years["length_km"].sum()),
            first_ways=int(years["first_ways"].sum()),
            second_ways=int(years["second_ways"].sum()),
            spent=float(years["spent_vnd"].sum()),
            budget=float(years["budget_vnd"].sum()),
        )
    )
    columns = ("year", "budget_vnd", "spent_vnd", "left_vnd", "length_km", "first_ways",
               "second_ways")  # fmt: skip
    caption = say("cable_table", table=told.tables.next())
    yield table_in_words(told, "fibre_years", columns, (8, 19, 19, 19, 10, 11, 11), caption, years)
    waiting = told.frames.get("fibre_waiting")
    if waiting is not None and len(waiting):
        yield paragraph(say("cable_waiting", count=len(waiting), title=say("appendix_waiting")))


def _verdicts_of_sites(told: Told) -> Grid:
    """Return province and communes before and after a plan, with its doubt."""
    aims = () if told.planned is None else told.planned[0]
    names = ("number", "name", "population", "share_before", "share_after", "estimate",
             "target_probability", "verdict")  # fmt: skip
    rows = [
        (
            str(at), _named(told, aims, str(row["service"]), str(row["name"])),
            number(row["population"], "vi"),
            share(row["share_before"], None), share(row["share_after"], None),
            band(row["share_median"], row["share_low"], row["share_high"], None),
            chance(row["target_probability"]), told.verdict(row["confident_verdict"]),
        )
        for at, row in enumerate(told.frames["site_verdicts"].to_dict("records"), start=1)
    ]  # fmt: skip
    return Grid(
        caption=say("appendix_site_verdicts_table", errors=told.errors),
        headings=tuple(say(f"column_{name}") for name in names),
        rows=tuple(rows),
        widths=(5, 16, 9, 10, 10, 18, 11, 13),
        right=frozenset((2, 3, 4, 6)),
    )


def works_of(told: Told) -> Iterator[Appendix]:
    """Yield the appendices of a plan: its works, and what has to wait."""
    for name, columns, widths in SITE_APPENDICES:
        rows = told.frames.get(name)
        if rows is not None and len(rows):
            caption = say(f"appendix_{name}_table")
            grid = table_in_words(told, name, columns, widths, caption)
            headings = ("number", *(column for column in columns if column in rows))
            grid = replace(grid, headings=tuple(say(f"column_{one}") for one in headings))
            yield Appendix(title=say(f"appendix_{name}"), blocks=(grid,))
    if "site_verdicts" in told.frames:
        yield Appendix(title=say("appendix_site_verdicts"), blocks=(_verdicts_of_sites(told),))
    offices = told.frames.get("rollout")
    if offices is not None and len(offices):
        columns = ("name", "level", "works", "cost_vnd", "crew_days", "service_year", "reason")
        table = table_in_words(told, "rollout", columns, (18, 8, 24, 13, 8, 9, 16), "")
        yield Appendix(title=say("appendix_offices"), blocks=(table, *_basis(offices)))
    waiting = told.frames.get("fibre_waiting")
    if waiting is not None and len(waiting):
        asked = ("name", "gain", "place_kind", "counts", "reason", "short_vnd")
        table = table_in_words(told, "fibre_waiting", asked, (18, 12, 12, 10, 22, 14), "")
        yield Appendix(title=say("appendix_waiting"), blocks=(table,))
