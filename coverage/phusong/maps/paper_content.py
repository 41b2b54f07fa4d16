"""What a printed map shows: rows chosen, grouped by their look and counted.

One service and one language, for paper has no switches. Geometries stay in the
study's own CRS. Draws nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
import xarray as xr
from numpy.typing import NDArray

from ..errors import PhusongError
from ..i18n import Language, percent, text
from ..tables import GeometryKind
from .drawing import Drawing, Look, column_of, draw_rows, plain_values
from .geometry import DEGREES, anchors, transformer
from .layers import MapData, ServiceInfo
from .legend import cut, denominator
from .paper_text import printable
from .payload import (
    RASTER_UNITS,
    asks_service,
    dated_line,
    drawn_shapes,
    is_available,
    note_of,
    raster_needs,
    require_something,
    verdict_key,
)
from .planes import PATCHES, station_patch
from .theme import TABLES, Raster, Theme, ThemeLayer, as_known

Bounds = tuple[float, float, float, float]
UNITS = ("province", "districts", "communes")


class UnknownServiceError(PhusongError, ValueError):
    """A map was asked for a service that the study does not have."""


@dataclass(frozen=True, eq=False)
class Group:
    """Rows of a layer that look alike, and what the legend calls them."""

    words: str
    look: Look
    rows: NDArray[np.intp]
    side: str = ""  # heading above it: at or above the target, or below


@dataclass(frozen=True, eq=False)
class PaperLayer:
    """One layer of the theme with its rows; no groups where the study has no data for it."""

    spec: ThemeLayer
    geometry: GeometryKind
    title: str
    notes: tuple[str, ...]
    groups: tuple[Group, ...] = ()
    shapes: NDArray[Any] | None = None
    names: tuple[str, ...] = ()
    anchors: NDArray[np.float64] | None = None  # where the names belong, (n, 2), metres

    @property
    def count(self) -> int:
        """How many rows are drawn."""
        return sum(len(group.rows) for group in self.groups)


@dataclass(frozen=True, eq=False)
class PaperRaster:
    """One raster of the theme: its values for the service, None where the study has none."""

    spec: Raster
    title: str
    notes: tuple[str, ...]
    classes: tuple[tuple[str, str], ...]  # colour and words, from the highest down
    values: xr.DataArray | None  # numbers, or positions in `colours`; NaN where nothing is drawn
    breaks: tuple[float, ...] = ()
    colours: tuple[str, ...] = ()  # from the lowest class up, or one a category

    @property
    def counted(self) -> bool:
        """Whether values are numbers, which may be averaged, and not positions."""
        return self.spec.classes is not None


@dataclass(frozen=True, eq=False)
class Content:
    """A resolved map: rasters and layers from the bottom up, and what it is about."""

    title: str
    note: str
    study: str
    dated: str
    attributions: str
    sample: str  # that the data are invented; empty where they are real
    service: ServiceInfo | None  # None where the picture is the same for all
    rasters: tuple[PaperRaster, ...]
    layers: tuple[PaperLayer, ...]
    crs: Any
    bounds: Bounds
    area: Any  # the study area, one polygon; None without units
    densest: tuple[float, float] | None  # middle of the most crowded commune, metres


def content(theme: Theme, data: MapData, *, lang: Language, service: str | None) -> Content:
    """Choose, group and count the rows that a theme shows for one service.

    Parameters
    ----------
    theme : Theme
    data : MapData
        Tables in one CRS, metres.
    lang : {"vi", "en"}
    service : str, optional
        Id; the study's first service if absent.

    Raises
    ------
    NothingToDrawError
        If the study has nothing of what the theme shows.
    UnknownServiceError
        If the study has no such service.
    """
    chosen = _chosen(data, service)
    theme = as_known(_shown(theme), data.tables, data.errors)
    require_something(theme, data, [one.id for one in data.services])
    wanted = {layer.table for layer in theme.layers}
    tables = {name: table for name, table in data.tables.items() if name in wanted and len(table)}
    units = [name for name in UNITS if len(data.tables.get(name, ()))]
    framed = [data.tables[name] for name in units[:1]] or list(tables.values())
    crs = framed[0].crs
    detail = (theme.simplify_m, theme.close_cracks_m)
    shapes = {
        name: data.once(("paper", name, detail), partial(series.to_crs, crs))
        for name, series in drawn_shapes(theme, data, tables).items()
    }
    dated = dated_line(data)
    boxes = np.array([table.total_bounds for table in framed])
    return Content(
        title=printable(theme.title[lang]),
        note="" if theme.note is None else printable(theme.note[lang]),
        study=printable(data.title[lang]),
        dated="" if dated is None else printable(dated[lang]),
        attributions=_named(data.attributions, lang),
        sample="" if data.sample is None else printable(data.sample[lang]),
        service=chosen if asks_service(theme, tables) else None,
        rasters=tuple(_raster(raster, data, chosen, lang) for raster in theme.rasters),
        layers=tuple(
            _layer(layer, data, shapes.get(layer.table), chosen, lang) for layer in theme.layers
        ),
        crs=crs,
        bounds=(*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist()),
        area=data.area_of(units[0]) if units else None,
        densest=data.once(("densest",), partial(_densest, data.tables.get("communes"))),
    )


def _named(attributions: Sequence[str], lang: Language) -> str:
    """Return the line that names whom the data are from; each is cut by itself, not all of them."""
    if not attributions:
        return ""
    return text("common.attributions", lang, named="; ".join(map(printable, attributions)))


def _shown(theme: Theme) -> Theme:
    """Return the theme with what is visible when its page opens."""
    return theme.model_copy(
        update={
            "rasters": tuple(one for one in theme.rasters if one.shown),
            "layers": tuple(one for one in theme.layers if one.shown),
        }
    )


def _chosen(data: MapData, service: str | None) -> ServiceInfo | None:
    if service is None:
        return data.services[0] if data.services else None
    for one in data.services:
        if one.id == service:
            return one
    known = ", ".join(one.id for one in data.services)
    raise UnknownServiceError("paper.unknown_service", service=service, known=known)


def _raster(
    spec: Raster, data: MapData, service: ServiceInfo | None, lang: Language
) -> PaperRaster:
    found = {
        name: data.rasters.get(name, {}).get(service.id if service else "")
        for name in raster_needs(spec)
    }
    absent = any(values is None for values in found.values()) or (
        spec.quantity == "best_server" and data.cells is None
    )
    note = [] if spec.note is None else [printable(spec.note[lang])]
    drawn = PaperRaster(
        spec=spec,
        title=printable(spec.title[lang]),
        notes=(*note, *([text("maps.page_absent", lang)] if absent else [])),
        classes=(),
        values=None,
    )
    if spec.classes is not None:
        unit = "" if spec.classes.titles else RASTER_UNITS.get(spec.quantity, "")
        classes = reversed(cut(spec.classes, spec.quantity))
        return replace(
            drawn,
            classes=tuple(
                (one["colour"], f"{one['label'][lang]} {unit}".strip()) for one in classes
            ),
            values=None if absent else _numbers(spec, found),
            breaks=spec.classes.breaks,
            colours=spec.classes.colours,
        )
    server, margin = found["best_server"], found["margin_db"]
    if absent or server is None or margin is None or data.cells is None:
        return drawn
    return _served_by(drawn, server.where(margin >= 0), data.cells, lang)


def _numbers(spec: Raster, found: Mapping[str, xr.DataArray | None]) -> xr.DataArray | None:
    """Return what is classed: no signal at all is the weakest class of the margin."""
    values = found[spec.quantity]
    if values is None or spec.quantity == "level_dbm":
        return values
    if spec.quantity == "servers":
        return values.where(values > 0)
    lowest = spec.classes.breaks[0] - 1 if spec.classes and spec.classes.breaks else 0.0
    return values.fillna(lowest)


def _served_by(
    drawn: PaperRaster, server: xr.DataArray, cells: gpd.GeoDataFrame, lang: Language
) -> PaperRaster:
    """Return the best server as positions in a list of colours: by a field, or one a station."""
    categories = drawn.spec.categories
    colours: tuple[str, ...] = PATCHES
    legend: tuple[tuple[str, str], ...] = ()
    if categories is None:
        stations = cells["station_id"].astype(str)
        place = np.array([station_patch(station) for station in stations])
    else:
        colours = (*(one.colour for one in categories.items), categories.other)
        known = {one.value: place for place, one in enumerate(categories.items)}
        field = cells[categories.field]
        place = np.array([known.get(value, len(categories.items)) for value in field])
        shown = [one for one in categories.items if (field == one.value).any()]
        other = categories.other_title
        legend = (
            *((one.colour, printable(one.title[lang])) for one in shown),
            *([(categories.other, printable(other[lang]))] if other is not None else []),
        )
    row = server.fillna(-1).to_numpy().astype(int)
    values = server.copy(data=np.where(row < 0, np.nan, np.append(place, 0)[row]))
    return replace(drawn, classes=legend, values=values, colours=colours)


def _layer(
    spec: ThemeLayer,
    data: MapData,
    shapes: gpd.GeoSeries | None,
    service: ServiceInfo | None,
    lang: Language,
) -> PaperLayer:
    absent = PaperLayer(
        spec=spec,
        geometry=spec.geometry,
        title=printable(spec.title[lang]),
        notes=(text("maps.page_absent", lang),),
    )
    if shapes is None or not is_available(spec, data, [service.id] if service else []):
        return absent
    table = data.tables[spec.table]
    drawing = draw_rows(spec, table, service, shapes=shapes)
    note = note_of(spec, data)
    notes = [] if note is None else [note[lang]]
    if spec.classes is not None and (words := denominator(spec.classes.field)) is not None:
        notes.append(words[lang])
    named = column_of(spec, spec.labels.field, service) if spec.labels else ""
    names = data.once(("names", spec.table, named), partial(_names, table, named))
    middles = _middles(data, spec.table) if names or spec.as_points else None
    return replace(
        absent,
        notes=tuple(map(printable, notes)),
        groups=tuple(_groups(drawing, service, data, lang)),
        shapes=shapely.points(middles) if spec.as_points else shapes.to_numpy(),
        names=names,
        anchors=middles if names else None,
    )


def _groups(
    drawing: Drawing, service: ServiceInfo | None, data: MapData, lang: Language
) -> Iterator[Group]:
    """Yield the rows of each look; of the rest only if there are any."""
    for place, look in enumerate(drawing.looks):
        rows = np.flatnonzero(drawing.index == place)
        if look.rest and not len(rows):
            continue
        side = ""
        if look.met is not None and service is not None:
            side = _side(service, look.met, data, lang)
        yield Group(printable(look.words[lang]), look, rows, side)


def _side(service: ServiceInfo, met: bool, data: MapData, lang: Language) -> str:
    target = service.target_share or 0.0
    decimals = 0 if round(100 * target, 6) % 1 == 0 else 1
    key = verdict_key("target_met" if met else "target_missed", data)
    return text(key, lang, target=percent(target, lang, decimals=decimals))


def _names(table: gpd.GeoDataFrame, column: str) -> tuple[str, ...]:
    """Return what is written of each row; nothing where there is no such column."""
    if column not in table.columns:
        return ()
    return tuple("" if name is None else printable(name) for name in plain_values(table[column]))


def _middles(data: MapData, name: str) -> NDArray[np.float64]:
    """Return where each row's name or symbol belongs, (n, 2) in metres; NaN where nowhere."""
    places: NDArray[np.float64] = data.once(("middles", name), partial(_placed, data, name))
    return places


def _placed(data: MapData, name: str) -> NDArray[np.float64]:
    table = data.tables[name]
    if TABLES[name].geometry != "Polygon":
        points = table.geometry.representative_point()
        return np.column_stack([points.x, points.y])
    places = data.once(("anchors", name), partial(anchors, table))
    lat, lon = np.array([(np.nan, np.nan) if one is None else one for one in places]).T
    return np.column_stack(transformer(DEGREES, table.crs).transform(lon, lat))


def _densest(communes: gpd.GeoDataFrame | None) -> tuple[float, float] | None:
    """Return the middle of the commune with the most residents a square kilometre."""
    if communes is None or len(communes) < 2 or "population" not in communes.columns:
        return None
    density = (communes["population"] / communes.area).to_numpy("float64", na_value=np.nan)
    if not (density > 0).any():
        return None
    middle = communes.geometry.iloc[int(np.nanargmax(density))].representative_point()
    return float(middle.x), float(middle.y)
