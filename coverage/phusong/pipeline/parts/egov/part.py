"""E-government as a part of a run: where what it finds stands in the result tables."""

from collections.abc import Iterator

import pandas as pd

from ....egov import readiness_by_district, readiness_total
from ....service import commune_seats
from ....study import Study
from ....tables import ACCESS, OFFICES_RESULT, READINESS_LEVELS, RESULT_TABLES, ROLLOUT
from ...records import Resources
from ..coverage import COVERAGE
from ..part import Findings, Found, Part
from ..territory import TERRITORY, Units
from .indicators import indicators
from .inputs import EgovInputs, check, remarks, take
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
    of_communes = pd.DataFrame(seats[_OF_SEATS].astype({"readiness_level": "Int64"}))
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


def lacks(study: Study) -> Iterator[str]:
    """Name the tables of offices, and what units say of them, where a study has no offices."""
    offices = study.inputs.offices
    if offices is None or study.inputs.centres_after is None:
        yield ACCESS.name
    if offices is None or study.egov is None or study.egov.rollout is None:
        yield from (ROLLOUT.name, "communes.service_year", "communes.rollout_outcome")
    if offices is None:
        yield from (OFFICES_RESULT.name, READINESS_LEVELS.name)
        yield from (f"communes.{name}" for name in _OF_SEATS)
        for name in ("districts", "province"):
            columns = (one for one in RESULT_TABLES[name].fields if one.per == "prerequisite")
            yield from (f"{name}.{one.name}" for one in columns)


_OF_SEATS = ["has_lan", "lacks_lan", "one_stop", "missing_prerequisites", "readiness_level"]
"""What the commune's own office has and lacks."""


EGOV = Part(
    name="egov",
    stands_on=(TERRITORY.name,),
    uses=(COVERAGE.name,),
    take=take,
    check=check,
    remarks=remarks,
    compute=compute,
    lacks=lacks,
    indicators=indicators,
)
