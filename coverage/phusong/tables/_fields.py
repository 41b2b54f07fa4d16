"""Fields that several tables share."""

from ..i18n import Bilingual
from ._model import Field

COMMUNE_CODE = Field(
    name="commune_code",
    kind="text",
    title=Bilingual("Mã xã 5 chữ số theo danh mục hành chính", "Official 5-digit commune code"),
    required=True,
    pattern=r"\d{5}",
    aliases=("ma_xa", "maxa", "mã xã", "code"),
)
DISTRICT_CODE = Field(
    name="district_code",
    kind="text",
    title=Bilingual("Mã huyện 3 chữ số", "Official 3-digit district code"),
    required=True,
    pattern=r"\d{3}",
    aliases=("ma_huyen", "mã huyện"),
)
DISTRICT = Field(
    name="district", kind="text", title=Bilingual("Huyện, thành phố", "District"), required=True,
    aliases=("huyen", "huyện", "ten_huyen", "tên huyện", "quận huyện"),
)  # fmt: skip
POPULATION = Field(
    name="population", kind="number", title=Bilingual("Dân số", "Residents"), unit="người",
    minimum=0, aliases=("dan_so", "danso", "dân số", "nhân khẩu", "số nhân khẩu", "số khẩu"),
)  # fmt: skip
HOUSEHOLDS = Field(
    name="households", kind="integer", title=Bilingual("Số hộ", "Households"), unit="hộ", minimum=0,
    aliases=("so_ho", "số hộ"),
)  # fmt: skip

# The place of a row of points, where a file has it in columns: one pair of the two.
LON = Field(
    name="lon", kind="number", title=Bilingual("Kinh độ", "Longitude"), unit="°", required=True,
    aliases=("lon", "longitude", "long", "lng", "kinh_do", "kinh độ", "kinh độ đông"),
)  # fmt: skip
LAT = Field(
    name="lat", kind="number", title=Bilingual("Vĩ độ", "Latitude"), unit="°", required=True,
    aliases=("lat", "latitude", "vi_do", "vĩ độ", "vĩ độ bắc"),
)  # fmt: skip
# No bare "x" and "y" here: in Vietnam X often means the northing.
X_M = Field(
    name="x_m", kind="number", title=Bilingual("Tọa độ Đông", "Easting"), unit="m", required=True,
    aliases=("easting", "easting_m", "toa_do_dong", "tọa độ đông", "Y (Đông)"),
)  # fmt: skip
Y_M = Field(
    name="y_m", kind="number", title=Bilingual("Tọa độ Bắc", "Northing"), unit="m", required=True,
    aliases=("northing", "northing_m", "toa_do_bac", "tọa độ bắc", "X (Bắc)"),
)  # fmt: skip


def flag(name: str, vi: str, en: str) -> Field:
    return Field(name=name, kind="boolean", title=Bilingual(vi, en))


SPARE_FIBRES = (
    Field(name="spare_fibres", kind="integer", minimum=0,
          title=Bilingual(
              "Số sợi còn dư ít nhất trên đường cáp đến trung tâm tỉnh; trống nếu có tuyến chưa "
              "báo cáo mà không tuyến nào hết sợi",
              "Least spare fibres along the way to the provincial hub; empty if a span did not "
              "report and none is known to be full",
          )),
    Field(name="spare_fibres_reported", kind="integer", minimum=0,
          title=Bilingual("Số tuyến trên đường đó có báo cáo số sợi và số sợi đã dùng",
                          "Spans on that way that report fibres and fibres in use")),
    Field(name="spare_fibres_of", kind="integer", minimum=0,
          title=Bilingual("Số tuyến khác nhau trên đường đó", "Different spans on that way")),
)  # fmt: skip
"""What is spare along a way, with how many of how many spans reported."""


def count(name: str, vi: str, en: str) -> Field:
    return Field(name=name, kind="integer", title=Bilingual(vi, en), minimum=0)
