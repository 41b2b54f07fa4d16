"""The note on a start page that a later run failed: set, found, taken away again."""

import re
from datetime import date

from markupsafe import Markup

from ..i18n import Bilingual, both, date_text, text
from .markup import spans

_MAIN = '<main class="inner">'
_FAILED = Markup("""<!--failed-->
<aside class="sample" role="alert">
<div class="inner"><p><strong>{}</strong></p><p>{}</p></div>
</aside>
<!--/failed-->
""")
_FAILURE = re.compile("<!--failed-->.*?<!--/failed-->\n", re.DOTALL)


def with_failure(page: str, day: date, fault: Bilingual) -> str:
    """Return a start page that tells that a later run failed, in place of an earlier such note.

    Parameters
    ----------
    page : str
        From `write_landing`.
    day : date
        Of the run that failed.
    fault : Bilingual
        What it said.

    Returns
    -------
    str
        The page as it was, if there is no place for a note.

    Examples
    --------
    >>> page = with_failure('<main class="inner">', date(2026, 11, 29), Bilingual("<b>", "<b>"))
    >>> "<b>" in page, tells_failure(page)
    (False, True)
    """
    before, found, after = _FAILURE.sub("", page).partition(_MAIN)
    if not found:
        return page
    said = both(lambda lang: text("report.run_failed", lang, day=date_text(day, lang)))
    return f"{before}{_FAILED.format(spans(said), spans(fault))}{found}{after}"


def tells_failure(page: str) -> bool:
    """Tell whether a start page says that a later run failed.

    Parameters
    ----------
    page : str

    Returns
    -------
    bool

    Examples
    --------
    >>> tells_failure("<p>")
    False
    """
    return _FAILURE.search(page) is not None
