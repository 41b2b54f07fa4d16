"""The rows that coverage gives the indicator board: the shares of each service."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial

import pandas as pd

from ....i18n import Bilingual, Language, both, percent, text
from ....study import Service, Study
from ..indicator import Figure, Indicator
from .count import Coverage
from .definition import define

Meaning = Callable[[Language], str]
"""What all figures of a service mean, in a language."""


@dataclass(frozen=True)
class Share:
    """A share that each service has: its name, its denominator, and its words."""

    name: str
    denominator: str
    title: Bilingual
    reading: str = "pixels"


SHARES = (
    Share(
        "covered_population_share",
        "population",
        Bilingual("Dân số được phủ sóng trên bản đồ", "Residents covered on the map"),
    ),
    Share(
        "expected_covered_population_share",
        "population",
        Bilingual(
            "Dân số × xác suất có sóng, trên bản đồ",
            "Residents × probability of signal, on the map",
        ),
        reading="probability",
    ),
    Share(
        "covered_villages_share", "villages", Bilingual("Thôn được phủ sóng", "Villages covered")
    ),
    Share(
        "covered_centres_share",
        "commune_centres",
        Bilingual("Trung tâm xã được phủ sóng", "Commune centres covered"),
    ),
    Share("covered_area_share", "area", Bilingual("Diện tích được phủ sóng", "Area covered")),
)
ASSUMED_SHARE = Share(
    "assumed_population_share",
    "covered_population",
    Bilingual("Dân số được phủ nhờ cell có công suất hoặc độ cao giả định",
              "Residents covered by cells with an assumed power or height"),
)  # fmt: skip


def indicators(study: Study) -> Iterator[Indicator[Coverage]]:
    """Return the shares of every service of a study."""
    for service in study.services:
        targets: dict[tuple[str, str], float] = {
            (target.denominator, target.reading): target.share
            for target in study.targets
            if target.service == service.id and target.scope in {"province", "commune_centre"}
        }
        meaning = cache(partial(define, service, study))  # the same for every share
        for share in SHARES:
            yield Indicator(
                name=f"{share.name}_{service.id}",
                title=both(partial(_title, share, service)),
                unit="share",
                denominator=share.denominator,
                origin="computed",
                definition=partial(_definition, share, service, meaning),
                figure=partial(_figure, share.name, service.id),
                target=targets.get((share.denominator, share.reading), float("nan")),
                judged_by=f"share_median_{service.id}",
                # Without a figure of residents the row says so.
                shown_with="coverage" if share.denominator == "population" else "",
            )
        yield Indicator(
            name=f"assumed_population_share_{service.id}",
            title=both(partial(_title, ASSUMED_SHARE, service)),
            unit="share",
            denominator=ASSUMED_SHARE.denominator,
            origin="computed",
            definition=_assumed_definition,
            figure=partial(_assumed_figure, service.id),
        )


def _title(share: Share, service: Service, lang: Language) -> str:
    return f"{share.title[lang]}: {service.title[lang]}"


def _definition(
    share: Share, service: Service, meaning: Meaning, figure: Figure, lang: Language
) -> str:
    return f"{_meant(share, service, meaning, figure, lang)}{_assumed_words(figure, lang)}"


def _meant(share: Share, service: Service, meaning: Meaning, figure: Figure, lang: Language) -> str:
    if share.denominator != "population":
        return meaning(lang)
    read = text(
        f"board.reading_{share.reading}",
        lang,
        probability=percent(service.location_probability, lang, decimals=0),
    )
    for word in ("uncorrected", "uncalibrated"):
        if word in figure.values:
            return f"{read}; {meaning(lang)}; {text(f'board.{word}', lang, **figure.values)}"
    return f"{read}; {meaning(lang)}"


def _assumed_words(figure: Figure, lang: Language) -> str:
    """Say how many cells have an assumed power or height, where any have."""
    if "all" not in figure.values:
        return ""
    return f". {text('pipeline.cells_assumed', lang, **figure.values)}"


def _assumed_definition(figure: Figure, lang: Language) -> str:
    said = text("board.assumed_share", lang)
    return f"{said} {text('pipeline.cells_assumed', lang, **figure.values)}"


def _assumed_values(found: Coverage) -> dict[str, int]:
    """Return what the definitions say of assumed values; nothing where there are none."""
    assumed = found.assumed
    return {"count": assumed.cells, "all": assumed.of} if assumed.cells else {}


def _assumed_figure(service: str, found: Coverage) -> Figure | None:
    value = found.assumed.population_share.get(service, float("nan"))
    return None if pd.isna(value) else Figure(value, _assumed_values(found))


def _figure(share: str, service: str, found: Coverage) -> Figure | None:
    province = found.province.iloc[0]
    if share == "covered_centres_share":
        value = province[f"covered_centres_{service}"] / province["communes"]
    else:
        value = province[f"{share}_{service}"]
    if pd.isna(value):
        return None
    said: dict[str, object] = {**_assumed_values(found)}
    if share == "covered_population_share":
        word = "uncorrected" if found.uncalibrated is None else "uncalibrated"
        said[word] = 100 * float(province[f"uncorrected_{share}_{service}"])
    return Figure(float(value), said)
