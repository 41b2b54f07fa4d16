"""Write into ``study.toml`` what was changed in its form, and nothing else.

The file stays the truth: what nobody changed stays as it stands, comments included.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Array, InlineTable

from .._settings import STUDY_FILE
from ..errors import Problem, StudyError
from ..study import Study
from .fields import Entry, item, value_of
from .form import Section, keys_of, settings_form
from .labels import Path, label_of
from .places import StudyFolder

_BLOCKS = ("services", "targets", "published")
"""Lists that the file has as blocks of lines."""


def changed_settings(study: StudyFolder, given: Mapping[str, Sequence[str]]) -> str:
    """Return the text of ``study.toml`` with what was changed in the form.

    Parameters
    ----------
    study : StudyFolder
    given : mapping of str to sequence of str
        Fields of the form; one that is absent is left as it is. ``remove`` has the names of
        sections to take out.

    Returns
    -------
    str

    Raises
    ------
    StudyError
        If the file is no TOML, or a field cannot be read.
    """
    sections = settings_form(study)
    document = document_of(study)
    former = document.unwrap()
    problems: list[Problem] = []
    for entry in (field for section in sections for field in section.fields):
        content = _posted(entry, given)
        if content is None or _same(entry, content):
            continue
        try:
            _put(document, entry.path, value_of(entry, content))
        except ValueError:
            problems.append(
                Problem(
                    message="desk.field", file=STUDY_FILE, key=entry.name, value=content,
                    values={"title": entry.title},
                )
            )  # fmt: skip
    if problems:
        raise StudyError(problems)
    removed = [
        section.path for section in sections
        if section.optional and section.name in given.get("remove", ())
    ]  # fmt: skip
    for path in reversed(removed):
        _take_out(document, path)
    return tomlkit.dumps(_without_gaps(document, former))


def document_of(study: StudyFolder) -> tomlkit.TOMLDocument:
    """Return ``study.toml`` to be changed, with its comments.

    Parameters
    ----------
    study : StudyFolder

    Returns
    -------
    TOMLDocument

    Raises
    ------
    StudyError
        If the file is no TOML, or there is none.
    """
    keys_of(study)  # tells what is wrong
    try:
        return tomlkit.parse(study.text())
    except TOMLKitError as fault:
        raise StudyError(
            [Problem(message="study.syntax", file=STUDY_FILE, values={"detail": str(fault)})]
        ) from fault


def inputs_of(document: tomlkit.TOMLDocument) -> Any:
    """Return the section ``[inputs]`` of a document, made if it is not there.

    Parameters
    ----------
    document : TOMLDocument

    Returns
    -------
    table of tomlkit

    Raises
    ------
    StudyError
        If it is no section.
    """
    inputs = document.setdefault("inputs", tomlkit.table())
    if not isinstance(inputs, dict):
        raise StudyError(
            [
                Problem(
                    message="desk.field", file=STUDY_FILE, key="inputs", value=str(inputs),
                    values={"title": label_of(("inputs",))},
                )
            ]
        )  # fmt: skip
    return inputs


def as_given(sections: Sequence[Section], given: Mapping[str, Sequence[str]]) -> list[Section]:
    """Return a form as somebody filled it in, to be shown again.

    Parameters
    ----------
    sections : sequence of Section
    given : mapping of str to sequence of str
        As to `changed_settings`.

    Returns
    -------
    list of Section
    """

    def filled(entry: Entry) -> Entry:
        posted = _posted(entry, given)
        return entry if posted is None else replace(entry, value=posted)

    return [
        replace(
            section,
            entries=tuple(map(filled, section.entries)),
            rows={
                name: tuple(tuple(map(filled, row)) for row in rows)
                for name, rows in section.rows.items()
            },
            given=section.given or any(given.get(one.name, [""]) != [""] for one in section.fields),
        )
        for section in sections
    ]


def faults_of(study: StudyFolder, content: str) -> StudyError | None:
    """Return what a study of these settings would be refused for.

    Parameters
    ----------
    study : StudyFolder
    content : str
        Of ``study.toml``.

    Returns
    -------
    StudyError or None
    """
    try:
        Study.checked(tomllib.loads(content), study.path)
    except StudyError as fault:
        return fault
    return None


def _posted(entry: Entry, given: Mapping[str, Sequence[str]]) -> str | None:
    """Return what was filled in, as `Entry.value` has it; None if the field was not there."""
    values = given.get(entry.name)
    if values is None and f"{entry.name}:shown" in given:
        values = ()  # no box of the choices was ticked
    if values is None:
        return None
    return "\n".join(one.replace("\r\n", "\n").strip() for one in values)


def _same(entry: Entry, content: str) -> bool:
    """Tell whether a field was left as it was; boxes come in the order of the page."""
    if entry.kind == "choices":
        return sorted(content.split("\n")) == sorted(entry.value.split("\n"))
    return content == entry.value


def _put(document: Any, path: Path, value: Any) -> None:
    """Write a value at a place, the tables on the way made; None takes it out."""
    table = document
    for part, after in pairwise(path):
        if isinstance(part, int):
            while len(table) <= part:
                table.append(tomlkit.table() if isinstance(table, AoT) else tomlkit.inline_table())
        elif part not in table:
            if value is None:
                return
            table[part] = _new(table, path, after)
        table = table[part]
    key = path[-1]
    if value is None:
        table.pop(key, None)
    elif isinstance(table.get(key), Array) and isinstance(value, list):
        _put_list(table, key, value)
    else:
        table[key] = item(value)


def _put_list(table: Any, key: str | int, value: list[Any]) -> None:
    """Write a list; what stays in it keeps its comments."""
    array = table[key]
    if "#" in array.as_string():
        for place in reversed(range(len(array))):
            if array[place] not in value:
                del array[place]
        for one in value:
            if one not in array:
                array.append(item(one))
    if array.unwrap() != value:
        table[key] = item(value)


def _new(parent: Any, path: Path, after: str | int) -> Any:
    """Return what a key that is not there is made: a section, an inline table or a list."""
    if isinstance(after, int):
        return tomlkit.aot() if path[0] in _BLOCKS else tomlkit.array()
    inline = isinstance(parent, InlineTable) or len(path) > 2 + (path[0] == "egov")
    return tomlkit.inline_table() if inline else tomlkit.table()


def _take_out(document: Any, path: Path) -> None:
    table = document
    for part in path[:-1]:
        if not isinstance(part, int) and part not in table:
            return
        table = table[part]
    if isinstance(path[-1], int):
        if path[-1] < len(table):
            del table[path[-1]]
    else:
        table.pop(path[-1], None)


def _without_gaps(document: Any, former: Mapping[str, Any]) -> Any:
    """Take out rows and tables that were emptied field by field; what was empty before stays."""
    for key in list(document):
        value, before = document[key], former.get(key)
        if isinstance(value, dict):
            _without_gaps(value, before if isinstance(before, dict) else {})
        elif isinstance(value, list):
            for place in reversed(range(len(value))):
                if isinstance(value[place], dict) and not value[place]:
                    del value[place]
        if isinstance(value, dict | list) and not value and before != value and key != "inputs":
            del document[key]
    return document
