"""Fields that several tables share."""

from ._model import Field

COMMUNE_CODE = Field(
    name="commune_code",
    kind="text",
    vi="Mã xã 5 chữ số theo danh mục hành chính",
    en="Official 5-digit commune code",
    required=True,
    pattern=r"\d{5}",
    aliases=("ma_xa", "mã xã", "code"),
)
DISTRICT_CODE = Field(
    name="district_code",
    kind="text",
    vi="Mã huyện 3 chữ số",
    en="Official 3-digit district code",
    required=True,
    pattern=r"\d{3}",
    aliases=("ma_huyen", "mã huyện"),
)
DISTRICT = Field(
    name="district", kind="text", vi="Huyện, thành phố", en="District", required=True,
    aliases=("huyen", "huyện"),
)  # fmt: skip
POPULATION = Field(
    name="population", kind="number", vi="Dân số", en="Residents", unit="người", minimum=0,
    aliases=("dan_so", "dân số", "nhân khẩu", "số nhân khẩu", "số khẩu"),
)  # fmt: skip
HOUSEHOLDS = Field(
    name="households", kind="integer", vi="Số hộ", en="Households", unit="hộ", minimum=0,
    aliases=("so_ho", "số hộ"),
)  # fmt: skip


def flag(name: str, vi: str, en: str) -> Field:
    return Field(name=name, kind="boolean", vi=vi, en=en)


def count(name: str, vi: str, en: str) -> Field:
    return Field(name=name, kind="integer", vi=vi, en=en, minimum=0)
