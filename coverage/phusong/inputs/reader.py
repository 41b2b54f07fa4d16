"""One door for input tables: read, check, place, and set aside what is faulty."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import is_not
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from ..errors import InputError, Problem
from ..tables import CELLS, SITE_LIST, Table
from .arrange import arrange, headings_of
from .bands import without_bands
from .columns import columns_of, find_columns, names_columns, with_ids
from .commune_types import with_types
from .communes import CODE, with_codes
from .faulty import problems_by_row, rejected_rows, repeated_keys
from .formats import read_raw
from .headings import Headings
from .lengths import with_metres
from .letters import restore
from .operators import OPERATOR_COLUMNS, Operators, spellings_told
from .places import Placed, place
from .powers import with_dbm
from .reading import OnRead, Reading, read_columns
from .site_lists import SiteLists, is_site_list
from .source import Cells, Fault, Raw, Source, as_cells
from .split_places import with_own_columns
from .vectors import from_frame
from .zones import Witness, far_from_commune

_Spelt = tuple[Raw, list[Problem], list[Fault], list[Fault]]
"""As `with_letters` returns it."""


@dataclass(frozen=True)
class Checked:
    """A table as it may be used.

    Parameters
    ----------
    table : GeoDataFrame
        The good rows, with the table's columns in order and ``geometry``, in
        the study's CRS, sorted by key. A DataFrame if the table has no geometry.
        ``attrs``: its ``file`` and ``sheet``, and ``zone``, the CRS that metres without one were
        taken in.
    problems : tuple of Problem
        All faults of the rows set aside, in the order of the file, and hints
        about columns that were not used though their name resembles a field's.
    rows : tuple of int, one for each row of `table`
        Where it stands in the file, as the person sees it.
    rejected : DataFrame
        The rows set aside: ``file``, ``row``, ``reason_vi``, ``reason_en`` and
        the cells as text under the file's own headings.
    passed : tuple of int
        Totals, signatures and bands below the headings, which are no rows of the table.
    places : tuple of (str, str or None), one for each row of `table`
        File and sheet of each row, where the table comes from several.
    """

    table: gpd.GeoDataFrame | pd.DataFrame
    problems: tuple[Problem, ...]
    rows: tuple[int, ...]
    rejected: pd.DataFrame
    passed: tuple[int, ...] = ()
    places: tuple[tuple[str, str | None], ...] = ()

    def where(self, position: int) -> tuple[str, str | None, int]:
        """Return the file, sheet and row in which a row of `table` stands.

        Parameters
        ----------
        position : int
            Position in `table`, from 0.

        Returns
        -------
        tuple of (str, str or None, int)
        """
        attrs = self.table.attrs
        alone = (attrs.get("file", ""), attrs.get("sheet"))
        file, sheet = self.places[position] if self.places else alone
        return file, sheet, self.rows[position]


def read_table(
    source: Source,
    table: Table,
    *,
    crs: str,
    set_aside_faulty: bool,
    witness: Witness | None = None,
    operators: Operators | None = None,
    on_read: OnRead | None = None,
) -> Checked:
    """Read a file as one of the project's tables.

    Parameters
    ----------
    source : Source
        CSV, XLSX, GeoJSON, GeoPackage, Shapefile, FlatGeobuf or GeoParquet, by
        suffix.
    table : Table
        Fields, geometry and key.
    crs : str
        CRS of the result.
    set_aside_faulty : bool
        Use the sound rows of a file that has faulty ones.
    witness : Witness, optional
        The communes, which tell in which zone metres are.
    operators : Operators, optional
        How operators are spelt in all tables of the study.
    on_read : callable, optional
        Told what became of the rows of a file that could be opened, before it is refused.

    Returns
    -------
    Checked

    Raises
    ------
    InputError
        With every problem of the file: always if the file as a whole cannot be
        used (unreadable, a column missing, no CRS, no row left), and on any
        faulty row unless `set_aside_faulty`.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from phusong.tables import VILLAGES
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "villages.csv"
    ...     villages = pd.DataFrame({
    ...         "village_id": ["v1"], "name": "Tha", "commune_code": "00691",
    ...         "lon": 104.98, "lat": 22.82,
    ...     })
    ...     villages.to_csv(path, index=False)
    ...     checked = read_table(
    ...         Source(path=path, shown="villages.csv", crs="OGC:CRS84"), VILLAGES,
    ...         crs="EPSG:9209", set_aside_faulty=False,
    ...     )
    >>> checked.table["name"].to_list(), checked.rows
    (['Tha'], (2,))
    """
    raw = read_raw(source, table)
    return _checked(
        raw,
        source,
        table,
        crs,
        set_aside_faulty=set_aside_faulty,
        witness=witness,
        operators=operators,
        on_read=on_read or _unheard,
    )


def read_cells(
    source: Source,
    lists: SiteLists,
    *,
    crs: str,
    set_aside_faulty: bool,
    witness: Witness | None = None,
    operators: Operators | None = None,
    on_read: OnRead | None = None,
) -> Checked:
    """Read a file of cells, or of sites of which cells are made.

    Parameters
    ----------
    source : Source
        As for `read_table`.
    lists : SiteLists
        Makes cells of the rows where the file lists sites; see `is_site_list`.
    crs : str
    set_aside_faulty : bool
    witness : Witness, optional
    operators : Operators, optional
    on_read : callable, optional
        As for `read_table`.

    Returns
    -------
    Checked
        As `tables.CELLS`; what was assumed stands in the column ``assumed``, and `rows` names
        the row that each cell is of. A row is set aside whole.

    Raises
    ------
    InputError
        As `read_table`.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from phusong.inputs import read_assumed_values
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "tram.csv"
    ...     pd.DataFrame({
    ...         "Mã trạm": ["HG001"], "Nhà mạng": "Viettel", "Công nghệ": "2G/4G",
    ...         "Băng tần": "900/1800", "Kinh độ": 104.98, "Vĩ độ": 22.82,
    ...     }).to_csv(path, index=False)
    ...     checked = read_cells(
    ...         Source(path=path, shown="tram.csv"), SiteLists(read_assumed_values()),
    ...         crs="EPSG:9209", set_aside_faulty=False,
    ...     )
    >>> checked.table["cell_id"].to_list()[2:4], checked.rows
    (['Viettel-HG001-2G-900-3', 'Viettel-HG001-4G-1800-1'], (2, 2, 2, 2, 2, 2))
    """
    raw = read_raw(source, SITE_LIST)
    spelt = with_letters(source, raw)
    known, misnamed = arrange(spelt[0], source, SITE_LIST)
    if misnamed or not is_site_list(with_dbm(known, SITE_LIST), source, lists.values):
        return _checked(
            raw,
            source,
            CELLS,
            crs,
            spelt=spelt,
            set_aside_faulty=set_aside_faulty,
            witness=witness,
            operators=operators,
            on_read=on_read or _unheard,
        )
    heard: list[Reading] = []
    told: list[Problem] = []
    try:
        checked = _checked(
            raw,
            source,
            SITE_LIST,
            crs,
            spelt=spelt,
            set_aside_faulty=set_aside_faulty,
            witness=witness,
            operators=operators,
            faults_of=lists.faults,
            on_read=heard.append,
        )
        cells, at, told = lists.cells(checked.table, checked.rows, source)
    finally:  # also of a file that is refused
        for reading in heard:
            (on_read or _unheard)(replace(reading, problems=(*reading.problems, *told)))
    return replace(
        checked,
        table=cells,
        problems=(*checked.problems, *told),
        rows=tuple(checked.rows[i] for i in at),
    )


def check_rows(
    frame: gpd.GeoDataFrame, table: Table, *, shown: str, crs: str, anywhere: bool = False
) -> Checked:
    """Check rows made in Python as those of a file are.

    Parameters
    ----------
    frame : GeoDataFrame
        With a column for each required field at least, and its CRS.
    table : Table
        Fields, geometry and key.
    shown : str
        Its name in messages.
    crs : str
        CRS of the result.
    anywhere : bool
        Whether rows may lie outside Vietnam.

    Returns
    -------
    Checked
        `rows` count from 1.

    Raises
    ------
    InputError
        With every problem, as `read_table` tells it.

    Examples
    --------
    >>> from phusong.tables import PLACES
    >>> frame = gpd.GeoDataFrame(
    ...     {"place_id": ["1"], "name": ["Tha"], "kind": ["hamlet"]},
    ...     geometry=gpd.points_from_xy([104.98], [22.82]), crs="OGC:CRS84",
    ... )
    >>> try:
    ...     check_rows(frame, PLACES, shown="places", crs="EPSG:9209")
    ... except InputError as fault:
    ...     print(fault.problems[0].where("en"))
    places, row 1, column kind, value 'hamlet'
    """
    source = Source(path=Path(shown), shown=shown, anywhere=anywhere)
    return _checked(from_frame(frame), source, table, crs, set_aside_faulty=False, on_read=_unheard)


def _unheard(_: Reading) -> None:
    """Let nobody know."""


def _checked(  # noqa: PLR0913  every question that a file may raise is asked here
    raw: Raw,
    source: Source,
    table: Table,
    crs: str,
    *,
    set_aside_faulty: bool,
    spelt: _Spelt | None = None,
    witness: Witness | None = None,
    operators: Operators | None = None,
    faults_of: Callable[[gpd.GeoDataFrame, Sequence[int], Mapping[str, str]], list[Fault]]
    | None = None,
    on_read: OnRead,
) -> Checked:
    """Check what a file or a frame gave, see `read_table`; `faults_of` finds more faults."""
    came = raw
    raw, told, faults, mended = spelt or with_letters(source, raw)
    raw, misnamed = arrange(raw, source, table)
    if misnamed:
        raise InputError(misnamed)
    raw = with_own_columns(raw, table, anywhere=source.anywhere)
    raw = with_metres(with_dbm(raw, table), table)
    districts = frozenset[str]() if witness is None else witness.districts
    raw, passed = without_bands(with_types(raw, source, table), table, districts)
    kept = np.flatnonzero(np.isin(came.rows, raw.rows))
    faults, mended = (
        [here for one in found if (here := one.at(kept)) is not None] for found in (faults, mended)
    )
    raw = with_ids(raw, table)
    raw, by_name, nameless = with_codes(raw, source, table, witness)
    of_file, hints, found_columns = find_columns(source, raw, table)
    position = found_columns.position
    hints += told + by_name
    columns, found, taken = columns_of(raw, source, table, position, nameless)
    faults += found
    hints += [told for told, _ in taken]
    mended += [rows for _, rows in taken]
    if operators is not None:
        hints += _one_spelling(columns, operators, raw, source, position)
    frame = pd.DataFrame(columns)
    zone, placed = None, None
    if table.geometry is not None:
        placed = place(raw, source, table.geometry, crs=crs, witness=witness)
        frame = gpd.GeoDataFrame(frame, geometry=placed.shapes, crs=crs)
        faults += placed.faults
        if witness is not None and CODE not in table.columns:  # of others it is told further on
            far, many = far_from_commune(
                placed.shapes,
                raw,
                witness,
                ", ".join(raw.headings[at] for _, at in placed.columns) or None,
            )
            faults += far
            hints += [source.problem("communes_far", count=many)] if many else []
        of_file += placed.problems
        hints += placed.told
        zone = placed.zone
    called = {name: raw.headings[at] for name, at in position.items()}
    faults += [] if faults_of is None else faults_of(frame, raw.rows.tolist(), called)
    if set(table.one_of) & set(position):
        neither = frame[list(table.one_of)].isna().all(axis=1).to_numpy(copy=True)
        for fault in faults:
            neither &= ~fault.rows  # what could not be read is reported as that, not as missing
        faults.append(Fault(neither, "missing_one_of", values={"fields": ", ".join(table.one_of)}))
    whole = np.ones(len(frame), dtype=bool)
    if raw.ragged is not None:
        # A row that could not be split into cells has no other fault worth telling.
        whole = ~raw.ragged.rows
        faults = [replace(fault, rows=fault.rows & whole) for fault in faults] + [raw.ragged]
    if set(table.key) <= set(position):
        headings = ", ".join(raw.headings[position[name]] for name in table.key)
        repeated = repeated_keys(frame.loc[whole, list(table.key)], raw, headings)
        faults += [repeated] if repeated else []
    by_row = problems_by_row(source, raw, faults)
    of_rows = [problem for problems in by_row.values() for problem in problems]
    good = np.ones(len(frame), dtype=bool)
    good[list(by_row)] = False
    if of_file and names_columns(raw, table):
        of_file.append(source.problem("two_heading_rows"))
    if frame.empty:
        of_file.append(source.problem("no_rows"))
    elif set_aside_faulty and not good.any():
        of_file.append(source.problem("no_row_left"))
    reading = _reading(came, raw, source, table, found_columns, placed)
    mended += reading.mended
    told_of_all = (*of_file, *of_rows, *hints)
    on_read(replace(reading, set_aside=by_row, mended=tuple(mended), problems=told_of_all))
    if of_file or (of_rows and not set_aside_faulty):
        raise InputError([*of_file, *of_rows])
    sound = frame[good].sort_values(list(table.key), kind="stable")
    rows = tuple(raw.rows[sound.index].tolist())
    sound = sound.reset_index(drop=True)
    sound.attrs["file"] = source.shown
    if raw.sheet is not None:
        sound.attrs["sheet"] = raw.sheet
    if zone is not None:
        sound.attrs["zone"] = zone
    return Checked(sound, (*of_rows, *hints), rows, rejected_rows(source, raw, by_row), passed)


def _one_spelling(
    columns: dict[str, pd.Series],
    operators: Operators,
    raw: Raw,
    source: Source,
    position: Mapping[str, int],
) -> list[Problem]:
    """Give each operator in the columns, in place, one spelling; tell which gave way."""
    told = []
    for name in OPERATOR_COLUMNS:
        if name in position:
            columns[name], given_way = operators.unify(columns[name])
            told += [
                replace(one, sheet=raw.sheet, column=raw.headings[position[name]])
                for one in spellings_told(given_way, source)
            ]
    return told


def _reading(
    came: Raw, raw: Raw, source: Source, table: Table, found: Headings, placed: Placed | None
) -> Reading:
    """Return a file as it came with what was found in it; its faults are still to be added."""
    located = () if placed is None else placed.columns
    columns, called = read_columns(
        came.headings,
        raw,
        {at: table[name] for name, at in found.position.items()}
        | {at: field for field, at in located},
        {found.position[name]: score for name, (_, score) in found.alike.items()},
        headings_of(source),
    )
    kept = np.isin(came.rows, raw.rows)
    return Reading(
        file=source.shown,
        path=source.path,
        table=table,
        sheet=raw.sheet,
        headings=came.headings,
        cells=tuple(column[kept] for column in came.columns),
        rows=raw.rows,
        passed_over=raw.above + raw.heading_rows + raw.left_out + int((~kept).sum()),
        columns=columns,
        called=called,
        set_aside={},
        mended=() if placed is None else placed.mended,
        unused=np.zeros(len(raw.rows), dtype=bool),
        shapes=None if placed is None else placed.shapes,
    )


def _all_plain(column: Cells) -> bool:
    """Tell at one glance that a column is of texts with plain letters alone."""
    try:
        return "".join(column).isascii()
    except TypeError:  # it has other cells as well
        return False


def with_letters(source: Source, raw: Raw) -> _Spelt:
    """Give headings and cells their Vietnamese letters back where they are of an old encoding.

    Return also what to tell, the faults of rows, and which rows were mended.
    """
    found = restore(
        [
            *raw.headings,
            *(
                cell  # plain letters are the same in all encodings
                for column in raw.columns
                if not _all_plain(column)
                for cell in column
                if isinstance(cell, str) and not cell.isascii()
            ),
        ]
    )
    if not found.texts:
        return raw, [], [], []

    def spelt(column: Cells) -> Cells:
        return as_cells(
            (found.texts.get(cell, cell) if isinstance(cell, str) else cell for cell in column),
            len(column),
        )

    faults = [
        Fault(
            np.array([isinstance(cell, str) and cell in found.unsure for cell in column]),
            "unsure_letters",
            heading,
            {"encoding": found.encoding},
        )
        for heading, column in zip(raw.headings, raw.columns, strict=True)
        if found.unsure
    ]
    before, after = next(iter(found.texts.items()))
    told = Problem(
        message="inputs.letters_restored",
        file=source.shown,
        sheet=raw.sheet,
        values={
            "count": len(found.texts),
            "encoding": found.encoding or "Ð",
            "before": before,
            "after": after,
        },
    )
    headings = tuple(found.texts.get(heading, heading) for heading in raw.headings)
    columns = tuple(spelt(column) for column in raw.columns)
    encoding = found.encoding or "Ð"
    mended = [
        Fault(rows, "letters_restored_here", heading, {"read": after, "encoding": encoding})
        for heading, before, after in zip(raw.headings, raw.columns, columns, strict=True)
        if (rows := np.fromiter(map(is_not, before, after), dtype=bool, count=len(before))).any()
    ]
    return replace(raw, headings=headings, columns=columns), [told], faults, mended
