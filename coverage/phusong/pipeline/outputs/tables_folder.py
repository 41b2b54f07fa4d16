"""Finished tables as an output folder: files, maps, workbook and start page, nothing computed.

For what is made of a result later: its tables for another edition of communes, or what of them an
audience may have.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from ..._version import program
from ...export import Layer, write_workbook
from ...i18n import Bilingual, words
from ...maps import MapData
from ...report import Landing, list_files, write_landing
from ...study import Study
from ...tables import INDICATORS
from .folder import list_maps, opens, service_texts, table_meanings, write_layers, write_maps
from .formats import named_services
from .sheets import frame_of

_SHOWN = {
    "communes": {"commune_code", "name", "type", "district", "population"},
    "districts": {"district_code", "district", "population"},
    "gaps": {"gap_id", "service", "rank", "population", "area_km2", "villages", "communes"},
}
"""Tables of the start page, each with the columns without which it is not shown there."""


@dataclass(frozen=True, kw_only=True)
class TablesFolder:
    """What a folder of finished tables is written from.

    Parameters
    ----------
    study : Study
        Its name stands on every page and sheet.
    layers : mapping of str to Layer
        Tables by name.
    drawn : MapData
        What its maps are drawn from.
    parameters : mapping
        As the manifest tells them: the services and targets at least.
    notes : tuple of Bilingual
        On the start page.
    meanings : mapping of str to Bilingual
        Of files that stand in the folder already, by their path.
    indicators : DataFrame, optional
        Rows of the board; none if absent.
    """

    study: Study
    layers: Mapping[str, Layer]
    drawn: MapData
    parameters: Mapping[str, Any]
    notes: tuple[Bilingual, ...]
    meanings: Mapping[str, Bilingual]
    indicators: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=list(INDICATORS.columns))
    )


def raster_meanings(out: Path) -> dict[str, Bilingual]:
    """Return what is said of rasters that were carried over as they are."""
    return {
        path.relative_to(out).as_posix(): words("admin.file_raster")
        for path in (out / "rasters").rglob("*")
    }


def write_tables(given: TablesFolder, out: Path) -> None:
    """Write tables, maps, workbook and start page into a folder; its manifest is the caller's."""
    study, layers = given.study, list(given.layers.values())
    write_layers(layers, out, named_services(given.parameters), study.errors)
    maps = write_maps(study, given.drawn, out)
    (out / "report").mkdir(exist_ok=True)
    write_workbook(layers, out / "report" / "tables.xlsx", crs=study.crs)
    pages, prints = list_maps(out, maps)
    meanings = {
        **table_meanings(layer.table for layer in layers),
        **{listed.path: listed.meaning for listed in (*pages, *prints)},
        **given.meanings,
    }
    tables = {
        name: frame_of(layer, study.crs, layer.table.columns)
        for name, layer in given.layers.items()
        if name in _SHOWN and _SHOWN[name] <= set(layer.table.columns)
    }
    covered = "communes" in tables and any(
        f"covered_population_{service.id}" in tables["communes"] for service in study.services
    )
    write_landing(
        Landing(
            title=study.title,
            province=study.province,
            edition=study.edition,
            as_of=study.as_of,
            boundaries=study.sources_note,
            errors=study.errors,
            sample=study.sample_headline,
            sample_notice=study.sample_notice,
            program=program(),
            indicators=given.indicators,
            services=service_texts(study, given.parameters) if covered else (),
            communes=tables["communes"] if covered else None,
            districts=tables.get("districts") if covered else None,
            gaps=tables.get("gaps"),
            opens=opens(maps, given.layers),
            maps=pages,
            prints=prints,
            files=list_files(out, meanings),
            notes=given.notes,
            rejected={},
        ),
        out / "index.html",
    )
