"""What the fibre of each operator is worth by itself, with those it may use, in pairs, and in all.

Operators' cables near each other are not one network: each set of cable is
joined anew, from its own spans and nodes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

import pandas as pd

from ....tables import FIBRE_OPERATORS
from ...records import Note
from ..territory import Territory
from .connection import attach_places, carrying_spans, operators_of
from .drill import cut_drill
from .inputs import FibreInputs
from .places import CENTRE, hanging_places


def by_operator(inputs: FibreInputs, territory: Territory) -> pd.DataFrame | None:
    """Judge the network of each operator, of each pair, and of all.

    Parameters
    ----------
    inputs : FibreInputs
        Of a study with a network.
    territory : Territory
        Communes and offices that hang on it.

    Returns
    -------
    DataFrame, optional
        Fields of `tables.FIBRE_OPERATORS`; None where the spans in service name
        fewer than two operators.
    """
    names = sorted(frozenset().union(*operators_of(carrying_spans(inputs))))
    if len(names) < 2:
        return None
    rows = [
        {"basis": basis, "operator": operator, "cable_of": ", ".join(sorted(owners or names))}
        | _judged(inputs, territory, owners)
        for basis, operator, owners in _sets(inputs, names)
    ]
    table = pd.DataFrame(rows, columns=list(FIBRE_OPERATORS.columns))
    return table.astype({"centres_double": "Int64", "operator": "str", "worst_span": "str"})


def _sets(
    inputs: FibreInputs, names: Sequence[str]
) -> Iterator[tuple[str, str | None, frozenset[str] | None]]:
    """Yield whose cable is looked at together; None for all, what no operator claims included."""
    for name in names:
        yield "alone", name, frozenset({name})
    for name, others in sorted(inputs.settings.may_use.items()):
        yield "shared", name, frozenset({name, *others})
    if len(names) > 2:  # two operators are all
        for pair in combinations(names, 2):
            yield "pair", None, frozenset(pair)
    yield "all", None, None


def _judged(
    inputs: FibreInputs, territory: Territory, owners: frozenset[str] | None
) -> dict[str, object]:
    settings = inputs.settings
    if settings.snap_tolerance_m is None:
        raise ValueError("operators are compared in a study with a network")
    places = hanging_places(inputs, replace(territory, on_air=None), [])
    hung = attach_places(
        inputs, places, snap_tolerance_m=settings.snap_tolerance_m, operators=owners
    )
    centre = places.index.get_level_values("kind") == CENTRE
    joined = hung.connected[centre]
    found: dict[str, object] = {
        "spans": len(hung.lit),
        "length_km": float(hung.lit.geometry.length.sum() / 1000),
        "parts": hung.bare.nodes["component"].iloc[hung.bare.ends[0]].nunique(),
        "centres_connected": int(joined.fillna(False).sum()),
        "centres_dark": int((~joined).fillna(False).sum()),
    }
    on_network = (hung.drops.loc[hung.hubs, "node"] >= 0).any()
    if settings.rank_by is None or not on_network or not places[settings.rank_by].any():
        return found
    drill = cut_drill(settings, hung.network, hung.drops, places, hung.hubs)
    homing = drill.places["homing"][centre]
    worst = drill.sections.nlargest(1, "dark_population")
    return found | {
        "centres_double": int(homing.isin(["double", "hub"]).sum()),
        "worst_span": worst["span_id"].iloc[0],
        "worst_dark_population": float(worst["dark_population"].iloc[0]),
    }


def about_operators(table: pd.DataFrame | None) -> Iterator[Note]:
    """Tell that the run takes the cable of several operators as one network."""
    if table is None:
        return
    alone = table[table["basis"] == "alone"]
    together = table[table["basis"] == "all"].iloc[0]
    most = alone.sort_values(["centres_connected", "operator"], ascending=[False, True]).iloc[0]
    yield Note(
        "fibre.note_operators",
        {
            "count": len(alone),
            "all": int(together["centres_connected"]),
            "operator": most["operator"],
            "alone": int(most["centres_connected"]),
        },
    )
