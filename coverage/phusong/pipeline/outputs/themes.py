"""Which maps a run draws: the shipped themes, and those in the study's own `maps` folder."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from ..._resources import resource_folder
from ...errors import InputError, Problem
from ...maps import Theme, open_theme, theme_names
from ...maps.payload import require_drawable
from ...study import Study
from ...tables import INPUT_TABLES, RESULT_TABLES
from ..parts import PARTS
from ..parts.coverage.inputs import predicts
from .given import theme_files


def themes(study: Study) -> dict[str, Theme]:
    """Return the themes of a study by name, every shipped one first, then its own.

    A theme of the study that is called as a shipped one stands in its place.

    Raises
    ------
    InputError
        With every fault of the study's themes, and their names that cannot
        become the name of a page.
    """
    own: dict[str, Theme] = {}
    problems: list[Problem] = []
    for path in theme_files(study).values():
        try:
            own[_name(path)] = open_theme(path)
        except InputError as refused:
            problems += refused.problems
    if problems:
        raise InputError(problems)
    shipped = _shipped(resource_folder("maps"), theme_names())
    return {name: own.get(name, theme) for name, theme in shipped.items()} | _in_order(own)


@cache
def _shipped(_: Path, names: tuple[str, ...]) -> Mapping[str, Theme]:
    """Return the themes that ship with phusong, in order; every run asks for them."""
    return _in_order({name: open_theme(name) for name in names})


def _in_order(named: Mapping[str, Theme]) -> dict[str, Theme]:
    return dict(sorted(named.items(), key=lambda item: (item[1].order, item[0])))


def find_theme(study: Study, name: str) -> Theme:
    """Return one theme: the study's or a shipped one by name, or any by its path.

    Parameters
    ----------
    study : Study
        From `open_study`.
    name : str
        Name of a theme, or the path of a TOML file.

    Returns
    -------
    Theme

    Raises
    ------
    InputError
        If there is none, or it or another theme of the study is faulty.

    Examples
    --------
    >>> from phusong import open_study, sample_folder
    >>> find_theme(open_study(sample_folder()), "gaps").layers[0].table
    'communes'
    """
    return themes(study).get(name) or open_theme(name)


def check_theme(study: Study, name: str) -> None:
    """Refuse a theme that no map of a study can show; call it before a long computation.

    What the inputs alone do not tell, such as whether there are any gaps, is not judged.

    Parameters
    ----------
    study : Study
        From `open_study`.
    name : str
        Name of a theme, or the path of a TOML file.

    Raises
    ------
    InputError
        If there is none, or it or another theme of the study is faulty.
    NothingToDrawError
        If the study has no inputs for what the theme is about.

    Examples
    --------
    >>> from phusong import open_study, sample_folder
    >>> study = open_study(sample_folder())
    >>> check_theme(study, "gaps")
    >>> check_theme(study.replace(inputs={"rivers": "rivers.fgb"}, egov=None), "gaps")
    Traceback (most recent call last):
        ...
    phusong.maps.payload.NothingToDrawError: ...gaps...
    """
    theme = find_theme(study, name)
    lacking = {one for part in PARTS for one in part.lacks(study)}
    lacking |= {one for one in INPUT_TABLES if one not in RESULT_TABLES} - set(study.inputs.tables)
    drawable = {
        layer.id
        for layer in theme.layers
        if lacking.isdisjoint({layer.table, *(f"{layer.table}.{one}" for one in layer.deciding)})
    }
    require_drawable(theme, drawable, rasters=bool(theme.rasters) and predicts(study))


def _name(path: Path) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,40}", path.stem):
        raise InputError([Problem(message="maps.file_name", file=path.name)])
    return path.stem
