"""What a document of the Open Fibre Data Standard says beyond our tables: kept, and written back.

Knows which further fields the standard gives nodes and spans and what they may
hold. Nothing is computed from them.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .._text import text_fault
from ..errors import Problem

MEDIA = ("fibre", "microwave", "copper", "coaxial")
FIBRE_TYPES = ("G.651.1", "G.652", "G.653", "G.654", "G.655", "G.656", "G.657")
DEPLOYMENTS = ("aboveGround", "belowGround")
_DEEPEST = 6


@dataclass(frozen=True, kw_only=True)
class Carried:
    """Fields of a document that the tables do not hold.

    Parameters
    ----------
    nodes, spans : mapping of str to mapping
        Further fields of each node and span, by its id in the tables.
    organisations, phases, contracts : tuple of mapping
        As the document lists them.
    problems : tuple of Problem
        What cannot be carried, being none of what the standard allows there.
    """

    nodes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    spans: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    organisations: tuple[Mapping[str, Any], ...] = ()
    phases: tuple[Mapping[str, Any], ...] = ()
    contracts: tuple[Mapping[str, Any], ...] = ()
    problems: tuple[Problem, ...] = ()


def _yes_no(value: Any) -> bool:
    return isinstance(value, bool)


def _amount(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and _finite(value) and value >= 0


def _some_of(*choices: str) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, str) and one in choices for one in value)
    )


def _texts(value: Any) -> bool:
    clean = isinstance(value, list) and all(isinstance(one, str) and _sound(one) for one in value)
    return clean and all(value) and bool(value)


def _finite(number: float) -> bool:
    return isinstance(number, int) or math.isfinite(number)  # an int may be beyond any float


def _sound(value: Any, depth: int = 0) -> bool:
    """Tell whether a value can be written again: plain JSON, not too deep, clean text."""
    if isinstance(value, str):
        return not text_fault(value)
    if value is None or isinstance(value, bool):
        return True
    if isinstance(value, int | float):
        return _finite(value)
    if depth > _DEEPEST:
        return False
    if isinstance(value, list):
        return all(_sound(one, depth + 1) for one in value)
    if isinstance(value, Mapping):
        return all(
            isinstance(key, str) and _sound(key) and _sound(one, depth + 1)
            for key, one in value.items()
        )
    return False


def _object(value: Any) -> bool:
    return isinstance(value, Mapping) and _sound(value)


def _objects(value: Any) -> bool:
    return isinstance(value, list) and all(_object(one) for one in value)


def _reference(value: Any) -> bool:
    return _object(value) and isinstance(value.get("id"), str)


_OF_BOTH: Mapping[str, Callable[[Any], bool]] = {"phase": _reference, "technologies": _texts}
_OF_SPANS: Mapping[str, Callable[[Any], bool]] = {
    **_OF_BOTH,
    "transmissionMedium": _some_of(*MEDIA),
    "deployment": _some_of(*DEPLOYMENTS),
    "deploymentDetails": _object,
    "darkFibre": _yes_no,
    "fibreType": lambda value: isinstance(value, str) and value in FIBRE_TYPES,
    "fibreTypeDetails": _object,
    "capacity": _amount,
    "capacityDetails": _object,
    "countries": _texts,
}
_OF_NODES: Mapping[str, Callable[[Any], bool]] = {
    **_OF_BOTH,
    "address": _object,
    "power": _yes_no,
    "accessPoint": _yes_no,
    "internationalConnections": _objects,
    "physicalInfrastructureProvider": _reference,
}


def carried_of(
    items: Iterator[tuple[str, int, Mapping[str, Any], str]],
    lists: Mapping[str, list[tuple[Mapping[str, Any], str]]],
    *,
    file: str,
) -> Carried:
    """Gather what is carried through from the items of a document and its lists.

    Parameters
    ----------
    items : iterator of (kind, position, item, prefix)
        Every node and span; the prefix stands before ids that networks share.
    lists : mapping of str to list of (item, prefix)
        Organisations, phases and contracts.
    file : str
        Name for messages.
    """
    kept: dict[str, dict[str, dict[str, Any]]] = {"node": {}, "span": {}}
    gathered: dict[str, dict[str, Mapping[str, Any]]] = {}
    problems: list[Problem] = []

    def refuse(column: str, row: int | None = None) -> None:
        message = "fibre.ofds_not_carried"
        problems.append(Problem(message=message, file=file, row=row, column=column))

    for name, listed in lists.items():
        gathered[name] = {}
        for position, (item, prefix) in enumerate(listed, start=1):
            if not _reference(item):
                refuse(name, position)
                continue
            named = dict(item) if name == "organisations" else _prefixed(item, prefix)
            gathered[name].setdefault(named["id"], named)
    for kind, position, item, prefix in items:
        extras: dict[str, Any] = {}
        for key, fits in (_OF_SPANS if kind == "span" else _OF_NODES).items():
            value = item.get(key)
            if value is None or value == []:
                continue
            if not fits(value):
                refuse(f"{kind}s.{key}", position)
                continue
            if key == "phase":
                phase = _prefixed(value, prefix)
                gathered["phases"].setdefault(phase["id"], phase)
                value = {part: phase[part] for part in ("id", "name") if part in phase}
            extras[key] = value
        if extras and isinstance(item.get("id"), str | int):
            kept[kind][f"{prefix}{item['id']}".strip()] = extras
    return Carried(
        nodes=kept["node"],
        spans=kept["span"],
        problems=tuple(problems),
        **{name: tuple(its.values()) for name, its in gathered.items()},
    )


def _prefixed(item: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Put what tells networks apart before the ids of a phase or contract and its phases."""
    named = {**item, "id": f"{prefix}{item['id']}"}
    if isinstance(phases := item.get("relatedPhases"), list):
        named["relatedPhases"] = [
            {**one, "id": f"{prefix}{one['id']}"} if _reference(one) else one for one in phases
        ]
    return named
