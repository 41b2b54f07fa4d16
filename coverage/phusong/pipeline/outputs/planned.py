"""A finished folder of ``phusong site``, opened for a result of the same data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from ..._settings import STUDY_FILE
from ...errors import InputError, Problem
from ...export import MANIFEST, Finished, Layer, differences, read_manifest
from ...export.geojson import read_layer
from ...study import Study
from ...study.egov import PriorityMeasure
from ...tables import PLANNED_SITES, SITING_TABLES


class Aim(BaseModel):
    """What a plan was asked for; as `SiteAim`."""

    model_config = ConfigDict(frozen=True, strict=True, allow_inf_nan=False)

    service: str
    operator: str
    technology: str
    target_share: float | None = Field(default=None, ge=0, le=1)
    each_commune: bool = False
    each_village: bool = False
    each_centre: bool = False

    @property
    def has_target(self) -> bool:
        """Whether anything had to be met."""
        return self.target_share is not None or self.each_centre


class Proof(BaseModel):
    """How a plan was chosen, how far from the best it can be, what its doubt was drawn for.

    Parameters
    ----------
    gap : float
        As `siting.SitePlan.gap`.
    optimal, ran_out : bool
    share : float, optional
        Of residents, which the probabilities of the plan are about; None without draws.
    weights : mapping of str to float
        By which people counted more in the choice.
    lowered : int
        Targets beyond reach, that asked for as much as could be had.
    province_share : float, optional
        What the first of the province was lowered to.
    """

    model_config = ConfigDict(frozen=True, strict=True, allow_inf_nan=False)

    gap: float = Field(ge=0)
    optimal: bool
    ran_out: bool
    share: float | None = Field(default=None, ge=0, le=1)
    weights: Mapping[PriorityMeasure, float] = Field(default_factory=dict)
    lowered: int = Field(default=0, ge=0)
    province_share: float | None = Field(default=None, ge=0, le=1)


@dataclass(frozen=True, kw_only=True)
class FinishedPlan:
    """A plan of sites that nobody altered.

    Parameters
    ----------
    layers : mapping of str to Layer
        The tables that were asked for, as far as the plan has them.
    parameters : mapping
        Of its manifest.
    """

    layers: Mapping[str, Layer]
    parameters: Mapping[str, object]

    def told(self, file: str) -> tuple[tuple[Aim, ...], Proof]:
        """Return what the plan was asked for, and what is proved of it.

        Raises
        ------
        InputError
            If an older version wrote the plan, which does not tell.
        """
        try:
            return (
                TypeAdapter(tuple[Aim, ...]).validate_python(self.parameters["site"], strict=False),
                Proof.model_validate(self.parameters["proof"]),
            )
        except (KeyError, ValueError):
            raise InputError([Problem(message="site.old_plan", file=file)]) from None


def open_plan(folder: Path, finished: Finished, study: Study, names: Sequence[str]) -> FinishedPlan:
    """Open a plan that was made of the data of a result.

    Parameters
    ----------
    folder : Path
        What ``phusong site`` wrote.
    finished : Finished
        The result.
    study : Study
        Its study.
    names : sequence of str
        Tables to read, of `SITING_TABLES`.

    Returns
    -------
    FinishedPlan

    Raises
    ------
    InputError
        If the folder is no such plan, was altered, or is one of other data or another version.
    """
    manifest = read_manifest(folder)
    listed = {one.path for one in manifest.outputs}
    if "site" not in manifest.parameters or _file(PLANNED_SITES.name) not in listed:
        raise InputError([Problem(message="site.no_plan", file=f"{folder.name}/{MANIFEST}")])
    found = differences(folder, manifest)
    altered = sorted({*found.missing, *found.changed})
    if altered:
        raise InputError([Problem(message="export.altered", file=name) for name in altered])
    ours = set(finished.inputs)
    # What is asked of a plan stands in study.toml and files of its own, and a map is no data.
    asked = {STUDY_FILE, *_listed(manifest.parameters.get("files"))}
    others = [
        one.path for one in manifest.inputs
        if one not in ours and one.path not in asked and not one.path.startswith("maps/")
    ]  # fmt: skip
    if others:
        raise InputError([Problem(message="site.other_data", file=name) for name in others])
    layers = {}
    for name in names:
        table, file = SITING_TABLES[name].expand({}, {"run": study.errors}), _file(name)
        if file in listed:
            try:
                layers[name] = read_layer((folder / file).read_bytes(), table)
            except (KeyError, TypeError, ValueError):  # its digest is right: other columns
                raise InputError([Problem(message="site.old_plan", file=file)]) from None
    return FinishedPlan(layers=layers, parameters=manifest.parameters)


def _listed(files: object) -> list[str]:
    return [str(name) for name in files] if isinstance(files, list) else []


def _file(name: str) -> str:
    """Return where a plan keeps a table so that it is read back without loss."""
    placed = SITING_TABLES[name].geometry is not None
    return f"geojson/{name}.geojson" if placed else f"tables/{name}.json"
