"""Mobile coverage, fibre and e-government readiness of a province.

>>> import phusong
>>> study = phusong.open_study(phusong.sample_folder())
>>> [service.id for service in study.services]
['mobile', 'broadband', '4g', 'indoor']
"""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ._resources import resource_folder
from ._version import __version__
from .errors import InputError, PhusongError, Problem, StudyError

if TYPE_CHECKING:
    from .compute import cluster
    from .pipeline import (
        Note,
        Recast,
        Result,
        Verification,
        WrittenResult,
        check,
        compare,
        export_results,
        export_to_database,
        open_result,
        path_profile,
        print_results,
        print_sheets,
        publish_results,
        recast_results,
        run,
        site,
        verify,
        what_if,
        write_report,
    )
    from .study import Study, new_study, open_study

__all__ = [
    "InputError",
    "Note",
    "PhusongError",
    "Problem",
    "Recast",
    "Result",
    "Study",
    "StudyError",
    "Verification",
    "WrittenResult",
    "__version__",
    "check",
    "cluster",
    "compare",
    "export_results",
    "export_to_database",
    "new_study",
    "open_result",
    "open_study",
    "path_profile",
    "print_results",
    "print_sheets",
    "publish_results",
    "recast_results",
    "run",
    "sample_folder",
    "site",
    "verify",
    "what_if",
    "write_report",
]

_HOMES = {"Study": "study", "cluster": "compute", "new_study": "study", "open_study": "study"}
"""Rooms of what is not the pipeline's."""


def sample_folder() -> Path:
    """Return the folder of the sample study, Hà Giang, that ships with phusong.

    Returns
    -------
    Path

    Examples
    --------
    >>> (sample_folder() / "study.toml").is_file()
    True
    """
    return resource_folder("data/ha-giang")


if not TYPE_CHECKING:  # a type checker takes the names from above

    def __getattr__(name: str) -> Any:
        """Import what is asked for when it is asked for: most of it takes seconds (PEP 562)."""
        if name not in __all__:
            if not name.startswith("_") and find_spec(f"{__name__}.{name}") is not None:
                return import_module(f".{name}", __name__)
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        home = _HOMES.get(name, "pipeline")
        found = globals()[name] = getattr(import_module(f".{home}", __name__), name)
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
