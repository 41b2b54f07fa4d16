"""Uncertainty as a part of a run: draw true provinces, band the shares, judge the targets."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from ...._on_disk import full_on_disk
from ....compute import in_turn
from ....grid import grid_of
from ....i18n import Bilingual, Language, both, fill, percent, text
from ....radio import Plan, Profile
from ....radio.answers import loss_of
from ....study import Radio, Scope, Service, Study, Target, target_of
from ....study.coverage import Reading, Uncertainty
from ....tables import ROAD_SEGMENTS
from ....terrain import pixel_side_m
from ....uncertainty import (
    FINE_TERRAIN_M,
    Bands,
    Calibration,
    Contenders,
    Drawn,
    ErrorModel,
    MeasuredMasts,
    SegmentRanking,
    bands,
    confident_verdict,
    draw,
    meets,
    shares,
    target_probability,
)
from ...load import Loaded
from ...records import Note, Resources
from ..coverage import COVERAGE, Coverage
from ..coverage.count import required
from ..coverage.probability import curves_of
from ..coverage.ranked import RANKED_MASTS, Ranked
from ..indicator import Figure, Indicator
from ..part import Findings, Found, Part
from ..territory import TERRITORY, Units
from .counted import counted_by_commune
from .doubt import error_rows, in_blocks, measured_masts
from .roads import Segments, Undecided, ranked_roads, segments_of

HALF_PERCENT = 50.0
PLAIN_POINTS = 101
READINGS: Mapping[Reading, Bilingual] = {
    "pixels": Bilingual("Dân số được phủ sóng, ước lượng", "Residents covered, estimated"),
    "probability": Bilingual(
        "Dân số × xác suất có sóng, ước lượng", "Residents × probability of signal, estimated"
    ),
}
"""Of a share of residents."""
ESTIMATES: Mapping[str, Bilingual] = {
    "villages": Bilingual("Thôn được phủ sóng, ước lượng", "Villages covered, estimated"),
    "commune_centres": Bilingual(
        "Trung tâm xã được phủ sóng, ước lượng", "Commune centres covered, estimated"
    ),
    "area": Bilingual("Diện tích được phủ sóng, ước lượng", "Area covered, estimated"),
}
"""Of what else a target counts."""
VERDICTS: Mapping[str, Bilingual] = {
    "met": Bilingual("Số xã kết luận đạt", "Communes concluded to meet the target"),
    "missed": Bilingual("Số xã kết luận không đạt", "Communes concluded to miss the target"),
    "undecided": Bilingual("Số xã chưa kết luận được", "Communes without a conclusion"),
}
ENDS = ("low", "median", "high")
UNITS_AT_A_TIME = 1000
"""Units whose shares in all draws are in hand: 40 MB of a thousand draws."""
ROADS_TOLD = 10
"""Segments of the order that the note of a run sums up."""
_MEANING = Bilingual(
    "{errors}: {draws:,} lần bốc thăm sai số của dự báo và dân số; "
    "đạt hay không đạt khi xác suất từ {confidence:g} % trở lên; mục tiêu {share:g} %",
    "{errors}: {draws:,} draws of the errors of prediction "
    "and residents; met or missed from a probability of {confidence:g} % on; target {share:g} %",
)
_ASSUMED_MEANS = Bilingual(
    "sai số giả định, không phải đo tại tỉnh", "assumed error, not measured in the province"
)
_CALIBRATED_MEANS = Bilingual(
    "sai số hiệu chỉnh theo mẫu đo của nghiên cứu, của trạm chưa đo là giả định",
    "error calibrated by the study's measured samples, that of masts not measured assumed",
)


@dataclass(frozen=True, kw_only=True)
class UncertaintyInputs:
    """Settings of the draws and of verdicts.

    Parameters
    ----------
    services : tuple of Service
    targets : tuple of Target
    radio : Radio, optional
        Of a study that predicts coverage.
    settings : Uncertainty
    roads : GeoDataFrame, optional
        Along which may be measured.
    errors : Bilingual
        What is said of the errors of estimates, see `Study.errors`.
    calibration : Calibration, optional
        Of the prediction by measured samples.
    """

    services: tuple[Service, ...]
    targets: tuple[Target, ...]
    radio: Radio | None
    settings: Uncertainty
    roads: gpd.GeoDataFrame | None
    errors: Bilingual
    calibration: Calibration | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Verdicts:
    """How many communes have which verdict, by service.

    Parameters
    ----------
    communes : mapping of str to mapping of str to int
        Of the services whose communes have a target.
    province : DataFrame, one row
        Estimates, bands and verdicts of the whole.
    """

    communes: Mapping[str, Mapping[str, int]]
    province: pd.DataFrame


def take(study: Study, loaded: Loaded) -> UncertaintyInputs:
    """Return what verdicts need of a study; without coverage they are not computed."""
    return UncertaintyInputs(
        services=study.services,
        targets=study.targets,
        radio=study.radio,
        settings=study.uncertainty,
        roads=loaded.tables.get("roads"),
        errors=study.errors,
        calibration=loaded.calibration,
    )


def compute(inputs: UncertaintyInputs, found: Found, resources: Resources) -> Findings[Verdicts]:
    """Draw true provinces and judge communes, districts and province."""
    coverage, territory, settings = found[COVERAGE], found[TERRITORY], inputs.settings
    units, _ = required(territory)
    ranked = coverage.ranked
    if inputs.radio is None or ranked is None:
        raise ValueError("verdicts are drawn from ranked masts")
    resources.on_progress("pipeline.step_verdicts", 0, 1)
    pixel_m = pixel_side_m(coverage.ground.native_m)
    measured = measured_masts(settings, inputs.calibration, coverage)
    segments = _segments(inputs, coverage, ranked, units, measured)
    model = error_model(settings, pixel_m, inputs.calibration, gain_over_time_db(coverage.plan))
    drawn = draw(
        {
            one.id: contenders_of(one, inputs.radio, coverage, ranked, measured)
            for one in inputs.services
        },
        counted_by_commune(
            units, territory, ranked, (target.denominator for target in inputs.targets)
        ),
        pixel=ranked.pixel,
        grid=grid_of(units.residents.raster),
        model=model,
        draws=settings.draws,
        seed=settings.seed,
        segments=[] if segments is None else [each for _, each in segments.of_service.values()],
        measured=measured,
        each=partial(in_turn, threads=resources.threads),
    )
    columns = {
        "communes": _judged(inputs, drawn, units, "commune"),
        "districts": _judged(inputs, drawn, units, "district"),
        "province": _judged(inputs, drawn, units, "province"),
    }
    counts = {
        one.id: _count(columns["communes"][f"confident_verdict_{one.id}"])
        for one in inputs.services
        if target_of(inputs.targets, one.id, "commune") is not None
        and (columns["communes"][f"confident_verdict_{one.id}"] != "not_applicable").any()
    }
    titles = {one.id: one.title for one in inputs.services}
    said = {"confidence": 100 * settings.confidence, "errors": inputs.errors}
    notes = [
        Note("pipeline.verdicts", {"service": titles[service], **said, **of_communes})
        for service, of_communes in counts.items()
    ]
    if pixel_m > FINE_TERRAIN_M:
        coarse = {"pixel": pixel_m, "sd": model.field_sd_db, "length": model.field_length_m}
        notes.append(Note("pipeline.coarse_terrain", coarse))
    tables = {}
    open_ones = _undecided(inputs, drawn, units, columns["communes"])
    if segments is not None and open_ones:
        road_segments, rankings = ranked_roads(
            segments,
            open_ones,
            uncorrelated_sd_db=model.uncorrelated_sd_db,
            confidence=settings.confidence,
            most=settings.road_segments,
        )
        if len(road_segments):  # roads may all lie elsewhere
            tables[ROAD_SEGMENTS.name] = road_segments
        length_km = segments.table["length_km"].to_numpy()
        notes += [
            _of_roads(titles[name], one.ranking, length_km[one.rows], inputs.errors)
            for name, one in rankings.items()
            if len(one.ranking.order)
        ]
        notes += [
            Note(
                "pipeline.roads_left_out",
                {"service": titles[name], "judged": len(one.rows), "left_out": one.left_out},
            )
            for name, one in rankings.items()
            if one.left_out
        ]
    resources.on_progress("pipeline.step_verdicts", 1, 1)
    record = Verdicts(communes=counts, province=columns["province"])
    return Findings(record=record, tables=tables, columns=columns, notes=notes)


def _segments(
    inputs: UncertaintyInputs,
    coverage: Coverage,
    ranked: Ranked,
    units: Units,
    measured: MeasuredMasts | None,
) -> Segments | None:
    """Return the road segments along which the services with a target can be measured."""
    judged = [one.id for one in inputs.services if target_of(inputs.targets, one.id, "commune")]
    if inputs.roads is None or not judged:
        return None
    return segments_of(
        inputs.roads,
        coverage,
        ranked,
        units.communes,
        measured,
        services=judged,
        draws=inputs.settings.draws,
    )


def _undecided(
    inputs: UncertaintyInputs,
    drawn: Mapping[tuple[str, str], Drawn],
    units: Units,
    communes: pd.DataFrame,
) -> dict[str, Undecided]:
    """Return the communes whose verdict is open, by service; services without any are left out."""
    found = {}
    for service in inputs.services:
        is_open = (communes[f"confident_verdict_{service.id}"] == "undecided").to_numpy()
        target = target_of(inputs.targets, service.id, "commune")
        if target is None or not is_open.any():
            continue
        level, counted = units.residents.communes, drawn[service.id, target.denominator]
        met = [
            meets(
                shares_of(counted, level.of_commune, len(is_open), target.reading, some),
                target.share,
            )
            for some in _blocks(is_open.nonzero()[0])
        ]
        people = np.asarray(level.people.sum(axis=1)).ravel()
        found[service.id] = Undecided(
            codes=communes.index.to_numpy()[is_open],
            met=np.concatenate(met),
            people=people[is_open],
        )
    return found


def _of_roads(
    service: Bilingual, ranking: SegmentRanking, length_km: NDArray[Any], errors: Bilingual
) -> Note:
    """Tell what the first segments in the order would settle together."""
    first = ranking.order[:ROADS_TOLD]
    values = {
        "service": service,
        "errors": errors,
        "segments": len(first),
        "length": float(length_km[first].sum()),
        "settled": float(ranking.together[len(first) - 1].sum()) if len(first) else 0.0,
        "undecided": ranking.settled.shape[1],
    }
    return Note("pipeline.roads_to_drive", values)


def error_model(
    settings: Uncertainty,
    pixel_m: float,
    calibration: Calibration | None = None,
    gain_db: float = 0.0,
) -> ErrorModel:
    """Return the error model of a study whose terrain has such pixels, see `gain_over_time_db`.

    The mean error is taken off the prediction already. Of a calibrated study the province's error
    and the field are what measured places left of them; what the study states holds in any case.
    """
    model = ErrorModel.over_terrain(pixel_m).over_time(gain_db)
    if calibration is not None:
        field_sd_db = max(calibration.spread_db**2 - model.uncorrelated_sd_db**2, 0.0) ** 0.5
        model = replace(model, province_sd_db=calibration.offset_sd_db, field_sd_db=field_sd_db)
    given = {field.name: getattr(settings, field.name, None) for field in fields(ErrorModel)}
    stated = {name: value for name, value in given.items() if value is not None}
    return replace(model, **stated)


def gain_over_time_db(plan: Plan) -> float:
    """Return by how much levels at the radius lie above their median over time, over a plain.

    Of the tallest antenna; nothing where the study asks for half of the time.
    """
    settings = plan.conditions.settings
    sectors = [sector for site in plan.sites for _, sector in site.placed]
    if settings.time_percent == HALF_PERCENT or not sectors:
        return 0.0
    link = plan.conditions.link(max(sectors, key=lambda one: one.height_m))
    distance_m = np.linspace(0.0, settings.radius_m, PLAIN_POINTS)
    nothing = np.zeros(PLAIN_POINTS)
    plain = Profile(distance_m=distance_m, height_m=nothing, clutter_m=nothing)
    median = replace(link, time_percent=HALF_PERCENT)
    loss_db, median_db = (loss_of(settings.model, plain, one) for one in (link, median))
    return median_db - loss_db


def contenders_of(
    service: Service,
    radio: Radio,
    coverage: Coverage,
    ranked: Ranked,
    measured: MeasuredMasts | None,
) -> Contenders:
    """Return the best masts of a service, with the variability within pixels that P.1812 has."""
    grid, cells, cell = grid_of(coverage.terrain), coverage.cells, ranked.cell[service.id]
    own = radio.model_copy(update={"location_sd_db": None, "location_sd": "p1812"})
    ways, kind = curves_of(service, radio, cells, resolution_m=grid.resolution_m, varying=own)
    kind = np.append(kind, np.int32(0))
    kinds = full_on_disk(cell.shape, 0.0, np.dtype(np.int32))
    for some in in_blocks(len(cell)):
        kinds[some] = kind[cell[some]]
    return Contenders(
        margin_db=ranked.margin_db[service.id],
        mast=error_rows(coverage, measured, cell, ranked.pixel[:, None]),
        kind=kinds,
        curves=ways,
        location_probability=service.location_probability,
    )


def _judged(
    inputs: UncertaintyInputs,
    drawn: Mapping[tuple[str, str], Drawn],
    units: Units,
    scope: Scope,
) -> pd.DataFrame:
    """Return the columns of the units of a level, indexed by their code."""
    level, table, key = {
        "commune": (units.residents.communes, units.communes, "commune_code"),
        "district": (units.residents.districts, units.districts, "district_code"),
        "province": (units.residents.province, units.province, "province_code"),
    }[scope]
    columns: dict[str, Any] = {}
    for service in inputs.services:
        target = target_of(inputs.targets, service.id, scope)
        judged: tuple[str, Reading] = ("population", "pixels")
        if target is not None:
            judged = target.denominator, target.reading
        likely = np.full(len(table), np.nan)
        asked = dict.fromkeys([judged, *(("population", name) for name in READINGS)])
        told = {one: _no_bands(len(table)) for one in asked}  # of villages that nobody listed
        for name, reading in asked:
            counted = drawn.get((service.id, name))
            if counted is None:
                continue
            for some in _blocks(np.arange(len(table))):
                own = shares_of(counted, level.of_commune, len(table), reading, some)
                band = bands(own)
                for end in ENDS:
                    getattr(told[name, reading], end)[some] = getattr(band, end)
                if target is not None and (name, reading) == judged:
                    likely[some] = target_probability(own, target.share)
        columns |= _band_columns("share", told[judged], service)
        for name in READINGS:
            columns |= _band_columns(f"{name}_share", told["population", name], service)
        columns[f"target_probability_{service.id}"] = likely
        columns[f"confident_verdict_{service.id}"] = confident_verdict(
            likely, confidence=inputs.settings.confidence
        )
    return pd.DataFrame(columns, index=pd.Index(table[key], name=key))


def _band_columns(share: str, band: Bands, service: Service) -> dict[str, Any]:
    return {f"{share}_{end}_{service.id}": getattr(band, end) for end in ENDS}


def shares_of(
    drawn: Drawn,
    of_commune: NDArray[Any],
    size: int,
    reading: str,
    units: NDArray[np.int64] | None = None,
) -> NDArray[np.float64]:
    """Return the shares of units that communes belong to, all or some, shape (units, draws)."""
    served = drawn.probability if reading == "probability" else drawn.pixels
    member = np.flatnonzero(of_commune >= 0)
    into = sparse.csr_array(
        (np.ones(len(member)), (of_commune[member], member)), shape=(size, len(of_commune))
    )
    if units is not None:
        into = into[units]
    return shares(np.asarray(into @ served), np.asarray(into @ drawn.whole))


def _blocks(units: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    for start in range(0, len(units), UNITS_AT_A_TIME):
        yield units[start : start + UNITS_AT_A_TIME]


def _no_bands(size: int) -> Bands:
    return Bands(*np.full((3, size), np.nan))


def _count(verdicts: pd.Series) -> dict[str, int]:
    return {name: int((verdicts == name).sum()) for name in VERDICTS}


def indicators(study: Study) -> Iterator[Indicator[Verdicts]]:
    """Return the province's estimates, and how many communes have which verdict."""
    for service in study.services:
        target = target_of(study.targets, service.id, "province")
        judged = None if target is None or target.denominator != "population" else target.reading
        for reading in READINGS:
            if reading != judged:
                yield Indicator(
                    name=f"{reading}_share_median_{service.id}",
                    title=both(partial(_reading_title, study, reading, service)),
                    unit="share",
                    denominator="population",
                    origin="computed",
                    definition=partial(_reading_definition, study, service, reading),
                    figure=partial(_reading, reading, service.id),
                )
        if target is not None:
            yield Indicator(
                name=f"share_median_{service.id}",
                title=both(partial(_estimate_title, study, target, service)),
                unit="share",
                denominator=target.denominator,
                origin="computed",
                definition=partial(_estimate_definition, study, service, target),
                figure=partial(_estimate, service.id),
                target=target.share,
            )
        target = target_of(study.targets, service.id, "commune")
        if target is None:
            continue
        for verdict in VERDICTS:
            yield Indicator(
                name=f"communes_{verdict}_{service.id}",
                title=both(partial(_title, study, verdict, service)),
                unit="count",
                origin="computed",
                definition=partial(_definition, study, target),
                figure=partial(_figure, service.id, verdict),
            )


def _reading_title(study: Study, reading: Reading, service: Service, lang: Language) -> str:
    return f"{READINGS[reading][lang]} ({study.errors[lang]}): {service.title[lang]}"


def _reading_definition(
    study: Study, service: Service, reading: Reading, _: Figure, lang: Language
) -> str:
    told = text("board.estimate_alone", lang, draws=study.uncertainty.draws, errors=_errors(study))
    return f"{_read(service, reading, lang)}; {told}"


def _read(service: Service, reading: Reading, lang: Language) -> str:
    probability = percent(service.location_probability, lang, decimals=0)
    return text(f"board.reading_{reading}", lang, probability=probability)


def _reading(reading: Reading, service: str, found: Verdicts) -> Figure | None:
    low, value, high = (
        float(found.province.iloc[0][f"{reading}_share_{end}_{service}"])
        for end in ("low", "median", "high")
    )
    return None if np.isnan(value) else Figure(value, low=low, high=high)


def _estimate_title(study: Study, target: Target, service: Service, lang: Language) -> str:
    if target.denominator == "population":
        return _reading_title(study, target.reading, service, lang)
    return f"{ESTIMATES[target.denominator][lang]} ({study.errors[lang]}): {service.title[lang]}"


def _estimate_definition(
    study: Study, service: Service, target: Target, figure: Figure, lang: Language
) -> str:
    told = text("board.estimate", lang, **figure.values)
    if target.denominator == "population":
        told = f"{_read(service, target.reading, lang)}; {told}"
    return f"{told}; {_definition(study, target, figure, lang)}"


def _estimate(service: str, found: Verdicts) -> Figure | None:
    province = found.province.iloc[0]
    verdict = province[f"confident_verdict_{service}"]
    if verdict == "not_applicable":
        return None
    return Figure(
        float(province[f"share_median_{service}"]),
        {"likely": 100 * float(province[f"target_probability_{service}"])},
        low=float(province[f"share_low_{service}"]),
        high=float(province[f"share_high_{service}"]),
        status=verdict,
    )


def _title(study: Study, verdict: str, service: Service, lang: Language) -> str:
    return f"{VERDICTS[verdict][lang]} ({study.errors[lang]}): {service.title[lang]}"


def _errors(study: Study) -> Bilingual:
    return _ASSUMED_MEANS if study.calibration is None else _CALIBRATED_MEANS


def _definition(study: Study, target: Target, _: Figure, lang: Language) -> str:
    settings = study.uncertainty
    values = {
        "errors": _errors(study),
        "draws": settings.draws,
        "confidence": 100 * settings.confidence,
        "share": 100 * target.share,
    }
    return fill(_MEANING[lang], lang, values)


def _figure(service: str, verdict: str, found: Verdicts) -> Figure | None:
    counts = found.communes.get(service)
    return None if counts is None else Figure(counts[verdict])


UNCERTAINTY = Part(
    name="uncertainty",
    stands_on=(TERRITORY.name, COVERAGE.name),
    wants=frozenset({RANKED_MASTS}),
    take=take,
    compute=compute,
    indicators=indicators,
)
