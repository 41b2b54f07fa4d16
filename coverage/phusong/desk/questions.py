"""What phusong leaves to its user to decide, as questions with the answers to choose from.

A study begun from files and a check tell what is in doubt; here it becomes a choice. The answer
is written into ``study.toml`` as the user would have written it; until then it is kept in the
study's folder.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import tomlkit
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pyproj import CRS
from pyproj.exceptions import CRSError

from ..errors import OutputError, Problem
from ..i18n import LANGUAGES, Bilingual, words
from ..inputs import Reading
from ..pipeline import CheckReport
from ..pipeline.templates.from_files import Begun
from .changes import document_of, inputs_of
from .fields import item
from .places import StudyFolder

_KEPT = "questions.json"
_ZONES = frozenset({"zone_unsure", "zone_contradicts", "zone_would_fit", "communes_zone_would_fit"})
_OPERATORS = ("Viettel", "VNPT", "MobiFone", "Vietnamobile", "Gmobile")
_MOST_CHOICES = 20
_CARRIER_POWER = {"antenna_gain_dbi": 0, "feeder_loss_db": 0}


class Answer(BaseModel):
    """One answer and what it writes into ``[inputs]``.

    Parameters
    ----------
    vi, en : str
        As the page shows it.
    add : tuple of (str, value), optional
        Key of a file and its value.
    of : tuple of (str, str or None), optional
        Name and sheet of the file that `change` is about.
    change : mapping
        Keys of that file, such as ``crs`` or ``headings``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    vi: str
    en: str
    add: tuple[str, str | dict[str, Any]] | None = None
    of: tuple[str, str | None] | None = None
    change: dict[str, Any] = {}

    @property
    def title(self) -> Bilingual:
        """In both languages."""
        return Bilingual(self.vi, self.en)


class Question(BaseModel):
    """Something in doubt, with its answers.

    Parameters
    ----------
    vi, en : str
        As the page shows it.
    answers : tuple of Answer
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    vi: str
    en: str
    answers: tuple[Answer, ...]

    @property
    def title(self) -> Bilingual:
        """In both languages."""
        return Bilingual(self.vi, self.en)

    @property
    def key(self) -> str:
        """What tells it from others: a page may be older than the list of questions."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]


_QUESTIONS = TypeAdapter(tuple[Question, ...])


def keep_questions(study: StudyFolder, questions: Sequence[Question]) -> None:
    """Keep questions in the study's folder; none takes the former ones away.

    Parameters
    ----------
    study : StudyFolder
    questions : sequence of Question
    """
    study.keep(_KEPT, _QUESTIONS.dump_json(tuple(questions)).decode())


def questions_of(study: StudyFolder) -> tuple[Question, ...]:
    """Return the questions that wait for an answer.

    Parameters
    ----------
    study : StudyFolder

    Returns
    -------
    tuple of Question
        None of a file that is damaged.
    """
    kept = study.kept(_KEPT)
    try:
        return _QUESTIONS.validate_json(kept) if kept else ()
    except ValidationError:
        return ()


def of_begun(begun: Begun) -> list[Question]:
    """Return what a study begun from files leaves open.

    Parameters
    ----------
    begun : Begun

    Returns
    -------
    list of Question
    """
    return [
        Question(
            vi=told.vi,
            en=told.en,
            answers=tuple(Answer(vi=line, en=line, add=_line(line)) for line in lines),
        )
        for told, lines in begun.questions
    ]


def of_check(report: CheckReport) -> list[Question]:
    """Return what a check leaves open: zones, columns, what a figure of power is.

    Parameters
    ----------
    report : CheckReport

    Returns
    -------
    list of Question
    """
    readings = {(one.file, one.sheet): one for one in report.readings}
    found = [
        question
        for _, problem in report.findings.told()
        for question in _of_problem(problem, readings.get((problem.file, problem.sheet)))
    ]
    found += [
        _of_zone(str(note.values["file"]), None, note.values, note.render)
        for note in report
        if note.message.rpartition(".")[2] in _ZONES
    ]
    asked: list[Question] = []
    for one in found:
        if one.answers and one not in asked:
            asked.append(one)
    return asked


def answered(study: StudyFolder, answer: Answer) -> str:
    """Return the text of ``study.toml`` with an answer.

    Parameters
    ----------
    study : StudyFolder
    answer : Answer

    Returns
    -------
    str

    Raises
    ------
    OutputError
        If the settings no longer name the file that the answer is about.
    StudyError
        If there are no settings that can be read.
    """
    document = document_of(study)
    inputs = inputs_of(document)
    if answer.add is not None:
        name, value = answer.add
        there = inputs.get(name)
        inputs[name] = item(value if there is None else [*_listed(there), value])
    elif answer.of is not None:
        file, sheet = answer.of
        changed = False
        for name, there in list(inputs.items()):
            several = [_with(one, file, sheet, answer.change) for one in _listed(there)]
            if several != _listed(there):
                inputs[name] = item(several if isinstance(there, list) else several[0])
                changed = True
        if not changed:
            raise OutputError("desk.no_file", name=file)
    return tomlkit.dumps(document)


def _line(line: str) -> tuple[str, Any]:
    ((name, value),) = tomllib.loads(line).items()
    return name, value


def _of_problem(problem: Problem, reading: Reading | None) -> Iterator[Question]:
    kind = problem.message.rpartition(".")[2]
    if kind in _ZONES:
        yield _of_zone(problem.file, problem.sheet, problem.values, problem.render)
    elif kind == "eirp_unsure" and problem.column is not None:
        yield _of_power(problem)
    elif kind in ("missing_column", "missing_columns") and reading is not None:
        yield from _of_columns(problem, reading)


def _of_zone(file: str, sheet: str | None, values: Mapping[str, Any], render: Any) -> Question:
    codes = dict.fromkeys(re.findall(r"EPSG:\d+", f"{values.get('zone', '')} {values['zones']}"))
    return Question(
        **{lang: render(lang) for lang in LANGUAGES},
        answers=tuple(
            Answer(vi=named, en=named, of=(file, sheet), change={"crs": code})
            for code in codes
            for named in (_zone_name(code),)
        ),
    )


def _zone_name(code: str) -> str:
    try:
        return f"{code} ({CRS.from_user_input(code).name})"
    except CRSError:
        return code


def _of_power(problem: Problem) -> Question:
    heading, of = str(problem.column), (problem.file, problem.sheet)
    reference, carrier = words("desk.power_reference"), words("desk.power_carrier")
    return Question(
        **{lang: problem.render(lang) for lang in LANGUAGES},
        answers=(
            Answer(vi=reference.vi, en=reference.en, of=of,
                   change={"headings": {heading: "rs_eirp_dbm"}}),
            Answer(vi=carrier.vi, en=carrier.en, of=of,
                   change={"headings": {heading: "power_dbm"}, "constants": _CARRIER_POWER}),
        ),
    )  # fmt: skip


def _of_columns(problem: Problem, reading: Reading) -> Iterator[Question]:
    """Yield one question for each column that a table cannot do without."""
    held = {one.field.name for one in reading.columns if one.field is not None}
    free = [one.heading for one in reading.columns if one.field is None and one.heading]
    of = (problem.file, problem.sheet)
    for field in reading.table.fields:
        if not field.required or field.name in held:
            continue
        told = words("desk.which_column", file=problem.file, field=field.title)
        constants = _OPERATORS if field.name == "operator" else (field.choices or ())
        yield Question(
            vi=told.vi,
            en=told.en,
            answers=(
                *(
                    _answer("desk.column_is", heading, of, {"headings": {heading: field.name}})
                    for heading in free[:_MOST_CHOICES]
                ),
                *(
                    _answer("desk.all_rows_are", value, of, {"constants": {field.name: value}})
                    for value in constants
                ),
            ),
        )


def _answer(key: str, value: str, of: tuple[str, str | None], change: dict[str, Any]) -> Answer:
    told = words(key, value=value)
    return Answer(vi=told.vi, en=told.en, of=of, change=change)


def _listed(value: Any) -> list[Any]:
    plain = value.unwrap() if hasattr(value, "unwrap") else value
    return plain if isinstance(plain, list) else [plain]


def _with(value: Any, file: str, sheet: str | None, change: Mapping[str, Any]) -> Any:
    """Return a file's value with keys added, if it is the file meant."""
    keys = {"path": value} if isinstance(value, str) else value
    if not isinstance(keys, dict) or keys.get("path") != file:
        return value
    named = keys.get("sheet")
    if sheet is not None and isinstance(named, str) and named not in (sheet, "*"):
        return value
    merged = dict(keys)
    for name, one in change.items():
        there = merged.get(name)
        merged[name] = (
            {**there, **one} if isinstance(there, dict) and isinstance(one, dict) else one
        )
    return merged
