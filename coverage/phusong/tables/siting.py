"""Where to build, what it costs and whom it serves: works, years and communes of a plan."""

from ..i18n import Bilingual
from ._fields import COMMUNE_CODE, POPULATION
from ._model import Field, Table

_PEOPLE = Field(
    name="people", kind="number", unit="người", minimum=0, required=True,
    title=Bilingual("Số người có sóng thêm nhờ kế hoạch", "People served more by the plan"),
)  # fmt: skip
_YEAR = Field(
    name="year", kind="integer", required=True, minimum=1990, maximum=2100,
    title=Bilingual("Năm", "Year"),
)  # fmt: skip
SITE_WORKS = Table(
    name="site_works",
    title=Bilingual("Công việc của kế hoạch xây trạm", "Works of the plan of sites"),
    geometry="Point",
    key=("work_id",),
    sheet="Công việc",
    fields=(
        Field(name="work_id", kind="text", required=True, title=Bilingual("Mã công việc", "Work")),
        Field(name="site_id", kind="text", required=True, title=Bilingual("Mã vị trí", "Site")),
        Field(name="kind", kind="text", required=True, choices=("mast", "share", "fibre", "hop"),
              title=Bilingual(
                  "Loại: cột ăng-ten mới, lắp trên cột ăng-ten đã có, kéo cáp quang, tuyến vi ba",
                  "Kind: new mast, cells on a mast that is there, fibre drop, microwave hop",
              )),
        _YEAR,
        Field(name="cost_vnd", kind="number", unit="đồng", minimum=0, required=True,
              title=Bilingual("Chi phí", "Cost")),
        Field(name="antenna_height_m", kind="number", unit="m", minimum=0,
              title=Bilingual("Độ cao ăng-ten so với mặt đất", "Antenna height above ground")),
        Field(name="length_m", kind="number", unit="m", minimum=0,
              title=Bilingual("Chiều dài cáp (đường thẳng) hoặc tuyến vi ba",
                              "Length of the fibre drop (straight) or of the hop")),
    ),
)  # fmt: skip
SITE_YEARS = Table(
    name="site_years",
    title=Bilingual("Kinh phí và kết quả theo năm", "Money and people by year"),
    geometry=None,
    key=("year",),
    sheet="Theo năm",
    fields=(
        _YEAR,
        Field(name="budget_vnd", kind="number", unit="đồng", minimum=0, required=True,
              title=Bilingual("Kinh phí", "Budget")),
        Field(name="spent_vnd", kind="number", unit="đồng", minimum=0, required=True,
              title=Bilingual("Đã chi", "Spent")),
        Field(name="left_vnd", kind="number", unit="đồng", required=True,
              title=Bilingual("Còn lại", "Left")),
        _PEOPLE,
    ),
)  # fmt: skip
SITE_COMMUNES = Table(
    name="site_communes",
    title=Bilingual("Kế hoạch xây trạm theo xã", "The plan of sites by commune"),
    geometry=None,
    key=("commune_code",),
    sheet="Theo xã",
    fields=(
        COMMUNE_CODE,
        Field(name="name", kind="text", title=Bilingual("Tên xã", "Name of the commune")),
        POPULATION,
        Field(name="share_before", kind="number", minimum=0, maximum=1,
              title=Bilingual("Tỷ lệ dân số có sóng hiện nay", "Share of residents served now")),
        _PEOPLE,
        Field(name="share_after", kind="number", minimum=0, maximum=1,
              title=Bilingual("Tỷ lệ dân số có sóng khi xong kế hoạch",
                              "Share of residents served once the plan is done")),
    ),
)  # fmt: skip
