"""What a plan of sites is for: services, who builds for them, and the targets these come to."""

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..._types import Floats, Labels
from ...errors import InfeasibleSitingError, SitingError
from ...i18n import Language, both, number, percent, text
from ...siting import SitePlan, Target
from ...siting._solver import ARITHMETIC
from ...study import Service
from .site_reach import Reach, told
from .site_waiting import Unserved

PROVINCE, COMMUNE, VILLAGE, CENTRE = "province", "commune", "village", "centre"
NOBODY_MORE = 1e-9
SHOWN_TARGETS = 20


@dataclass(frozen=True, kw_only=True)
class SiteAim:
    """What a plan of sites is for.

    Parameters
    ----------
    service : str
        Id of the service to be had.
    operator, technology : str
        Of the cells to be built.
    target_share : float, optional
        Share of the residents of the province, 0 to 1, to be served by the last year, for least
        money; without any target as many people as the budgets serve.
    each_commune, each_village : bool
        Whether every commune, and every village, is to have that share.
    each_centre : bool
        Whether the centre of every commune is to be served by the last year, for least money.
    """

    service: str
    operator: str
    technology: str
    target_share: float | None = None
    each_commune: bool = False
    each_village: bool = False
    each_centre: bool = False

    @property
    def network(self) -> tuple[str, str]:
        """Operator and technology of the cells."""
        return self.operator, self.technology

    @property
    def has_target(self) -> bool:
        """Whether anything must be met."""
        return self.target_share is not None or self.each_centre

    @property
    def scopes(self) -> tuple[str, ...]:
        """Of what it has targets."""
        kinds = ((COMMUNE, self.each_commune), (VILLAGE, self.each_village))
        shares = tuple(name for name, asked in kinds if asked) or (PROVINCE,)
        centres = (CENTRE,) if self.each_centre else ()
        return (*(shares if self.target_share is not None else ()), *centres)


@dataclass(frozen=True, kw_only=True)
class Of:
    """What a target is about.

    Parameters
    ----------
    service : str
    scope : str
        Province, commune, village or centre.
    code : str
        Of the commune or village.
    """

    service: str
    scope: str
    code: str = ""

    @property
    def target_id(self) -> str:
        """Id of the target in the programme."""
        return f"{self.service} {self.scope} {self.code}".strip()


def require_aims(
    aims: Sequence[SiteAim],
    services: Mapping[str, Service],
    villages: object,
    technologies: Collection[str],
) -> None:
    """Refuse aims that no plan can be made for, before anything is computed.

    Parameters
    ----------
    aims : sequence of SiteAim
    services : mapping of str to Service
    villages : object
        None if there are none.
    technologies : collection of str
        Of the cells on air, which tell what new ones are like.

    Raises
    ------
    SitingError
    """
    if not aims:
        raise SitingError("pipeline.siting_no_aim")
    for aim in aims:
        service = services.get(aim.service)
        if service is None:
            known = ", ".join(services)
            raise SitingError("pipeline.siting_unknown_service", service=aim.service, known=known)
        if not service.counts(aim.operator, aim.technology):
            raise SitingError(
                "study.siting_not_counted", service=aim.service, operator=aim.operator,
                technology=aim.technology,
            )  # fmt: skip
        if aim.technology not in technologies:
            known = ", ".join(sorted(technologies))
            raise SitingError("pipeline.siting_no_cells", technology=aim.technology, known=known)
        if aim.target_share is not None and not 0 <= aim.target_share <= 1:
            raise SitingError("pipeline.siting_bad_share", value=aim.target_share)
        if aim.target_share is None and (aim.each_commune or aim.each_village):
            raise SitingError("study.each_without_share")
        if aim.each_village and villages is None:
            raise SitingError("pipeline.siting_no_villages")
    if len({aim.has_target for aim in aims}) > 1:
        raise SitingError("study.siting_mixed")


def targets_of(
    aims: Sequence[SiteAim],
    waiting: Unserved,
    reaches: Sequence[Reach],
    *,
    codes: Labels,
    residents: Floats,
    everybody: float,
    year: int,
) -> dict[Of, Target]:
    """Return what must be served more by the last year.

    Parameters
    ----------
    aims : sequence of SiteAim
    waiting : Unserved
        Demand of the programme, followed by the centres that are to be served.
    reaches : sequence of Reach
        Of each service.
    codes : ndarray of str, shape (communes,)
    residents : ndarray, shape (communes,)
    everybody : float
        Residents of the province.
    year : int

    Returns
    -------
    dict of Of to Target
        The largest share where several aims ask for one.
    """
    found: dict[Of, Target] = {}
    for aim in aims:
        service = waiting.services.index(aim.service)
        for scope in aim.scopes:
            made: Iterator[tuple[str, Labels, float, Floats | None]]
            if scope == CENTRE:
                made = _of_centres(waiting, asked_centres(aims, waiting), service, codes)
            elif scope == VILLAGE:
                made = _of_villages(aim, reaches[service], waiting.rows_of(service).start)
            else:
                made = _of_people(aim, scope, waiting, service, codes, residents, everybody)
            for code, demand, more, share in made:
                of = Of(service=aim.service, scope=scope, code=code)
                if of not in found or found[of].people < more:
                    found[of] = Target(
                        target_id=of.target_id, demand=demand, people=more, year=year, share=share
                    )
    return found


def asked_centres(aims: Sequence[SiteAim], waiting: Unserved) -> Labels:
    """Return the centres that are to be served and are not, rows of service and commune."""
    wanted = {aim.service for aim in aims if aim.each_centre}
    asked = np.array([name in wanted for name in waiting.services])
    return np.argwhere(~waiting.centre_served & asked[:, None])


def _of_centres(
    waiting: Unserved, centres: Labels, service: int, codes: Labels
) -> Iterator[tuple[str, Labels, float, None]]:
    first = len(waiting.people)
    for at in np.flatnonzero(centres[:, 0] == service).tolist():
        yield str(codes[centres[at, 1]]), np.array([first + at]), 1.0, None


def _of_people(
    aim: SiteAim,
    scope: str,
    waiting: Unserved,
    service: int,
    codes: Labels,
    residents: Floats,
    everybody: float,
) -> Iterator[tuple[str, Labels, float, Floats | None]]:
    assert aim.target_share is not None
    its = waiting.rows_of(service)
    people, commune = waiting.people[its], waiting.commune[its]
    if scope == PROVINCE:
        once = waiting.once[its]
        more = float((people * once).sum()) - (1 - aim.target_share) * everybody
        yield "", np.arange(its.start, its.stop), max(more, 0.0), once
        return
    lost = np.bincount(commune, people, minlength=len(codes)) - (1 - aim.target_share) * residents
    for one in np.flatnonzero(lost > 0).tolist():
        yield str(codes[one]), its.start + np.flatnonzero(commune == one), float(lost[one]), None


def _of_villages(
    aim: SiteAim, reach: Reach, first: int
) -> Iterator[tuple[str, Labels, float, None]]:
    """Yield what must be served more of every village where people are listed for one."""
    lived, village = reach.homes, reach.village_of(np.arange(len(reach.people)))
    assert lived is not None, "villages were asked for"
    assert reach.villages is not None
    assert aim.target_share is not None
    known = np.flatnonzero(np.isfinite(village))
    order = known[np.argsort(village[known], kind="stable")]
    at, ids = village[order].astype(int), reach.villages["village_id"].to_numpy(object)
    residents = np.bincount(lived.village, lived.people, minlength=len(ids))
    waiting = np.bincount(at, reach.people[order], minlength=len(ids))
    more = waiting - (1 - aim.target_share) * residents
    for one in np.flatnonzero(more > NOBODY_MORE).tolist():
        its = order[slice(*np.searchsorted(at, [one, one + 1]))]
        yield str(ids[one]), first + its, float(more[one]), None


@dataclass(frozen=True, kw_only=True)
class Reached:
    """How much of a target is within reach.

    Parameters
    ----------
    of : Of
    asked, people : float
        How many more people (or centres) were to be served, and how many can be.
    share : float, optional
        Of the residents of the province, those served then; None for other targets.
    """

    of: Of
    asked: float
    people: float
    share: float | None

    @classmethod
    def by(
        cls, of: Of, target: Target, people: float, waiting: Floats, everybody: float
    ) -> "Reached":
        """Return how much of a target so many people more are.

        Parameters
        ----------
        of : Of
        target : Target
            As asked for.
        people : float
        waiting : ndarray
            People of all demand.
        everybody : float
            Residents of the province.
        """
        share = None
        if of.scope == PROVINCE and everybody > 0:
            share = 1 - (float(target.counted(waiting).sum()) - people) / everybody
        return cls(of=of, asked=target.people, people=people, share=share)


def within_reach(
    plan: Callable[[Sequence[Target]], SitePlan], targets: Mapping[Of, Target]
) -> tuple[SitePlan, dict[Of, Target]]:
    """Make a plan of targets; those beyond reach ask for as much as can be had.

    Parameters
    ----------
    plan : callable
        Returns the plan for targets.
    targets : mapping of Of to Target

    Returns
    -------
    SitePlan
    dict of Of to Target
        The targets that it meets.

    Raises
    ------
    InfeasibleSitingError
        If money is short.
    """
    met = dict(targets)
    while True:
        try:
            return plan(list(met.values())), met
        except InfeasibleSitingError as fault:
            if "missed" not in fault.values:
                raise
            missed = {name: (some, needed) for name, some, needed in fault.values["missed"]}
        for of, target in targets.items():
            if of.target_id in missed:
                some, needed = missed[of.target_id]
                people = some if needed is not None else _fewer(met[of].people, some)
                met[of] = replace(target, people=max(people, 0.0))


def _fewer(people: float, missing: float) -> float:
    """Return the whole people who are left of a target, who are missing being known roughly."""
    left = float(math.floor(people - missing + ARITHMETIC * max(people, 1.0)))
    return left if left < people else people - 1


def reached_told(
    reached: Sequence[Reached], services: Mapping[str, Service], lang: Language
) -> str:
    """Return how much of targets is within reach as a text, as many as are shown.

    Parameters
    ----------
    reached : sequence of Reached
    services : mapping of str to Service
        Of the plan.
    lang : {"vi", "en"}

    Returns
    -------
    str
    """

    def said(one: Reached) -> str:
        figures = f"{number(one.people, lang)} / {number(one.asked, lang)}"
        if one.share is not None:
            # Rounded down, so that it can be asked for.
            share = percent(math.floor(1e4 * one.share) / 1e4, lang, decimals=2)
            figures += text("site.reached_share", lang, share=share)
        return f"{_named(one.of, services, lang)}: {figures}"

    return _some([said(one) for one in reached[:SHOWN_TARGETS]], len(reached), lang)


def _named(of: Of, services: Mapping[str, Service], lang: Language) -> str:
    said = text(f"site.target_{of.scope}", lang, code=of.code)
    return said if len(services) == 1 else f"{services[of.service].title[lang]}, {said}"


def _some(shown: list[str], count: int, lang: Language) -> str:
    more = count - len(shown)
    return "; ".join([*shown, *([f"… ({number(more, lang)})"] if more else [])])


def refused(
    fault: InfeasibleSitingError,
    targets: Mapping[Of, Target],
    waiting: Unserved,
    reaches: Sequence[Reach],
    services: Mapping[str, Service],
    everybody: float,
) -> InfeasibleSitingError:
    """Return a refusal of the programme with its targets in words, and the villages not reached.

    Parameters
    ----------
    fault : InfeasibleSitingError
    targets : mapping of Of to Target
    waiting : Unserved
    reaches : sequence of Reach
        Of each service.
    services : mapping of str to Service
        Of the plan.
    everybody : float
        Residents of the province.
    """
    if "missed" not in fault.values:
        return fault
    of_id = {of.target_id: of for of in targets}
    missed = [(of_id[name], some) for name, some, _ in fault.values["missed"]]
    if "unreached" not in fault.values:
        return InfeasibleSitingError(
            "pipeline.siting_works_exclude",
            targets=both(
                lambda lang: _some(
                    [
                        f"{_named(of, services, lang)}: {number(some, lang)}"
                        for of, some in missed[:SHOWN_TARGETS]
                    ],
                    len(missed),
                    lang,
                )
            ),
        )
    reached = [Reached.by(of, targets[of], some, waiting.people, everybody) for of, some in missed]
    listed = both(lambda lang: reached_told(reached, services, lang))
    if all(of.scope == CENTRE for of, _ in missed):
        return InfeasibleSitingError("pipeline.siting_centres_beyond_reach", targets=listed)
    lost = np.array(fault.values["unreached"], int)
    lost = lost[lost < len(waiting.people)]
    villages = [
        reach.unreached(lost[(lost >= its.start) & (lost < its.stop)] - its.start)
        for reach, its in ((reaches[k], waiting.rows_of(k)) for k in range(len(reaches)))
    ]
    return InfeasibleSitingError(
        "pipeline.siting_beyond_reach",
        people=float(waiting.people[lost].sum()),
        targets=listed,
        places=both(
            lambda lang: "; ".join(told(each, lang) for each in villages if len(each)) or "–"
        ),
    )
