"""A study's settings as a form made from the study model.

What a field is, its bounds and choices are those of `Study`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from .._settings import STUDY_FILE, read_toml
from ..errors import Problem, StudyError
from ..i18n import Bilingual, words
from ..study import Study
from ..study.read import LARGEST_STUDY_BYTES
from .fields import Entry, Kind, as_toml, dotted, is_sent_back, shown, value_of
from .labels import Path, help_of, label_of
from .places import StudyFolder

_REPEATED = ("services",)
"""Sections that a study may have many of, too large for a row of a table."""
_SPARE_ROWS = 2
_UNITS = {
    "km": "km", "m": "m", "db": "dB", "dbm": "dBm", "mhz": "MHz", "ghz": "GHz", "deg": "°",
    "kmh": "km/h", "s": "s", "min": "min", "percent": "%", "px": "px", "vnd": "₫",
    "vnd_per_km": "₫/km", "n_per_km": "N/km", "mm_h": "mm/h",
}  # fmt: skip

_BOUNDS = {
    "exclusiveMinimum": "above", "minimum": "at_least", "exclusiveMaximum": "below",
    "maximum": "at_most",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Section:
    """A table of the settings with its fields.

    Parameters
    ----------
    path : tuple of str or int
    entries : tuple of Entry
    rows : mapping of str to tuple
        Lists of small tables: key → rows, each a tuple of entries; spare rows at the end.
    given : bool
        Whether the file has it.
    optional : bool
        Whether it may be taken out.
    """

    path: Path
    entries: tuple[Entry, ...]
    rows: Mapping[str, tuple[tuple[Entry, ...], ...]]
    given: bool
    optional: bool

    @property
    def name(self) -> str:
        """What it is called in the names of fields."""
        return dotted(self.path)

    @property
    def title(self) -> Bilingual:
        """Its heading."""
        return label_of(self.path) if self.path else words("desk.key_study")

    @property
    def help(self) -> Bilingual | None:
        """What docs/study.md says of it."""
        return help_of(self.path) if self.path else None

    @property
    def fields(self) -> Iterator[Entry]:
        """Its fields and those of its rows."""
        yield from self.entries
        for rows in self.rows.values():
            for row in rows:
                yield from row


def settings_form(study: StudyFolder) -> list[Section]:
    """Return the form of a study's settings, filled as its file stands.

    Parameters
    ----------
    study : StudyFolder

    Returns
    -------
    list of Section
        Lists end with an empty section, to add one.

    Raises
    ------
    StudyError
        If the file is no TOML, or there is none.
    """
    return list(_section((), _schema(), keys_of(study), optional=False))


def keys_of(study: StudyFolder) -> dict[str, Any]:
    """Return what ``study.toml`` says, not checked.

    Parameters
    ----------
    study : StudyFolder

    Returns
    -------
    dict

    Raises
    ------
    StudyError
        If the file is no TOML, or there is none.
    """
    if not study.settings.is_file():
        raise StudyError(
            [Problem(message="study.absent", file=STUDY_FILE, values={"folder": study.path.name})]
        )
    return read_toml(
        study.settings, room="study", largest_bytes=LARGEST_STUDY_BYTES, refusal=StudyError
    )[1]


@cache
def _schema() -> dict[str, Any]:
    schema = Study.model_json_schema()
    del schema["properties"]["folder"]
    return schema


def _plain(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a schema without references, and without that it may be absent."""
    if "anyOf" in schema:
        others = [one for one in schema["anyOf"] if one.get("type") != "null"]
        if len(others) == 1:
            return _plain({**others[0], "default": schema.get("default")})
    if "$ref" in schema:
        named = _schema()["$defs"][schema["$ref"].rsplit("/", 1)[1]]
        return {**named, "default": schema.get("default")}
    return schema


def _is_row(schema: Mapping[str, Any]) -> bool:
    """Tell whether a schema is of a small table: nothing in it but single values."""
    kinds = [_kind(name, _plain(one)) for name, one in schema.get("properties", {}).items()]
    return bool(kinds) and set(kinds) <= {"text", "number", "day", "choice"}


def _section(
    path: Path, schema: Mapping[str, Any], keys: Mapping[str, Any] | None, *, optional: bool
) -> Iterator[Section]:
    """Yield a table's own section, then those of the tables in it."""
    known = keys if isinstance(keys, Mapping) else {}
    entries: list[Entry] = []
    rows: dict[str, tuple[tuple[Entry, ...], ...]] = {}
    inner: list[Section] = []
    required = schema.get("required", ())
    for name, raw in schema["properties"].items():
        one, value = _plain(raw), known.get(name)
        at = (*path, name)
        items = _plain(one.get("items", {}))
        fits = value is None or (
            isinstance(value, list) and all(isinstance(each, dict) for each in value)
        )
        if not path and name in _REPEATED and fits:
            for place, each in enumerate([*(value or ()), None]):
                inner += _section((*at, place), items, each, optional=True)
        elif _is_input(one):
            entries.append(_entry(at, one, value, name in required))
        elif "properties" in one and (value is None or isinstance(value, dict)):
            inner += _section(at, one, value, optional=name not in required)
        elif one.get("type") == "array" and _is_row(items) and fits:
            spare = [None] * _SPARE_ROWS
            rows[name] = tuple(
                tuple(_row((*at, place), items, each))
                for place, each in enumerate([*(value or ()), *spare])
            )
        elif _is_by_name(one) and (value is None or isinstance(value, dict)):
            entries += _by_name(at, one, value or {})
        else:
            entries.append(_entry(at, one, value, name in required))
    yield Section(
        path=path, entries=tuple(entries), rows=rows, given=keys is not None, optional=optional
    )
    yield from inner


def _is_input(schema: Mapping[str, Any]) -> bool:
    """Tell whether a schema is that of an input file, which is most often no more than a path."""
    return schema.get("title") == "Input"


def _is_by_name(schema: Mapping[str, Any]) -> bool:
    """Tell whether a schema is of a table with one number for each of a few names."""
    return "enum" in schema.get("propertyNames", {}) and "additionalProperties" in schema


def _by_name(path: Path, schema: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[Entry]:
    for name in schema["propertyNames"]["enum"]:
        entry = _entry((*path, name), schema["additionalProperties"], known.get(name), False)
        yield replace(entry, unit=_unit(str(path[-1])))


def _row(path: Path, schema: Mapping[str, Any], known: Any) -> Iterator[Entry]:
    known = known if isinstance(known, Mapping) else {}
    for name, one in schema["properties"].items():
        required = name in schema.get("required", ())
        yield _entry((*path, name), _plain(one), known.get(name), required)


def _entry(path: Path, schema: Mapping[str, Any], value: Any, required: bool) -> Entry:
    kind = _kind(str(path[-1]), schema)
    default = schema.get("default")
    entry = Entry(
        path=path,
        kind=kind,
        choices=_choices(schema),
        bounds={name: schema[key] for key, name in _BOUNDS.items() if key in schema},
        required=required,
        default=shown(kind, default) if default not in (None, [], {}) else "",
        unit=_unit(str(path[-1])),
    )
    if value is None:
        return entry
    content = shown(kind, value)
    try:
        same = is_sent_back(entry, content) and value_of(entry, content) == value
    except ValueError:
        same = False
    if same:
        return replace(entry, value=content)
    return replace(entry, kind="toml", value=as_toml(value))  # of another kind than it should be


def _unit(key: str) -> str:
    found = [unit for suffix, unit in _UNITS.items() if key.endswith(f"_{suffix}")]
    return max(found, key=len, default="")


def _kind(name: str, schema: Mapping[str, Any]) -> Kind:
    if _is_input(schema) or _is_input(_plain(schema.get("items", {}))) or name == "antennas":
        return "file"
    if schema.get("type") == "array":
        items = schema["items"]
        if "enum" in items:
            return "choices"
        return "lines" if items.get("type") == "string" else "toml"
    if _choices(schema):
        return "choice"
    if schema.get("format") == "date":
        return "day"
    kinds: dict[str, Kind] = {"string": "text", "number": "number", "integer": "number"}
    return kinds.get(schema.get("type", ""), "toml")


def _choices(schema: Mapping[str, Any]) -> tuple[str, ...]:
    if schema.get("type") == "boolean":
        return ("true", "false")
    if schema.get("type") == "array":
        return tuple(map(str, schema["items"].get("enum", ())))
    if "const" in schema:
        return (str(schema["const"]),)
    return tuple(map(str, schema.get("enum", ())))
