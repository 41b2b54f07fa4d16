"""Read technologies, bands, azimuths and tilts as people write them, several in a cell.

Knows the bands of 3GPP (TS 36.101, 38.101-1) and which words mean what; no file. Which
technology may be on which band is a table that the caller gives.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

from .._text import tidy
from ..i18n import fold
from ..tables import TECHNOLOGIES

BANDS_MHZ = {
    700: (694.0, 806.0, (28,)),
    850: (824.0, 880.0, (5, 26)),
    900: (880.0, 960.0, (8,)),
    1800: (1710.0, 1880.0, (3,)),
    2100: (1920.0, 2170.0, (1,)),
    2300: (2300.0, 2400.0, (40,)),
    2600: (2496.0, 2690.0, (7, 38, 41)),
    3700: (3300.0, 4200.0, (42, 43, 77, 78)),
}
"""What a band is called in MHz → its lowest and highest frequency, and its numbers in 3GPP."""
_OF_NUMBER = {number: name for name, (_, _, numbers) in BANDS_MHZ.items() for number in numbers}
_ONLY_NR = 65
"""From this number on a band is of 5G alone: n77, n78."""
_WORDS = {
    "2G": ("2g", "gsm", "gprs", "edge", "dcs"),
    "3G": ("3g", "umts", "w-?cdma", r"hspa\+?", "hsdpa", "hsupa", "utran"),
    "4G": ("4g", "lte(?:[- ]?a(?:dvanced)?(?![a-z]))?", "e-?utran"),
    "5G": ("5g", "nr", "ng-?ran"),
}
_LETTERS = {"g": "2G", "d": "2G", "u": "3G", "w": "3G", "l": "4G", "n": "5G"}
_NUMBER = r"[0-9]{3,4}(?:[.,][0-9]{1,2}(?![0-9]))?"
_TOKEN = re.compile(
    "|".join(
        (
            r"(?P<letter>[gduwln])[ -]?(?P<of_letter>[0-9]{3,4})(?![0-9a-z])",
            r"n(?P<nr_band>[0-9]{1,2})(?![0-9a-z])",
            r"(?:b|band|bang(?: tan)?)[ -]?(?P<band>[0-9]{1,2})(?![0-9a-z])",
            r"(?P<ghz>[0-9](?:[.,][0-9]{1,4})?) ?ghz",
            rf"(?P<mhz>{_NUMBER})(?: ?mhz)?(?![a-z])",
            *(rf"(?P<t{name}>{'|'.join(words)})(?![a-z])" for name, words in _WORDS.items()),
            r"(?P<noise>fdd|tdd|nsa|sa|mhz|band|bang tan|bang)(?![a-z])",
            r"(?P<open>[(:]) *",
            r"(?P<close>\))",
            r"(?P<apart>[ /;,+&|\n_-]+|va(?![a-z])|and(?![a-z]))",
        )
    )
)
_OMNI = ("omni", "vo huong", "dang huong", "omnidirectional")
_APART = re.compile(r"\s*[/;|&+]\s*|,\s+|\s+")


@dataclass(frozen=True)
class Carrier:
    """A technology on a carrier.

    Parameters
    ----------
    technology : str
    frequency_mhz : float
        As written, or what the band is called.
    assumed : tuple of str
        Which of the two the list does not tell.
    """

    technology: str
    frequency_mhz: float
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Carriers:
    """The carriers of a row of a list of sites.

    Parameters
    ----------
    found : tuple of Carrier
    ambiguous : bool
        Whether technologies and bands could be paired otherwise.
    """

    found: tuple[Carrier, ...]
    ambiguous: bool = False


@dataclass(frozen=True)
class _Read:
    """What a text names: technologies, bands, and bands that it gives to a technology."""

    technologies: tuple[str, ...] = ()
    bands: tuple[float, ...] = ()
    pairs: tuple[tuple[str, float], ...] = ()


def band_of(frequency_mhz: float) -> float:
    """Return what the band of a frequency is called, in MHz; the frequency if it is of none.

    Examples
    --------
    >>> band_of(1842.5), band_of(450.0)
    (1800.0, 450.0)
    """
    for name, (lowest, highest, _) in BANDS_MHZ.items():
        if lowest <= frequency_mhz <= highest:
            return float(name)
    return frequency_mhz


def carriers_of(
    technology: str | None,
    frequency: str | None,
    preference: Callable[[str, float], float | None],
) -> Carriers | None:
    """Pair the technologies and bands that a row names.

    What is written together belongs together (``L1800``, ``4G: 1800``, ``n78``). Of the rest
    each band goes to the technology of the row that the table prefers for it, then each
    technology without a band to the band of the row that the table prefers. A technology of
    which no band is named is on the band that the table prefers, a band of which none is named
    is of the technology that the table prefers: both count as assumed.

    Parameters
    ----------
    technology, frequency : str, optional
        Cells as text.
    preference : callable
        (technology, band in MHz) → its place in the table, None if it has none there.

    Returns
    -------
    Carriers or None
        None if a text holds something else, if nothing is named, if a band is of none of
        several technologies, or if the two texts contradict each other.

    Examples
    --------
    >>> from phusong.inputs import read_assumed_values
    >>> preference = read_assumed_values().preference
    >>> found = carriers_of("2G/4G", "1800/900", preference)
    >>> [(one.technology, one.frequency_mhz) for one in found.found], found.ambiguous
    ([('2G', 900.0), ('4G', 1800.0)], True)
    >>> carriers_of(None, "L1800", preference).found
    (Carrier(technology='4G', frequency_mhz=1800.0, assumed=()),)
    """
    read = [_read(text) for text in (technology, frequency) if text is not None]
    if not read or None in read:
        return None
    told = [one for one in read if one is not None]
    pairs = [*dict.fromkeys(chain.from_iterable(one.pairs for one in told))]
    if technology is not None and frequency is not None and told[0].technologies:
        stated = {*told[0].technologies, *(of for of, _ in told[0].pairs)}
        if not {*told[1].technologies, *(of for of, _ in told[1].pairs)} <= stated:
            return None
    paired = {band for _, band in pairs}
    bands = [
        band
        for band in dict.fromkeys(chain.from_iterable(one.bands for one in told))
        if band not in paired  # "4G" beside "L1800", "1800"
    ]
    technologies = [
        *dict.fromkeys([*chain.from_iterable(one.technologies for one in told),
                        *(of for of, _ in pairs)])
    ]  # fmt: skip
    if not bands and not technologies:
        return None
    if not technologies:
        return _by_band(bands, preference)
    return _paired(technologies, bands, pairs, preference)


def _by_band(
    bands: Sequence[float], preference: Callable[[str, float], float | None]
) -> Carriers | None:
    """Give each band the technology that the table prefers for it."""
    found = []
    for band in bands:
        known = {
            place: of for of in TECHNOLOGIES if (place := preference(of, band_of(band))) is not None
        }
        if not known:
            return None
        found.append(Carrier(known[min(known)], band, ("technology",)))
    return Carriers(tuple(found))


def _paired(
    technologies: Sequence[str],
    bands: Sequence[float],
    pairs: list[tuple[str, float]],
    preference: Callable[[str, float], float | None],
) -> Carriers | None:
    """Give each band its technology and each technology a band, see `carriers_of`."""
    ambiguous, assumed = False, []
    all_bands = [*(band for _, band in pairs), *bands]
    for band in bands:
        known = {
            place: of for of in technologies if (place := preference(of, band_of(band))) is not None
        }
        ambiguous |= len(known) > 1
        if not known and len(technologies) > 1:
            return None
        pairs.append((known[min(known)] if known else technologies[0], band))
    for of in technologies:
        if any(each == of for each, _ in pairs):
            continue
        fit = {
            place: band
            for band in dict.fromkeys(all_bands)
            if (place := preference(of, band_of(band))) is not None
        }
        if fit:
            pairs.append((of, fit[min(fit)]))
            continue
        own = {
            place: float(band)
            for band in BANDS_MHZ
            if (place := preference(of, float(band))) is not None
        }
        if not own:
            return None
        assumed.append(Carrier(of, own[min(own)], ("frequency_mhz",)))
    found = {*(Carrier(*pair) for pair in pairs), *assumed}
    in_order = sorted(found, key=lambda one: (one.technology, one.frequency_mhz))
    return Carriers(tuple(in_order), ambiguous and len(in_order) > 1)


def _read(text: str) -> _Read | None:
    """Read the technologies and bands of a text; None if it holds anything else."""
    technologies: list[str] = []
    bands: list[float] = []
    pairs: list[tuple[str, float]] = []  # written together
    near: list[tuple[str, float]] = []  # with a space or a dash between
    of, bound, at = "", False, 0
    before = ""
    plain = fold(tidy(text))
    while at < len(plain):
        token = _TOKEN.match(plain, at)
        if token is None:
            return None
        at = token.end()
        kind, found = token.lastgroup, token.groupdict()
        if kind == "apart":
            before += token.group()
            continue
        if kind == "noise":
            continue
        if kind == "open":
            bound = True
            continue
        if kind == "close":
            bound, of = False, ""
            continue
        name = next((one for one in _WORDS if found[f"t{one}"]), None)
        if name is not None:
            technologies.append(name)
            of, before, bound = name, "", False
            continue
        own, band = _band(found)
        if band is None:
            return None
        if own or (of and bound):
            pairs.append((own or of, band))
        elif of and before == "":
            pairs.append((of, band))
        elif of and set(before) <= {" ", "-", "_"}:
            near.append((of, band))
            bands.append(band)
        else:
            bands.append(band)
        before = ""
        if not bound:
            of = ""
    if near and {of for of, _ in [*near, *pairs]} == set(technologies) and len(near) == len(bands):
        # Each technology has its own: "2G 900, 4G 1800", not "2G/4G 1800".
        pairs, bands = [*pairs, *near], []
    return _Read(tuple(technologies), tuple(bands), tuple(pairs))


def _band(found: dict[str, str | None]) -> tuple[str, float | None]:
    """Return the technology that a token itself names, if any, and its band or frequency."""
    if found["of_letter"]:
        return _LETTERS[str(found["letter"])], float(str(found["of_letter"]))
    if found["nr_band"]:
        number = int(found["nr_band"])
        return "5G", None if number not in _OF_NUMBER else float(_OF_NUMBER[number])
    if found["band"]:
        number = int(found["band"])
        own = "5G" if number >= _ONLY_NR else ""
        return own, None if number not in _OF_NUMBER else float(_OF_NUMBER[number])
    if found["ghz"]:
        return "", 1000.0 * float(found["ghz"].replace(",", "."))
    return "", float(str(found["mhz"]).replace(",", "."))


def azimuths_of(text: str) -> tuple[float, ...] | None:
    """Return the azimuths of a cell; none of them for an omnidirectional antenna.

    Parameters
    ----------
    text : str

    Returns
    -------
    tuple of float or None
        Degrees, as written; None if it is something else, lies outside 0 to 360, names one
        direction twice, or if a comma may stand for a decimal point: ``120,5``.

    Examples
    --------
    >>> azimuths_of("0/120/240"), azimuths_of("90,270"), azimuths_of("vô hướng")
    ((0.0, 120.0, 240.0), (90.0, 270.0), ())
    >>> azimuths_of("120,5") is None, azimuths_of("0-400") is None
    (True, True)
    """
    plain = _without_degrees(text)
    if plain in _OMNI:
        return ()
    plain = re.sub(r"(?<=[0-9])\s*[-–_]\s*(?=[0-9])", "/", plain)
    if re.fullmatch(r"[0-9]{1,3}(?:,[0-9]{1,3}){2,}|[0-9]{1,3},[0-9]{3}", plain):
        plain = plain.replace(",", "/")
    elif re.fullmatch(r"[0-9]{1,3},[0-9]{1,2}", plain):
        return None
    found = _numbers(plain)
    if found is None or not all(0 <= each <= 360 for each in found):
        return None
    return found if len({each % 360 for each in found}) == len(found) else None


def tilts_of(text: str) -> tuple[float, ...] | None:
    """Return the tilts of a cell, one a sector or one for all.

    Parameters
    ----------
    text : str

    Returns
    -------
    tuple of float or None
        Degrees; None if it is something else, or steeper than straight up or down.

    Examples
    --------
    >>> tilts_of("4/4/6"), tilts_of("3,5"), tilts_of("-2")
    ((4.0, 4.0, 6.0), (3.5,), (-2.0,))
    """
    found = _numbers(_without_degrees(text))
    return found if found and all(-90 <= each <= 90 for each in found) else None


def _without_degrees(text: str) -> str:
    return re.sub(r"[°º]|\bdo\b|\bdeg(?:rees)?\b", "", fold(tidy(text))).strip()


def _numbers(plain: str) -> tuple[float, ...] | None:
    parts = [part for part in _APART.split(plain) if part]
    whole = all(re.fullmatch(r"-?[0-9]{1,3}(?:[.,][0-9]+)?", part) for part in parts)
    return tuple(float(part.replace(",", ".")) for part in parts) if parts and whole else None
