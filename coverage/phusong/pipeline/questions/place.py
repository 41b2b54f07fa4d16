"""What a place receives: level, margin and best server of every service."""

from typing import Any

import numpy as np
import pandas as pd
import shapely

from ..._types import Language
from ...errors import PathError
from ...grid import grid_of
from ...i18n import number, text
from ...radio import served
from ..gathered import Gathered
from ..parts.coverage import COVERAGE
from .profile import in_study, site_name

COLUMNS = (
    "service", "name", "verdict", "level_dbm", "margin_db", "cell_id", "operator", "technology",
    "site_name", "distance_km", "second_cell_id", "second_margin_db",
)  # fmt: skip


def signal_at(gathered: Gathered, to: tuple[float, float], lang: Language) -> pd.DataFrame:
    """Read the signal of a finished coverage at a place; see `Result.at`.

    Raises
    ------
    PathError
        If there is no coverage, or the place is none or lies outside the map.
    """
    study, coverage = gathered.study, gathered.found.get(COVERAGE)
    if coverage is None:
        raise PathError("profile.no_coverage")
    grid = grid_of(coverage.terrain)
    x_m, y_m = in_study(study, grid, to, outside="profile.outside_map")
    row, column, _ = grid.index([x_m], [y_m])
    rows = []
    for service in study.services:
        rasters = coverage.services[service.id]
        at = {
            name: getattr(rasters, name).to_numpy()[row[0], column[0]]
            for name in (
                "margin_db",
                "level_dbm",
                "best_server",
                "second_server",
                "second_margin_db",
            )
        }
        known: dict[str, Any] = {"service": service.id, "name": service.title[lang]}
        if at["best_server"] < 0:
            rows.append({**known, "verdict": text("profile.silent", lang)})
            continue
        cell = coverage.cells.iloc[int(at["best_server"])]
        margin = float(at["margin_db"])
        key = "profile.served" if served(np.array([margin]))[0] else "profile.unserved"
        second = {}
        if at["second_server"] >= 0:
            second = {
                "second_cell_id": coverage.cells["cell_id"].iloc[int(at["second_server"])],
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
