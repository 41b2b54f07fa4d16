"""What is lost if a site or an operator fails, and what operators gain on each other's network."""

from dataclasses import replace

from ..i18n import Bilingual
from ._fields import COMMUNE_CODE, count
from ._model import Field, Table
from .inputs import CELLS


def _people(name: str, vi: str, en: str, *, per_service: bool = False) -> Field:
    return Field(
        name=name,
        kind="number",
        title=Bilingual(vi, en),
        unit="người",
        minimum=0,
        per="service" if per_service else "",
    )


SITES_RESULT = Table(
    name="sites",
    title=Bilingual("Cột ăng-ten: ai mất sóng nếu cột ăng-ten hỏng",
                    "Sites: who loses signal if one fails"),
    geometry="Point",
    key=("site_id",),
    sheet="Cột ăng-ten",
    fields=(
        replace(CELLS["site_id"], aliases=()),
        replace(CELLS["site_name"], aliases=()),
        Field(name="rank", kind="integer", minimum=1,
              title=Bilingual("Thứ hạng theo số dân mất sóng nếu cột ăng-ten hỏng, dịch vụ đầu",
                              "Rank by residents who lose signal if it fails, first service")),
        Field(name="operators", kind="text",
              title=Bilingual("Nhà mạng tại cột ăng-ten, cách nhau bằng dấu phẩy",
                              "Operators at the site, comma separated")),
        count("stations", "Số trạm BTS tại cột ăng-ten", "Stations (BTS) at the site"),
        replace(COMMUNE_CODE, required=False),
        replace(CELLS["battery_hours"], aliases=(),
                title=Bilingual(
                    "Thời gian chạy tiếp ngắn nhất khi mất điện lưới, trong các cell báo cáo",
                    "Shortest running time without mains power, of the cells that tell",
                )),
        _people("best_population", "Dân số có sóng tốt nhất từ cột ăng-ten này",
                "Residents whose best signal comes from here", per_service=True),
        _people("only_population",
                "Dân số mất sóng nếu cột ăng-ten hỏng: không cột ăng-ten nào khác đủ sóng",
                "Residents who lose signal if it fails: no other site serves them",
                per_service=True),
    ),
)  # fmt: skip
OPERATOR_STRENGTH = Table(
    name="operator_strength",
    title=Bilingual("Nhà mạng: ai mất sóng nếu mạng ngừng, được thêm gì khi dùng chung",
                    "Operators: who loses signal if one fails, what sharing would gain"),
    geometry=None,
    key=("operator",),
    sheet="Sức chịu sự cố",
    fields=(
        replace(CELLS["operator"], aliases=()),
        count("sites", "Số cột ăng-ten", "Sites"),
        count("stations", "Số trạm BTS của dịch vụ", "Stations (BTS) of the service"),
        _people("served_population", "Dân số mạng này phủ", "Residents whom it serves"),
        Field(name="served_share", kind="number", minimum=0, maximum=1,
              title=Bilingual("Tỷ lệ dân số mạng này phủ", "Share of residents whom it serves")),
        _people("only_population", "Dân số chỉ mạng này phủ: mất sóng nếu mạng ngừng",
                "Residents whom it alone serves: they lose signal if it fails"),
        _people("roaming_population",
                "Dân số được phủ thêm nếu dùng chung mạng của mọi nhà mạng khác",
                "Residents it would serve in addition on all other networks"),
        Field(name="best_host", kind="text",
              title=Bilingual("Nhà mạng mà dùng chung mạng được thêm nhiều dân nhất",
                              "Operator on whose network it would gain most")),
        _people("best_host_population", "Dân số được phủ thêm trên mạng đó",
                "Residents gained on that network"),
    ),
)  # fmt: skip
OPERATOR_SHARING = Table(
    name="operator_sharing",
    title=Bilingual("Dùng chung mạng: dân số được phủ thêm trên mạng của nhà mạng khác",
                    "Sharing: residents gained on another operator's network"),
    geometry=None,
    key=("operator", "host"),
    sheet="Dùng chung mạng",
    fields=(
        replace(CELLS["operator"], aliases=()),
        Field(name="host", kind="text", required=True,
              title=Bilingual("Dùng chung mạng của", "On the network of")),
        _people("gained_population", "Dân số được phủ thêm", "Residents gained"),
    ),
)  # fmt: skip
POWER_CUT = Table(
    name="power_cut",
    title=Bilingual("Mất điện lưới mọi nơi: ai còn sóng sau bao nhiêu giờ",
                    "Mains power fails everywhere: who has signal after how many hours"),
    geometry=None,
    key=("hours",),
    sheet="Mất điện lưới",
    fields=(
        Field(name="hours", kind="number", unit="giờ", minimum=0, required=True,
              title=Bilingual("Sau khi mất điện", "After the failure")),
        _people("served_population",
                "Dân số còn sóng, ít nhất: từ ba cột ăng-ten tốt nhất ở mỗi nơi",
                "Residents who still have signal, at least: from the three best sites of each "
                "place", per_service=True),
    ),
)  # fmt: skip
