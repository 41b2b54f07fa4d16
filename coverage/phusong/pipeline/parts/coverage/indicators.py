"""The rows that coverage gives the indicator board: four shares of each service."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import pandas as pd

from ...._types import Language
from ....study import Service, Study
from ..indicator import Figure, Indicator
from .count import Coverage
from .definition import define


@dataclass(frozen=True)
class Share:
    """A share that each service has: its name, its denominator, and its words."""

    name: str
    denominator: str
    vi: str
    en: str


SHARES = (
    Share("covered_population_share", "population", "Dân số được phủ sóng", "Residents covered"),
    Share("covered_villages_share", "villages", "Thôn được phủ sóng", "Villages covered"),
    Share(
        "covered_centres_share",
        "commune_centres",
        "Trung tâm xã được phủ sóng",
        "Commune centres covered",
    ),
    Share("covered_area_share", "area", "Diện tích được phủ sóng", "Area covered"),
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
                vi=f"{share.vi}: {service.name}",
                en=f"{share.en}: {service.name_en}",
                unit="share",
                denominator=share.denominator,
                origin="computed",
                definition=partial(_definition, service, study),
                figure=partial(_figure, share.name, service.id),
                target=targets.get(share.denominator, float("nan")),
            )


def _definition(service: Service, study: Study, _: Figure, lang: Language) -> str:
    return define(service, study, lang)


def _figure(share: str, service: str, found: Coverage) -> Figure | None:
    province = found.province.iloc[0]
    if share == "covered_centres_share":
        value = province[f"covered_centres_{service}"] / province["communes"]
    else:
        value = province[f"{share}_{service}"]
    return None if pd.isna(value) else Figure(float(value))
