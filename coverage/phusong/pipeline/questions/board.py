"""The indicator board: each published figure beside the one computed from the files.

A figure is *computed* by a model, *counted* from the tables, or *reported only*
when the files cannot give it. Of the systems that a province reports none is
left out: what nobody told has *no figure*. Nothing here feeds a published
figure back.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import pandas as pd

from ..._types import Language
from ...export import open_finished
from ...i18n import LANGUAGES, number, percent, text
from ...radio import MODELS
from ...study import Published, Service, Study
from ...tables import INDICATORS
from ..parts.coverage.allowances import allowance_words


@dataclass(frozen=True, kw_only=True)
class _Row:
    """One computed row; `definition` is a key of ``words/board.toml``."""

    indicator: str
    unit: str
    denominator: str
    computed: float
    origin: str
    target: float = float("nan")
    definition: str = ""
    service: Service | None = None
    values: Mapping[str, object] = field(default_factory=dict)


def define(service: Service, study: Study, lang: Language) -> str:
    """Return what a service's figures mean: technology, operators, threshold, probability."""
    radio = study.radio
    if radio is None:
        raise ValueError("a service is defined together with radio settings")
    thresholds = ", ".join(
        f"{technology} ≥ {number(level, lang, decimals=int(level % 1 != 0))} dBm"
        for technology, level in sorted(service.threshold_dbm.items())
    )
    return text(
        "board.definition",
        lang,
        thresholds=thresholds,
        operators=", ".join(service.operators) or text("board.all_operators", lang),
        environment=text(f"board.{service.environment}", lang),
        allowance=allowance_words(service, radio, lang),
        probability=percent(service.location_probability, lang, decimals=0),
        model=MODELS[radio.model].title[lang],
        edition=study.edition,
        date=study.as_of.strftime("%d/%m/%Y") if lang == "vi" else study.as_of.isoformat(),
    )


def indicators(
    study: Study,
    *,
    province: gpd.GeoDataFrame | None,
    communes: gpd.GeoDataFrame | None,
    stations: gpd.GeoDataFrame | None,
    offices: gpd.GeoDataFrame | None,
    rollout: gpd.GeoDataFrame | None,
) -> pd.DataFrame:
    """Return the board, rows and columns as `tables.INDICATORS`.

    Parameters
    ----------
    study : Study
        Gives services, targets and the published figures.
    province, communes, stations, offices, rollout : GeoDataFrame, optional
        Finished tables of the run. Rows that need an absent one are left out,
        or shown as reported only if they were published; with `offices` every
        system has its row.
    """
    found = [*_computed(study, province, communes, stations, offices)]
    if rollout is not None:
        found.append(_planned(study, rollout))
    rows = {row.indicator: row for row in found}
    published = {row.indicator: row for row in study.published}
    targets = {each.indicator: each.value for each in study.egov.targets} if study.egov else {}
    systems = SYSTEMS if offices is not None else ()
    records = []
    first = (name for name in rows if name not in SYSTEMS and name != "rollout_offices")
    for name in dict.fromkeys([*first, *systems, *rows, *published]):
        row, figure = rows.get(name), published.get(name)
        computed = row.computed if row else float("nan")
        target = targets.get(name, row.target if row else float("nan"))
        record: dict[str, object] = {
            "indicator": name,
            **{str(lang): _title(study, figure, name, lang) for lang in LANGUAGES},
            "unit": row.unit if row else ((figure and figure.unit) or unit_of(name)),
            "denominator": row.denominator if row else None,
            "published": figure.value if figure else float("nan"),
            "computed": computed,
            "target": target,
            "origin": row.origin if row else ("reported_only" if figure else "no_figure"),
            "status": status(computed, target, published=figure is not None),
            "source": figure.source if figure else None,
        }
        for lang in LANGUAGES:
            record[f"definition_{lang}"] = _definition(row, figure, study, lang)
        records.append(record)
    return pd.DataFrame.from_records(records, columns=list(INDICATORS.columns))


@dataclass(frozen=True, kw_only=True)
class Board:
    """The board of a finished output folder.

    Parameters
    ----------
    names : mapping
        The study's name by language.
    indicators : DataFrame
        Rows as `tables.INDICATORS`.
    districts : DataFrame, optional
        Rows as `tables.DISTRICTS_RESULT`, without their shapes.
    """

    names: Mapping[Language, str]
    indicators: pd.DataFrame
    districts: pd.DataFrame | None


def read_board(folder: Path) -> Board:
    """Return the board of an output folder.

    Raises
    ------
    InputError
        If phusong did not write the folder, or a file was altered since.
    """
    finished = open_finished(folder)
    figures = dict.fromkeys(("published", "computed", "target"), "float64")
    return Board(
        names={"vi": finished.parameters["name"], "en": finished.parameters["name_en"]},
        indicators=pd.DataFrame(finished.layer("indicators").rows).astype(figures),
        districts=pd.DataFrame(finished.layer("districts").rows)
        if "districts" in finished.tables
        else None,
    )


def unit_of(indicator: str) -> str:
    """Return the unit of an indicator that the board knows."""
    return _COUNTED[indicator][0] if indicator in _COUNTED else "share"


def known_indicators(study: Study) -> frozenset[str]:
    """Return the identifiers the board can compute for this study's inputs and services."""
    names = {f"{share}_{service.id}" for service in study.services for share, *_ in _SHARES}
    return frozenset(names | set(_COUNTED))


def _title(study: Study, figure: Published | None, name: str, lang: Language) -> str:
    if figure is not None and (own := figure.name if lang == "vi" else figure.name_en):
        return own
    for service in study.services:
        for share, _ in _SHARES:
            if name == f"{share}_{service.id}":
                named = service.name if lang == "vi" else service.name_en
                return f"{text(f'board.{share}', lang)}: {named}"
    return text(f"board.{name}", lang)


def _definition(row: _Row | None, figure: Published | None, study: Study, lang: Language) -> str:
    if row is None:
        return text("board.not_computed" if figure else "board.not_given", lang)
    if row.service is not None:
        return define(row.service, study, lang)
    return text(f"board.{row.definition}", lang, **row.values)


def status(computed: float, target: float, *, published: bool) -> str:
    """Judge a computed figure by its target; a published one is never judged in its place."""
    if pd.isna(computed):
        return "reported_only" if published else "no_figure"
    if pd.isna(target):
        return "no_target"
    return "met" if computed >= target else "missed"


_SHARES = (
    ("covered_population_share", "population"),
    ("covered_villages_share", "villages"),
    ("covered_centres_share", "commune_centres"),
    ("covered_area_share", "area"),
)
_COUNTED = {
    "stations": ("count", "", "defined_stations"),
    "fibre_centres_share": ("share", "commune_centres", "defined_fibre"),
    "lan_share": ("share", "commune_offices", "defined_lan"),
    "lan_offices": ("count", "", "defined_seats"),
    "computers_per_official": ("share", "officials", "defined_computers"),
    "video_conference_province": ("count", "", "defined_seats"),
    "video_conference_district": ("count", "", "defined_seats"),
    "video_conference_commune": ("count", "", "defined_seats"),
    "document_system_share": ("share", "offices", "defined_offices"),
    "documents_to_province_share": ("share", "", ""),
    "documents_between_agencies_share": ("share", "", ""),
    "documents_signed_share": ("share", "", ""),
    "mailboxes": ("count", "", "defined_offices"),
    "digital_certificates": ("count", "", "defined_offices"),
    "one_stop_local": ("count", "", "defined_seats"),
    "one_stop_interlinked": ("count", "", "defined_seats"),
    "service_centre_links": ("count", "", "defined_seats"),
    "rollout_offices": ("count", "", "defined_rollout"),
}
SYSTEMS = tuple(name for name in _COUNTED if name not in {"stations", "rollout_offices"})
"""What a province reports of its systems, in the order of the board."""


def _computed(
    study: Study,
    province: gpd.GeoDataFrame | None,
    communes: gpd.GeoDataFrame | None,
    stations: gpd.GeoDataFrame | None,
    offices: gpd.GeoDataFrame | None,
) -> Iterator[_Row]:
    if stations is not None:
        yield _counted("stations", len(stations))
    if province is not None:
        yield from _coverage(study, province.iloc[0])
    if communes is not None and "fibre_within_drop" in communes:
        reached = communes["fibre_within_drop"]
        statuses = ", ".join(study.fibre.statuses) if study.fibre else ""
        yield _counted("fibre_centres_share", reached.mean(), origin="computed", statuses=statuses)
    if offices is not None:
        yield from _offices(offices)


def _counted(name: str, value: float, *, origin: str = "counted", **values: object) -> _Row:
    unit, denominator, definition = _COUNTED[name]
    return _Row(
        indicator=name,
        unit=unit,
        denominator=denominator,
        computed=float(value),
        origin=origin,
        definition=definition,
        values=values,
    )


def _planned(study: Study, rollout: gpd.GeoDataFrame) -> _Row:
    """Count the offices in service at the end of the plan; its costs say where they come from."""
    return _counted(
        "rollout_offices",
        int(rollout["service_year"].notna().sum()),
        origin="computed",
        seats=len(rollout),
        basis=study.egov.costs if study.egov else "",
    )


def _coverage(study: Study, province: pd.Series) -> Iterator[_Row]:
    for service in study.services:
        targets: dict[str, float] = {
            target.denominator: target.share
            for target in study.targets
            if target.service == service.id and target.scope in {"province", "commune_centre"}
        }
        for share, denominator in _SHARES:
            if share == "covered_centres_share":
                covered = province.get(f"covered_centres_{service.id}", float("nan"))
                value = covered / province["communes"]
            else:
                value = province.get(f"{share}_{service.id}", float("nan"))
            if pd.isna(value):
                continue
            yield _Row(
                indicator=f"{share}_{service.id}",
                unit="share",
                denominator=denominator,
                computed=float(value),
                origin="computed",
                target=targets.get(denominator, float("nan")),
                service=service,
            )


def _offices(offices: gpd.GeoDataFrame) -> Iterator[_Row]:
    """Yield the counts; a column nobody reported gives no row, so it is reported only."""
    communes = offices[offices["level"] == "commune"]

    def reported(table: gpd.GeoDataFrame, *columns: str) -> bool:
        return all(column in table and table[column].notna().any() for column in columns)

    if reported(communes, "has_lan"):
        yield _counted("lan_share", communes["has_lan"].fillna(False).mean())
        yield _counted("lan_offices", communes["has_lan"].sum(), seats=len(communes))
    if reported(offices, "computers", "officials"):
        both = offices[offices["computers"].notna() & offices["officials"].notna()]
        if (officials := both["officials"].sum()) > 0:
            yield _counted("computers_per_official", both["computers"].sum() / officials)
    for level in ("province", "district", "commune"):
        seats = offices[offices["level"] == level]
        if reported(seats, "video_conference"):
            yield _counted(
                f"video_conference_{level}", seats["video_conference"].sum(), seats=len(seats)
            )
    if reported(offices, "document_system"):
        yield _counted("document_system_share", offices["document_system"].fillna(False).mean())
    for column in ("mailboxes", "digital_certificates"):
        if reported(offices, column):
            yield _counted(column, offices[column].sum())
    if reported(communes, "one_stop"):
        for kind in ("local", "interlinked"):
            found = (communes["one_stop"] == kind).sum()
            yield _counted(f"one_stop_{kind}", found, seats=len(communes))
    if reported(communes, "service_centre_link"):
        linked = communes["service_centre_link"].sum()
        yield _counted("service_centre_links", linked, seats=len(communes))
