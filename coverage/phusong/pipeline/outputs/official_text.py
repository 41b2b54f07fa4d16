"""What official documents tell of a result, by the rules of docs/van-ban.md.

A share is told with its denominator, a figure with the number of its definition, a verdict with its
doubt. What an audience may not have is not there to be told. Nothing is computed but sums and
counts of rows that are shown.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

import pandas as pd

from ...i18n import catalogue, fill, number, percent, text
from ...report.board import JUDGED, BoardRow, board_rows, share_text
from ...report.official import BLANK, Block, Grid, Heading, item, paragraph, roman
from ...study import Report, Service, Study, Target, target_of
from ...tables import Table
from ..parts import PARTS
from ..parts.coverage import COVERAGE
from ..parts.indicator import Figure
from .planned import Aim, Proof

COVERAGE_PARTS = (
    "territory",
    "coverage",
    "uncertainty",
    "villages",
    "strength",
    "measured",
    "survey",
)
NO_FIGURE = "–"
BAND = ("low", "median", "high")
TOLD_SHARES = ("covered_population_share", "expected_covered_population_share")
READINGS = ("pixels", "probability")
"""Of a share of residents."""


@cache
def _sentences() -> Mapping[str, str]:
    path = files(__package__).joinpath("official_words.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def say(key: str, /, **values: object) -> str:
    """Return a sentence of the documents, its values written as Vietnamese does."""
    return fill(_sentences()[key], "vi", values)


class Counter:
    """Numbers tables and figures of one document."""

    def __init__(self) -> None:
        self.last = 0

    def next(self) -> int:
        """Return the next number."""
        self.last += 1
        return self.last


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a document may tell.

    Parameters
    ----------
    study : Study
        Without the marking of an edition.
    letter : Report
        Who sends, to whom, who signs.
    marking : str
        For whom the document is.
    program : str
        What computed the figures.
    frames : mapping of str to DataFrame
        The tables that the audience may have.
    definitions : mapping of str to Table
        Of their columns.
    notes : tuple of str
        What the run left out, spread or filled, or what this edition does not have.
    planned : tuple of aims and Proof, optional
        Of a plan of sites, if its tables are among the frames.
    tables, figures : Counter
        Give the next number of each.
    """

    study: Study
    letter: Report
    marking: str
    program: str
    frames: Mapping[str, pd.DataFrame]
    definitions: Mapping[str, Table]
    notes: tuple[str, ...]
    planned: tuple[tuple[Aim, ...], Proof] | None = None
    tables: Counter = field(default_factory=Counter)
    figures: Counter = field(default_factory=Counter)

    @cached_property
    def board(self) -> dict[str, BoardRow]:
        """The rows of the board by indicator."""
        frame = self.frames.get("indicators")
        if frame is None:
            return {}
        rows = board_rows(frame, "vi", sample=self.sample)
        return dict(zip(frame["indicator"], rows, strict=True))

    @cached_property
    def meanings(self) -> dict[str, str]:
        """What each indicator means: as the board tells, else as the study defines its services."""
        found = {name: row.definition for name, row in self.board.items() if row.definition}
        told = {f"{share}_{one.id}" for one in self.services() for share in TOLD_SHARES}
        for indicator in COVERAGE.indicators(self.study):
            if indicator.name in told:
                meant = indicator.definition(Figure(float("nan")), "vi")
                found.setdefault(indicator.name, meant)
        return found

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each definition, in the order in which the board first needs it."""
        numbers: dict[str, int] = {}
        for definition in self.meanings.values():
            numbers.setdefault(definition, len(numbers) + 1)
        return numbers

    @property
    def definitions_title(self) -> str:
        """What the appendix is called that has the definitions."""
        return say("appendix_board" if self.board else "appendix_definitions")

    @property
    def sample(self) -> bool:
        """Whether the data are invented."""
        return self.study.sample_notice is not None

    @property
    def errors(self) -> str:
        """Whether the error behind the bands is assumed or calibrated."""
        return self.study.errors.vi

    @property
    def confidence(self) -> str:
        """From which probability on there is a verdict."""
        return f"{100 * self.study.uncertainty.confidence:g} %".replace(".", ",")

    def numbered(self, indicator: str) -> int | str:
        """Return the number of an indicator's definition; a dash if it is not told."""
        return self.numbers.get(self.meanings.get(indicator, ""), NO_FIGURE)

    def verdict(self, verdict: Any) -> str:
        """Return a verdict in words; as an example where the data are invented."""
        if pd.isna(verdict) or verdict not in JUDGED:
            return text("maps.value_not_applicable", "vi")
        return text(f"report.{'example' if self.sample else 'verdict'}_{verdict}", "vi")

    def services(self) -> list[Service]:
        """Return the services whose coverage the communes or the province tell."""
        return [
            one
            for one in self.study.services
            if any(
                f"covered_population_share_{one.id}" in self.frames.get(name, ())
                for name in ("province", "communes")
            )
        ]


def sections(parts: Iterable[tuple[str, Sequence[Block]]]) -> Iterator[Block]:
    """Yield sections with a Roman number each; one without text has dots to be filled in."""
    for at, (title, blocks) in enumerate(parts, start=1):
        yield Heading(text=f"{roman(at)}. {title}", level=1)
        yield from blocks or (paragraph(BLANK),)


def scope(told: Told) -> Iterator[Block]:
    """Yield what the figures stand on: study, day, edition, program, and how verdicts are meant."""
    study = told.study
    yield paragraph(
        say(
            "scope_study", study=study.name, edition=study.edition, as_of=study.as_of,
            resolution=study.resolution_m, program=told.program,
            boundaries=study.boundaries_note.vi,
        )
    )  # fmt: skip
    yield from sample_notice(told)
    where = say("scope_where", title=told.definitions_title)
    yield paragraph(say("scope_reading", where=where))
    if told.services():
        doubted = any(
            has(told.frames.get(name), f"share_median_{one.id}")
            for one in told.services()
            for name in ("communes", "province")
        )
        yield paragraph(
            say("scope_verdicts", confidence=told.confidence, errors=told.errors)
            if doubted
            else say("scope_no_doubt")
        )


def sample_notice(told: Told) -> Iterator[Block]:
    """Yield that the data are invented, if they are."""
    notice = told.study.sample_notice
    if notice is not None:
        yield paragraph(notice.vi, bold=True)


def has(units: pd.DataFrame | None, column: str) -> bool:
    """Tell whether a table has a column, and a value in it."""
    return units is not None and column in units and bool(units[column].notna().any())


def denominator(target: Target | None) -> str:
    """Return in words what a target counts; residents where there is none."""
    name = "population" if target is None else target.denominator
    return text(f"report.denominator_{name}", "vi")


def source_of(row: Mapping[Any, Any]) -> str:
    """Return in words what a unit's residents were counted by."""
    code = row.get("population_source")
    key = f"maps.value_{code}"
    return text(key, "vi") if not pd.isna(code) and key in catalogue() else NO_FIGURE


def share(value: Any, target: Target | None) -> str:
    """Write a share so that what misses its target is never rounded up to it."""
    if value is None or pd.isna(value):
        return NO_FIGURE
    return share_text(float(value), 1.0 if target is None else target.share, "vi")


def goal(target: Target) -> str:
    """Write a target's share."""
    return wanted(target.share)


def wanted(share: float) -> str:
    """Write a share that is asked for, without decimals that say nothing."""
    return f"{100 * share:g} %".replace(".", ",")


def chance(value: Any) -> str:
    """Write a probability; one between 0 and 1 is never rounded to certainty."""
    if value is None or pd.isna(value):
        return NO_FIGURE
    if 0 < value < 0.01:
        return say("chance_least")
    if 0.99 < value < 1:
        return say("chance_most")
    return percent(float(value), "vi", decimals=0)


def names_of_shares(service: Service) -> tuple[str, ...]:
    """Return the rows of the board that tell a service's shares of residents, best known first."""
    names = (
        "share_median", *(f"{one}_share_median" for one in READINGS),
        "covered_population_share", "expected_covered_population_share",
    )  # fmt: skip
    return tuple(f"{one}_{service.id}" for one in names)


def of_service(told: Told, service: Service) -> Iterator[Block]:
    """Yield what is told of a service: definition, both readings, estimate, verdict, communes."""
    name = f"covered_population_share_{service.id}"
    if name in told.meanings:
        number = told.numbered(name)
        yield paragraph(say("definition", number=number, definition=told.meanings[name]))
    province = told.frames.get("province")
    target = target_of(told.study.targets, service.id, "province")
    if province is not None and len(province):
        whole = province.iloc[0].to_dict()
        yield from _readings(told, service, whole, target)
        yield from _judged(told, service, whole, target)
    else:
        yield from _figures(told, names_of_shares(service))
    communes = told.frames.get("communes")
    aim = target_of(told.study.targets, service.id, "commune")
    if communes is not None and aim is not None:
        yield from _counted(told, service, communes, aim)


def _readings(
    told: Told, service: Service, unit: Mapping[Any, Any], target: Target | None
) -> Iterator[Block]:
    covered = unit.get(f"covered_population_{service.id}")
    expected = unit.get(f"expected_covered_population_{service.id}")
    people = unit.get("population")
    if covered is None or people is None or pd.isna(covered) or pd.isna(people):
        return
    values = {
        "population": people,
        "covered": covered,
        "source": source_of(unit),
        "share": share(unit.get(f"covered_population_share_{service.id}"), target),
        "number": told.numbered(f"covered_population_share_{service.id}"),
    }
    if expected is None or pd.isna(expected):
        yield paragraph(say("reading", **values))
        return
    yield paragraph(
        say(
            "readings",
            **values,
            expected=expected,
            expected_share=share(
                unit.get(f"expected_covered_population_share_{service.id}"), target
            ),
            expected_number=told.numbered(f"expected_covered_population_share_{service.id}"),
        )
    )


def _judged(
    told: Told, service: Service, unit: Mapping[Any, Any], target: Target | None
) -> Iterator[Block]:
    said = []
    if target is None:
        said.append(say("no_target"))
    else:
        key = (
            f"reading_{target.reading}"
            if target.denominator == "population"
            else "target_of_others"
        )
        said.append(say(key, target=goal(target), denominator=denominator(target)))
    median = unit.get(f"share_median_{service.id}")
    if median is not None and not pd.isna(median):
        low, high = (unit.get(f"share_{end}_{service.id}") for end in ("low", "high"))
        said.append(
            say(
                "estimate", denominator=denominator(target), median=share(median, target),
                low=share(low, target), high=share(high, target),
            )
        )  # fmt: skip
        if target is not None:
            said.append(
                say(
                    "chance",
                    target=goal(target),
                    chance=chance(unit.get(f"target_probability_{service.id}")),
                    verdict=told.verdict(unit.get(f"confident_verdict_{service.id}")),
                    errors=told.errors,
                )
            )
    elif target is not None:
        verdict = told.verdict(unit.get(f"target_verdict_{service.id}"))
        said.append(say("map_verdict", target=goal(target), verdict=verdict))
    said += other_readings(told, unit, service, target)
    yield paragraph(" ".join(said))


def other_readings(
    told: Told, unit: Mapping[Any, Any], service: Service, target: Target | None
) -> Iterator[str]:
    """Yield the estimates of residents by each reading that the target is not about."""
    told_of: str = "pixels" if target is None else target.reading
    if target is not None and target.denominator != "population":
        told_of = ""  # another share
    for reading in READINGS:
        ends = [unit.get(f"{reading}_share_{end}_{service.id}") for end in BAND]
        if reading != told_of and ends[0] is not None and not pd.isna(ends[0]):
            low, median, high = (share(end, target) for end in ends)
            yield say(f"estimate_{reading}", low=low, median=median, high=high, errors=told.errors)


def verdicts(units: pd.DataFrame, service: Service) -> "tuple[pd.Series[Any], bool]":
    """Return the verdicts of units, and whether they have their doubt with them."""
    confident = f"confident_verdict_{service.id}"
    if has(units, confident):
        return units[confident], True
    return units.get(
        f"target_verdict_{service.id}", pd.Series(index=units.index, dtype=object)
    ), False


def on_the_map(units: pd.DataFrame, service: Service) -> "pd.Series[Any]":
    """Return the verdicts of shares on the map of units that, unlike others, have none with doubt.

    So are communes that were joined after the run.
    """
    judged, doubted = verdicts(units, service)
    column = f"target_verdict_{service.id}"
    known = units[column] if doubted and column in units else judged
    return known.where(known.isin(JUDGED) & ~judged.isin(JUDGED))


def _counted(
    told: Told, service: Service, communes: pd.DataFrame, target: Target
) -> Iterator[Block]:
    judged, doubted = verdicts(communes, service)
    counts = {one: int((judged == one).sum()) for one in JUDGED}
    counts["rest"] = len(communes) - sum(counts.values())
    yield paragraph(
        say(
            "communes" if doubted else "communes_map",
            target=goal(target), denominator=denominator(target), count=len(communes),
            errors=told.errors, **counts,
        )
    )  # fmt: skip
    mapped = on_the_map(communes, service)
    if mapped.notna().any():
        met, missed = (int((mapped == one).sum()) for one in ("met", "missed"))
        yield paragraph(say("communes_rest", count=int(mapped.count()), met=met, missed=missed))


def figures_of(told: Told, parts: Sequence[str], leave: Iterable[str] = ()) -> Iterator[Block]:
    """Yield the board's figures of some parts of the run, one item each."""
    names = [
        indicator.name
        for part in PARTS
        if part.name in parts
        for indicator in part.indicators(told.study)
    ]
    left = set(leave)
    yield from _figures(told, [name for name in names if name not in left])


def _figures(told: Told, names: Iterable[str]) -> Iterator[Block]:
    for name in names:
        row = told.board.get(name)
        if row is not None and row.status not in {"no_figure", "reported_only"}:
            yield item(figure(told, name, row))


def figure(told: Told, name: str, row: BoardRow) -> str:
    """Return what the board tells of one indicator, in a sentence."""
    published = ""
    if row.published != NO_FIGURE:
        source = say("figure_source", source=row.source) if row.source else ""
        published = say("figure_published", published=row.published, source=source)
    return say(
        "figure",
        label=row.label,
        computed=row.computed,
        of=say("figure_of", denominator=row.denominator) if row.denominator else "",
        published=published,
        target=say("figure_target", target=row.target, verdict=row.verdict)
        if row.target != NO_FIGURE
        else "",
        number=told.numbered(name),
    )


def commune_grid(told: Told, service: Service, communes: pd.DataFrame, caption: str) -> Grid:
    """Return communes as a table: both readings, estimate and verdict, as far as there."""
    target = target_of(told.study.targets, service.id, "commune")
    judged, doubted = verdicts(communes, service)
    mapped = on_the_map(communes, service)
    widths = {"number": 5.0, "commune": 13.0, "district": 10.0, "population": 8.0, "pixels": 10.0}
    drawn = has(communes, f"share_median_{service.id}")
    if drawn and has(communes, f"probability_share_median_{service.id}"):
        if target is None or target.reading != "probability":  # else it is the estimate
            widths["probability_estimate"] = 20.0
    elif f"expected_covered_population_share_{service.id}" in communes:
        widths["probability"] = 10.0
    if drawn:
        widths["estimate"] = 20.0
    if target is not None:
        # Some say behind it that they go by the map.
        room = 18.0 if doubted and mapped.notna().any() else 12.0
        widths["verdict" if doubted else "map_verdict"] = room
    if not told_in(communes, "district"):
        del widths["district"]
    rows = []
    units = zip(communes.to_dict("records"), judged, mapped, strict=True)
    for at, (row, verdict, by_map) in enumerate(units, start=1):
        expected = share(row.get(f"expected_covered_population_share_{service.id}"), target)
        banded = estimate(row, service, target, "probability_share")
        cells = {
            "number": str(at),
            "commune": commune_name(row),
            "district": _text(row.get("district")),
            "population": _count(row.get("population")),
            "pixels": share(row.get(f"covered_population_share_{service.id}"), target),
            "probability": expected,
            "probability_estimate": expected if banded == NO_FIGURE else banded,
            "estimate": estimate(row, service, target),
            "verdict": told.verdict(verdict)
            if pd.isna(by_map)
            else say("verdict_by_map", verdict=told.verdict(by_map)),
            "map_verdict": told.verdict(verdict),
        }
        rows.append(tuple(cells[name] for name in widths))
    return Grid(
        caption=caption,
        headings=tuple(say(f"column_{name}") for name in widths),
        rows=tuple(rows),
        widths=tuple(widths.values()),
        right=frozenset(
            at for at, name in enumerate(widths) if name in {"population", "pixels", "probability"}
        ),
    )


def estimate(
    row: Mapping[Any, Any], service: Service, target: Target | None, name: str = "share"
) -> str:
    """Write an estimate with its band."""
    low, median, high = (row.get(f"{name}_{end}_{service.id}") for end in BAND)
    return band(median, low, high, target)


def band(median: Any, low: Any, high: Any, target: Target | None) -> str:
    """Write a share with the ends of its band."""
    middle = share(median, target)
    if middle == NO_FIGURE:
        return middle
    return f"{middle} ({share(low, target)} – {share(high, target)})"


def commune_name(row: Mapping[Any, Any]) -> str:
    """Return what a commune is called, with its kind."""
    kind = row.get("type")
    name = _text(row.get("name"))
    return name if kind is None or pd.isna(kind) else f"{kind} {name}"


def table_in_words(
    told: Told, name: str, columns: Sequence[str], widths: Sequence[float], caption: str,
    rows: pd.DataFrame | None = None,
) -> Grid:  # fmt: skip
    """Return columns of a result table as a person reads them, as far as they are there."""
    from ...report import in_words

    frame = told.frames[name] if rows is None else rows
    there = [
        (column, width)
        for column, width in zip(columns, widths, strict=True)
        if told_in(frame, column)
    ]
    shown = in_words(
        pd.DataFrame(frame[[column for column, _ in there]]), told.definitions[name], "vi"
    )
    numeric = frozenset(
        at
        for at, (column, _) in enumerate(there)
        if pd.api.types.is_numeric_dtype(frame[column].dtype)
    )
    return Grid(
        caption=caption,
        headings=(say("column_number"), *shown.columns),
        rows=tuple(
            (str(at), *(_text(value) for value in row))
            for at, row in enumerate(shown.itertuples(index=False, name=None), start=1)
        ),
        widths=(6.0, *(width for _, width in there)),
        right=frozenset(at + 1 for at in numeric),
    )


def told_in(frame: pd.DataFrame, column: str) -> bool:
    """Tell whether a table has a column; that of districts only where there are districts."""
    return column in frame and (column != "district" or bool(frame[column].notna().any()))


def _text(value: Any) -> str:
    if value is None or pd.isna(value):
        return NO_FIGURE
    if isinstance(value, float):
        return number(value, "vi", decimals=0 if value % 1 == 0 else 1)
    return str(value)


def _count(value: Any) -> str:
    return NO_FIGURE if value is None or pd.isna(value) else number(float(value), "vi")


def limits(told: Told) -> Iterator[Block]:
    """Yield what the figures leave open: notes of the run, and indicators without a figure."""
    blocks = [item(note) for note in told.notes]
    unknown = [row.label for row in told.board.values() if row.status == "no_figure"]
    if unknown:
        blocks.append(item(say("without", labels="; ".join(unknown))))
    yield from blocks or [paragraph(say("limits_none"))]


def ended(blocks: Iterable[Block], last: str) -> tuple[Block, ...]:
    """Return blocks with the sentence that ends a document."""
    return (*blocks, paragraph(last))
