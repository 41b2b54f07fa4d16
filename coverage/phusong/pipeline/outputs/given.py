"""What a study was given: its settings, and the files that it reads."""

from pathlib import Path
from typing import Any

from ..._settings import STUDY_FILE
from ...study import Study

OF_THE_RUN = ("parts", "notice", "assumed_cells_by_field")
"""Parameters of a manifest that are no settings of a study."""


def settings(study: Study) -> dict[str, Any]:
    """Return a study's settings as JSON values; its place on this machine is left out."""
    return study.model_dump(mode="json", exclude={"folder"})


def inputs_of(study: Study) -> dict[str, Path]:
    """Return the files that a study reads, by the names it gives them."""
    files: dict[str, Path] = {}
    for _, source in study.inputs.files:
        if not source.is_database:
            path = study.path(source)
            within = sorted(path.iterdir()) if path.is_dir() else []  # a FileGDB is a folder
            parts = {f"{source.path}/{each.name}": each for each in within if each.is_file()}
            files |= parts or {source.path: path}
    return {
        STUDY_FILE: study.folder / STUDY_FILE,
        **files,
        **study.antenna_files,
        **theme_files(study),
    }


def theme_files(study: Study) -> dict[str, Path]:
    """Return the study's own themes by their path within the study."""
    return {f"maps/{path.name}": path for path in sorted((study.folder / "maps").glob("*.toml"))}
