"""Readiness of the offices by the study's rules, and what comes of it: rollout, access."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
import xarray as xr

from ....egov import RuleTable, readiness, readiness_levels
from ....grid import grid_of
from ....i18n import Bilingual, Language, both, text
from ....radio import served
from ....service import commune_seats
from ....study import Egov, Study
from ...records import Note
from ..fibre import offices_connected
from ..territory import Territory
from .access import access
from .inputs import EgovInputs, rules_of
from .rollout import RolloutTables, roll_out

FALLBACK = "mobile_fallback"


@dataclass(frozen=True, kw_only=True)
class EGovernment:
    """What the e-government part of a run finds; tables in the study's CRS, absent where None.

    `communes` are all that there are, whether or not they list an office.
    """

    rules: RuleTable
    communes: gpd.GeoDataFrame | None
    offices: gpd.GeoDataFrame
    readiness: gpd.GeoDataFrame
    rollout: RolloutTables
    access: gpd.GeoDataFrame | None
    notes: tuple[Note, ...]


def parts_for_egov(study: Study) -> tuple[str, ...]:
    """Return the parts of a run that the study's e-government needs, coverage only if its rules do.

    Rules in a file are not read for this: they may ask for mobile fallback.

    Parameters
    ----------
    study : Study
        With e-government settings, or without.

    Returns
    -------
    tuple of str
        As `run` takes them.

    Raises
    ------
    RolloutError
        If the settings list a prerequisite that is not known, or whose minimum
        is missing.

    Examples
    --------
    >>> from phusong import open_study, sample_folder
    >>> parts_for_egov(open_study(sample_folder()))
    ('egov',)
    """
    egov = study.egov
    if egov is None or egov.mobile_fallback is None:
        return ("egov",)
    rules = rules_of(egov, None) if study.inputs.readiness_rules is None else None
    if rules is not None and all(each.field != FALLBACK for each in rules.prerequisites):
        return ("egov",)
    return ("coverage", "egov")


def judge_offices(
    inputs: EgovInputs, territory: Territory, margins: Mapping[str, xr.DataArray]
) -> EGovernment:
    """Judge the offices and plan their rollout.

    Parameters
    ----------
    inputs : EgovInputs
    territory : Territory
        Communes and villages, for what an office is worth.
    margins : mapping of str to DataArray
        Service → ``margin_db`` of the coverage result; empty without one.
    """
    egov, rules, works = inputs.settings, inputs.rules, inputs.works
    offices = _with_fibre_origin(inputs)
    if egov.mobile_fallback is not None and egov.mobile_fallback in margins:
        margin = margins[egov.mobile_fallback]
        offices = offices.assign(mobile_fallback=_served(margin, offices.geometry))
    judged = readiness(offices, rules.prerequisites)
    levels = judged.join(readiness_levels(judged, rules, works))
    notes = [
        *_rule_notes(egov, rules, levels),
        *_report_notes(
            rules, judged, None if territory.units is None else territory.units.communes
        ),
    ]
    rollout = RolloutTables()
    if egov.rollout is not None:
        rollout = roll_out(judged, rules, works, egov.rollout, inputs, territory)
        notes += rollout.notes
    ways = None
    if inputs.centres_after is not None:
        ways, of_access = access(inputs, territory.villages, inputs.centres_after)
        notes += of_access
    return EGovernment(
        rules=rules,
        communes=None if territory.units is None else territory.units.communes,
        offices=judged,
        readiness=levels.assign(cost_basis=egov.costs.vi, cost_basis_en=egov.costs.en)
        if works
        else levels,
        rollout=rollout,
        access=ways,
        notes=tuple(notes),
    )


def _with_fibre_origin(inputs: EgovInputs) -> gpd.GeoDataFrame:
    """Find out from the network what offices do not say of their fibre, and tell which is which."""
    offices = inputs.offices
    unsaid = offices["has_fibre"].isna()
    origin = pd.Series("given", index=offices.index, dtype="str").mask(unsaid)
    has_fibre = offices["has_fibre"].astype("boolean")
    if unsaid.any() and inputs.fibre is not None:
        joined = offices_connected(inputs.fibre, offices, unsaid)
        has_fibre[unsaid] = joined.astype("boolean").to_numpy()
        origin[unsaid & has_fibre.notna()] = "computed"
    return offices.assign(has_fibre=has_fibre, fibre_origin=origin)


def _served(margin_db: xr.DataArray, points: gpd.GeoSeries) -> pd.Series:
    """Tell of each point whether its pixel is served; NA outside the grid."""
    row, column, inside = grid_of(margin_db).index(points.x, points.y)
    here = served(margin_db.to_numpy()[row, column])
    return pd.Series(here, index=points.index, dtype="boolean").where(inside)


def levels_meaning(rules: RuleTable) -> Bilingual:
    """Return what each level asks for beside the one below, level 0 included."""

    def told(lang: Language) -> str:
        asked = [
            (level, [one.prerequisite.title[lang] for one in rules.rules if one.level == level])
            for level in range(1, rules.levels + 1)
        ]
        return "; ".join(
            [
                text("egov.level_none", lang),
                *(
                    text("egov.level_asks", lang, level=level, titles=", ".join(titles))
                    for level, titles in asked
                ),
            ]
        )

    return both(told)


def _most_missed(offices: pd.DataFrame, rules: RuleTable) -> Bilingual:
    """Return what of level 1 the offices lack or did not report, the most frequent first."""
    first = {one.prerequisite.name: one.prerequisite for one in rules.rules if one.level == 1}
    columns = ["missing_prerequisites", "unknown_prerequisites"]
    named = pd.concat([offices[column].str.split(", ").explode() for column in columns])
    counted = [(name, n) for name, n in named.value_counts().items() if name in first]
    return both(
        lambda lang: ", ".join(f"{first[str(name)].title[lang]} ({n})" for name, n in counted)
    )


def _rule_notes(egov: Egov, rules: RuleTable, judged: pd.DataFrame) -> Iterator[Note]:
    """Tell which rules hold, what they rest on, and what they ask that nobody reported."""
    yield Note("pipeline.rules", {"legal_basis": rules.legal_basis, "levels": rules.levels})
    yield Note("pipeline.levels_meaning", {"levels": levels_meaning(rules)})
    seats = commune_seats(judged)
    linked = seats[seats["one_stop"] == "interlinked"]
    below = linked[linked["readiness_level"] == 0]
    if len(below):
        counts = {"count": len(below), "all": len(linked)}
        yield Note("pipeline.interlinked_below", {**counts, "lacking": _most_missed(below, rules)})
    if egov.rules is not None:
        yield Note(f"egov.law_{egov.rules}", {})
    if "fibre_origin" in judged and (computed := (judged["fibre_origin"] == "computed").sum()):
        yield Note("pipeline.fibre_computed", {"count": int(computed)})
    if unknown := int(judged["has_fibre"].isna().sum()):
        yield Note("pipeline.fibre_unknown", {"count": unknown})
    wanted = {each.field for each in rules.prerequisites}
    if FALLBACK in wanted and FALLBACK not in judged:
        yield Note("pipeline.no_fallback", {})
    if contradictory := int((judged["contradictions"] != "").sum()):
        yield Note("pipeline.contradictions", {"count": contradictory})


def _report_notes(
    rules: RuleTable, judged: gpd.GeoDataFrame, communes: gpd.GeoDataFrame | None
) -> Iterator[Note]:
    """Tell who did not report: communes without an office, offices without a figure."""
    seats = commune_seats(judged)
    if communes is not None and (
        silent := sorted(set(communes["commune_code"]) - set(seats["commune_code"]))
    ):
        values = {"count": len(silent), "all": communes["commune_code"].nunique()}
        yield Note("pipeline.communes_without_office", {**values, "codes": ", ".join(silent)})
    if more := int((judged["level"] == "commune").sum()) - len(seats):
        yield Note("pipeline.second_offices", {"count": more})
    unknown = seats["unknown_prerequisites"].str.split(", ").explode().value_counts()
    named = [
        (each.title, int(unknown[each.name]))
        for each in rules.prerequisites
        if each.name in unknown and each.field != FALLBACK
    ]
    if named:
        titles = both(lambda lang: ", ".join(f"{title[lang]} ({count})" for title, count in named))
        yield Note("pipeline.not_reported", {"all": len(seats), "names": titles})
