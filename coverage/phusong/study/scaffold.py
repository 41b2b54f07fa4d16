"""Write the commented study.toml that a new study starts from."""

import datetime
import errno
import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template

from pydantic_core import PydanticCustomError
from pyproj import CRS

from .._settings import STUDY_FILE
from .._text import visible
from ..errors import OutputError, Problem, StudyError
from ..i18n import Bilingual
from .model import metric_crs
from .provinces import MERGED_ON, Province, find_province

_SET_ASIDE = ('faulty_rows = "refuse"   ', 'faulty_rows = "set_aside"')
"""Lists that somebody else made have faulty rows; a study begun from them runs with the others."""
_KEY = re.compile(r"(# )?([a-z0-9_]+) = ")
_BOUNDARIES = re.compile(r"# boundaries = .*\n +#.*\n")
_COMMENTS_AT = 34
"""Column at which the comments of the scaffold begin."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """What is known of a new study's files.

    Parameters
    ----------
    inputs : mapping of str to (str, sequence of Bilingual)
        Key of ``[inputs]`` → its value as TOML, and why it is so.
    undecided : sequence of (Bilingual, sequence of str)
        What must be decided, and the lines to choose from.
    why : sequence of Bilingual
        Where the study's other settings come from.
    boundaries : (str, date), optional
        Who published the communes' outlines, and as of which day.
    attributions : sequence of str
        Whom the data are from.
    """

    inputs: Mapping[str, tuple[str, Sequence[Bilingual]]]
    undecided: Sequence[tuple[Bilingual, Sequence[str]]] = ()
    why: Sequence[Bilingual] = ()
    boundaries: tuple[str, datetime.date] | None = None
    attributions: Sequence[str] = ()


def new_study(
    folder: Path | str,
    *,
    province: str,
    as_of: datetime.date | None = None,
    crs: str | None = None,
    ofds: Path | None = None,
    sheets: Mapping[str, str] | None = None,
    given: Given | None = None,
) -> Path:
    """Make `folder` with a commented study.toml that names the usual files.

    Once the files it names lie beside it, the study passes ``phusong check``;
    lines of files one does not have are deleted.

    Parameters
    ----------
    folder : path
        Made if absent; other files in it stay.
    province : str
        Name of the province, as `find_province` takes it.
    as_of : date, optional
        Day of the study, which tells provinces before and after the mergers of 2025
        apart; today if absent, or the last day of a province that stands no more.
    crs : str, optional
        CRS of the study instead of the province's zone; required where no source lays
        one down, which is so of the provinces merged in 2025.
    ofds : path, optional
        An Open Fibre Data Standard document, copied into the folder and named
        instead of spans and nodes.
    sheets : mapping, optional
        Table → workbook that has it as a sheet of that name, instead of the
        table's usual file.
    given : Given, optional
        The files that there are: only these are named, each with its evidence.

    Returns
    -------
    Path
        The study.toml written.

    Raises
    ------
    StudyError
        If there already is one, there is no such province, or its zone must be named.
    OutputError
        If the folder cannot be made, or the document cannot be copied or would replace
        another file.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = new_study(Path(folder) / "cao-bang", province="Cao Bằng")
    ...     'crs = "EPSG:9210"' in path.read_text(encoding="utf-8")
    True
    """  # noqa: DOC501  what is raised inside becomes one of these
    folder = Path(folder)
    path = folder / STUDY_FILE
    template = _template(find_province(province, as_of), as_of, crs)
    if ofds is not None:
        template = _with_document(template, ofds.name)
    for table, workbook in (sheets or {}).items():
        value = f"{{ path = {_toml(workbook)}, sheet = {_toml(table)} }}".replace("\\", r"\\")
        template = re.sub(rf'^((?:# )?{table} = )"[^"]*"', rf"\1{value}", template, flags=re.M)
    if given is not None:
        template = _with_given(template, given)
    try:
        content = template.encode("utf-8")
    except UnicodeEncodeError:  # a name of a file that is no text
        raise OutputError(
            "study.not_copied", file=ofds.name if ofds else "", detail="UTF-8"
        ) from None
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as refused:
        raise OutputError(
            "study.not_written", folder=folder.name, detail=refused.strerror or ""
        ) from refused
    try:
        with path.open("xb") as new:
            new.write(content)
    except FileExistsError:
        raise StudyError(
            [Problem(message="study.exists", file=STUDY_FILE, values={"folder": folder.name})]
        ) from None
    except OSError as refused:  # a full disk leaves no half of it
        path.unlink(missing_ok=True)
        raise OutputError(
            "study.not_written", folder=folder.name, detail=refused.strerror or ""
        ) from refused
    if ofds is not None and os.path.realpath(ofds) != os.path.realpath(folder / ofds.name):
        try:
            if os.path.lexists(folder / ofds.name):  # the user's own, or the study.toml just made
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
            shutil.copyfile(ofds, folder / ofds.name)
        except OSError as refused:
            path.unlink()
            raise OutputError(
                "study.not_copied", file=ofds.name, detail=refused.strerror or ""
            ) from refused
    return path


def _template(province: Province, as_of: datetime.date | None, crs: str | None) -> str:
    """Return the scaffold with what is known of a province filled in."""
    day = as_of or min(province.until or datetime.date.max, datetime.date.today())
    if crs is None and province.crs is None:
        parts = ", ".join(f"{one.name} {one.crs}" for one in province.parts)
        # The zone of a former part: one of them is likely, another province's would mislead.
        example = Counter(one.crs for one in province.parts).most_common(1)[0][0]
        merged = {"province": province.name, "since": MERGED_ON, "parts": parts}
        merged |= {"example": example}
        raise StudyError([Problem(message="study.zone_needed", file="--crs", values=merged)])
    zone = (province.crs or "") if crs is None else crs
    try:
        zone = metric_crs(zone)
    except PydanticCustomError as refused:
        told = dict(refused.context or {})
        raise StudyError([Problem(message=refused.type, file="--crs", values=told)]) from None
    values = {
        "name": _toml(province.title.vi),
        "name_en": _toml(province.title.en),
        "province": _toml(province.name),
        "province_code": _toml(province.code),
        # Before the mergers any year's list; that of 2025 is the list since.
        "edition": _toml(str(MERGED_ON.year if day >= MERGED_ON else min(day.year, 2024))),
        "as_of": day.isoformat(),
        "crs": _toml(zone),
    }
    padded = {key: value.ljust(_COMMENTS_AT - len(f"{key} =   ")) for key, value in values.items()}
    text = files(__package__).joinpath("scaffold.toml").read_text(encoding="utf-8")
    head, mark, rest = text.partition("\n[inputs]\n")
    filled = Template(head).substitute(
        padded, zone=visible(CRS.from_user_input(zone).name), zone_code=values["crs"]
    )
    return "\n".join(line.rstrip() for line in filled.split("\n")) + mark + rest


def _toml(value: str) -> str:
    """Write a text as TOML does: as JSON, but without a raw delete character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _with_document(template: str, name: str) -> str:
    """Name an OFDS document where the template names spans and nodes."""
    kept = []
    for line in template.splitlines():
        if line.startswith("# ofds = "):
            line = f"ofds = {_toml(name)}" + line[line.index("  #") :]
        if not line.startswith(("spans = ", "nodes = ")):
            kept.append(line)
    return "\n".join(kept) + "\n"


def _with_given(template: str, given: Given) -> str:
    """Name the files that there are, each under its evidence; comment the others out."""
    head, mark, rest = template.partition("\n[inputs]\n")
    inputs, blank, after = rest.partition("\n\n")
    lines = []
    for told, choices in given.undecided:
        lines += [_comment(told), *(f"# {choice}" for choice in choices)]
    left = dict(given.inputs)
    for line in inputs.split("\n"):
        key = _KEY.match(line)
        if key is not None and key[2] in left:
            lines += _line(key[2], left.pop(key[2]))
        elif key is not None and not key[1]:
            lines.append(f"# {line}")
        else:
            lines.append(line)
    for name, value in left.items():
        lines += _line(name, value)
    head = head.replace(*_SET_ASIDE, 1)
    stated = ""
    if given.boundaries is not None:
        source, day = given.boundaries
        head = _BOUNDARIES.sub("", head)
        stated += f"boundaries = {{ source = {_toml(source)}, date = {day.isoformat()} }}\n"
    if given.attributions:
        named = "".join(f"    {_toml(one)},\n" for one in given.attributions)
        stated += f"attributions = [\n{named}]\n"
    head = head.replace("\nfaulty_rows = ", f"\n{stated}faulty_rows = ", 1)
    why = "".join(f"{_comment(told)}\n" for told in given.why)
    head = head.replace("\nprovince = ", f"\n{why}province = ", 1)
    return head + mark + "\n".join(lines) + blank + after


def _line(name: str, value: tuple[str, Sequence[Bilingual]]) -> list[str]:
    return [*map(_comment, value[1]), f"{name} = {value[0]}"]


def _comment(told: Bilingual) -> str:
    """Write evidence as a comment on one line: names from files may hold anything."""
    return "# " + " ".join(visible(f"{told.vi} / {told.en}").split())
