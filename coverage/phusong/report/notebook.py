"""How a result shows itself in a notebook: its board, its tables, what must be known."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from ..i18n import Bilingual, Language, catalogue, number, percent, text
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
    >>> shown = result_html(
    ...     Bilingual("Tỉnh", "Province"), indicators=board, tables={}, notes=notes, sample=None
    ... )
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


def in_words(frame: pd.DataFrame, table: Table, lang: Language) -> pd.DataFrame:
    """Return columns of a table as a person reads them: headings, shares, yes and no, choices.

    Parameters
    ----------
    frame : DataFrame
        Some columns of the table.
    table : Table
        Their definition, repeating fields written out; a column of another name stays.
    lang : {"vi", "en"}

    Returns
    -------
    DataFrame
        Shares become percentages as text, people and money whole numbers as text, what is
        missing an en dash; other numbers stay numbers, without decimals where none has any.

    Examples
    --------
    >>> from phusong.tables import OFFICES
    >>> offices = pd.DataFrame({"name": ["UBND Tha"], "has_lan": [False], "one_stop": ["none"]})
    >>> in_words(offices, OFFICES, "vi").iloc[0].to_dict()
    {'Tên': 'UBND Tha', 'Có mạng LAN': 'không', 'Một cửa điện tử': 'chưa có'}
    >>> from phusong.tables import ROLLOUT
    >>> rollout = pd.DataFrame({"cost_vnd": [2e10], "short_days": [float("nan")]})
    >>> in_words(rollout, ROLLOUT, "vi").iloc[0].to_list()
    ['20.000.000.000', '–']
    """
    fields = {field.name: field for field in table.fields}
    shown: dict[str, Any] = {}
    for name in frame.columns:
        field, values = fields.get(name), frame[name]
        if field is None:
            shown[name] = values
            continue
        unit = field.unit_in(lang)
        heading = field.title[lang]
        if field.kind == "boolean":
            words = {True: text("common.yes", lang), False: text("common.no", lang)}
            values = values.map(words)
        elif field.choices:
            values = values.map({code: _word(code, lang) for code in field.choices})
        elif "share" in name and field.kind == "number":
            values = values.map(lambda share: percent(share, lang))
        else:
            heading = f"{heading}, {unit}" if unit else heading
            if field.unit in _COUNTED_UNITS and field.kind in {"number", "integer"}:
                values = values.map(lambda value: "–" if pd.isna(value) else number(value, lang))
            elif field.kind == "number" and (values.dropna() % 1 == 0).all():
                values = values.astype("Int64")  # 1443, not 1.443000e+03
            if values.isna().any():
                values = values.astype(object).where(values.notna(), "–")
        shown[heading] = values
    return pd.DataFrame(shown, index=frame.index)


_COUNTED_UNITS = ("người", "đồng")


def _word(code: str, lang: Language) -> str:
    key = f"maps.value_{code}"
    return text(key, lang) if key in catalogue() else code
