"""Maximal covering with proof on published instances.

    python benchmarks/siting.py [FOLDER]
    python benchmarks/siting.py --tiny
    python benchmarks/siting.py --study FOLDER [--coarse] [--tiles COUNT]

FOLDER (default ../shared/reference/mclp) holds instances NAME.txt and `optima.csv` with
columns instance, radius, p and milp, the proved optimum. Two kinds of instances: lines of x, y
and demand, each point place and demand, after a line that begins with their number; or
lines F (places) and C (demand) with number, x, y and weight.

With --study a three-year plan of new masts of two heights, shared masts and backhaul is made twice,
the second time with another budget and kept cover sets; prices only load the programme. With
--tiles only cover sets are predicted, without a cache: of new masts of two heights at the study's
candidates, each height with three sectors and with six and 3 dB more, until so many tiles (a
place, a height and a carrier) are done.
"""

import argparse
import csv
import resource
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array
from scipy.spatial import KDTree

import phusong
from phusong._types import Floats
from phusong.errors import InfeasibleSitingError
from phusong.grid import grid_of
from phusong.pipeline import MastKind, SiteAim, SitePrices
from phusong.pipeline.parts.coverage import COVERAGE
from phusong.pipeline.parts.territory import TERRITORY
from phusong.pipeline.questions.site_backhaul import BACKHAUL
from phusong.pipeline.questions.site_cover import covers_of
from phusong.pipeline.questions.site_places import candidates_of, named
from phusong.pipeline.questions.site_works import works_at
from phusong.pipeline.questions.siting import SEARCH
from phusong.pipeline.records import Resources
from phusong.siting import cover_most, merge_demand, unserved

FOLDER = Path(__file__).resolve().parents[2] / "shared/reference/mclp"


@dataclass(frozen=True, kw_only=True)
class Instance:
    """Places of candidates, places of demand, and how much is there."""

    candidates: Floats
    demand: Floats
    people: Floats


def read_instance(path: Path) -> Instance:
    lines = [line.split() for line in path.read_text(encoding="ascii").splitlines()[1:]]
    kinds = {kind: [line for line in lines if line and line[0] == kind] for kind in ("F", "C")}
    if not kinds["F"]:
        points = np.array([line[:3] for line in lines if line], float)
        return Instance(candidates=points[:, :2], demand=points[:, :2], people=points[:, 2])
    points = np.array([line[2:5] for line in kinds["C"]], float)
    return Instance(
        candidates=np.array([line[2:4] for line in kinds["F"]], float),
        demand=points[:, :2],
        people=points[:, 2],
    )


def made_up(points: int, seed: int = 1) -> Instance:
    rng = np.random.default_rng(seed)
    places = rng.random((points, 2)) * 3000
    return Instance(candidates=places, demand=places, people=rng.integers(1, 90, points) * 1.0)


def within(instance: Instance, radius: float) -> csr_array:
    """Return which candidate covers which demand: at most `radius` away."""
    near = KDTree(instance.demand).query_ball_point(instance.candidates, radius)
    counts = np.array([len(some) for some in near])
    columns = np.concatenate([np.sort(np.array(some, int)) for some in near])
    return csr_array(
        (np.ones(len(columns), bool), columns, np.append(0, np.cumsum(counts))),
        shape=(len(near), len(instance.people)),
    )


def solve(name: str, instance: Instance, radius: float, p: int, told: float | None) -> bool:
    """Solve one instance, print a line, and tell whether it is proved and as published."""
    began, clock = time.process_time(), time.perf_counter()
    covers = within(instance, radius)
    rows = len(merge_demand(covers, instance.people).people)
    found = cover_most(covers, instance.people, np.ones(covers.shape[0]), budget=p, largest_gap=0)
    took, passed = time.process_time() - began, time.perf_counter() - clock
    right = found.optimal and (told is None or abs(found.people - told) < 0.5)
    published = "" if told is None else f"  published {told:,.0f}"
    print(
        f"{name} radius {radius:g} p {p}: {rows} rows, {found.people:,.0f}{published}  "
        f"gap {found.gap:.1e}  {took:.2f} s of processor time, {passed:.2f} s by the clock"
        + ("" if right else "  NOT AS PUBLISHED" if found.optimal else "  NOT PROVED")
    )
    return right


def plan_twice(folder: Path, *, coarse: bool, service: str, share: float, budget: float) -> None:
    """Plan a study from nothing and once more with less money; print what each takes."""
    study = phusong.open_study(folder)
    if coarse:
        study = study.replace({"radio.radius_km": 2}, resolution_m=1000)
    prices = SitePrices(
        mast_vnd={30: 1.5e9, 45: 2e9}, share_vnd=4e8, fibre_vnd_per_km=8e7, hop_vnd=3e8
    )
    aim = SiteAim(service=service, operator="Viettel", technology="4G", target_share=share)
    with tempfile.TemporaryDirectory() as cache:
        given = {"threads": 2, "cache_folder": cache}
        result = phusong.run(study, parts=["coverage"], **given)
        for money in (budget, 0.95 * budget):
            began, clock = time.process_time(), time.perf_counter()
            try:
                plan = phusong.site(
                    result, aim, dict.fromkeys((2027, 2028, 2029), money), prices,
                    largest_gap=0.01, carry_over=False, **given,
                )  # fmt: skip
                found = f"{len(plan.works)} works, gap {plan.plan.gap:.2%}"
            except InfeasibleSitingError as fault:
                found = str(fault).splitlines()[-1]
            took, passed = time.process_time() - began, time.perf_counter() - clock
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
            print(
                f"{money:.3g} dong a year: {found}; {took:.1f} s of processor time, "
                f"{passed:.1f} s by the clock, peak {peak:.2f} GB"
            )


def cover_tiles(folder: Path, *, coarse: bool, service: str, tiles: int, at_once: int) -> None:
    """Predict the cover sets of so many tiles; print what each part and all take."""
    study = phusong.open_study(folder)
    if coarse:
        study = study.replace({"radio.radius_km": 2}, resolution_m=1000)
    gathered = phusong.run(study, parts=["coverage"], threads=2).gathered
    coverage, units = gathered.found[COVERAGE], gathered.found[TERRITORY].units
    margin = coverage.services[service].margin_db
    people = np.asarray(units.residents.communes.people.sum(axis=0)).reshape(margin.shape)
    gap = unserved(grid_of(margin), margin.to_numpy(), people)
    candidates = candidates_of(
        coverage.ground, units.communes, gap, shared=coverage.cells.iloc[:0], own=None,
        excluded=None, search=SEARCH, beyond_m=0.0,
    )  # fmt: skip
    kinds = [
        MastKind(antenna_height_m=height_m, sectors=sectors, more_power_db=more_db)
        for height_m in (30.0, 45.0)
        for sectors, more_db in ((3, 0.0), (6, 3.0))
    ]
    works = works_at(
        gathered, coverage, named(candidates, coverage.cells, gathered.loaded.tables["cells"], 30),
        networks=[("Viettel", "4G")], rules=BACKHAUL,
        prices=SitePrices(mast_vnd=dict.fromkeys(kinds, 1e9), share_vnd=1e9),
    )  # fmt: skip
    plan = COVERAGE.take(study, gathered.loaded).plan(works.cells, coverage.ground)
    rule = next(one for one in plan.services if one.id == service)
    work_of_cell = works.table.index.get_indexer(works.cells["station_id"])
    begin = done = cells = 0
    took = passed = 0.0
    while done < tiles and begin < len(plan.sites):
        its = plan.sites[begin : begin + at_once]
        begin += at_once
        done += sum(site.antennas for site in its)
        cells += sum(1 for site in its for _ in site.placed)
        began, clock = time.process_time(), time.perf_counter()
        covers_of(
            replace(plan, sites=its), rule, gap, work_of_cell, len(works.table),
            Resources.of(2, None, None), None,
        )  # fmt: skip
        took, passed = took + time.process_time() - began, passed + time.perf_counter() - clock
        print(
            f"{done} tiles, {cells} cells, {len(gap.people)} places of demand: {took:.1f} s "
            f"of processor time, {passed:.1f} s by the clock", flush=True,
        )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--tiny", action="store_true")
    parser.add_argument("--study", type=Path)
    parser.add_argument("--coarse", action="store_true", help="1 km pixels, 2 km radius")
    parser.add_argument("--tiles", type=int, help="predict cover sets of so many tiles")
    parser.add_argument("--service", default="mobile")
    parser.add_argument("--share", type=float, default=0.98)
    parser.add_argument("--budget", type=float, default=9e11, help="dong a year")
    options = parser.parse_args()
    if options.tiles is not None and options.study is not None:
        cover_tiles(
            options.study, coarse=options.coarse, service=options.service, tiles=options.tiles,
            at_once=250,
        )  # fmt: skip
        return
    if options.study is not None:
        plan_twice(
            options.study, coarse=options.coarse, service=options.service, share=options.share,
            budget=options.budget,
        )  # fmt: skip
        return
    if options.tiny:
        right = [solve("made up", made_up(60), 500.0, 4, None)]
    elif not (options.folder / "optima.csv").exists():
        print(f"{options.folder} holds no optima.csv: nothing is measured")
        return
    else:
        with (options.folder / "optima.csv").open(encoding="ascii", newline="") as lines:
            wanted = list(csv.DictReader(lines))
        names = {row["instance"] for row in wanted}
        known = {name: read_instance(options.folder / f"{name}.txt") for name in names}
        right = [
            solve(row["instance"], known[row["instance"]], float(row["radius"]), int(row["p"]),
                  float(row["milp"]))
            for row in wanted
        ]  # fmt: skip
    if not all(right):
        sys.exit(1)


if __name__ == "__main__":
    main()
