"""The indicator board: each published figure beside the one computed from the files.

A figure is *computed* by a model, *counted* from the tables, or *reported only*
when the files cannot give it. Nothing here feeds a published figure back.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from .._types import Language
from ..i18n import LANGUAGES, number, percent, text
from ..radio import allowance_db
from ..study import Published, Radio, Service, Study
from ..tables import INDICATORS


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


def allowance_of(service: Service, radio: Radio) -> float:
    """Return what the median level must exceed the threshold by, dB."""
    return allowance_db(
        location_probability=service.location_probability,
        location_sd_db=radio.location_sd_db,
        body_loss_db=radio.body_loss_db,
        building_loss_db=radio.building_loss_db if service.environment == "indoor" else 0.0,
    )


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
        allowance=number(allowance_of(service, radio), lang, decimals=1),
        probability=percent(service.location_probability, lang, decimals=0),
        model=text(f"board.model_{radio.model}", lang),
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
) -> pd.DataFrame:
    """Return the board, rows and columns as `tables.INDICATORS`.

    Parameters
    ----------
    study : Study
        Gives services, targets and the published figures.
    province, communes, stations, offices : GeoDataFrame, optional
        Finished tables of the run; rows that need an absent one are left out,
        or shown as reported only if they were published.
    """
    rows = {row.indicator: row for row in _computed(study, province, communes, stations, offices)}
    published = {row.indicator: row for row in study.published}
    records = []
    for name in [*rows, *(name for name in published if name not in rows)]:
        row, figure = rows.get(name), published.get(name)
        record: dict[str, object] = {
            "indicator": name,
            **{str(lang): _title(study, figure, name, lang) for lang in LANGUAGES},
            "unit": row.unit if row else (published[name].unit or unit_of(name)),
            "denominator": row.denominator if row else None,
            "published": figure.value if figure else float("nan"),
            "computed": row.computed if row else float("nan"),
            "target": row.target if row else float("nan"),
            "origin": row.origin if row else "reported_only",
            "source": figure.source if figure else None,
        }
        for lang in LANGUAGES:
            record[f"definition_{lang}"] = _definition(row, study, lang)
        records.append(record)
    return pd.DataFrame.from_records(records, columns=list(INDICATORS.columns))


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


def _definition(row: _Row | None, study: Study, lang: Language) -> str:
    if row is None:
        return text("board.not_computed", lang)
    if row.service is not None:
        return define(row.service, study, lang)
    statuses = ", ".join(study.fibre.statuses) if study.fibre else ""
    return text(f"board.{row.definition}", lang, statuses=statuses)


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
    "lan_offices": ("count", "", "defined_lan"),
    "computers_per_official": ("share", "officials", "defined_computers"),
    "document_system_share": ("share", "offices", "defined_offices"),
    "video_conference_province": ("count", "", "defined_offices"),
    "video_conference_district": ("count", "", "defined_offices"),
    "video_conference_commune": ("count", "", "defined_offices"),
    "one_stop_interlinked": ("count", "", "defined_one_stop"),
    "digital_certificates": ("count", "", "defined_offices"),
    "mailboxes": ("count", "", "defined_offices"),
}


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
        yield _counted("fibre_centres_share", reached.mean(), origin="computed")
    if offices is not None:
        yield from _offices(offices)


def _counted(name: str, value: float, *, origin: str = "counted") -> _Row:
    unit, denominator, definition = _COUNTED[name]
    return _Row(
        indicator=name,
        unit=unit,
        denominator=denominator,
        computed=float(value),
        origin=origin,
        definition=definition,
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
        yield _counted("lan_offices", communes["has_lan"].sum())
    if reported(offices, "computers", "officials"):
        both = offices[offices["computers"].notna() & offices["officials"].notna()]
        if (officials := both["officials"].sum()) > 0:
            yield _counted("computers_per_official", both["computers"].sum() / officials)
    if reported(offices, "document_system"):
        yield _counted("document_system_share", offices["document_system"].fillna(False).mean())
    for level in ("province", "district", "commune"):
        seats = offices[offices["level"] == level]
        if reported(seats, "video_conference"):
            yield _counted(f"video_conference_{level}", seats["video_conference"].sum())
    if reported(communes, "one_stop"):
        interlinked = (communes["one_stop"] == "interlinked").sum()
        yield _counted("one_stop_interlinked", interlinked)
    for column in ("digital_certificates", "mailboxes"):
        if reported(offices, column):
            yield _counted(column, offices[column].sum())
