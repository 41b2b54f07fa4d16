"""Coverage as a part of a run: predict the signal of the cells on air, count who is covered."""

from ...records import Resources
from ..part import Findings, Found, Part
from ..territory import TERRITORY
from .count import Coverage, count_covered, required
from .indicators import indicators
from .inputs import CoverageInputs, check, remarks, take
from .signal import predict_signal


def compute(inputs: CoverageInputs, found: Found, resources: Resources) -> Findings[Coverage]:
    """Predict every service of a study and count who is covered."""
    territory, on_progress = found[TERRITORY], resources.on_progress
    _, on_air = required(territory)
    on_progress("pipeline.step_terrain", 0, 1)
    ground = inputs.ground
    on_progress("pipeline.step_terrain", 1, 1)
    signal = predict_signal(inputs, on_air.cells, ground, ground.near, resources)
    return count_covered(inputs, ground, territory, signal, on_progress=on_progress)


COVERAGE = Part(
    name="coverage",
    stands_on=(TERRITORY.name,),
    take=take,
    check=check,
    remarks=remarks,
    compute=compute,
    indicators=indicators,
)
