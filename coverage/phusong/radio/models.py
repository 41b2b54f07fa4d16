"""The propagation models by the name that study.toml uses; one entry here makes a model."""

from collections.abc import Callable
from typing import Any

from .diffraction import Diffraction
from .free_space import FreeSpace
from .itm import Itm
from .okumura_hata import OkumuraHata
from .p1812 import P1812
from .propagation import PropagationModel
from .rma import Rma

MODELS: dict[str, type[PropagationModel]] = {
    made.name: made for made in (P1812, Itm, Diffraction, OkumuraHata, Rma, FreeSpace)
}
"""Each class holds its model's name, titles and parameters."""


def model(name: str, **parameters: Any) -> PropagationModel:
    """Return a propagation model.

    Parameters
    ----------
    name : str
        A key of `MODELS`.
    **parameters
        Of the model, where the defaults will not do.

    Returns
    -------
    PropagationModel

    Raises
    ------
    KeyError
        If there is none of that name.

    Examples
    --------
    >>> model("okumura_hata", environment="suburban").parameters
    {'environment': 'suburban'}
    """
    make: Callable[..., PropagationModel] = MODELS[name]
    return make(**parameters)
