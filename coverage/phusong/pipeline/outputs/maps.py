"""What the maps of a result are drawn from: its tables, its signal, its relief."""

from collections.abc import Mapping
from dataclasses import fields
from functools import partial
from pathlib import Path

import folium
import geopandas as gpd
import xarray as xr

from ..._types import Language
from ...export import output_file
from ...grid import grid_of
from ...i18n import Bilingual, both, words
from ...maps import (
    Imprint,
    MapData,
    Orientation,
    Paper,
    ServiceInfo,
    build_map,
    check_paper_file,
    render_paper,
    write_paper,
)
from ...study import Service, Study
from ...terrain import hillshade
from ..gathered import Gathered
from ..parts.coverage import COVERAGE, define
from ..parts.egov import EGOV, levels_meaning
from ..records import ServiceRasters
from .formats import with_target
from .themes import find_theme

CONTEXT = ("roads", "rivers", "places")


def draw(gathered: Gathered, theme: str) -> folium.Map:
    """Draw one map of a result."""
    return build_map(find_theme(gathered.study, theme), layers_of(gathered))


def print_map(  # noqa: PLR0913 - the choices of `Result.paper`
    gathered: Gathered,
    theme: str,
    path: Path,
    *,
    paper: Paper,
    orientation: Orientation | None,
    lang: Language,
    service: str | None,
    replace: bool,
) -> Path:
    """Write one map of a result as a sheet of paper."""
    check_paper_file(path)
    sheet = render_paper(
        find_theme(gathered.study, theme),
        layers_of(gathered),
        lang=lang,
        paper=paper,
        orientation=orientation,
        service=service,
    )
    with output_file(path, replace=replace) as fresh:
        write_paper(sheet, fresh)
    return path


def layers_of(gathered: Gathered) -> MapData:
    """Return what the maps of an gathered are drawn from."""
    study, coverage = gathered.study, gathered.found.get(COVERAGE)
    egov = gathered.found.get(EGOV)
    terrain, services = (None, {}) if coverage is None else (coverage.terrain, coverage.services)
    return MapData(
        title=study.title,
        as_of=study.as_of,
        boundaries=study.boundaries_note,
        imprint=_imprint(study),
        sample=study.sample_headline,
        sample_notice=study.sample_notice,
        explained={} if egov is None else {"readiness_level": levels_meaning(egov.rules)},
        services=tuple(
            _service(each, study, gathered.caveat) for each in study.services if each.id in services
        ),
        tables={
            **{
                name: gathered.tables[name]
                for name, table in gathered.definitions.items()
                if table.geometry
            },
            **_cut(context_of(gathered.loaded.tables), terrain),
        },
        rasters={
            field.name: {name: getattr(found, field.name) for name, found in services.items()}
            for field in fields(ServiceRasters)
        },
        cells=None if coverage is None else coverage.cells,
        hillshade=None if terrain is None else hillshade(terrain),
        terrain=terrain,
    )


def _imprint(study: Study) -> Imprint | None:
    """Return what printed maps say of their issuer."""
    given = study.imprint
    if given is None:
        return None
    place = given.place or study.province
    return Imprint(
        issuer=Bilingual(given.issuer, given.issuer_en or given.issuer),
        dated=words("paper.signed_blank", place=place)
        if given.date is None
        else words(
            "paper.signed_on",
            place=place,
            day=given.date.day,
            month=given.date.month,
            year=given.date.year,
        ),
        signer=Bilingual(given.signer, given.signer_en or given.signer) if given.signer else None,
        scale=given.scale,
    )


def context_of(tables: Mapping[str, gpd.GeoDataFrame]) -> dict[str, gpd.GeoDataFrame]:
    """Return roads, rivers and places, as far as they are given."""
    return {name: tables[name] for name in CONTEXT if name in tables}


def _cut(
    context: Mapping[str, gpd.GeoDataFrame], terrain: xr.DataArray | None
) -> dict[str, gpd.GeoDataFrame]:
    """Cut tables to the relief they are drawn on."""
    if terrain is None:
        return dict(context)
    bounds = grid_of(terrain).bounds
    return {name: table.clip(bounds, sort=True) for name, table in context.items()}


def _service(service: Service, study: Study, caveat: Bilingual | None) -> ServiceInfo:
    """Name a service as the map does, with the target its communes are judged by."""
    definition = both(partial(define, service, study))
    if caveat is not None:
        definition = both(lambda lang: f"{definition[lang]}. {caveat[lang]}")
    named = ServiceInfo(id=service.id, title=service.title, definition=definition)
    return with_target(named, study.targets)
