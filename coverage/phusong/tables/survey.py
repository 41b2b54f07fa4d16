"""Where to measure: places drawn by chance, their strata, what they prove; roads worth driving."""

from dataclasses import replace

from ..i18n import Bilingual
from ._fields import COMMUNE_CODE, flag
from ._model import LEVELS, Field, Table

_MAP_SHARE = Field(
    name="map_share", kind="number", required=True, minimum=0, maximum=1,
    title=Bilingual("Tỷ lệ có sóng theo bản đồ", "Share with service according to the map"),
    aliases=("tỷ lệ theo bản đồ",),
)  # fmt: skip
_RESIDENTS = Field(
    name="residents", kind="integer", required=True, unit="người", minimum=0,
    title=Bilingual("Dân số trong tầm đường bộ", "Residents within reach of roads"),
    aliases=("dân số trong tầm đường",),
)  # fmt: skip
_OUT_OF_REACH = Field(
    name="out_of_reach", kind="integer", required=True, unit="người", minimum=0,
    title=Bilingual("Dân số ngoài tầm đường bộ, không được bốc thăm",
                    "Residents beyond reach of roads, not drawn from"),
    aliases=("dân số ngoài tầm đường",),
)  # fmt: skip

SURVEY_PLACES = Table(
    name="survey_places",
    title=Bilingual("Điểm bốc thăm để đo sóng", "Places drawn by chance to be measured"),
    geometry="Point",
    key=("place_id",),
    sheet="Điểm đo",
    fields=(
        Field(name="place_id", kind="text", title=Bilingual("Mã điểm đo", "Place"),
              required=True, aliases=("mã điểm",)),
        COMMUNE_CODE,
        Field(name="drawn", kind="integer", required=True, minimum=1, unit="người",
              title=Bilingual("Số người được bốc thăm sống tại điểm này",
                              "Drawn residents who live at the place"),
              aliases=("số người bốc thăm",)),
        _MAP_SHARE,
        flag("served", "Có sóng khi đo tại điểm", "Service found at the place"),
        Field(name="measured_on", kind="date",
              title=Bilingual("Ngày đo", "Day of the measurement")),
    ),
)  # fmt: skip
SURVEY_STRATA = Table(
    name="survey_strata",
    title=Bilingual("Dân số của các xã được bốc thăm", "Residents of the communes drawn from"),
    geometry=None,
    key=("commune_code",),
    sheet="Xã bốc thăm",
    fields=(
        COMMUNE_CODE,
        _RESIDENTS,
        _OUT_OF_REACH,
        _MAP_SHARE,
        Field(name="drawn", kind="integer", required=True, minimum=0, unit="người",
              title=Bilingual("Số người được bốc thăm", "Residents drawn")),
        Field(name="to_settle", kind="integer", minimum=0, unit="người",
              title=Bilingual(
                  "Số người cần bốc thăm để riêng xã này có kết luận (nếu bản đồ đúng)",
                  "Residents to draw so that the commune is probably settled by itself, "
                  "if the map is right",
              )),
    ),
)  # fmt: skip


def _share(name: str, vi: str, en: str) -> Field:
    return Field(name=name, kind="number", title=Bilingual(vi, en), minimum=0, maximum=1)


SURVEY_SHARES = Table(
    name="survey_shares",
    title=Bilingual("Tỷ lệ dân số có sóng theo đo đạc tại chỗ",
                    "Share of residents with service as measured on the spot"),
    geometry=None,
    key=("level", "code"),
    sheet="Đo đạc tại chỗ",
    fields=(
        Field(name="level", kind="text", title=Bilingual("Cấp", "Level"), choices=LEVELS,
              choices_vi=(("tỉnh",), ("huyện",), ("xã",)), required=True),
        Field(name="code", kind="text", title=Bilingual("Mã đơn vị", "Code of the unit"),
              required=True),
        Field(name="name", kind="text", title=Bilingual("Tên đơn vị", "Name of the unit")),
        _RESIDENTS,
        _OUT_OF_REACH,
        Field(name="drawn", kind="integer", minimum=0, unit="người",
              title=Bilingual("Số người được bốc thăm", "Residents drawn")),
        Field(name="served_drawn", kind="integer", minimum=0, unit="người",
              title=Bilingual("Trong đó có sóng khi đo", "Of these with service as measured")),
        _share("map_share", "Theo bản đồ, trong tầm đường bộ", "By the map, within reach of roads"),
        _share("measured_share", "Theo đo đạc, trong tầm đường bộ",
               "As measured, within reach of roads"),
        _share("measured_low", "Cận dưới của khoảng tin cậy", "Lower end of the interval"),
        _share("measured_high", "Cận trên của khoảng tin cậy", "Upper end of the interval"),
        _share("least_share", "Cận dưới nếu ngoài tầm đường bộ không ai có sóng",
               "Lower end if nobody beyond the roads has service"),
        _share("most_share", "Cận trên nếu ngoài tầm đường bộ ai cũng có sóng",
               "Upper end if everybody beyond the roads has service"),
        _share("target", "Mục tiêu", "Target"),
        Field(name="measured_verdict", kind="text", choices=("met", "missed", "undecided"),
              title=Bilingual("Kết luận theo đo đạc", "Verdict by the measurements")),
    ),
)  # fmt: skip
ROAD_SEGMENTS = Table(
    name="road_segments",
    title=Bilingual("Đoạn đường nên đo: kết luận được thêm bao nhiêu xã",
                    "Road segments to measure: how many communes each would settle"),
    geometry="LineString",
    key=("segment_id",),
    sheet="Đoạn đường nên đo",
    fields=(
        Field(name="segment_id", kind="text", required=True,
              title=Bilingual("Mã đoạn đường", "Segment")),
        Field(name="road", kind="text", required=True,
              title=Bilingual("Tên đường, hoặc mã nếu không có tên", "Road, by id if unnamed")),
        replace(COMMUNE_CODE, required=False,
                title=Bilingual("Mã xã nơi điểm giữa của đoạn",
                                "Code of the commune where its middle lies")),
        Field(name="length_km", kind="number", required=True, unit="km", minimum=0,
              title=Bilingual("Chiều dài", "Length")),
        Field(name="drive_order", kind="integer", minimum=1, per="service",
              title=Bilingual(
                  "Thứ tự nên đo: mỗi đoạn là đoạn có ích nhất sau khi đã đo các đoạn trước",
                  "Order to drive: each tells most after those before it")),
        Field(name="settled_communes", kind="number", minimum=0, per="service", estimate_of="run",
              title=Bilingual("Số xã kỳ vọng sẽ có kết luận nếu chỉ đo đoạn này",
                              "Communes expected to be settled if this segment alone is measured")),
        Field(name="settled_population", kind="number", unit="người", minimum=0, per="service",
              estimate_of="run",
              title=Bilingual("Dân số kỳ vọng của các xã đó", "Residents expected in them")),
        Field(name="settled_so_far", kind="number", minimum=0, per="service", estimate_of="run",
              title=Bilingual("Số xã kỳ vọng sẽ có kết luận khi đo đến hết đoạn này theo thứ tự",
                              "Communes expected to be settled once it and all before it in the "
                              "order are measured")),
        Field(name="doubt_left", kind="number", minimum=0, maximum=1, per="service",
              estimate_of="run",
              title=Bilingual("Phần độ lệch chuẩn còn lại của các xã chưa kết luận, bình quân",
                              "Standard deviation left of the undecided communes, on average")),
    ),
)  # fmt: skip
