"""What the page needs to tell a place in the study's own system, as `grid.operation` would."""

from typing import Any

from pyproj import CRS

from ..grid import WGS84, operation
from ..i18n import LANGUAGES, text

HELMERT = ("x", "y", "z", "rx", "ry", "rz", "s")


def readout(crs: CRS) -> dict[str, Any] | None:
    """Return how to come from WGS 84 to a transverse Mercator system, or None.

    The page follows the very steps of the pinned transformation: geocentric,
    seven parameters, transverse Mercator. Systems of another kind are left out:
    the page then tells WGS 84 only.

    Parameters
    ----------
    crs : CRS
        The study's; VN-2000 zones and UTM are understood.

    Returns
    -------
    dict or None
        ``title`` in both languages, ``helmert`` (x, y, z in metres, rx, ry, rz
        in seconds of arc, s in ppm; None without a change of datum; `inverse`
        as in the pipeline; position vector convention) and ``projection``
        (lon_0, k, x_0, y_0).

    Examples
    --------
    >>> readout(CRS("EPSG:9209"))["projection"]
    {'lon_0': 105.5, 'k': 0.9999, 'x_0': 500000.0, 'y_0': 0.0}
    >>> readout(CRS("EPSG:32648"))["projection"]["lon_0"]
    105.0
    """
    found = operation(WGS84, crs)
    if found is None:
        return None
    datum: dict[str, Any] | None = None
    projection: dict[str, float] | None = None
    for step in found.definition.split(" step ")[1:]:
        words = step.split()
        keys = dict(word.split("=", 1) for word in words if "=" in word)
        match keys["proj"]:
            case "unitconvert" | "axisswap" | "push" | "pop":
                pass
            case "cart" if keys["ellps"] == "WGS84":
                pass
            case "helmert" if set(keys) <= {"proj", "convention", *HELMERT}:
                # Coordinate frame and position vector differ in the sense of the rotations.
                sense = -1.0 if keys["convention"] == "coordinate_frame" else 1.0
                datum = {name: float(keys.get(name, 0)) for name in HELMERT}
                datum |= {name: sense * datum[name] for name in ("rx", "ry", "rz")}
                datum["inverse"] = "inv" in words
            case "tmerc" if keys["ellps"] == "WGS84" and float(keys.get("lat_0", 0)) == 0:
                projection = {name: float(keys[name]) for name in ("lon_0", "k", "x_0", "y_0")}
            case "utm" if keys["ellps"] == "WGS84" and "south" not in words:
                lon_0 = 6.0 * int(keys["zone"]) - 183
                projection = {"lon_0": lon_0, "k": 0.9996, "x_0": 500_000.0, "y_0": 0.0}
            case _:
                return None
    if projection is None:
        return None
    minutes = round(projection["lon_0"] * 60)
    meridian = f"{minutes // 60}°{minutes % 60:02d}′"
    name = "VN-2000" if crs.name.startswith("VN-2000") else crs.name
    return {
        "title": {
            lang: text("maps.system", lang, name=name, meridian=meridian) for lang in LANGUAGES
        },
        "helmert": datum,
        "projection": projection,
    }
