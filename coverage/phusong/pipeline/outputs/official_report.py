"""The report and the plan: what their sections say, and the appendices that go with them."""

from collections.abc import Iterator

import pandas as pd

from ..._resources import resource_folder
from ...report.board import JUDGED
from ...report.markdown import page_blocks
from ...report.official import Appendix, Block, Grid, Heading, Picture, item, paragraph
from ...report.share_chart import WIDTH_MM, Estimate, share_chart
from ...study import Service, target_of
from .official_text import (
    COVERAGE_PARTS,
    NO_FIGURE,
    Told,
    commune_grid,
    commune_name,
    denominator,
    ended,
    figures_of,
    goal,
    names_of_shares,
    of_service,
    say,
    scope,
    sections,
    share,
    table_in_words,
    verdicts,
)

WORST_SHOWN = 15
METHOD_PAGES = {
    "coverage": ("song", "phu-song", "do-tin-cay"),
    "fibre": ("cap-quang",),
    "egov": ("san-sang",),
}
"""Of docs/phuong-phap, by the part of a run that they explain."""


def topics(told: Told, *, plan: bool) -> str:
    """Return in words what a report or a plan is about: what the audience has figures of."""
    there = {
        "coverage": bool(told.services()) and not plan,
        "fibre": len(told.frames.get("fibre_years", ())) > 0
        if plan
        else any(True for _ in figures_of(told, ("fibre",))),
        "egov": len(told.frames.get("rollout_years", ())) > 0
        if plan
        else any(True for _ in figures_of(told, ("egov",))),
    }
    named = [say(f"topic_{name}") for name, known in there.items() if known]
    *first, last = named or [say("topic_coverage")]
    return say("topics_two", first=", ".join(first), last=last) if first else last


def report_body(told: Told) -> tuple[Block, ...]:
    """Return the text of a report: what is known, what is not, and what published figures say."""
    parts = [(say("scope"), tuple(scope(told, say("scope_where", title=say("appendix_board")))))]
    if told.services():
        parts.append((say("coverage"), tuple(_coverage(told))))
    others = ((say(part), tuple(figures_of(told, (part,)))) for part in ("fibre", "egov"))
    parts += [(title, blocks) for title, blocks in others if blocks]
    if blocks := tuple(_published(told)):
        parts.append((say("published"), blocks))
    parts.append((say("limits"), tuple(_limits(told))))
    parts.append((say("proposals"), ()))
    end = say(
        "end_report",
        topics=topics(told, plan=False),
        province=told.study.province,
        as_of=told.study.as_of,
    )
    return ended(sections(parts), end)


def _coverage(told: Told) -> Iterator[Block]:
    told_of = set[str]()
    for at, service in enumerate(told.services(), start=1):
        yield Heading(text=f"{at}. {service.title.vi}", level=2)
        yield from of_service(told, service)
        yield from _worst(told, service)
        told_of |= set(names_of_shares(service))
        told_of |= {f"communes_{one}_{service.id}" for one in JUDGED}
    yield from _measured(told)
    if others := tuple(figures_of(told, COVERAGE_PARTS, told_of)):
        yield paragraph(say("others"))
        yield from others
    listed = told.frames.get("village_list")
    if listed is not None and len(listed):
        yield paragraph(say("villages", count=len(listed), title=say("appendix_villages")))


def _worst(told: Told, service: Service) -> Iterator[Block]:
    """Yield the communes without a good verdict, those with the lowest share first, and a chart."""
    communes = told.frames.get("communes")
    target = target_of(told.study.targets, service.id, "commune")
    if communes is None or target is None:
        return
    judged, doubted = verdicts(communes, service)
    open_to_doubt = communes[judged.isin(["missed", "undecided"])]
    by = f"share_median_{service.id}" if doubted else f"covered_population_share_{service.id}"
    if not len(open_to_doubt) or by not in communes:
        return
    order = open_to_doubt.sort_values([by, "commune_code"], kind="stable").head(WORST_SHOWN)
    table = told.tables.next()
    caption = say(
        "worst", table=table, shown=len(order), count=len(open_to_doubt), service=service.title.vi
    )
    yield commune_grid(told, service, order, caption)
    ends = [f"share_{end}_{service.id}" for end in ("low", "median", "high")]
    drawn = order.dropna(subset=ends) if set(ends) <= set(order) else order.head(0)
    if not len(drawn):
        return
    estimates = [
        Estimate(
            name=commune_name(row),
            low=row[ends[0]],
            median=row[ends[1]],
            high=row[ends[2]],
            verdict=str(row[f"confident_verdict_{service.id}"]) if doubted else "",
        )
        for row in drawn.to_dict("records")
    ]
    yield Picture(
        png=share_chart(estimates, target.share),
        width_mm=WIDTH_MM,
        caption=say("chart", figure=told.figures.next(), table=table, target=goal(target),
                    errors=told.errors),
        shows=say("chart_shows", target=goal(target)),
    )  # fmt: skip


def _measured(told: Told) -> Iterator[Block]:
    """Yield what places drawn and measured say of the province."""
    shares = told.frames.get("survey_shares")
    if shares is None:
        return
    for row in shares[shares["level"] == "province"].to_dict("records"):
        yield paragraph(
            say(
                "measured",
                share=share(row.get("measured_share"), None),
                low=share(row.get("measured_low"), None),
                high=share(row.get("measured_high"), None),
                drawn=row["drawn"],
                verdict=told.verdict(row.get("measured_verdict")),
            )
        )


def _published(told: Told) -> Iterator[Block]:
    rows = [row for row in told.board.values() if row.published != NO_FIGURE]
    if not rows:
        return
    yield paragraph(say("published_rule"))
    names = ("number", "indicator", "denominator", "published", "computed", "source")
    yield Grid(
        caption=say("published_table", table=told.tables.next()),
        headings=tuple(say(f"column_{name}") for name in names),
        rows=tuple(
            (str(at), row.label, row.denominator or NO_FIGURE, row.published, row.computed,
             row.source or NO_FIGURE)
            for at, row in enumerate(rows, start=1)
        ),
        widths=(6, 26, 12, 10, 16, 20),
        right=frozenset((3, 4)),
    )  # fmt: skip


def _limits(told: Told) -> Iterator[Block]:
    blocks = [item(note) for note in told.notes]
    unknown = [row.label for row in told.board.values() if row.status == "no_figure"]
    if unknown:
        blocks.append(item(say("without", labels="; ".join(unknown))))
    yield from blocks or [paragraph(say("limits_none"))]


def has_plan(told: Told) -> bool:
    """Tell whether the result has works by year that the audience may have."""
    return any(len(told.frames.get(name, ())) for name in ("rollout_years", "fibre_years"))


def plan_years(told: Told) -> tuple[int, int]:
    """Return the first and the last year of the works."""
    years = [
        int(year)
        for name in ("rollout_years", "fibre_years")
        if name in told.frames
        for year in told.frames[name]["year"]
    ]
    return min(years), max(years)


def plan_body(told: Told) -> tuple[Block, ...]:
    """Return the text of a plan: aims, what is done in which year with which money."""
    parts = [(say("aims"), tuple(_aims(told)))]
    if len(told.frames.get("rollout_years", ())):
        parts.append((say("offices"), tuple(_offices(told))))
    if len(told.frames.get("fibre_years", ())):
        parts.append((say("cable"), tuple(_cable(told))))
    parts.append((say("limits"), tuple(_limits(told))))
    parts.append((say("organising"), ()))
    about = topics(told, plan=True)
    return ended(sections(parts), say("end_plan", topics=about, province=told.study.province))


def _aims(told: Told) -> Iterator[Block]:
    yield from scope(told, say("scope_where", title=say("appendix_board")))
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


def appendices(told: Told, maps: tuple[Appendix, ...], *, plan: bool) -> tuple[Appendix, ...]:
    """Return the appendices: tables of works or communes, the board, the method, maps."""
    found = list(_of_works(told) if plan else _of_communes(told))
    if told.board:
        found.append(Appendix(title=say("appendix_board"), blocks=tuple(_board(told))))
    found.append(Appendix(title=say("appendix_method"), blocks=tuple(_method(told))))
    return (*found, *maps)


def _of_communes(told: Told) -> Iterator[Appendix]:
    communes = told.frames.get("communes")
    for service in told.services():
        if communes is None:
            continue
        by_code = communes.sort_values("commune_code", kind="stable")
        table = commune_grid(told, service, by_code, _of_shares(told, service, by_code))
        title = say("appendix_communes", service=service.title.vi)
        yield Appendix(title=title, blocks=(table,))
    listed = told.frames.get("village_list")
    if listed is not None and len(listed):
        columns = ("name", "commune", "district", "signal_state", "unserved_population", "reason")
        table = table_in_words(told, "village_list", columns, (12, 12, 11, 10, 9, 34), "")
        yield Appendix(title=say("appendix_villages"), blocks=(table,))


def _of_shares(told: Told, service: Service, communes: pd.DataFrame) -> str:
    """Return what the shares of a table of communes are of."""
    if f"share_median_{service.id}" not in communes:
        return say("appendix_communes_map")
    counted = denominator(target_of(told.study.targets, service.id, "commune"))
    return say("appendix_communes_table", denominator=counted, errors=told.errors)


def _of_works(told: Told) -> Iterator[Appendix]:
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


def _board(told: Told) -> Iterator[Block]:
    names = ("number", "indicator", "denominator", "published", "computed", "target", "verdict")
    yield Grid(
        caption=say("appendix_board_table"),
        headings=tuple(say(f"column_{name}") for name in names),
        rows=tuple(
            (
                str(at), f"{row.label} [{told.numbered(name)}]", row.denominator or NO_FIGURE,
                row.published, row.computed, row.target, row.verdict,
            )
            for at, (name, row) in enumerate(told.board.items(), start=1)
        ),
        widths=(6, 30, 12, 9, 16, 8, 12),
        right=frozenset((3, 4, 5)),
    )  # fmt: skip
    yield Heading(text=say("appendix_definitions"), level=2)
    for definition, number in told.numbers.items():
        yield paragraph(say("appendix_definition", number=number, definition=definition))


def _method(told: Told) -> Iterator[Block]:
    shown = {
        "coverage": bool(told.services()),
        "fibre": any(True for _ in figures_of(told, ("fibre",))),
        "egov": any(True for _ in figures_of(told, ("egov",))),
    }
    folder = resource_folder("docs/phuong-phap")
    for part, pages in METHOD_PAGES.items():
        for page in pages if shown[part] else ():
            title, blocks = page_blocks((folder / f"{page}.md").read_text(encoding="utf-8"))
            about = title.removeprefix(f"{say('appendix_method')}: ")
            yield Heading(text=about[:1].upper() + about[1:], level=1)
            yield from blocks
