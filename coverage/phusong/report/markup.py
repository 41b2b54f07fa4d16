"""A text in both languages as a page has it."""

from markupsafe import Markup

from ..i18n import Bilingual


def spans(shown: Bilingual) -> Markup:
    """Return both languages, of which the page shows one; a name cannot turn its neighbours."""
    if shown.vi == shown.en:
        return Markup("<bdi>{}</bdi>").format(shown.vi)
    return Markup('<bdi lang="vi">{}</bdi><bdi lang="en">{}</bdi>').format(shown.vi, shown.en)
