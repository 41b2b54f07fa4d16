"""Read a table or a query of PostgreSQL, with or without PostGIS, into raw cells and shapes.

Read only and in one statement. Passwords come from the environment or ``.pgpass``, by libpq
alone: none is ever seen here. psycopg is imported when it is needed; the extra `postgis` brings it.
"""

import datetime
import decimal
import os
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from .._text import tidy
from ..errors import InputError
from .source import (
    Cells,
    Raw,
    Source,
    as_columns,
    check_counts,
    check_room,
    in_short,
    told_of_rows,
)

if TYPE_CHECKING:
    from psycopg import Connection, ServerCursor

_AT_A_TIME = 5000
_CONNECT_S = 10
_STATEMENT_S = 300
_LONGEST_S = _STATEMENT_S + 30
"""A server that no longer answers does not say that a statement takes too long."""
_OPTIONS = f"-c default_transaction_read_only=on -c statement_timeout={_STATEMENT_S}s"


def read_database(source: Source) -> Raw:
    """Read the rows of a table or view, or those that a query gives.

    Parameters
    ----------
    source : Source
        With `database`, and either `table` or `query`.

    Raises
    ------
    InputError
        If psycopg is not there, the database cannot be reached or refuses, memory does
        not hold the rows, or there are several columns of shapes or systems of coordinates.
    """
    try:
        import psycopg
    except ImportError:
        raise source.refuse("no_psycopg") from None
    try:
        reached = psycopg.connect(
            source.database or "",
            connect_timeout=_CONNECT_S,
            options=_OPTIONS,
            client_encoding="utf8",
            application_name="phusong",
        )
    except (psycopg.Error, UnicodeError) as refused:
        raise source.refuse("database_unreachable", detail=in_short(refused)) from None
    try:
        with reached as connection, _hung_up_after(connection, _LONGEST_S):
            connection.read_only = True
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            return _read(source, connection)
    except InputError:
        raise
    except psycopg.errors.QueryCanceled:
        raise source.refuse("database_slow", minutes=_STATEMENT_S // 60) from None
    except psycopg.OperationalError as lost:
        raise source.refuse("database_lost", detail=in_short(lost)) from None
    except (psycopg.Error, UnicodeError) as broken:
        raise source.refuse("database_refuses", detail=in_short(broken)) from None


@contextmanager
def _hung_up_after(connection: "Connection[Any]", seconds: float) -> Iterator[None]:
    """Break a connection that takes longer, so that waiting for it ends with an error."""

    def hang_up() -> None:
        with suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _read(source: Source, connection: "Connection[Any]") -> Raw:
    from psycopg import sql

    spatial = _spatial_types(connection)
    with connection.cursor(name="phusong") as cursor:
        if source.query is not None:
            # By a cursor, so that nothing but one SELECT can be asked; the words are the study's.
            cursor.execute(source.query.encode())
        else:
            name = sql.Identifier(*str(source.table).split(".", 1))
            cursor.execute(sql.SQL("SELECT * FROM {}").format(name))
        columns = cursor.description or []
        check_counts(source, 0, len(columns))
        shapes_at = [i for i, one in enumerate(columns) if one.type_code in spatial]
        if len(shapes_at) > 1:
            found = ", ".join(columns[i].name for i in shapes_at)
            raise source.refuse("several_shape_columns", found=found)
        rows = list(_rows(source, cursor))
    if source.query is None:  # a table has no order of its own
        rows.sort(key=lambda row: tuple(map(str, row)))
    kept = [i for i in range(len(columns)) if i not in shapes_at]
    cells = [[_plain(row[i]) for i in kept] for row in rows]
    shapes, crs = None, None
    if shapes_at:
        shapes, crs = _shapes(source, connection, [row[shapes_at[0]] for row in rows])
    return Raw(
        headings=tuple(tidy(columns[i].name) for i in kept),
        columns=as_columns(cells, len(kept)),
        rows=np.arange(1, len(rows) + 1),
        shapes=shapes,
        crs=crs,
        told=tuple(told_of_rows(len(rows), len(kept))),
    )


def _spatial_types(connection: "Connection[Any]") -> set[int]:
    found = connection.execute(
        "SELECT oid FROM pg_type WHERE typname IN ('geometry', 'geography')"
    ).fetchall()
    return {int(row[0]) for row in found}


def _rows(source: Source, cursor: "ServerCursor[Any]") -> Iterator[Sequence[Any]]:
    """Yield rows as they come, as long as memory holds them."""
    count, size_bytes, columns = 0, 0, len(cursor.description or ())
    while found := cursor.fetchmany(_AT_A_TIME):
        count += len(found)
        size_bytes += sum(len(cell) for row in found for cell in row if isinstance(cell, str))
        check_room(source, count, columns, content_bytes=size_bytes)
        yield from found


def _plain(cell: Any) -> Any:
    """Return a value as a file would have it."""
    if isinstance(cell, decimal.Decimal):
        return float(cell)
    if isinstance(cell, datetime.datetime) and cell.tzinfo is not None:
        return cell.isoformat()
    if isinstance(cell, str | bool | int | float | datetime.date | None):
        return cell
    return str(cell)


def _shapes(
    source: Source, connection: "Connection[Any]", cells: Sequence[str | None]
) -> tuple[Cells, CRS | None]:
    """Return shapes of PostGIS's EWKB, and the system that they are all in."""
    try:
        shapes = np.asarray(shapely.from_wkb(np.array(cells, dtype=object)), dtype=object)
    except shapely.errors.ShapelyError as broken:
        raise source.refuse("unreadable", kind="PostGIS", detail=in_short(broken)) from None
    there = ~shapely.is_missing(shapes)
    systems = {int(each) for each in np.unique(shapely.get_srid(shapes[there]))}
    if len(systems) > 1:
        raise source.refuse("several_srids", found=", ".join(map(str, sorted(systems))))
    if not systems or systems == {0}:
        return shapes, None
    (srid,) = systems
    known = connection.execute(
        "SELECT auth_name, auth_srid, srtext FROM spatial_ref_sys WHERE srid = %s", (srid,)
    ).fetchone()
    for given in () if known is None else (f"{known[0]}:{known[1]}", known[2]):
        try:
            return shapes, CRS.from_user_input(given)
        except CRSError:
            continue
    raise source.refuse("unknown_crs", crs=f"SRID {srid}")
