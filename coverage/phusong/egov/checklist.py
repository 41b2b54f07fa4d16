"""What an office may need before the interlinked one-stop shop, one condition at a time.

Knows conditions, their words and how each is judged. Which of them count, and
at which level, is said by a rule table (`levels`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from ..errors import RolloutError
from ..i18n import Bilingual
from ..tables import READINESS

Judgement = Literal["true", "at_least"]
_CHOICE = "one_stop"
_DERIVED = frozenset({"lacks_lan", "ready"})
JUDGED_BY: Mapping[str, Judgement] = {
    field.name: "true" if field.kind == "boolean" or field.name == _CHOICE else "at_least"
    for field in READINESS.fields
    if (field.kind != "text" or field.name == _CHOICE) and field.name not in _DERIVED
}
"""Columns of the offices that a condition may be judged by, and how each is."""


@dataclass(frozen=True, kw_only=True)
class Prerequisite:
    """One condition that an office meets, lacks, or has not reported.

    Parameters
    ----------
    name : str
        Suffix of the result columns, such as ``offices_missing_has_lan``.
    field : str
        A column of `JUDGED_BY`.
    rule : {"true", "at_least"}
        A flag that must hold (``one_stop``: anything but "none"), or a count
        or ratio that must reach `minimum`.
    minimum : float, optional
        Least value, itself included; only for ``"at_least"``.
    title : Bilingual
        As printed.
    """

    name: str
    field: str
    rule: Judgement
    minimum: float | None = None
    title: Bilingual

    def __post_init__(self) -> None:
        if self.rule == "true" and self.minimum is not None:
            raise RolloutError("egov.minimum_of_flag", name=self.name)

    @property
    def least(self) -> float:
        """The `minimum` that a count or ratio must reach; refused while it waits for one."""
        if self.minimum is None:
            raise RolloutError("egov.no_minimum", name=self.name)
        return self.minimum


_KNOWN: tuple[tuple[str, str, str], ...] = (
    ("has_fibre", "cáp quang đến trụ sở", "fibre to the office"),
    (
        "data_network_port",
        "cổng mạng truyền số liệu chuyên dùng",
        "port of the government data network",
    ),
    ("has_lan", "mạng LAN", "LAN"),
    ("computers_per_official", "máy tính cho cán bộ, công chức", "computers for the officials"),
    ("one_stop_software", "phần mềm một cửa điện tử", "one-stop software"),
    ("document_system", "hệ thống quản lý văn bản và điều hành", "document system"),
    ("digital_certificates", "chứng thư số", "digital certificates"),
    ("video_conference", "phòng họp trực tuyến", "video-conference room"),
    ("backup_power", "nguồn điện dự phòng", "backup power"),
    ("mobile_fallback", "sóng di động dự phòng tại trụ sở", "mobile fallback at the office"),
)
_FIELD_OF = {"one_stop_software": _CHOICE}
PREREQUISITES: Mapping[str, Prerequisite] = {
    name: Prerequisite(
        name=name,
        field=(field := _FIELD_OF.get(name, name)),
        rule=JUDGED_BY[field],
        title=Bilingual(vi, en),
    )
    for name, vi, en in _KNOWN
}
"""Known prerequisites by name; those of rule ``at_least`` wait for a minimum."""


def prerequisites(minimum: Mapping[str, float | None]) -> tuple[Prerequisite, ...]:
    """Return known prerequisites in the order asked for.

    Parameters
    ----------
    minimum : mapping
        Name of the prerequisite → least value; None for a flag.

    Returns
    -------
    tuple of Prerequisite

    Raises
    ------
    RolloutError
        If a name is unknown, a count or ratio has no minimum, or a flag has one.

    Examples
    --------
    >>> [p.title.vi for p in prerequisites({"has_lan": None, "digital_certificates": 1})]
    ['mạng LAN', 'chứng thư số']
    """
    chosen = []
    for name, least in minimum.items():
        known = PREREQUISITES.get(name)
        if known is None:
            raise RolloutError(
                "egov.unknown_prerequisite", name=name, known=", ".join(PREREQUISITES)
            )
        if known.rule == "at_least" and least is None:
            raise RolloutError("egov.no_minimum", name=name)
        chosen.append(replace(known, minimum=least))
    return tuple(chosen)
