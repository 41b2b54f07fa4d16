"""A finished output folder in a database, under a schema of its own."""

import datetime
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from ...errors import ExportError
from ...export import MANIFEST, State, Written, open_finished, understood, write_database
from ...study import DATABASES, address_fault

_SCHEMA = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def export_to_database(
    out: Path | str,
    address: str,
    *,
    schema: str | None = None,
    as_of: datetime.date | None = None,
    layers: Sequence[str] = (),
) -> tuple[Written, ...]:
    """Write a finished output folder into a schema of PostgreSQL with PostGIS.

    In one transaction: who reads sees the former state or the new one. Of an earlier export only
    the rows that changed are touched. Needs the extra ``postgis``.

    Parameters
    ----------
    out : path
        What ``phusong run --out`` wrote, unaltered.
    address : str
        ``postgresql://user@host/name``; the password stands in the environment (``PGPASSWORD``) or
        in ``.pgpass``.
    schema : str, optional
        Small letters, digits and underscores; ``phusong_`` and the name of the province if absent.
        It holds one study.
    as_of : date, optional
        Keep this state under its date, in tables ``<table>_as_of``, beside those of other dates.
        The plain tables hold the latest.
    layers : sequence of str
        Tables to write; all if empty, and tables that the results no longer have are emptied.

    Returns
    -------
    tuple of Written
        What was done to each table.

    Raises
    ------
    InputError
        If `out` is no output folder of this version, or was altered.
    ExportError
        If the address, the schema or a layer is unfit, the database cannot be reached or refuses,
        or the schema is another study's. Nothing is changed then.

    Examples
    --------
    ``export_to_database("out/ha-giang", "postgresql://gis@10.0.0.5/map")`` after a run; a password
    does not belong in the address:

    >>> from phusong.errors import ExportError
    >>> try:
    ...     export_to_database("out", "postgresql://gis:secret@10.0.0.5/map")
    ... except ExportError as fault:
    ...     print(fault.render("en"))
    No password may stand in the address of a database. Take it out and put it into ...
    """
    if not address.startswith(DATABASES):
        raise ExportError("study.database_address")
    if unfit := address_fault(address):
        raise ExportError(f"study.{unfit}")
    if schema is not None and not _SCHEMA.fullmatch(schema):
        raise ExportError("export.schema_name", schema=schema)
    finished = open_finished(Path(out))
    unknown = [name for name in layers if name not in finished.tables]
    if unknown:
        raise ExportError(
            "export.unknown_layer",
            layers=", ".join(unknown),
            format="PostGIS",
            known=", ".join(finished.tables),
        )
    with understood(MANIFEST):
        state = State(
            study=str(finished.parameters["name"]),
            crs=str(finished.parameters["crs"]),
            as_of=as_of,
            parameters=finished.parameters,
            whole=not layers,
        )
        own = schema or _schema_of(str(finished.parameters["province"]))
    chosen = [name for name in finished.tables if name in layers or not layers]
    return write_database(map(finished.layer, chosen), address, schema=own, state=state)


def _schema_of(province: str) -> str:
    """Return a schema's name for a province: its letters without marks."""
    plain = unicodedata.normalize("NFD", province.lower().replace("đ", "d"))
    words = re.findall(r"[a-z0-9]+", "".join(c for c in plain if not unicodedata.combining(c)))
    return "_".join(("phusong", *words))[:63]
