"""Estimates with their bands beside a target, drawn for paper; draws finished figures.

No state of pyplot is touched and no system font is asked for.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from ..i18n import number
from ..maps.paper_text import font, printable, shorten
from .section import own_settings

WIDTH_MM, ROW_MM, AROUND_MM = 160.0, 5.2, 16.0
NAME_MM = 46.0
DPI = 200
INK, SOFT = "#1f2933", "#5f6b76"
_MARKS = {"met": ("o", "#0072b2"), "missed": ("X", "#b2442a"), "undecided": ("D", "#8c8c8c")}
"""A shape and a colour each: the print may be black."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A unit's estimate, the ends of its band, and what follows from it."""

    name: str
    low: float
    median: float
    high: float
    verdict: str


def share_chart(estimates: Sequence[Estimate], target: float) -> bytes:
    """Draw estimates one below the other, the target as a line through all.

    Parameters
    ----------
    estimates : sequence of Estimate
        Shares, 0 to 1; the first is drawn on top.
    target : float
        As a share.

    Returns
    -------
    bytes
        PNG; the same each time.

    Examples
    --------
    >>> one = Estimate(name="Tha", low=0.9, median=0.95, high=0.99, verdict="undecided")
    >>> share_chart([one], 0.98)[1:4]
    b'PNG'
    """
    height = AROUND_MM + ROW_MM * len(estimates)
    with own_settings():
        figure = Figure(figsize=(WIDTH_MM / 25.4, height / 25.4), dpi=DPI)
        FigureCanvasAgg(figure)
        axes = figure.add_axes(
            (NAME_MM / WIDTH_MM, 11.0 / height, 0.96 - NAME_MM / WIDTH_MM, 1 - AROUND_MM / height)
        )
        for at, one in enumerate(estimates):
            mark, colour = _MARKS.get(one.verdict, _MARKS["undecided"])
            axes.plot([one.low, one.high], [at, at], color=colour, linewidth=1.4)
            axes.plot([one.median], [at], marker=mark, color=colour, markersize=4.5)
        axes.axvline(target, color=INK, linewidth=1.0, linestyle=(0, (4, 2)))
        axes.set_ylim(len(estimates) - 0.4, -0.6)
        lowest = min([target, *(one.low for one in estimates)])
        axes.set_xlim(max(lowest - 0.02, -0.005), 1.005)
        names = font(8.0)
        axes.set_yticks(
            range(len(estimates)),
            [shorten(printable(one.name), names, NAME_MM - 3) for one in estimates],
            fontproperties=names,
            color=INK,
        )
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{number(100 * x, 'vi')} %"))
        for label in axes.get_xticklabels():
            label.set_fontproperties(font(7.5))
        axes.grid(axis="x", color="#d5dae0", linewidth=0.5)
        axes.set_axisbelow(True)
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
        axes.tick_params(length=0, colors=SOFT)
        written = io.BytesIO()
        figure.savefig(written, format="png", dpi=DPI, metadata={"Software": "phusong"})
    return written.getvalue()
