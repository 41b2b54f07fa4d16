"""The report: what its sections say; and the appendices of a report or a plan."""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from ..._resources import resource_folder
from ...report.board import JUDGED
from ...report.markdown import page_blocks
from ...report.official import Appendix, Block, Grid, Heading, Paragraph, Picture, paragraph
from ...report.share_chart import WIDTH_MM, Estimate, share_chart
from ...study import Service, target_of
from .official_plan import YEARS, works_of
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
    has,
    limits,
    names_of_shares,
    of_service,
    on_the_map,
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
    "sites": ("chon-tram",),
}
"""Of docs/phuong-phap, by what they explain: a part of a run, or a plan of sites."""


def topics(told: Told, *, plan: bool) -> str:
    """Return in words what a report or a plan is about: what the audience has figures of."""
    there = {name: len(told.frames.get(years, ())) > 0 for name, years in YEARS.items()}
    if not plan:
        there = {
            "coverage": bool(told.services()),
            "fibre": any(True for _ in figures_of(told, ("fibre",))),
            "egov": any(True for _ in figures_of(told, ("egov",))),
        }
    named = [say(f"topic_{name}") for name, known in there.items() if known]
    *first, last = named or [say("topic_coverage")]
    return say("topics_two", first=", ".join(first), last=last) if first else last


def report_body(told: Told) -> tuple[Block, ...]:
    """Return the text of a report: what is known, what is not, and what published figures say."""
    parts = [(say("scope"), tuple(scope(told)))]
    if told.services():
        parts.append((say("coverage"), tuple(_coverage(told))))
    others = ((say(part), tuple(figures_of(told, (part,)))) for part in ("fibre", "egov"))
    parts += [(title, blocks) for title, blocks in others if blocks]
    if blocks := tuple(_published(told)):
        parts.append((say("published"), blocks))
    parts.append((say("limits"), tuple(limits(told))))
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
    named = judged.where(judged.isin(JUDGED), on_the_map(communes, service))
    open_to_doubt = communes[named.isin(["missed", "undecided"])]
    by = f"covered_population_share_{service.id}"
    if not len(open_to_doubt) or by not in communes:
        return
    shares = open_to_doubt[by]
    if doubted:
        shares = open_to_doubt[f"share_median_{service.id}"].fillna(shares)
    order = (
        open_to_doubt.assign(share=shares)
        .sort_values(["share", "commune_code"], kind="stable")
        .head(WORST_SHOWN)
    )
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
        caption=say("chart" if len(drawn) == len(order) else "chart_of_some",
                    figure=told.figures.next(), table=table, target=goal(target),
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


def appendices(told: Told, maps: tuple[Appendix, ...], *, plan: bool) -> tuple[Appendix, ...]:
    """Return the appendices: tables of works or communes, the board, the method, maps."""
    found = list(works_of(told) if plan else _of_communes(told))
    if told.board or told.numbers:
        found.append(Appendix(title=told.definitions_title, blocks=tuple(_board(told))))
    method = Appendix(title=say("appendix_method"), blocks=tuple(_method(told)), small=True)
    found.append(method)
    return (*(_ended(one) for one in found), *maps)


def _ended(appendix: Appendix) -> Appendix:
    """Return an appendix with the mark that it ends; a map fills its page and needs none."""
    *before, last = appendix.blocks
    if isinstance(last, Paragraph):
        *spans, end = last.spans
        closed = replace(end, text=f"{end.text.removesuffix('.')}./.")
        return replace(appendix, blocks=(*before, replace(last, spans=(*spans, closed))))
    return replace(appendix, blocks=(*appendix.blocks, paragraph("./.")))


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
        table = table_in_words(told, "village_list", columns, (12, 12, 10, 9, 9, 42), "")
        yield Appendix(title=say("appendix_villages"), blocks=(table,))


def _of_shares(told: Told, service: Service, communes: pd.DataFrame) -> str:
    """Return what the shares of a table of communes are of."""
    if not has(communes, f"share_median_{service.id}"):
        return say("appendix_communes_map")
    counted = denominator(target_of(told.study.targets, service.id, "commune"))
    return say("appendix_communes_table", denominator=counted, errors=told.errors)


def _board(told: Told) -> Iterator[Block]:
    names = ("number", "indicator", "denominator", "published", "computed", "target", "verdict")
    if told.board:
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
        "sites": told.planned is not None,
    }
    folder = resource_folder("docs/phuong-phap")
    for part, pages in METHOD_PAGES.items():
        for page in pages if shown[part] else ():
            title, blocks = page_blocks((folder / f"{page}.md").read_text(encoding="utf-8"))
            about = title.removeprefix(f"{say('appendix_method')}: ")
            yield Heading(text=about[:1].upper() + about[1:], level=1)
            _, *printed = blocks  # the first tells where the screen leads on to
            yield from printed
