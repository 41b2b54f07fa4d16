"""Whom works would serve: predicted on all cores, and kept for the next plan."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Where what was predicted of the candidates of a plan is kept, and under which name.

    Parameters
    ----------
    cache : TileCache
    name : str
        From `cover_name`.
    """

    cache: TileCache
    name: str

    @classmethod
    def of(cls, plan: Plan, rule: ServiceRule, gap: Gap, resources: Resources) -> "Kept | None":
        """Return where it is kept; None without a cache folder."""
        if resources.cache_folder is None:
            return None
        name = cover_name(plan.sites, service=rule, conditions=plan.conditions, gap=gap)
        return cls(cache=TileCache(resources.cache_folder), name=name)

    def at(self, places: Labels, found: Callable[[], Labels]) -> Labels:
        """Return what was found at places of the grid, one figure each; found now if it was not."""
        name = hashlib.sha256(self.name.encode())
        name.update(np.ascontiguousarray(places, np.int64).data)
        tile = f"{name.hexdigest()}.heard"
        kept = self.cache.get(tile, (1, len(places)), np.dtype(np.int64))
        if kept is None:
            kept = np.asarray(found(), np.int64)[None]
            self.cache.put(tile, kept)
        return np.asarray(kept[0])


def covers_of(
    plan: Plan,
    rule: ServiceRule,
    gap: Gap,
    work_of_cell: Labels,
    works: int,
    resources: Resources,
    kept_by: Kept | None,
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

    if kept_by is None:
        return of(plan.sites)
    cache, name = kept_by.cache, kept_by.name
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
