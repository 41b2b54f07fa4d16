"""What differs between two results, and why; one row a unit, a village, a station, a cause."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from ..i18n import Bilingual
from ._fields import COMMUNE_CODE, DISTRICT, DISTRICT_CODE
from ._model import Field, GeometryKind, Table
from .coverage import COMMUNES_RESULT, PROVINCE_RESULT
from .inputs import CELLS, COMMUNES, VILLAGES

CHANGES = ("gained", "lost", "same", "appeared", "vanished")
STATION_CHANGES = ("appeared", "vanished", "altered")
REASONS = ("station_new", "station_gone", "station_altered", "cells", "people", "boundary",
           "villages", "ground", "measurements", "settings", "program")  # fmt: skip
"""Why a figure may have changed; several may coincide, and none is weighed against another."""


_SIDES: tuple[tuple[Literal["before", "after"], str], ...] = (("before", "trước"), ("after", "sau"))


def _pair(field: Field) -> tuple[Field, Field]:
    """Return a field of the result before and of the result after."""
    vi, en = field.title.vi, field.title.en
    before, after = (
        replace(
            field,
            name=f"{field.name}_{when}",
            title=Bilingual(f"{vi}, {called}", f"{en}, {when}"),
            estimate_of=when if field.estimate_of else "",
        )
        for when, called in _SIDES
    )
    return before, after


def _as_in_results(name: str) -> tuple[Field, Field]:
    return _pair(replace(COMMUNES_RESULT[name], required=False, recast="", share_of=()))


_CHANGE = Field(
    name="change", kind="text", choices=CHANGES, per="service",
    title=Bilingual("Thay đổi của dân số được phủ sóng", "Change of the residents covered"),
)  # fmt: skip
_UNIT_FIELDS = (
    *(
        field
        for name in ("population", "covered_population", "covered_population_share",
                     "share_median", "target_verdict", "confident_verdict")
        for field in _as_in_results(name)
    ),
    _CHANGE,
    Field(name="covered_population_gained", kind="number", unit="người", per="service",
          title=Bilingual("Thêm (+) hoặc bớt (−) người được phủ sóng",
                          "Residents covered more (+) or fewer (−)")),
    Field(name="villages_gained", kind="integer", unit="thôn", minimum=0, per="service",
          title=Bilingual("Số thôn có sóng thêm", "Villages that gained signal")),
    Field(name="villages_lost", kind="integer", unit="thôn", minimum=0, per="service",
          title=Bilingual("Số thôn mất sóng", "Villages that lost signal")),
    Field(name="reasons", kind="text", per="service",
          title=Bilingual("Các nguyên nhân có thể, cách nhau bằng dấu phẩy",
                          "What may be the reasons, comma separated")),
    *(
        Field(name=f"stations_{name}", kind="text", per="service", title=Bilingual(vi, en))
        for name, vi, en in (
            ("new", "Trạm mới đang phục vụ", "New stations that serve it"),
            ("gone", "Trạm không còn, trước đây phục vụ", "Stations gone that served it"),
            ("altered", "Trạm phục vụ có thay đổi", "Stations that serve it and were altered"),
        )
    ),
)  # fmt: skip


def _units(name: str, title: Bilingual, key: str, sheet: str, *fields: Field) -> Table:
    return Table(name=name, title=title, geometry="Polygon", key=(key,), sheet=sheet,
                 fields=(*fields, *_UNIT_FIELDS))  # fmt: skip


COMPARED_COMMUNES = _units(
    "compared_communes", Bilingual("So sánh theo xã", "Compared by commune"), "commune_code",
    "So sánh xã",
    COMMUNE_CODE, COMMUNES["name"], COMMUNES["type"],
    replace(DISTRICT_CODE, required=False), replace(DISTRICT, required=False),
)  # fmt: skip
COMPARED_DISTRICTS = _units(
    "compared_districts", Bilingual("So sánh theo huyện", "Compared by district"),
    "district_code", "So sánh huyện", DISTRICT_CODE, DISTRICT,
)  # fmt: skip
COMPARED_PROVINCE = _units(
    "compared_province", Bilingual("So sánh toàn tỉnh", "The province compared"),
    "province_code", "So sánh tỉnh", PROVINCE_RESULT["province_code"], PROVINCE_RESULT["province"],
)  # fmt: skip


def _rows(
    name: str, title: Bilingual, geometry: GeometryKind | None, key: tuple[str, ...], sheet: str,
    *fields: Field,
) -> Table:  # fmt: skip
    return Table(name=name, title=title, geometry=geometry, key=key, sheet=sheet, fields=fields)


_SERVICE = Field(
    name="service", kind="text", title=Bilingual("Dịch vụ", "Service"), required=True,
)  # fmt: skip
COMPARED_VILLAGES = _rows(
    "compared_villages",
    Bilingual("Thôn có sóng thêm, mất sóng", "Villages that gained or lost signal"),
    "Point", ("village_id", "service"), "Thôn đổi sóng",
    VILLAGES["village_id"], _SERVICE, VILLAGES["name"], replace(COMMUNE_CODE, required=False),
    Field(name="population", kind="number", unit="người", minimum=0,
          title=Bilingual("Dân số, sau nếu biết", "Residents, after if known")),
    replace(_CHANGE, per="", required=True, title=Bilingual("Thay đổi", "Change"),
            choices=("gained", "lost", "appeared", "vanished")),
    *_pair(Field(name="margin_db", kind="number", unit="dB", title=Bilingual("Mức dư", "Margin"))),
)  # fmt: skip
COMPARED_STATIONS = _rows(
    "compared_stations",
    Bilingual("Trạm mới, không còn, thay đổi", "Stations new, gone, altered"),
    "Point", ("station_id",), "Trạm thay đổi",
    *(CELLS[name] for name in ("station_id", "site_id", "site_name")),
    *(replace(CELLS[name], required=False) for name in ("operator", "technology")),
    replace(COMMUNE_CODE, required=False),
    Field(name="station_change", kind="text", required=True, choices=STATION_CHANGES,
          title=Bilingual("Thay đổi", "Change")),
    Field(name="altered_fields", kind="text",
          title=Bilingual("Cột nào đổi: trước → sau", "What was altered: before → after")),
)  # fmt: skip
COMPARED_CAUSES = _rows(
    "compared_causes",
    Bilingual("Tham số, tệp và chương trình khác nhau", "Settings, files and programs that differ"),
    None, ("cause", "name"), "Nguyên nhân",
    Field(name="cause", kind="text", required=True, choices=("setting", "file", "version"),
          title=Bilingual("Loại", "Kind")),
    Field(name="name", kind="text", required=True, title=Bilingual("Tên", "Name")),
    *_pair(Field(name="value", kind="text", title=Bilingual("Giá trị", "Value"))),
)  # fmt: skip

COMPARISON_TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        COMPARED_PROVINCE, COMPARED_DISTRICTS, COMPARED_COMMUNES, COMPARED_VILLAGES,
        COMPARED_STATIONS, COMPARED_CAUSES,
    )
}  # fmt: skip
"""Every table of a comparison, in the order in which they are written."""
