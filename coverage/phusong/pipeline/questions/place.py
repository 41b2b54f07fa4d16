"""What a place receives: level, margin and best server of every service."""

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr

from ...grid import Grid
from ...i18n import Language, number, text
from ...radio import served
from ...study import Study
from .profile import in_study, site_name

COLUMNS = (
    "service", "name", "verdict", "level_dbm", "margin_db", "cell_id", "operator", "technology",
    "site_name", "distance_km", "second_cell_id", "second_margin_db",
)  # fmt: skip
Reader = Callable[[str, tuple[float, float, float, float]], xr.DataArray]
_RASTERS = ("margin_db", "level_dbm", "best_server", "second_server", "second_margin_db")


def signal_at(
    study: Study,
    grid: Grid,
    cells: gpd.GeoDataFrame,
    to: tuple[float, float],
    raster: Reader,
    lang: Language,
) -> pd.DataFrame:
    """Read the signal of a finished coverage at a place; see `Result.at`.

    Parameters
    ----------
    study : Study
    grid : Grid
        Of its rasters.
    cells : GeoDataFrame
        Those that the rasters of servers name, in their order, at their masts.
    to : (float, float)
        Longitude and latitude.
    raster : callable
        Reads the part of a raster, such as ``margin_db_mobile``, that covers some bounds.
    lang : {"vi", "en"}

    Raises
    ------
    PathError
        If the place is none or lies outside the map.
    """
    x_m, y_m = in_study(study, grid, to, outside="profile.outside_map")
    row, column, _ = grid.index([x_m], [y_m])
    middle = grid.x_m[column[0]], grid.y_m[row[0]]
    pixel = (*middle, *middle)
    rows = []
    for service in study.services:
        at = {name: raster(f"{name}_{service.id}", pixel).item() for name in _RASTERS}
        known: dict[str, Any] = {"service": service.id, "name": service.title[lang]}
        if at["best_server"] < 0:
            rows.append({**known, "verdict": text("profile.silent", lang)})
            continue
        cell = cells.iloc[int(at["best_server"])]
        margin = float(at["margin_db"])
        key = "profile.served" if served(np.array([margin]))[0] else "profile.unserved"
        second = {}
        if at["second_server"] >= 0:
            second = {
                "second_cell_id": cells["cell_id"].iloc[int(at["second_server"])],
                "second_margin_db": float(at["second_margin_db"]),
            }
        rows.append(
            {
                **known,
                "verdict": text(key, lang, margin=number(abs(margin), lang, decimals=1)),
                "level_dbm": float(at["level_dbm"]),
                "margin_db": margin,
                **{name: cell[name] for name in ("cell_id", "operator", "technology")},
                "site_name": site_name(cell),
                "distance_km": shapely.Point(x_m, y_m).distance(cell.geometry) / 1000,
                **second,
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))
