"""Pages of the documentation as blocks of an official document: text, lists and tables.

What a link leads to is left out: paper leads nowhere.
"""

from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from .official import Block, Grid, Heading, Paragraph, Span

_LONG_COLUMN = 60
"""Letters; a longer cell makes its column no wider."""


def page_blocks(page: str) -> tuple[str, tuple[Block, ...]]:
    r"""Return the title of a page and what follows it.

    Parameters
    ----------
    page : str
        Markdown with one first heading: paragraphs, lists, tables, bold and italic.

    Returns
    -------
    tuple
        The title, and the blocks.

    Raises
    ------
    ValueError
        If it holds anything else, which would be lost.

    Examples
    --------
    >>> title, blocks = page_blocks("# Cáp quang\n\n## 1. Ba con số\n\nĐạt *ít nhất* **90 %**.")
    >>> title, [type(block).__name__ for block in blocks]
    ('Cáp quang', ['Heading', 'Paragraph'])
    """
    tokens = MarkdownIt("commonmark").enable("table").parse(page)
    title, *blocks = _blocks(tokens)
    if not isinstance(title, Heading):
        raise ValueError("a page begins with its title")
    return title.text, tuple(blocks)


def _blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    at, items = 0, list[str]()
    while at < len(tokens):
        token = tokens[at]
        match token.type:
            case "heading_open":
                high = token.tag in {"h1", "h2"}
                yield Heading(text=_plain(tokens[at + 1]), level=2 if high else 3)
                at += 3
            case "paragraph_open":
                mark = items[-1] if items else ""
                spans = (
                    (Span(text=mark), *_spans(tokens[at + 1])) if mark else _spans(tokens[at + 1])
                )
                yield Paragraph(spans=tuple(spans))
                at += 3
            case "table_open":
                end = next(n for n in range(at, len(tokens)) if tokens[n].type == "table_close")
                yield _grid(tokens[at:end])
                at = end + 1
            case "bullet_list_open" | "ordered_list_open":
                items.append("")
                at += 1
            case "bullet_list_close" | "ordered_list_close":
                items.pop()
                at += 1
            case "list_item_open":
                items[-1] = f"{token.info}. " if token.info else "- "
                at += 1
            case "list_item_close":
                at += 1
            case other:
                raise ValueError(f"{other} is not written")


def _spans(inline: Token) -> Iterator[Span]:
    bold = italic = 0
    for token in inline.children or ():
        match token.type:
            case "strong_open" | "strong_close":
                bold += token.nesting
            case "em_open" | "em_close":
                italic += token.nesting
            case "text" | "code_inline":
                yield Span(text=token.content, bold=bold > 0, italic=italic > 0)
            case "softbreak" | "hardbreak":
                yield Span(text=" ")
            case "link_open" | "link_close":
                pass
            case other:
                raise ValueError(f"{other} is not written")


def _plain(inline: Token) -> str:
    return "".join(span.text for span in _spans(inline))


def _grid(tokens: Sequence[Token]) -> Grid:
    rows: list[list[str]] = []
    for at, token in enumerate(tokens):
        if token.type == "tr_open":
            rows.append([])
        elif token.type in {"th_open", "td_open"}:
            rows[-1].append(_plain(tokens[at + 1]))
    widths = [
        max(8.0, *(min(len(row[column]), _LONG_COLUMN) for row in rows))
        for column in range(len(rows[0]))
    ]
    return Grid(
        caption="",
        headings=tuple(rows[0]),
        rows=tuple(tuple(row) for row in rows[1:]),
        widths=tuple(widths),
    )
