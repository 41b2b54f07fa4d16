"""Speed and memory of a national rollout: python benchmarks/egov.py [communes] [years]."""

import resource
import sys
import time

import numpy as np
import pandas as pd

from phusong.egov import Year, plan_rollout

AFTER = {"lan": ["fibre"], "software": ["lan"]}


def nation(communes: int, seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make up communes in districts of about 15, and what each lacks."""
    rng = np.random.default_rng(seed)
    district = np.sort(rng.integers(0, max(communes // 15, 1), communes))
    units = pd.DataFrame(
        {
            "district_code": [f"{code:03d}" for code in district],
            "centre": np.diff(district, prepend=-1) > 0,
            "value": rng.lognormal(0, 0.6, communes),
        },
        index=[f"o{i:05d}" for i in range(communes)],
    )
    works = pd.concat(
        pd.DataFrame(
            {
                "office_id": units.index[lacking := rng.random(communes) < share],
                "work": name,
                "cost_vnd": rng.lognormal(np.log(cost), spread, lacking.sum()).round(),
                "crew_days": rng.uniform(*days, lacking.sum()).round(1),
            }
        )
        for name, share, cost, spread, days in (
            ("fibre", 0.30, 400e6, 0.6, (20, 60)),
            ("lan", 0.85, 297e6, 0.2, (5, 15)),
            ("software", 1.0, 90e6, 0.3, (3, 8)),
        )
    )
    return units, works


def main(communes: int = 10_000, horizon: int = 5) -> None:
    units, works = nation(communes)
    years = [
        Year(
            year=2018 + i,
            budget_vnd=works["cost_vnd"].sum() * 0.7 / horizon,
            crew_days=works["crew_days"].sum() * 0.85 / horizon,
        )
        for i in range(horizon)
    ]
    begin = time.perf_counter()
    plan = plan_rollout(
        units, works, years,
        after=AFTER, district_bonus=0.1, carry_over=False, largest_gap=0.01,
    )  # fmt: skip
    seconds = time.perf_counter() - begin
    served = int(plan.offices["service_year"].notna().sum())
    print(f"{communes} communes, {len(works)} works, {horizon} years: {seconds:.1f} s")
    print(f"gap {plan.gap:.3%}, {served} communes in service, {len(plan.works)} works done")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


if __name__ == "__main__":
    main(*(int(value) for value in sys.argv[1:]))
