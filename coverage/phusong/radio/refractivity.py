"""The ITU's digital maps of refractivity, for those who have them; phusong ships none.

`DN50.TXT` holds the median lapse of refractivity in the lowest kilometre,
`N050.TXT` the median refractivity at sea level: 121 rows from 90° N to 90° S
and 241 columns from 0° to 360° E, 1.5° apart. They come with Recommendation
ITU-R P.1812, which takes them at the centre of the path.
"""

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import RegularGridInterpolator

from ..errors import InputError, Problem
from .propagation import Refractivity

SHAPE = (121, 241)
LARGEST_BYTES = 5_000_000


def read_refractivity(
    delta_n: Path,
    n0: Path,
    *,
    latitude_deg: float,
    longitude_deg: float,
    shown: tuple[str, str] = ("DN50.TXT", "N050.TXT"),
) -> Refractivity:
    """Read both maps at one place, interpolated bilinearly (ITU-R P.1144).

    Parameters
    ----------
    delta_n, n0 : Path
        The files as the ITU publishes them.
    latitude_deg, longitude_deg : float
        WGS 84; longitude from -180 to 360.
    shown : tuple of two str
        What messages call the files.

    Returns
    -------
    Refractivity

    Raises
    ------
    InputError
        If a file cannot be read, is not 121 rows of 241 numbers, or its value
        at the place is none that the air has: a lapse of 0 to 150 N/km,
        a refractivity of 200 to 450.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     files = Path(folder) / "DN50.TXT", Path(folder) / "N050.TXT"
    ...     for file, value in zip(files, (48.0, 340.0)):
    ...         np.savetxt(file, np.full((121, 241), value))
    ...     read_refractivity(*files, latitude_deg=22.8, longitude_deg=105.0)
    Refractivity(delta_n_per_km=48.0, n0=340.0)
    """
    problems: list[Problem] = []
    found = [
        _at(path, name, limits, (latitude_deg, longitude_deg % 360), problems)
        for path, name, limits in zip((delta_n, n0), shown, ((0, 150), (200, 450)), strict=True)
    ]
    if problems:
        raise InputError(problems)
    return Refractivity(*found)


def _at(
    path: Path,
    name: str,
    limits: tuple[float, float],
    place: tuple[float, float],
    problems: list[Problem],
) -> float:
    values = _read(path, name, problems)
    if values is None:
        return float("nan")
    axes = np.linspace(90, -90, SHAPE[0]), np.linspace(0, 360, SHAPE[1])
    value = float(RegularGridInterpolator(axes, values)(place).item())
    if not limits[0] < value < limits[1]:
        problems.append(
            Problem(
                message="radio.map_value",
                file=name,
                value=f"{value:g}",
                values={"from": limits[0], "to": limits[1]},
            )
        )
    return value


def _read(path: Path, name: str, problems: list[Problem]) -> NDArray[np.float64] | None:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
        values = np.loadtxt(io.StringIO(content[:LARGEST_BYTES].decode("ascii")), ndmin=2)
    except OSError as refused:
        problems.append(
            Problem(message="radio.map_unreadable", file=name, value=refused.strerror or "")
        )
        return None
    except ValueError:  # what is not ASCII, not numbers, or not of one length
        values = np.empty((0, 0))
    if values.shape != SHAPE:
        problems.append(
            Problem(
                message="radio.map_shape",
                file=name,
                value="×".join(map(str, values.shape)),
                values={"rows": SHAPE[0], "columns": SHAPE[1]},
            )
        )
        return None
    return values
