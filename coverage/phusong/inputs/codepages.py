"""The encoding that a Shapefile's .cpg names, in all the ways programs write it."""

import codecs
import re

_OTHER_NAMES = {
    "65001": "utf-8",
    "8859": "iso8859-1",
    "ansi": "cp1252",  # what ArcGIS means by it outside of Asia
    "oem": "cp437",
}


def codec_of(spelling: str) -> str | None:
    """Return the codec that the content of a .cpg stands for; None if it is none we know.

    Parameters
    ----------
    spelling : str
        Such as ``UTF-8``, ``65001``, ``1258``, ``ANSI 1258``, ``windows-1258``, ``CP1258``,
        ``88591`` or ``ISO 8859-1``.

    Returns
    -------
    str or None
        Name of a codec of Python.

    Examples
    --------
    >>> [codec_of(name) for name in ("1258", "ANSI 1258", "65001", "UTF8", "88591", "Klingon")]
    ['cp1258', 'cp1258', 'utf-8', 'utf-8', 'iso8859-1', None]
    """
    plain = re.sub(r"[^0-9a-z]", "", spelling.casefold())
    known = _OTHER_NAMES.get(plain)
    if known is None and (part := re.fullmatch(r"(?:iso)?8859(\d{1,2})", plain)):
        known = f"iso8859-{part[1]}"
    if known is None and (page := re.fullmatch(r"(?:ansi|cp|oem|windows|win|ibm|ms)?(\d+)", plain)):
        known = _OTHER_NAMES.get(page[1], f"cp{page[1]}")
    try:
        return codecs.lookup(known or plain).name
    except LookupError:
        return None
