"""A result carried to another administrative edition, in Python and as a folder of files.

From a result at hand or from a finished folder; `recast` computes the tables.
"""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import geopandas as gpd
import pandas as pd

from ...export import (
    MANIFEST,
    Finished,
    Layer,
    open_finished,
    output_folder,
    understood,
    write_csv,
    write_manifest,
)
from ...export.manifest import FileDigest
from ...i18n import both, words
from ...maps import MapData
from ...study import Study
from ...tables import RESULT_TABLES
from ..gathered import Gathered
from ..records import Note
from .folder import (
    layers_as_written,
    parameters_of,
    write_rasters,
)
from .given import inputs_of
from .maps import layers_of
from .recast import recast_layers
from .recast_target import find_target
from .record import write_record
from .sheets import FinishedMaps, frame_of, study_of
from .tables_folder import TablesFolder, raster_meanings, write_tables

CROSSWALK_FILE = "crosswalk.csv"

Given: TypeAlias = pd.DataFrame | Path | str | None
Outlines: TypeAlias = gpd.GeoDataFrame | Path | str | None


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Recast:
    """A result for the communes of another administrative edition.

    Parameters
    ----------
    study : Study
        As it was run, but for its edition.
    layers : mapping of str to Layer
        Tables by name.
    crosswalk : DataFrame
        Who went where, as `tables.CROSSWALK`.
    notes : tuple of Note
        What was divided and how, and what was left out.
    before : MapData
        What the maps of the result itself are drawn from.
    parameters : mapping
        The settings of the run.
    inputs : mapping of str to Path
        The files that the result was made from, as far as they are there.
    digests : tuple of FileDigest
        What is known of those that are not.
    rasters : callable
        Writes the rasters, which know no communes, into a folder.
    """

    study: Study
    layers: Mapping[str, Layer]
    crosswalk: pd.DataFrame
    notes: tuple[Note, ...]
    before: Callable[[], MapData]
    parameters: Mapping[str, Any]
    inputs: Mapping[str, Path]
    digests: tuple[FileDigest, ...]
    rasters: Callable[[Path], None]

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table by name, in the study's CRS; columns without a value are absent."""
        return {name: frame_of(layer, self.study.crs) for name, layer in self.layers.items()}

    @property
    def communes(self) -> gpd.GeoDataFrame:
        """The communes of the other edition."""
        return frame_of(self.layers["communes"], self.study.crs)

    def __repr__(self) -> str:
        counts = ", ".join(f"{name}: {len(one.rows)}" for name, one in self.layers.items())
        return f"<Recast {self.study.name!r} {self.study.edition}: {counts}>"

    def write(self, folder: Path | str, *, replace: bool = False) -> Path:
        """Write an output folder like that of a run, and return its landing page.

        It has tables, rasters, maps, the workbook and ``crosswalk.csv``; no board, no
        catalogue and no fibre document, which are those of the run. `export_results` and
        `print_results` read it.

        Parameters
        ----------
        folder : path
            Absent, empty, or written by phusong before.
        replace : bool
            As for `Result.write`.

        Returns
        -------
        Path
            The landing page, ``index.html``.

        Raises
        ------
        OutputError
            As for `Result.write`.
        """
        folder = Path(folder)
        with output_folder(folder, replace=replace, results=True) as out:
            self.rasters(out)
            write_csv(self.crosswalk, out / CROSSWALK_FILE)
            (out / "report").mkdir()
            write_record(
                out,
                notes=self.notes,
                tables=self.tables,
                definitions={name: layer.table for name, layer in self.layers.items()},
            )
            write_tables(
                TablesFolder(
                    study=self.study,
                    layers=self.layers,
                    drawn=self._drawn(),
                    parameters=self.parameters,
                    notes=tuple(both(note.render) for note in self.notes),
                    meanings={
                        **raster_meanings(out),
                        CROSSWALK_FILE: words("admin.file_crosswalk"),
                    },
                ),
                out,
            )
            write_manifest(
                out, parameters=self.parameters, inputs=self.inputs, digests=self.digests
            )
        return folder / "index.html"

    def _drawn(self) -> MapData:
        """Return what maps are drawn from: the new tables in place of the old."""
        before = self.before()
        placed = {name: layer for name, layer in self.layers.items() if layer.shapes is not None}
        gone = {name for name in before.tables if name in ("districts", "province")}
        return replace(
            before,
            tables={
                **{name: table for name, table in before.tables.items() if name not in gone},
                **{name: frame_of(layer, self.study.crs) for name, layer in placed.items()},
            },
            boundaries=self.study.sources_note,
        )


def recast_gathered(
    gathered: Gathered, edition: str, *, crosswalk: Given, boundaries: Outlines
) -> Recast:
    """Carry a result at hand to another edition."""
    return _recast(
        {layer.name: layer for layer in layers_as_written(gathered)},
        gathered.study,
        edition,
        crosswalk=crosswalk,
        boundaries=boundaries,
        before=partial(layers_of, gathered),
        parameters=parameters_of(gathered),
        inputs=inputs_of(gathered.study),
        digests=(),
        rasters=partial(write_rasters, gathered),
    )


def recast_results(
    out: Path | str,
    edition: str,
    *,
    crosswalk: pd.DataFrame | Path | str | None = None,
    boundaries: gpd.GeoDataFrame | Path | str | None = None,
    study_folder: Path | str | None = None,
) -> Recast:
    """Carry a finished output folder to another administrative edition.

    Parameters
    ----------
    out : path
        What ``phusong run --out`` wrote, unaltered.
    edition : str
        A year, such as ``"2025"``: see `phusong.admin`.
    crosswalk : DataFrame or path, optional
        A table of the user's own, as `tables.CROSSWALK`.
    boundaries : GeoDataFrame or path, optional
        The communes of the edition, as `tables.COMMUNES`. Without them their outlines are the
        old ones joined.
    study_folder : path, optional
        The study that the folder was made from; its relief, roads and rivers are drawn.

    Returns
    -------
    Recast

    Raises
    ------
    EditionError
        If the folder has no communes or they are not of its edition, there is no way from it
        to the other, or communes are divided by weights and there are no boundaries.
    InputError
        If `out` is no output folder of this version or was altered, or the crosswalk or
        the boundaries are faulty.

    Examples
    --------
    ``recast_results("ket-qua", "2025").write("ket-qua-2025")`` after a run; without one:

    >>> from phusong.errors import InputError
    >>> try:
    ...     recast_results("no/such/folder", "2025")
    ... except InputError as fault:
    ...     print(fault.problems[0].render("en"))
    folder/manifest.json: this is no output folder of phusong run. Name the folder that ...
    """
    finished = open_finished(Path(out))
    home = None if study_folder is None else Path(study_folder)
    with understood(MANIFEST):
        study = study_of(finished, finished.folder if home is None else home)
    return recast_finished(
        finished, study, home, edition, crosswalk=crosswalk, boundaries=boundaries
    )


def recast_finished(
    finished: Finished,
    study: Study,
    home: Path | None,
    edition: str,
    *,
    crosswalk: Given,
    boundaries: Outlines,
) -> Recast:
    """Carry an opened folder to another edition."""

    def copy_rasters(to: Path) -> None:
        if (finished.folder / "rasters").is_dir():
            shutil.copytree(finished.folder / "rasters", to / "rasters")

    return _recast(
        {name: _defined(finished.layer(name), study) for name in finished.tables},
        study,
        edition,
        crosswalk=crosswalk,
        boundaries=boundaries,
        before=FinishedMaps(finished, study, home).everything,
        parameters=finished.parameters,
        inputs={},
        digests=finished.inputs,
        rasters=copy_rasters,
    )


def _defined(layer: Layer, study: Study) -> Layer:
    """Return a layer of a folder with what its dictionary leaves out: limits, patterns, sheet."""
    table = RESULT_TABLES[layer.name]
    known = {
        field.name: field
        for field in table.expand({"service": [one.id for one in study.services]}).fields
    }
    fields = tuple(
        replace(known[field.name], title=field.title) if field.name in known else field
        for field in layer.table.fields
    )
    return replace(layer, table=replace(table, fields=fields))


def _recast(
    layers: Mapping[str, Layer],
    study: Study,
    edition: str,
    *,
    crosswalk: Given,
    boundaries: Outlines,
    parameters: Mapping[str, Any],
    **rest: Any,
) -> Recast:
    target = find_target(layers, study, edition, crosswalk=crosswalk, boundaries=boundaries)
    found = recast_layers(layers, study, target)
    changes: dict[str, Any] = {"edition": edition}
    if boundaries is not None:
        changes["boundaries"] = None
    pairs = target.crosswalk.sort_values(["from_code", "to_code"], ignore_index=True)
    return Recast(
        study=study.model_copy(update=changes),
        layers=found.layers,
        crosswalk=pairs,
        notes=found.notes,
        parameters={**parameters, **changes, "recast_from": study.edition},
        **rest,
    )
