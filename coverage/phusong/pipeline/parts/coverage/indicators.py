"""The rows that coverage gives the indicator board: four shares of each service."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import pandas as pd

from ...._types import Language
from ....i18n import Bilingual, both
from ....study import Service, Study
from ..indicator import Figure, Indicator
from .count import Coverage
from .definition import define


@dataclass(frozen=True)
class Share:
    """A share that each service has: its name, its denominator, and its words."""

    name: str
    denominator: str
    title: Bilingual


SHARES = (
    Share(
        "covered_population_share",
        "population",
        Bilingual("Dân số được phủ sóng", "Residents covered"),
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


def indicators(study: Study) -> Iterator[Indicator[Coverage]]:
    """Return the shares of every service of a study."""
    for service in study.services:
        targets: dict[str, float] = {
            target.denominator: target.share
            for target in study.targets
            if target.service == service.id and target.scope in {"province", "commune_centre"}
        }
        for share in SHARES:
            yield Indicator(
                name=f"{share.name}_{service.id}",
                title=both(partial(_title, share, service)),
                unit="share",
                denominator=share.denominator,
                origin="computed",
                definition=partial(_definition, service, study),
                figure=partial(_figure, share.name, service.id),
                target=targets.get(share.denominator, float("nan")),
            )


def _title(share: Share, service: Service, lang: Language) -> str:
    return f"{share.title[lang]}: {service.title[lang]}"


def _definition(service: Service, study: Study, _: Figure, lang: Language) -> str:
    return define(service, study, lang)


def _figure(share: str, service: str, found: Coverage) -> Figure | None:
    province = found.province.iloc[0]
    if share == "covered_centres_share":
        value = province[f"covered_centres_{service}"] / province["communes"]
    else:
        value = province[f"{share}_{service}"]
    return None if pd.isna(value) else Figure(float(value))
