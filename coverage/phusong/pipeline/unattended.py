"""Runs that nobody watches: is there anything to compute, and telling on the page that one failed.

Knows an output folder, its manifest and its start page; computes nothing.
"""

import os
import shutil
from contextlib import suppress
from datetime import date
from pathlib import Path

from ..errors import InputError, PhusongError
from ..export import (
    differences,
    input_digests,
    output_folder,
    read_manifest,
    recover_output,
    rewrite_manifest,
    versions,
)
from ..i18n import both
from ..report import tells_failure, with_failure
from ..study import Study
from .outputs.given import OF_THE_RUN, inputs_of, settings
from .parts import NAMES

PAGE = "index.html"


def is_current(study: Study, out: Path | str) -> bool:
    """Tell whether an output folder is what a whole run of a study would write again.

    Parameters
    ----------
    study : Study
    out : path
        What ``phusong run`` wrote, if anything.

    Returns
    -------
    bool
        False also where that cannot be known: files that cannot be read, tables of a database,
        or a page that tells of a failed run.

    Examples
    --------
    >>> import phusong
    >>> is_current(phusong.open_study(phusong.sample_folder()), "not there")
    False
    """
    folder = Path(out)
    if any(source.is_database for _, source in study.inputs.files):
        return False
    try:
        recover_output(folder)
        manifest = read_manifest(folder)
        kept = {key: told for key, told in manifest.parameters.items() if key not in OF_THE_RUN}
        return (
            manifest.is_result
            and manifest.versions == versions()
            and manifest.parameters["parts"] == list(NAMES)
            and kept == settings(study)
            and set(manifest.inputs) == set(input_digests(inputs_of(study)))
            and not tells_failure((folder / PAGE).read_text(encoding="utf-8"))
            and not any((found := differences(folder, manifest)).missing + found.changed)
        )
    except (InputError, OSError, KeyError, ValueError):
        return False


def tell_failure(out: Path | str, fault: PhusongError, day: date) -> bool:
    """Tell on the start page of an older output that a later run failed; nothing else changes.

    Parameters
    ----------
    out : path
        What an earlier ``phusong run`` wrote, if anything.
    fault : PhusongError
        What stopped the later run.
    day : date
        Of that run.

    Returns
    -------
    bool
        Whether it is told: not where there is no output of ours, or its page is another.

    Raises
    ------
    OutputError
        If the folder holds files of others, or cannot be written.
    """
    folder = Path(os.path.realpath(out))
    recover_output(folder)
    try:
        manifest = read_manifest(folder)
    except InputError:
        return False
    if not manifest.is_result:
        return False
    page = (folder / PAGE).read_text(encoding="utf-8")
    told = with_failure(page, day, both(fault.render))
    if told == page:
        return False
    with output_folder(folder, results=True) as fresh:
        for entry in manifest.outputs:
            copy = fresh / entry.path
            copy.parent.mkdir(parents=True, exist_ok=True)
            if entry.path == PAGE:
                copy.write_text(told, encoding="utf-8", newline="\n")
            else:
                _take(folder / entry.path, copy)
        rewrite_manifest(fresh, manifest, PAGE)
    return True


def _take(file: Path, copy: Path) -> None:
    """Let a file have a second name, or, where the disk knows none, copy it."""
    with suppress(OSError):
        os.link(file, copy)
        return
    shutil.copyfile(file, copy)
