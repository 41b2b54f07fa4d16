"""What a result looks like outside: its map, its board, its folder of files."""

import math
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import folium
import geopandas as gpd
import pandas as pd

from ..._types import Language
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
    write_workbook,
)
from ...export.schema import write_json
from ...grid import grid_of
from ...i18n import text
from ...maps import (
    Layers,
    NothingToDrawError,
    Orientation,
    Paper,
    ServiceInfo,
    Theme,
    build_map,
    render_html,
    render_paper,
    write_paper,
)
from ...report import (
    Both,
    Landing,
    Listed,
    ServiceText,
    board_rows,
    both,
    list_files,
    words,
    write_landing,
)
from ...study import Service, Study
from ...tables import INDICATORS, Table
from ...terrain import hillshade
from ..progress import Progress
from ..questions.board import define
from .formats import named_services
from .ofds import FILE as NETWORK
from .ofds import VERSION as OFDS
from .ofds import network_package
from .styles import layer_styles
from .themes import find_theme, theme_files, themes

if TYPE_CHECKING:
    from ..result import Result

NO_SERVER = -1
NO_COUNT = 65535
RASTERS: tuple[tuple[str, str, Literal["AVERAGE", "NEAREST"], float], ...] = (
    ("margin_db", "dB", "AVERAGE", math.nan),
    ("level_dbm", "dBm", "AVERAGE", math.nan),
    ("best_server", "", "NEAREST", NO_SERVER),
    ("second_margin_db", "dB", "AVERAGE", math.nan),
    ("servers", "", "NEAREST", NO_COUNT),
    ("obstacle_distance_m", "m", "NEAREST", math.nan),
    ("obstacle_ground_m", "m", "NEAREST", math.nan),
)

RASTER_COLOURS: dict[str, Literal["margin_db", "level_dbm"]] = {
    "margin_db": "margin_db",
    "second_margin_db": "margin_db",
    "level_dbm": "level_dbm",
}
"""By raster: the classes it is drawn in."""
GEOPACKAGE = "gis/layers.gpkg"


def draw(result: "Result", theme: str) -> folium.Map:
    """Draw one map of a result."""
    return build_map(find_theme(result.study, theme), _layers(result))


def print_map(
    result: "Result",
    theme: str,
    path: Path,
    *,
    paper: Paper,
    orientation: Orientation | None,
    lang: Language,
    service: str | None,
) -> Path:
    """Write one map of a result as a sheet of paper."""
    sheet = render_paper(
        find_theme(result.study, theme), _layers(result), lang=lang, paper=paper,
        orientation=orientation, service=service,
    )  # fmt: skip
    return write_paper(sheet, path)


def display_board(indicators: pd.DataFrame, lang: Language) -> pd.DataFrame:
    """Return the board as formatted text under headings of one language."""
    columns = ("indicator", "published", "computed", "target", "verdict", "source")
    rows = [
        (row.label, row.published, row.computed, row.target, row.verdict, row.source)
        for row in board_rows(indicators, lang)
    ]
    return pd.DataFrame(rows, columns=[text(f"pipeline.column_{name}", lang) for name in columns])


def write_result(result: "Result", folder: Path, *, on_progress: Progress) -> Path:
    """Write every file of a result; the folder appears whole or not at all."""
    with output_folder(folder) as out:
        on_progress("pipeline.step_write", 0, 4)
        layers = _write_tables(result, out)
        on_progress("pipeline.step_write", 1, 4)
        _write_rasters(result, out)
        on_progress("pipeline.step_write", 2, 4)
        maps = _write_maps(result, out)
        on_progress("pipeline.step_write", 3, 4)
        _write_report(result, out, layers, maps)
        write_manifest(out, parameters=_parameters(result), inputs=_inputs(result))
        on_progress("pipeline.step_write", 4, 4)
    return folder / "index.html"


def _write_tables(result: "Result", out: Path) -> list[Layer]:
    """Write the tables for systems and for QGIS; return them as they were written."""
    layers = [plain_layer(frame, table) for frame, table in result.tables.values()]
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
    services = named_services(_parameters(result))
    write_geopackage(layers, out / GEOPACKAGE, styles=layer_styles(layers, services))
    return layers


def _too_small(layers: Iterable[Layer]) -> list[Both]:
    """Tell of shapes too small to draw."""
    return [
        words(
            "pipeline.too_small",
            table=layer.name,
            count=len(layer.vanished),
            first=layer.vanished[0],
        )
        for layer in layers
        if layer.vanished
    ]


def _write_rasters(result: "Result", out: Path) -> None:
    """Write the signal of every service; the terrain is an input and stays one."""
    if not result.services or result.cells is None:
        return
    folder = out / "rasters"
    folder.mkdir()
    for name, rasters in result.services.items():
        for quantity, unit, overviews, nodata in RASTERS:
            write_cog(
                getattr(rasters, quantity),
                folder / f"{quantity}_{name}.tif",
                nodata=nodata,
                description=text(f"pipeline.raster_{quantity}", "en", service=name),
                unit=unit,
                overviews=overviews,
            )
            if quantity in RASTER_COLOURS:
                classes = signal_classes(RASTER_COLOURS[quantity])
                write_raster_style(folder / f"{quantity}_{name}.tif", classes)
        write_class_cog(
            rasters.margin_db,
            folder / f"served_{name}.tif",
            classes=signal_classes("margin_db"),
            description=text("export.raster_class", "en", service=name),
        )
    servers = result.cells[["cell_id", "station_id", "operator", "technology"]]
    write_csv(servers.rename_axis("best_server").reset_index(), folder / "best_server.csv")


def _meanings(result: "Result") -> dict[str, Both]:
    """Return what the files hold that only a run can name."""
    meanings = {
        f"rasters/{quantity}_{name}.tif": words(f"pipeline.raster_{quantity}", service=name)
        for name in result.services
        for quantity, *_ in RASTERS
    }
    for name in result.services:
        meanings[f"rasters/served_{name}.tif"] = words("export.raster_class", service=name)
        for quantity in (*RASTER_COLOURS, "served"):
            meanings[f"rasters/{quantity}_{name}.qml"] = words("export.raster_style")
    for name, (_, table) in result.tables.items():
        if table.geometry is None and name != INDICATORS.name:
            told = partial(_about_table, table)
            meanings[f"tables/{name}.json"] = both(partial(told, "export.file_rows"))
            meanings[f"tables/{name}.schema.json"] = both(partial(told, "export.file_rows_schema"))
    return {
        **meanings,
        GEOPACKAGE: words("export.file_geopackage"),
        NETWORK: words("fibre.file_ofds", version=OFDS),
        "catalogue/item.json": words("export.file_item"),
        "catalogue/collection.json": words("export.file_collection"),
        "rasters/best_server.csv": words("pipeline.raster_cells"),
    }


def _about_table(table: Table, key: str, lang: Language) -> str:
    return text(key, lang, table=table.title(lang))


def _write_maps(result: "Result", out: Path) -> dict[str, Theme]:
    """Write a page and a sheet for each theme that the study has data for; return those by name."""
    folder = out / "maps"
    (folder / "print").mkdir(parents=True)
    layers = _layers(result)
    drawn = {}
    for name, theme in themes(result.study).items():
        try:
            page = render_html(build_map(theme, layers))
        except NothingToDrawError:
            continue
        (folder / f"{name}.html").write_bytes(page.encode("utf-8"))
        drawn[name] = theme
        with suppress(NothingToDrawError):  # a page may begin with all its layers hidden
            write_paper(render_paper(theme, layers, lang="vi"), folder / "print" / f"{name}.pdf")
    return drawn


def _write_report(result: "Result", out: Path, layers: list[Layer], maps: dict[str, Theme]) -> None:
    write_workbook(layers, out / "report" / "tables.xlsx")
    network = network_package(result)
    if network is not None:
        write_json(network, out / NETWORK)
    if result.rejected:
        write_rejected(result.rejected, out)
    pages = tuple(
        Listed(path=f"maps/{name}.html", meaning=Both(theme.title.vi, theme.title.en))
        for name, theme in maps.items()
    )
    prints = tuple(
        Listed(path=f"maps/print/{name}.pdf", meaning=Both(theme.title.vi, theme.title.en))
        for name, theme in maps.items()
        if (out / "maps" / "print" / f"{name}.pdf").is_file()
    )
    meanings = {
        **_meanings(result),
        **{listed.path: listed.meaning for listed in (*pages, *prints)},
    }
    write_catalogue(
        out,
        parameters=_parameters(result),
        layers=layers,
        meanings={listed.path: listed.meaning.vi for listed in list_files(out, meanings)[:-1]},
    )
    study = result.study
    write_landing(
        Landing(
            title=Both(study.name, study.name_en),
            province=study.province,
            edition=study.edition,
            as_of=study.as_of,
            version=version("phusong"),
            indicators=result.indicators,
            services=tuple(
                ServiceText(
                    id=service.id,
                    name=Both(service.name, service.name_en),
                    definition=both(partial(define, service, study)),
                )
                for service in study.services
                if service.id in result.services
            ),
            communes=result.communes if result.services else None,
            maps=pages,
            prints=prints,
            files=list_files(out, meanings),
            notes=(*(both(note.render) for note in result.notes), *_too_small(layers)),
            rejected={name: len(rows) for name, rows in result.rejected.items()},
        ),
        out / "index.html",
    )


def _layers(result: "Result") -> Layers:
    return Layers(
        vi=result.study.name,
        en=result.study.name_en,
        edition=result.study.edition,
        as_of=result.study.as_of,
        services=tuple(
            _service(service, result.study)
            for service in result.study.services
            if service.id in result.services
        ),
        tables={
            **{name: frame for name, (frame, table) in result.tables.items() if table.geometry},
            **_context(result),
        },
        rasters={
            "margin_db": {name: rasters.margin_db for name, rasters in result.services.items()}
        },
        hillshade=None if result.terrain is None else hillshade(result.terrain),
        terrain=result.terrain,
    )


def _context(result: "Result") -> dict[str, gpd.GeoDataFrame]:
    """Return roads, rivers and places, cut to the relief they are drawn on."""
    if result.terrain is None:
        return dict(result.context)
    bounds = grid_of(result.terrain).bounds
    return {name: table.clip(bounds, sort=True) for name, table in result.context.items()}


def _service(service: Service, study: Study) -> ServiceInfo:
    """Name a service as the map does, with the target its communes are judged by."""
    named = ServiceInfo(
        id=service.id,
        vi=service.name,
        en=service.name_en,
        definition_vi=define(service, study, "vi"),
        definition_en=define(service, study, "en"),
    )
    for target in study.targets:
        denominator = target.denominator
        if (
            target.service == service.id
            and target.scope == "commune"
            and denominator != "commune_centres"
        ):
            return replace(named, target_share=target.share, target_denominator=denominator)
    return named


def _parameters(result: "Result") -> dict[str, Any]:
    """Return the study's settings as JSON values; its place on this machine is left out."""
    return result.study.model_dump(mode="json", exclude={"folder"})


def _inputs(result: "Result") -> dict[str, Path]:
    study = result.study
    files = {source.path: study.path(source) for _, source in study.inputs.files}
    return {
        "study.toml": study.folder / "study.toml",
        **files,
        **study.antenna_files,
        **theme_files(study),
    }
