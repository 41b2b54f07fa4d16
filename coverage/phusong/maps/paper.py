"""Maps for paper: one theme, one service, one language on an A4 or A3 sheet.

Lays out and draws with matplotlib in the study's own CRS, and writes PDF, PNG
or SVG; computes no figure. No state of pyplot is touched.
"""

import io
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ..errors import OutputError
from ..i18n import Language, number, text
from .geometry import DEGREES, transformer
from .layers import MapData
from .paper_content import Bounds, Content, content
from .paper_draw import Frame, draw_content
from .paper_legend import draw_legend
from .paper_names import draw_names
from .paper_pdf import LEVEL, new_pdf
from .paper_sheet import (
    GREY,
    INK,
    MARGIN,
    SIZES_MM,
    Box,
    Orientation,
    Paper,
    Sheet,
    crs_text,
    draw_frame,
    draw_furniture,
    draw_imprint,
    graticule,
    lay_out,
    outline,
    round_scale,
    write,
)
from .paper_text import MM_PER_PT, fitted, font, printable, shorten, width_mm
from .theme import Relief, Theme

DPI = 300
INSET_TIMES = 4
GRATICULE_ZORDER, LOCATOR_ZORDER, SAMPLE_ZORDER = 900, 950, 1200
WARNING = "#a63603"
FORMATS = (".pdf", ".png", ".svg")


def render_paper(
    theme: Theme,
    data: MapData,
    *,
    lang: Language,
    paper: Paper = "A4",
    orientation: Orientation | None = None,
    service: str | None = None,
) -> Figure:
    """Draw a theme on a sheet of paper.

    Parameters
    ----------
    theme : Theme
        From `open_theme`; its layers with ``shown = true`` are drawn.
    data : MapData
        Tables and rasters in the study's CRS, metres.
    lang : {"vi", "en"}
    paper : {"A4", "A3", "text"}
        The last is what the margins of a page of A4 text leave.
    orientation : {"portrait", "landscape"}, optional
        The one that draws the study area larger, if absent.
    service : str, optional
        Id of the service shown; the study's first if absent.

    Returns
    -------
    matplotlib.figure.Figure
        Exactly the sheet's size; write it with `write_paper`.

    Raises
    ------
    NothingToDrawError
        If the study has none of the tables that the theme shows.
    UnknownServiceError
        If the study has no such service.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> from phusong.i18n import Bilingual
    >>> from phusong.maps import open_theme
    >>> communes = gpd.GeoDataFrame(
    ...     {"commune_code": ["00691"], "name": ["Xín Mần"], "readiness_level": [2]},
    ...     geometry=[box(440_000, 2_520_000, 450_000, 2_530_000)], crs="EPSG:9209",
    ... )
    >>> data = MapData(title=Bilingual("Mẫu", "Sample"), tables={"communes": communes})
    >>> sheet = render_paper(open_theme("readiness"), data, lang="en", orientation="landscape")
    >>> (sheet.get_size_inches() * 25.4).round().tolist()
    [297.0, 210.0]
    """
    resolved = content(theme, data, lang=lang, service=service)
    sheet = lay_out(
        resolved.bounds,
        paper=paper,
        orientation=orientation,
        inset=resolved.densest is not None,
        imprint=data.imprint,
    )
    with own_settings():
        width, height = SIZES_MM[paper]
        if sheet.width > sheet.height:
            width, height = height, width
        figure = Figure(figsize=(width / 25.4, height / 25.4), dpi=DPI)
        FigureCanvasAgg(figure)
        page = figure.add_axes((0, 0, 1, 1), xlim=(0, sheet.width), ylim=(sheet.height, 0))
        page.set_axis_off()
        page.set_zorder(1)  # frames lie on the maps
        _draw_title(page, sheet, resolved, lang)
        main = draw_map(page, sheet, resolved, theme.relief, data, lang)
        if sheet.inset is not None and resolved.densest is not None:
            scale = round_scale(sheet.scale / INSET_TIMES)
            near = _frame(page, sheet, sheet.inset, scale, resolved.densest, resolved)
            draw_content(near, resolved, theme.relief, data)
            draw_names(near, resolved)
            outline(page, sheet, sheet.inset)
            words = text("paper.inset", lang, scale=number(scale, lang))
            write(page, sheet, sheet.inset.left, sheet.inset.top - 1.2, words, 7, bold=True)
            _locate(main.axes, near.view, sheet.enlarged)
        if data.imprint is not None:
            draw_imprint(page, sheet, data.imprint, lang)
        _draw_foot(page, sheet, resolved, lang)
    figure.set_label(f"{resolved.title} – {resolved.study}")
    return figure


def write_paper(figure: Figure, path: Path | str) -> Path:
    """Write a sheet as PDF, PNG (300 dpi) or SVG, by the ending of its name.

    The same figure gives the same bytes: no date, no random identifier. The
    PDF carries its fonts, and its text can be searched.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        From `render_paper`.
    path : path
        ``.pdf``, ``.png`` or ``.svg``; a file of that name is replaced.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    OutputError
        If the ending is none of these or the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write_paper(Figure(figsize=(1, 1)), Path(folder) / "empty.pdf")
    ...     path.read_bytes()[:5]
    b'%PDF-'
    """
    path = Path(path)
    check_paper_file(path)
    kind = path.suffix.lower()
    title = str(figure.get_label())
    metadata: dict[str, dict[str, str | None]] = {
        ".png": {"Title": title, "Software": "phusong"},
        ".svg": {"Title": title, "Creator": "phusong", "Date": None},
    }
    written = io.BytesIO()
    with own_settings():
        if kind == ".pdf":
            with new_pdf(written, title) as pages:
                pages.savefig(figure, dpi=DPI)
        else:
            figure.savefig(written, format=kind[1:], dpi=DPI, metadata=metadata[kind])
    part = path.with_name(f".{path.name}.part")  # the old file stays if the disk is full
    try:
        part.write_bytes(written.getvalue())
        part.replace(path)
    except OSError as fault:
        part.unlink(missing_ok=True)
        raise OutputError("paper.not_written", name=path.name, detail=fault.strerror) from fault
    return path


def check_paper_file(path: Path, formats: Collection[str] = FORMATS) -> None:
    """Refuse a file that `write_paper` could not write; call it before a long computation.

    Parameters
    ----------
    path : Path
        File to be written.
    formats : collection of str
        Endings that can be written.

    Raises
    ------
    OutputError
        If the ending is none of `formats` or the folder is not there.

    Examples
    --------
    >>> check_paper_file(Path("map.pdf"))
    >>> check_paper_file(Path("map.jpg"))
    Traceback (most recent call last):
        ...
    phusong.errors.OutputError: ...map.jpg...
    """
    if path.suffix.lower() not in formats:
        raise OutputError("paper.unknown_format", name=path.name, known=", ".join(formats))
    if not path.absolute().parent.is_dir():
        raise OutputError("paper.no_folder", name=path.name, folder=str(path.parent))


def draw_map(
    page: Axes,
    sheet: Sheet,
    drawn: Content,
    relief: Relief | None,
    data: MapData,
    lang: Language,
    *,
    smooth: bool = True,
) -> Frame:
    """Draw a map into the frame of a sheet, with its names, grid, legend, arrow and scale bar.

    Shade that is not smoothed takes a hundredth of the bytes.
    """
    west, south, east, north = drawn.bounds
    middle = ((west + east) / 2, (south + north) / 2)
    main = replace(_frame(page, sheet, sheet.frame, sheet.scale, middle, drawn), smooth=smooth)
    draw_content(main, drawn, relief, data)
    draw_names(main, drawn)
    draw_frame(page, sheet, main.view, drawn.crs, lang)
    main.axes.add_collection(
        LineCollection(
            graticule(drawn.crs, main.view),
            colors=GREY,
            linewidths=0.25 * sheet.enlarged,
            alpha=0.6,
            zorder=GRATICULE_ZORDER,
        ),
        autolim=False,
    )
    draw_legend(page, sheet, drawn, lang, main.zoom)
    _draw_sample(main.axes, drawn, sheet.enlarged)
    draw_furniture(page, sheet, lang)
    return main


@contextmanager
def own_settings() -> Iterator[None]:
    """Draw by matplotlib's defaults and ours, whatever the reader's own settings are."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams["pdf.fonttype"] = 42  # outlines that keep their letters: searchable
        mpl.rcParams["ps.fonttype"] = (
            42  # or a PDF has every face twice, for letters beyond Latin-1
        )
        mpl.rcParams["pdf.compression"] = LEVEL
        mpl.rcParams["svg.hashsalt"] = "phusong"
        mpl.rcParams["text.hinting"] = "none"
        mpl.rcParams["path.simplify"] = False
        mpl.rcParams["image.composite_image"] = False
        yield


def _frame(
    page: Axes, sheet: Sheet, box: Box, scale: int, middle: tuple[float, float], drawn: Content
) -> Frame:
    metres_per_mm = sheet.metres_per_mm(scale)
    west, south, east, north = view = box.view(middle, metres_per_mm)
    figure = page.get_figure()
    assert figure is not None  # a page lies on one
    axes = figure.add_axes(box.on(sheet), xlim=(west, east), ylim=(south, north))
    axes.set_axis_off()
    latitude = transformer(drawn.crs, DEGREES).transform(*middle)[1]
    return Frame(
        axes=axes,
        view=view,
        metres_per_pt=metres_per_mm * MM_PER_PT / sheet.enlarged,
        enlarged=sheet.enlarged,
        latitude=latitude,
    )


def _draw_title(page: Axes, sheet: Sheet, drawn: Content, lang: Language) -> None:
    left, top, room = MARGIN, MARGIN, sheet.width - 2 * MARGIN
    title = shorten(drawn.title, font(15, bold=True), room)
    write(page, sheet, left, top + 5.0, title, 15, bold=True)
    beside = room - width_mm(title, font(15, bold=True)) - 8
    lines, size = fitted(drawn.note, (7.5, 6.5, 5.5), max(beside, 30.0), lines=2, italic=True)
    for position, line in enumerate(reversed(lines)):
        write(
            page,
            sheet,
            left + room,
            top + 5.0 - 3.2 * position,
            line,
            size,
            italic=True,
            colour=GREY,
            ha="right",
        )
    about, definition = drawn.study, ""
    if drawn.service is not None:
        name = printable(drawn.service.title[lang])
        about = f"{about} · {text('maps.page_service', lang)}: {name}"
        definition = drawn.service.definition[lang]
    write(page, sheet, left, top + 10.2, shorten(about, font(9.5), room), 9.5)
    lines, size = fitted(printable(definition), (6.3, 5.6, 5.0), room, lines=2)
    for position, line in enumerate(lines):
        write(page, sheet, left, top + 13.8 + 2.8 * position, line, size, colour=GREY)


def _draw_foot(page: Axes, sheet: Sheet, drawn: Content, lang: Language) -> None:
    right, baseline = sheet.width - MARGIN, sheet.height - MARGIN - 1
    crs = text("paper.crs", lang, crs=crs_text(drawn.crs))
    write(page, sheet, right, baseline, crs, 5.8, colour=GREY, ha="right")
    room = right - MARGIN - width_mm(crs, font(5.8)) - 4
    line = shorten(drawn.dated, font(5.8), room)
    write(page, sheet, MARGIN, baseline, line, 5.8, colour=GREY)
    named, size = fitted(drawn.attributions, (5.2, 4.6, 4.0), right - MARGIN, lines=2)
    for position, line in enumerate(named, start=1):
        write(page, sheet, MARGIN, baseline + 2.1 * position, line, size, colour=GREY)


def _draw_sample(axes: Axes, drawn: Content, enlarged: float) -> None:
    """Say on the map itself, above all that it draws, that its data are invented."""
    if not drawn.sample:
        return
    axes.text(
        0.5,
        0.985,
        drawn.sample,
        transform=axes.transAxes,
        ha="center",
        va="top",
        color="white",
        parse_math=False,
        fontproperties=font(8 * enlarged, bold=True),
        bbox={"facecolor": WARNING, "edgecolor": "none", "boxstyle": "square,pad=0.35"},
        zorder=SAMPLE_ZORDER,
    )


def _locate(axes: Axes, view: Bounds, enlarged: float) -> None:
    """Show on the main map what the inset enlarges."""
    west, south, east, north = view
    for colour, width in (("white", 2.0), (INK, 0.8)):
        axes.add_patch(
            Rectangle(
                (west, south),
                east - west,
                north - south,
                fill=False,
                edgecolor=colour,
                linewidth=width * enlarged,
                zorder=LOCATOR_ZORDER,
            )
        )
