"""The indicator board: each published figure beside the one computed from the files.

A figure is *computed* by a model, *counted* from the tables, or *reported only*
when the files cannot give it. Of the systems that a province reports none is
left out: what nobody reported has *no figure*. Nothing here feeds a published
figure back. What a row means and how it is computed, its part says.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from .._settings import STUDY_FILE
from ..errors import Problem
from ..i18n import LANGUAGES, Language, text
from ..study import Published, Study
from ..tables import INDICATORS
from .parts.indicator import Figure, Indicator
from .parts.part import Found, Part


def board(study: Study, parts: Sequence[Part[Any, Any]], found: Found) -> pd.DataFrame:
    """Return the board, rows and columns as `tables.INDICATORS`.

    Parameters
    ----------
    study : Study
        Gives services, targets and the published figures.
    parts : sequence of Part
        Whose indicators are known, in the order of the rows; a figure that another is
        judged by stands before it.
    found : Found
        What was computed. Of a part that was not, an indicator has a row if it
        was published, or if it is shown with a part that was.
    """
    known: dict[str, Indicator[Any]] = {}
    figures: dict[str, Figure] = {}
    for part in parts:
        record = found.get(part)
        for indicator in part.indicators(study):
            known[indicator.name] = indicator
            figure = None if record is None else indicator.figure(record)
            if figure is not None:
                figures[indicator.name] = figure
    published = {row.indicator: row for row in study.published}
    targets = {each.indicator: each.value for each in study.egov.targets} if study.egov else {}
    shown = [name for name, one in known.items() if name in figures or one.shown_with in found]
    judges = {name: known[name].judged_by for name in shown}
    judged_first = [
        each for name in shown for each in (judges[name], name) if each == name or each in figures
    ]
    return pd.DataFrame.from_records(
        [
            _row(name, known.get(name), figures, published.get(name), targets)
            for name in dict.fromkeys([*judged_first, *published])
        ],
        columns=list(INDICATORS.columns),
    ).astype({"reported": "Int64", "reported_of": "Int64"})


def _row(
    name: str,
    indicator: Indicator[Any] | None,
    figures: dict[str, Figure],
    published: Published | None,
    targets: dict[str, float],
) -> dict[str, object]:
    figure = figures.get(name)
    computed = figure.value if figure else float("nan")
    most = figure.most if figure else float("nan")
    known = figure is not None or published is None  # a published figure alone is not judged
    judged = indicator is not None and known and indicator.judged_by not in figures
    own_target = indicator.target if indicator and judged else float("nan")
    target = targets.get(name, own_target)
    stated = None if published is None else published.unit
    not_computed = "reported_only" if published else "no_figure"
    return {
        "indicator": name,
        **{str(lang): _title(indicator, published, lang) for lang in LANGUAGES},
        "unit": (None if figure else stated) or (indicator.unit if indicator else "share"),
        "denominator": indicator.denominator if indicator and figure else None,
        "published": published.value if published else float("nan"),
        "computed": computed,
        "computed_most": most,
        "computed_low": figure.low if figure else float("nan"),
        "computed_high": figure.high if figure else float("nan"),
        "reported": figure.reported if figure else None,
        "reported_of": figure.total if figure else None,
        "target": target,
        "origin": indicator.origin if indicator and figure else not_computed,
        "status": figure.status
        if figure and figure.status
        else status(computed, target, most=most, published=published is not None),
        "source": published.source if published else None,
        **{
            f"definition_{lang}": _definition(indicator, figure, published, lang)
            for lang in LANGUAGES
        },
    }


def _title(
    indicator: Indicator[Any] | None, published: Published | None, lang: Language
) -> str | None:
    if published is not None and published.title[lang]:
        return published.title[lang]
    return None if indicator is None else indicator.title[lang]


def _definition(
    indicator: Indicator[Any] | None,
    figure: Figure | None,
    published: Published | None,
    lang: Language,
) -> str:
    if indicator is None or figure is None:
        return text("board.not_computed" if published else "board.not_given", lang)
    return indicator.definition(figure, lang)


def status(computed: float, target: float, *, published: bool, most: float = float("nan")) -> str:
    """Judge a computed figure by its target; a published one is never judged in its place.

    Where missing reports may yet raise the figure to its target, nothing is judged.
    """
    if pd.isna(computed):
        return "reported_only" if published else "no_figure"
    if pd.isna(target):
        return "no_target"
    if computed >= target:
        return "met"
    return "undecided" if most >= target else "missed"


def board_problems(study: Study, parts: Sequence[Part[Any, Any]]) -> Iterator[Problem]:
    """Find published figures that the board cannot word, and targets of no row it has."""
    known = {each.name: each for part in parts for each in part.indicators(study)}
    for position, figure in enumerate(study.published, start=1):
        indicator = known.get(figure.indicator)
        if indicator is None and not (figure.name and figure.name_en and figure.unit):
            yield Problem(
                message="pipeline.published_without_words",
                file=STUDY_FILE,
                key=f"published.{position}",
                value=figure.indicator,
            )
        unit = figure.unit or (indicator.unit if indicator else "share")
        if unit == "share" and not 0 <= figure.value <= 1:
            yield Problem(
                message="pipeline.published_not_a_share",
                file=STUDY_FILE,
                key=f"published.{position}.value",
                value=figure.value,
            )
    systems = [name for name, each in known.items() if each.shown_with == "egov"]
    for position, target in enumerate(study.egov.targets if study.egov else (), start=1):
        if target.indicator not in systems:
            yield Problem(
                message="egov.unknown_indicator",
                file=STUDY_FILE,
                key=f"egov.targets.{position}.indicator",
                value=target.indicator,
                values={"known": ", ".join(systems)},
            )
