"""What stands on sheets to hand out, in words: rows of finished tables, commune by commune.

A column that a table does not have, because it was not computed or the audience may not have
it, is left out with its heading. Computes no figure.
"""

import difflib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
import xarray as xr

from ...errors import ExportError
from ...export import Layer
from ...export.plain import is_share
from ...i18n import Language, catalogue, date_text, fold, number, percent, text
from ...maps import MapData, Theme
from ...maps.handout import CommuneSheet, SheetTable, VillageCard
from ...report.board import JUDGED, share_text
from ...study import Service, Study, target_of
from ...tables import Field
from .maps import CONTEXT

Row = Mapping[str, Any]
Column = tuple[str, str, float]
"""Of a table on a sheet: the column, the key of its heading, how wide it is beside the others."""
NOTHING = "–"
CUT_BY_CODE = ("communes", "villages", "offices", "planned_sites")
AROUND = 1.1
"""How far a map may reach beyond its commune, in lengths of the longer side."""
NOT_SERVED = {"white": 0, "patchy": 1}
"""States of villages that are told, worst first."""
VILLAGES: tuple[Column, ...] = (
    ("name", "village", 0.16), ("households", "households", 0.07), ("population", "people", 0.08),
    ("unserved_population", "unserved", 0.1), ("signal_state", "state", 0.11),
    ("support", "power", 0.13), ("reason", "cause", 0.35),
)  # fmt: skip
OFFICES: tuple[Column, ...] = (
    ("name", "office", 0.34), ("has_fibre", "fibre", 0.1), ("has_lan", "lan", 0.1),
    ("one_stop", "one_stop", 0.16), ("readiness_level", "level", 0.14),
    ("service_year", "service_year", 0.16),
)  # fmt: skip
SITES: tuple[Column, ...] = (
    ("site_kind", "work", 0.3), ("year", "year", 0.08), ("people", "more_people", 0.14),
    ("village_names", "villages_served", 0.3), ("total_vnd", "cost", 0.18),
)  # fmt: skip
FACTS = (
    "signal_state", "operators_served", "households", "population", "unserved_population",
    "has_electricity", "support",
)  # fmt: skip
"""Of a village on its card, in this order."""
_ALIKE = 5


class Sheets:
    """The pages of communes and the cards of villages that can be made of some tables.

    Parameters
    ----------
    study : Study
        Under the name that tells the edition.
    marking : str
        For whom the sheets are.
    layers : mapping of str to Layer
        What the audience may have, with ``communes``.
    lang : {"vi", "en"}
    """

    def __init__(
        self, study: Study, marking: str, layers: Mapping[str, Layer], lang: Language
    ) -> None:
        self._study, self._marking, self._layers, self._lang = study, marking, layers, lang
        self._units = {row["commune_code"]: row for row in layers["communes"].rows}

    def chosen(self, given: Collection[str]) -> list[str]:
        """Return the codes of communes that codes or names mean, in order; all if none is given.

        Raises
        ------
        ExportError
            If there is no such commune, or several have the name.
        """
        return sorted({self._code(one) for one in given} if given else self._units)

    def of_commune(
        self, theme: Theme, data: MapData, service: str | None, code: str
    ) -> Iterator[CommuneSheet]:
        """Yield the page of a commune."""
        unit, here = self._units[code], _cut(data, code)
        shown = tuple(one for one in theme.layers if len(here.tables.get(one.table, ())))
        tables = (
            self._facts(unit), self._figures(unit), self._offices(code), self._works(code),
            self._villages(code),
        )  # fmt: skip
        yield CommuneSheet(
            title=self._named(unit),
            about=self._about(unit),
            marking=self._marking,
            theme=theme.model_copy(update={"layers": shown}),  # its legend speaks of nothing else
            data=here,
            service=service,
            tables=tuple(one for one in tables if one is not None),
        )

    def of_villages(self, code: str) -> Iterator[VillageCard]:
        """Yield the cards of a commune's villages, by their code."""
        unit, own = self._units[code], self._rows_of("villages")[code]
        shapes = self._places
        places = [shapes.get(row["village_id"]) for row in own]
        for row, place in zip(own, places, strict=True):
            others = [one for one in places if one is not None and one is not place]
            yield VillageCard(
                title=self._text("sheet.village_title", name=row.get("name") or NOTHING),
                about=f"{self._named(unit)} · {self._about(unit)}",
                marking=self._marking,
                foot=self._text("sheet.card_foot", study=self._study.title, date=self._study.as_of),
                warning="" if self._sample is None else self._sample[self._lang],
                facts=tuple(self._village_facts(row)),
                outline=self._outlines.get(code),
                place=_points([] if place is None else [place]),
                others=_points(others),
            )

    def _text(self, key: str, **values: object) -> str:
        return text(key, self._lang, **values)

    @property
    def _sample(self) -> Any:
        return self._study.sample_headline

    def _code(self, given: str) -> str:
        if given in self._units:
            return given
        shown = {
            code: f"{row.get('name') or NOTHING} ({code})" for code, row in self._units.items()
        }
        names = {code: fold(str(row.get("name") or "")) for code, row in self._units.items()}
        found: list[str] = [code for code, name in names.items() if name == fold(given)]
        if len(found) == 1:
            return found[0]
        if found:
            alike = ", ".join(shown[code] for code in found)
            raise ExportError("explain.several_communes", given=given, alike=alike)
        near = difflib.get_close_matches(fold(given), [*names.values(), *names], n=_ALIKE, cutoff=0)
        nearest = [shown[code] for code in shown if names[code] in near or code in near]
        raise ExportError("explain.unknown_commune", given=given, alike=", ".join(nearest[:_ALIKE]))

    def _rows_of(self, name: str) -> Mapping[str, list[Row]]:
        """Return the rows of a table by commune; none if there is no such table."""
        if name not in self._by_commune:
            rows: defaultdict[str, list[Row]] = defaultdict(list)
            layer = self._layers.get(name)
            if layer is not None and "commune_code" in layer.table.columns:
                for row in layer.rows:
                    rows[row["commune_code"]].append(row)
            self._by_commune[name] = rows
        return self._by_commune[name]

    @cached_property
    def _by_commune(self) -> dict[str, defaultdict[str, list[Row]]]:
        return {}

    @cached_property
    def _outlines(self) -> dict[str, Any]:
        layer = self._layers["communes"]
        if layer.shapes is None:
            return {}
        moved = gpd.GeoSeries(layer.shapes, crs="EPSG:4326").to_crs(self._study.crs)
        codes = (row["commune_code"] for row in layer.rows)
        return {code: one for code, one in zip(codes, moved, strict=True) if one is not None}

    @cached_property
    def _places(self) -> dict[str, Any]:
        layer = self._layers["villages"]
        if layer.shapes is None:
            return {}
        moved = gpd.GeoSeries(layer.shapes, crs="EPSG:4326").to_crs(self._study.crs)
        ids = (row["village_id"] for row in layer.rows)
        return {one: place for one, place in zip(ids, moved, strict=True) if place is not None}

    def _columns(self, name: str) -> tuple[str, ...]:
        layer = self._layers.get(name)
        return () if layer is None else layer.table.columns

    def _field(self, name: str, column: str) -> Field:
        return self._layers[name].table[column]

    def _shown(self, name: str, column: str, value: Any) -> str:
        """Return a value as a person reads it."""
        field, lang = self._field(name, column), self._lang
        if value is None or value == "":
            return NOTHING
        if isinstance(value, bool):
            return self._text("common.yes" if value else "common.no")
        if field.choices:
            key = f"maps.value_{value}"
            return self._text(key) if key in catalogue() else str(value)
        if isinstance(value, date):
            return date_text(value, lang)
        if is_share(field):
            return percent(value, lang)
        if isinstance(value, int | float):
            unit = field.unit_in(lang)
            # A year has a highest value and no marks.
            shown = str(value) if field.maximum is not None else number(value, lang)
            return f"{shown} {unit}" if unit == field.unit and unit == "đồng" else shown
        return str(value)

    def _named(self, unit: Row) -> str:
        name = unit.get("name") or unit["commune_code"]
        kind = str(unit.get("type") or "")
        return f"{kind[:1].upper()}{kind[1:]} {name}".strip()

    def _about(self, unit: Row) -> str:
        parts = [self._study.province, self._text("sheet.code", code=unit["commune_code"])]
        if unit.get("district"):
            parts.insert(0, self._text("explain.of_district", district=unit["district"]))
        return " · ".join(parts)

    def _facts(self, unit: Row) -> SheetTable:
        has = self._columns("communes")
        facts = [
            (self._text(f"sheet.{name}"), self._shown("communes", name, unit[name]))
            for name in ("population", "population_source", "villages", "stations")
            if name in has
        ]
        if "area_km2" in has and unit["area_km2"] is not None:
            area = number(unit["area_km2"], self._lang, decimals=1)
            facts.append((self._text("sheet.area"), f"{area} km²"))
        if "fibre_connected" in has:
            connected = self._shown("communes", "fibre_connected", unit["fibre_connected"])
            facts.append((self._text("sheet.fibre_connected"), connected))
        if len(facts) % 2:
            facts.append(("", ""))
        return SheetTable(
            title=self._text("sheet.facts"),
            headings=(),
            widths=(0.3, 0.2, 0.3, 0.2),
            rows=tuple((*one, *two) for one, two in zip(facts[::2], facts[1::2], strict=True)),
        )

    def _figures(self, unit: Row) -> SheetTable | None:
        """Return the figures of each service: both readings of the map, estimate, verdict."""
        has = self._columns("communes")
        services = [
            one
            for one in self._study.services
            if any(
                f"{name}_{one.id}" in has
                for name in ("covered_population_share", "covered_area_share")
            )
        ]
        if not services:
            return None
        names = (
            "service", "on_map", "by_probability", "estimate", "centre", "target", "verdict",
        )  # fmt: skip
        return SheetTable(
            title=self._text("sheet.figures"),
            headings=tuple(self._text(f"sheet.{name}") for name in names),
            widths=(0.16, 0.16, 0.18, 0.18, 0.08, 0.08, 0.16),
            rows=tuple(self._figures_of(unit, one) for one in services),
            note=self._text("sheet.readings", errors=self._study.errors),
        )

    def _figures_of(self, unit: Row, service: Service) -> tuple[str, ...]:
        lang = self._lang

        def of(name: str) -> Any:
            return unit.get(f"{name}_{service.id}")

        target = target_of(self._study.targets, service.id, "commune")
        aim = 1.0 if target is None else target.share

        def share(value: float | None) -> str:
            return NOTHING if value is None else share_text(value, aim, lang)

        people, area = of("covered_population_share"), of("covered_area_share")
        if people is not None:
            on_map = share(people)
            if of("covered_population") is not None:
                on_map += (
                    f" ({self._text('sheet.people_of', count=round(of('covered_population')))})"
                )
        else:
            on_map = self._text("sheet.of_area", share=share(area)) if area is not None else NOTHING

        def estimate(name: str) -> str:
            low, median, high = (of(f"{name}_{end}") for end in ("low", "median", "high"))
            if low is None or high is None:
                return share(median)
            return f"{share(median)} ({share(low)} – {share(high)})"

        by_probability = (
            share(of("expected_covered_population_share"))
            if of("probability_share_median") is None
            else estimate("probability_share")
        )
        verdict = of("confident_verdict") or of("target_verdict")
        return (
            service.title[lang],
            on_map,
            by_probability,
            estimate("share"),
            self._centre(unit, service),
            NOTHING if target is None else percent(target.share, lang, decimals=1),
            self._verdict(verdict, of("target_probability")),
        )

    def _centre(self, unit: Row, service: Service) -> str:
        name = f"centre_covered_{service.id}"
        return self._shown("communes", name, unit[name]) if name in unit else NOTHING

    def _verdict(self, verdict: str | None, probability: float | None) -> str:
        if verdict is None:
            return NOTHING
        if verdict in JUDGED:
            kind = "verdict" if self._sample is None else "example"
            words = self._text(f"report.{kind}_{verdict}")
        else:
            words = self._text(f"maps.value_{verdict}")
        if probability is None:
            return words
        shown = percent(probability, self._lang, decimals=0)
        return self._text("sheet.judged", verdict=words, probability=shown)

    def _table(
        self,
        title: str,
        columns: Sequence[Column],
        rows: Sequence[Sequence[str]],
        *,
        none: str,
        more: str,
    ) -> SheetTable:
        """Return a table whose columns share the page; without rows, a line that says so."""
        if not rows:
            return SheetTable(
                title=self._text(title), headings=(), widths=(1.0,), rows=((self._text(none),),)
            )
        whole = sum(width for _, _, width in columns)
        return SheetTable(
            title=self._text(title),
            headings=tuple(self._text(f"sheet.{heading}") for _, heading, _ in columns),
            widths=tuple(width / whole for _, _, width in columns),
            rows=tuple(map(tuple, rows)),
            more=lambda count: self._text(more, count=count),
        )

    def _villages(self, code: str) -> SheetTable | None:
        """Return the villages that are not served, those with most people without signal first."""
        name = "village_list" if "village_list" in self._layers else "villages"
        has = self._columns(name)
        columns = [one for one in VILLAGES if one[0] in has]
        rows = self._rows_of(name)[code]
        if name == "villages":
            if "signal_state" not in has:
                return None
            rows = [row for row in rows if row["signal_state"] in NOT_SERVED]
        cause = "reason" if self._lang == "vi" else "reason_en"
        worst = sorted(
            rows,
            key=lambda row: (
                -(row.get("unserved_population") or 0),
                NOT_SERVED.get(row["signal_state"], 0),
                row["village_id"],
            ),
        )
        return self._table(
            "sheet.not_served",
            columns,
            [
                [
                    self._shown(name, cause if column == "reason" else column,
                                row[cause if column == "reason" else column])
                    for column, _, _ in columns
                ]
                for row in worst
            ],
            none="sheet.all_served",
            more="sheet.more_villages",
        )  # fmt: skip

    def _offices(self, code: str) -> SheetTable | None:
        """Return what the offices in a commune have, with their level and year of the roll-out."""
        if "offices" not in self._layers:
            return None
        beside = {
            name: {row["office_id"]: row for row in self._layers[table].rows}
            for name, table in (("readiness_level", "readiness"), ("service_year", "rollout"))
            if name in self._columns(table)
        }
        columns = [one for one in OFFICES if one[0] in self._columns("offices") or one[0] in beside]

        def cell(row: Row, column: str) -> str:
            if column not in beside:
                return self._shown("offices", column, row[column])
            found = beside[column].get(row["office_id"], {}).get(column)
            return NOTHING if found is None else str(found)

        rows = [
            [cell(row, column) for column, _, _ in columns]
            for row in self._rows_of("offices")[code]
        ]
        return self._table(
            "sheet.offices", columns, rows, none="sheet.no_offices", more="sheet.more_offices"
        )

    def _works(self, code: str) -> SheetTable | None:
        """Return the sites that a plan builds in a commune."""
        if "planned_sites" not in self._layers:
            return None
        has = self._columns("planned_sites")
        columns = [one for one in SITES if one[0] in has]
        rows = sorted(self._rows_of("planned_sites")[code], key=lambda row: row.get("rank") or 0)
        return self._table(
            "sheet.works",
            columns,
            [
                [self._shown("planned_sites", column, row[column]) for column, _, _ in columns]
                for row in rows
            ],
            none="sheet.no_works",
            more="sheet.more_works",
        )

    def _village_facts(self, row: Row) -> Iterator[tuple[str, str]]:
        has = self._columns("villages")
        told = self._listed.get(row["village_id"], {})
        for name in FACTS:
            if name in has and row[name] not in (None, ""):
                yield self._text(f"sheet.card_{name}"), self._shown("villages", name, row[name])
        for service in self._study.services:
            name = f"covered_{service.id}"
            if name in has and row[name] is not None:
                yield (
                    service.title[self._lang],
                    self._text(
                        "explain.centre_covered" if row[name] else "explain.centre_uncovered"
                    ),
                )
        for name in ("reason", "nearest_stations"):
            column = name if self._lang == "vi" else f"{name}_en"
            if told.get(column):
                yield self._text(f"sheet.card_{name}"), str(told[column])

    @cached_property
    def _listed(self) -> dict[str, Row]:
        layer = self._layers.get("village_list")
        return {} if layer is None else {row["village_id"]: row for row in layer.rows}


def _points(places: Sequence[Any]) -> Any:
    return shapely.get_coordinates(places) if places else np.empty((0, 2))


def _cut(data: MapData, code: str) -> MapData:
    """Return what the map of one commune is drawn from."""
    communes = data.tables["communes"]
    own = communes[communes["commune_code"] == code]
    west, south, east, north = own.total_bounds.tolist()
    around = AROUND * max(east - west, north - south) + 500
    view = (west - around, south - around, east + around, north + around)
    tables = {}
    for name, table in data.tables.items():
        if name in CUT_BY_CODE:
            tables[name] = table[table["commune_code"] == code]
        elif name == "stations":  # the legend counts them, beside the commune's own figure
            inside = table.sindex.query(own.union_all(), predicate="intersects")
            tables[name] = table.iloc[np.sort(inside)]
        elif name in CONTEXT:
            tables[name] = table.iloc[np.sort(table.sindex.query(shapely.box(*view)))]
        elif name == "gaps":
            codes = table["commune_codes"].fillna("").str.split(r",\s*", regex=True)
            tables[name] = table[[code in each for each in codes]]
    return replace(
        data,
        tables=tables,
        rasters={
            kind: {name: _window(one, view) for name, one in found.items()}
            for kind, found in data.rasters.items()
        },
        hillshade=None if data.hillshade is None else _window(data.hillshade, view),
        terrain=None if data.terrain is None else _window(data.terrain, view),
    )


def _window(raster: xr.DataArray, view: tuple[float, float, float, float]) -> xr.DataArray:
    """Return the part of a raster in view; its pixels stay where they are."""
    west, south, east, north = view
    return raster.sel(
        x=(raster["x"] > west) & (raster["x"] < east),
        y=(raster["y"] > south) & (raster["y"] < north),
    )
