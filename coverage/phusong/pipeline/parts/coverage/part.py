"""Coverage as a part of a run: predict the signal of the cells on air, count who is covered."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from ...._on_disk import full_on_disk
from ....compute import in_turn
from ....radio import Best
from ....study import Study
from ....tables import GAPS, RESULT_TABLES
from ...records import Note, Resources
from ..part import Findings, Found, Part
from ..territory import TERRITORY
from .beyond import beyond_radius
from .calibrating import calibrated
from .count import Coverage, count_covered, required
from .indicators import indicators
from .inputs import CoverageInputs, check, predicts, remarks, take
from .ranked import (
    BEST_OF_OPERATORS,
    RANKED_MASTS,
    ByOperator,
    Ranked,
    pixels_counted,
    ranking,
)
from .signal import predict_signal


def compute(inputs: CoverageInputs, found: Found, resources: Resources) -> Findings[Coverage]:
    """Predict every service of a study and count who is covered."""
    territory, on_progress = found[TERRITORY], resources.on_progress
    units, on_air = required(territory)
    on_progress("pipeline.step_terrain", 0, 1)
    ground = inputs.ground
    on_progress("pipeline.step_terrain", 1, 1)
    plan = inputs.planned.cached_in(resources.cache_folder)
    ranks, service = None, None
    if RANKED_MASTS in resources.wanted:
        service = inputs.by_operator if BEST_OF_OPERATORS in resources.wanted else None
        pixel = pixels_counted(units, territory, inputs.targets)
        ranks = ranking(plan, ground.near, pixel, service)
    best = ranks or Best(len(plan.services), ground.near, full_on_disk)
    signal, uncalibrated = predict_signal(plan, best, resources), None
    if inputs.calibration is not None:
        plain = inputs.uncalibrated.plan(on_air.cells, ground, cache_folder=resources.cache_folder)
        best = Best(len(plain.services), ground.near, full_on_disk)
        uncalibrated = predict_signal(plain, best, resources)
    counted = count_covered(
        inputs, ground, territory, signal, on_progress=on_progress, uncalibrated=uncalibrated
    )

    # A run makes at once what is made later, while masts are predicted beyond the radius. That
    # takes arrays alone: pandas changes the filters of warnings, which all threads share.
    made: list[Callable[[], Any]] = [
        partial(getattr, later, "table") for later in counted.later.values()
    ]
    if inputs.people_told:
        people = units.residents.raster
        made.insert(0, beyond_radius(inputs, on_air.cells, ground, signal, people, resources))
    done = in_turn(lambda make: make(), made, threads=min(resources.threads, 2))
    notes: list[Note] = done[0] if inputs.people_told else []
    record = counted.record
    if ranks is not None:
        record = replace(
            record, ranked=Ranked.of(ranks, plan), by_operator=ByOperator.of(ranks, service, plan)
        )
    return replace(counted, record=record, notes=[*counted.notes, *notes])


def lacks(study: Study) -> Iterator[str]:
    """Name the gaps, and what other tables say of each service, where no signal is predicted."""
    if not predicts(study):
        yield GAPS.name
        for name, table in RESULT_TABLES.items():
            yield from (f"{name}.{one.name}" for one in table.fields if one.per == "service")


COVERAGE = Part(
    name="coverage",
    stands_on=(TERRITORY.name,),
    take=take,
    settle=calibrated,
    check=check,
    remarks=remarks,
    compute=compute,
    lacks=lacks,
    indicators=indicators,
)
