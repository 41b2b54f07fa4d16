"""What a plan of sites is asked for: by the caller, else by the study's ``[siting]``."""

from collections.abc import Mapping
from dataclasses import dataclass

from ...errors import SitingError
from ...study import Siting, Study
from .site_works import SitePrices
from .siting import SiteAim

LARGEST_GAP = 0.01


@dataclass(frozen=True, kw_only=True)
class SitingAsked:
    """Everything that a plan is asked for.

    Parameters
    ----------
    aim : SiteAim
    budgets_vnd : mapping of int to float
        Money of each year.
    prices : SitePrices
    carry_over : bool
    largest_gap : float
    """

    aim: SiteAim
    budgets_vnd: Mapping[int, float]
    prices: SitePrices
    carry_over: bool
    largest_gap: float


def asked_of(
    study: Study,
    *,
    aim: SiteAim | None,
    budgets_vnd: Mapping[int, float] | None,
    prices: SitePrices | None,
    carry_over: bool | None,
    largest_gap: float | None,
) -> SitingAsked:
    """Return what is asked for; what is not given is the study's.

    Raises
    ------
    SitingError
        If something is not given and the study has no ``[siting]``.
    """
    section = study.siting
    if section is None:
        if aim is None or budgets_vnd is None or prices is None:
            raise SitingError("site.no_section")
        kept, gap = False, LARGEST_GAP
    else:
        aim = aim or _aim(section)
        if budgets_vnd is None:
            budgets_vnd = {one.year: one.budget_vnd for one in section.years}
        prices = prices or _prices(section)
        kept, gap = section.carry_over, section.largest_gap
    return SitingAsked(
        aim=aim,
        budgets_vnd=budgets_vnd,
        prices=prices,
        carry_over=kept if carry_over is None else carry_over,
        largest_gap=gap if largest_gap is None else largest_gap,
    )


def _aim(section: Siting) -> SiteAim:
    return SiteAim(
        service=section.service,
        operator=section.operator,
        technology=section.technology,
        target_share=section.target_share,
        each_commune=section.each_commune,
    )


def _prices(section: Siting) -> SitePrices:
    return SitePrices(
        mast_vnd={one.antenna_height_m: one.price_vnd for one in section.masts},
        share_vnd=section.share_vnd,
        fibre_vnd_per_km=section.fibre_vnd_per_km,
        hop_vnd=section.hop_vnd,
        relay_vnd=section.relay_vnd,
        grid_vnd_per_km=section.grid_vnd_per_km,
        solar_vnd=section.solar_vnd,
        generator_vnd=section.generator_vnd,
        village_grid_vnd_per_km=section.village_grid_vnd_per_km,
    )
