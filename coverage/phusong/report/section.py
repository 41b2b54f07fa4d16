"""A path's terrain section with its loss budget beside it, as one picture.

Draws finished numbers and words with matplotlib; computes none and reads no
study. No state of pyplot is touched and no system font is asked for.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch, Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from .._types import Floats
from ..i18n import Language, number, text
from ..maps.paper_text import font, printable, shorten, width_mm, wrap

WIDTH_MM, HEIGHT_MM = 297.0, 160.0
NOTEBOOK_DPI = 110
INK, SOFT, LINE = "#1f2933", "#52606d", "#d5dae0"
GROUND, GROUND_EDGE, CLUTTER, SKY = "#d9c9a8", "#8a7444", "#7f9f6c", "#f4f8fb"
SIGHT, FRESNEL = "#0b5394", "#4a90c8"
GOOD, BAD = "#2166ac", "#b2442a"
CORE = 0.6
"""Share of the first zone that must be clear for diffraction to cost nothing (P.530, 2.2)."""
LEFT_MM, RIGHT_MM, TOP_MM, BOTTOM_MM = 20.0, 196.0, 30.0, 27.0
PANEL_LEFT_MM, PANEL_RIGHT_MM = 205.0, 289.0


@dataclass(frozen=True)
class BudgetLine:
    """One line of the budget.

    Parameters
    ----------
    label : str
        What.
    value : str
        How much, as printed.
    total : bool
        Whether it sums up those above.
    """

    label: str
    value: str
    total: bool = False


@dataclass(frozen=True)
class Outcome:
    """What the level means for one service.

    Parameters
    ----------
    name : str
        Of the service.
    detail : str
        The reckoning.
    margin : str
        The margin in words.
    served : bool
    """

    name: str
    detail: str
    margin: str
    served: bool


@dataclass(frozen=True, kw_only=True)
class Section:
    """Everything that the picture shows.

    Parameters
    ----------
    lang : {"vi", "en"}
    title, subtitle, headline, foot : str
        The headline says in one sentence what the section shows.
    hidden : bool
        Whether terrain cuts the sight line.
    points : DataFrame
        ``distance_m``, ``ground_m``, ``clutter_m``, ``bulge_m``,
        ``sight_line_m``, ``fresnel_m``, one row a sample, mast first.
    mast, receiver : str
        Labels of the ends.
    obstacle : (int, str), optional
        Row of the dominant obstacle and its label.
    budget : sequence of BudgetLine
    outcomes : sequence of Outcome
    """

    lang: Language
    title: str
    subtitle: str
    headline: str
    foot: str
    hidden: bool
    points: pd.DataFrame
    mast: str
    receiver: str
    obstacle: tuple[int, str] | None
    budget: Sequence[BudgetLine]
    outcomes: Sequence[Outcome]


def draw_section(section: Section) -> Figure:
    """Draw a section on a wide sheet, 297 × 160 mm.

    Parameters
    ----------
    section : Section

    Returns
    -------
    matplotlib.figure.Figure
        Write it with `phusong.maps.write_paper`.

    Examples
    --------
    >>> points = pd.DataFrame({
    ...     "distance_m": [0.0, 500.0, 1000.0], "ground_m": [700.0, 760.0, 650.0], "clutter_m": 0.0,
    ...     "bulge_m": 0.0, "sight_line_m": [730.0, 690.5, 651.5], "fresnel_m": [0.0, 9.0, 0.0],
    ... })
    >>> section = Section(
    ...     lang="en", title="Path to Lũng Cú", subtitle="Viettel 4G", headline="Hidden", foot="",
    ...     hidden=True, points=points, mast="mast", receiver="village", obstacle=(1, "ridge"),
    ...     budget=[BudgetLine("EIRP", "35.0 dBm")], outcomes=[],
    ... )
    >>> draw_section(section).get_label()
    'Path to Lũng Cú'
    """
    with own_settings():
        figure = Figure(figsize=(WIDTH_MM / 25.4, HEIGHT_MM / 25.4), facecolor="white")
        FigureCanvasAgg(figure)
        page = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH_MM), ylim=(HEIGHT_MM, 0))
        page.set_axis_off()
        _draw_heading(page, section)
        _draw_terrain(figure, section)
        top = _draw_budget(page, section)
        _draw_outcomes(page, section, top)
        _line(page, 8.0, HEIGHT_MM - 4.5, section.foot, 6.5, PANEL_RIGHT_MM - 8.0, colour=SOFT)
    figure.set_label(printable(section.title))
    return figure


def section_png(figure: Figure) -> bytes:
    """Return the picture as PNG for a notebook.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        From `draw_section`.

    Returns
    -------
    bytes

    Examples
    --------
    >>> section_png(Figure(figsize=(1, 1)))[1:4]
    b'PNG'
    """
    written = io.BytesIO()
    with own_settings():
        figure.savefig(written, format="png", dpi=NOTEBOOK_DPI, metadata={"Software": "phusong"})
    return written.getvalue()


@contextmanager
def own_settings() -> Iterator[None]:
    """Draw by matplotlib's defaults and ours, whatever the reader's own settings are."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams["text.parse_math"] = False  # a $ in a name is a $
        mpl.rcParams["text.hinting"] = "none"
        mpl.rcParams["svg.hashsalt"] = "phusong"
        yield


def _draw_heading(page: Axes, section: Section) -> None:
    room = PANEL_RIGHT_MM - 8.0
    _line(page, 8.0, 10.0, section.title, 15, room, bold=True)
    _line(page, 8.0, 16.2, section.subtitle, 8.5, room, colour=SOFT)
    colour = BAD if section.hidden else GOOD
    _line(page, 8.0, 24.0, section.headline, 10.5, room, bold=True, colour=colour)


def _draw_terrain(figure: Figure, section: Section) -> None:
    points, lang = section.points, section.lang
    km = points["distance_m"].to_numpy() / 1000
    ground = (points["ground_m"] + points["bulge_m"]).to_numpy()
    top = ground + points["clutter_m"].to_numpy()
    sight, zone = points["sight_line_m"].to_numpy(), points["fresnel_m"].to_numpy()
    axes = figure.add_axes(
        (
            LEFT_MM / WIDTH_MM,
            BOTTOM_MM / HEIGHT_MM,
            (RIGHT_MM - LEFT_MM) / WIDTH_MM,
            1 - (TOP_MM + BOTTOM_MM) / HEIGHT_MM,
        ),
        facecolor=SKY,
    )
    lowest, highest = ground.min(), max(top.max(), (sight + zone).max())
    spread = max(highest - lowest, 20.0)
    bottom, ceiling = lowest - 0.13 * spread, highest + 0.30 * spread
    axes.set_xlim(0, km[-1])
    axes.set_ylim(bottom, ceiling)
    for share, alpha in ((1.0, 0.16), (CORE, 0.22)):
        low, high = sight - share * zone, sight + share * zone
        axes.fill_between(km, low, high, color=FRESNEL, linewidth=0, alpha=alpha)
    axes.plot(km, sight, color=SIGHT, linewidth=1.1, dashes=(6, 3))
    if (top > ground).any():
        axes.fill_between(km, ground, top, color=CLUTTER, linewidth=0)
    axes.fill_between(km, bottom, ground, color=GROUND, linewidth=0)
    axes.plot(km, ground, color=GROUND_EDGE, linewidth=1.2)
    _draw_ends(axes, section, km, ground, sight)
    if section.obstacle is not None:
        _draw_obstacle(axes, section.obstacle, km, top, sight)
    _draw_axes(axes, lang)
    _draw_legend(axes, section, clutter=bool((top > ground).any()))


def _draw_ends(axes: Axes, section: Section, km: Floats, ground: Floats, sight: Floats) -> None:
    for at, label, ha in ((0, section.mast, "left"), (-1, section.receiver, "right")):
        axes.plot(
            [km[at]] * 2,
            [ground[at], sight[at]],
            color=INK,
            linewidth=2.4,
            solid_capstyle="butt",
            clip_on=False,
            zorder=6,
        )
        axes.plot(
            [km[at]],
            [sight[at]],
            marker="o",
            color="white",
            markeredgecolor=INK,
            markersize=5,
            markeredgewidth=1.4,
            clip_on=False,
            zorder=7,
        )
        # Off the beam, and off an obstacle near by, which rises above it.
        below = sight[0 if at else -1] > sight[at] or (
            section.obstacle is not None and abs(km[section.obstacle[0]] - km[at]) < 0.2 * km[-1]
        )
        axes.annotate(
            printable(label),
            (km[at], ground[at] if below else sight[at]),
            xytext=(-8 if at else 8, -10 if below else 10),
            textcoords="offset points",
            ha=ha,
            va="top" if below else "bottom",
            fontproperties=font(8, bold=True),
            color=INK,
            zorder=8,
            bbox=_PAPER,
        )


_PAPER = {"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}


def _draw_obstacle(
    axes: Axes, obstacle: tuple[int, str], km: Floats, top: Floats, sight: Floats
) -> None:
    point, label = obstacle
    x, share = km[point], km[point] / km[-1]
    side, ha = (
        (0.01, "left") if share < 0.25 else (0.99, "right") if share > 0.75 else (share, "center")
    )
    axes.plot([x, x], [sight[point], top[point]], color=BAD, linewidth=1.6, zorder=5)
    axes.plot([x], [top[point]], marker="v", color=BAD, markersize=7, zorder=7)
    axes.annotate(
        "\n".join(printable(line) for line in label.split("\n")),
        (x, top[point]),
        xytext=(side, 0.965),
        textcoords="axes fraction",
        ha=ha,
        multialignment="center",
        va="top",
        fontproperties=font(8.5),
        color=BAD,
        zorder=9,
        linespacing=1.35,
        bbox={
            "boxstyle": "round,pad=0.4",
            "facecolor": "white",
            "edgecolor": BAD,
            "linewidth": 0.8,
        },
        arrowprops={"arrowstyle": "-", "color": BAD, "linewidth": 0.8, "shrinkB": 5},
    )


def _draw_axes(axes: Axes, lang: Language) -> None:
    def plain(value: float, _: int) -> str:
        digits = f"{value:.2f}".rstrip("0").partition(".")[2]
        return number(value, lang, decimals=len(digits))

    axes.xaxis.set_major_locator(MaxNLocator(10, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 2.5, 5, 10]))
    for axis, key in ((axes.xaxis, "profile.axis_distance"), (axes.yaxis, "profile.axis_height")):
        axis.set_major_formatter(FuncFormatter(plain))
        axis.set_label_text(text(key, lang), fontproperties=font(8), color=SOFT)
        axis.set_tick_params(color=LINE, labelcolor=SOFT, length=3)
        for label in axis.get_ticklabels():
            label.set_fontproperties(font(7.5))
    axes.grid(axis="y", color=LINE, linewidth=0.5, zorder=0)
    axes.set_axisbelow(True)
    for name, spine in axes.spines.items():
        spine.set_visible(name in ("left", "bottom"))
        spine.set_color(LINE)


def _draw_legend(axes: Axes, section: Section, *, clutter: bool) -> None:
    bulge = number(section.points["bulge_m"].max(), section.lang, decimals=1)
    entries = [
        (Patch(facecolor=GROUND, edgecolor=GROUND_EDGE), "legend_ground"),
        *([(Patch(facecolor=CLUTTER), "legend_clutter")] if clutter else []),
        (Line2D([], [], color=SIGHT, linewidth=1.1, dashes=(6, 3)), "legend_sight"),
        (Patch(facecolor=FRESNEL, alpha=0.2), "legend_fresnel"),
        (Patch(facecolor=FRESNEL, alpha=0.42), "legend_core"),
    ]
    axes.legend(
        [handle for handle, _ in entries],
        [
            text(f"profile.{key}", section.lang, bulge=bulge)
            if key == "legend_ground"
            else text(f"profile.{key}", section.lang)
            for _, key in entries
        ],
        loc="upper center",
        bbox_to_anchor=(0.5, -0.125),
        ncols=len(entries),
        frameon=False,
        prop=font(7),
        labelcolor=SOFT,
        handlelength=1.8,
        columnspacing=1.6,
        borderpad=0,
    )


def _draw_budget(page: Axes, section: Section) -> float:
    """Draw the budget and return where it ends."""
    y = TOP_MM + 2.0
    _line(page, PANEL_LEFT_MM, y, text("profile.budget", section.lang), 9.5, 80.0, bold=True)
    y += 2.6
    for line in section.budget:
        if line.total:
            _rule(page, y + 1.8, INK)
            y += 2.0
        y += 5.0
        value_mm = width_mm(line.value, font(8.2, bold=line.total)) + 3.0
        room = PANEL_RIGHT_MM - PANEL_LEFT_MM - value_mm
        _line(page, PANEL_LEFT_MM, y, line.label, 8.2, room, bold=line.total)
        page.text(
            PANEL_RIGHT_MM,
            y,
            line.value,
            ha="right",
            va="baseline",
            color=INK,
            fontproperties=font(8.2, bold=line.total),
        )
    return y + 4.0


def _draw_outcomes(page: Axes, section: Section, top: float) -> None:
    """Draw one box a service, as many as there is room for."""
    left, right, y = PANEL_LEFT_MM, PANEL_RIGHT_MM, top
    for outcome in section.outcomes:
        detail = wrap(printable(outcome.detail), font(6.8), right - left - 8.0)[:2]
        height = 12.5 + 3.1 * len(detail)
        if y + height > HEIGHT_MM - 8.0:
            _line(page, left, HEIGHT_MM - 8.5, "…", 9, 10.0, colour=SOFT)
            break
        colour = GOOD if outcome.served else BAD
        page.add_patch(
            FancyBboxPatch(
                (left, y),
                right - left,
                height - 2.0,
                boxstyle="round,pad=0,rounding_size=1.2",
                facecolor="white",
                edgecolor=LINE,
                linewidth=0.8,
            )
        )
        page.add_patch(
            FancyBboxPatch(
                (left, y),
                1.4,
                height - 2.0,
                boxstyle="round,pad=0,rounding_size=0.6",
                facecolor=colour,
                edgecolor="none",
            )
        )
        _line(page, left + 4.0, y + 4.2, outcome.name, 8, right - left - 6.0, bold=True)
        _line(
            page,
            left + 4.0,
            y + 8.2,
            outcome.margin,
            8,
            right - left - 6.0,
            bold=True,
            colour=colour,
        )
        for position, line in enumerate(detail):
            _line(
                page,
                left + 4.0,
                y + 11.6 + 3.1 * position,
                line,
                6.8,
                right - left - 6.0,
                colour=SOFT,
            )
        y += height


def _rule(page: Axes, y: float, colour: str) -> None:
    page.plot([PANEL_LEFT_MM, PANEL_RIGHT_MM], [y, y], color=colour, linewidth=0.6)


def _line(  # noqa: PLR0913 - the properties of a written line
    page: Axes,
    x: float,
    y: float,
    words: str,
    size: float,
    room: float,
    *,
    bold: bool = False,
    colour: str = INK,
) -> None:
    """Write one line, shortened to its room."""
    chosen = font(size, bold=bold)
    page.text(
        x,
        y,
        shorten(printable(words), chosen, room),
        fontproperties=chosen,
        color=colour,
        va="baseline",
    )
