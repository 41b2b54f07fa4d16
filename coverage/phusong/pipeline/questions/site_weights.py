"""How much a person of each commune counts when sites are chosen: what the province puts first."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from ..._types import Floats
from ...errors import SitingError
from ...i18n import Bilingual, both, text
from ...study.egov import PRIORITY_MEASURES
from ...tables import PRIORITIES
from ..records import Note


def weights_of(
    weights: Mapping[str, float], priorities: pd.DataFrame | None, codes: Sequence[str]
) -> tuple[Floats, list[Note]]:
    """Return how much a person of each commune counts, and what to say of it.

    Parameters
    ----------
    weights : mapping of str to float
        Measure of `priorities` → what a person counts in a commune with all of it (a border
        commune, a share of 1, the largest score), 0 or more. Without it a person counts 1, with
        part of it so much between; several measures multiply.
    priorities : DataFrame, optional
        As `tables.PRIORITIES`.
    codes : sequence of str, length n
        Of the communes.

    Returns
    -------
    ndarray, shape (n,)
        1 where nothing is told.
    list of Note

    Raises
    ------
    SitingError
        If there is no such measure, the table is absent or tells nothing of it, or a weight is
        below 0 or no number.

    Examples
    --------
    >>> table = pd.DataFrame({"commune_code": ["00001", "00004"], "border": [True, False]})
    >>> weights_of({"border": 2.0}, table, ["00001", "00004", "00007"])[0].tolist()
    [2.0, 1.0, 1.0]
    """
    factor = np.ones(len(codes))
    if not weights:
        return factor, []
    untold = np.zeros(len(codes), bool)
    for name, weight in weights.items():
        if name not in PRIORITY_MEASURES or not (weight >= 0 and np.isfinite(weight)):
            known = ", ".join(sorted(PRIORITY_MEASURES))
            raise SitingError("site.bad_weight", name=name, value=weight, known=known)
        if priorities is None:
            raise SitingError("study.weights_without_priorities", names=name)
        told = priorities.set_index("commune_code").reindex(list(codes)).get(name)
        share = np.full(len(codes), np.nan) if told is None else told.to_numpy(float)
        if np.isnan(share).all():
            raise SitingError("site.weight_untold", name=name)
        untold |= np.isnan(share)
        largest = float(np.nanmax(share))
        share = np.nan_to_num(share) / (largest if name == "priority" and largest > 0 else 1.0)
        factor *= 1 + (weight - 1) * share
    notes = [Note("site.weights", {"weights": weights_told(weights)})]
    if untold.any():
        notes.append(Note("site.weights_untold", {"count": int(untold.sum())}))
    return factor, notes


def weights_told(weights: Mapping[str, float]) -> Bilingual:
    """Return what counts for how much, in words.

    Parameters
    ----------
    weights : mapping of str to float

    Returns
    -------
    Bilingual

    Examples
    --------
    >>> weights_told({"border": 2.0}).en
    'Border commune × 2'
    """
    return both(
        lambda lang: "; ".join(
            text("site.weight", lang, measure=PRIORITIES[name].title, weight=weight)
            for name, weight in weights.items()
        )
    )
