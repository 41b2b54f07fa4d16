"""The provinces of Vietnam: official code, name and VN-2000 zone, and when they stood.

The table and its sources: ``provinces.toml``.
"""

import datetime
import difflib
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pyproj import CRS

from ..errors import Problem, StudyError
from ..i18n import Bilingual, fold, words

MERGED_ON = datetime.date(2025, 7, 1)
"""First day of the 34 provinces, and of their communes without districts."""
_KINDS = re.compile(r"^(tinh|thanh pho|tp|province|city)\b|\b(province|city)$")


@dataclass(frozen=True, kw_only=True)
class Province:
    """A province as it stood from one day to another.

    Parameters
    ----------
    code : str
        Official, 2 digits; some have changed their province.
    name : str
        Without its kind, in Unicode form NFC.
    city : bool
        Whether it is a centrally run city (*thành phố*).
    crs : str, optional
        VN-2000 / TM-3 zone that is laid down for it; None where no source tells.
    since, until : date, optional
        First and last day; None if before 2004, or still standing.
    of : tuple of str
        Codes until 30 June 2025 of the provinces that it was merged from.
    """

    code: str
    name: str
    city: bool = False
    crs: str | None = None
    since: datetime.date | None = None
    until: datetime.date | None = None
    of: tuple[str, ...] = ()

    def stands_on(self, day: datetime.date) -> bool:
        """Tell whether it stood on a day.

        Parameters
        ----------
        day : date

        Returns
        -------
        bool
        """
        return (self.since is None or self.since <= day) and (
            self.until is None or day <= self.until
        )

    @property
    def title(self) -> Bilingual:
        """The name with its kind."""
        if self.city:
            return Bilingual(f"Thành phố {self.name}", f"{self.name} city")
        return Bilingual(f"Tỉnh {self.name}", f"{self.name} province")

    @property
    def parts(self) -> "tuple[Province, ...]":
        """The provinces that it was merged from, as they last stood."""
        eve = MERGED_ON - datetime.timedelta(days=1)
        return tuple(one for one in provinces() if one.code in self.of and one.until == eve)


@cache
def provinces() -> tuple[Province, ...]:
    """Return every province: the 63 until 30 June 2025, then the merged ones since.

    Returns
    -------
    tuple of Province

    Examples
    --------
    >>> import datetime
    >>> sum(one.stands_on(datetime.date(2025, 7, 1)) for one in provinces())
    34
    """
    table = files(__package__).joinpath("provinces.toml").read_text(encoding="utf-8")
    return tuple(
        Province(**{**row, "of": tuple(row.get("of", ()))})
        for row in tomllib.loads(table)["provinces"]
    )


def province_of(code: str, day: datetime.date) -> Province | None:
    """Return the province that had a code on a day.

    Parameters
    ----------
    code : str
        Official, 2 digits.
    day : date

    Returns
    -------
    Province or None

    Examples
    --------
    >>> import datetime
    >>> [province_of("15", datetime.date(year, 12, 31)).name for year in (2017, 2025)]
    ['Yên Bái', 'Lào Cai']
    """
    return next((one for one in provinces() if one.code == code and one.stands_on(day)), None)


def find_province(name: str, day: datetime.date | None = None) -> Province:
    """Return the province of a name, however it is typed.

    Parameters
    ----------
    name : str
        With or without ``tỉnh`` or ``thành phố``; case, accents and punctuation do
        not matter.
    day : date, optional
        On which it stood; today if absent, or its last day if it stands no more.

    Returns
    -------
    Province

    Raises
    ------
    StudyError
        If there is no such province, with those most alike, or not on that day.

    Examples
    --------
    >>> find_province("tinh CAO BANG").crs
    'EPSG:9210'
    >>> find_province("Hà Giang").until.isoformat()
    '2025-06-30'
    """  # noqa: DOC501  `_refused` makes a StudyError
    wanted = plain_name(name)
    named = [one for one in provinces() if plain_name(one.name) == wanted]
    if not named:
        known = {plain_name(one.name): one.name for one in provinces()}
        near = difflib.get_close_matches(wanted, known, n=3, cutoff=0.5)
        alike = ", ".join(map(known.__getitem__, near)) or words("common.nothing_alike")
        raise _refused("unknown_province", name, alike=alike)
    standing = [one for one in named if one.stands_on(day or datetime.date.today())]
    if not standing and day is not None:
        (one,) = named  # a name of several provinces has never been without one
        if one.until is not None and one.until < day:
            raise _refused("province_no_more", name, date=day, last=one.until)
        raise _refused("province_not_yet", name, date=day, first=one.since)
    return (standing or named)[-1]


def nearest_zone(province: Province, longitude: float) -> tuple[str, Bilingual]:
    """Return the zone of a former province whose meridian is nearest, for a merged one has none.

    Parameters
    ----------
    province : Province
        With `parts`.
    longitude : float
        Of its middle, degrees.

    Returns
    -------
    tuple of (str, Bilingual)
        The zone, and why.

    Examples
    --------
    >>> nearest_zone(find_province("Lào Cai"), 104.1)[0]
    'EPSG:9208'
    """
    zones = {str(one.crs): _meridian(str(one.crs)) for one in province.parts}
    zone = min(sorted(zones), key=lambda one: abs(zones[one] - longitude))
    why = words("study.from_meridian", crs=zone, meridian=zones[zone], middle=round(longitude, 2))
    return zone, why


def _meridian(zone: str) -> float:
    operation = CRS.from_user_input(zone).coordinate_operation
    params = [] if operation is None else operation.params
    return next(float(one.value) for one in params if "natural origin" in one.name
                and "ongitude" in one.name)  # fmt: skip


def plain_name(name: str) -> str:
    """Reduce a province's name to the letters that tell it from others.

    Parameters
    ----------
    name : str
        With or without its kind and accents.

    Returns
    -------
    str

    Examples
    --------
    >>> plain_name("TP. Hồ Chí Minh"), plain_name("Thua Thien-Hue Province")
    ('hochiminh', 'thuathienhue')
    """
    return re.sub(r"[^a-z]", "", _KINDS.sub("", re.sub(r"[^a-z]+", " ", fold(name)).strip()))


def _refused(message: str, name: str, **values: object) -> StudyError:
    return StudyError(
        [Problem(message=f"study.{message}", file="--province", value=name, values=values)]
    )
