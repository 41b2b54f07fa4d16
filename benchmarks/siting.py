"""Maximal covering with proof on published instances.

    python benchmarks/siting.py [FOLDER]
    python benchmarks/siting.py --tiny

FOLDER (default ../shared/reference/mclp) holds instances NAME.txt and `optima.csv` with
columns instance, radius, p and milp, the proved optimum. Two kinds of instances: lines of x, y
and demand, each point place and demand, after a line that begins with their number; or
lines F (places) and C (demand) with number, x, y and weight.
"""

import argparse
import csv
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array
from scipy.spatial import KDTree

from phusong._types import Floats
from phusong.siting import cover_most, merge_demand

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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--tiny", action="store_true")
    options = parser.parse_args()
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
