"""What a service's level must exceed its threshold by, from the study's settings.

Knows environments and which loss belongs to each; the words that say it stand here too.
"""

from collections.abc import Callable
from functools import partial

from ...._types import Language
from ....i18n import number, text
from ....radio import allowance_db, indoor_allowance_db
from ....radio.p2109 import Building
from ....study import Radio, Service

BUILDINGS: dict[str, Building] = {
    "p2109_traditional": "traditional",
    "p2109_thermally_efficient": "thermally_efficient",
}
SHOWN_MHZ = (700.0, 2600.0)
"""Carriers at which an allowance that grows with frequency is shown."""


def allowance_of(service: Service, radio: Radio) -> float | Callable[[float], float]:
    """Return the allowance in dB, or how it follows from the carrier in MHz."""
    if service.environment == "indoor" and radio.building_entry is not None:
        return partial(
            indoor_allowance_db,
            location_probability=service.location_probability,
            location_sd_db=radio.location_sd_db,
            body_loss_db=radio.body_loss_db,
            building=BUILDINGS[radio.building_entry],
        )
    around = {"indoor": radio.building_loss_db, "vehicle": radio.vehicle_loss_db, "outdoor": 0.0}
    return allowance_db(
        location_probability=service.location_probability,
        location_sd_db=radio.location_sd_db,
        body_loss_db=radio.body_loss_db,
        enclosure_loss_db=around[service.environment] or 0.0,
    )


def allowance_words(service: Service, radio: Radio, lang: Language) -> str:
    """Return the allowance as the definition of a figure tells it."""
    allowance = allowance_of(service, radio)
    if not callable(allowance):
        return f"{number(allowance, lang, decimals=1)} dB"
    low, high = SHOWN_MHZ
    return text(
        "board.allowance_by_frequency",
        lang,
        low=number(allowance(low), lang, decimals=1),
        high=number(allowance(high), lang, decimals=1),
        low_mhz=low,
        high_mhz=high,
        building=text(f"board.{radio.building_entry}", lang),
    )
