"""The answer to a petition: what is known of a commune or village, and what is left to write."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ...errors import ExportError
from ...i18n import catalogue, fold, text
from ...report.official import BLANK, DOTS, Block, Heading, item, paragraph
from ...study import Service, target_of
from .explain import find_commune
from .official_text import (
    NO_FIGURE,
    Told,
    chance,
    commune_name,
    denominator,
    goal,
    has,
    other_readings,
    sample_notice,
    say,
    share,
    source_of,
    table_in_words,
    verdicts,
)

_ALIKE = 5


@dataclass(frozen=True, kw_only=True)
class Place:
    """The commune of a petition, and the village if it is about one."""

    commune: Mapping[Any, Any]
    village: Mapping[Any, Any] | None

    @property
    def name(self) -> str:
        """What it is called, from the smallest unit to the largest."""
        parts = [commune_name(self.commune)]
        if self.village is not None:
            parts.insert(0, f"thôn {self.village['name']}")
        district = self.commune.get("district")
        if district is not None and not pd.isna(district):
            parts.append(str(district))
        return ", ".join(parts)


def find_place(told: Told, commune: str | None, village: str | None) -> Place:
    """Return the place that codes or names mean.

    Raises
    ------
    ExportError
        If neither is named, or there is no such village, or several.
    ExplainError
        If there is no such commune, or several.
    """
    communes = told.frames["communes"]
    if commune is None and village is None:
        raise ExportError("official.petition_needs")
    unit = None if commune is None else communes.loc[find_commune(communes, commune)].to_dict()
    if village is None:
        assert unit is not None
        return Place(commune=unit, village=None)
    found = _village(told, village, None if unit is None else str(unit["commune_code"]))
    if unit is None:
        unit = communes.loc[find_commune(communes, str(found["commune_code"]))].to_dict()
    return Place(commune=unit, village=found)


def _village(told: Told, given: str, commune: str | None) -> Mapping[Any, Any]:
    villages = told.frames.get("villages", pd.DataFrame(columns=["village_id", "name"]))
    if commune is not None and "commune_code" in villages:
        villages = villages[villages["commune_code"] == commune]
    names = villages["name"].map(lambda name: fold(str(name)))
    ids = villages["village_id"]
    own = villages[(ids == given) | (names == fold(given))]
    if len(own) == 1:
        found: Mapping[Any, Any] = own.iloc[0].to_dict()
        return found
    shown = villages["name"].astype(str) + " (" + ids + ")"
    if len(own):
        codes = ", ".join(shown[own.index].head(_ALIKE))
        raise ExportError("official.ambiguous_place", name=given, codes=codes)
    near = difflib.get_close_matches(fold(given), [*names, *ids], n=_ALIKE, cutoff=0)
    alike = shown[names.isin(near) | ids.isin(near)].head(_ALIKE)
    raise ExportError("official.unknown_place", name=given, near=", ".join(alike) or NO_FIGURE)


def petition_body(told: Told, place: Place) -> Iterator[Block]:
    """Yield the text of an answer; what was asked and what will be done is left to be written."""
    issuer = told.letter.issuer or DOTS
    study = told.study
    yield paragraph(say("petition", issuer=issuer, place=place.name, blank=BLANK))
    yield paragraph(
        say(
            "petition_source", study=study.name, edition=study.edition, as_of=study.as_of,
            program=told.program, issuer=issuer,
        )
    )  # fmt: skip
    yield from sample_notice(told)
    parts = (
        (say("petition_coverage", place=place.name), tuple(_coverage(told, place))),
        (say("petition_villages"), tuple(_villages(told, place))),
        (say("petition_offices"), tuple(_offices(told, place))),
        (say("petition_works"), tuple(_works(told, place))),
    )
    for at, (title, blocks) in enumerate((part for part in parts if part[1]), start=1):
        yield Heading(text=f"{at}. {title}", level=2)
        yield from blocks
    yield paragraph(say("end_petition", issuer=issuer, place=place.name))


def _coverage(told: Told, place: Place) -> Iterator[Block]:
    known = [
        service
        for service in told.services()
        if pd.notna(place.commune.get(f"covered_population_share_{service.id}"))
    ]
    for service in known:
        yield paragraph(" ".join(_of_service(told, place.commune, service)))
    if known:
        yield paragraph(say("petition_doubt"))
    else:
        yield paragraph(say("petition_no_coverage", blank=BLANK))


def _of_service(told: Told, unit: Mapping[Any, Any], service: Service) -> Iterator[str]:
    target = target_of(told.study.targets, service.id, "commune")
    expected = unit.get(f"expected_covered_population_share_{service.id}")
    both_known = expected is not None and not pd.isna(expected)
    yield say(
        "petition_service" if both_known else "petition_service_one",
        service=service.title.vi,
        population=unit["population"],
        source=source_of(unit),
        share=share(unit[f"covered_population_share_{service.id}"], target),
        **({"expected_share": share(expected, target)} if both_known else {}),
    )
    median = unit.get(f"share_median_{service.id}")
    doubted = median is not None and not pd.isna(median)
    if doubted:
        low, high = (unit.get(f"share_{end}_{service.id}") for end in ("low", "high"))
        yield say(
            "petition_estimate", denominator=denominator(target), median=share(median, target),
            low=share(low, target), high=share(high, target), errors=told.errors,
        )  # fmt: skip
    if target is not None:
        verdict, _ = verdicts(pd.DataFrame([unit]), service)
        probability = chance(unit.get(f"target_probability_{service.id}"))
        yield say(
            "petition_chance" if doubted else "petition_map",
            target=goal(target),
            verdict=told.verdict(verdict.iloc[0]),
            **({"chance": probability} if doubted else {}),
        )
    yield from other_readings(told, unit, service, target)
    meant = told.meanings.get(f"covered_population_share_{service.id}")
    if meant is not None:
        yield say("petition_definition", definition=meant)


def _villages(told: Told, place: Place) -> Iterator[Block]:
    if "villages" not in told.frames:
        return
    villages = told.frames["villages"]
    own = villages[villages["commune_code"] == place.commune["commune_code"]]
    if not len(own):
        return
    state = own.get("signal_state")
    defined = told.board.get("white_villages")
    if state is not None and defined is not None:
        yield paragraph(
            say(
                "petition_counts", count=len(own), white=int((state == "white").sum()),
                patchy=int((state == "patchy").sum()), definition=defined.definition,
            )
        )  # fmt: skip
    else:
        for service in told.services():
            covered = own.get(f"covered_{service.id}")
            if covered is not None:
                yield paragraph(
                    say("petition_counts_plain", count=len(own), service=service.title.vi,
                        covered=int(covered.fillna(False).astype(bool).sum()))
                )  # fmt: skip
    listed = told.frames.get("village_list")
    mine = (
        None if listed is None else listed[listed["commune_code"] == place.commune["commune_code"]]
    )
    if place.village is not None:
        yield from _one_village(told, place.village, mine)
    if mine is not None and len(mine):
        columns = ("name", "signal_state", "unserved_population", "reason")
        yield table_in_words(
            told, "village_list", columns, (18, 14, 12, 52), say("petition_table"), mine
        )


def _one_village(
    told: Told, village: Mapping[Any, Any], listed: pd.DataFrame | None
) -> Iterator[Block]:
    state = village.get("signal_state", NO_FIGURE)
    covered = "".join(
        f"; {service.title.vi}: {_yes(village[f'covered_{service.id}'])}"
        for service in told.services()
        if f"covered_{service.id}" in village and not pd.isna(village[f"covered_{service.id}"])
    )
    yield paragraph(
        say("petition_village", village=village["name"], covered=covered,
            state=NO_FIGURE if pd.isna(state) else _value("text", state)),
        bold=True,
    )  # fmt: skip
    mine = None if listed is None else listed[listed["village_id"] == village["village_id"]]
    if mine is not None and len(mine) and not pd.isna(mine.iloc[0].get("reason")):
        yield paragraph(say("petition_reason", reason=str(mine.iloc[0]["reason"])))


def _yes(value: Any) -> str:
    return text("common.yes" if value else "common.no", "vi")


_OFFICE = ("fibre_connected", "fibre_reported", "has_lan", "one_stop", "readiness_level")


def _offices(told: Told, place: Place) -> Iterator[Block]:
    fields = {field.name: field for field in told.definitions["communes"].fields}
    for name in _OFFICE:
        value = place.commune.get(name)
        if name in fields and value is not None and not pd.isna(value):
            yield item(
                say(
                    "petition_office",
                    label=fields[name].title.vi,
                    value=_value(fields[name].kind, value),
                )
            )


def _value(kind: str, value: Any) -> str:
    if kind == "boolean":
        return _yes(value)
    key = f"maps.value_{value}"
    return text(key, "vi") if key in catalogue() else str(value)


def _works(told: Told, place: Place) -> Iterator[Block]:
    year = place.commune.get("service_year")
    if year is not None and not pd.isna(year):
        yield paragraph(say("petition_year", year=int(year)))
    elif has(told.frames["communes"], "service_year"):
        yield paragraph(say("petition_no_year", blank=BLANK))
    elif "offices" in told.study.inputs.tables:  # there may be one that is not for the readers
        yield paragraph(say("petition_unknown_year", blank=BLANK))
    yield paragraph(say("petition_solution", blank=BLANK))
