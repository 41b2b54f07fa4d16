"""A page of headlines and tables in both languages, to read, to print, and as lines of text.

One self-contained page that loads nothing and runs only its own script. Formats what it is
given; computes none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

from markupsafe import Markup

from ..i18n import LANGUAGES, Bilingual, Language
from .curve import Curve, place_curve
from .landing import page_environment, page_policy
from .plan import ShownTable


@dataclass(frozen=True, kw_only=True)
class Headline:
    """A figure that is read first.

    Parameters
    ----------
    label : Bilingual
        What it is.
    figure : Bilingual
    detail : Bilingual, optional
        What it is made of, or judged by.
    verdict : str
        ``met``, ``missed`` or another; colours its edge.
    """

    label: Bilingual
    figure: Bilingual
    detail: Bilingual | None = None
    verdict: str = ""


@dataclass(frozen=True, kw_only=True)
class PageTable:
    """A table of a page.

    Parameters
    ----------
    title : Bilingual
    headings : tuple of Bilingual, length k
    numbers : int
        How many columns, from the last one back, hold numbers.
    rows : tuple of tuple of Bilingual, each of length k
    totals : frozenset of int
        Rows that are sums of others.
    lead : Bilingual, optional
        What the reader must know before.
    note : Bilingual, optional
        What is said below.
    aside : bool
        Whether it is for those who look closer: folded on the screen.
    """

    title: Bilingual
    headings: tuple[Bilingual, ...]
    numbers: int
    rows: tuple[tuple[Bilingual, ...], ...]
    totals: frozenset[int] = frozenset()
    lead: Bilingual | None = None
    note: Bilingual | None = None
    aside: bool = False

    def shown(self, lang: Language) -> ShownTable:
        """Return the table in one language.

        Parameters
        ----------
        lang : {"vi", "en"}

        Returns
        -------
        ShownTable
        """
        return ShownTable(
            title=self.title[lang],
            headings=tuple(heading[lang] for heading in self.headings),
            rows=tuple(tuple(cell[lang] for cell in row) for row in self.rows),
        )


@dataclass(frozen=True, kw_only=True)
class ReportPage:
    """What a page tells.

    Parameters
    ----------
    title : Bilingual
    about : sequence of Bilingual
        Study, units, day, service: one line below the title.
    program : str
        Name, version and, where known, commit of the program.
    headlines : sequence of Headline
    tables : sequence of PageTable
    notes : sequence of Bilingual
        What must be known beside the figures.
    sample : Bilingual, optional
        That the data are invented.
    curve : Curve, optional
        Stands before the tables.
    links : sequence of (str, Bilingual)
        Files beside the page, and what they are.
    """

    title: Bilingual
    about: Sequence[Bilingual]
    program: str
    headlines: Sequence[Headline] = ()
    tables: Sequence[PageTable] = ()
    notes: Sequence[Bilingual] = ()
    sample: Bilingual | None = None
    curve: Curve | None = None
    links: Sequence[tuple[str, Bilingual]] = ()

    def lines(self, lang: Language) -> Iterator[str]:
        """Tell what stands above the tables, one line each.

        Parameters
        ----------
        lang : {"vi", "en"}

        Yields
        ------
        str
        """
        yield self.title[lang]
        yield " · ".join(one[lang] for one in self.about)
        for one in self.headlines:
            detail = "" if one.detail is None else f" ({one.detail[lang]})"
            yield f"{one.label[lang]}: {one.figure[lang]}{detail}"
        for note in self.notes:
            yield note[lang]


def render_page(page: ReportPage) -> str:
    """Return a page as HTML.

    Parameters
    ----------
    page : ReportPage
        What it tells. Every text is escaped.

    Returns
    -------
    str
        The page, the same bytes each time.

    Examples
    --------
    >>> page = render_page(
    ...     ReportPage(title=Bilingual("Xã <b>", "Commune"), about=(), program="phusong")
    ... )
    >>> "Xã &lt;b&gt;" in page, "<b>" in page
    (True, False)
    """
    folder = files(__package__).joinpath("templates")
    template, script = (
        folder.joinpath(name).read_text(encoding="utf-8") for name in ("page.html", "landing.js")
    )
    style = "".join(
        folder.joinpath(name).read_text(encoding="utf-8") for name in ("landing.css", "page.css")
    )
    return (
        page_environment()
        .from_string(template)
        .render(
            page=page,
            curves=[]
            if page.curve is None
            else [place_curve(page.curve, one) for one in LANGUAGES],
            style=Markup(style),  # noqa: S704  our own file
            script=Markup(script),  # noqa: S704  our own file
            policy=page_policy(style, script),
        )
    )
