"""The propagation models by the name that study.toml uses."""

from collections.abc import Callable, Mapping

from .diffraction import Diffraction
from .free_space import FreeSpace
from .okumura_hata import OkumuraHata
from .propagation import PropagationModel

MODELS: Mapping[str, Callable[[], PropagationModel]] = {
    "diffraction": Diffraction,
    "okumura_hata": OkumuraHata,
    "free_space": FreeSpace,
}


def model(name: str) -> PropagationModel:
    """Return a propagation model with its default parameters.

    Raises
    ------
    KeyError
        If there is none of that name.

    Examples
    --------
    >>> model("free_space").name
    'free_space'
    """
    return MODELS[name]()
