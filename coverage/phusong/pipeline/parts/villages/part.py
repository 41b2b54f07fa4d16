"""Villages as a part of a run: which are white or patchy, by operator and for all, and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ....grid import WGS84, operation
from ....i18n import Bilingual, Language, text
from ....service.villages import homes
from ....study import Service, Study
from ....study.coverage import Gaps
from ....study.coverage import Villages as Definitions
from ....tables import VILLAGE_LIST, VILLAGE_SIGNAL
from ....tables.villages import OF_ALL_OPERATORS
from ...load import Loaded
from ...records import Note, Resources
from ..coverage import COVERAGE
from ..coverage.count import required
from ..coverage.inputs import predicts
from ..coverage.ranked import BEST_OF_OPERATORS, RANKED_MASTS
from ..indicator import Figure, Indicator
from ..part import Findings, Found, Part
from ..territory import TERRITORY
from .listing import listed_villages
from .masts import Masts
from .signal import Asked, signal_of


@dataclass(frozen=True, kw_only=True, eq=False)
class VillageInputs:
    """Definitions and tables of the lists.

    Parameters
    ----------
    definitions : Definitions
        The study's section.
    gaps : Gaps
    service : Service
    villages : GeoDataFrame
        As loaded, in the study's CRS.
    places : GeoDataFrame, optional
    """

    definitions: Definitions
    gaps: Gaps
    service: Service
    villages: gpd.GeoDataFrame
    places: gpd.GeoDataFrame | None


@dataclass(frozen=True, kw_only=True)
class Listed:
    """How many villages are in which state, all operators together.

    Parameters
    ----------
    villages, patchy, white : int
    people : float
        Residents without the service in the villages of both lists; NaN where nobody tells
        how many live there.
    """

    villages: int
    patchy: int
    white: int
    people: float


def take(study: Study, loaded: Loaded) -> VillageInputs | Note:
    """Return what the lists need of a study, or that there are none."""
    definitions, gaps = study.villages, study.gaps
    villages = loaded.tables.get("villages")
    if definitions is None or gaps is None or villages is None or not predicts(study):
        return Note("pipeline.no_village_lists", {}, by_choice=definitions is None)
    return VillageInputs(
        definitions=definitions,
        gaps=gaps,
        service=next(one for one in study.services if one.id == definitions.service),
        villages=villages,
        places=loaded.tables.get("places"),
    )


def compute(inputs: VillageInputs, found: Found, resources: Resources) -> Findings[Listed]:
    """Find the state of every village, for each operator and for all of them."""
    coverage, (units, _) = found[COVERAGE], required(found[TERRITORY])
    ranked, by_operator = coverage.ranked, coverage.by_operator
    if ranked is None or by_operator is None:
        raise ValueError("villages are listed from a whole prediction")
    operators = by_operator.operators
    resources.on_progress("pipeline.step_villages", 0, len(operators) + 1)
    to_degrees = operation(inputs.villages.crs, WGS84)
    if to_degrees is None:
        raise ValueError("a study's CRS has a way to WGS 84")
    asked = Asked(
        villages=inputs.villages,
        places=inputs.places,
        homes=homes(units.residents, inputs.villages),
        untold=_untold(inputs.villages, units.communes),
        definitions=inputs.definitions,
        gaps=inputs.gaps,
        rule=next(rule for rule in coverage.plan.services if rule.id == by_operator.service),
        plan=coverage.plan,
        by_operator=by_operator,
        pixel=ranked.pixel,
        to_degrees=to_degrees,
    )
    masts = Masts.of(coverage.plan, asked.rule)
    tables: list[pd.DataFrame] = []
    lit: list[list[str]] = [[] for _ in range(len(inputs.villages))]
    for k, name in enumerate(operators):
        one = signal_of(asked, masts, [k])
        for village in np.flatnonzero(one["centre_served"]):
            lit[village].append(name)
        tables.append(one.assign(operator=name))
        resources.on_progress("pipeline.step_villages", k + 1, len(operators) + 1)
    of_all = signal_of(asked, masts, range(len(operators)))
    of_all["operators_served"] = [", ".join(each) for each in lit]
    of_all["support"] = _support(inputs.villages, of_all["signal_state"])
    resources.on_progress("pipeline.step_villages", len(operators) + 1, len(operators) + 1)
    record = _listed(of_all)
    notes = [_summary(inputs, record)]
    if asked.homes.without_village >= 1:
        people = round(asked.homes.without_village)
        notes.append(Note("pipeline.people_without_village", {"people": people}))
    by_village = _by_operator(inputs.villages, tables)
    radius_km = coverage.plan.conditions.settings.radius_m / 1000
    lists = listed_villages(
        inputs.villages, of_all, by_village, units.communes, radius_km=radius_km
    )
    of_all.index = pd.Index(inputs.villages["village_id"], name="village_id")
    return Findings(
        record=record,
        tables={VILLAGE_LIST.name: lists, VILLAGE_SIGNAL.name: by_village},
        columns={"villages": of_all[[field.name for field in OF_ALL_OPERATORS]]},
        notes=notes,
    )


def _untold(villages: gpd.GeoDataFrame, communes: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell of each village whether the residents of its commune are unknown."""
    unknown = communes.loc[communes["population"].isna(), "commune_code"]
    untold: NDArray[np.bool_] = villages["commune_code"].isin(unknown).to_numpy()
    return untold


def _by_operator(villages: gpd.GeoDataFrame, tables: list[pd.DataFrame]) -> gpd.GeoDataFrame:
    """Return the rows of `tables.VILLAGE_SIGNAL`, by village and then by operator."""
    base = villages[["village_id", "name", "commune_code", "geometry"]].reset_index(drop=True)
    if not tables:
        none = pd.DataFrame(columns=list(VILLAGE_SIGNAL.columns))
        return gpd.GeoDataFrame(none, geometry=gpd.GeoSeries([], crs=villages.crs))
    whole = pd.concat([base.join(one) for one in tables])
    whole = whole.sort_index(kind="stable").reset_index(drop=True)
    return gpd.GeoDataFrame(whole, crs=villages.crs)


def _support(villages: gpd.GeoDataFrame, state: pd.Series) -> pd.Series:
    """Tell of villages on the lists whether there is mains power."""
    if "has_electricity" in villages:
        power = villages["has_electricity"].astype("boolean").reset_index(drop=True)
    else:
        power = pd.Series(pd.NA, index=state.index, dtype="boolean")
    told = pd.Series("unknown", index=state.index, dtype="str")
    told = told.mask(power.fillna(value=False), "eligible_now")
    told = told.mask(~power.fillna(value=True), "needs_power")
    return told.where(state != "served")


def _listed(of_all: pd.DataFrame) -> Listed:
    state = of_all["signal_state"]
    return Listed(
        villages=len(of_all),
        patchy=int((state == "patchy").sum()),
        white=int((state == "white").sum()),
        people=float(of_all.loc[state != "served", "unserved_population"].sum(skipna=False)),
    )


def _summary(inputs: VillageInputs, record: Listed) -> Note:
    values = {
        "service": inputs.service.title,
        "white": record.white,
        "patchy": record.patchy,
        "villages": record.villages,
    }
    if np.isnan(record.people):
        return Note("pipeline.villages_listed_alone", values)
    return Note("pipeline.villages_listed", {**values, "people": round(record.people)})


_TITLES = {
    "white_villages": Bilingual("Số thôn trắng sóng", "White villages, without signal"),
    "patchy_villages": Bilingual("Số thôn lõm sóng", "Villages with clusters without signal"),
    "lit_villages_share": Bilingual("Thôn không phải trắng sóng", "Villages that are not white"),
    "patchy_villages_share": Bilingual(
        "Thôn lõm sóng trong các thôn không trắng sóng",
        "Villages with clusters without signal, of those not white",
    ),
}


def indicators(study: Study) -> Iterator[Indicator[Listed]]:
    """Return the counts and shares that a province reports of its villages."""
    if study.villages is None:
        return
    shares = {"lit_villages_share": "villages", "patchy_villages_share": "villages_not_white"}
    for name, title in _TITLES.items():
        yield Indicator(
            name=name,
            title=title,
            unit="share" if name in shares else "count",
            denominator=shares.get(name, ""),
            origin="computed",
            definition=partial(_definition, study),
            figure=partial(_figure, name),
        )


def _definition(study: Study, _: Figure, lang: Language) -> str:
    definitions = study.villages
    if definitions is None or study.gaps is None:
        raise ValueError("villages are counted by the study's definitions")
    service = next(one for one in study.services if one.id == definitions.service)
    return text(
        f"board.villages_by_{definitions.white}",
        lang,
        service=service.title,
        people=definitions.cluster_population,
        join_m=study.gaps.join_distance_m,
    )


def _figure(name: str, found: Listed) -> Figure | None:
    not_white = found.villages - found.white
    if name == "white_villages":
        return Figure(found.white)
    if name == "patchy_villages":
        return Figure(found.patchy)
    if name == "lit_villages_share":
        return Figure(not_white / found.villages) if found.villages else None
    return Figure(found.patchy / not_white) if not_white else None


def lacks(study: Study) -> Iterator[str]:
    """Name the tables, and columns of villages, where there are no lists."""
    if study.villages is None or study.inputs.villages is None or not predicts(study):
        yield from (VILLAGE_LIST.name, VILLAGE_SIGNAL.name)
        yield from (f"villages.{field.name}" for field in OF_ALL_OPERATORS)


VILLAGES = Part(
    name="villages",
    stands_on=(TERRITORY.name, COVERAGE.name),
    wants=frozenset({RANKED_MASTS, BEST_OF_OPERATORS}),
    take=take,
    compute=compute,
    lacks=lacks,
    indicators=indicators,
)
