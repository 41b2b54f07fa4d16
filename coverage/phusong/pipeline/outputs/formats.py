"""A finished output folder in other formats, coloured as the maps are."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...export import MANIFEST, convert, open_finished, understood
from ...i18n import Bilingual
from ...maps import ServiceInfo
from ...study import Target, target_of
from ...study.coverage import errors_told
from .styles import layer_styles


def export_results(
    out: Path | str,
    to: Path | str,
    *,
    format: str | None = None,  # noqa: A002  the word of the command line
    layers: Sequence[str] = (),
    semicolon: bool = False,
    replace: bool = False,
) -> tuple[Path, ...]:
    """Write a finished output folder in another format.

    Parameters
    ----------
    out : path
        What ``phusong run --out`` wrote, unaltered.
    to : path
        A file, or a folder that is absent, empty, or an earlier export; it
        appears whole or not at all.
    format : str, optional
        A name of `export.FORMATS`; guessed from the suffix of `to`.
    layers : sequence of str
        Tables to write, or rasters for ``tif``; all if empty.
    semicolon : bool
        Write CSV with semicolons and decimal commas, as Excel expects where
        Windows is set to Vietnamese.
    replace : bool
        Whether `to` may be replaced if it is a file, or a folder of an earlier
        export with work of the user's in it.

    Returns
    -------
    tuple of Path
        The files written, sorted.

    Raises
    ------
    InputError
        If `out` is no output folder of this version, or was altered.
    ExportError
        If the format or a layer is unknown, or one file cannot hold the layers.
    OutputError
        If `to` must not be replaced, cannot be written, is the output of a run
        or lies in a folder that phusong wrote.

    Examples
    --------
    ``export_results("out/ha-giang", "ha-giang.kmz")`` after a run; without one:

    >>> from phusong.errors import InputError
    >>> try:
    ...     export_results("no/such/folder", "ha-giang.kmz")
    ... except InputError as fault:
    ...     print(fault.problems[0].render("en"))
    folder/manifest.json: this is no output folder of phusong run. Name the folder that ...
    """
    finished = open_finished(Path(out))
    with understood(MANIFEST):
        services = named_services(finished.parameters)
        errors = errors_told(finished.parameters.get("calibration") is not None)
    return convert(
        finished,
        Path(to),
        kind=format,
        layers=layers,
        styles=lambda read: layer_styles(read, services, errors),
        semicolon=semicolon,
        replace=replace,
    )


def named_services(parameters: Mapping[str, Any]) -> tuple[ServiceInfo, ...]:
    """Return the services of a manifest with the targets that communes are judged by."""
    targets = [Target.model_validate(target) for target in parameters["targets"]]
    return tuple(
        with_target(
            ServiceInfo(
                id=service["id"],
                title=Bilingual(service["name"], service["name_en"]),
                definition=Bilingual("", ""),
            ),
            targets,
        )
        for service in parameters["services"]
    )


def with_target(service: ServiceInfo, targets: Sequence[Target]) -> ServiceInfo:
    """Return a service with the target its communes are judged by, if that is of a share."""
    target = target_of(targets, service.id, "commune")
    if target is None or target.denominator == "commune_centres":
        return service
    read = "expected_population" if target.reading == "probability" else target.denominator
    return replace(service, target_share=target.share, target_denominator=read)
