"""Tables of a finished output folder → one schema of PostgreSQL with PostGIS, in one transaction.

Who reads meanwhile sees the former state until the new one is whole, whatever stops the export.
Only rows that changed are touched. The plain tables hold the latest state; a state that is kept by
its date stands in ``<table>_as_of`` beside them. The schema keeps a list of its states in
`STATES`. psycopg is imported when it is needed; the extra `postgis` brings it, and libpq takes
passwords from the environment or ``.pgpass``: none is ever seen here.
"""

import datetime
import json
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyproj import CRS

from .._version import program
from ..errors import ExportError
from .database_tables import (
    DEGREES,
    GEOMETRY,
    WGS84,
    Target,
    dated_name,
    target_of,
)
from .layers import Layer
from .schema import VERSION

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.sql import SQL, Composable, Composed

    Names = Mapping[str, str | Composable]

STATES = "phusong_states"
LATEST = "latest"
_CONNECT_S = 10
_WAIT = "60s"


@dataclass(frozen=True, kw_only=True)
class Written:
    """What an export did to one table.

    Parameters
    ----------
    table : str
        Its name in the database.
    rows : int
        That it has now; of a table of dated states, those of the date.
    added, changed, removed : int
        Rows touched; the others were left as they were.
    """

    table: str
    rows: int
    added: int
    changed: int
    removed: int


@dataclass(frozen=True, kw_only=True)
class State:
    """What is said of the tables beside the rows.

    Parameters
    ----------
    study : str
        Its name: a schema holds one study.
    crs : str
        Its CRS.
    as_of : date, optional
        Under which the state is kept beside those of other dates.
    parameters : mapping
        The study's settings as the manifest tells them.
    whole : bool
        The layers are all there are: tables that phusong wrote and that are not among them are
        emptied.
    """

    study: str
    crs: str
    as_of: datetime.date | None
    parameters: Mapping[str, Any]
    whole: bool


def write_database(
    layers: Iterable[Layer], address: str, *, schema: str, state: State
) -> tuple[Written, ...]:
    """Write layers into one schema of a PostgreSQL database with PostGIS.

    Parameters
    ----------
    layers : iterable of Layer
        Each becomes the table of its name. Shapes stand in the study's CRS (`geometry`) and as the
        folder has them, in WGS 84 with six decimals (`geometry_wgs84`); the view
        ``<table>_wgs84`` shows these alone. Tables without geometry keep the order of their rows
        in `row_order`.
    address : str
        ``postgresql://user@host/name``, without password.
    schema : str
        Made if it is not there; the user needs no other right than to write in it.
    state : State

    Returns
    -------
    tuple of Written
        One a table, in order.

    Raises
    ------
    ExportError
        If psycopg or PostGIS is not there, the database cannot be reached or refuses, the schema
        holds tables of others or another study, or a newer phusong wrote it. Nothing is changed
        then.
    """
    try:
        import psycopg
    except ImportError:
        raise ExportError("export.no_psycopg") from None
    try:
        connection = psycopg.connect(
            address,
            connect_timeout=_CONNECT_S,
            client_encoding="utf8",
            application_name="phusong",
        )
    except (psycopg.Error, UnicodeError) as refused:
        raise ExportError("export.database_unreachable", detail=_in_short(refused)) from None
    with _refusals_told(schema), connection:  # commits at its end, or rolls back
        return _Export(connection, schema, state).write(layers)


@contextmanager
def _refusals_told(schema: str) -> Iterator[None]:
    """Turn what the database refuses into planned faults; the connection has rolled back."""
    import psycopg

    try:
        yield
    except psycopg.errors.LockNotAvailable:
        raise ExportError("export.database_busy", schema=schema) from None
    except psycopg.errors.InsufficientPrivilege as refused:
        raise ExportError(
            "export.database_not_permitted", schema=schema, detail=_in_short(refused)
        ) from None
    except (psycopg.Error, UnicodeError) as broken:
        raise ExportError("export.database_refuses", detail=_in_short(broken)) from None


def _in_short(broken: Exception) -> str:
    return " ".join(f"{type(broken).__name__}: {broken}".split())[:200]


class _Export:
    """One export: the statements of its transaction."""

    def __init__(self, connection: "Connection[Any]", schema: str, state: State) -> None:
        self._connection, self._schema, self._state = connection, schema, state
        self._ours: set[str] = set()

    def write(self, layers: Iterable[Layer]) -> tuple[Written, ...]:
        """Write the layers and say what was done."""
        self._begin()
        srid, former, self._ours = self._srid(), self._tables_of(LATEST), self._own_tables()
        as_of, latest = self._state.as_of, self._is_latest()
        written, names = [], set()
        for layer in layers:
            target = target_of(layer, self._state.crs, srid)
            names.add(target.name)
            if latest:
                written.append(self._sync(target))
            if as_of is not None:
                written.append(self._sync(target.kept(as_of)))
        if latest:
            gone = former - names if self._state.whole else set()
            written += [self._emptied(name) for name in sorted(gone)]
            self._remember(LATEST, names | former)
        if as_of is not None:
            dated = self._tables_of(as_of.isoformat())
            gone = dated - names if self._state.whole else set()
            written += [self._emptied(dated_name(name), as_of) for name in sorted(gone)]
            self._remember(as_of.isoformat(), names if self._state.whole else names | dated)
        return tuple(written)

    def _run(self, statement: str, names: "Names | None" = None, values: Sequence[Any] = ()) -> Any:
        """Run a statement of this module; its braces are names, which psycopg quotes."""
        return self._connection.execute(self._composed(statement, names or {}), values or None)

    def _composed(self, statement: str, names: "Names") -> "Composed":
        quoted = {
            key: _identifier(name) if isinstance(name, str) else name
            for key, name in {"schema": self._schema, **names}.items()
        }
        return _words(statement).format(**quoted)

    def _begin(self) -> None:
        """Wait for other exports into the schema; make it, and its list of states."""
        self._run("SELECT set_config('lock_timeout', %s, true)", values=[_WAIT])
        self._run("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", values=[self._schema])
        found = self._run(
            "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace"
            " WHERE e.extname = 'postgis'"
        ).fetchone()
        if found is None:
            raise ExportError("export.no_postgis")
        self._run("SET LOCAL search_path = {postgis}, pg_catalog", {"postgis": found[0]})
        known = self._run("SELECT 1 FROM pg_namespace WHERE nspname = %s", values=[self._schema])
        if known.fetchone() is None:
            self._run("CREATE SCHEMA {schema}")
        there = self._relations()
        if STATES in there:
            self._require_ours()
            return
        if there:
            found = ", ".join(sorted(there)[:5])
            raise ExportError("export.schema_not_ours", schema=self._schema, tables=found)
        self._run(
            "CREATE TABLE {schema}.{states} (state text PRIMARY KEY, as_of date, study text NOT"
            " NULL, crs text NOT NULL, schema_version integer NOT NULL, program text NOT NULL,"
            " parameters jsonb NOT NULL, tables text[] NOT NULL)",
            {"states": STATES},
        )
        said = "Các trạng thái đã xuất / the states that were exported"
        self._comment("TABLE {schema}.{table}", said, {"table": STATES})

    def _relations(self) -> set[str]:
        """Return the names of the tables and views of the schema."""
        found = self._run(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = %s AND c.relkind IN ('r', 'v', 'm', 'p', 'f')",
            values=[self._schema],
        )
        return {name for (name,) in found.fetchall()}

    def _require_ours(self) -> None:
        """Refuse the schema of another study, or of a newer version."""
        states = self._run(
            "SELECT study, schema_version FROM {schema}.{states}", {"states": STATES}
        )
        for study, version in states.fetchall():
            if study != self._state.study:
                raise ExportError("export.other_study", schema=self._schema, study=study)
            if version > VERSION:
                raise ExportError("export.newer_schema", schema=self._schema)

    def _srid(self) -> int:
        """Return the number of the study's CRS in the database; WGS 84 if it has none anywhere."""
        from psycopg.errors import InsufficientPrivilege

        code = CRS.from_user_input(self._state.crs).to_epsg()
        if code is None:
            return WGS84
        known = self._run("SELECT 1 FROM spatial_ref_sys WHERE srid = %s", values=[code]).fetchone()
        if known is None:
            crs = CRS.from_epsg(code)
            with warnings.catch_warnings():  # that PROJ's old form says less
                warnings.simplefilter("ignore", UserWarning)
                row = [code, code, crs.to_wkt("WKT1_GDAL"), crs.to_proj4()]
            try:
                self._run("INSERT INTO spatial_ref_sys VALUES (%s, 'EPSG', %s, %s, %s)", values=row)
            except InsufficientPrivilege:
                raise ExportError("export.srid_unknown", srid=code) from None
        return int(code)

    def _tables_of(self, state: str) -> set[str]:
        """Return the tables of a state; none if there is no such state."""
        found = self._run(
            "SELECT tables FROM {schema}.{states} WHERE state = %s", {"states": STATES}, [state]
        ).fetchone()
        return set() if found is None else set(found[0])

    def _own_tables(self) -> set[str]:
        """Return every table that an export made; others may have put theirs beside them."""
        found = self._run("SELECT unnest(tables) FROM {schema}.{states}", {"states": STATES})
        return {name for (table,) in found.fetchall() for name in (table, dated_name(table))}

    def _is_latest(self) -> bool:
        """Tell whether no state of a later date is kept: else the plain tables stay as they are."""
        later = self._run(
            "SELECT 1 FROM {schema}.{states} WHERE as_of > %s",
            {"states": STATES},
            [self._state.as_of],
        )
        return later.fetchone() is None

    def _sync(self, target: Target) -> Written:
        """Bring a table to its rows; those that are there already are left alone."""
        self._fit(target)
        # No temporary table: a user may be allowed to write in the one schema and no more.
        names: Names = {
            "table": target.name,
            "incoming": "phusong_incoming",
            "columns": _listed(target.names),
            "same": _each("o.{0} = n.{0}", target.key, " AND "),
            "old": _each("o.{0}", target.names, ", "),
            "new": _each("n.{0}", target.names, ", "),
            "of_date": _words("true" if target.as_of is None else "o.as_of = %s"),
        }
        self._run(
            "CREATE TABLE {schema}.{incoming} AS SELECT {columns} FROM {schema}.{table}"
            " WITH NO DATA",
            names,
        )
        copying = self._composed("COPY {schema}.{incoming} ({columns}) FROM STDIN", names)
        with self._connection.cursor() as cursor, cursor.copy(copying) as copy:
            for row in zip(*(column.values for column in target.columns), strict=True):
                copy.write_row(row)
        self._run("ANALYZE {schema}.{incoming}", names)
        removed = self._run(
            "DELETE FROM {schema}.{table} o WHERE {of_date}"
            " AND NOT EXISTS (SELECT FROM {schema}.{incoming} n WHERE {same})",
            names,
            [] if target.as_of is None else [target.as_of],
        ).rowcount
        changed = self._run(
            "UPDATE {schema}.{table} o SET ({columns}) = ROW ({new}) FROM {schema}.{incoming} n"
            " WHERE {same} AND ROW ({old}) IS DISTINCT FROM ROW ({new})",
            names,
        ).rowcount
        added = self._run(
            "INSERT INTO {schema}.{table} ({columns}) SELECT {columns} FROM {schema}.{incoming} n"
            " WHERE NOT EXISTS (SELECT FROM {schema}.{table} o WHERE {same})",
            names,
        ).rowcount
        self._run("DROP TABLE {schema}.{incoming}", names)
        rows = len(target.columns[0].values)
        return Written(table=target.name, rows=rows, added=added, changed=changed, removed=removed)

    def _fit(self, target: Target) -> None:
        """Make the table, or bring that of an earlier version or study file to these columns."""
        there = self._columns(target)
        if there and target.name not in self._ours:
            raise ExportError("export.schema_not_ours", schema=self._schema, tables=target.name)
        wanted = {column.name: column.type for column in target.columns}
        if not there:
            self._create(target)
        elif there != wanted or self._key(target) != target.key:
            self._run("DROP VIEW IF EXISTS {schema}.{view}", {"view": target.view})
            former = self._key(target)
            if former != target.key:
                self._drop_key(target, former)
            self._change(target, there)
            if former != target.key:
                self._add_key(target)
        self._describe(target)

    def _key(self, target: Target) -> tuple[str, ...]:
        """Return the columns that identify a row in the database."""
        found = self._run(
            "SELECT ARRAY(SELECT a.attname::text FROM unnest(x.indkey) WITH ORDINALITY k(n, place)"
            " JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.n ORDER BY place)"
            " FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid"
            " JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = %s AND c.relname = %s AND (x.indisprimary OR i.relname = %s)",
            values=[self._schema, target.name, target.key_index],
        ).fetchone()
        return () if found is None else tuple(found[0])

    def _drop_key(self, target: Target, former: Sequence[str]) -> None:
        """Take away a key of an earlier version; rows of dates stay, whatever identified them."""
        if target.as_of is None:
            self._run("DELETE FROM {schema}.{table}", {"table": target.name})
        self._run("DROP INDEX IF EXISTS {schema}.{index}", {"index": target.key_index})
        found = self._run(
            "SELECT o.conname FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid"
            " JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = %s AND c.relname = %s AND o.contype = 'p'",
            values=[self._schema, target.name],
        ).fetchone()
        if found is not None:
            self._alter(target, "DROP CONSTRAINT {column}", found[0])
        required = {column.name for column in target.columns if column.required}
        for name in former:
            if name not in required:
                self._alter(target, "ALTER {column} DROP NOT NULL", name)

    def _add_key(self, target: Target) -> None:
        """Make the key of these columns; of dated rows, which may lack some of them, an index."""
        names: Names = {
            "table": target.name, "key": _listed(target.key), "index": target.key_index,
        }  # fmt: skip
        if target.as_of is None:
            self._run("ALTER TABLE {schema}.{table} ADD PRIMARY KEY ({key})", names)
        else:
            self._run("CREATE INDEX {index} ON {schema}.{table} ({key})", names)

    def _change(self, target: Target, there: Mapping[str, str]) -> None:
        """Add, drop and convert columns."""
        other = [one for one in target.columns if there.get(one.name, one.type) != one.type]
        if other and target.as_of is None:
            # Every row is written anew, so that no former value stands in the way of a type.
            self._run("DELETE FROM {schema}.{table}", {"table": target.name})
        for name in there.keys() - set(target.names):
            # What the states of earlier dates had stays theirs.
            change = "DROP {column}" if target.as_of is None else "ALTER {column} DROP NOT NULL"
            self._alter(target, change, name)
        for column in target.columns:
            if column.name not in there:
                self._alter(target, "ADD {column} {type}", column.name, column.type)
        for column in other:
            using = "{column}::text::{type}"
            if column.name in (GEOMETRY, DEGREES):  # of another CRS
                using = f"ST_Transform({{column}}, {column.srid})"
            change = "ALTER {column} TYPE {type} USING " + using
            self._alter(target, change, column.name, column.type)

    def _columns(self, target: Target) -> dict[str, str]:
        """Return the columns that the table has in the database and their types."""
        found = self._run(
            "SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a"
            " JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = %s AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped",
            values=[self._schema, target.name],
        )
        return dict(found.fetchall())

    def _alter(self, target: Target, change: str, column: str, kind: str = "") -> None:
        self._run(
            "ALTER TABLE {schema}.{table} " + change,
            {"table": target.name, "column": column, "type": _words(kind)},
        )

    def _create(self, target: Target) -> None:
        columns = [
            _words("{} {}{}").format(
                _identifier(column.name),
                _words(column.type),
                _words(" NOT NULL" if column.required else ""),
            )
            for column in target.columns
        ]
        self._run(
            "CREATE TABLE {schema}.{table} ({columns}, PRIMARY KEY ({key}))",
            {
                "table": target.name,
                "columns": _words(", ").join(columns),
                "key": _listed(target.key),
            },
        )
        for column in target.columns:
            if column.name in (GEOMETRY, DEGREES):
                self._run(
                    "CREATE INDEX ON {schema}.{table} USING gist ({column})",
                    {"table": target.name, "column": column.name},
                )

    def _describe(self, target: Target) -> None:
        """Say what the table and its columns mean; show its shapes in WGS 84 by themselves."""
        said = self._said(target)
        if said.get("") != target.meaning:
            self._comment("TABLE {schema}.{table}", target.meaning, {"table": target.name})
        for column in target.columns:
            if said.get(column.name) != column.meaning:
                what = {"table": target.name, "column": column.name}
                self._comment("COLUMN {schema}.{table}.{column}", column.meaning, what)
        if DEGREES not in target.names:
            return
        if target.view not in self._relations():
            plain = [name for name in target.names if name not in (GEOMETRY, DEGREES)]
            self._run(
                "CREATE VIEW {schema}.{view} AS"
                " SELECT {columns}, {degrees} AS {geometry} FROM {schema}.{table}",
                {
                    "view": target.view,
                    "columns": _listed(plain),
                    "degrees": DEGREES,
                    "geometry": GEOMETRY,
                    "table": target.name,
                },
            )
        self._comment("VIEW {schema}.{view}", target.meaning, {"view": target.view})

    def _said(self, target: Target) -> dict[str, str]:
        """Return the comments of the table's columns, and under "" its own."""
        found = self._run(
            "SELECT COALESCE(a.attname, ''), d.description FROM pg_description d"
            " JOIN pg_class c ON c.oid = d.objoid AND d.classoid = 'pg_class'::regclass"
            " JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_attribute a"
            " ON a.attrelid = c.oid AND a.attnum = d.objsubid AND a.attnum > 0"
            " WHERE n.nspname = %s AND c.relname = %s",
            values=[self._schema, target.name],
        )
        return dict(found.fetchall())

    def _comment(self, on: str, said: str, names: "Names") -> None:
        from psycopg import sql

        self._run(f"COMMENT ON {on} IS {{said}}", {**names, "said": sql.Literal(said)})

    def _emptied(self, name: str, as_of: datetime.date | None = None) -> Written:
        """Empty a table that the state had and has no longer; of dated rows, those of the date."""
        names: Names = {"table": name, "date": _words("true" if as_of is None else "as_of = %s")}
        values = [] if as_of is None else [as_of]
        removed = self._run("DELETE FROM {schema}.{table} WHERE {date}", names, values).rowcount
        return Written(table=name, rows=0, added=0, changed=0, removed=removed)

    def _remember(self, state: str, tables: set[str]) -> None:
        told = json.dumps(self._state.parameters, ensure_ascii=False, sort_keys=True, default=str)
        self._run(
            "INSERT INTO {schema}.{states} VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (state) DO UPDATE SET (as_of, study, crs, schema_version, program,"
            " parameters, tables) = (excluded.as_of, excluded.study, excluded.crs,"
            " excluded.schema_version, excluded.program, excluded.parameters, excluded.tables)",
            {"states": STATES},
            [
                state, self._state.as_of, self._state.study, self._state.crs, VERSION, program(),
                told, sorted(tables),
            ],
        )  # fmt: skip


def _words(text: str) -> "SQL":
    """Return words of this module as SQL; nothing of a file ever comes here."""
    from psycopg import sql

    return sql.SQL(text)


def _identifier(name: str) -> "Composable":
    from psycopg import sql

    return sql.Identifier(name)


def _listed(names: Iterable[str]) -> "Composable":
    return _each("{0}", names, ", ")


def _each(form: str, names: Iterable[str], between: str) -> "Composable":
    """Return one form for every name, each quoted."""
    return _words(between).join(_words(form).format(_identifier(name)) for name in names)
