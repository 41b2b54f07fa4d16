"""Measured samples as a part of a run: set beside the prediction of what was measured."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from ....compute import in_turn
from ....grid import grid_of
from ....i18n import Bilingual, Language, both, fill
from ....radio import Plan, ServiceRule
from ....service import commune_of
from ....study import Radio, Service, Study
from ....study.coverage import Measured as Settings
from ....tables import MEASURED_ACCURACY, MEASURED_PLACES, MEASURED_SHARES
from ....uncertainty import accuracy, share_at_least
from ...load import Loaded
from ...records import Note, Resources
from ..coverage import COVERAGE
from ..coverage.samples import KIND, Samples, places_of, usable
from ..indicator import Figure, Indicator
from ..part import Findings, Found, Part
from ..territory import TERRITORY

FEW_PLACES = 30
"""Fewer tell a bias to no better than 1.5 dB."""
OLD_DAYS = 366
PILED_LEAST, PILED_SHARE = 10, 0.1
"""Samples of one and the same weakest level, from which on it looks like an instrument's floor."""
BY = ("operator", "technology", "band", "environment", "distance", "sight")
_TITLE = Bilingual("Bản đồ và đo đạc nói như nhau", "Map and measurements agree")
_MEANING = Bilingual(
    "{judged:,} nơi đã đo nhà mạng và công nghệ của dịch vụ; có sóng trên bản đồ của nhà mạng đó "
    "khi mức thu dự báo đạt ngưỡng cộng dự phòng, khi đo thì đạt ngưỡng",
    "{judged:,} places where operator and technology of the service were measured; on the map "
    "of that operator the predicted level shall reach threshold and allowance, the measured one "
    "the threshold",
)
_BIAS = Bilingual(
    ". Dự báo trừ đo đạc: {bias:.1f} ± {spread:.1f} dB",
    ". Predicted minus measured: {bias:.1f} ± {spread:.1f} dB",
)
"""Not told where all places are at the floor."""
_BY_THE_SAME = Bilingual(
    ". Dự báo được hiệu chỉnh theo chính những nơi này: nơi chưa đo sai nhiều hơn",
    ". The prediction is calibrated by these very places: where nobody measured it errs by more",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class MeasuredInputs:
    """What was measured, and how it is set beside the prediction.

    Parameters
    ----------
    table : GeoDataFrame
        As `tables.MEASUREMENTS`.
    communes : GeoDataFrame
    roads : GeoDataFrame, optional
    services : tuple of Service
    radio : Radio
    settings : Measured
    as_of : Timestamp
        Day for which the cells are taken.
    """

    table: gpd.GeoDataFrame
    communes: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame | None
    services: tuple[Service, ...]
    radio: Radio
    settings: Settings
    as_of: pd.Timestamp


@dataclass(frozen=True, kw_only=True, eq=False)
class Measured:
    """What was found.

    Parameters
    ----------
    places : DataFrame
        Measured places with what was predicted, see `samples.places_of`.
    errors : mapping of str to Series
        By service, the row of all its places in `tables.MEASURED_ACCURACY`.
    """

    places: pd.DataFrame
    errors: Mapping[str, pd.Series]


def take(study: Study, loaded: Loaded) -> MeasuredInputs | Note:
    """Return the samples of a study, or that there are none."""
    tables = loaded.tables
    if study.radio is None or not {"measurements", "communes"} <= set(tables):
        return Note("pipeline.no_measured", {})
    return MeasuredInputs(
        table=tables["measurements"],
        communes=tables["communes"],
        roads=tables.get("roads"),
        services=study.services,
        radio=study.radio,
        settings=study.measured,
        as_of=pd.Timestamp(study.as_of),
    )


def compute(inputs: MeasuredInputs, found: Found, resources: Resources) -> Findings[Measured]:
    """Set what was measured beside what is predicted for it."""
    coverage = found[COVERAGE]
    resources.on_progress("pipeline.step_measured", 0, 1)
    grid, plan = grid_of(coverage.terrain), coverage.plan
    samples = usable(inputs.table, grid, inputs.settings, inputs.radio)
    each = partial(in_turn, threads=resources.threads)
    places = places_of(samples, plan, inputs.settings, each)
    errors = _errors(inputs, places, plan)
    record = Measured(
        places=places,
        errors={
            str(service): its.iloc[0]
            for service, its in errors[errors["by"] == "all"].groupby("service")
        },
    )
    tables = {
        MEASURED_PLACES.name: _as_table(places, inputs, plan),
        MEASURED_ACCURACY.name: errors,
        MEASURED_SHARES.name: _shares(inputs, samples, places, grid.crs),
    }
    resources.on_progress("pipeline.step_measured", 1, 1)
    return Findings(
        record=record,
        tables=tables,
        notes=list(_notes(inputs, samples, places, plan)),
        rejected={"measurements": samples.rejected} if len(samples.rejected) else {},
    )


def _errors(inputs: MeasuredInputs, places: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return the errors of each service's places, all and divided."""
    rows = []
    for service, rule in zip(inputs.services, plan.services, strict=True):
        its = places[places["used"] & _of(service, places)]
        if its.empty:
            continue
        its = its.assign(
            threshold_dbm=its["technology"].map(dict(service.threshold_dbm)),
            needed_dbm=_needed_dbm(its, rule, plan),
            all="–",
        )
        for by in ("all", *BY):
            known = its[its[by].notna()]
            if len(known):
                told = accuracy(known, [by]).rename(columns={by: "label"})
                rows.append(told.assign(service=service.id, by=by))
    columns = list(MEASURED_ACCURACY.columns)
    if not rows:
        return pd.DataFrame(columns=columns)
    return pd.concat(rows, ignore_index=True)[columns]


def _of(service: Service, table: pd.DataFrame) -> pd.Series:
    """Tell which rows are of an operator and technology of a service."""
    of_operators = table["operator"].isin(service.operators) | (not service.operators)
    found: pd.Series = table["technology"].isin(service.technologies) & of_operators
    return found


def _needed_dbm(places: pd.DataFrame, rule: ServiceRule, plan: Plan) -> np.ndarray:
    """Return the level from which on the map of a service shows each place served."""
    needed = {
        sector.row: rule.needed_dbm(sector)
        for site in plan.sites
        for _, sector in site.placed
        if rule.admits(sector)
    }
    return places["cell"].map(needed).to_numpy(float)


def _as_table(places: pd.DataFrame, inputs: MeasuredInputs, plan: Plan) -> gpd.GeoDataFrame:
    at = gpd.GeoSeries.from_xy(places["x_m"], places["y_m"], crs=inputs.table.crs)
    ids = plan.cells["cell_id"].astype(object).to_numpy()
    cell = places["cell"].to_numpy()
    heard = cell >= 0
    strongest = np.full(len(places), None, dtype=object)
    strongest[heard] = ids[cell[heard]]
    width = len(str(len(places)))
    table = places.assign(
        place_id=[f"D{number:0{width}d}" for number in range(1, len(places) + 1)],
        commune_code=commune_of(at, inputs.communes).to_numpy(),
        residual_db=places["predicted_dbm"] - places["level_dbm"],
        cell_id=strongest,
        in_sight=places["in_sight"].where(heard, None).astype("boolean"),
        censored=places["censored"].astype("boolean"),
        used=places["used"].astype("boolean"),
    )
    columns = [name for name in MEASURED_PLACES.columns if name in table]
    return gpd.GeoDataFrame(table[columns], geometry=at)


def _shares(
    inputs: MeasuredInputs, samples: Samples, places: pd.DataFrame, crs: str
) -> pd.DataFrame:
    """Return the shares of samples at or above the threshold, by commune and road."""
    own = samples.used
    kinds = {tuple(kind) for kind in places.loc[places["used"], KIND].to_numpy()}
    own = own[np.array([kind in kinds for kind in own[KIND].itertuples(index=False)], dtype=bool)]
    at = gpd.GeoSeries.from_xy(own["x_m"], own["y_m"], crs=crs, index=own.index)
    censored = own["level_dbm"] <= own["floor_dbm"]
    own = own.assign(
        level_dbm=own["level_dbm"].where(~censored, own["floor_dbm"]),
        censored=censored,
        commune=commune_of(at, inputs.communes),
        road=_nearest_road(at, inputs),
    )
    names = {"commune": _names(inputs.communes, "commune_code")}
    if inputs.roads is not None:
        names["road"] = _names(inputs.roads, "road_id")
    rows = []
    for service in inputs.services:
        its = own[_of(service, own)]
        its = its.assign(threshold_dbm=its["technology"].map(dict(service.threshold_dbm)))
        for unit, of in names.items():
            told = share_at_least(its, [unit]).rename(columns={unit: "code"})
            told = told[told["samples"] > 0]
            rows.append(told.assign(service=service.id, unit=unit, name=told["code"].map(of)))
    wanted = inputs.settings.share
    found = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=["share"])
    found = found.rename(columns={"share": "share_at_threshold"}).assign(share_wanted=wanted)
    reached = found["share_at_threshold"] >= wanted
    found["samples_verdict"] = np.where(reached, "met", "missed")
    return found.reindex(columns=list(MEASURED_SHARES.columns))


def _nearest_road(at: gpd.GeoSeries, inputs: MeasuredInputs) -> pd.Series:
    """Return the id of the road that each sample lies on; NA beyond the distance."""
    if inputs.roads is None or at.empty:
        return pd.Series(None, at.index, dtype=object)
    near = gpd.GeoDataFrame(geometry=at).sjoin_nearest(
        inputs.roads[["road_id", "geometry"]], max_distance=inputs.settings.road_distance_m
    )
    first = near["road_id"].astype(object).groupby(level=0).min()
    found: pd.Series = first.reindex(at.index)
    return found


def _names(table: pd.DataFrame, key: str) -> Mapping[str, str]:
    named = table.drop_duplicates(key).set_index(key)
    return dict(named["name"].dropna()) if "name" in named else {}


def _notes(
    inputs: MeasuredInputs, samples: Samples, places: pd.DataFrame, plan: Plan
) -> Iterator[Note]:
    """Tell what was not used and why, and what the rest cannot tell."""
    if len(samples.rejected):
        counts = {"count": len(samples.rejected), "total": len(inputs.table)}
        yield Note("pipeline.measured_set_aside", counts)
    if samples.outside and samples.outside == len(inputs.table):
        yield Note("pipeline.measured_all_outside", {"count": samples.outside})
    planned = {(one.operator, one.technology) for site in plan.sites for _, one in site.placed}
    for (operator, technology), its in places.groupby(KIND):
        kind: dict[str, Any] = {"operator": operator, "technology": technology}
        values = kind | {"count": len(its)}
        if (operator, technology) not in planned:
            yield Note("pipeline.measured_no_cells", values)
        elif not its["used"].all():
            yield Note("pipeline.measured_impossible", values)
        elif its["censored"].all():
            yield Note("pipeline.measured_all_censored", values)
    yield from _floors(inputs.table)
    used = places[places["used"]]
    if not used.empty:
        if len(used) < FEW_PLACES:
            yield Note("pipeline.measured_few", {"count": len(used), "few": FEW_PLACES})
        others = sorted({one.operator for site in plan.sites for _, one in site.placed})
        others = [one for one in others if one not in set(used["operator"])]
        if others:
            told = ", ".join(sorted(set(used["operator"])))
            said = {"operators": told, "others": ", ".join(others)}
            yield Note("pipeline.measured_others", said)
    days = (inputs.as_of - samples.used["measured_on"]).dt.days.abs()
    if (days > OLD_DAYS).any():
        apart = {"count": int((days > OLD_DAYS).sum()), "date": inputs.as_of.date()}
        yield Note("pipeline.measured_other_time", apart)


def _floors(table: gpd.GeoDataFrame) -> Iterator[Note]:
    """Tell where many samples have the very weakest level and are not said to be at the floor."""
    level = table["level_dbm"]
    floor = table["floor_dbm"] if "floor_dbm" in table else pd.Series(np.nan, table.index)
    for (operator, technology), its in level.groupby([table[one] for one in KIND]):
        weakest = its.min()
        piled = int(((its == weakest) & ~(weakest <= floor[its.index])).sum())
        if piled >= PILED_LEAST and piled > PILED_SHARE * len(its):
            values = {"operator": operator, "technology": technology, "count": piled}
            yield Note("pipeline.measured_floor", values | {"all": len(its), "level": weakest})


def indicators(study: Study) -> Iterator[Indicator[Measured]]:
    """Return in which share of the places map and measurement agree, by service."""
    for service in study.services:
        yield Indicator(
            name=f"measured_agreement_{service.id}",
            title=both(partial(_title, service)),
            unit="share",
            denominator="measured_places",
            origin="computed",
            definition=partial(_definition, study),
            figure=partial(_figure, service.id),
        )


def _title(service: Service, lang: Language) -> str:
    return f"{_TITLE[lang]}: {service.title[lang]}"


def _definition(study: Study, figure: Figure, lang: Language) -> str:
    told = _MEANING[lang] + (_BIAS[lang] if "bias" in figure.values else "")
    if study.calibration is not None:
        told += _BY_THE_SAME[lang]
    return fill(told, lang, figure.values)


def _figure(service: str, found: Measured) -> Figure | None:
    row = found.errors.get(service)
    if row is None or not np.isfinite(row["agreement"]):
        return None
    values = {"bias": float(row["bias_db"]), "spread": float(row["spread_db"])}
    if not np.isfinite(list(values.values())).all():
        values = {}
    return Figure(float(row["agreement"]), {"judged": int(row["places"]), **values})


def lacks(study: Study) -> Iterator[str]:
    """Name the tables about samples where there are none."""
    if study.inputs.measurements is None:
        yield from (one.name for one in (MEASURED_PLACES, MEASURED_ACCURACY, MEASURED_SHARES))


MEASURED = Part[MeasuredInputs, Measured](
    name="measured",
    stands_on=(TERRITORY.name, COVERAGE.name),
    take=take,
    compute=compute,
    lacks=lacks,
    indicators=indicators,
)
