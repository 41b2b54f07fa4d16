"""The propagation models by the name that study.toml uses."""

from collections.abc import Callable, Mapping
from typing import Any

from .diffraction import Diffraction
from .free_space import FreeSpace
from .itm import Itm
from .okumura_hata import OkumuraHata
from .p1812 import P1812
from .propagation import PropagationModel
from .rma import Rma

MODELS: Mapping[str, Callable[..., PropagationModel]] = {
    "diffraction": Diffraction,
    "okumura_hata": OkumuraHata,
    "free_space": FreeSpace,
    "p1812": P1812,
    "itm": Itm,
    "rma": Rma,
}


def model(name: str, **parameters: Any) -> PropagationModel:
    """Return a propagation model.

    Parameters
    ----------
    name : {"free_space", "okumura_hata", "rma", "diffraction", "itm", "p1812"}
    **parameters
        Of the model, where the defaults will not do.

    Raises
    ------
    KeyError
        If there is none of that name.

    Examples
    --------
    >>> model("okumura_hata", environment="suburban").parameters
    {'environment': 'suburban'}
    """
    return MODELS[name](**parameters)
