"""What measured samples say of the prediction: by place, by what places have in common, by unit."""

from ..i18n import Bilingual
from ._fields import flag
from ._model import TECHNOLOGIES, Field, Table


def _number(name: str, unit: str, vi: str, en: str) -> Field:
    return Field(name=name, kind="number", unit=unit, title=Bilingual(vi, en))


def _count(name: str, vi: str, en: str) -> Field:
    return Field(name=name, kind="integer", minimum=0, title=Bilingual(vi, en))


def _share(name: str, vi: str, en: str) -> Field:
    return Field(name=name, kind="number", minimum=0, maximum=1, title=Bilingual(vi, en))


_SERVICE = Field(name="service", kind="text", title=Bilingual("Dịch vụ", "Service"), required=True)

MEASURED_PLACES = Table(
    name="measured_places",
    title=Bilingual("Nơi đã đo sóng, cạnh dự báo", "Measured places beside the prediction"),
    geometry="Point",
    key=("place_id",),
    sheet="Nơi đã đo",
    fields=(
        Field(name="place_id", kind="text", required=True,
              title=Bilingual("Mã nơi đo", "Measured place")),
        Field(name="commune_code", kind="text", title=Bilingual("Mã xã", "Commune code")),
        Field(name="operator", kind="text", required=True,
              title=Bilingual("Nhà mạng được đo", "Operator measured")),
        Field(name="technology", kind="text", required=True, choices=TECHNOLOGIES,
              title=Bilingual("Công nghệ được đo", "Technology measured")),
        _number("frequency_mhz", "MHz", "Tần số được đo, nếu mẫu đo có ghi",
                "Carrier measured, where samples tell"),
        _count("samples", "Số mẫu đo tại đây", "Samples at the place"),
        _number("level_dbm", "dBm", "Mức thu đo được (trung vị, quy về ngoài trời)",
                "Level measured (median, as outdoors)"),
        flag("censored", "Yếu hơn mức máy đo ghi được",
             "Weaker than the instrument records"),
        _number("predicted_dbm", "dBm",
                "Mức thu dự báo của nhà mạng và công nghệ được đo",
                "Level predicted of the operator and technology measured"),
        _number("residual_db", "dB",
                "Dự báo trừ đo đạc (dương: dự báo lạc quan; nơi yếu hơn mức ghi được: ít nhất)",
                "Predicted minus measured (positive: too optimistic; at least, where censored)"),
        Field(name="cell_id", kind="text",
              title=Bilingual("Cell mạnh nhất theo dự báo", "Strongest cell as predicted")),
        _number("distance_m", "m", "Khoảng cách đến cell đó", "Distance to that cell"),
        flag("in_sight", "Nhìn thẳng thấy ăng-ten qua địa hình",
             "In sight of the antenna over the terrain"),
        flag("used", "Được dùng để so sánh", "Taken into the comparison"),
    ),
)  # fmt: skip
MEASURED_ACCURACY = Table(
    name="measured_accuracy",
    title=Bilingual("Sai số của dự báo theo đo đạc", "Errors of the prediction as measured"),
    geometry=None,
    key=("service", "by", "label"),
    sheet="Sai số dự báo",
    fields=(
        _SERVICE,
        Field(name="by", kind="text", required=True, title=Bilingual("Chia theo", "Divided by"),
              choices=("all", "operator", "technology", "band", "environment", "distance",
                       "sight"),
              choices_vi=(("tất cả",), ("nhà mạng",), ("công nghệ",), ("băng tần",),
                          ("độ cao vật che",), ("khoảng cách",), ("tầm nhìn",))),
        Field(name="label", kind="text", required=True, title=Bilingual("Nhóm", "Group")),
        _count("places", "Số nơi đã đo", "Measured places"),
        _count("places_censored", "Số nơi yếu hơn mức máy đo ghi được",
               "Places weaker than the instrument records"),
        _count("places_unpredicted", "Số nơi không có dự báo", "Places without prediction"),
        _number("bias_db", "dB", "Sai số trung bình: dự báo trừ đo đạc",
                "Mean error: predicted minus measured"),
        _number("spread_db", "dB", "Độ lệch chuẩn của sai số", "Standard deviation of the error"),
        _number("rmse_db", "dB", "Sai số toàn phương trung bình", "Root mean square error"),
        _share("hit_rate", "Đo đạt ngưỡng thì dự báo đạt",
               "Of places measured at the threshold, share predicted so"),
        _share("false_alarm_rate", "Đo dưới ngưỡng mà dự báo đạt",
               "Of places measured below, share predicted at the threshold"),
        _share("agreement", "Bản đồ và đo đạc nói như nhau", "Map and measurement agree"),
        _share("confirmed", "Bản đồ nói có sóng thì đo có sóng",
               "Of places that the map serves, share measured so"),
    ),
)  # fmt: skip
MEASURED_SHARES = Table(
    name="measured_shares",
    title=Bilingual("Tỷ lệ mẫu đo đạt ngưỡng, theo xã và đường bộ",
                    "Share of samples at the threshold, by commune and road"),
    geometry=None,
    key=("service", "unit", "code"),
    sheet="Mẫu đạt ngưỡng",
    fields=(
        _SERVICE,
        Field(name="unit", kind="text", required=True, title=Bilingual("Đơn vị", "Unit"),
              choices=("commune", "road"), choices_vi=(("xã",), ("đường bộ",))),
        Field(name="code", kind="text", required=True, title=Bilingual("Mã", "Code")),
        Field(name="name", kind="text", title=Bilingual("Tên", "Name")),
        _count("samples", "Số mẫu đo", "Samples"),
        _share("share_at_threshold", "Tỷ lệ mẫu từ ngưỡng trở lên",
               "Share of samples at or above the threshold"),
        _share("share_wanted", "Tỷ lệ phải đạt", "Share wanted"),
        Field(name="samples_verdict", kind="text", choices=("met", "missed"),
              title=Bilingual("Các mẫu đã đo đạt tỷ lệ này", "These samples reach it")),
    ),
)  # fmt: skip
