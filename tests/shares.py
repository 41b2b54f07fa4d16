"""Shares as people read them: each that stands beside a band lies in it."""

import re

import pandas as pd

LEVELS = ("communes", "districts", "province")
ESTIMATES = ("share", "pixels_share", "probability_share")
_PERCENT = re.compile(r"(\d+(?:\.\d+)?) %")


def beside_their_bands(result):
    """Yield where each share with a band stands, and its low end, the share and the high end."""
    services = [one.id for one in result.study.services]
    for level in LEVELS:
        for service in services:
            for name in ESTIMATES:
                ends = [f"{name}_{end}_{service}" for end in ("low", "median", "high")]
                for at, row in enumerate(getattr(result, level)[ends].dropna().to_numpy()):
                    yield f"{level} {at} {name} {service}", *row
    for row in result.indicators.dropna(subset="computed_low").to_dict("records"):
        yield row["indicator"], row["computed_low"], row["computed"], row["computed_high"]


def explained_beside_their_bands(result):
    """Yield the same of the evidence of every commune, as printed."""
    for service in result.study.services:
        for code in result.communes["commune_code"]:
            for line in result.explain(code, service=service.id).page.headlines:
                if line.detail is not None and line.detail.en.startswith("90 % band"):
                    low, high = map(float, _PERCENT.findall(line.detail.en)[1:3])
                    yield f"{code} {line.label.en}", low, float(line.figure.en[:-2]), high


def readings_on_the_board(result, service):
    """Return the estimates of residents that the board tells of a service, by reading."""
    board = result.indicators.set_index("indicator")["computed"]
    names = {
        reading: [f"{reading}_share_median_{service}", f"share_median_{service}"]
        for reading in ("pixels", "probability")
    }
    return pd.Series({one: board.reindex(both).dropna().iloc[0] for one, both in names.items()})
