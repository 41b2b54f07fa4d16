"""How a plan of sites fares where the prediction errs, and where measuring first would pay.

The draws are those of verdicts: the same error model, read once with the cells of today and once
with those of the plan as well, so that today's masts err alike in both.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..._types import Flags, Floats
from ...compute import in_turn
from ...grid import grid_of
from ...study import Scope, target_of
from ...tables import SITE_CHECKS, SITE_VERDICTS
from ...terrain import pixel_side_m
from ...uncertainty import (
    Counted,
    Drawn,
    bands,
    confident_verdict,
    draw,
    shares,
    target_probability,
)
from ..gathered import Gathered
from ..parts.coverage import COVERAGE
from ..parts.coverage.count import Coverage, required
from ..parts.coverage.ranked import Ranked, pixels_counted, ranking
from ..parts.coverage.signal import fold
from ..parts.part import Part
from ..parts.territory import TERRITORY
from ..parts.uncertainty.counted import counted_by_commune
from ..parts.uncertainty.doubt import measured_masts
from ..parts.uncertainty.part import contenders_of, error_model, gain_over_time_db, shares_of
from ..records import Resources
from .siting import SitingFindings
from .what_if import with_cells

NOW, PLANNED = "now", "planned"
PEOPLE, AT_SITES = "population", "sites"
HALF = 0.5
"""Of the people of a site: if more are served, or fewer, it is not what it was planned for."""


def draws_of(
    before: Gathered,
    parts: Sequence[Part[Any, Any]],
    found: SitingFindings,
    share: float,
    resources: Resources,
) -> dict[str, pd.DataFrame]:
    """Draw what a plan comes to; see `SitingPlan.with_draws`.

    Parameters
    ----------
    before : Gathered
        What the plan adds to.
    parts : sequence of Part
        Every part there is, for the result with the plan.
    found : SitingFindings
    share : float
        Of the residents, 0 to 1, that province and communes are to have.
    resources : Resources

    Returns
    -------
    dict of str to DataFrame
        As `tables.SITE_VERDICTS` and `tables.SITE_CHECKS`.
    """  # noqa: DOC501  a study with coverage has settings of radio
    after = with_cells(before, parts, found.cells, resources)
    coverage, territory = after.found[COVERAGE], before.found[TERRITORY]
    study, (units, _) = before.study, required(territory)
    wanted = dict.fromkeys(aim.service for aim in found.aims)
    services = [next(one for one in study.services if one.id == name) for name in wanted]
    if study.radio is None:
        raise ValueError("a plan is made of a study that predicts coverage")
    pixel = pixels_counted(units, territory, ())
    ranked = dict(zip((NOW, PLANNED), _ranked(coverage, found, pixel, resources), strict=True))
    counted = counted_by_commune(units, territory, ranked[NOW], ())
    was = before.found[COVERAGE]
    pixel_m = pixel_side_m(coverage.ground.native_m)
    model = error_model(
        study.uncertainty, pixel_m, before.loaded.calibration, gain_over_time_db(was.plan)
    )
    measured = measured_masts(study.uncertainty, before.loaded.calibration, coverage)
    levels: tuple[tuple[Scope, Any, gpd.GeoDataFrame], ...] = (
        ("province", units.residents.province, units.province),
        ("commune", units.residents.communes, units.communes),
    )
    verdicts, checks = [], []
    for done, service in enumerate(services):
        resources.on_progress("site.step_draws", done, len(services))
        at_sites, first = _at_sites(found, pixel, done)
        drawn = draw(
            {
                name: contenders_of(service, study.radio, coverage, one, measured)
                for name, one in ranked.items()
            },
            {PEOPLE: counted[PEOPLE], AT_SITES: at_sites},
            pixel=pixel,
            grid=grid_of(units.residents.raster),
            model=model,
            draws=study.uncertainty.draws,
            seed=study.uncertainty.seed,
            measured=measured,
            each=partial(in_turn, threads=resources.threads),
        )
        for level, residents, table in levels:
            target = target_of(study.targets, service.id, level)
            reading = "pixels" if target is None else target.reading
            of = {
                name: shares_of(drawn[name, PEOPLE], residents.of_commune, len(table), reading)
                for name in (NOW, PLANNED)
            }
            name = "communes" if level == "commune" else level
            told = pd.DataFrame(before.tables[name]), pd.DataFrame(after.tables[name])
            confidence = study.uncertainty.confidence
            verdicts.append(_verdicts(level, of, told, service.id, share, confidence))
        of_sites = _checks(found, service.id, first, drawn[NOW, AT_SITES], drawn[PLANNED, AT_SITES])
        # Of several services a site counts for those that it gives to anybody.
        checks.append(of_sites if len(services) == 1 else of_sites[of_sites["people"] > 0])
    resources.on_progress("site.step_draws", len(services), len(services))
    return {
        SITE_VERDICTS.name: pd.concat(verdicts, ignore_index=True),
        SITE_CHECKS.name: _in_order(checks),
    }


def _ranked(
    coverage: Coverage, found: SitingFindings, pixel: NDArray[np.int64], resources: Resources
) -> tuple[Ranked, Ranked]:
    """Return the best masts of the pixels without the cells of the plan, and with them."""
    plan, near = coverage.plan, coverage.ground.near
    fresh = set(np.flatnonzero(coverage.cells["cell_id"].isin(found.added["cell_id"])).tolist())
    of_plan = [any(cell.row in fresh for _, cell in site.placed) for site in plan.sites]
    best = ranking(plan, near, pixel)
    ranks = []
    for wanted in (False, True):
        sites = [site for site, new in zip(plan.sites, of_plan, strict=True) if new == wanted]
        fold(replace(plan, sites=tuple(sites)), best, resources)
        one = Ranked.of(best, plan)
        ranks.append(
            replace(
                one,
                margin_db={name: each.copy() for name, each in one.margin_db.items()},
                cell={name: each.copy() for name, each in one.cell.items()},
            )
        )
    return ranks[0], ranks[1]


def _at_sites(
    found: SitingFindings, pixel: NDArray[np.int64], service: int
) -> tuple[Counted, Floats]:
    """Return the people whom each site is the first to serve with a service, and how many."""
    communes = len(found.problem.codes) // len({aim.service for aim in found.aims})
    mine = found.problem.unit // communes == service
    ever = np.flatnonzero((found.first_site >= 0) & mine)
    its = ever[np.argsort(found.first_site[ever], kind="stable")]
    people, site = found.problem.demand.people[its].astype(np.float64), found.first_site[its]
    counted = Counted(
        first=np.searchsorted(site, np.arange(len(found.sites) + 1)),
        slot=np.searchsorted(pixel, found.problem.pixel[its]),
        weight=people,
    )
    return counted, np.bincount(site, people, minlength=len(found.sites)).astype(float)


def _verdicts(
    level: Scope,
    of: dict[str, NDArray[np.float64]],
    told: tuple[pd.DataFrame, pd.DataFrame],
    service: str,
    share: float,
    confidence: float,
) -> pd.DataFrame:
    """Return what is promised of each unit of a level, and what comes of it in the draws."""
    before, after = told
    band, likely = bands(of[PLANNED]), target_probability(of[PLANNED], share)
    name = "commune_code" if level == "commune" else "province_code"
    return pd.DataFrame(
        {
            "service": service,
            "level": level,
            "code": before[name],
            "name": before["name" if level == "commune" else "province"],
            "population": before["population"],
            "share_before": before[f"covered_population_share_{service}"],
            "share_after": after[f"covered_population_share_{service}"],
            "expected_before": before[f"expected_covered_population_{service}"],
            "expected_after": after[f"expected_covered_population_{service}"],
            "share_low": band.low,
            "share_median": band.median,
            "share_high": band.high,
            "probability_before": target_probability(of[NOW], share),
            "target_probability": likely,
            "confident_verdict": confident_verdict(likely, confidence=confidence),
        }
    )[list(SITE_VERDICTS.columns)]


def _checks(
    found: SitingFindings, service: str, people: Floats, now: Drawn, planned: Drawn
) -> gpd.GeoDataFrame:
    """Return how sure each site is of the people whom it gives a service."""
    gained = planned.pixels - now.pixels
    low, high = bands(gained).low, bands(gained).high
    needless: Floats = _more_than_half(now).mean(axis=1)
    weak: Floats = (~_more_than_half(planned)).mean(axis=1)
    sites = found.sites
    table = pd.DataFrame(
        {
            "service": service,
            **{
                name: sites[name].to_numpy()
                for name in (
                    "work_id", "site_id", "site_kind", "year", "commune_code", "commune",
                    "village_names", "total_vnd",
                )
            },
            "people": people,
            "people_low": low,
            "people_high": high,
            "needless_probability": needless,
            "weak_probability": weak,
        }
    )  # fmt: skip
    table["at_stake_vnd"] = (table["total_vnd"] * np.minimum(needless + weak, 1.0)).round()
    return gpd.GeoDataFrame(table, geometry=sites.geometry.to_numpy(), crs=sites.crs)


def _in_order(checks: Sequence[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Return the sites of all services, those first where measuring is worth most."""
    frame = gpd.GeoDataFrame(pd.concat(checks, ignore_index=True), crs=checks[0].crs)
    frame = frame.sort_values(
        ["at_stake_vnd", "work_id"], ascending=[False, True], ignore_index=True
    )
    frame["rank"] = np.arange(1, len(frame) + 1)
    return frame[[*SITE_CHECKS.columns, "geometry"]]


def _more_than_half(drawn: Drawn) -> Flags:
    """Tell in which draws more than half of the people of each site are served."""
    more: Flags = shares(drawn.pixels, drawn.whole) > HALF
    return more
