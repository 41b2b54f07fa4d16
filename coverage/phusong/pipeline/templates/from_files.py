"""Begin a study from the files of an office: what each is taken for, and why.

`inputs` and `terrain` tell what a file may be, `admin` of which province the communes are. What is
in doubt is not chosen here: it stands in the study.toml as a comment, and is told.
"""

import datetime
import errno
import json
import os
import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd

from ..._settings import STUDY_FILE
from ...admin import IN_FORCE, units
from ...admin import recognise as list_of_communes
from ...errors import InputError, OutputError, PhusongError, Problem, StudyError
from ...grid import WGS84
from ...i18n import Bilingual, fold, words
from ...inputs import KNOWN_OPERATORS, Recognised, Source, recognise
from ...inputs.formats import READERS
from ...study import Given, Province, find_province, nearest_zone, new_study, province_of
from ...tables import INPUT_TABLES
from ...terrain import RasterKinds, raster_kinds
from ...terrain.rasters import DRIVERS

SIDE_FILES = frozenset(
    {".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qpj", ".qix", ".xml", ".qml", ".toml"}
)
"""Files that belong to another, passed over in a folder."""
_SHAPEFILE = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_MOST, _FEW = 0.6, 0.3
_SHOWN = 6
_OPERATORS = {fold(name): name for name in KNOWN_OPERATORS}
_ONE_FILE = ("population", "land_cover")


@dataclass(frozen=True, kw_only=True)
class Begun:
    """A study that was begun from files.

    Parameters
    ----------
    path : Path
        Its study.toml.
    told : tuple of Bilingual
        What each file was taken for and why, and what else was derived.
    undecided : tuple of Problem
        What somebody must decide; the study.toml has the choices as comments.
    questions : tuple of (Bilingual, tuple of str)
        Those of them that are a choice among lines of ``[inputs]``, with the lines.
    """

    path: Path
    told: tuple[Bilingual, ...]
    undecided: tuple[Problem, ...]
    questions: tuple[tuple[Bilingual, tuple[str, ...]], ...]


class _Taken:
    """What the files come to, while they are looked at."""

    def __init__(self) -> None:
        self.values: dict[str, list[str]] = defaultdict(list)
        self.why: dict[str, list[Bilingual]] = defaultdict(list)
        self.doubts: list[tuple[Bilingual, tuple[str, ...]]] = []
        self.undecided: list[Problem] = []
        self.communes: dict[str, str] = {}
        self.communes_at: Source | None = None
        self.people = False


@dataclass(frozen=True)
class _Place:
    """Where a study lies, and the evidence."""

    province: Province
    edition: str | None
    why: Bilingual


def begin_from(
    folder: Path,
    given: Sequence[Path],
    *,
    province: str | None = None,
    as_of: datetime.date | None = None,
    crs: str | None = None,
) -> Begun:
    """Write the study.toml of a folder for files, each line with its evidence.

    Parameters
    ----------
    folder : path
        Of the study; files from elsewhere are copied into it.
    given : sequence of path
        Files, or folders whose files are meant.
    province : str, optional
        Name; told by the communes if absent.
    as_of : date, optional
        Day of the study; today, or the last day of the communes' list, if absent.
    crs : str, optional
        Of the study; else the province's, or where no source lays one down the zone of a former
        province whose meridian is nearest to the communes.

    Returns
    -------
    Begun

    Raises
    ------
    InputError
        If a file cannot be read.
    StudyError
        If the province is not told, or there is a study already.
    OutputError
        If a file cannot be copied or would replace another.
    """
    files = [*_files(given)]
    taken = _Taken()
    refused: list[Problem] = []
    for path in files:
        try:
            _look_at(path, _name_in(folder, path), taken)
        except InputError as fault:
            refused += fault.problems
    if refused:
        raise InputError(refused)
    for name in _ONE_FILE:
        if len(taken.values.get(name, ())) > 1:
            _undecided(taken, tuple(f"{name} = {value}" for value in taken.values.pop(name)))
    place = _province(taken.communes, province, as_of)
    day = as_of or _day_of(place)
    zone, why_zone = (crs, None) if crs is not None else _zone(place.province, taken)
    told = [place.why, *([] if why_zone is None else [why_zone])]
    told.append(words("study.from_day", date=day, edition=place.edition or "–"))
    if taken.communes_at is not None and not taken.people and "population" not in taken.values:
        told.append(words("pipeline.no_people"))
    lines = _lines(taken, place, day)
    with _copied(folder, files):
        path = new_study(
            folder,
            province=place.province.name,
            as_of=day,
            crs=zone,
            given=Given(inputs=lines, undecided=tuple(taken.doubts), why=tuple(told)),
        )
    of_files = [one for name in taken.why for one in taken.why[name]]
    return Begun(
        path=path,
        told=(*of_files, *told),
        undecided=tuple(taken.undecided),
        questions=tuple(taken.doubts),
    )


def _files(given: Iterable[Path]) -> Iterable[Path]:
    """Return the files, those of folders in order and without what belongs to others."""
    for path in given:
        if path.is_dir() and path.suffix.lower() != ".gdb":
            for one in sorted(path.iterdir()):
                known = one.suffix.lower() in {*READERS, *DRIVERS}
                if known and not one.name.startswith((".", "~$")):
                    yield one
        elif path.suffix.lower() not in SIDE_FILES:
            yield path


def _name_in(folder: Path, path: Path) -> str:
    """Return what a file is called within the folder of the study, where it will lie."""
    inside = Path(os.path.realpath(path))
    root = Path(os.path.realpath(folder))
    return inside.relative_to(root).as_posix() if inside.is_relative_to(root) else path.name


def _look_at(path: Path, name: str, taken: _Taken) -> None:
    """Take a file for what it is, or note the doubt."""
    if path.suffix.lower() in DRIVERS:
        _raster(raster_kinds(path, shown=name), name, taken)
        return
    if path.suffix.lower() == ".json" and _is_network(path):
        taken.values["ofds"].append(_toml(name))
        taken.why["ofds"].append(words("study.from_network", file=name))
        return
    for found in recognise(Source(path=path, shown=name)):
        _table(found, taken)


def _table(found: Recognised, taken: _Taken) -> None:
    source, sure = found.source, found.sure
    part = source.sheet or source.layer
    shown = source.shown if part is None else f"{source.shown} ({part})"
    whole = [one for one in found.candidates if not one.lacking]
    constants: dict[str, str] = {}
    operator = _operator_named(shown)
    if operator is not None and [one.lacking for one in found.candidates[:1]] == [("operator",)]:
        sure, constants = found.candidates[0], {"operator": operator}
    if sure is not None:
        others = [one for one in found.candidates if one is not sure]
        value = _value(source, constants)
        taken.people |= sure.table in ("communes", "villages") and "population" in sure.fields
        if sure.table == "communes":
            taken.communes |= found.communes
            taken.communes_at = source
            if "valid_from" not in sure.fields:
                value = _value(source, {"valid_from": "?"})
        taken.values[sure.table].append(value)
        taken.why[sure.table].append(
            words(
                "study.from_table",
                file=shown,
                rows=found.rows,
                title=INPUT_TABLES[sure.table].title,
                headings=", ".join(sure.headings[:_SHOWN]),
                count=len(sure.headings),
                next=_scores(others[:2]),
            )
        )
        if constants:
            taken.why[sure.table].append(words("study.from_operator", file=shown, name=operator))
    elif whole:
        _undecided(
            taken,
            tuple(f"{one.table} = {_value(source, {})}" for one in whole),
            file=source.shown,
            tables=_scores(whole),
        )
    else:
        nearest = found.candidates[0] if found.candidates else None
        if nearest is not None and len(nearest.lacking) == 1:  # a check asks for the column then
            line = f"{nearest.table} = {_value(source, {})}"
            taken.doubts.append((words("study.one_of_these", file=shown), (line,)))
        taken.undecided.append(
            Problem(
                message="study.not_recognised",
                file=source.shown,
                sheet=part,
                values={
                    "nearest": "–" if nearest is None else nearest.table,
                    "lacking": "–" if nearest is None else ", ".join(nearest.lacking),
                },
            )
        )


def _operator_named(shown: str) -> str | None:
    """Return the operator that a file's or sheet's name names, if it names one alone."""
    found = {_OPERATORS[word] for word in re.findall("[a-z]+", fold(shown)) if word in _OPERATORS}
    return found.pop() if len(found) == 1 else None


def _scores(candidates: Iterable[Any]) -> str:
    shown = ", ".join(f"{one.table} {len(one.headings)}" for one in candidates)
    return shown or "–"


def _raster(found: RasterKinds, name: str, taken: _Taken) -> None:
    figures = {
        "file": name,
        "lowest": round(found.lowest, 2),
        "highest": round(found.highest, 2),
        "zeros": found.zero_share,
        "roughness": round(found.roughness, 2),
    }
    if len(found.uses) == 1:
        (use,) = found.uses
        taken.values[use].append(_toml(name))
        why = "study.from_raster_name" if found.by_name else f"study.from_{use}"
        taken.why[use].append(words(why, use=use, **figures))
    elif found.uses:
        lines = tuple(f"{use} = {_toml(name)}" for use in found.uses)
        _undecided(taken, lines, file=name, tables=", ".join(found.uses))
    else:
        taken.undecided.append(Problem(message="study.raster_unknown", file=name, values=figures))


def _undecided(
    taken: _Taken, lines: tuple[str, ...], *, file: str = STUDY_FILE, tables: str = ""
) -> None:
    taken.doubts.append((words("study.one_of_these", file=file), lines))
    shown = tables or "; ".join(lines)
    taken.undecided.append(Problem(message="study.undecided", file=file, values={"tables": shown}))


def _is_network(path: Path) -> bool:
    """Tell whether a JSON document is of the Open Fibre Data Standard rather than GeoJSON."""
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(content, dict) and ("networks" in content or {"nodes", "spans"} <= {*content})


def _province(communes: Mapping[str, str], name: str | None, as_of: datetime.date | None) -> _Place:
    """Find the province by the communes' codes and names, else by their names."""
    edition = list_of_communes(communes) if communes else None
    known = None if edition is None else units(edition)
    if known is not None and edition is not None:
        counts = Counter(known[code].province_code for code in communes if code in known)
        ((code, count),) = counts.most_common(1)
        day = as_of or _last_day(edition)
        found = province_of(code, day)
        if found is not None and (name is None or find_province(name, as_of).name == found.name):
            why = words(
                "study.from_communes", count=count, all=len(communes), edition=edition,
                province=found.title,
            )  # fmt: skip
            return _Place(found, edition, why)
        if found is not None:
            raise StudyError(
                [
                    Problem(
                        message="study.other_province",
                        file="--province",
                        value=name,
                        values={"province": found.name, "count": count, "all": len(communes)},
                    )
                ]
            )
    if name is not None:
        return _Place(find_province(name, as_of), edition, words("study.province_given"))
    by_name = _by_names(communes.values(), as_of)
    if by_name is None:
        raise StudyError([Problem(message="study.province_not_told", file="--province")])
    return by_name


def _by_names(names: Iterable[str], as_of: datetime.date | None) -> _Place | None:
    """Find the one province whose lists have most of the names."""
    wanted = {fold(name) for name in names}
    best: list[tuple[float, str, str]] = []
    for edition in IN_FORCE:
        there: dict[str, set[str]] = defaultdict(set)
        for unit in units(edition).values():
            there[unit.province_code].add(fold(unit.name))
        best += [
            (len(wanted & of) / len(wanted), code, edition) for code, of in there.items() if wanted
        ]
    best.sort(reverse=True)
    if not best or best[0][0] < _MOST:
        return None
    share, code, edition = best[0]
    others = [one for one, other, of in best if other != code and of == edition]
    if others and others[0] > _FEW:
        return None
    found = province_of(code, as_of or _last_day(edition))
    if found is None:
        return None
    why = words(
        "study.from_names", count=round(share * len(wanted)), all=len(wanted),
        province=found.title,
    )  # fmt: skip
    return _Place(found, edition, why)


def _last_day(edition: str) -> datetime.date:
    """Return the last day of a list of communes, or today if it is in force."""
    later = [day for day in IN_FORCE.values() if day > IN_FORCE[edition]]
    return min(later) - datetime.timedelta(days=1) if later else datetime.date.today()


def _day_of(place: _Place) -> datetime.date:
    if place.edition is not None:
        return _last_day(place.edition)
    return min(place.province.until or datetime.date.max, datetime.date.today())


def _zone(province: Province, taken: _Taken) -> tuple[str | None, Bilingual | None]:
    """Choose among the zones of former provinces where the merged one has none."""
    if province.crs is not None or taken.communes_at is None:
        return None, None
    try:
        shapes = gpd.read_file(taken.communes_at.path, layer=taken.communes_at.layer).geometry
        middle = float(shapes.to_crs(WGS84).total_bounds[[0, 2]].mean())
    except (PhusongError, ValueError, OSError):
        return None, None
    return nearest_zone(province, middle)


@contextmanager
def _copied(folder: Path, files: Iterable[Path]) -> Iterator[None]:
    """Copy files into the folder; they go again if what follows fails."""
    made: list[Path] = []
    there = folder.is_dir()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in files:
            if Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)):
                continue  # it lies there already
            for part in _parts(path):
                target = folder / part.name
                if os.path.lexists(target):
                    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
                made.append(target)
                (shutil.copytree if part.is_dir() else shutil.copyfile)(part, target)
        yield
    except OSError as refused:
        _remove(made, None if there else folder)
        name = Path(os.fsdecode(refused.filename or "")).name
        raise OutputError("study.not_copied", file=name, detail=refused.strerror or "") from refused
    except BaseException:
        _remove(made, None if there else folder)
        raise


def _parts(path: Path) -> list[Path]:
    """Return a file with those that belong to it."""
    if path.suffix.lower() != ".shp":
        return [path]
    return [
        one
        for one in sorted(path.parent.iterdir())
        if one.stem == path.stem and one.suffix.lower() in _SHAPEFILE
    ]


def _remove(made: Iterable[Path], folder: Path | None) -> None:
    for path in made:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    if folder is not None and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _lines(
    taken: _Taken, place: _Place, day: datetime.date
) -> dict[str, tuple[str, list[Bilingual]]]:
    """Return the line of each input and its evidence."""
    since = min(day, IN_FORCE[place.edition]) if place.edition is not None else day
    lines = {}
    for name, values in taken.values.items():
        values = [value.replace('"?"', since.isoformat()) for value in values]
        why = list(taken.why[name])
        if any(since.isoformat() in value for value in values):
            why.append(words("study.from_list", date=since, edition=place.edition or "–"))
        many = len(values) > 1 or name == "terrain"
        lines[name] = (f"[{', '.join(values)}]" if many else values[0], why)
    return lines


def _value(source: Source, constants: Mapping[str, str]) -> str:
    """Write an input as TOML."""
    named = {"path": source.shown, "sheet": source.sheet, "layer": source.layer}
    parts = [f"{name} = {_toml(value)}" for name, value in named.items() if value is not None]
    if constants:
        inner = ", ".join(f"{name} = {_toml(value)}" for name, value in constants.items())
        parts.append(f"constants = {{ {inner} }}")
    return _toml(source.shown) if len(parts) == 1 else f"{{ {', '.join(parts)} }}"


def _toml(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
