"""Mobile coverage, fibre and e-government readiness of a province.

>>> import phusong
>>> study = phusong.open_study(phusong.sample_folder())
>>> [service.id for service in study.services]
['mobile', 'broadband', '4g', 'indoor']
"""

from pathlib import Path

from ._resources import resource_folder
from .errors import InputError, PhusongError, Problem, StudyError
from .pipeline import Note, Result, check, export_results, path_profile, run, what_if
from .study import Study, new_study, open_study

__all__ = [
    "InputError",
    "Note",
    "PhusongError",
    "Problem",
    "Result",
    "Study",
    "StudyError",
    "check",
    "export_results",
    "new_study",
    "open_study",
    "path_profile",
    "run",
    "sample_folder",
    "what_if",
]


def sample_folder() -> Path:
    """Return the folder of the sample study, Hà Giang, that ships with phusong.

    Examples
    --------
    >>> (sample_folder() / "study.toml").is_file()
    True
    """
    return resource_folder("data/ha-giang")
