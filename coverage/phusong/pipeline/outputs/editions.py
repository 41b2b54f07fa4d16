"""What of a finished output folder the public, the house, or few may have.

The policy is a TOML file that the department edits; what it does not name stays in the restricted
edition. Nothing is computed: columns, rows and rasters that an audience may not have are left out
before a page or a file is made.
"""

import os
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace as with_
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..._settings import problem_of, read_toml
from ...errors import ExportError, InputError, OutputError, Problem
from ...export import (
    MANIFEST,
    Finished,
    Layer,
    mark_cog,
    open_finished,
    output_file,
    output_folder,
    read_manifest,
    recover_output,
    understood,
    write_manifest,
)
from ...i18n import Bilingual, both, text, words
from ...maps import MapData
from ...study import Study
from ...tables import INDICATORS, RESULT_TABLES, SITING_TABLES, Table
from ..parts import PARTS
from ..parts.coverage.count import PROBABILITY, RASTERS
from .maps import CONTEXT
from .sheets import FinishedMaps, frame_of, study_of
from .tables_folder import TablesFolder, raster_meanings, write_tables

Audience = Literal["public", "internal", "restricted"]
AUDIENCES: tuple[Audience, ...] = get_args(Audience)
POLICY_FILE = "audiences.toml"
LARGEST_POLICY_BYTES = 200_000
EVERY = "*"
KINDS = (*RASTERS, PROBABILITY)
SERVERS_FILE = "best_server.csv"
_NAMING_CELLS = ("best_server_", "second_server_")
TABLES: Mapping[str, Table] = {**RESULT_TABLES, **SITING_TABLES}
"""What a policy speaks of: the tables of a result, and of a plan of sites."""
TOLD = (
    "name", "name_en", "province", "province_code", "edition", "as_of", "crs", "resolution_m",
    "services", "targets", "calibration", "notice",
)  # fmt: skip
"""The settings that stand in the manifest of an edition for less than the few."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


Listed = Annotated[tuple[str, ...], Field(strict=False)]
Metres = Annotated[float, Field(gt=0, le=100_000)]


class _Names(_Section):
    """Whom what may reach; what is not named is for few."""

    public: Listed = ()
    internal: Listed = ()

    def admits(self, name: str, audience: Audience) -> bool:
        """Tell whether an audience may have what is called so."""
        if audience == "restricted":
            return True
        named = self.public if audience == "public" else (*self.public, *self.internal)
        return name in named or EVERY in named


class _Columns(_Names):
    round_m: dict[Literal["public", "internal"], Metres] = {}

    def step_m(self, audience: Audience) -> float | None:
        """Return how far places are rounded; for the public never less than for the house."""
        if audience == "restricted":
            return None
        own = [audience] if audience == "internal" else ["public", "internal"]
        return max((step for name, step in self.round_m.items() if name in own), default=None)


class Policy(_Section):
    """What each edition carries, as a policy file says it."""

    tables: dict[str, _Columns]
    indicators: _Names = _Names()
    rasters: _Names = _Names()


def open_policy(path: Path | str | None = None) -> Policy:
    """Read a policy of editions, or the shipped one.

    Parameters
    ----------
    path : path, optional
        A TOML file such as the shipped one, ``phusong publish --policy-to FILE`` writes it.

    Returns
    -------
    Policy

    Raises
    ------
    InputError
        With every fault of the file: TOML syntax, unknown keys, tables or columns, a table
        without the columns that identify its rows, and rounding of what is no point.

    Examples
    --------
    >>> open_policy().tables["stations"].admits("station_id", "public")
    False
    """
    if path is None:
        with as_file(files(__package__).joinpath(POLICY_FILE)) as shipped:
            return open_policy(shipped)
    file = Path(path)
    if not file.is_file():
        raise InputError([Problem(message="editions.absent", file=file.name)])
    keys = read_toml(file, room="editions", largest_bytes=LARGEST_POLICY_BYTES)[1]
    try:
        policy = Policy.model_validate(keys)
    except ValidationError as invalid:
        raise InputError(
            problem_of(error, room="editions", file=file.name) for error in invalid.errors()
        ) from None
    problems = [
        *_unknown(policy, file.name),
        *_unknown_rasters(policy, file.name),
        *_without_key(policy, file.name),
        *_without_points(policy, file.name),
    ]
    if problems:
        raise InputError(problems)
    return policy


def write_policy(path: Path | str) -> Path:
    """Write the shipped policy of editions into a new file, to be edited.

    Parameters
    ----------
    path : path

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    ExportError
        If the file exists.
    OutputError
        If it cannot be written, or lies in a folder that phusong wrote.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     open_policy(write_policy(Path(folder) / "ours.toml")) == open_policy()
    True
    """
    file = Path(path)
    if file.exists():
        raise ExportError("editions.policy_exists", file=file)
    with output_file(file, replace=False) as fresh:
        fresh.write_bytes(files(__package__).joinpath(POLICY_FILE).read_bytes())
    return file


def _unknown(policy: Policy, file: str) -> Iterable[Problem]:
    for name, columns in policy.tables.items():
        known = {EVERY, *TABLES[name].columns} if name in TABLES else set()
        if not known:
            yield Problem(message="editions.unknown_table", file=file, key=f"tables.{name}")
        for audience in ("public", "internal"):
            for column in getattr(columns, audience) if known else ():
                if column not in known:
                    yield Problem(
                        message="editions.unknown_column",
                        file=file,
                        key=f"tables.{name}.{audience}",
                        value=column,
                    )


def _unknown_rasters(policy: Policy, file: str) -> Iterable[Problem]:
    known = {EVERY, *(kind.name for kind in KINDS), *(kind.class_file for kind in KINDS)}
    for audience in ("public", "internal"):
        for name in getattr(policy.rasters, audience):
            if name not in known:
                yield Problem(
                    message="editions.unknown_raster",
                    file=file,
                    key=f"rasters.{audience}",
                    value=name,
                    values={"known": ", ".join(sorted(filter(None, known)))},
                )


def require_known_indicators(policy: Policy, path: Path | str | None, study: Study) -> None:
    """Refuse a policy that names indicators which the board of no study like this has.

    Raises
    ------
    InputError
        With every one of them.
    """
    if path is None:
        return
    shipped = open_policy().indicators
    known = {EVERY, *shipped.public, *shipped.internal, *(row.indicator for row in study.published)}
    for part in PARTS:
        for indicator in part.indicators(study):
            known |= {indicator.name, without_service(indicator.name, study)}
    problems = [
        Problem(
            message="editions.unknown_indicator",
            file=Path(path).name,
            key=f"indicators.{audience}",
            value=name,
        )
        for audience in ("public", "internal")
        for name in getattr(policy.indicators, audience)
        if name not in known
    ]
    if problems:
        raise InputError(problems)


def without_service(name: str, study: Study) -> str:
    """Return the name of an indicator or raster without the service that it ends in."""
    ends = [f"_{one.id}" for one in study.services if name.endswith(f"_{one.id}")]
    return name.removesuffix(max(ends, key=len)) if ends else name


def _without_key(policy: Policy, file: str) -> Iterable[Problem]:
    for name, columns in policy.tables.items():
        for audience in ("public", "internal") if name in TABLES else ():
            table = TABLES[name]
            some = any(columns.admits(column, audience) for column in table.columns)
            board = table.name == INDICATORS.name  # a figure says nothing without its definition
            needed = table.columns if board else table.key
            lacking = [one for one in needed if not columns.admits(one, audience)]
            if some and lacking:
                yield Problem(
                    message="editions.board_needed" if board else "editions.key_needed",
                    file=file,
                    key=f"tables.{name}.{audience}",
                    values={"columns": ", ".join(lacking)},
                )


def _without_points(policy: Policy, file: str) -> Iterable[Problem]:
    """Refuse to round lines and areas: their corners would fall together."""
    for name, columns in policy.tables.items():
        if columns.round_m and name in TABLES and TABLES[name].geometry != "Point":
            yield Problem(message="editions.no_points", file=file, key=f"tables.{name}.round_m")


def publish_results(
    out: Path | str,
    to: Path | str,
    *,
    audience: str,
    policy: Path | str | None = None,
    study_folder: Path | str | None = None,
    replace: bool = False,
) -> Path:
    """Write the edition of a finished output folder that an audience may have.

    Tables, maps for the screen and for paper, workbook, GeoJSON, GeoPackage and a start page, all
    without what the policy keeps from the audience; the edition is named on every page, sheet and
    table. The folder appears whole or not at all, and readers of an earlier one never see half.

    Parameters
    ----------
    out : path
        What ``phusong run --out`` wrote, unaltered.
    to : path
        Absent, empty, or an earlier edition.
    audience : {"public", "internal", "restricted"}
        The restricted edition has every table.
    policy : path, optional
        A TOML file; the shipped one if absent.
    study_folder : path, optional
        The study that the folder was made from; its relief, roads and rivers are drawn.
    replace : bool
        As for `Result.write`.

    Returns
    -------
    Path
        The landing page, ``index.html``.

    Raises
    ------
    InputError
        If `out` is no output folder of this version or was altered, or the policy is faulty.
    ExportError
        If the audience is unknown, has nothing at all, `out` is itself an edition, or `to` lies
        in the output folder.
    OutputError
        If `to` must not be replaced or cannot be written.

    Examples
    --------
    ``publish_results("ket-qua", "cong-khai", audience="public")`` after a run; without one:

    >>> try:
    ...     publish_results("no/such/folder", "cong-khai", audience="public")
    ... except InputError as fault:
    ...     print(fault.problems[0].render("en"))
    folder/manifest.json: this is no output folder of phusong run. Name the folder that ...
    """
    known = next((one for one in AUDIENCES if one == audience), None)
    if known is None:
        raise ExportError("editions.unknown_audience", audience=audience)
    rules, finished, target = open_policy(policy), open_finished(Path(out)), Path(to)
    if "audience" in finished.parameters:
        raise ExportError("editions.from_edition", folder=finished.folder)
    if Path(os.path.realpath(target)).is_relative_to(os.path.realpath(finished.folder)):
        raise ExportError("export.inside_results", to=target, folder=finished.folder)
    _require_edition(target)
    home = None if study_folder is None else Path(study_folder)
    with understood(MANIFEST):
        study = study_of(finished, finished.folder if home is None else home)
        require_known_indicators(rules, policy, study)
        cut = Cut(rules, known, study)
        parameters = cut.parameters(finished.parameters)
    layers = {
        name: layer
        for name in finished.tables
        if (layer := cut.layer(finished.layer(name))) is not None
    }
    if not layers:
        raise ExportError("editions.nothing", audience=audience)
    marked = cut.marked_study()
    rasters = [name for name in finished.rasters if cut.raster(name)]
    with output_folder(target, replace=replace, results=True) as folder:
        _copy_rasters(finished, {name: cut.quantity(name) for name in rasters}, folder, cut.marking)
        write_tables(
            TablesFolder(
                study=marked,
                layers=layers,
                drawn=cut.drawn(FinishedMaps(finished, study, home).everything(), layers),
                parameters=parameters,
                notes=(cut.marking, *cut.left_out(finished.tables.values(), layers)),
                meanings=raster_meanings(folder),
                indicators=_board(layers, study.crs),
            ),
            folder,
        )
        write_manifest(folder, parameters=parameters, inputs={})
    return target / "index.html"


def _require_edition(target: Path) -> None:
    """Refuse to put an edition in the place of a run's own results."""
    recover_output(target)
    with suppress(InputError):  # no folder of phusong's: `output_folder` judges it
        manifest = read_manifest(target)
        if manifest.is_result and "audience" not in manifest.parameters:
            raise OutputError("export.is_result", folder=target)


def _copy_rasters(
    finished: Finished, quantities: Mapping[str, str], folder: Path, marking: Bilingual
) -> None:
    """Copy rasters, by name and quantity, with the edition among their tags, and their styles."""
    names, averaged = set(quantities), {one.name for one in KINDS if one.overviews == "AVERAGE"}
    for name, quantity in quantities.items():
        (folder / "rasters").mkdir(exist_ok=True)
        path = finished.rasters[name]
        with understood(f"rasters/{path.name}"):
            mark_cog(
                path,
                folder / "rasters" / path.name,
                overviews="AVERAGE" if quantity in averaged else "NEAREST",
                marking=f"{marking.vi} / {marking.en}",
            )
        style = path.with_suffix(".qml")
        if style.exists():
            shutil.copyfile(style, folder / "rasters" / style.name)
    servers = finished.folder / "rasters" / SERVERS_FILE
    if servers.exists() and any(name.startswith(_NAMING_CELLS) for name in names):
        shutil.copyfile(servers, folder / "rasters" / SERVERS_FILE)


def _board(layers: Mapping[str, Layer], crs: str) -> pd.DataFrame:
    """Return the rows of the board with the types that they had."""
    if INDICATORS.name not in layers:
        return pd.DataFrame(columns=list(INDICATORS.columns))
    return frame_of(layers[INDICATORS.name], crs, INDICATORS.columns)


class Cut:
    """What one audience may have of one study's results."""

    def __init__(self, policy: Policy, audience: Audience, study: Study) -> None:
        self._policy, self._audience, self._study = policy, audience, study
        self._services = [service.id for service in study.services]
        self.marking = words(f"editions.marking_{audience}")

    def layer(self, layer: Layer) -> Layer | None:
        """Return what may be had of a table; None if that is nothing."""
        marked = with_(layer, notice=self._notice(layer.notice))
        if self._audience == "restricted":
            return marked
        allowed = self._policy.tables.get(layer.name, _Columns())
        fields = tuple(
            field for field in layer.table.fields if self._admitted(allowed, field.name, layer.name)
        )
        if not fields:
            return None
        names = [field.name for field in fields]
        table = with_(layer.table, fields=fields)
        rows = [
            {name: row[name] for name in names}
            for row in layer.rows
            if layer.name != INDICATORS.name or self._indicator(str(row["indicator"]))
        ]
        step_m = allowed.step_m(self._audience)
        shapes = layer.shapes
        if step_m is not None and shapes is not None:
            shapes = _rounded(shapes, step_m, self._study.crs)
        return with_(marked, table=table, rows=rows, shapes=shapes)

    def raster(self, name: str) -> bool:
        """Tell whether a raster may be had."""
        return self._policy.rasters.admits(self.quantity(name), self._audience)

    def quantity(self, name: str) -> str:
        """Return what a raster holds: its name without the service."""
        return without_service(name, self._study)

    def drawn(self, everything: MapData, layers: Mapping[str, Layer]) -> MapData:
        """Return what maps are drawn from: the tables there are, and the study's surroundings."""
        study = self.marked_study()
        around = {name: everything.tables[name] for name in CONTEXT if name in everything.tables}
        own = {
            name: frame_of(layer, study.crs)
            for name, layer in layers.items()
            if layer.shapes is not None
        }
        rasters = {kind: one for kind, one in everything.rasters.items() if self.raster(kind)}
        cells = everything.cells if "best_server" in rasters else None
        return with_(
            everything, title=study.title, tables={**around, **own}, rasters=rasters, cells=cells
        )

    def marked_study(self) -> Study:
        """Return the study under a name that tells the edition."""
        name, name_en = (
            f"{self._study.title[lang]} – {self.marking[lang]}" for lang in ("vi", "en")
        )
        return self._study.model_copy(update={"name": name, "name_en": name_en})

    def parameters(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the manifest tells of the settings."""
        study = self.marked_study()
        told = given if self._audience == "restricted" else {name: given[name] for name in TOLD}
        names = {"name": study.name, "name_en": study.name_en}
        return {**told, **names, "audience": self._audience}

    def left_out(self, tables: Iterable[Table], layers: Mapping[str, Layer]) -> list[Bilingual]:
        """Say which tables this edition does not have."""
        gone = [table.title for table in tables if table.name not in layers]
        if not gone:
            return []
        return [
            both(
                lambda lang: text(
                    "editions.left_out", lang, tables=", ".join(title[lang] for title in gone)
                )
            )
        ]

    def _notice(self, given: Bilingual | None) -> Bilingual:
        if given is None:
            return self.marking
        return both(lambda lang: f"{self.marking[lang]}. {given[lang]}")

    def _admitted(self, allowed: _Columns, column: str, table: str) -> bool:
        """Tell whether a column may be had; if its name can be read twice, both must be."""
        readings = [
            field.name
            for field in TABLES[table].fields
            if (not field.per and column == field.name)
            or (field.per == "prerequisite" and column.startswith(f"{field.name}_"))
            or (field.per == "service" and self._is_of_service(column, field.name))
        ]
        return bool(readings) and all(allowed.admits(one, self._audience) for one in readings)

    def _is_of_service(self, column: str, name: str) -> bool:
        return column in {f"{name}_{service}" for service in self._services}

    def _indicator(self, name: str) -> bool:
        allowed = self._policy.indicators
        return allowed.admits(name, self._audience) or allowed.admits(
            without_service(name, self._study), self._audience
        )


def _rounded(shapes: Any, step_m: float, crs: str) -> Any:
    """Move points to the middle of squares of the study's CRS."""
    there = ~shapely.is_missing(shapes)
    metres = gpd.GeoSeries(shapes[there], crs="EPSG:4326").to_crs(crs)
    middle = shapely.transform(metres.to_numpy(), lambda xy: (np.floor(xy / step_m) + 0.5) * step_m)
    rounded = shapes.copy()
    rounded[there] = shapely.set_precision(
        gpd.GeoSeries(middle, crs=crs).to_crs("EPSG:4326").to_numpy(), 1e-6
    )
    return rounded
