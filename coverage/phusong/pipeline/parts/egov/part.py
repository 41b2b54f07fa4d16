"""E-government as a part of a run: where what it finds stands in the result tables."""

import pandas as pd

from ....egov import readiness_by_district, readiness_total
from ....service import commune_seats
from ...records import Resources
from ..coverage import COVERAGE
from ..part import Findings, Found, Part
from ..territory import TERRITORY, Units
from .indicators import indicators
from .inputs import EgovInputs, check, take
from .offices import EGovernment, judge_offices


def compute(inputs: EgovInputs, found: Found, _: Resources) -> Findings[EGovernment]:
    """Judge the offices of a study and plan their rollout."""
    territory, coverage = found[TERRITORY], found.get(COVERAGE)
    services = coverage.services if coverage else {}
    egov = judge_offices(
        inputs, territory, {name: rasters.margin_db for name, rasters in services.items()}
    )
    rollout = egov.rollout
    tables = {
        "offices": egov.offices,
        "readiness": egov.readiness,
        "rollout": rollout.plan,
        "rollout_years": rollout.years,
        "rollout_works": rollout.works,
        "rollout_scenarios": rollout.scenarios,
        "access": egov.access,
    }
    return Findings(
        record=egov,
        tables={name: table for name, table in tables.items() if table is not None},
        columns={} if territory.units is None else _of_units(egov, territory.units),
        repeats={"prerequisite": {each.name: each.title for each in egov.rules.prerequisites}},
        notes=egov.notes,
    )


def _of_units(egov: EGovernment, units: Units) -> dict[str, pd.DataFrame]:
    """Return what the commune's own office has and lacks, and how many there are of each."""
    seats = commune_seats(egov.readiness).set_index("commune_code")
    judged = commune_seats(egov.offices)  # a second office is no second commune
    columns = ["has_lan", "lacks_lan", "one_stop", "missing_prerequisites", "readiness_level"]
    of_communes = pd.DataFrame(seats[columns].astype({"readiness_level": "Int64"}))
    if egov.rollout.plan is not None:
        plan = egov.rollout.plan.set_index("office_id")
        of_communes["service_year"] = seats["office_id"].map(plan["service_year"]).astype("Int64")
        of_communes["rollout_outcome"] = seats["office_id"].map(plan["reason"])
    wanted = egov.rules.prerequisites
    totals = readiness_total(judged, wanted).to_dict()
    return {
        "communes": of_communes,
        "districts": readiness_by_district(judged, units.communes, wanted),
        "province": pd.DataFrame([totals], index=pd.Index(units.province["province_code"])),
    }


EGOV = Part(
    name="egov",
    stands_on=(TERRITORY.name,),
    uses=(COVERAGE.name,),
    take=take,
    check=check,
    compute=compute,
    indicators=indicators,
)
