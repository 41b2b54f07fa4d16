"""Two results or written folders compared."""

from pathlib import Path

from .outputs.comparison import Comparison, compare_results
from .outputs.presented import Presented
from .written import open_result


def compare(before: Presented | Path | str, after: Presented | Path | str) -> Comparison:
    """Compare two results: who gained and lost signal, and what may be the reasons.

    Nothing is computed again. Where several reasons coincide in a commune all are listed,
    and none is given a part of the change.

    Parameters
    ----------
    before, after : Result, WrittenResult or path
        Results at hand, or folders that ``phusong run --out`` wrote.

    Returns
    -------
    Comparison
        Its ``tables`` are DataFrames; ``write(folder)`` makes the page, map and files.

    Raises
    ------
    CompareError
        If they are of two provinces or two administrative editions, lack coverage or share
        no service.
    InputError
        If a folder is no output of this version, or was altered.

    Examples
    --------
    On a coarse grid and near the masts alone, which takes a moment.

    >>> import phusong
    >>> study = phusong.open_study(phusong.sample_folder())
    >>> coarse = study.replace({"radio.radius_km": 2}, resolution_m=1000)
    >>> before = phusong.run(coarse, parts=["coverage"])
    >>> after = phusong.what_if(before, before.cells[before.cells.site_id != "HG0001"])
    >>> found = compare(before, after)
    >>> set(found.tables["compared_stations"]["station_change"])
    {'vanished'}
    """
    one, other = (
        given if isinstance(given, Presented) else open_result(given) for given in (before, after)
    )
    return compare_results(one, other)
