"""A plan of sites as a page: what is built when, for whom, with which proof."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from .._version import program
from ..i18n import Bilingual, Language, both, percent, text, words
from ..report import Curve, CurvePoint, Headline, ReportPage
from ..tables import SITE_CURVE, SITE_VERDICTS
from .questions.site_aims import SiteAim
from .questions.site_weights import weights_told
from .questions.siting import SitingFindings
from .siting_rows import money, of_service, services_of, share_text, tables_of, title_of, whole

NEXT_SHOWN = 3
NAMELESS = Bilingual("", "")


def page_of(
    found: SitingFindings,
    further: Mapping[str, pd.DataFrame],
    *,
    workbook: str,
    links: Sequence[tuple[str, Bilingual]],
) -> ReportPage:
    """Return the page of a plan.

    Parameters
    ----------
    found : SitingFindings
    further : mapping of str to DataFrame
        Curve, prices by commune, and what comes of the plan in draws, if they were asked for.
    workbook : str
        Name of the file that has every row.
    links : sequence of (str, Bilingual)
        Files beside the page.
    """
    study = found.study
    return ReportPage(
        title=words("site.title"),
        about=(*(line for aim in found.aims for line in _about(found, aim)), *_unlike(found)),
        program=program(),
        sample=study.sample_headline,
        headlines=tuple(_headlines(found, further)),
        curve=_curve(found, further.get(SITE_CURVE.name)),
        links=links,
        tables=tuple(tables_of(found, further, workbook)),
    )


def _about(found: SitingFindings, aim: SiteAim) -> Iterator[Bilingual]:
    """Say for which service and network the plan is, and what must be met."""
    yield both(
        lambda lang: text(
            "site.about", lang, study=found.study.title[lang],
            service=title_of(found, aim.service)[lang],
            operator=aim.operator, technology=aim.technology,
        )
    )  # fmt: skip
    if not aim.has_target:
        yield words("site.aim_people")
    year, share = str(int(found.years["year"].max())), aim.target_share
    if share is not None:
        kinds = {(True, False): "each", (False, True): "village", (True, True): "both"}
        key = f"site.aim_{kinds.get((aim.each_commune, aim.each_village), 'share')}"
        yield both(lambda lang: text(key, lang, share=percent(share, lang), year=year))
    if aim.each_centre:
        yield words("site.aim_centre", year=year)


def _unlike(found: SitingFindings) -> Iterator[Bilingual]:
    """Say who counts more in the choice, and which targets were beyond reach."""
    if found.weights:
        yield words("site.weights", weights=weights_told(found.weights))
    for note in found.notes:
        if note.message == "site.lowered":
            yield Bilingual(note.render("vi"), note.render("en"))


def _headlines(found: SitingFindings, further: Mapping[str, pd.DataFrame]) -> Iterator[Headline]:
    sites, gaps = found.sites, found.gaps
    for service in services_of(found):
        yield _people(found, service)
    for service in dict.fromkeys(aim.service for aim in found.aims if aim.each_centre):
        its = found.communes[found.communes["service"] == service]
        yield Headline(
            label=of_service(found, service, words("site.centres")),
            figure=words(
                "site.centres_figure", served=int(its["centre_after"].sum()), total=len(its)
            ),
            detail=words("site.centres_detail", before=int(its["centre_before"].sum())),
        )
    budget = money(float(found.years["budget_vnd"].sum()))
    yield Headline(
        label=words("site.cost"),
        figure=money(found.plan.cost_vnd),
        detail=both(
            lambda lang: text(
                "site.cost_detail", lang, budget=budget[lang], years=len(found.years)
            )
        ),
    )  # fmt: skip
    kinds = sites["site_kind"]
    yield Headline(
        label=words("site.sites"),
        figure=whole(len(sites)),
        detail=words(
            "site.sites_detail",
            masts=int((kinds == "new_mast").sum()),
            shared=int((kinds != "new_mast").sum()),
        ),
    )
    outcome = gaps["outcome"]
    yield Headline(
        label=words("site.gaps"),
        figure=words(
            "site.gaps_figure", closed=int((outcome == "closed").sum()), total=len(gaps)
        ),
        detail=words(
            "site.gaps_detail",
            narrowed=int((outcome == "narrowed").sum()),
            left=int((outcome == "left").sum()),
        ),
    )  # fmt: skip
    aimed = "weighted" if found.weights else "people"
    aimed = "money" if found.aims[0].has_target else aimed
    gap = found.plan.gap
    yield Headline(
        label=words("site.proof"),
        figure=both(lambda lang: percent(gap, lang, decimals=2)),
        detail=words("site.proof_best" if found.plan.optimal else f"site.proof_{aimed}"),
    )
    if SITE_VERDICTS.name in further:
        for service in services_of(found):
            yield _likely(found, service, further[SITE_VERDICTS.name])
    step = found.next
    if step is None:
        yield Headline(label=words("site.next"), figure=words("site.next_nothing"))
        return
    cost = money(step.cost_vnd)
    yield Headline(
        label=words("site.next"),
        figure=words("site.next_figure", people=step.people),
        detail=both(
            lambda lang: text(
                "site.next_detail", lang, cost=cost[lang], works=_next_works(found, lang)
            )
        ),
    )  # fmt: skip


def _next_works(found: SitingFindings, lang: Language) -> str:
    """Return the next works by their sites: where each is, and what is built there."""
    told = []
    for site, its in found.next_works.groupby("site_id", sort=False):
        kinds = ", ".join(text(f"maps.value_{kind}", lang) for kind in its["kind"])
        commune = its["commune"].dropna()
        told.append(
            text(
                "site.next_site", lang, site=str(site), kinds=kinds,
                commune=commune.iloc[0] if len(commune) else text("site.outside", lang),
            )
        )  # fmt: skip
    shown = told[:NEXT_SHOWN]
    if len(told) > len(shown):
        shown.append(text("site.next_more", lang, count=len(told) - len(shown)))
    return "; ".join(shown)


def _people(found: SitingFindings, service: str) -> Headline:
    """Return how many people more a service reaches."""
    communes = found.communes[found.communes["service"] == service]
    total = float(communes["population"].sum())
    after = float((communes["share_after"] * communes["population"]).sum())
    gained = float(communes["people"].sum())
    shares = [(after - gained) / total, after / total] if total else [0.0, 0.0]
    villages = int(found.sites["villages"].fillna(0).sum())
    key = "site.people_detail" if len(services_of(found)) == 1 else "site.shares_detail"
    return Headline(
        label=of_service(found, service, words("site.people")),
        figure=whole(gained),
        detail=both(
            lambda lang: text(
                key, lang, before=percent(shares[0], lang), after=percent(shares[1], lang),
                **({} if key == "site.shares_detail" else {"villages": villages}),
            )
        ),
    )  # fmt: skip


def _likely(found: SitingFindings, service: str, drawn: pd.DataFrame) -> Headline:
    """Return how likely the province has the share once the plan is done."""
    errors = found.study.errors
    province = drawn[(drawn["level"] == "province") & (drawn["service"] == service)].iloc[0]
    low, middle, high = (float(province[f"share_{end}"]) for end in ("low", "median", "high"))
    return Headline(
        label=of_service(
            found, service,
            words("common.with_errors", title=words("site.likely"), errors=errors),
        ),
        figure=share_text(province["target_probability"]),
        detail=both(
            lambda lang: text(
                "site.likely_detail", lang, before=percent(province["probability_before"], lang),
                promised=percent(province["share_after"], lang), low=percent(low, lang),
                middle=percent(middle, lang), high=percent(high, lang),
                expected=float(province["expected_after"]),
            )
        ),
        verdict=str(province["confident_verdict"]),
    )  # fmt: skip


def _curve(found: SitingFindings, best: pd.DataFrame | None) -> Curve:
    """Return the best plans for any money, with this one beside, or this one by year."""
    if best is None:
        return _by_year(found)
    last = len(best) - 1
    points = [
        CurvePoint(
            x=cost / 1e9,
            y=people,
            name=words("site.curve_most", people=people) if at == last else NAMELESS,
        )
        for at, (cost, people) in enumerate(
            zip(best["cost_vnd"].to_list(), best["people"].to_list(), strict=True)
        )
    ]
    people = float(found.years["people"].iloc[-1])
    mark = CurvePoint(
        x=found.plan.cost_vnd / 1e9, y=people, name=words("site.curve_plan", people=people)
    )
    return Curve(
        title=words("site.curve"),
        x_title=words("site.curve_x"),
        y_title=words("site.curve_y"),
        points=points,
        marks=[mark],
        level=_target(found),
    )


def _by_year(found: SitingFindings) -> Curve:
    """Return people against money: by year, and what the next money buys."""
    spent = np.cumsum(found.years["spent_vnd"].to_numpy(float)) / 1e9
    served = found.years["people"].to_numpy(float)
    points = [CurvePoint(x=0.0, y=0.0, name=NAMELESS)]
    for year, so_far, people in zip(found.years["year"], spent, served, strict=True):
        idle = so_far == points[-1].x  # nothing is built: the point is the one before
        name = NAMELESS if idle else words("site.curve_year", year=str(year), people=float(people))
        points.append(CurvePoint(x=float(so_far), y=float(people), name=name))
    beyond = []
    if found.next is not None:
        last, step = points[-1], found.next
        more = last.y + step.people
        name = words("site.curve_next", people=more)
        beyond = [CurvePoint(x=last.x + step.cost_vnd / 1e9, y=more, name=name)]
    return Curve(
        title=words("site.curve"),
        x_title=words("site.curve_x"),
        y_title=words("site.curve_y"),
        points=points,
        beyond=beyond,
        level=_target(found),
    )


def _target(found: SitingFindings) -> CurvePoint | None:
    """Return how many people more the target of the province asks for, if it is the only one."""
    aim, *others = found.aims
    share = aim.target_share
    if others or share is None or aim.each_commune or aim.each_village or aim.each_centre:
        return None
    total = float(found.communes["population"].sum())
    served = float((found.communes["share_before"] * found.communes["population"]).sum())
    more = max(share * total - served, 0.0)
    return CurvePoint(x=0.0, y=more, name=words("site.curve_target", people=more))
