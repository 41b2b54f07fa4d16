"""Find a table's fields among the headings of a file. The only place that compares headings."""

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..i18n import fold
from ..tables import Field

SHAPEFILE_NAME_LENGTH = 10
"""A Shapefile (dBASE III) cuts its column names to ten characters."""

LON = Field(
    name="lon", kind="number", vi="Kinh độ", en="Longitude", unit="°", required=True,
    aliases=("longitude", "long", "kinh_do", "kinh độ"),
)  # fmt: skip
LAT = Field(
    name="lat", kind="number", vi="Vĩ độ", en="Latitude", unit="°", required=True,
    aliases=("latitude", "vi_do", "vĩ độ"),
)  # fmt: skip
# No "x" and "y" here: in Vietnam X often means the northing.
X_M = Field(
    name="x_m", kind="number", vi="Tọa độ Đông", en="Easting", unit="m", required=True,
    aliases=("easting", "easting_m", "toa_do_dong", "tọa độ đông"),
)  # fmt: skip
Y_M = Field(
    name="y_m", kind="number", vi="Tọa độ Bắc", en="Northing", unit="m", required=True,
    aliases=("northing", "northing_m", "toa_do_bac", "tọa độ bắc"),
)  # fmt: skip


@dataclass(frozen=True)
class Headings:
    """Which column of the file holds which field.

    Parameters
    ----------
    position : dict
        Column of the file by field name.
    repeated : dict
        Headings that claim the same field, by field name.
    nearest : dict
        For a field not found, the most similar heading that is not used.
    """

    position: dict[str, int]
    repeated: dict[str, list[str]]
    nearest: dict[str, str]


def normal(heading: str) -> str:
    """Reduce a heading to what distinguishes it: letters and digits.

    Examples
    --------
    >>> normal(" Mã  Xã "), normal("ma_xa"), normal("Antenna-height (m)")
    ('ma_xa', 'ma_xa', 'antenna_height_m')
    """
    return re.sub(r"[^0-9a-z]+", "_", fold(heading)).strip("_")


def match(
    headings: Sequence[str], fields: Iterable[Field], *, longest: int | None = None
) -> Headings:
    """Find the column of each field: by its name first, else by one of its aliases.

    Parameters
    ----------
    headings : sequence of str
        As the file has them.
    fields : iterable of Field
        Wanted.
    longest : int, optional
        Length to which the file's format cuts names.

    Examples
    --------
    >>> found = match(["Kinh độ", "latt"], [LON, LAT])
    >>> found.position, found.nearest
    ({'lon': 0}, {'lat': 'latt'})
    """
    fields = list(fields)
    known = [normal(heading) for heading in headings]
    position: dict[str, int] = {}
    repeated: dict[str, list[str]] = {}
    for field in fields:
        for names in ({field.name}, field.aliases):
            wanted = {normal(name)[:longest].strip("_") for name in names}
            found = [i for i, heading in enumerate(known) if heading in wanted]
            if found:
                position[field.name] = found[0]
            if len(found) > 1:
                repeated[field.name] = [headings[i] for i in found]
            if found:
                break
    unused = {known[i]: headings[i] for i in range(len(known)) if i not in position.values()}
    nearest = {
        field.name: unused[alike[0]]
        for field in fields
        if field.name not in position
        and (alike := difflib.get_close_matches(normal(field.name), unused, n=1, cutoff=0.8))
    }
    return Headings(position, repeated, nearest)
