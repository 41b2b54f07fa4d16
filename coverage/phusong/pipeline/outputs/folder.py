"""What a result looks like outside: its folder of files."""

import gc
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from ..._memory import give_back
from ..._version import program
from ...export import (
    Layer,
    output_folder,
    plain_layer,
    signal_classes,
    table_file,
    write_catalogue,
    write_class_cog,
    write_cog,
    write_csv,
    write_dictionary,
    write_geojson,
    write_geopackage,
    write_manifest,
    write_raster_style,
    write_rejected,
    write_rows,
    write_schema,
    write_server_style,
    write_workbook,
)
from ...export.json_text import write_json
from ...export.manifest import FileDigest
from ...i18n import Bilingual, Language, both, text, words
from ...maps import (
    MapData,
    NothingToDrawError,
    ServiceInfo,
    Theme,
    build_map,
    page_link,
    render_paper,
    write_html,
    write_paper,
)
from ...maps.paper_sheet import crs_text
from ...report import Landing, Listed, ServiceText, list_files, write_landing
from ...report.tables import COVERED_SHARE
from ...service.units import EXPECTED_SHARE
from ...study import Scope, Study, target_of
from ...tables import INDICATORS, Table
from ..gathered import Gathered
from ..parts.coverage import COVERAGE, define
from ..progress import Progress
from .formats import named_services
from .given import inputs_of, settings
from .maps import layers_of
from .ofds import FILE as NETWORK
from .ofds import VERSION as OFDS
from .ofds import network_package
from .record import RECORD, write_record
from .styles import layer_styles
from .themes import themes

GEOPACKAGE = "gis/layers.gpkg"
SERVERS = ("best_server", "second_server")
"""Rasters whose pixels name a row of ``best_server.csv``."""
OPENS = {"communes": "coverage", "districts": "coverage", "gaps": "gaps"}
"""The map that opens at a row of the start page's tables."""
_JUDGED: Mapping[str, Scope] = {"communes": "commune", "districts": "district"}


def write_result(gathered: Gathered, folder: Path, *, replace: bool, on_progress: Progress) -> Path:
    """Write every file of a result; the folder appears whole or not at all."""
    with output_folder(folder, replace=replace, results=True) as out, _found_kept():
        on_progress("pipeline.step_write", 0, 4)
        layers = _write_tables(gathered, out)
        give_back()
        on_progress("pipeline.step_write", 1, 4)
        write_rasters(gathered, out)
        on_progress("pipeline.step_write", 2, 4)
        maps = write_maps(gathered.study, layers_of(gathered), out)
        on_progress("pipeline.step_write", 3, 4)
        known = _write_report(gathered, out, layers, maps)
        write_manifest(
            out,
            parameters=parameters_of(gathered),
            inputs=inputs_of(gathered.study),
            known=known,
        )
        on_progress("pipeline.step_write", 4, 4)
    return folder / "index.html"


@contextmanager
def _found_kept() -> Iterator[None]:
    """Let the search for garbage pass over what was computed, which stays: a tenth of the time.

    All that is made for writing it goes through less often: tables of a country are long lists.
    """
    young, middle, old = gc.get_threshold()
    gc.set_threshold(young, middle, 10 * old)
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(young, middle, old)


def _write_tables(gathered: Gathered, out: Path) -> list[Layer]:
    """Write the tables for systems, QGIS and people; return them without rows, of shapes a box."""
    layers = layers_as_written(gathered)
    services = named_services(parameters_of(gathered))
    write_layers(layers, out, services, gathered.study.errors)
    write_workbook(layers, out / "report" / "tables.xlsx", crs=gathered.study.crs)
    return [_emptied(layer) for layer in layers]


def _emptied(layer: Layer) -> Layer:
    """Return a layer without its rows, one box for all its shapes: a country's are 0.5 GB."""
    shapes = layer.shapes
    if shapes is not None:
        boxes = [shapely.box(*shapely.total_bounds(shapes))] if layer.located.any() else []
        shapes = np.array(boxes, dtype=object)
    return replace(layer, rows=(), shapes=shapes)


def layers_as_written(gathered: Gathered) -> list[Layer]:
    """Return the tables of a result as every format carries them."""
    return [
        plain_layer(gathered.tables[name], table, notice=gathered.table_notice(table))
        for name, table in gathered.definitions.items()
    ]


def write_layers(
    layers: Sequence[Layer], out: Path, services: Sequence[ServiceInfo], errors: Bilingual
) -> None:
    """Write tables as GeoJSON or JSON with their schemas, the dictionary and the GeoPackage."""
    schemas = out / "geojson" / "schema"
    schemas.mkdir(parents=True)
    for layer in layers:
        path = out / table_file(layer.table)
        path.parent.mkdir(exist_ok=True)
        if layer.shapes is None:
            write_rows(layer, path)
        else:
            write_geojson(layer, path)
            write_schema(layer.table, schemas / f"{layer.name}.schema.json")
    write_dictionary((layer.table for layer in layers), schemas / "dictionary.json")
    (out / "gis").mkdir()
    write_geopackage(layers, out / GEOPACKAGE, styles=layer_styles(layers, services, errors))


def _too_small(layers: Iterable[Layer]) -> list[Bilingual]:
    """Tell of shapes too small to draw."""
    return [
        words(
            "pipeline.too_small",
            title=layer.table.title,
            count=len(layer.vanished),
            first=layer.vanished[0],
        )
        for layer in layers
        if layer.vanished
    ]


def write_rasters(gathered: Gathered, out: Path) -> None:
    """Write the rasters of the parts; the terrain is an input and stays one."""
    if not gathered.rasters:
        return
    folder = out / "rasters"
    folder.mkdir()
    notice = gathered.study.sample_notice
    said = [] if notice is None else [f"{notice.vi} / {notice.en}"]
    for raster in gathered.rasters:
        kind, path = raster.kind, folder / f"{raster.name}.tif"
        meaning = _raster_words(gathered, f"pipeline.raster_{kind.name}", raster.service)
        write_cog(
            raster.values,
            path,
            nodata=kind.nodata,
            description=meaning.en,
            unit=kind.unit,
            overviews=kind.overviews,
            about=". ".join([f"{meaning.vi} / {meaning.en}", *said]),
        )
        if kind.classes is None:
            continue
        classes = signal_classes(kind.classes)
        write_raster_style(path, classes)
        if kind.class_file:
            meaning = _raster_words(gathered, "export.raster_class", raster.service)
            write_class_cog(
                raster.values,
                folder / f"{kind.class_file}_{raster.service}.tif",
                classes=classes,
                description=meaning.en,
                about=". ".join([f"{meaning.vi} / {meaning.en}", *said]),
            )
    coverage = gathered.found.get(COVERAGE)
    if coverage is not None:
        servers = coverage.cells[["cell_id", "station_id", "operator", "technology"]]
        write_csv(servers.rename_axis("best_server").reset_index(), folder / "best_server.csv")
        names = [" · ".join(row) for row in servers.astype(str).itertuples(index=False, name=None)]
        for service, rasters in coverage.services.items():
            for server in SERVERS:
                path = folder / f"{server}_{service}.tif"
                write_server_style(path, getattr(rasters, server), names)


def _raster_words(gathered: Gathered, key: str, service: str) -> Bilingual:
    """Return what a raster holds, of which service, and in which CRS."""
    study = gathered.study
    title = next(each.title for each in study.services if each.id == service)
    crs = crs_text(study.crs)
    return both(lambda lang: f"{text(key, lang, service=title[lang])}; {crs}")


def _meanings(gathered: Gathered) -> dict[str, Bilingual]:
    """Return what the files hold that only a run can name."""
    meanings = table_meanings(gathered.definitions.values())
    for raster in gathered.rasters:
        kind, service = raster.kind, raster.service
        path = f"rasters/{raster.name}"
        meanings[f"{path}.tif"] = _raster_words(gathered, f"pipeline.raster_{kind.name}", service)
        if kind.classes is not None or kind.name in SERVERS:
            meanings[f"{path}.qml"] = words("export.raster_style")
        if kind.class_file:
            classed = f"rasters/{kind.class_file}_{service}"
            meanings[f"{classed}.tif"] = _raster_words(gathered, "export.raster_class", service)
            meanings[f"{classed}.qml"] = words("export.raster_style")
    return {**meanings, "rasters/best_server.csv": words("pipeline.raster_cells")}


def table_meanings(tables: Iterable[Table]) -> dict[str, Bilingual]:
    """Return what the files hold that are written of tables."""
    meanings = {}
    for table in tables:
        if table.geometry is None and table.name != INDICATORS.name:
            name, about = table.name, partial(_about_table, table)
            meanings[f"tables/{name}.json"] = both(partial(about, "export.file_rows"))
            meanings[f"tables/{name}.schema.json"] = both(partial(about, "export.file_rows_schema"))
    return {
        **meanings,
        GEOPACKAGE: words("export.file_geopackage"),
        RECORD: words("export.file_record"),
        NETWORK: words("fibre.file_ofds", version=OFDS),
        "catalogue/item.json": words("export.file_item"),
        "catalogue/collection.json": words("export.file_collection"),
    }


def _about_table(table: Table, key: str, lang: Language) -> str:
    return text(key, lang, table=table.title[lang])


def write_maps(study: Study, layers: MapData, out: Path) -> dict[str, Theme]:
    """Write a page and a sheet for each theme that there is data for; return those by name."""
    folder = out / "maps"
    found = themes(study)
    links = {name: page_link(name, theme, layers) for name, theme in found.items()}
    pages = [link for link in links.values() if link is not None]
    drawn = {}
    for link in pages:
        theme = drawn[link.name] = found[link.name]
        page = build_map(theme, layers, pages=pages, name=link.name)
        folder.mkdir(exist_ok=True)
        write_html(page, folder / f"{link.name}.html")
        with suppress(NothingToDrawError):  # a page may begin with all its layers hidden
            sheet = render_paper(theme, layers, lang="vi")
            (folder / "print").mkdir(exist_ok=True)
            write_paper(sheet, folder / "print" / f"{link.name}.pdf")
            sheet.clear()  # what it drew would stay until the search for garbage
        give_back()
    return drawn


def _write_report(
    gathered: Gathered, out: Path, layers: list[Layer], maps: dict[str, Theme]
) -> tuple[FileDigest, ...]:
    """Write what lists the other files; return the digests of those."""
    network = network_package(gathered)
    if network is not None:
        write_json(network, out / NETWORK)
    if gathered.rejected:
        write_rejected(gathered.rejected, out)
    write_record(
        out,
        notes=gathered.notes,
        tables=gathered.tables,
        definitions=gathered.definitions,
        layers=layers,
    )
    pages, prints = list_maps(out, maps)
    meanings = {
        **_meanings(gathered),
        **{listed.path: listed.meaning for listed in (*pages, *prints)},
    }
    digests = write_catalogue(
        out,
        parameters=parameters_of(gathered),
        layers=layers,
        meanings={listed.path: listed.meaning.vi for listed in list_files(out, meanings)[:-1]},
    )
    study, coverage = gathered.study, gathered.found.get(COVERAGE)
    write_landing(
        Landing(
            title=study.title,
            province=study.province,
            edition=study.edition,
            as_of=study.as_of,
            boundaries=study.sources_note,
            caveat=gathered.caveat,
            errors=study.errors,
            sample=study.sample_headline,
            sample_notice=study.sample_notice,
            program=program(),
            indicators=gathered.tables[INDICATORS.name],
            services=service_texts(study, parameters_of(gathered)) if coverage else (),
            communes=gathered.tables["communes"] if coverage else None,
            districts=gathered.tables.get("districts") if coverage else None,
            gaps=gathered.tables.get("gaps"),
            opens=opens(maps, gathered.tables),
            maps=pages,
            prints=prints,
            files=list_files(out, meanings),
            notes=(*(both(note.render) for note in gathered.notes), *_too_small(layers)),
            rejected={name: len(rows) for name, rows in gathered.rejected.items()},
        ),
        out / "index.html",
    )
    return digests


def list_maps(
    out: Path, maps: Mapping[str, Theme]
) -> tuple[tuple[Listed, ...], tuple[Listed, ...]]:
    """Return the pages and sheets that `write_maps` wrote, with their titles."""
    pages = tuple(
        Listed(path=f"maps/{name}.html", meaning=theme.title) for name, theme in maps.items()
    )
    prints = tuple(
        Listed(path=f"maps/print/{name}.pdf", meaning=theme.title)
        for name, theme in maps.items()
        if (out / "maps" / "print" / f"{name}.pdf").is_file()
    )
    return pages, prints


def service_texts(study: Study, parameters: Mapping[str, Any]) -> tuple[ServiceText, ...]:
    """Return what the start page says of each service."""
    named = named_services(parameters)
    by_probability = {one.id for one in named if one.target_denominator == "expected_population"}
    targets = {
        service.id: service.target_share
        for service in named
        if service.target_denominator == "population" or service.id in by_probability
    }
    return tuple(
        ServiceText(
            id=service.id,
            name=service.title,
            definition=both(partial(define, service, study)),
            target_share=targets.get(service.id),
            share=EXPECTED_SHARE if service.id in by_probability else COVERED_SHARE,
            estimated=tuple(
                table
                for table, scope in _JUDGED.items()
                if (target := target_of(study.targets, service.id, scope)) is None
                or target.denominator == "population"
            ),
        )
        for service in study.services
    )


def opens(maps: Mapping[str, Theme], tables: Container[str]) -> dict[str, str]:
    """Return the map that opens at a row of each of the start page's tables."""
    return {
        table: f"maps/{name}.html"
        for table, name in OPENS.items()
        if name in maps and table in tables
    }


def parameters_of(gathered: Gathered) -> dict[str, Any]:
    """Return the study's settings, the parts asked for and the notice, as JSON values."""
    notice = gathered.study.sample_notice
    coverage = gathered.found.get(COVERAGE)
    assumed = {} if coverage is None else coverage.assumed.cells_by_field
    return {
        **settings(gathered.study),
        "parts": list(gathered.asked),
        "notice": None if notice is None else asdict(notice),
        # A list of cells that is complete leaves no trace here.
        **({"assumed_cells_by_field": dict(assumed)} if assumed else {}),
    }
