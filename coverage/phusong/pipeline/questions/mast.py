"""A mast that is not there yet: what is known of it, and what its neighbours lend it."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from markupsafe import Markup

from ...errors import InputError, Problem
from ...grid import WGS84, operation
from ...i18n import both
from ...inputs import check_rows
from ...study import Study
from ...tables import CELLS
from ..records import Note

SECTORS_DEG = (0.0, 120.0, 240.0)
SHOWN = "with_mast"
LENT = ("frequency_mhz", "antenna_height_m", "rs_eirp_dbm", "beamwidth_deg", "tilt_deg")
"""What a mast takes from the cells that are there, where nothing is said."""
MADE = frozenset({"site_id", "station_id", "cell_id", "azimuth_deg", "status"})


@dataclass(frozen=True, repr=False, eq=False)
class NewMast:
    """A mast added to the cells of a study.

    Parameters
    ----------
    cells : GeoDataFrame
        The cells of the study, off air ones included, and those of the mast behind them:
        what `phusong.what_if` takes.
    added : GeoDataFrame
        Those of the mast alone.
    notes : tuple of Note
        What was assumed of it, and after which cells.
    """

    cells: gpd.GeoDataFrame
    added: gpd.GeoDataFrame
    notes: tuple[Note, ...]

    def _repr_html_(self) -> str:
        """Show the cells of the mast in words, and what was assumed of them."""
        fields = [field for field in CELLS.fields if self.added[field.name].notna().any()]
        head = Markup("").join(
            Markup("<th>{}</th>").format(
                f"{field.title.vi}, {field.unit}" if field.unit else field.title.vi
            )
            for field in fields
        )
        rows = Markup("").join(
            Markup("<tr>{}</tr>").format(
                Markup("").join(Markup("<td>{}</td>").format(row[field.name]) for field in fields)
            )
            for row in self.added.to_dict("records")
        )
        told = (both(note.render) for note in self.notes)
        notes = Markup("").join(Markup("<p>{}</p>").format(one.vi) for one in told)
        return str(Markup("<table><tr>{}</tr>{}</table>{}").format(head, rows, notes))


def new_mast(
    study: Study,
    cells: gpd.GeoDataFrame,
    to: tuple[float, float],
    *,
    operator: str,
    technology: str,
    azimuths_deg: Sequence[float] | None,
    given: Mapping[str, Any],
) -> NewMast:
    """Add a mast to the cells of a study; see `Result.with_mast`.

    Raises
    ------
    ValueError
        If there is no field of a name given.
    InputError
        If a value is none that a file could have, or is missing and no cell can lend it.
    """
    names = {field.name for field in CELLS.fields} - MADE | {"site_id"}
    for name in given:
        if name not in names:
            near = difflib.get_close_matches(name, sorted(names), n=1)
            alike = f"; most alike: {near[0]}" if near else ""
            raise ValueError(f"a cell has no {name!r}{alike}")
    lent, notes = lent_by(cells, operator, technology, given)
    if azimuths_deg is None:
        azimuths_deg = SECTORS_DEG
        notes.append(Note("pipeline.mast_sectors", {"count": len(SECTORS_DEG)}))
    site = given.get("site_id") or unused(cells["site_id"], "NEW")
    station = f"{site}-{operator}-{technology}"
    sectors: list[float | None] = [*azimuths_deg] or [None]
    x_m, y_m = _place(study, to)
    rows = pd.DataFrame(
        {
            **lent,
            **given,
            "site_id": site,
            "station_id": station,
            "cell_id": [f"{station}-{number}" for number in range(1, len(sectors) + 1)],
            "operator": operator,
            "technology": technology,
            "azimuth_deg": sectors,
            "status": "active",
        }
    )
    points = [shapely.Point(x_m, y_m)] * len(rows)
    frame = gpd.GeoDataFrame(rows, geometry=points, crs=study.crs)
    anywhere = study.country == "any"
    added = check_rows(frame, CELLS, shown=SHOWN, crs=study.crs, anywhere=anywhere).table
    assert isinstance(added, gpd.GeoDataFrame), "cells have places"
    repeated = sorted(set(added["cell_id"]) & set(cells["cell_id"]))
    if repeated:
        raise InputError(
            Problem(message="pipeline.what_if_repeated", file=SHOWN, column="cell_id", value=one)
            for one in repeated
        )
    together = pd.concat([cells, added[cells.columns]], ignore_index=True)
    together.attrs = dict(cells.attrs)
    return NewMast(together, added, tuple(notes))


def lent_by(
    cells: gpd.GeoDataFrame, operator: str, technology: str, given: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Note]]:
    """Return what cells of the operator and technology lend, else of the technology alone."""
    alike = cells[cells["technology"] == technology]
    mine = alike[alike["operator"] == operator]
    alike = mine if len(mine) else alike
    lent, notes = {}, []
    for name in LENT:
        values = alike[name].dropna()
        power = name == "rs_eirp_dbm" and given.get("power_dbm") is not None
        if name in given or power or values.empty:
            continue
        # The frequency must be one that is on the air; of the rest the middle will do.
        value = values.mode().iloc[0] if name == "frequency_mhz" else values.median()
        lent[name] = float(value)
        field = CELLS[name]
        shown = {
            "field": field.title,
            "value": float(value),
            "unit": field.unit or "",
            "count": len(values),
            "technology": technology,
            "operators": ", ".join(sorted(alike["operator"].unique())),
        }
        notes.append(Note("pipeline.mast_lent", shown))
    return lent, notes


def _place(study: Study, to: tuple[float, float]) -> tuple[float, float]:
    way = operation(WGS84, study.crs)
    assert way is not None, "a study's CRS can be reached from WGS 84"
    x, y = way.transform(*to)
    if not (np.isfinite(x) and np.isfinite(y)):
        x = y = float("nan")  # refused with the place of the other faults
    return float(x), float(y)


def unused(names: "pd.Series[str]", stem: str) -> str:
    """Return the stem with the first number that gives a name not among those."""
    known = set(names)
    number = 1
    while f"{stem}-{number}" in known:
        number += 1
    return f"{stem}-{number}"
