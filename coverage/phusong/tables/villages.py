"""Which villages are without signal, by operator, and why."""

from dataclasses import replace

from ..i18n import Bilingual
from ._fields import COMMUNE_CODE, DISTRICT, HOUSEHOLDS, POPULATION, count
from ._model import Field, Table
from .inputs import CELLS, VILLAGES

SIGNAL_STATES = ("served", "patchy", "white")
CAUSES = ("ridge", "too_weak", "too_far", "none_near")
SUPPORT = ("eligible_now", "needs_power", "unknown")


def _number(name: str, vi: str, en: str, unit: str, minimum: float | None = 0) -> Field:
    return Field(name=name, kind="number", title=Bilingual(vi, en), unit=unit, minimum=minimum)


_UNSERVED = _number("unserved_population", "Trong đó chưa có sóng", "Of these without signal",
                    "người")  # fmt: skip
_MISSING = _number("missing_db", "Mức thu còn thiếu tại nơi được xét",
                   "Level missing at the place looked at", "dB")  # fmt: skip
_OPERATORS_SERVED = Field(
    name="operators_served", kind="text",
    title=Bilingual("Nhà mạng có sóng tại trung tâm thôn, cách nhau bằng dấu phẩy",
                    "Operators with signal at the centre, comma separated"),
)  # fmt: skip
_SUPPORT = Field(
    name="support", kind="text", choices=SUPPORT,
    choices_vi=(("có điện, hỗ trợ được ngay",), ("cần có điện trước",), ("chưa rõ điện",)),
    title=Bilingual("Thôn lõm, trắng: đã có điện lưới chưa",
                    "Where signal lacks: is there mains power"),
)  # fmt: skip
SIGNAL_CAUSE = Field(name="cause", kind="text", choices=CAUSES,
      choices_vi=(("khuất núi",), ("công suất hoặc băng tần yếu",), ("quá xa trạm",),
                  ("không có trạm gần",)),
      title=Bilingual("Nguyên nhân", "Cause"))  # fmt: skip
SIGNAL_FIELDS = (
    Field(name="signal_state", kind="text", choices=SIGNAL_STATES,
          choices_vi=(("có sóng",), ("lõm sóng",), ("trắng sóng",)),
          title=Bilingual("Hiện trạng: có sóng, lõm sóng (cụm dân cư không có sóng), trắng sóng",
                          "State: served, patchy (clusters of houses without), white (none)")),
    _number("residents", "Dân số của thôn đếm trên lưới: mỗi người thuộc thôn gần nhất trong xã",
            "Residents on the grid: each belongs to the nearest village of the commune", "người"),
    _UNSERVED,
    count("dark_clusters", "Số cụm dân cư không có sóng", "Clusters of houses without signal"),
    _MISSING,
    SIGNAL_CAUSE,
    replace(CELLS["cell_id"], name="server_cell_id", required=False, aliases=(),
            title=Bilingual("Cell thu tốt nhất tại nơi được xét",
                            "Best cell at the place looked at")),
    Field(name="server_site_name", kind="text",
          title=Bilingual("Vị trí cột ăng-ten của cell đó", "Site of that cell")),
    _number("server_distance_km", "Khoảng cách từ nơi được xét đến đó", "Distance to it from there",
            "km"),
    Field(name="nearest_site_name", kind="text",
          title=Bilingual("Trạm gần trung tâm thôn nhất", "Station nearest to the centre")),
    _number("nearest_distance_km", "Khoảng cách đến trạm gần nhất", "Distance to the nearest one",
            "km"),
    Field(name="obstacle_longitude", kind="number", unit="°", minimum=-180, maximum=180,
          title=Bilingual("Kinh độ của điểm che", "Longitude of the point in the way")),
    Field(name="obstacle_latitude", kind="number", unit="°", minimum=-90, maximum=90,
          title=Bilingual("Vĩ độ của điểm che", "Latitude of the point in the way")),
    _number("obstacle_ground_m", "Độ cao mặt đất của điểm che", "Ground of that point", "m", None),
    _number("obstacle_distance_km", "Khoảng cách từ nơi được xét đến điểm che",
            "Distance from the place looked at to that point", "km"),
    _number("obstacle_above_sight_m", "Điểm che cao hơn đường ngắm",
            "How far it cuts the sight line", "m", None),
    Field(name="obstacle_place", kind="text",
          title=Bilingual("Địa danh gần điểm che", "Named place near that point")),
    _number("terrain_loss_db", "Suy hao do địa hình che", "What the terrain takes", "dB", None),
    _number("clearing_height_m", "Độ cao ăng-ten để ngắm thẳng qua mọi điểm che",
            "Antenna height that sees over every point between", "m"),
)  # fmt: skip
"""Of one operator in a village, or of all."""
OF_ALL_OPERATORS = (
    *SIGNAL_FIELDS,
    _OPERATORS_SERVED,
    _SUPPORT,
)  # fmt: skip
VILLAGE_LIST = Table(
    name="village_list",
    title=Bilingual("Danh sách thôn trắng sóng, lõm sóng",
                    "Villages without signal, or with clusters without it"),
    geometry="Point",
    key=("village_id",),
    sheet="Thôn trắng, lõm sóng",
    fields=(
        VILLAGES["village_id"],
        Field(name="number", kind="integer", title=Bilingual("STT", "No."), required=True,
              minimum=1),
        replace(DISTRICT, required=False, aliases=()),
        Field(name="commune", kind="text", title=Bilingual("Xã", "Commune")),
        replace(VILLAGES["name"], title=Bilingual("Thôn", "Village"), aliases=()),
        COMMUNE_CODE,
        replace(HOUSEHOLDS, aliases=()),
        replace(POPULATION, aliases=()),
        replace(SIGNAL_FIELDS[0], title=Bilingual("Hiện trạng", "State")),
        replace(_UNSERVED, title=Bilingual("Dân số chưa có sóng", "Residents without signal")),
        replace(_SUPPORT, title=Bilingual("Điện lưới", "Mains power")),
        _OPERATORS_SERVED,
        Field(name="nearest_stations", kind="text",
              title=Bilingual("Trạm gần nhất của từng nhà mạng",
                              "Nearest station of each operator")),
        Field(name="nearest_stations_en", kind="text",
              title=Bilingual("Trạm gần nhất của từng nhà mạng (tiếng Anh)",
                              "Nearest station of each operator (English)")),
        _MISSING,
        Field(name="reason", kind="text", title=Bilingual("Nguyên nhân", "Reason")),
        Field(name="reason_en", kind="text",
              title=Bilingual("Nguyên nhân (tiếng Anh)", "Reason (English)")),
    ),
)  # fmt: skip
"""As a department sends it: those that are not served, by district, commune and name."""
VILLAGE_SIGNAL = Table(
    name="village_signal",
    title=Bilingual("Sóng của từng nhà mạng tại từng thôn", "Signal of each operator by village"),
    geometry="Point",
    key=("village_id", "operator"),
    sheet="Thôn theo nhà mạng",
    fields=(
        VILLAGES["village_id"],
        VILLAGES["name"],
        COMMUNE_CODE,
        replace(CELLS["operator"], aliases=()),
        *SIGNAL_FIELDS,
    ),
)  # fmt: skip
