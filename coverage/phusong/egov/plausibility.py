"""Which figures of an office cannot well be true. Knows figures and limits, not files.

The rules are a table to edit; nothing is mended or left out for them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from ..errors import RolloutError
from ..i18n import Bilingual
from ..tables import OFFICES

_DERIVED = {"lan_age_years": "lan_year", "outside_commune_m": "commune_code"}
"""Figures worked out for each office, and the column that they tell of."""
PLAUSIBLE_FIGURES: tuple[str, ...] = (
    *(field.name for field in OFFICES.fields if field.kind in ("integer", "number")),
    *_DERIVED,
)
"""Figures that a rule may judge: numbers of the offices, the age of the LAN, and how far an
office lies outside its commune."""


@dataclass(frozen=True, kw_only=True)
class Plausibility:
    """The limits of one figure.

    Parameters
    ----------
    name : str
        Of the rule.
    figure : str
        One of `PLAUSIBLE_FIGURES`.
    per : str, optional
        Another of them, by which it is divided.
    least, most : float
        Limits, themselves plausible; infinite where there is none.
    reason : Bilingual
        Why a figure beyond them is doubted, as printed.
    """

    name: str
    figure: str
    per: str | None = None
    least: float = -np.inf
    most: float = np.inf
    reason: Bilingual


PLAUSIBILITY: tuple[Plausibility, ...] = (
    Plausibility(
        name="computers_per_official", figure="computers", per="officials", most=3,
        reason=Bilingual("ít nơi có quá ba máy tính cho một cán bộ; thường là gõ thừa chữ số",
                         "few places have over three an official; often a digit too many"),
    ),
    Plausibility(
        name="computers_in_all", figure="computers", most=2000,
        reason=Bilingual("một trụ sở không chứa nhiều máy tính đến thế; có thể là số của cả tỉnh",
                         "one seat holds no such number; it may be that of the province"),
    ),
    Plausibility(
        name="no_officials", figure="officials", least=1,
        reason=Bilingual("trụ sở nào cũng có người làm việc; chưa biết thì để trống",
                         "every seat has somebody at work; leave it empty if it is not known"),
    ),
    Plausibility(
        name="lan_in_the_future", figure="lan_age_years", least=0,
        reason=Bilingual("năm lắp LAN sau ngày của nghiên cứu",
                         "the LAN is of a year after the study's date"),
    ),
    Plausibility(
        name="certificates_per_official", figure="digital_certificates", per="officials", most=3,
        reason=Bilingual("chứng thư số cấp cho người và cơ quan; hơn hẳn số cán bộ thì khó đúng",
                         "certificates are for persons and the agency; far more than officials "
                         "can hardly be"),
    ),
    Plausibility(
        name="mailboxes_per_official", figure="mailboxes", per="officials", most=10,
        reason=Bilingual("hộp thư cấp cho người và bộ phận; quá mười cho một cán bộ thì khó đúng",
                         "mailboxes are for persons and posts; over ten an official can hardly be"),
    ),
    Plausibility(
        name="files_per_official", figure="files_per_year", per="officials", most=10_000,
        reason=Bilingual("quá 10.000 hồ sơ một năm cho một cán bộ là hơn 40 mỗi ngày làm việc",
                         "over 10,000 files a year an official are more than 40 a working day"),
    ),
    Plausibility(
        name="outside_its_commune", figure="outside_commune_m", most=500,
        reason=Bilingual("trụ sở nằm ngoài xã của mình trên 500 m; kiểm tra tọa độ, mã xã",
                         "the office lies over 500 m outside its commune; check place and code"),
    ),
)  # fmt: skip
"""The rules where a study brings none: common engineering choices, no regulation."""


def plausibility_frame() -> pd.DataFrame:
    """Return the rules of `PLAUSIBILITY` as a table to edit.

    Returns
    -------
    DataFrame
        Fields of `tables.PLAUSIBILITY_RULES`; limits that are not there are NaN.

    Examples
    --------
    >>> plausibility_frame()["rule"].to_list()[:2]
    ['computers_per_official', 'computers_in_all']
    """
    return pd.DataFrame(
        [
            {
                "rule": each.name,
                "figure": each.figure,
                "per": each.per,
                "minimum": each.least if np.isfinite(each.least) else np.nan,
                "maximum": each.most if np.isfinite(each.most) else np.nan,
                "vi": each.reason.vi,
                "en": each.reason.en,
            }
            for each in PLAUSIBILITY
        ]
    )


def plausibility_rules(table: pd.DataFrame) -> tuple[Plausibility, ...]:
    """Return the rules of a table.

    Parameters
    ----------
    table : DataFrame
        As `tables.PLAUSIBILITY_RULES`.

    Returns
    -------
    tuple of Plausibility

    Examples
    --------
    >>> plausibility_rules(plausibility_frame()) == PLAUSIBILITY
    True
    """
    return tuple(
        Plausibility(
            name=row["rule"],
            figure=row["figure"],
            per=None if pd.isna(row["per"]) else row["per"],
            least=-np.inf if pd.isna(row["minimum"]) else float(row["minimum"]),
            most=np.inf if pd.isna(row["maximum"]) else float(row["maximum"]),
            reason=Bilingual(row["vi"], row["en"]),
        )
        for row in table.to_dict("records")
    )


def plausibility_faults(rules: Sequence[Plausibility]) -> Iterator[RolloutError]:
    """Yield what keeps rules from being used: figures that do not exist, limits that are none.

    Parameters
    ----------
    rules : sequence of Plausibility

    Yields
    ------
    RolloutError
        Not raised, so that all faults can be listed at once.

    Examples
    --------
    >>> rule = Plausibility(name="a", figure="computers", reason=Bilingual("vì", "because"))
    >>> [fault.message for fault in plausibility_faults([rule])]
    ['egov.no_limits']
    """
    for rule in rules:
        for name in (rule.figure, rule.per):
            if name is not None and name not in PLAUSIBLE_FIGURES:
                known = ", ".join(PLAUSIBLE_FIGURES)
                yield RolloutError("egov.unknown_field", name=rule.name, field=name, known=known)
        if rule.least > rule.most or not (np.isfinite(rule.least) or np.isfinite(rule.most)):
            yield RolloutError("egov.no_limits", name=rule.name)


def implausible(
    offices: gpd.GeoDataFrame,
    rules: Sequence[Plausibility],
    *,
    year: int,
    communes: gpd.GeoDataFrame | None,
) -> pd.DataFrame:
    """Find figures beyond their limits; what was not reported is not judged.

    Parameters
    ----------
    offices : GeoDataFrame of points
        As `tables.OFFICES`.
    rules : sequence of Plausibility
    year : int
        Of the study's date, from which the age of a LAN counts.
    communes : GeoDataFrame, optional
        As `tables.COMMUNES`, in the same CRS; without it no place is judged.

    Returns
    -------
    DataFrame, one row a doubt, in the order of the offices
        ``position`` of the office, ``rule``, the ``column`` it tells of, the
        ``figure`` judged and the number ``per`` which it is, NaN without one.

    Examples
    --------
    9,000 computers for 3 officials.

    >>> offices = gpd.GeoDataFrame({"computers": [9000], "officials": [3]}, geometry=[None])
    >>> implausible(offices, PLAUSIBILITY, year=2017, communes=None)["rule"].to_list()
    ['computers_per_official', 'computers_in_all']
    """
    nothing = pd.Series(np.nan, offices.index)
    figures = {
        name: pd.to_numeric(offices[name]).astype("float64") if name in offices else nothing
        for name in PLAUSIBLE_FIGURES
        if name not in _DERIVED
    }
    figures["lan_age_years"] = year - figures["lan_year"]
    figures["outside_commune_m"] = nothing
    if communes is not None:
        shapes = communes.drop_duplicates("commune_code").set_index("commune_code").geometry
        own = gpd.GeoSeries(shapes.reindex(offices["commune_code"]).to_numpy(), offices.index)
        figures["outside_commune_m"] = offices.geometry.set_crs(None, allow_override=True).distance(
            own
        )
    found = []
    for rule in rules:
        figure = figures[rule.figure]
        per = nothing if rule.per is None else figures[rule.per]
        judged = figure if rule.per is None else figure / per
        at = np.flatnonzero((judged < rule.least) | (judged > rule.most))
        found.append(
            pd.DataFrame(
                {
                    "position": at,
                    "rule": rule.name,
                    "column": _DERIVED.get(rule.figure, rule.figure),
                    "figure": figure.to_numpy()[at],
                    "per": per.to_numpy()[at],
                }
            )
        )
    table = pd.concat(found, ignore_index=True)
    return table.sort_values("position", kind="stable", ignore_index=True)
