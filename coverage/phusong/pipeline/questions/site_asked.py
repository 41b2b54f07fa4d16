"""What a plan of sites is asked for: by the caller, else by the study's ``[siting]``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ...errors import SitingError
from ...siting import HopRadio
from ...study import Siting, SitingAim, Study
from .site_aims import SiteAim
from .site_backhaul import BACKHAUL, BackhaulRules
from .site_spacing import MastSpacing
from .site_works import MastKind, SitePrices

LARGEST_GAP = 0.01
TIME_LIMIT_S = 3600.0
"""Last resort, where a search ends neither by its gap nor its branches; a study may say another."""


@dataclass(frozen=True, kw_only=True)
class SitingAsked:
    """Everything that a plan is asked for.

    Parameters
    ----------
    aims : tuple of SiteAim
    budgets_vnd : mapping of int to float
        Money of each year.
    prices : SitePrices
    rules : BackhaulRules
    spacing : MastSpacing
    weights : mapping of str to float
        Measure of the communes → how much it makes their people count.
    lower_targets : bool
        Whether targets beyond reach ask for as much as can be had.
    carry_over : bool
    largest_gap, time_limit_s : float
    """

    aims: tuple[SiteAim, ...]
    budgets_vnd: Mapping[int, float]
    prices: SitePrices
    rules: BackhaulRules
    spacing: MastSpacing
    weights: Mapping[str, float]
    lower_targets: bool
    carry_over: bool
    largest_gap: float
    time_limit_s: float


def asked_of(  # noqa: PLR0913 - as `phusong.site`
    study: Study,
    *,
    aim: SiteAim | Sequence[SiteAim] | None,
    budgets_vnd: Mapping[int, float] | None,
    prices: SitePrices | None,
    rules: BackhaulRules | None,
    spacing: MastSpacing | None,
    spacing_m: float,
    weights: Mapping[str, float] | None,
    within_reach: bool | None,
    carry_over: bool | None,
    largest_gap: float | None,
    time_limit_s: float | None,
) -> SitingAsked:
    """Return what is asked for; what is not given is the study's.

    `spacing_m` is the least distance where neither tells one.

    Raises
    ------
    SitingError
        If something is not given and the study has no ``[siting]``.
    """
    section = study.siting
    if section is None:
        if aim is None or budgets_vnd is None or prices is None:
            raise SitingError("site.no_section")
        lower, kept, gap, limit_s = False, False, LARGEST_GAP, TIME_LIMIT_S
    else:
        if aim is None:
            aim = [_aim(one) for one in (section, *section.also)]
        if budgets_vnd is None:
            budgets_vnd = {one.year: one.budget_vnd for one in section.years}
        prices = prices or _prices(section)
        if weights is None:
            weights = {str(name): weight for name, weight in section.weights.items()}
        lower = section.within_reach
        kept, gap, limit_s = section.carry_over, section.largest_gap, section.time_limit_s
    return SitingAsked(
        aims=(aim,) if isinstance(aim, SiteAim) else tuple(aim),
        budgets_vnd=budgets_vnd,
        prices=prices,
        rules=rules or _rules(section),
        spacing=spacing or _spacing(section, spacing_m),
        weights=weights or {},
        lower_targets=lower if within_reach is None else within_reach,
        carry_over=kept if carry_over is None else carry_over,
        largest_gap=gap if largest_gap is None else largest_gap,
        time_limit_s=limit_s if time_limit_s is None else time_limit_s,
    )


def _aim(section: SitingAim) -> SiteAim:
    return SiteAim(
        service=section.service,
        operator=section.operator,
        technology=section.technology,
        target_share=section.target_share,
        each_commune=section.each_commune,
        each_village=section.each_village,
        each_centre=section.each_centre,
    )


def _rules(section: Siting | None) -> BackhaulRules:
    """Return what backhaul is possible: what the study says, else what is assumed."""
    if section is None or section.backhaul is None:
        return BACKHAUL
    given = section.backhaul.model_dump(exclude_none=True)
    if section.backhaul.radios is not None:
        given["radios"] = tuple(HopRadio(**radio.model_dump()) for radio in section.backhaul.radios)
    return replace(BACKHAUL, **given)


def _spacing(section: Siting | None, otherwise_m: float) -> MastSpacing:
    if section is None:
        return MastSpacing(least_m=otherwise_m)
    least_m = otherwise_m if section.spacing_m is None else section.spacing_m
    return MastSpacing(
        least_m=least_m,
        by_type={str(kind): far_m for kind, far_m in section.spacing_by_type.items()},
    )


def _prices(section: Siting) -> SitePrices:
    return SitePrices(
        mast_vnd={
            MastKind(
                antenna_height_m=one.antenna_height_m,
                sectors=one.sectors,
                more_power_db=one.more_power_db,
            ): one.price_vnd
            for one in section.masts
        },
        band_vnd={one.frequency_mhz: one.price_vnd for one in section.bands},
        sectors_vnd=section.sectors_vnd,
        raise_vnd={one.higher_m: one.price_vnd for one in section.raises},
        share_vnd=section.share_vnd,
        fibre_vnd_per_km=section.fibre_vnd_per_km,
        hop_vnd=section.hop_vnd,
        relay_vnd=section.relay_vnd,
        grid_vnd_per_km=section.grid_vnd_per_km,
        solar_vnd=section.solar_vnd,
        generator_vnd=section.generator_vnd,
        village_grid_vnd_per_km=section.village_grid_vnd_per_km,
    )
