"""One door for input tables: read, check, place, and set aside what is faulty."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from operator import is_not
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from ..errors import InputError, Problem
from ..i18n import LANGUAGES, Bilingual, text, words
from ..tables import CELLS, SITE_LIST, Field, Table
from .archives import LAYERED, check_folder, unpacked
from .arrange import SHOWN_HEADINGS, arrange, headings_of
from .bands import without_bands
from .commune_types import with_types
from .communes import CODE, with_codes
from .databases import read_database
from .headings import SHAPEFILE_NAME_LENGTH, Headings, match, matches, normal, with_alike
from .lengths import with_metres
from .letters import restore
from .places import Placed, place
from .powers import with_dbm
from .reading import OnRead, Reading, read_columns
from .sheets import read_csv, read_workbook, sheets_alike
from .site_lists import SiteLists, is_site_list
from .source import ALL_SHEETS, Cells, Fault, Raw, Source, Told, as_cells
from .values import convert, is_legacy
from .vectors import from_frame, read_geojson, read_geojson_lines, read_layer, read_parquet
from .workbooks import OTHER_WORKBOOKS
from .zones import Witness


def _names(cells: Sequence[Any], source: Source, table: Table) -> int:
    """Count the columns that a row of cells names, by the study's headings too."""
    named = {normal(heading) for heading in headings_of(source)}
    given = sum(isinstance(cell, str) and normal(cell) in named for cell in cells) if named else 0
    return max(given, matches(cells, table))


def _workbook(source: Source, table: Table) -> Raw:
    return read_workbook(source, partial(_names, source=source, table=table))


def sources_of(source: Source, table: Table) -> tuple[Source, ...]:
    """Return a source for each sheet of a workbook of which all alike are wanted.

    Parameters
    ----------
    source : Source
        With `ALL_SHEETS` as its sheet; any other is returned as it is.
    table : Table
        Whose headings are looked for.

    Returns
    -------
    tuple of Source

    Raises
    ------
    InputError
        If the file is no workbook that can be read.

    Examples
    --------
    >>> from phusong.tables import CELLS
    >>> one = Source(path=Path("cells.csv"), shown="cells.csv")
    >>> sources_of(one, CELLS) == (one,)
    True
    """
    if source.sheet != ALL_SHEETS:
        return (source,)
    check_file(source)
    whole = replace(source, sheet=None)
    titles = sheets_alike(whole, partial(_names, source=whole, table=table))
    return tuple(replace(source, sheet=title) for title in titles)


def _zipped(source: Source, table: Table) -> Raw:
    with unpacked(source) as layer:
        if layer.suffix == ".geojson":
            return read_geojson(layer)
        return read_layer(layer, preferred=table.name)


READERS: dict[str, Callable[[Source, Table], Raw]] = {
    **dict.fromkeys(
        (".csv", ".txt", ".tsv"),
        lambda source, table: read_csv(source, partial(_names, source=source, table=table)),
    ),
    ".xlsx": _workbook,
    **dict.fromkeys(sorted(OTHER_WORKBOOKS), _workbook),
    ".geojson": lambda source, _: read_geojson(source),
    ".json": lambda source, _: read_geojson(source),
    ".gpkg": lambda source, table: read_layer(source, preferred=table.name),
    ".shp": lambda source, table: read_layer(source, preferred=table.name),
    ".fgb": lambda source, table: read_layer(source, preferred=table.name),
    ".kml": lambda source, table: read_layer(source, preferred=table.name),
    ".kmz": lambda source, table: read_layer(source, preferred=table.name),
    ".tab": lambda source, table: read_layer(source, preferred=table.name),
    ".gdb": lambda source, table: read_layer(source, preferred=table.name),
    ".mif": lambda source, table: read_layer(source, preferred=table.name),
    **dict.fromkeys(
        (".geojsonl", ".geojsons", ".ndjson"), lambda source, _: read_geojson_lines(source)
    ),
    ".zip": lambda source, table: _zipped(source, table),
    ".parquet": lambda source, _: read_parquet(source),
}
"""Reader of each suffix, given the file and the table."""
WORKBOOKS = frozenset({".xlsx", *OTHER_WORKBOOKS})

MANY_EMPTY = 3
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
    raw = _read(source, table)
    return _checked(
        raw,
        source,
        table,
        crs,
        set_aside_faulty=set_aside_faulty,
        witness=witness,
        on_read=on_read or _unheard,
    )


def read_cells(
    source: Source,
    lists: SiteLists,
    *,
    crs: str,
    set_aside_faulty: bool,
    witness: Witness | None = None,
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
    raw = _read(source, SITE_LIST)
    spelt = with_letters(source, raw)
    known, misnamed = arrange(spelt[0], source, SITE_LIST)
    if misnamed or not is_site_list(known, source, lists.values):
        return _checked(
            raw,
            source,
            CELLS,
            crs,
            spelt=spelt,
            set_aside_faulty=set_aside_faulty,
            witness=witness,
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
    raw = with_metres(with_dbm(raw, table), table)
    districts = frozenset[str]() if witness is None else witness.districts
    raw, passed = without_bands(with_types(raw, source, table), table, districts)
    kept = np.flatnonzero(np.isin(came.rows, raw.rows))
    faults, mended = (
        [here for one in found if (here := one.at(kept)) is not None] for found in (faults, mended)
    )
    raw = _with_ids(raw, table)
    raw, by_name, nameless = with_codes(raw, source, table, witness)
    of_file, hints, found_columns = _find_columns(source, raw, table)
    position = found_columns.position
    hints += told + by_name
    columns, found = _columns(raw, table, position, nameless)
    faults += found
    frame = pd.DataFrame(columns)
    zone, placed = None, None
    if table.geometry is not None:
        placed = place(raw, source, table.geometry, crs=crs, witness=witness)
        frame = gpd.GeoDataFrame(frame, geometry=placed.shapes, crs=crs)
        faults += placed.faults
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
        repeated = _repeated(frame.loc[whole, list(table.key)], raw, headings)
        faults += [repeated] if repeated else []
    by_row = _by_row(source, raw, faults)
    of_rows = [problem for problems in by_row.values() for problem in problems]
    good = np.ones(len(frame), dtype=bool)
    good[list(by_row)] = False
    if of_file and _names_columns(raw, table):
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
    return Checked(sound, (*of_rows, *hints), rows, _rejected(source, raw, by_row), passed)


def _columns(
    raw: Raw, table: Table, position: Mapping[str, int], nameless: Sequence[Fault]
) -> tuple[dict[str, pd.Series], list[Fault]]:
    """Return the table's columns and the faults of their cells, rows without a commune included."""
    columns: dict[str, pd.Series] = {}
    faults = list(nameless)
    for field in table.fields:
        if field.name in position:
            at = position[field.name]
            cells, heading = raw.columns[at], raw.headings[at]
        else:
            cells, heading = np.full(len(raw.rows), None, dtype=object), field.name
            field = replace(field, required=False)  # its absence is a fault of the file
        columns[field.name], found = convert(
            cells, field, heading=heading, decimal_mark=raw.decimal_mark
        )
        if field.name == CODE:  # where its name is unknown, the code is not missing besides
            known = ~np.logical_or.reduce([fault.rows for fault in nameless])
            found = [replace(fault, rows=fault.rows & known) for fault in found]
        faults += found
    return columns, faults


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
        passed_over=raw.above + raw.heading_rows + int((~kept).sum()),
        columns=columns,
        called=called,
        set_aside={},
        mended=() if placed is None else placed.mended,
        unused=np.zeros(len(raw.rows), dtype=bool),
        shapes=None if placed is None else placed.shapes,
    )


def _read(source: Source, table: Table) -> Raw:
    """Read the file with the reader of its suffix, or the database."""
    if source.database is not None:
        return read_database(source)
    check_file(source)
    try:
        return READERS[source.suffix](source, table)
    except OSError as broken:
        raise source.refuse(
            "unreadable", kind=source.suffix, detail=broken.strerror or type(broken).__name__
        ) from None


def check_file(source: Source) -> None:
    """Refuse what no reader can read."""
    if source.suffix not in READERS:
        raise source.refuse("unknown_format", suffix=source.suffix, known=", ".join(READERS))
    if source.layer is not None and source.suffix not in {*LAYERED, ".zip"}:
        raise source.refuse("no_layers", layer=source.layer)
    if source.sheet is not None and source.suffix not in WORKBOOKS:
        raise source.refuse("no_sheets", sheet=source.sheet)
    if source.path.is_dir() and source.suffix == ".gdb":
        check_folder(source)
        return
    if not source.path.is_file():
        raise source.refuse("no_file")
    if source.path.stat().st_size == 0:
        raise source.refuse("empty_file")
    try:
        source.path.open("rb").close()
    except PermissionError:  # on Windows also while a program keeps the file to itself
        raise source.refuse("not_permitted") from None


def with_letters(source: Source, raw: Raw) -> _Spelt:
    """Give headings and cells their Vietnamese letters back where they are of an old encoding.

    Return also what to tell, the faults of rows, and which rows were mended.
    """
    cells = [cell for column in raw.columns for cell in column if isinstance(cell, str)]
    found = restore([*raw.headings, *cells])
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


def _find_columns(
    source: Source, raw: Raw, table: Table
) -> tuple[list[Problem], list[Problem], Headings]:
    """Return the faults of the headings, hints about likely slips, and the fields' columns."""
    found = match(
        raw.headings,
        table.fields,
        longest=SHAPEFILE_NAME_LENGTH if raw.names_cut else None,
    )
    if not raw.names_cut:  # names cut to ten letters look too much alike
        found = with_alike(found, raw.headings, table.fields)
    problems = [
        Problem(
            message="inputs.repeated_column",
            file=source.shown,
            sheet=raw.sheet,
            column=name,
            values={"headings": ", ".join(headings)},
        )
        for name, headings in found.repeated.items()
    ]
    shown = ", ".join(raw.headings[:SHOWN_HEADINGS])
    if table.one_of and not set(table.one_of) & set(found.position):
        problems.append(
            Problem(
                message="inputs.missing_one_column",
                file=source.shown,
                sheet=raw.sheet,
                values={"fields": ", ".join(table.one_of), "found": shown or "–"},
            )
        )
    hints: list[Problem] = []
    if raw.above:
        hints.append(
            Problem(
                message="inputs.rows_above",
                file=source.shown,
                sheet=raw.sheet,
                values={"count": raw.above, "headings": shown},
            )
        )
    hints += [
        Problem(
            message=f"inputs.{told.message}",
            file=source.shown,
            sheet=raw.sheet,
            column=told.column,
            values=told.values,
        )
        for told in raw.told
    ]
    hints += [
        Problem(
            message="inputs.taken_alike",
            file=source.shown,
            sheet=raw.sheet,
            column=heading,
            values={"field": name, "score": score},
        )
        for name, (heading, score) in found.alike.items()
    ]
    missing = [one for one in table.fields if one.required and one.name not in found.position]
    if missing:
        problems.append(_missing_columns(source, raw, missing, found.nearest))
    for field in table.fields:
        nearest = found.nearest.get(field.name)
        if nearest is not None and field not in missing:
            hints.append(
                Problem(
                    message="inputs.unused_column",
                    file=source.shown,
                    sheet=raw.sheet,
                    column=nearest,
                    values={"field": field.name},
                )
            )
    if problems:
        problems += [
            Problem(
                message="inputs.legacy_letters", file=source.shown, sheet=raw.sheet, value=heading
            )
            for heading in raw.headings
            if is_legacy(heading)
        ]
    return problems, hints, found


def _missing_columns(
    source: Source, raw: Raw, missing: Sequence[Field], nearest: Mapping[str, str]
) -> Problem:
    """Tell the required columns that a file lacks, with its headings once."""
    shown = ", ".join(raw.headings[:SHOWN_HEADINGS]) or "–"
    if len(missing) == 1:
        (field,) = missing
        return Problem(
            message="inputs.missing_column",
            file=source.shown,
            sheet=raw.sheet,
            column=field.name,
            values={
                "meaning": field.title,
                "field": field.name,
                "found": shown,
                "nearest": nearest.get(field.name) or words("common.nothing_alike"),
            },
        )
    lines = {
        lang: "; ".join(
            f"{field.name} ({field.title[lang]})"
            + (text("inputs.most_alike", lang, nearest=alike) if alike else "")
            for field in missing
            for alike in (nearest.get(field.name),)
        )
        for lang in LANGUAGES
    }
    return source.problem(
        "missing_columns", count=len(missing), fields=Bilingual(**lines), found=shown
    )


def _with_ids(raw: Raw, table: Table) -> Raw:
    """Take the features' own identifiers for the table's key if the columns have none.

    Failing them, number the rows where the table allows it.
    """
    # Sites are told apart by more than a key of their own.
    key = table[(table.key or CELLS.key)[0]]
    if match(raw.headings, (key,)).position:
        return raw
    ids, told = raw.ids, Told("feature_ids", {"field": key.name})
    if ids is None and table.numbered:
        ids, told = as_cells(map(str, raw.rows.tolist()), len(raw.rows)), Told("rows_numbered")
    if ids is None:
        return raw
    return replace(
        raw,
        headings=(*raw.headings, key.name),
        columns=(*raw.columns, ids),
        told=(*raw.told, told),
    )


def _names_columns(raw: Raw, table: Table) -> bool:
    """Tell whether the first row under the headings looks like a second row of them."""
    return len(raw.rows) > 0 and matches([column[0] for column in raw.columns], table) > 0


def _repeated(keys: pd.DataFrame, raw: Raw, headings: str) -> Fault | None:
    """Refuse every row but the first of a key, and name the first."""
    if keys.empty:
        return None
    whole = keys.dropna()
    repeated = whole[whole.duplicated()]
    if repeated.empty:
        return None
    rows = pd.Series(raw.rows)
    first = rows[whole.index].groupby([whole[name] for name in whole]).transform("min")
    shown = repeated.apply(lambda key: ", ".join(map(_as_text, key)), axis=1)
    return Fault(
        rows.index.isin(repeated.index),
        "repeated_key",
        headings,
        {
            "key": shown.reindex(rows.index).to_numpy(dtype=object),
            "first": first.reindex(rows.index, fill_value=0).to_numpy(),
        },
    )


def _by_row(source: Source, raw: Raw, faults: Sequence[Fault]) -> dict[int, list[Problem]]:
    """Return the problems of each faulty row, rows in order, by position."""
    cells = dict(zip(reversed(raw.headings), reversed(raw.columns), strict=True))
    by_row: dict[int, list[Problem]] = {}
    for fault in faults:
        column = cells.get(fault.column or "")
        for i in np.flatnonzero(fault.rows).tolist():
            by_row.setdefault(i, []).append(
                Problem(
                    message=f"inputs.{fault.message}",
                    file=source.shown,
                    sheet=raw.sheet,
                    row=int(raw.rows[i]),
                    column=fault.column,
                    value=None if column is None or fault.message == "missing" else column[i],
                    values={
                        name: value[i] if isinstance(value, np.ndarray) else value
                        for name, value in fault.values.items()
                    },
                )
            )
    return {i: _in_one(by_row[i]) for i in sorted(by_row)}


def _in_one(problems: list[Problem]) -> list[Problem]:
    """Tell many empty cells of a row as one fault: it is a total or a note rather than a row."""
    empty = [problem for problem in problems if problem.message == "inputs.missing"]
    if len(empty) < MANY_EMPTY:
        return problems
    columns = ", ".join(problem.column for problem in empty if problem.column)
    summary = replace(
        empty[0], message="inputs.missing_many", column=None, values={"columns": columns}
    )
    return [summary, *(problem for problem in problems if problem.message != "inputs.missing")]


def _rejected(source: Source, raw: Raw, by_row: dict[int, list[Problem]]) -> pd.DataFrame:
    """List the rows set aside with their reasons and their cells as text."""
    at = list(by_row)
    rejected: dict[str, list[Any]] = {
        "file": [source.shown] * len(at),
        "row": [int(raw.rows[i]) for i in at],
    }
    for lang in LANGUAGES:
        rejected[f"reason_{lang}"] = [
            " ".join(
                (f"[{problem.column}] " if problem.column else "")
                + text(problem.message, lang, **problem.values)
                for problem in by_row[i]
            )
            for i in at
        ]
    for number, (heading, cells) in enumerate(zip(raw.headings, raw.columns, strict=True), start=1):
        name = heading or f"#{number}"
        while name in rejected:
            name += "_"
        rejected[name] = [_as_text(cells[i]) for i in at]
    return pd.DataFrame(rejected)


def _as_text(cell: Any) -> str:
    """Write a cell as text that can be stored anywhere; days without the hour."""
    if cell is None:
        return ""
    if isinstance(cell, datetime) and (cell.hour, cell.minute, cell.second) == (0, 0, 0):
        cell = cell.date()
    return str(cell).encode("utf-8", "backslashreplace").decode("utf-8")
