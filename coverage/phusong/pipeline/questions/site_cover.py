"""Whom works would serve: predicted on all cores, and kept for the next plan."""

from collections.abc import Callable
from functools import partial
from itertools import count

import numpy as np
from scipy.sparse import csr_array

from ..._cache import TileCache
from ..._types import Labels
from ...compute import on_threads
from ...radio import Plan, ServiceRule, Site
from ...siting import Gap, cover_sets, served_by_sites
from ...siting.cover import cover_name, keep_cover, kept_cover
from ..progress import Progress
from ..records import Resources

PROBES = 2
"""Sites of kept cover sets that are predicted again, drawn anew each time."""


def covers_of(
    plan: Plan, rule: ServiceRule, gap: Gap, work_of_cell: Labels, works: int, resources: Resources
) -> csr_array:
    """Return whom each work would serve of those who are not served, shape (works, demand).

    Cover sets that were kept are not believed: some sites are predicted again and must agree.
    """
    predicted = partial(served_by_sites, service=rule, conditions=plan.conditions, gap=gap)
    demand = len(gap.people)

    def of(sites: tuple[Site, ...]) -> csr_array:
        told = _counted(resources.on_progress, len(sites))
        found = on_threads(predicted, sites, threads=resources.threads, on_done=told)
        return cover_sets(found, work_of_cell=work_of_cell, works=works, demand=demand)

    if resources.cache_folder is None:
        return of(plan.sites)
    cache = TileCache(resources.cache_folder)
    name = cover_name(plan.sites, service=rule, conditions=plan.conditions, gap=gap)
    kept = kept_cover(cache, name, works=works, demand=demand)
    if kept is not None:
        drawn = np.random.default_rng().permutation(len(plan.sites))[:PROBES]
        probes = tuple(plan.sites[at] for at in drawn.tolist())
        rows = [cell.row for site in probes for _, cell in site.placed]
        its = np.unique(work_of_cell[rows])
        if np.array_equal(of(probes)[its].toarray(), kept[its].toarray()):
            return kept
    covers = of(plan.sites)
    keep_cover(cache, name, covers)
    cache.keep_to_limit()
    return covers


def _counted(on_progress: Progress, total: int) -> Callable[[object], None]:
    """Return what tells how many sites are predicted."""
    done = count(1)
    on_progress("site.step_cover", 0, total)
    return lambda _: on_progress("site.step_cover", next(done), total)
