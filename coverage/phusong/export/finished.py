"""A finished output folder, read back to be written in other formats.

Knows where `pipeline` puts tables and rasters and that nothing was altered
since; knows no other format.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shapely.errors import ShapelyError

from ..errors import InputError, Problem
from ..i18n import Bilingual
from ..tables import INDICATORS, Field, Table
from .folder import recover_output
from .geojson import read_layer
from .layers import Layer
from .manifest import DICTIONARY, MANIFEST, FileDigest, differences, read_manifest
from .schema import VERSION

_NAME = re.compile(r"[a-z][a-z0-9_]*")


def table_file(table: Table) -> str:
    """Return where an output folder keeps a table, relative to it.

    Parameters
    ----------
    table : Table
        Of `tables.RESULT_TABLES`.

    Returns
    -------
    str
        With slashes.

    Examples
    --------
    >>> from phusong.tables import GAPS
    >>> table_file(GAPS), table_file(INDICATORS)
    ('geojson/gaps.geojson', 'report/indicators.json')
    """
    if table.geometry is not None:
        return f"geojson/{table.name}.geojson"
    return f"{'report' if table.name == INDICATORS.name else 'tables'}/{table.name}.json"


@dataclass(frozen=True, kw_only=True, eq=False)
class Finished:
    """An output folder that phusong wrote and nobody altered.

    Parameters
    ----------
    folder : Path
        Where it lies.
    parameters : mapping
        The study's settings, as its manifest tells them.
    versions : mapping of str to str
        Of phusong and of the libraries that made it.
    inputs : tuple of FileDigest
        The study's files, as they were.
    tables : mapping
        Its tables by name, repeating fields written out.
    rasters : mapping
        Path of each GeoTIFF by name, such as ``margin_db_mobile``.
    files : frozenset of str
        Every file that its manifest lists, relative to it, with slashes.
    """

    folder: Path
    parameters: Mapping[str, Any]
    versions: Mapping[str, str]
    inputs: tuple[FileDigest, ...]
    tables: Mapping[str, Table]
    rasters: Mapping[str, Path]
    files: frozenset[str]

    def layer(self, name: str) -> Layer:
        """Return one of its tables.

        Parameters
        ----------
        name : str
            One of `tables`.

        Returns
        -------
        Layer
            As it was written.

        Raises
        ------
        InputError
            If its file is not what its dictionary says.
        """
        table = self.tables[name]
        file = table_file(table)
        with understood(file):
            return read_layer((self.folder / file).read_bytes(), table)


def open_finished(folder: Path) -> Finished:
    """Open an output folder and make sure that it is whole and unaltered.

    Parameters
    ----------
    folder : Path
        An output of ``phusong run``.

    Returns
    -------
    Finished

    Raises
    ------
    InputError
        If phusong did not write it, another version of the exports did, or a
        file was changed or removed since.
    """
    recover_output(folder)
    manifest = read_manifest(folder)
    if not manifest.is_result:
        raise InputError([Problem(message="export.not_a_result", file=f"{folder.name}/{MANIFEST}")])
    found = differences(folder, manifest)
    altered = sorted({*found.missing, *found.changed})
    if altered:
        raise InputError([Problem(message="export.altered", file=name) for name in altered])
    with understood(DICTIONARY):
        dictionary = json.loads((folder / DICTIONARY).read_bytes())
        if dictionary["version"] != VERSION:
            raise InputError(
                [
                    Problem(
                        message="export.other_version",
                        file=DICTIONARY,
                        value=dictionary["version"],
                        values={"expected": VERSION},
                    )
                ]
            )
        tables = [_table(entry) for entry in dictionary["tables"]]
    listed = frozenset(entry.path for entry in manifest.outputs)
    rasters = sorted(name for name in listed if re.fullmatch(r"rasters/\w+\.tif", name))
    return Finished(
        folder=folder,
        parameters=manifest.parameters,
        versions=manifest.versions,
        inputs=manifest.inputs,
        tables={table.name: table for table in tables if table_file(table) in listed},
        rasters={Path(name).stem: folder / name for name in rasters},
        files=listed,
    )


@contextmanager
def understood(file: str) -> Iterator[None]:
    """Turn what does not fit in a file of an output folder into a planned fault.

    Parameters
    ----------
    file : str
        Its name in messages.

    Yields
    ------
    None

    Raises
    ------
    InputError
        If the block raised what reading a file may, such as `KeyError`.

    Examples
    --------
    >>> try:
    ...     with understood("geojson/schema/dictionary.json"):
    ...         {}["tables"]
    ... except InputError as fault:
    ...     [(problem.message, problem.file) for problem in fault.problems]
    [('export.altered', 'geojson/schema/dictionary.json')]
    """
    try:
        yield
    except InputError:
        raise
    except (
        OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError,
        OverflowError, ShapelyError,
    ) as fault:  # fmt: skip
        raise InputError([Problem(message="export.altered", file=file)]) from fault


def _table(entry: Mapping[str, Any]) -> Table:
    """Return a table as the dictionary describes it; limits and patterns stay with the schema."""
    names = [entry["name"], *(column["name"] for column in entry["columns"])]
    if not all(_NAME.fullmatch(name.lower()) for name in names):
        raise ValueError(names)
    return Table(
        name=entry["name"],
        title=Bilingual(entry["vi"], entry["en"]),
        geometry=entry["geometry"],
        key=tuple(entry["key"]),
        fields=tuple(_field(column) for column in entry["columns"]),
    )


def _field(column: Mapping[str, Any]) -> Field:
    is_share = column["kind"] == "share"
    return Field(
        name=column["name"],
        kind="number" if is_share else column["kind"],
        title=Bilingual(column["vi"], column["en"]),
        unit=column["unit_vi"],
        required=not column["may_be_empty"],
        minimum=0 if is_share else None,
        maximum=1 if is_share else None,
        choices=tuple(column.get("choices", ())),
    )
