"""A scenario of the page that computes becomes the cells of the study."""

import json
import os
from itertools import count
from threading import Lock

import tomlkit

from ..errors import OutputError
from .changes import document_of, inputs_of
from .places import StudyFolder

LARGEST_SCENARIO_BYTES = 200_000_000
_ONE_AT_A_TIME = Lock()
"""Two pages may hand over at once, each in a thread: they must not choose the same name."""


def take_scenario(study: StudyFolder, content: bytes) -> str:
    """Store a scenario in the study's folder and name it in ``study.toml`` instead of the cells.

    Parameters
    ----------
    study : StudyFolder
    content : bytes
        GeoJSON as the page that computes writes it: all cells of the study, changed or not.

    Returns
    -------
    str
        Name of the new file; the one named before stays where it is.

    Raises
    ------
    OutputError
        If it is no such document, or the settings were changed meanwhile.
    StudyError
        If there are no settings that can be read.
    """
    try:
        document = json.loads(content)
        features = document["features"]
        whole = document["type"] == "FeatureCollection" and len(features) > 0
        whole = whole and all(one["properties"]["cell_id"] for one in features)
    except (ValueError, LookupError, TypeError, RecursionError):
        whole = False
    if not whole:
        raise OutputError("desk.no_scenario")
    with _ONE_AT_A_TIME:
        before = study.digest()
        settings = document_of(study)
        inputs = inputs_of(settings)
        name = next(
            name for number in count(1)
            if not os.path.lexists(study.path / (name := f"kich-ban-{number}.geojson"))
        )  # fmt: skip
        study.store(name, content)
        inputs["cells"] = name
        study.save_settings(tomlkit.dumps(settings), before)
    return name
