"""Where the sample study, the map themes and the pages on methods lie: in the wheel or checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parents[1]


def resource_folder(name: str) -> Path:
    """Return the folder of a shipped resource.

    Parameters
    ----------
    name : str
        ``"data/ha-giang"``, ``"docs/phuong-phap"`` or ``"maps"``.

    Raises
    ------
    FileNotFoundError
        If the installation lacks it.
    """
    for folder in (_PACKAGE / f"_{name}", _CHECKOUT / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(name)
