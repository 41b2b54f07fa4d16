"""A finished output folder, read back to be written in other formats.

Knows where `pipeline` puts tables and rasters and that nothing was altered
since; knows no other format.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InputError, Problem
from ..tables import INDICATORS, Field, Table
from .geojson import read_layer
from .layers import Layer
from .manifest import MANIFEST, WRITTEN_BY
from .schema import VERSION

DICTIONARY = "geojson/schema/dictionary.json"
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
    tables : mapping
        Its tables by name, repeating fields written out.
    rasters : mapping
        Path of each GeoTIFF by name, such as ``margin_db_mobile``.
    """

    folder: Path
    parameters: Mapping[str, Any]
    tables: Mapping[str, Table]
    rasters: Mapping[str, Path]

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
        try:
            return read_layer((self.folder / file).read_bytes(), table)
        except (OSError, ValueError, KeyError, TypeError) as fault:
            raise InputError([Problem(message="export.altered", file=file)]) from fault


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
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        ours = manifest["written_by"] == WRITTEN_BY
        listed = {str(entry["path"]): str(entry["sha256"]) for entry in manifest["outputs"]}
        parameters = dict(manifest["parameters"])
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        ours, listed, parameters = False, {}, {}
    if not ours or DICTIONARY not in listed:
        raise InputError([Problem(message="export.not_a_result", file=MANIFEST)])
    altered = [name for name, digest in sorted(listed.items()) if _digest(folder / name) != digest]
    if altered:
        raise InputError([Problem(message="export.altered", file=name) for name in altered])
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
    rasters = sorted(name for name in listed if re.fullmatch(r"rasters/\w+\.tif", name))
    return Finished(
        folder=folder,
        parameters=parameters,
        tables={table.name: table for table in tables if table_file(table) in listed},
        rasters={Path(name).stem: folder / name for name in rasters},
    )


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _table(entry: Mapping[str, Any]) -> Table:
    """Return a table as the dictionary describes it; limits and patterns stay with the schema."""
    try:
        names = [entry["name"], *(column["name"] for column in entry["columns"])]
        if not all(_NAME.fullmatch(name.lower()) for name in names):
            raise ValueError(names)
        return Table(
            name=entry["name"],
            vi=entry["vi"],
            en=entry["en"],
            geometry=entry["geometry"],
            key=tuple(entry["key"]),
            fields=tuple(_field(column) for column in entry["columns"]),
        )
    except (ValueError, KeyError, TypeError) as fault:
        raise InputError([Problem(message="export.altered", file=DICTIONARY)]) from fault


def _field(column: Mapping[str, Any]) -> Field:
    is_share = column["kind"] == "share"
    return Field(
        name=column["name"],
        kind="number" if is_share else column["kind"],
        vi=column["vi"],
        en=column["en"],
        unit=column["unit_vi"],
        required=not column["may_be_empty"],
        minimum=0 if is_share else None,
        maximum=1 if is_share else None,
        choices=tuple(column.get("choices", ())),
    )
