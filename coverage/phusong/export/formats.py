"""A finished output folder → files in one format, whole or not at all.

Knows the formats by their suffix and what each can hold; the writers know how.
"""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..errors import ExportError
from .delimited import write_layer_csv
from .finished import Finished, table_file
from .folder import check_output_file, check_output_folder, output_file, output_folder
from .geopackage import write_geopackage
from .kml import write_kml
from .layers import Layer
from .manifest import DICTIONARY, write_manifest
from .office import write_workbook
from .shapefile import write_shapefile
from .styles import Style
from .vectors import write_flatgeobuf, write_geoparquet, write_pmtiles

Styler = Callable[[Sequence[Layer]], Mapping[str, Sequence[Style]]]
"""Returns the styles of layers by table name."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """What a writer may ask for beside its layers.

    Parameters
    ----------
    title : str
        Name of the study.
    crs : str
        CRS of the study.
    semicolon : bool
        CSV as Excel expects it where Windows is set to Vietnamese.
    styles : callable
        See `Styler`.
    """

    title: str
    crs: str
    semicolon: bool
    styles: Styler


Writer = Callable[[Sequence[Layer], Path, Options], None]
"""Writes layers into one file; a format of one layer a file gets one at a time."""


@dataclass(frozen=True, kw_only=True)
class Format:
    """What a format can hold, and what writes it.

    Parameters
    ----------
    write : callable, optional
        See `Writer`; None for what an output folder is kept in already, which is copied.
    whole : bool
        One file holds every layer; otherwise each layer is a file of its own.
    shapes_only : bool
        Tables without geometry cannot be written.
    places_only : bool
        Nor can rows without a place: a layer that has no other is left out.
    rasters : bool
        It holds rasters, no tables.
    suffix : str
        Of its files, if not its name.
    companions : bool
        A file has others beside it that it needs: it goes into a folder.
    """

    write: Writer | None
    whole: bool = False
    shapes_only: bool = False
    places_only: bool = False
    rasters: bool = False
    suffix: str = ""
    companions: bool = False


def _write_kml(layers: Sequence[Layer], path: Path, options: Options) -> None:
    write_kml(layers, path, title=options.title, styles=options.styles(layers))


FORMATS: Mapping[str, Format] = {
    "geojson": Format(write=None, shapes_only=True),
    "gpkg": Format(
        write=lambda layers, path, options: write_geopackage(
            layers, path, styles=options.styles(layers)
        ),
        whole=True,
    ),
    "gpkg-metres": Format(
        write=lambda layers, path, options: write_geopackage(
            layers, path, styles=options.styles(layers), crs=options.crs
        ),
        whole=True,
        suffix="gpkg",
    ),
    "shp": Format(
        write=lambda layers, path, options: write_shapefile(layers[0], path, crs=options.crs),
        shapes_only=True,
        companions=True,
    ),
    "parquet": Format(write=lambda layers, path, _: write_geoparquet(layers[0], path)),
    "fgb": Format(
        write=lambda layers, path, _: write_flatgeobuf(layers[0], path), shapes_only=True
    ),
    "pmtiles": Format(
        write=lambda layers, path, _: write_pmtiles(layers[0], path),
        shapes_only=True,
        places_only=True,
    ),
    "csv": Format(
        write=lambda layers, path, options: write_layer_csv(
            layers[0], path, crs=options.crs, semicolon=options.semicolon
        )
    ),
    "xlsx": Format(
        write=lambda layers, path, options: write_workbook(layers, path, crs=options.crs),
        whole=True,
    ),
    "kml": Format(write=_write_kml, whole=True, shapes_only=True),
    "kmz": Format(write=_write_kml, whole=True, shapes_only=True),
    "tif": Format(write=None, rasters=True),
}
"""The formats by name, which mostly is the suffix of their files: the registry of outputs."""


def convert(
    finished: Finished,
    to: Path,
    *,
    kind: str | None,
    layers: Sequence[str],
    styles: Styler,
    semicolon: bool,
    replace: bool,
) -> tuple[Path, ...]:
    """Write a finished output folder in another format.

    Parameters
    ----------
    finished : Finished
        The output folder.
    to : Path
        A file with the format's suffix, or a folder: absent, empty, or written
        by phusong before.
    kind : str, optional
        One of `FORMATS`; guessed from the suffix of `to` if absent.
    layers : sequence of str
        Tables to write, or rasters for ``tif``; all that the format can hold if
        empty.
    styles : callable
        Returns the styles of layers by table name; asked for the formats that
        carry them.
    semicolon : bool
        CSV as Excel expects it where Windows is set to Vietnamese.
    replace : bool
        Whether `to` may be replaced if it is a file, or a folder of an earlier
        export with work of the user's in it.

    Returns
    -------
    tuple of Path
        The files written, sorted.

    Raises
    ------
    ExportError
        If the format or a layer is unknown, one file cannot hold what is asked
        for, or `to` lies in the output folder itself.
    OutputError
        If `to` must not be replaced, cannot be written, is the output of a run
        or lies in another folder that phusong wrote.
    InputError
        If a file of the output folder is not what its dictionary says.
    """
    name = _format(to, kind)
    if Path(os.path.realpath(to)).is_relative_to(os.path.realpath(finished.folder)):
        raise ExportError("export.inside_results", to=to, folder=finished.folder)
    suffix = FORMATS[name].suffix or name
    is_file = to.suffix.lower() == f".{suffix}"
    if is_file and FORMATS[name].companions:
        raise ExportError("export.into_folder", format=name, to=to)
    if is_file:
        check_output_file(to, replace=replace)
    else:
        check_output_folder(to, replace=replace)
    chosen = _chosen(finished, name, layers)
    parts = _parts(finished, name, chosen, styles=styles, semicolon=semicolon)
    if is_file:
        if len(parts) != 1:
            raise ExportError("export.one_layer_a_file", format=name, layers=", ".join(chosen))
        with output_file(to, replace=replace) as path:
            parts[0].write(path)
        return (to,)
    with output_folder(to, replace=replace) as folder:
        for part in parts:
            part.write(folder / f"{part.stem}.{suffix}")
        for companion in _companions(finished, name, chosen):
            shutil.copyfile(companion, folder / companion.name)
        sources = [_source(finished, layer) for layer in chosen]
        write_manifest(
            folder,
            parameters={"format": name, "layers": chosen, "study": finished.parameters},
            inputs={source.relative_to(finished.folder).as_posix(): source for source in sources},
        )
        written = sorted(path.name for path in folder.iterdir())
    return tuple(to / file for file in written)


def _format(to: Path, kind: str | None) -> str:
    """Return the format asked for or guessed; a suffix of another format is a mistake."""
    suffix = to.suffix.lower().removeprefix(".")
    name = suffix if kind is None else kind.lower()
    if name not in FORMATS:
        raise ExportError("export.unknown_format", format=name or "–", known=", ".join(FORMATS))
    if suffix in FORMATS and suffix not in (name, FORMATS[name].suffix):
        raise ExportError("export.two_formats", suffix=suffix, format=name)
    return name


def _chosen(finished: Finished, kind: str, layers: Sequence[str]) -> list[str]:
    """Return the layers asked for, or all that the format can hold."""
    if FORMATS[kind].rasters:
        known = list(finished.rasters)
    else:
        shapes_only = FORMATS[kind].shapes_only
        known = [
            name
            for name, table in finished.tables.items()
            if table.geometry is not None or not shapes_only
        ]
    unknown = [name for name in layers if name not in known]
    if unknown or not known:
        raise ExportError(
            "export.unknown_layer",
            layers=", ".join(unknown) or "–",
            format=kind,
            known=", ".join(known) or "–",
        )
    return [name for name in known if name in layers] if layers else known


@dataclass(frozen=True)
class _Part:
    """One file: its name without suffix, and what writes it."""

    stem: str
    write: Callable[[Path], None]


def _parts(
    finished: Finished, kind: str, names: Sequence[str], *, styles: Styler, semicolon: bool
) -> list[_Part]:
    """Return the files that hold the named layers."""
    form = FORMATS[kind]
    if form.write is None:
        return [_Part(name, partial(shutil.copyfile, _source(finished, name))) for name in names]
    layers = [finished.layer(name) for name in names]
    if form.places_only:
        layers = [layer for layer in layers if layer.located.any()]
        if not layers:
            raise ExportError("export.nothing_placed", layers=", ".join(names))
    options = Options(
        title=str(finished.parameters["name"]),
        crs=finished.parameters["crs"],
        semicolon=semicolon,
        styles=styles,
    )
    if form.whole:
        files = [(Path(os.path.realpath(finished.folder)).name, layers)]
    else:
        files = [(layer.name, [layer]) for layer in layers]
    return [_Part(stem, partial(_write, form.write, held, options)) for stem, held in files]


def _write(write: Writer, layers: Sequence[Layer], options: Options, path: Path) -> None:
    write(layers, path, options)


def _source(finished: Finished, layer: str) -> Path:
    if layer in finished.rasters:
        return finished.rasters[layer]
    return finished.folder / table_file(finished.tables[layer])


def _companions(finished: Finished, kind: str, names: Sequence[str]) -> list[Path]:
    """Return what explains the layers: colours beside rasters, schemas, the data dictionary."""
    if FORMATS[kind].rasters:
        styles = [finished.rasters[name].with_suffix(".qml") for name in names]
        return [style for style in styles if style.exists()]
    if FORMATS[kind].whole:
        return []
    dictionary = finished.folder / DICTIONARY
    schemas = [dictionary.parent / f"{name}.schema.json" for name in names if kind == "geojson"]
    return [dictionary, *schemas]
