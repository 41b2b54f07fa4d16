"""What a service's level must exceed its threshold by, from the study's settings.

Knows environments and which loss belongs to each; the words that say it stand here too.
"""

import math
from collections.abc import Callable

from ....i18n import Language, number, text
from ....radio import allowance_db, indoor_allowance_db
from ....radio.p1812 import location_sd_db
from ....radio.p2109 import Building
from ....study import Radio, Service

BUILDINGS: dict[str, Building] = {
    "p2109_traditional": "traditional",
    "p2109_thermally_efficient": "thermally_efficient",
}
SHOWN_MHZ = (700.0, 2600.0)
"""Carriers at which an allowance that grows with frequency is shown."""


def location_sd_of(
    service: Service, radio: Radio, *, resolution_m: float
) -> float | Callable[[float], float]:
    """Return the standard deviation over a pixel's locations in dB, or how it follows from MHz.

    That of ITU-R P.1812 is the one below the clutter, the largest it has.
    """
    if radio.location_sd_db is not None:
        return radio.location_sd_db[service.environment]
    return lambda frequency_mhz: location_sd_db(
        frequency_mhz=frequency_mhz,
        area_side_m=resolution_m,
        receiver_height_m=radio.receiver_height_m,
        receiver_clutter_m=radio.receiver_height_m,
    )


def allowance_of(
    service: Service,
    radio: Radio,
    *,
    resolution_m: float,
    location_probability: float | None = None,
) -> float | Callable[[float], float]:
    """Return the allowance in dB, or how it follows from the carrier in MHz.

    Another probability than the service's is told what it would need.
    """
    sd = location_sd_of(service, radio, resolution_m=resolution_m)
    probability = location_probability or service.location_probability
    around = {"indoor": radio.building_loss_db, "vehicle": radio.vehicle_loss_db, "outdoor": 0.0}
    by_building = service.environment == "indoor" and radio.building_entry is not None

    def allowance(frequency_mhz: float) -> float:
        sd_db = sd(frequency_mhz) if callable(sd) else sd
        if by_building and radio.building_entry is not None:
            return indoor_allowance_db(
                frequency_mhz,
                location_probability=probability,
                location_sd_db=sd_db,
                body_loss_db=radio.body_loss_db,
                building=BUILDINGS[radio.building_entry],
            )
        return allowance_db(
            location_probability=probability,
            location_sd_db=sd_db,
            body_loss_db=radio.body_loss_db,
            enclosure_loss_db=around[service.environment] or 0.0,
        )

    return allowance if by_building or callable(sd) else allowance(math.nan)


def allowance_words(service: Service, radio: Radio, lang: Language, *, resolution_m: float) -> str:
    """Return the allowance as the definition of a figure tells it, with what it is made of."""
    sd = location_sd_of(service, radio, resolution_m=resolution_m)
    allowance = allowance_of(service, radio, resolution_m=resolution_m)
    parts = [text("board.location_sd", lang, sd=_span(sd, lang))]
    if callable(sd):
        parts.append("ITU-R P.1812")
    if service.environment == "indoor" and radio.building_entry is not None:
        building = text(f"board.{radio.building_entry}", lang)
        parts.append(text("board.building_entry", lang, building=building))
    return f"{_span(allowance, lang)} ({', '.join(parts)})"


def _span(value: float | Callable[[float], float], lang: Language) -> str:
    """Write a number of decibels, or those at two carriers."""
    if not callable(value):
        return f"{number(value, lang, decimals=1)} dB"
    low, high = SHOWN_MHZ
    return text(
        "board.by_frequency",
        lang,
        low=number(value(low), lang, decimals=1),
        high=number(value(high), lang, decimals=1),
        low_mhz=low,
        high_mhz=high,
    )
