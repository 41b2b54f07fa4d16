"""Two results compared, as tables, as a page to print, as a map, and as a folder of files."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import pandas as pd

from ..._resources import resource_folder
from ...export import (
    Layer,
    output_folder,
    plain_layer,
    write_geojson,
    write_layer_csv,
    write_manifest,
    write_rows,
    write_schema,
    write_workbook,
)
from ...i18n import Bilingual, Language, both, date_text, number, percent, text, words
from ...maps import build_map, open_theme, write_html
from ...report import Headline, PageTable, ReportPage, render_page
from ...report.tables import verdict_column
from ...study import Service, target_of
from ...tables import COMPARED_COMMUNES, STATIONS_RESULT, Table
from .compare import Compared, compare_tables, unlisted
from .maps import words_of
from .presented import Presented

ROWS_SHOWN = 40
WORKBOOK = "tables.xlsx"
_NOTHING = Bilingual("–", "–")
Rows = tuple[tuple[Bilingual, ...], ...]


@dataclass(frozen=True, repr=False, eq=False)
class Comparison:
    """What differs between two results, and what may be the reasons.

    Every table of `tables.COMPARISON_TABLES` is one of `tables`.

    Parameters
    ----------
    found : Compared
        What differs.

    Examples
    --------
    >>> import tempfile
    >>> import phusong
    >>> study = phusong.open_study(phusong.sample_folder())
    >>> coarse = study.replace({"radio.radius_km": 2}, resolution_m=1000)
    >>> before = phusong.run(coarse, parts=["coverage"])
    >>> after = phusong.what_if(before, before.cells[before.cells.site_id != "HG0001"])
    >>> found = phusong.compare(before, after)
    >>> found.tables["compared_stations"]["site_id"].unique().tolist()
    ['HG0001']
    >>> [service.id for service in found.services]
    ['mobile', 'broadband', '4g', 'indoor']
    >>> found.html()[:15], type(found.map()).__name__
    ('<!DOCTYPE html>', 'StudyMap')
    >>> with tempfile.TemporaryDirectory() as home:
    ...     found.write(Path(home) / "changes").name
    'index.html'
    """

    found: Compared

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by name: communes, districts, province, villages, stations, causes."""
        return dict(self.found.tables)

    @property
    def definitions(self) -> Mapping[str, Table]:
        """What their columns mean, by table."""
        return self.found.definitions

    @property
    def services(self) -> tuple[Service, ...]:
        """The services that both results have."""
        return tuple(
            one for one in self.found.after.study.services if one.id in self.found.services
        )

    @cached_property
    def page(self) -> ReportPage:
        """The page, as it is written and printed."""
        return ReportPage(
            title=words("compare.title"),
            about=(
                _named("before", self.found.before),
                _named("after", self.found.after),
                words("explain.edition", edition=self.found.after.study.edition),
            ),
            program=self.found.after.program,
            sample=self.found.before.study.sample_headline
            or self.found.after.study.sample_headline,
            headlines=tuple(self._headlines()),
            notes=tuple(self._notes()),
            tables=tuple(self._tables()),
        )

    def html(self) -> str:
        """Return the page as HTML: both languages, one self-contained file.

        Returns
        -------
        str
        """
        return render_page(self.page)

    def map(self) -> folium.Map:
        """Draw where more and where fewer residents are covered, and which stations changed.

        Returns
        -------
        folium.Map
            Shown in a notebook, it needs no internet.
        """
        study = self.found.after.study
        theme = open_theme(resource_folder("maps") / "compared" / "changes.toml")
        said = words_of(study, services=self.found.services, caveat=None, rules=None)
        tables = {
            name: frame
            for name, frame in self.found.tables.items()
            if isinstance(frame, gpd.GeoDataFrame) and len(frame)
        }
        errors = {"before": self.found.before.study.errors, "after": study.errors}
        return build_map(theme, replace(said, tables=tables, errors=errors))

    def write(self, folder: Path | str, *, replace: bool = False) -> Path:
        """Write page, map, tables as XLSX, CSV and GeoJSON with schemas, and return the page.

        Parameters
        ----------
        folder : path
            Absent, empty, or written by phusong before; not the results of a run.
        replace : bool
            Whether files that someone added or changed in a folder of phusong's may be lost.

        Returns
        -------
        Path
            The page, ``index.html``.

        Raises
        ------
        OutputError
            As for `Result.write`.
        """
        folder = Path(folder)
        layers = self._layers()
        crs = self.found.before.study.crs  # the tables are in it
        with output_folder(folder, replace=replace) as out:
            for name in ("geojson", "tables"):
                (out / name).mkdir()
            for layer in layers:
                if layer.shapes is None:
                    write_rows(layer, out / "tables" / f"{layer.name}.json")
                else:
                    write_geojson(layer, out / "geojson" / f"{layer.name}.geojson")
                    write_schema(layer.table, out / "geojson" / f"{layer.name}.schema.json")
                path = out / "tables" / f"{layer.name}.csv"
                write_layer_csv(layer, path, crs=crs, semicolon=False)
            write_workbook(layers, out / WORKBOOK, crs=crs)
            write_html(self.map(), out / "map.html")
            (out / "index.html").write_bytes(self.html().encode("utf-8"))
            write_manifest(
                out,
                parameters={
                    when: {"name": one.study.name, "as_of": one.study.as_of.isoformat(),
                           "program": one.program, "files": one.files.to_dict("records")}
                    for when, one in (("before", self.found.before), ("after", self.found.after))
                },
                inputs={},
            )  # fmt: skip
        return folder / "index.html"

    def _layers(self) -> list[Layer]:
        notice = self.found.after.study.sample_notice or self.found.before.study.sample_notice
        return [
            plain_layer(self.found.tables[name], table, notice=notice)
            for name, table in self.definitions.items()
        ]

    def _headlines(self) -> Iterator[Headline]:
        communes, province = (self.found.tables.get(f"compared_{name}")
                              for name in ("communes", "province"))  # fmt: skip
        if communes is None:
            return
        for service in self.services:
            change = communes[f"change_{service.id}"]
            counts = {name: int((change == name).sum()) for name in ("gained", "lost")}
            if province is not None:
                row = province.iloc[0]
                yield Headline(
                    label=words("compare.share", service=service.title),
                    figure=_from_to(row, f"covered_population_share_{{}}_{service.id}", _share),
                    detail=words(
                        "compare.share_detail",
                        people=_signed(row[f"covered_population_gained_{service.id}"]),
                        **counts,
                    ),
                )
            met = [_met(one.communes, service.id) for one in (self.found.before, self.found.after)]
            before, after = met[0].align(met[1], fill_value=False)
            counted = {"before": int(before.sum()), "after": int(after.sum())}
            if target_of(self.found.after.study.targets, service.id, "commune") is not None:
                yield Headline(
                    label=self._told(words("compare.met", service=service.title), service),
                    figure=words("compare.from_to", **counted),
                    detail=words("compare.met_detail", up=int((after & ~before).sum()),
                                 down=int((before & ~after).sum())),
                )  # fmt: skip
            gained, lost = (int(communes[f"villages_{name}_{service.id}"].sum())
                            for name in ("gained", "lost"))  # fmt: skip
            if gained or lost:
                yield Headline(
                    label=words("compare.villages", service=service.title),
                    figure=words("compare.villages_figure", gained=gained, lost=lost),
                )

    def _notes(self) -> Iterator[Bilingual]:
        communes = self.found.tables["compared_communes"]
        if all((communes[f"change_{one}"] == "same").all() for one in self.found.services):
            yield words("compare.no_difference")
        yield words("compare.honest")
        if self.found.by_place:
            yield words("compare.by_place")
        reasons = (
            name
            for service in self.found.services
            for told in communes[f"reasons_{service}"].dropna()
            for name in unlisted(told)
        )
        if "cells" in reasons:
            yield words("compare.cells_file")

    def _tables(self) -> Iterator[PageTable]:
        units = [
            (
                words("compare.whole", name=row[name]) if table == "province" else _text(row[name]),
                row,
            )
            for table, name in (("province", "province"), ("districts", "district"))
            if f"compared_{table}" in self.found.tables
            for row in self.found.tables[f"compared_{table}"].to_dict("records")
        ]
        if units:
            yield self._units("compare.districts", [
                (name, row, service)
                for service in self.services for name, row in units
            ])  # fmt: skip
        yield self._communes()
        yield self._stations()
        yield from self._villages()
        yield self._causes()

    def _communes(self) -> PageTable:
        rows = self.found.tables["compared_communes"].to_dict("records")
        changed = [
            (_text(f"{row['type']} {row['name']} ({row['commune_code']})"), row, service)
            for row in rows
            for service in self.services
            if row[f"change_{service.id}"] != "same" or row[f"reasons_{service.id}"]
        ]
        changed.sort(
            key=lambda one: -abs(np.nan_to_num(one[1][f"covered_population_gained_{one[2].id}"]))
        )
        shown = changed[:ROWS_SHOWN]
        return self._units(
            "compare.communes",
            shown,
            lead=words(
                "compare.communes_lead",
                shown=len(shown),
                count=len(changed),
                sheet=COMPARED_COMMUNES.sheet,
                file=WORKBOOK,
            ),
        )

    def _units(
        self,
        title: str,
        units: Sequence[tuple[Bilingual, Mapping[Any, Any], Service]],
        lead: Bilingual | None = None,
    ) -> PageTable:
        names = ["unit", "service", "share", "people", "verdict", "villages", "reasons"]
        if self._drawn():
            names.insert(names.index("verdict"), "estimate")
        return PageTable(
            title=words(title),
            lead=lead,
            headings=tuple(
                self._told(told, *self.services) if name in ("estimate", "verdict") else told
                for name in names
                for told in [words(f"compare.column_{name}")]
            ),
            numbers=0,
            rows=tuple(self._unit(*unit) for unit in units),
        )

    def _drawn(self) -> bool:
        """Tell whether communes have an estimate, of which their verdict is."""
        communes = self.found.tables["compared_communes"]
        return any(f"share_median_after_{one.id}" in communes for one in self.services)

    def _told(self, title: Bilingual, *services: Service) -> Bilingual:
        """Return the title of verdicts with what is known of their errors, if they have any."""
        before, after = (one.study.errors for one in (self.found.before, self.found.after))
        communes: Any = self.found.after.communes
        columns = [verdict_column(communes, one.id) for one in services]
        if not any(one.startswith("confident") for one in columns):
            return title
        errors = after if before == after else words("compare.from_to", before=before, after=after)
        return words("common.with_errors", title=title, errors=errors)

    def _unit(
        self, name: Bilingual, row: Mapping[Any, Any], service: Service
    ) -> tuple[Bilingual, ...]:
        confident = f"confident_verdict_after_{service.id}"
        judged = "confident_verdict" if pd.notna(row.get(confident)) else "target_verdict"
        villages = [int(row[f"villages_{one}_{service.id}"]) for one in ("gained", "lost")]
        estimate = [_from_to(row, f"share_median_{{}}_{service.id}", _share)] * self._drawn()
        return (
            name,
            service.title,
            _from_to(row, f"covered_population_share_{{}}_{service.id}", _share),
            _signed(row[f"covered_population_gained_{service.id}"]),
            *estimate,
            _from_to(row, f"{judged}_{{}}_{service.id}", _choice),
            _text("+{} / −{}".format(*villages)) if any(villages) else _NOTHING,
            self._reasons(row, service.id),
        )

    def _reasons(self, row: Mapping[Any, Any], service: str) -> Bilingual:
        listed = row.get(f"reasons_{service}")
        if listed is None or pd.isna(listed) or not listed:
            return _NOTHING
        told = {
            f"station_{name}": row.get(f"stations_{name}_{service}")
            for name in ("new", "gone", "altered")
        }

        def in_words(lang: Language) -> str:
            shown = []
            for reason in unlisted(listed):
                said = text(f"maps.value_{reason}", lang)
                ids = told.get(reason)
                shown.append(f"{said} ({_first(ids)})" if ids else said)
            return "; ".join(shown)

        return both(in_words)

    def _stations(self) -> PageTable:
        rows = self.found.tables["compared_stations"].to_dict("records")
        counts = {
            name: sum(row["station_change"] == change for row in rows)
            for name, change in (("new", "appeared"), ("gone", "vanished"), ("altered", "altered"))
        }
        shown = rows[:ROWS_SHOWN]
        return PageTable(
            title=words("compare.stations"),
            lead=words("compare.stations_lead", **counts, shown=len(shown)),
            headings=tuple(
                words(f"compare.column_{name}") for name in ("station", "site", "change", "what")
            ),
            numbers=0,
            rows=tuple(
                (
                    _text(row["station_id"]),
                    _text(row["site_name"]),
                    words(f"maps.value_{row['station_change']}"),
                    _altered(row["altered_fields"])
                    if row["station_change"] == "altered"
                    else _text(f"{row['operator']} {row['technology']}"),
                )
                for row in shown
            ),
        )

    def _villages(self) -> Iterator[PageTable]:
        rows = self.found.tables["compared_villages"].to_dict("records")
        if not rows:
            return
        titles = {one.id: one.title for one in self.services}
        communes = self.found.tables["compared_communes"]
        commune = dict(zip(communes["commune_code"], communes["name"], strict=True))
        yield PageTable(
            title=words("compare.villages_table"),
            headings=(
                *(words(f"compare.column_{name}") for name in ("village", "service", "change")),
                words("explain.people"),
                words("compare.column_margin"),
            ),
            numbers=2,
            rows=tuple(
                (
                    # Villages of many communes share a name.
                    _text(
                        ", ".join([row["name"], *filter(None, [commune.get(row["commune_code"])])])
                    ),
                    titles[row["service"]],
                    words(f"maps.value_{row['change']}"),
                    _number(row["population"], 0),
                    _from_to(row, "margin_db_{}", partial(_number, decimals=1)),
                )
                for row in rows[:ROWS_SHOWN]
            ),
        )

    def _causes(self) -> PageTable:
        rows = self.found.tables["compared_causes"].to_dict("records")
        return PageTable(
            title=words("compare.causes"),
            lead=None if rows else words("compare.none"),
            headings=tuple(
                words(f"compare.column_{name}") for name in ("cause", "name", "before", "after")
            ),
            numbers=0,
            rows=tuple(
                (
                    words(f"maps.value_{row['cause']}"),
                    *(_text(_short(row["cause"], row[name]))
                      for name in ("name", "value_before", "value_after")),
                )
                for row in rows
            ),
        )  # fmt: skip

    def __repr__(self) -> str:
        counts = ", ".join(f"{name}: {len(frame)}" for name, frame in self.tables.items())
        return f"<Comparison {counts}>"


def compare_results(before: Presented, after: Presented) -> Comparison:
    """Compare two results; see `phusong.compare`.

    Raises
    ------
    CompareError
        If they are of two provinces or editions, lack coverage or share no service.
    """
    return Comparison(compare_tables(before, after))


def _named(when: str, result: Presented) -> Bilingual:
    study = result.study
    return both(
        lambda lang: text(
            f"compare.{when}", lang, study=study.title[lang], date=date_text(study.as_of, lang)
        )
    )


def _met(communes: Any, service: str) -> "pd.Series[bool]":
    """Tell which communes meet the target of a service, by their code."""
    judged: pd.Series[Any] = communes.set_index("commune_code")[verdict_column(communes, service)]
    return judged == "met"


def _from_to(row: Any, name: str, write: Any) -> Bilingual:
    before, after = (write(row.get(name.format(when))) for when in ("before", "after"))
    return words("compare.from_to", before=before, after=after)


def _share(value: Any) -> Bilingual:
    if pd.isna(value):
        return _NOTHING
    return both(lambda lang: percent(value, lang).replace(" ", "\u00a0"))


def _choice(value: Any) -> Bilingual:
    return _NOTHING if pd.isna(value) else words(f"maps.value_{value}")


def _number(value: Any, decimals: int) -> Bilingual:
    return _NOTHING if pd.isna(value) else both(lambda lang: number(value, lang, decimals=decimals))


def _signed(value: float) -> Bilingual:
    """Write a gain of people with its sign."""
    if pd.isna(value):
        return _NOTHING
    shown = _number(value, 0)
    return both(lambda lang: f"+{shown[lang]}" if round(value) > 0 else shown[lang])


def _text(value: Any) -> Bilingual:
    shown = "–" if value is None or pd.isna(value) else str(value)
    return Bilingual(shown, shown)


def _altered(told: str) -> Bilingual:
    """Write what was altered of a station, columns by their meaning."""
    known = set(STATIONS_RESULT.columns)
    # Ids and names may hold these signs too: only before the name of a field do they part.
    fields = "|".join(map(re.escape, [*known, "place"]))
    parts = [part.split(": ", 1) for part in re.split(rf"; (?=(?:{fields}): )", told)]

    def called(name: str, lang: Language) -> str:
        return (STATIONS_RESULT[name].meaning(lang) if name in known
                else text("compare.place", lang))  # fmt: skip

    def in_words(lang: Language) -> str:
        return "; ".join(f"{called(name, lang)}: {values}" for name, values in parts)

    return both(in_words)


def _first(ids: str, most: int = 3) -> str:
    names = unlisted(ids)
    return ", ".join(names[:most]) + (f", … ({len(names)})" if len(names) > most else "")


def _short(cause: str, value: Any) -> Any:
    """Shorten a digest, which the table has in full."""
    is_digest = cause == "file" and isinstance(value, str) and len(value) == 64
    return f"{value[:12]}…" if is_digest else value
