"""The cells of a province out of OpenCelliD's list of a country."""

from pathlib import Path

import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from ..errors import FetchError

HEADINGS = (
    "radio", "mcc", "net", "area", "cell", "unit", "lon", "lat", "range", "samples", "changeable",
    "created", "updated", "averageSignal",
)  # fmt: skip
"""Columns of OpenCelliD's files; those of one country have no line of headings."""
_AT_ONCE = 100_000


def cells_within(path: Path, reach: BaseGeometry, target: Path) -> int:
    """Write the rows of OpenCelliD that lie within an area, with a line of headings.

    Parameters
    ----------
    path : path
        CSV, unpacked.
    reach : geometry
        WGS 84.
    target : path
        CSV; appears whole or not at all.

    Returns
    -------
    int
        Rows.

    Raises
    ------
    FetchError
        If it is no such list, or none of its cells lies there.
    """
    shapely.prepare(reach)
    aside = target.with_name(f"{target.name}.part")
    count = 0
    try:
        with path.open(encoding="utf-8") as file:
            headed = file.read(6) == "radio,"
            file.seek(0)
            rows = pd.read_csv(
                file, header=0 if headed else None, names=list(HEADINGS), dtype=str,
                chunksize=_AT_ONCE, keep_default_na=False,
            )  # fmt: skip
            for some in rows:
                lon, lat = (pd.to_numeric(some[name], errors="raise") for name in ("lon", "lat"))
                there = some[shapely.contains_xy(reach, lon.to_numpy(), lat.to_numpy())]
                there.to_csv(
                    aside, index=False, header=count == 0, mode="a" if count else "w",
                    lineterminator="\n",
                )  # fmt: skip
                count += len(there)
        if not count:
            raise FetchError("fetch.no_cells", name=path.name)
        aside.replace(target)
    except (ValueError, TypeError, pd.errors.ParserError) as broken:
        raise FetchError("fetch.no_cell_list", name=path.name) from broken
    finally:
        aside.unlink(missing_ok=True)
    return count
