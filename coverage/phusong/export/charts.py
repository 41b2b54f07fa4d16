"""Charts of a workbook, on one sheet, of what people look at rather than read.

Shares by district or commune, what two results differ by, roads to measure, money and people by
year. Each stands beside the few figures that it draws, which are those of the tables.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from openpyxl import Workbook
from openpyxl.chart import BarChart, LineChart, Reference, ScatterChart, Series
from openpyxl.chart._chart import ChartBase
from openpyxl.drawing.text import CharacterProperties
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.pagebreak import Break

from ..i18n import Bilingual, text
from ..tables import INDICATORS
from .layers import Layer
from .workbook import (
    DECIMAL,
    GENERAL,
    LINE_PT,
    PERCENT,
    WHOLE,
    fit_row,
    set_up_page,
    styled_cell,
    value_cell,
    write_notice,
)

MOST_UNITS = 40
"""Bars that a chart can show with their names."""
SHARES = ("share_median", "covered_population_share")
"""Of a unit, the one that is told first."""
UNITS = (("districts", "district"), ("communes", "name"))
LEAST = "communes"
"""Of more units than a chart can show the lowest are drawn, where no larger units are."""
SHARE_BEFORE, SHARE_AFTER, GAINED = (
    "covered_population_share_before", "covered_population_share_after",
    "covered_population_gained",
)  # fmt: skip
COMPARED = (
    ("compared_districts", "district", SHARE_BEFORE), ("compared_communes", "name", GAINED),
)  # fmt: skip
BY_YEAR = (
    ("rollout_years", "offices_in_service"), ("rollout_years", "spent_vnd"),
    ("fibre_years", "length_km"), ("fibre_years", "spent_vnd"),
    ("site_years", "spent_vnd"), ("site_years", "people"),
)  # fmt: skip
WIDTH_CM, HEIGHT_CM, HEIGHT_LINES, ROWS_APART = 24.0, 8.8, 17, 19
PRINTED_SCALE, LINES_A_PAGE = 52, 57
"""Percent, at which figures and chart stand beside each other on A4, three below each other."""
AXIS_PERCENT = "0%"
TITLE_PT = 11
CHARTS_END = "P"
"""A column behind the charts."""
BAR_COLOUR, BEFORE_COLOUR, TARGET_COLOUR = "3F8EC4", "B8C4CE", "A63603"


@dataclass(frozen=True, kw_only=True)
class ChartData:
    """Figures of one chart.

    Parameters
    ----------
    title : str
    kind : {"bar", "pair", "scatter"}
        A pair has two bars beside each other.
    headings : tuple of str
        Of the label, the value and, if there is one, the target or the other value.
    rows : tuple of tuple
    number_format : str
        Of values, in Excel's notation.
    """

    title: str
    kind: Literal["bar", "pair", "scatter"]
    headings: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    number_format: str

    @property
    def cell_format(self) -> str:
        """Number format of the values in their cells, which have room for a decimal."""
        return PERCENT if self.number_format == AXIS_PERCENT else self.number_format


def charts_of(layers: Iterable[Layer]) -> tuple[ChartData, ...]:
    """Return what of some tables people look at rather than read.

    Parameters
    ----------
    layers : iterable of Layer

    Returns
    -------
    tuple of ChartData
        Without those whose table or column is absent or empty.

    Examples
    --------
    >>> charts_of([])
    ()
    """
    known = {layer.name: layer for layer in layers}
    return (*_shares(known), *_compared(known), *_roads(known), *_years(known), *_curve(known))


def _shares(known: Mapping[str, Layer]) -> Iterator[ChartData]:
    """Yield a chart a service: the share of each district, else of the communes, lowest first."""
    units = next(
        ((known[name], label) for name, label in UNITS
         if name in known and label in known[name].table.columns
         and len(known[name].rows) > 1 and (len(known[name].rows) <= MOST_UNITS or name == LEAST)),
        None,
    )  # fmt: skip
    if units is None:
        return
    layer, label = units
    board = known.get(INDICATORS.name)
    targets = {} if board is None else {row["indicator"]: row["target"] for row in board.rows}
    told = set()
    for share in SHARES:
        for field in layer.table.fields:
            service = field.name.removeprefix(f"{share}_")
            if service == field.name or service in told:
                continue
            named = zip(layer.column(label), layer.column(field.name), strict=True)
            rows = sorted((row for row in named if row[1] is not None), key=lambda row: row[1])
            if len(rows) < 2:  # nothing to compare
                continue
            told.add(service)
            target = targets.get(f"{share}_{service}")
            aimed = () if target is None else (target,)
            shown = rows[:MOST_UNITS]
            yield ChartData(
                title=field.title.vi
                if len(shown) == len(rows)
                else text("export.chart_lowest", "vi", title=field.title.vi, shown=len(shown),
                          count=len(rows)),
                kind="bar",
                headings=(
                    layer.table[label].title.vi,
                    text("export.chart_share", "vi"),
                    *(text("export.chart_target", "vi") for _ in aimed),
                ),
                rows=tuple((str(name), value, *aimed) for name, value in shown),
                number_format=AXIS_PERCENT,
            )  # fmt: skip


def _compared(known: Mapping[str, Layer]) -> Iterator[ChartData]:
    """Yield by service shares before and after, and the communes whose residents changed most."""
    for name, label, column in COMPARED:
        layer = known.get(name)
        if layer is None or label not in layer.table.columns:
            continue
        for field in layer.table.fields:
            service = field.name.removeprefix(f"{column}_")
            if service == field.name:
                continue
            ends = [field]
            if column == SHARE_BEFORE:
                if len(layer.rows) > MOST_UNITS:
                    continue
                ends.append(layer.table[f"{SHARE_AFTER}_{service}"])
            rows = [
                (str(row[label]), *values)
                for row in layer.rows
                if None not in (values := [row[one.name] for one in ends])
            ]
            if column == GAINED:
                rows = sorted((row for row in rows if round(row[1])), key=lambda row: -abs(row[1]))
                rows = [(unit, round(people)) for unit, people in rows[:MOST_UNITS]]
            if rows:
                yield ChartData(
                    title=field.title.vi if column == GAINED
                    else text("export.chart_compared", "vi", before=field.title.vi),
                    kind="pair" if len(ends) > 1 else "bar",
                    headings=(
                        layer.table[label].title.vi,
                        *((text("export.chart_before", "vi"), text("export.chart_after", "vi"))
                          if len(ends) > 1 else (field.meaning("vi"),)),
                    ),
                    rows=tuple(rows),
                    number_format=WHOLE if column == GAINED else AXIS_PERCENT,
                )  # fmt: skip


def _roads(known: Mapping[str, Layer]) -> Iterator[ChartData]:
    """Yield by service what measuring one road after the other is expected to settle."""
    layer = known.get("road_segments")
    for field in () if layer is None else layer.table.fields:
        service = field.name.removeprefix("settled_so_far_")
        if layer is None or service == field.name:
            continue
        driven = sorted(
            (row for row in layer.rows if row[f"drive_order_{service}"] is not None),
            key=lambda row: row[f"drive_order_{service}"],
        )
        if driven:
            yield ChartData(
                title=field.title.vi,
                kind="bar",
                headings=(layer.table["road"].title.vi, field.meaning("vi")),
                rows=tuple(
                    (f"{row[f'drive_order_{service}']}. {row['road']}", row[field.name])
                    for row in driven
                ),
                number_format=DECIMAL,
            )


def _years(known: Mapping[str, Layer]) -> Iterator[ChartData]:
    for name, column in BY_YEAR:
        layer = known.get(name)
        if layer is None or not {"year", column} <= set(layer.table.columns):
            continue
        rows = [(str(row["year"]), row[column]) for row in layer.rows if row[column] is not None]
        if rows:
            yield ChartData(
                title=f"{layer.table.title.vi}: {layer.table[column].meaning('vi')}",
                kind="bar",
                headings=(layer.table["year"].title.vi, layer.table[column].meaning("vi")),
                rows=tuple(sorted(rows)),
                number_format=WHOLE,
            )


def _curve(known: Mapping[str, Layer]) -> Iterator[ChartData]:
    layer = known.get("site_curve")
    if layer is None or not layer.rows:
        return
    yield ChartData(
        title=layer.table.title.vi,
        kind="scatter",
        headings=(layer.table["cost_vnd"].meaning("vi"), layer.table["people"].meaning("vi")),
        rows=tuple((row["cost_vnd"], round(row["people"])) for row in layer.rows),
        number_format=WHOLE,
    )


def write_charts(book: Workbook, layers: Sequence[Layer], notice: Bilingual | None) -> None:
    """Write the charts that the tables give, each beside its figures; no sheet if there is none."""
    charts = charts_of(layers)
    if not charts:
        return
    sheet = book.create_sheet(text("export.sheet_charts", "vi"))
    widths = (30, 20, 12)
    for letter, width in zip("ABC", widths, strict=True):
        sheet.column_dimensions[letter].width = width
    write_notice(sheet, notice)
    row = 1 if notice is None else 2
    set_up_page(sheet, None)  # each chart has headings of its own
    sheet.page_setup.scale = PRINTED_SCALE
    used = 0.0  # lines of the page
    for data in charts:
        fit_row(sheet, row, data.headings, widths[: len(data.headings)])
        heading = (sheet.row_dimensions[row].height or LINE_PT) / LINE_PT
        if used and used + max(heading + len(data.rows), HEIGHT_LINES) > LINES_A_PAGE:
            sheet.row_breaks.append(Break(id=row - 1))
            used = 0.0
        used += heading + max(len(data.rows) + 1, ROWS_APART - 1)
        sheet.add_chart(_draw(data, sheet, row), f"E{row}")
        sheet.append([styled_cell(sheet, heading, "heading") for heading in data.headings])
        for values in data.rows:
            first = data.number_format if data.kind == "scatter" else GENERAL
            formats = (first, data.cell_format, data.cell_format)
            sheet.append([value_cell(sheet, *one) for one in zip(values, formats, strict=False)])
        apart = max(ROWS_APART - len(data.rows) - 1, 1)
        for _ in range(apart):
            sheet.append([])
        row += 1 + len(data.rows) + apart
    top = 1 if notice is None else 2  # the notice is printed above each page
    sheet.print_area = f"A{top}:{CHARTS_END}{row - 1}"


def _draw(data: ChartData, sheet: WriteOnlyWorksheet, heading: int) -> ChartBase:
    """Return the chart of figures in the first columns of a sheet, below a heading."""
    last = heading + len(data.rows)

    def column(number: int, first: int = heading) -> Reference:
        return Reference(sheet, min_col=number, min_row=first, max_row=last)

    if data.kind == "scatter":
        chart: Any = ScatterChart()
        chart.style = 13
        series = Series(column(2), column(1, heading + 1), title_from_data=True)
        series.marker.symbol = "circle"
        series.smooth = False  # a bent line would promise people between the points
        chart.series.append(series)
        chart.x_axis.number_format = data.number_format
    else:
        chart = BarChart()
        chart.gapWidth = 40
        chart.add_data(column(2), titles_from_data=True)
        chart.set_categories(column(1, heading + 1))
        chart.series[0].graphicalProperties.solidFill = BAR_COLOUR
        if data.kind == "pair":
            chart.add_data(column(3), titles_from_data=True)
            chart.series[0].graphicalProperties.solidFill = BEFORE_COLOUR
            chart.series[1].graphicalProperties.solidFill = BAR_COLOUR
        elif len(data.headings) > 2:
            target = LineChart()
            target.add_data(column(3), titles_from_data=True)
            target.series[0].graphicalProperties.line.solidFill = TARGET_COLOUR
            target.series[0].marker.symbol = "none"
            chart += target
    if all(row[1] >= 0 for row in data.rows):
        chart.y_axis.scaling.min = 0  # bars that begin elsewhere mislead
    else:
        chart.x_axis.tickLblPos = "low"  # names stand below the bars that hang down
    if data.number_format == AXIS_PERCENT:
        chart.y_axis.scaling.max = 1
    chart.title = data.title
    for paragraph in chart.title.tx.rich.p:
        for run in paragraph.r:
            run.rPr = CharacterProperties(sz=TITLE_PT * 100, b=True)
    chart.y_axis.number_format = data.number_format
    chart.x_axis.title = data.headings[0]  # the other is told by the legend
    chart.x_axis.delete = chart.y_axis.delete = False  # openpyxl hides them in new Excel
    chart.legend.position = "b"
    chart.width, chart.height = WIDTH_CM, HEIGHT_CM
    return chart
