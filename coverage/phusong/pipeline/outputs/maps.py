"""What the maps of a result are drawn from: its tables, its signal, its relief."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd

from ...egov import RuleTable
from ...export import output_file
from ...grid import Grid, grid_of
from ...i18n import Bilingual, Language, both, words
from ...maps import (
    Imprint,
    MapData,
    Orientation,
    Paper,
    ServiceInfo,
    UnknownServiceError,
    build_map,
    check_paper_file,
    render_paper,
    write_paper,
)
from ...maps.explore import ExploreMap, build_explore
from ...study import Service, Study
from ...terrain import hillshade
from ..gathered import Gathered
from ..parts.coverage import COVERAGE, define
from ..parts.coverage.inputs import predicts
from ..parts.egov import EGOV, levels_meaning
from ..records import ServiceRasters
from .formats import with_target
from .themes import find_theme

EXPLORED, EXPLORED_QUANTITY = "coverage", "margin_db"
"""The theme below the mast that a page computes, and the only raster of it that is drawn."""
CONTEXT = ("roads", "rivers", "places")


def draw(gathered: Gathered, theme: str) -> folium.Map:
    """Draw one map of a result."""
    return build_map(find_theme(gathered.study, theme), layers_of(gathered))


def draw_explore(
    gathered: Gathered,
    computing: Mapping[str, Any],
    read: Callable[[str], gpd.GeoDataFrame],
) -> ExploreMap:
    """Draw the map of a result on which a mast can be placed; what it reads is given."""
    theme, layers = find_theme(gathered.study, EXPLORED), layers_of(gathered)
    # Pictures of other quantities would be as large as all that the engine reads.
    kept = tuple(raster for raster in theme.rasters if raster.quantity == EXPLORED_QUANTITY)
    margins = {EXPLORED_QUANTITY: layers.rasters[EXPLORED_QUANTITY]}
    return build_explore(
        theme.model_copy(update={"rasters": kept}),
        replace(layers, rasters=margins),
        computing,
        read,
    )


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
    """Return what the maps of a result are drawn from."""
    coverage, egov = gathered.found.get(COVERAGE), gathered.found.get(EGOV)
    terrain, services = (None, {}) if coverage is None else (coverage.terrain, coverage.services)
    return replace(
        words_of(
            gathered.study,
            services=services,
            caveat=gathered.caveat,
            rules=None if egov is None else egov.rules,
        ),
        tables={
            **{
                # In the order of the folder's files, so that a sheet drawn from them is the same.
                name: gathered.tables[name].sort_values(list(table.key), ignore_index=True)
                for name, table in gathered.definitions.items()
                if table.geometry
            },
            **cut_context(
                context_of(gathered.loaded.tables), None if terrain is None else grid_of(terrain)
            ),
        },
        rasters={
            field.name: {name: getattr(found, field.name) for name, found in services.items()}
            for field in fields(ServiceRasters)
        },
        cells=None if coverage is None else coverage.cells,
        hillshade=None if terrain is None else hillshade(terrain),
        terrain=terrain,
    )


def words_of(
    study: Study,
    *,
    services: Collection[str],
    caveat: Bilingual | None,
    rules: RuleTable | None,
) -> MapData:
    """Return what the maps of a study say, without a table or raster yet.

    Parameters
    ----------
    study : Study
    services : collection of str
        Ids of those whose signal was predicted.
    caveat : Bilingual, optional
        What must stand beside every share of residents.
    rules : RuleTable, optional
        The readiness rules that offices were judged by.
    """
    return MapData(
        title=study.title,
        as_of=study.as_of,
        boundaries=study.boundaries_note,
        attributions=study.attributions,
        imprint=_imprint(study),
        sample=study.sample_headline,
        sample_notice=study.sample_notice,
        errors={"run": study.errors},
        explained={} if rules is None else {"readiness_level": levels_meaning(rules)},
        services=tuple(
            _service(each, study, caveat) for each in study.services if each.id in services
        ),
    )


def check_service(study: Study, service: str | None) -> None:
    """Refuse a service that no map of a study can show; call it before a long computation.

    Parameters
    ----------
    study : Study
    service : str, optional
        Id; None, which stands for the first, always passes.

    Raises
    ------
    UnknownServiceError
        If the study has no such service, or not what signal is predicted from.

    Examples
    --------
    >>> from phusong import open_study, sample_folder
    >>> check_service(open_study(sample_folder()), "9g")
    Traceback (most recent call last):
        ...
    phusong.maps.paper_content.UnknownServiceError: ...9g...
    """
    known = [one.id for one in study.services] if predicts(study) else []
    if service is not None and service not in known:
        raise UnknownServiceError("paper.unknown_service", service=service, known=", ".join(known))


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


def cut_context(
    context: Mapping[str, gpd.GeoDataFrame], grid: Grid | None
) -> dict[str, gpd.GeoDataFrame]:
    """Cut tables to the relief they are drawn on."""
    if grid is None:
        return dict(context)
    return {name: table.clip(grid.bounds, sort=True) for name, table in context.items()}


def _service(service: Service, study: Study, caveat: Bilingual | None) -> ServiceInfo:
    """Name a service as the map does, with the target its communes are judged by."""
    definition = both(partial(define, service, study))
    if caveat is not None:
        definition = both(lambda lang: f"{definition[lang]}. {caveat[lang]}")
    named = ServiceInfo(id=service.id, title=service.title, definition=definition)
    return with_target(named, study.targets)
