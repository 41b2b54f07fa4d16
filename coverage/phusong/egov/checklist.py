"""What an office needs before the interlinked one-stop shop, as data.

Knows prerequisites, their words and the legal basis of the known checklists.
An engine takes none of them by itself: the caller names what counts.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from .._types import Language
from ..errors import RolloutError

Rule = Literal["true", "at_least"]


@dataclass(frozen=True, kw_only=True)
class Prerequisite:
    """One condition that an office meets, lacks, or has not reported.

    Parameters
    ----------
    name : str
        Suffix of the result columns, such as ``offices_missing_has_lan``.
    field : str
        Column of `tables.OFFICES`, or ``computers_per_official``.
    rule : {"true", "at_least"}
        A flag that must hold, or a count or ratio that must reach `minimum`.
    minimum : float, optional
        Least value, itself included; only for ``"at_least"``.
    vi, en : str
        As printed.
    """

    name: str
    field: str
    rule: Rule
    minimum: float | None = None
    vi: str
    en: str

    def __post_init__(self) -> None:
        if self.rule == "true" and self.minimum is not None:
            raise RolloutError("egov.minimum_of_flag", name=self.name)

    def title(self, lang: Language) -> str:
        """Return the condition in one language."""
        return self.vi if lang == "vi" else self.en


_KNOWN: tuple[tuple[str, Rule, str, str], ...] = (
    ("has_fibre", "true", "cáp quang đến trụ sở", "fibre to the office"),
    ("data_network_port", "true", "cổng mạng truyền số liệu chuyên dùng",
     "port of the government data network"),
    ("has_lan", "true", "mạng LAN", "LAN"),
    ("computers_per_official", "at_least", "máy tính cho cán bộ, công chức",
     "computers for the officials"),
    ("document_system", "true", "hệ thống quản lý văn bản và điều hành", "document system"),
    ("digital_certificates", "at_least", "chứng thư số", "digital certificates"),
    ("video_conference", "true", "phòng họp trực tuyến", "video-conference room"),
    ("backup_power", "true", "nguồn điện dự phòng", "backup power"),
)  # fmt: skip
PREREQUISITES: Mapping[str, Prerequisite] = {
    name: Prerequisite(name=name, field=name, rule=rule, vi=vi, en=en)
    for name, rule, vi, en in _KNOWN
}
"""Known prerequisites by name; those of rule ``at_least`` wait for a minimum."""


def prerequisites(minimum: Mapping[str, float | None]) -> tuple[Prerequisite, ...]:
    """Return known prerequisites in the order asked for.

    Parameters
    ----------
    minimum : mapping
        Name of the prerequisite → least value; None for a flag.

    Raises
    ------
    RolloutError
        If a name is unknown, a count or ratio has no minimum, or a flag has one.

    Examples
    --------
    >>> [p.title("vi") for p in prerequisites({"has_lan": None, "digital_certificates": 1})]
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


@dataclass(frozen=True, kw_only=True)
class Checklist:
    """A named set of prerequisites with the law it was made for.

    Parameters
    ----------
    legal_basis : str
        Decision or decree, as printed.
    valid_from : date, optional
        First day in force; None where we have not read it.
    source_vi, source_en : str
        What the legal text says itself, and what is ours.
    prerequisites : tuple of Prerequisite
    """

    legal_basis: str
    valid_from: datetime.date | None
    source_vi: str
    source_en: str
    prerequisites: tuple[Prerequisite, ...]


_COMMON = prerequisites(
    {
        "has_fibre": None,
        "data_network_port": None,
        "has_lan": None,
        "computers_per_official": 0.9,
        "document_system": None,
        "digital_certificates": 1,
        "video_conference": None,
        "backup_power": None,
    }
)
CHECKLISTS: Mapping[str, Checklist] = {
    "qd_09_2015": Checklist(
        legal_basis="Quyết định 09/2015/QĐ-TTg",
        valid_from=None,
        source_vi="Điều 9 quy định diện tích và trang thiết bị tối thiểu của bộ phận tiếp nhận và "
        "trả kết quả hiện đại; danh mục điều kiện kỹ thuật này là giá trị thường dùng của phusong, "
        "không phải quy định.",
        source_en="Article 9 sets the least area and equipment of a modern reception unit; this "
        "list of technical conditions is a common engineering choice of phusong, no regulation.",
        prerequisites=_COMMON,
    ),
    "nd_118_2025": Checklist(
        legal_basis="Nghị định 118/2025/NĐ-CP",
        valid_from=datetime.date(2025, 7, 1),
        source_vi="Nghị định lập Trung tâm Phục vụ hành chính công cấp xã, tiếp nhận hồ sơ không "
        "phụ thuộc địa giới trong tỉnh; danh mục điều kiện kỹ thuật này là giá trị thường dùng của "
        "phusong, không phải quy định.",
        source_en="The decree sets up the commune public service centre, which takes files "
        "regardless of boundaries within the province; this list of technical conditions is a "
        "common engineering choice of phusong, no regulation.",
        prerequisites=_COMMON,
    ),
}
"""Checklists by name. Between the two, NĐ 61/2018 and NĐ 107/2021 held; their text was not read."""
