"""The indicator board as rows to show, in a terminal or on a page.

Formats finished figures; computes none.
"""

from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from ..i18n import Language, number, percent, text

Status = Literal["met", "missed", "undecided", "no_target", "reported_only", "no_figure"]

JUDGED = ("met", "missed", "undecided")
"""Statuses that hold a figure against its target."""
_MOST_DECIMALS = 4


@dataclass(frozen=True, kw_only=True)
class BoardRow:
    """One indicator as shown; an absent figure is an en dash, an absent text is empty.

    Parameters
    ----------
    label : str
        Name of the indicator.
    denominator : str
        What the share is a share of.
    published, computed, target : str
        Figures with their unit; of a figure that not all reported, the least
        and the most that it can be; of an estimate, its band.
    estimate, band : str
        The computed figure without its band, and the band, if it has one; else empty.
    status : str
        The computed figure against the target, as `tables.INDICATORS`.
    verdict : str
        The status in words.
    origin : str
        How the computed figure came about.
    definition : str
        What is counted, and how.
    source : str
        Where the published figure stands.
    """

    label: str
    denominator: str
    published: str
    computed: str
    target: str
    estimate: str
    band: str
    status: Status
    verdict: str
    origin: str
    definition: str
    source: str


def board_rows(
    indicators: pd.DataFrame, lang: Language, *, sample: bool = False
) -> tuple[BoardRow, ...]:
    """Return the indicator board in one language, in its own order.

    Parameters
    ----------
    indicators : DataFrame
        Rows as `tables.INDICATORS`.
    lang : {"vi", "en"}
        Language of words and numbers.
    sample : bool
        Whether the data are invented: verdicts are then worded as examples.

    Returns
    -------
    tuple of BoardRow

    Examples
    --------
    >>> board = pd.DataFrame.from_records([{
    ...     "indicator": "covered_population_share_mobile", "vi": "Dân số được phủ sóng",
    ...     "en": "Residents covered", "unit": "share", "denominator": "population",
    ...     "published": 0.98, "computed": 0.9796, "target": 0.98, "origin": "computed",
    ...     "status": "missed", "definition_vi": "", "definition_en": "",
    ...     "source": "Báo Hà Giang"}])
    >>> row = board_rows(board, "vi")[0]
    >>> row.published, row.computed, row.target, row.verdict
    ('98,0 %', '97,96 %', '98,0 %', 'không đạt')
    """
    return tuple(_row(row, lang, sample) for row in indicators.to_dict("records"))


def share_text(share: float, target: float, lang: Language) -> str:
    """Write a share so that what misses its target never looks as if it met it.

    Examples
    --------
    >>> share_text(0.97996, 0.98, "en"), share_text(0.9, 0.98, "en")
    ('97.996 %', '90.0 %')
    """
    decimals = 1
    if share < target:
        while decimals < _MOST_DECIMALS and round(100 * share, decimals) >= 100 * target:
            decimals += 1
    return percent(share, lang, decimals=decimals)


def _row(row: dict[Any, Any], lang: Language, sample: bool) -> BoardRow:
    target, share = row["target"], row["unit"] == "share"
    status, estimated = row["status"], pd.notna(row.get("computed_low", float("nan")))
    verdict = "unreported" if status == "undecided" and not estimated else status
    judged = "example" if sample and verdict in JUDGED else "verdict"

    def shown(value: float) -> str:
        if pd.isna(value):
            return "–"
        if share:
            return share_text(value, target, lang)
        return number(value, lang, decimals=0 if value % 1 == 0 else 2)

    computed, most = shown(row["computed"]), row.get("computed_most", float("nan"))
    if most > row["computed"]:  # what was not reported lies in between
        computed = f"{computed} – {shown(most)}"
    estimate = computed if estimated else ""
    ends = [shown(row[f"computed_{end}"]) for end in ("low", "high")] if estimated else []
    band = " – ".join(ends)
    return BoardRow(
        label=row[lang],
        denominator=_denominator(row["denominator"], lang),
        published=shown(row["published"]),
        computed=f"{computed} ({band})" if band else computed,
        target=shown(target),
        estimate=estimate,
        band=band,
        status=status,
        verdict=text(f"report.{judged}_{verdict}", lang),
        origin=text(f"report.origin_{row['origin']}", lang),
        definition=_or_empty(row[f"definition_{lang}"]),
        source=_or_empty(row["source"]),
    )


def _denominator(name: object, lang: Language) -> str:
    return text(f"report.denominator_{name}", lang) if _or_empty(name) else ""


def _or_empty(value: Any) -> str:
    return "" if pd.isna(value) else str(value)
