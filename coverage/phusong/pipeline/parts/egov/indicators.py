"""The rows that e-government gives the board: what a province reports of its systems.

Of the systems none is left out: what nobody reported has no figure.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import geopandas as gpd
import pandas as pd

from ....i18n import Bilingual, Language, words
from ....service import count_reported
from ....study import Study
from ..indicator import Figure, Indicator, defined
from .offices import EGovernment

_LEVELS = (
    ("province", "tỉnh", "province", "cơ quan cấp tỉnh", "provincial offices"),
    ("district", "huyện", "districts", "huyện", "districts"),
    ("commune", "xã", "communes", "xã", "communes"),
)
_UNITS = {level: Bilingual(vi, en) for level, _, _, vi, en in _LEVELS}
_AGENCIES = Bilingual("cơ quan", "agencies")
_ALL = Bilingual("tất cả {total:,} {what} có báo cáo", "all {total:,} {what} reported")
_RANGE = Bilingual(
    "{reported:,} trên {total:,} {what} có báo cáo; nơi chưa báo cáo có thể có hoặc không: "
    "từ {yes:,} đến {most:,}",
    "{reported:,} of {total:,} {what} reported; those that did not may hold it or not: "
    "from {yes:,} to {most:,}",
)
_FLOOR = Bilingual(
    "{reported:,} trên {total:,} {what} có báo cáo; phần chưa báo cáo chưa được tính",
    "{reported:,} of {total:,} {what} reported; what the others have is not in it",
)


def _defined(vi: str, en: str, ending: Bilingual) -> Callable[[Figure, Language], str]:
    """Return a definition that ends with who reported."""
    whole = defined(f"{vi}: {_ALL.vi}", f"{en}: {_ALL.en}")
    partly = defined(f"{vi}: {ending.vi}", f"{en}: {ending.en}")
    return lambda figure, lang: (whole if figure.reported == figure.total else partly)(figure, lang)


def _units(found: EGovernment, level: str) -> tuple[pd.Series, list[str] | None]:
    """Return what each row of the offices stands for at a level, and all that there are.

    Communes and districts are those of the communes table, each once whatever
    offices it has; provincial offices are counted one by one.
    """
    offices, units = found.offices, found.communes
    mine = offices["level"] == level
    if level == "province" or (units is None and level == "district"):
        return offices["office_id"].where(mine), None
    if units is None:
        return offices["commune_code"].where(mine), None
    column = f"{level}_code"
    of_commune = units.drop_duplicates("commune_code").set_index("commune_code", drop=False)
    unit = offices["commune_code"].map(of_commune[column]).where(mine)
    return unit, sorted(of_commune[column].dropna().unique())


def _agencies(found: EGovernment) -> int:
    """Count the offices listed, and the communes and districts that list none.

    A province that lists no district office has none: districts were abolished in 2025.
    """
    missing = 0
    for level in ("district", "commune"):
        unit, among = _units(found, level)
        if among is not None and (level == "commune" or unit.notna().any()):
            missing += len(set(among) - set(unit.dropna()))
    return len(found.offices) + missing


def _holders(
    holds: Callable[[gpd.GeoDataFrame], pd.Series],
    level: str,
    found: EGovernment,
    *,
    share: bool = False,
) -> Figure | None:
    """Count who surely holds something; None where nobody of the level reported it."""
    if level:
        unit, among = _units(found, level)
        told = count_reported(holds(found.offices), unit, among=among)
        yes, most, reported, total = told.yes, told.most, told.reported, told.total
    else:
        each = holds(found.offices).astype("boolean")
        yes, reported, total = int(each.sum()), int(each.notna().sum()), _agencies(found)
        most = yes + total - reported
    if not reported:
        return None
    return Figure(
        yes / total if share else float(yes),
        {"yes": yes, "most": most, "reported": reported, "total": total,
         "what": _UNITS.get(level, _AGENCIES)},
        most=most / total if share else float(most),
        reported=reported,
        total=total,
    )  # fmt: skip


def _flag(column: str, offices: gpd.GeoDataFrame) -> pd.Series:
    held: pd.Series = offices[column].astype("boolean")
    return held


def _one_stop(kind: str, offices: gpd.GeoDataFrame) -> pd.Series:
    told = offices["one_stop"]
    same: pd.Series = (told == kind).astype("boolean").where(told.notna())
    return same


def _sum(column: str, found: EGovernment) -> Figure | None:
    """Add up what the agencies have; nothing bounds what those without a report have."""
    each = found.offices[column].dropna()
    total = _agencies(found)
    if each.empty:
        return None
    values = {"reported": len(each), "total": total, "what": _AGENCIES}
    return Figure(float(each.sum()), values, reported=len(each), total=total)


def _computers(found: EGovernment) -> Figure | None:
    both = found.offices.dropna(subset=["computers", "officials"])
    officials, total = both["officials"].sum(), _agencies(found)
    if not officials > 0:
        return None
    values = {"reported": len(both), "total": total, "what": _AGENCIES}
    return Figure(
        float(both["computers"].sum() / officials), values, reported=len(both), total=total
    )


def _documents(name: str, vi: str, en: str) -> Indicator[EGovernment]:
    """Return a share of documents, which no input table tells."""
    return Indicator(name=name, title=Bilingual(vi, en), unit="share")


def _by_level(
    name: str, vi: str, en: str, column: str, defined_vi: str, defined_en: str
) -> Iterator[Indicator[EGovernment]]:
    """Yield the count of a flag at each level."""
    for level, level_vi, level_en, _, _ in _LEVELS:
        yield Indicator(
            name=f"{name}_{level}",
            title=Bilingual(f"{vi} {level_vi}", f"{en}, {level_en}"),
            unit="count",
            definition=_defined(defined_vi, defined_en, _RANGE),
            figure=partial(_holders, partial(_flag, column), level),
        )


def _one_stop_row(name: str, kind: str, level: str, title: Bilingual) -> Indicator[EGovernment]:
    return Indicator(
        name=name,
        title=title,
        unit="count",
        definition=_defined(
            "Theo bảng trụ sở, mỗi đơn vị tính một lần", "By the offices table, each once", _RANGE
        ),
        figure=partial(_holders, partial(_one_stop, kind), level),
    )


SYSTEMS: tuple[Indicator[EGovernment], ...] = (
    Indicator(
        name="lan_share",
        title=Bilingual("Xã có mạng LAN", "Communes with a LAN"),
        unit="share",
        denominator="communes",
        definition=_defined(
            "Xã mà trụ sở báo cáo có mạng LAN, trên tổng số xã",
            "Communes whose office reports a LAN, of all communes",
            _RANGE,
        ),
        figure=partial(_holders, partial(_flag, "has_lan"), "commune", share=True),
    ),
    Indicator(
        name="lan_offices",
        title=Bilingual("Số xã có mạng LAN", "Number of communes with a LAN"),
        unit="count",
        definition=_defined(
            "Xã mà trụ sở báo cáo có mạng LAN", "Communes whose office reports a LAN", _RANGE
        ),
        figure=partial(_holders, partial(_flag, "has_lan"), "commune"),
    ),
    Indicator(
        name="computers_per_official",
        title=Bilingual("Máy tính trên cán bộ, công chức", "Computers per official"),
        unit="ratio",
        denominator="officials",
        definition=_defined(
            "Tổng số máy tính chia cho tổng số cán bộ, ở các cơ quan có báo cáo cả hai",
            "All computers over all officials, at agencies that report both",
            _FLOOR,
        ),
        figure=_computers,
    ),
    *_by_level(
        "video_conference",
        "Điểm họp trực tuyến cấp",
        "Video-conference points",
        "video_conference",
        "Nơi báo cáo có họp trực tuyến",
        "Those that report video-conference",
    ),
    Indicator(
        name="document_system_share",
        title=Bilingual("Cơ quan dùng hệ thống quản lý văn bản", "Agencies on the document system"),
        unit="share",
        denominator="offices",
        definition=_defined(
            "Cơ quan báo cáo dùng hệ thống quản lý văn bản, trên tổng số cơ quan",
            "Agencies that report the document system, of all agencies",
            _RANGE,
        ),
        figure=partial(_holders, partial(_flag, "document_system"), "", share=True),
    ),
    _documents(
        "documents_to_province_share",
        "Văn bản điện tử gửi cấp tỉnh",
        "Electronic documents sent to the provincial committee",
    ),
    _documents(
        "documents_between_agencies_share",
        "Văn bản điện tử giữa các cơ quan",
        "Electronic documents between agencies",
    ),
    _documents(
        "documents_signed_share",
        "Văn bản hoàn toàn điện tử, có chữ ký số",
        "Documents fully electronic, digitally signed",
    ),
    Indicator(
        name="mailboxes",
        title=Bilingual("Hộp thư điện tử công vụ", "Official mailboxes"),
        unit="count",
        definition=_defined("Cộng theo bảng trụ sở", "Summed over the offices table", _FLOOR),
        figure=partial(_sum, "mailboxes"),
    ),
    Indicator(
        name="digital_certificates",
        title=Bilingual("Chứng thư số đã cấp", "Digital certificates issued"),
        unit="count",
        definition=_defined("Cộng theo bảng trụ sở", "Summed over the offices table", _FLOOR),
        figure=partial(_sum, "digital_certificates"),
    ),
    *_by_level(
        "service_portal",
        "Có dịch vụ trên cổng dịch vụ công, cấp",
        "Services on the public service portal",
        "service_portal",
        "Nơi báo cáo có dịch vụ trên cổng dịch vụ công của tỉnh",
        "Those that report services on the province's public service portal",
    ),
    *_by_level(
        "data_centre",
        "Hệ thống đặt tại trung tâm dữ liệu, cấp",
        "Systems in the data centre",
        "data_centre",
        "Nơi báo cáo đặt hệ thống tại trung tâm dữ liệu của tỉnh",
        "Those that report their systems in the province's data centre",
    ),
    _one_stop_row(
        "one_stop_local_district",
        "local",
        "district",
        Bilingual(
            "Huyện có một cửa điện tử tại chỗ (chưa liên thông)",
            "Districts with a local one-stop shop (not interlinked)",
        ),
    ),
    _one_stop_row(
        "one_stop_interlinked_district",
        "interlinked",
        "district",
        Bilingual(
            "Huyện có một cửa điện tử liên thông", "Districts with the interlinked one-stop shop"
        ),
    ),
    _one_stop_row(
        "one_stop_local",
        "local",
        "commune",
        Bilingual(
            "Xã có một cửa điện tử tại chỗ (chưa liên thông)",
            "Communes with a local one-stop shop (not interlinked)",
        ),
    ),
    _one_stop_row(
        "one_stop_interlinked",
        "interlinked",
        "commune",
        Bilingual(
            "Xã có một cửa điện tử liên thông", "Communes with the interlinked one-stop shop"
        ),
    ),
    Indicator(
        name="service_centre_links",
        title=Bilingual(
            "Xã đã nối với trung tâm phục vụ hành chính công",
            "Communes linked to the public service centre",
        ),
        unit="count",
        definition=_defined(
            "Xã mà trụ sở báo cáo đã nối", "Communes whose office reports the link", _RANGE
        ),
        figure=partial(_holders, partial(_flag, "service_centre_link"), "commune"),
    ),
)


def indicators(study: Study) -> Iterator[Indicator[EGovernment]]:
    """Return the systems and the end of the rollout, whose costs say where they come from."""
    for system in SYSTEMS:
        yield replace(system, shown_with="egov")
    yield Indicator(
        name="rollout_offices",
        title=Bilingual(
            "Trụ sở huyện, xã được lộ trình đưa vào phục vụ",
            "District and commune offices that the rollout brings into service",
        ),
        unit="count",
        origin="computed",
        definition=defined(
            "Trụ sở mà lộ trình tối ưu làm xong các việc, trên {seats:,}; không kể {idle:,} trụ sở "
            "không có việc nào, trong đó {whole:,} không thiếu điều kiện nào; còn lại ngoài lộ "
            "trình (số trụ sở): {rest}; {basis}",
            "Offices whose works the optimised rollout finishes, of {seats:,}; not among them are "
            "{idle:,} without works, of which {whole:,} {whole:lacks|lack} nothing; left open by "
            "the plan (number of offices): {rest}; {basis}",
        ),
        figure=partial(_in_service, study.egov.costs if study.egov else Bilingual("", "")),
    )


def _in_service(basis: Bilingual, found: EGovernment) -> Figure | None:
    plan: pd.DataFrame | None = found.rollout.plan
    if plan is None:
        return None
    whole = int((plan["reason"] == "lacks_nothing").sum())
    values = {
        "seats": len(plan),
        "idle": whole + int((plan["reason"] == "no_works").sum()),
        "whole": whole,
        "rest": found.rollout.without_work or words("pipeline.nothing"),
        "basis": basis,
    }
    return Figure(float(plan["service_year"].notna().sum()), values)
