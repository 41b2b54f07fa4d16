"""How a result shows itself in a notebook: its board, its tables, what must be known."""

from collections.abc import Iterable, Mapping

import pandas as pd
from markupsafe import Markup

from ..i18n import Bilingual, number, text
from ..tables import Table
from .board import board_rows


def result_html(
    title: Bilingual,
    *,
    sample: Bilingual | None,
    indicators: pd.DataFrame,
    tables: Mapping[str, tuple[pd.DataFrame, Table]],
    notes: Iterable[Bilingual],
) -> str:
    """Return the board, the tables' sizes and the notes as HTML; everything is escaped.

    Parameters
    ----------
    title : Bilingual
        The study's name.
    sample : Bilingual, optional
        That the data are invented.
    indicators : DataFrame
        Rows as `tables.INDICATORS`.
    tables : mapping
        Finished tables with their definitions, by name.
    notes : iterable of Bilingual
        What the reader must know.

    Returns
    -------
    str
        A fragment of a page.

    Examples
    --------
    >>> from phusong.tables import INDICATORS
    >>> board = pd.DataFrame(columns=INDICATORS.columns)
    >>> notes = [Bilingual("Xã <A> không có thôn", "Commune <A> has no village")]
    >>> shown = result_html(Bilingual("Tỉnh", "Province"), indicators=board, tables={}, notes=notes)
    >>> "Xã &lt;A&gt; không có thôn" in shown
    True
    """
    parts = [Markup("<b>{}</b> / {}").format(title.vi, title.en)]
    if sample is not None:
        parts.append(Markup("<p><b>{}</b></p>").format(sample.vi))
    head = ("indicator", "published", "computed", "target")
    columns = Markup("").join(
        Markup("<th>{}</th>").format(text(f"report.column_{name}", "vi")) for name in head
    )
    rows = Markup("").join(
        Markup("<tr><td title='{}'>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>").format(
            row.definition, row.label, row.published, row.computed, row.target
        )
        for row in board_rows(indicators, "vi")
    )
    parts.append(Markup("<table><tr>{}</tr>{}</table>").format(columns, rows))
    sizes = Markup("").join(
        Markup("<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>").format(
            name, definition.title.vi, number(len(frame), "vi")
        )
        for name, (frame, definition) in tables.items()
    )
    parts.append(Markup("<table>{}</table>").format(sizes))
    parts += [Markup("<p>{}</p>").format(note.vi) for note in notes]
    return str(Markup("").join(parts))
