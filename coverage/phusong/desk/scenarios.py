"""A scenario of the page that computes becomes the cells of the study."""

import json
from itertools import count

import tomlkit

from ..errors import OutputError
from .form import keys_of
from .places import StudyFolder

LARGEST_SCENARIO_BYTES = 200_000_000


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
    before = study.digest()
    keys_of(study)  # tells what is wrong where it is no TOML
    settings = tomlkit.parse(study.text())
    name = next(
        name for number in count(1)
        if not (study.path / (name := f"kich-ban-{number}.geojson")).exists()
    )  # fmt: skip
    target = study.file_to_write(name)
    part = target.with_name(f".{name}.part")
    part.write_bytes(content)
    part.replace(target)
    settings["inputs"]["cells"] = name
    study.save_settings(tomlkit.dumps(settings), before)
    return name
