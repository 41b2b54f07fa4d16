"""The propagation models by the name that study.toml uses, ours and those of installed packages.

One entry in `MODELS` makes a model. Further ones come from packages that are
installed (entry points) or, in a notebook, from `register`; a study names a model
and states its parameters, it never carries code.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from importlib.metadata import entry_points
from typing import Any, Literal, get_args, get_origin, get_type_hints

from ..errors import ModelRangeError
from ..i18n import Language, catalogue, number, text
from .diffraction import Diffraction
from .free_space import FreeSpace
from .itm import Itm
from .okumura_hata import Cost231Hata, OkumuraHata
from .p1812 import P1812
from .propagation import PropagationModel
from .rma import Rma

ENTRY_POINTS = "phusong.models"
"""Group in which a package names its models: ``name = "package.module:Class"``."""
MODELS: dict[str, type[PropagationModel]] = {
    made.name: made for made in (P1812, Itm, Diffraction, OkumuraHata, Cost231Hata, Rma, FreeSpace)
}
"""Each class holds its model's name, titles and parameters."""


def model(name: str, **parameters: Any) -> PropagationModel:
    """Return a propagation model.

    Parameters
    ----------
    name : str
        One of `model_names`.
    **parameters
        Of the model, where the defaults will not do.

    Returns
    -------
    PropagationModel

    Raises
    ------
    KeyError
        If there is none of that name.
    ModelRangeError
        If the model has no such parameter, or not of this value.

    Examples
    --------
    >>> model("okumura_hata", environment="suburban").parameters
    {'environment': 'suburban'}
    """
    made = model_class(name)
    for _, fault in parameter_faults(made, parameters):
        raise fault
    make: Callable[..., PropagationModel] = made
    return make(**parameters)


def model_names() -> tuple[str, ...]:
    """Return the names of all models that a study may name, ours first.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> model_names()[:3]
    ('p1812', 'itm', 'diffraction')
    """
    others = {point.name for point in entry_points(group=ENTRY_POINTS)} - set(MODELS)
    return *MODELS, *sorted(others)


def model_class(name: str) -> type[PropagationModel]:
    """Return the class of a model; that of an installed package is imported now.

    Parameters
    ----------
    name : str
        One of `model_names`. Ours and those registered come before a package's of
        the same name.

    Returns
    -------
    type

    Raises
    ------
    KeyError
        If there is none of that name.
    TypeError
        If what a package offers is no propagation model of that name.

    Examples
    --------
    >>> model_class("itm").title.en
    'ITM (Longley–Rice)'
    """
    if name in MODELS:
        return MODELS[name]
    for point in entry_points(group=ENTRY_POINTS, name=name):
        made = point.load()
        _require_model(made, name)
        found: type[PropagationModel] = made
        return found
    raise KeyError(name)


def register(made: type[PropagationModel]) -> type[PropagationModel]:
    """Let studies of this session name a model, such as one written in a notebook.

    Parameters
    ----------
    made : type
        A frozen dataclass with all that `PropagationModel` asks for. Its losses
        are not kept between runs.

    Returns
    -------
    type
        The same, so that this can decorate a class.

    Raises
    ------
    TypeError
        If it is no propagation model.
    ValueError
        If one of phusong's own has its name.

    Examples
    --------
    A forest takes 20 dB more than free space. The last line forgets the model again.

    >>> from dataclasses import dataclass
    >>> from typing import ClassVar
    >>> @register
    ... @dataclass(frozen=True)
    ... class Forest(FreeSpace):
    ...     name: ClassVar[str] = "forest"
    ...     def loss_db(self, profile, link):
    ...         return super().loss_db(profile, link) + 20.0
    ...     def loss_along_radials_db(self, radials, link):
    ...         return super().loss_along_radials_db(radials, link) + 20.0
    >>> type(model("forest")) is Forest
    True
    >>> del MODELS["forest"]
    """
    _require_model(made, getattr(made, "name", ""))
    if made.name in MODELS and ours(MODELS[made.name]):
        raise ValueError(f"{made.name} is the name of a model of phusong")
    MODELS[made.name] = made
    return made


def ours(made: type[PropagationModel]) -> bool:
    """Tell whether a model's code is phusong's, so that the version says what computed it."""
    return made.__module__.partition(".")[0] == __name__.partition(".")[0]


def parameter_faults(
    made: type[PropagationModel], parameters: Mapping[str, Any]
) -> Iterator[tuple[str, ModelRangeError]]:
    """Find the parameters that a model does not have, or not of their value.

    Ranges of numbers are checked by the model's own `check`.

    Parameters
    ----------
    made : type
    parameters : mapping
        Values by name.

    Yields
    ------
    str, ModelRangeError
        Name of the parameter; what is wrong with it.

    Examples
    --------
    >>> [name for name, _ in parameter_faults(OkumuraHata, {"environment": "sea", "height_m": 1})]
    ['environment', 'height_m']
    """
    hints = get_type_hints(made)
    known = {field.name: hints[field.name] for field in fields(made) if field.init}  # type: ignore[arg-type]
    for name, value in parameters.items():
        if name not in known:
            told = {"parameter": name, "known": ", ".join(known) or "–"}
            yield name, ModelRangeError("radio.unknown_parameter", model=made.name, **told)
        elif not _fits(value, known[name]):
            told = {"parameter": name, "value": value, "choices": _choices(known[name])}
            yield name, ModelRangeError("radio.wrong_parameter", model=made.name, **told)


def described(found: PropagationModel, lang: Language) -> str:
    """Return a model's title with all its parameters, as a definition tells it.

    Parameters
    ----------
    found : PropagationModel
    lang : {"vi", "en"}

    Returns
    -------
    str

    Examples
    --------
    >>> described(model("okumura_hata", environment="suburban"), "en")
    'Okumura–Hata (without terrain; environment suburban)'
    >>> described(model("free_space"), "en")
    'free space (without terrain)'
    """
    parts = [
        f"{_word('parameter', name, lang)} {_value(value, lang)}"
        for name, value in found.parameters.items()
    ]
    title = found.title[lang]
    if not parts:
        return title
    told = "; ".join(parts)
    return f"{title[:-1]}; {told})" if title.endswith(")") else f"{title} ({told})"


def _require_model(made: Any, name: str) -> None:
    asked = ("name", "title", "includes_clutter", "parameters", "check", "loss_db", "terms")
    missing = [each for each in (*asked, "loss_along_radials_db") if not hasattr(made, each)]
    if missing or not isinstance(made, type) or getattr(made, "name", None) != name:
        raise TypeError(f"{made!r} is no propagation model {name!r}; missing: {missing}")


def _fits(value: Any, kind: Any) -> bool:
    if get_origin(kind) is Literal:
        return value in get_args(kind)
    if isinstance(value, bool) or kind not in (int, float):
        return bool(kind is type(value))
    return isinstance(value, int) or (kind is float and isinstance(value, float) and
                                      math.isfinite(value))  # fmt: skip


def _choices(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return ", ".join(f'"{each}"' for each in get_args(kind))
    return getattr(kind, "__name__", str(kind))


def _word(kind: str, name: str, lang: Language) -> str:
    """Return the catalogue's word; the name itself where a package brings its own."""
    key = f"radio.{kind}_{name}"
    return text(key, lang) if key in catalogue() else name


def _value(value: float | str, lang: Language) -> str:
    if isinstance(value, str):
        return _word("value", value, lang)
    return number(value, lang, decimals=0 if value == int(value) else 3)
