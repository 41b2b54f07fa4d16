"""The survey as a part of a run: shares of residents and verdicts by what was measured."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from ....errors import InputError, PhusongError, Problem
from ....i18n import Bilingual
from ....study import Study, target_of
from ....tables import LEVELS, SURVEY_SHARES
from ....uncertainty import (
    confidence_missed,
    confidence_reached,
    survey_share,
    survey_shares_by_stratum,
)
from ...load import Loaded
from ...records import Note, Resources
from ..indicator import Figure, Indicator, defined
from ..part import Findings, Found, Part


@dataclass(frozen=True, kw_only=True, eq=False)
class SurveyInputs:
    """The drawn places with what was measured, and what a verdict is.

    Parameters
    ----------
    service : Bilingual
        The service that was looked for.
    confidence : float
        Of a verdict.
    targets : mapping of str to float
        Share of residents wanted, by level; absent where none is.
    places, strata : DataFrame
        As `tables.SURVEY_PLACES` and `tables.SURVEY_STRATA`.
    communes : GeoDataFrame
        As `tables.COMMUNES`.
    province_code, province : str
    """

    service: Bilingual
    confidence: float
    targets: Mapping[str, float]
    places: pd.DataFrame
    strata: pd.DataFrame
    communes: gpd.GeoDataFrame
    province_code: str
    province: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Survey:
    """What was found.

    Parameters
    ----------
    service : Bilingual
        What was looked for.
    shares : DataFrame
        As `tables.SURVEY_SHARES`.
    """

    service: Bilingual
    shares: pd.DataFrame


def take(study: Study, loaded: Loaded) -> SurveyInputs | Note:
    """Return the survey of a study, or that there is none."""
    tables = loaded.tables
    if study.survey is None or not {"survey_places", "survey_strata", "communes"} <= set(tables):
        return Note("pipeline.no_survey", {})
    looked_for = study.survey.service
    scopes: tuple[Literal["province", "district", "commune"], ...]
    scopes = ("province", "district", "commune")
    targets = {scope: target_of(study.targets, looked_for, scope) for scope in scopes}
    return SurveyInputs(
        service=next(one.title for one in study.services if one.id == looked_for),
        confidence=study.survey.confidence,
        targets={
            scope: target.share
            for scope, target in targets.items()
            if target is not None and target.denominator == "population"
        },
        places=tables["survey_places"],
        strata=tables["survey_strata"],
        communes=tables["communes"],
        province_code=study.province_code,
        province=study.province,
    )


def check(inputs: SurveyInputs) -> Iterator[PhusongError]:
    """Find what makes the places another sample than the one that was drawn."""
    places, strata = inputs.places, inputs.strata
    file = str(strata.attrs["file"])
    drawn = places.groupby("commune_code")["drawn"].sum()
    listed = strata.set_index("commune_code")
    problems = []
    for code in sorted(set(drawn.index) | set(listed.index[listed["drawn"] > 0])):
        found, expected = int(drawn.get(code, 0)), int(listed["drawn"].get(code, 0))
        values: dict[str, Any] = {"found": found, "expected": expected}
        if code not in listed.index:
            problems.append(_problem("survey_no_stratum", file, code, values))
        elif found != expected:
            problems.append(_problem("survey_other_sample", file, code, values))
        elif found > listed["residents"][code]:
            values["residents"] = int(listed["residents"][code])
            problems.append(_problem("survey_more_than_live", file, code, values))
        elif found < min(2, listed["residents"][code]):
            problems.append(_problem("survey_too_few", file, code, values))
    strangers = sorted(set(listed.index) - set(inputs.communes["commune_code"]))
    problems += [_problem("survey_no_commune", file, code, {}) for code in strangers]
    if not inputs.places["served"].notna().any():
        problems.append(Problem(message="pipeline.survey_nothing_measured", file=file))
    if problems:
        yield InputError(problems)


def _problem(message: str, file: str, code: str, values: dict[str, Any]) -> Problem:
    return Problem(
        message=f"pipeline.{message}", file=file, column="commune_code", value=code, values=values
    )


def remarks(inputs: SurveyInputs) -> Iterator[Note]:
    """Tell how many drawn places were not measured, and who could not be drawn."""
    missing = inputs.places["served"].isna()
    if missing.any():
        values = {"count": int(missing.sum()), "total": len(missing)}
        yield Note("pipeline.survey_unmeasured", values)
    out, total = (
        int(inputs.strata["out_of_reach"].sum()),
        int(inputs.strata[["residents", "out_of_reach"]].to_numpy().sum()),
    )
    if out:
        yield Note("pipeline.survey_out_of_reach", {"people": out, "percent": 100.0 * out / total})


def compute(inputs: SurveyInputs, _: Found, __: Resources) -> Findings[Survey]:
    """Estimate every unit that was drawn from, and judge it."""
    of_communes = ["commune_code", "name", "district_code", "district"]
    communes = inputs.communes.reindex(columns=of_communes).drop_duplicates("commune_code")
    strata = inputs.strata.merge(communes, on="commune_code")
    strata = strata.sort_values("commune_code", ignore_index=True)
    rows = [_of_several(inputs, strata, "province", inputs.province_code, inputs.province)]
    districts = strata[strata["district_code"].notna()]
    for code, its in districts.groupby("district_code", sort=True):
        rows.append(_of_several(inputs, its, "district", str(code), its["district"].iloc[0]))
        rows += _of_communes(inputs, its)
    rows += _of_communes(inputs, strata[strata["district_code"].isna()])
    shares = pd.DataFrame(rows, columns=list(SURVEY_SHARES.columns))
    order = shares["level"].map({level: at for at, level in enumerate(LEVELS)})
    shares = shares.assign(order=order).sort_values(["order", "code"], ignore_index=True)
    shares = shares.drop(columns="order")
    record = Survey(service=inputs.service, shares=shares)
    return Findings(record=record, tables={SURVEY_SHARES.name: shares})


def _sample(inputs: SurveyInputs, codes: Iterable[str]) -> pd.DataFrame:
    """Return the drawn places of communes as the estimators take them."""
    places = inputs.places[inputs.places["commune_code"].isin(list(codes))]
    return pd.DataFrame(
        {
            "stratum": places["commune_code"],
            "drawn": places["drawn"].astype("int64"),
            "map_share": places["map_share"].astype("float64"),
            "served": places["served"].astype("Float64").astype("float64"),
        }
    )


def _presumed(sample: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield the sample as if places not measured were like the others, without service, with it."""
    known = sample.dropna(subset="served")
    served = (known["drawn"] * known["served"]).groupby(known["stratum"]).sum()
    alike = served / known.groupby("stratum")["drawn"].sum()
    of_all = float(np.average(known["served"], weights=known["drawn"]))
    likely = sample["stratum"].map(alike).fillna(of_all)
    for filling in (likely, 0.0, 1.0):
        yield sample.assign(served=sample["served"].fillna(filling))


def _strata(its: pd.DataFrame) -> pd.DataFrame:
    return its.rename(columns={"commune_code": "stratum"})[["stratum", "residents", "map_share"]]


def _of_several(
    inputs: SurveyInputs, its: pd.DataFrame, level: str, code: str, name: str
) -> dict[str, Any]:
    """Estimate a district or the province from the places of all its communes."""
    sample = _sample(inputs, its["commune_code"])
    if not sample["served"].notna().any():
        return _row(inputs, its, sample, level, code, name)
    both_ends = 2.0 * inputs.confidence - 1.0
    alike, worst, best = (
        survey_share(one, _strata(its), confidence=both_ends) for one in _presumed(sample)
    )
    row = _row(inputs, its, sample, level, code, name)
    row |= {"measured_share": alike.share, "measured_low": worst.low, "measured_high": best.high}
    people, out = int(its["residents"].sum()), int(its["out_of_reach"].sum())
    row["least_share"] = worst.low * people / (people + out)
    row["most_share"] = (best.high * people + out) / (people + out)
    target = row["target"]
    if np.isfinite(target):
        row["measured_verdict"] = "undecided"
        if row["least_share"] >= target:
            row["measured_verdict"] = "met"
        elif row["most_share"] < target:
            row["measured_verdict"] = "missed"
    return row


def _of_communes(inputs: SurveyInputs, its: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Estimate communes with what their neighbours say; judge each by its own places alone."""
    sample = _sample(inputs, its["commune_code"])
    both_ends = 2.0 * inputs.confidence - 1.0
    drawn = sample.groupby("stratum")["drawn"].sum()
    estimates = {}
    if sample["served"].notna().any() and (drawn >= 2).sum() >= 2:
        estimates = {
            name: survey_shares_by_stratum(one, _strata(its), confidence=both_ends).set_index(
                "stratum"
            )
            for name, one in zip(("alike", "worst", "best"), _presumed(sample), strict=True)
        }
    for code, commune in its.groupby("commune_code", sort=True):
        own = sample[sample["stratum"] == code]
        row = _row(inputs, commune, own, "commune", str(code), commune["name"].iloc[0])
        people, out = int(commune["residents"].iloc[0]), int(commune["out_of_reach"].iloc[0])
        if estimates and people:
            row["measured_share"] = estimates["alike"]["share"][code]
            row["measured_low"] = estimates["worst"]["low"][code]
            row["measured_high"] = estimates["best"]["high"][code]
            row["least_share"] = row["measured_low"] * people / (people + out)
            row["most_share"] = (row["measured_high"] * people + out) / (people + out)
        if np.isfinite(row["target"]) and people + out:
            row["measured_verdict"] = _settled(own, people, out, row["target"], inputs.confidence)
        yield row


def _settled(own: pd.DataFrame, people: int, out: int, target: float, confidence: float) -> str:
    """Judge a commune by its own places alone, without map and neighbours.

    Whoever could not be drawn, and whoever was drawn and not measured, counts against either
    answer.
    """
    drawn = int(own["drawn"].sum())
    surely = int((own["drawn"] * own["served"].fillna(0.0)).sum())
    perhaps = int((own["drawn"] * own["served"].fillna(1.0)).sum())
    wanted = target * (people + out)  # people with service, of all
    if wanted <= people and wanted > 0:
        share = wanted / people
        if confidence_reached(surely, drawn, share, residents=people) >= confidence:
            return "met"
    if wanted > out:
        share = min((wanted - out) / people, 1.0) if people else 1.0
        if people and confidence_missed(perhaps, drawn, share, residents=people) >= confidence:
            return "missed"
    return "undecided"


def _row(
    inputs: SurveyInputs, its: pd.DataFrame, sample: pd.DataFrame, level: str, code: str, name: str
) -> dict[str, Any]:
    """Return what is counted, not estimated."""
    people = int(its["residents"].sum())
    served = int((sample["drawn"] * sample["served"].fillna(0.0)).sum())
    return {
        "level": level,
        "code": code,
        "name": name,
        "residents": people,
        "out_of_reach": int(its["out_of_reach"].sum()),
        "drawn": int(sample["drawn"].sum()),
        "served_drawn": served,
        "map_share": float((its["residents"] * its["map_share"]).sum() / people)
        if people
        else np.nan,
        "measured_share": np.nan,
        "measured_low": np.nan,
        "measured_high": np.nan,
        "least_share": np.nan,
        "most_share": np.nan,
        "target": inputs.targets.get(level, np.nan),
        "measured_verdict": None,
    }


def _of_the_province(record: Survey) -> Figure | None:
    row = record.shares.iloc[0]
    if not np.isfinite(row["measured_share"]):
        return None
    values = {
        "service": record.service,
        "drawn": int(row["drawn"]),
        "out_of_reach": int(row["out_of_reach"]),
        "low": 100.0 * row["measured_low"],
        "high": 100.0 * row["measured_high"],
    }
    return Figure(float(row["measured_share"]), values)


MEASURED = Indicator[Survey](
    name="residents_served_measured",
    title=Bilingual(
        "Dân số có sóng theo đo đạc tại điểm bốc thăm",
        "Residents with service, measured at places drawn by chance",
    ),
    unit="share",
    denominator="residents_near_roads",
    definition=defined(
        "{service}: đo tại nơi ở của {drawn} người được bốc thăm trong số dân trong tầm đường bộ; "
        "khoảng tin cậy {low:,.1f} đến {high:,.1f} %; {out_of_reach} người ngoài tầm đường "
        "bộ không được bốc thăm",
        "{service}: measured where {drawn} residents drawn by chance live, of those within reach "
        "of roads; interval {low:,.1f} to {high:,.1f} %; {out_of_reach} beyond the roads "
        "could not be drawn",
    ),
    figure=_of_the_province,
)


def lacks(study: Study) -> Iterator[str]:
    """Name the table of measured shares where nothing was measured."""
    if study.survey is None or study.inputs.survey_places is None:
        yield SURVEY_SHARES.name


SURVEY = Part[SurveyInputs, Survey](
    name="survey",
    take=take,
    check=check,
    remarks=remarks,
    compute=compute,
    lacks=lacks,
    indicators=lambda _: (MEASURED,),
)
