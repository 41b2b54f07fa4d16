"""The rows that e-government gives the board: what a province reports of its systems.

Of the systems none is left out: what nobody reported has no figure.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import geopandas as gpd
import pandas as pd

from ....i18n import Bilingual
from ....study import Study
from ..indicator import Figure, Indicator, defined
from .offices import EGovernment

_OFFICES = defined("Đếm từ bảng offices", "Counted from the offices table")
_SEATS = defined(
    "Đếm từ bảng offices, trên {seats:,} trụ sở của cấp đó",
    "Counted from the offices table, of {seats:,} {seats:seat|seats} of that level",
)


def _reported(offices: gpd.GeoDataFrame, *columns: str) -> bool:
    """Tell whether anybody reported these columns; one that nobody reported gives no figure."""
    return all(column in offices and offices[column].notna().any() for column in columns)


def _seats(offices: gpd.GeoDataFrame, level: str) -> gpd.GeoDataFrame:
    return offices[offices["level"] == level]


def _share(column: str, offices: gpd.GeoDataFrame) -> Figure | None:
    if not _reported(offices, column):
        return None
    return Figure(float(offices[column].fillna(False).mean()))


def _sum(column: str, offices: gpd.GeoDataFrame) -> Figure | None:
    if not _reported(offices, column):
        return None
    return Figure(float(offices[column].sum()), {"seats": len(offices)})


def _one_stop(kind: str, offices: gpd.GeoDataFrame) -> Figure | None:
    if not _reported(offices, "one_stop"):
        return None
    return Figure(float((offices["one_stop"] == kind).sum()), {"seats": len(offices)})


def _computers(offices: gpd.GeoDataFrame) -> Figure | None:
    if not _reported(offices, "computers", "officials"):
        return None
    both = offices[offices["computers"].notna() & offices["officials"].notna()]
    officials = both["officials"].sum()
    return Figure(float(both["computers"].sum() / officials)) if officials > 0 else None


def _of(
    figure: Callable[[gpd.GeoDataFrame], Figure | None], level: str = ""
) -> Callable[[EGovernment], Figure | None]:
    """Return a figure of the offices of a level, of all without one."""
    return lambda found: figure(_seats(found.offices, level) if level else found.offices)


def _documents(name: str, vi: str, en: str) -> Indicator[EGovernment]:
    """Return a share of documents, which no input table tells."""
    return Indicator(name=name, title=Bilingual(vi, en), unit="share")


SYSTEMS: tuple[Indicator[EGovernment], ...] = (
    Indicator(
        name="lan_share",
        title=Bilingual("Xã có mạng LAN", "Communes with a LAN"),
        unit="share",
        denominator="commune_offices",
        definition=defined(
            "Trụ sở cấp xã báo cáo có mạng LAN trên tổng số trụ sở cấp xã",
            "Commune offices that report a LAN, of all commune offices",
        ),
        figure=_of(partial(_share, "has_lan"), "commune"),
    ),
    Indicator(
        name="lan_offices",
        title=Bilingual("Số xã có mạng LAN", "Number of communes with a LAN"),
        unit="count",
        definition=_SEATS,
        figure=_of(partial(_sum, "has_lan"), "commune"),
    ),
    Indicator(
        name="computers_per_official",
        title=Bilingual("Máy tính trên cán bộ, công chức", "Computers per official"),
        unit="ratio",
        denominator="officials",
        definition=defined(
            "Tổng số máy tính chia cho tổng số cán bộ, ở các trụ sở có báo cáo cả hai",
            "All computers over all officials, at offices that report both",
        ),
        figure=_of(_computers),
    ),
    *(
        Indicator(
            name=f"video_conference_{level}",
            title=Bilingual(
                f"Điểm họp trực tuyến cấp {level_vi}", f"Video-conference points, {level_en}"
            ),
            unit="count",
            definition=_SEATS,
            figure=_of(partial(_sum, "video_conference"), level),
        )
        for level, level_vi, level_en in (
            ("province", "tỉnh", "province"),
            ("district", "huyện", "districts"),
            ("commune", "xã", "communes"),
        )
    ),
    Indicator(
        name="document_system_share",
        title=Bilingual("Cơ quan dùng hệ thống quản lý văn bản", "Agencies on the document system"),
        unit="share",
        denominator="offices",
        definition=_OFFICES,
        figure=_of(partial(_share, "document_system")),
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
        definition=_OFFICES,
        figure=_of(partial(_sum, "mailboxes")),
    ),
    Indicator(
        name="digital_certificates",
        title=Bilingual("Chứng thư số đã cấp", "Digital certificates issued"),
        unit="count",
        definition=_OFFICES,
        figure=_of(partial(_sum, "digital_certificates")),
    ),
    Indicator(
        name="one_stop_local",
        title=Bilingual(
            "Xã có một cửa điện tử tại chỗ (chưa liên thông)",
            "Communes with a local one-stop shop (not interlinked)",
        ),
        unit="count",
        definition=_SEATS,
        figure=_of(partial(_one_stop, "local"), "commune"),
    ),
    Indicator(
        name="one_stop_interlinked",
        title=Bilingual(
            "Xã có một cửa điện tử liên thông", "Communes with the interlinked one-stop shop"
        ),
        unit="count",
        definition=_SEATS,
        figure=_of(partial(_one_stop, "interlinked"), "commune"),
    ),
    Indicator(
        name="service_centre_links",
        title=Bilingual(
            "Xã đã nối với trung tâm phục vụ hành chính công",
            "Communes linked to the public service centre",
        ),
        unit="count",
        definition=_SEATS,
        figure=_of(partial(_sum, "service_centre_link"), "commune"),
    ),
)


def indicators(study: Study) -> Iterator[Indicator[EGovernment]]:
    """Return the systems and the end of the rollout, whose costs say where they come from."""
    for system in SYSTEMS:
        yield replace(system, shown_with="egov")
    yield Indicator(
        name="rollout_offices",
        title=Bilingual(
            "Trụ sở huyện, xã được phục vụ khi hết lộ trình",
            "District and commune offices in service at the end of the rollout",
        ),
        unit="count",
        origin="computed",
        definition=defined(
            "Theo lộ trình tối ưu, trên {seats:,} trụ sở; kể cả {idle:,} trụ sở không thiếu "
            "việc nào từ đầu; {basis}",
            "By the optimised rollout, of {seats:,} {seats:office|offices}, {idle:,} that "
            "{idle:lacks|lack} none of its works included; {basis}",
        ),
        figure=partial(_in_service, study.egov.costs if study.egov else Bilingual("", "")),
    )


def _in_service(basis: Bilingual, found: EGovernment) -> Figure | None:
    plan: pd.DataFrame | None = found.rollout.plan
    if plan is None:
        return None
    idle = int((plan["reason"] == "no_works").sum())
    count = idle + int(plan["service_year"].notna().sum())
    return Figure(float(count), {"seats": len(plan), "idle": idle, "basis": basis})
