"""What the e-government part of a run finds, and the rules it takes."""

from dataclasses import replace

from ._fields import DISTRICT_CODE, count, flag
from ._model import Field, Table
from .inputs import OFFICES, VILLAGES

READINESS = Table(
    name="offices",
    vi="Sẵn sàng cho một cửa điện tử, theo trụ sở",
    en="One-stop readiness by office",
    geometry="Point",
    key=("office_id",),
    fields=(
        *OFFICES.fields,
        Field(name="computers_per_official", kind="number", minimum=0,
              vi="Số máy tính trên mỗi cán bộ", en="Computers per official"),
        Field(name="lacks_lan", kind="boolean", vi="Chưa có mạng LAN", en="Lacks a LAN"),
        Field(name="missing_prerequisites", kind="text",
              vi="Điều kiện còn thiếu, cách nhau bằng dấu phẩy",
              en="Prerequisites missing, comma separated"),
        Field(name="unknown_prerequisites", kind="text",
              vi="Điều kiện chưa có số liệu, cách nhau bằng dấu phẩy",
              en="Prerequisites not reported, comma separated"),
        Field(name="ready", kind="boolean", vi="Đủ điều kiện một cửa điện tử liên thông",
              en="Has every prerequisite of the interlinked one-stop shop"),
        Field(name="contradictions", kind="text", vi="Số liệu mâu thuẫn",
              en="Contradictory figures, comma separated"),
    ),
)  # fmt: skip
_COST_VND = Field(name="cost_vnd", kind="number", vi="Chi phí", en="Cost", unit="đồng", minimum=0)
_CREW_DAYS = Field(name="crew_days", kind="number", vi="Ngày công", en="Crew days", unit="ngày",
                   minimum=0)  # fmt: skip
ROLLOUT = Table(
    name="rollout",
    vi="Lộ trình một cửa điện tử liên thông, theo trụ sở",
    en="Rollout of the interlinked one-stop shop by office",
    geometry=None,
    key=("office_id",),
    fields=(
        OFFICES["office_id"],
        replace(DISTRICT_CODE, required=False),
        Field(name="value", kind="number", vi="Giá trị một năm phục vụ", minimum=0,
              en="Value of one year in service"),
        _COST_VND,
        _CREW_DAYS,
        Field(name="service_year", kind="integer", vi="Năm đi vào phục vụ",
              en="Year it comes into service"),
        Field(name="reason", kind="text", vi="Lý do", en="Reason",
              choices=("in_plan", "centre_not_in_service", "budget", "crew", "no_value")),
        Field(name="short_vnd", kind="number", unit="đồng", minimum=0,
              vi="Còn thiếu kinh phí trong năm thuận lợi nhất",
              en="Money short in the year in which least is wanting"),
        Field(name="short_days", kind="number", unit="ngày", minimum=0,
              vi="Còn thiếu ngày công trong năm đó", en="Crew days short in that year"),
        Field(name="would_enter", kind="integer",
              vi="Năm sẽ đến lượt nếu các năm sau giữ mức của năm cuối",
              en="Year its turn would come if later years stayed as the last"),
    ),
)  # fmt: skip
ROLLOUT_WORKS = Table(
    name="rollout_works",
    vi="Công việc theo năm",
    en="Works by year",
    geometry=None,
    key=("office_id", "work"),
    fields=(
        OFFICES["office_id"],
        Field(name="work", kind="text", vi="Công việc", en="Work", required=True),
        Field(name="year", kind="integer", vi="Năm", en="Year", required=True),
        _COST_VND,
        _CREW_DAYS,
    ),
)
ROLLOUT_SCENARIOS = Table(
    name="rollout_scenarios",
    vi="So sánh các phương án kinh phí",
    en="Budget scenarios compared",
    geometry=None,
    key=("scenario",),
    fields=(
        Field(name="scenario", kind="text", vi="Phương án", en="Scenario", required=True),
        count("offices_in_service", "Số trụ sở được phục vụ", "Offices in service at the end"),
        count("offices", "Số trụ sở", "Offices"),
        Field(name="spent_vnd", kind="number", vi="Kinh phí đã chi", en="Money spent",
              unit="đồng", minimum=0),
        Field(name="value", kind="number", vi="Giá trị đạt được", en="Value", minimum=0),
        Field(name="gap_share", kind="number", minimum=0, maximum=1,
              vi="Khoảng cách tối đa đến phương án tốt nhất", en="Gap to the best plan at most"),
    ),
)  # fmt: skip

READINESS_RULES = Table(
    name="readiness_rules",
    vi="Bảng tiêu chí mức sẵn sàng (sửa được)",
    en="Rules of the readiness levels (editable)",
    geometry=None,
    key=("prerequisite",),
    fields=(
        Field(name="level", kind="integer", vi="Mức", en="Level", required=True, minimum=1),
        Field(name="prerequisite", kind="text", vi="Mã điều kiện", en="Prerequisite",
              required=True),
        Field(name="field", kind="text", vi="Cột số liệu", en="Column it is judged by",
              required=True),
        Field(name="rule", kind="text", vi="Cách xét", en="Rule", required=True,
              choices=("true", "at_least")),
        Field(name="minimum", kind="number", vi="Giá trị tối thiểu", en="Least value", minimum=0),
        Field(name="vi", kind="text", vi="Tên tiếng Việt", en="Vietnamese name", required=True),
        Field(name="en", kind="text", vi="Tên tiếng Anh", en="English name", required=True),
        Field(name="legal_basis", kind="text", vi="Căn cứ", en="Legal basis", required=True),
        Field(name="cost_vnd", kind="number", unit="đồng", minimum=0,
              vi="Chi phí để đạt, hoặc cho mỗi đơn vị còn thiếu",
              en="Cost to fulfil it, or of each unit that is short"),
    ),
)  # fmt: skip
READINESS_LEVELS = Table(
    name="readiness_levels",
    vi="Mức sẵn sàng theo trụ sở",
    en="Readiness level by office",
    geometry=None,
    key=(),
    fields=(
        count("level", "Mức chắc chắn đạt (chưa báo cáo coi như thiếu)",
               "Level surely reached (what is not reported counts as lacking)"),
        count("possible_level", "Mức cao nhất có thể (chưa báo cáo coi như có)",
               "Highest level possible (what is not reported counts as held)"),
        Field(name="next_missing", kind="text", vi="Thiếu để lên mức sau",
              en="Lacking for the next level"),
        Field(name="next_unknown", kind="text", vi="Chưa có số liệu cho mức sau",
              en="Not reported for the next level"),
        Field(name="next_cost_vnd", kind="number", unit="đồng", minimum=0,
              vi="Chi phí để lên mức sau", en="Cost to reach the next level"),
    ),
)  # fmt: skip
ACCESS = Table(
    name="access",
    vi="Đường từ thôn đến trung tâm phục vụ hành chính công trước và sau sáp nhập",
    en="The way from villages to their service centre before and after a merger",
    geometry=None,
    key=("village_id",),
    fields=(
        VILLAGES["village_id"],
        *(
            Field(name=f"{when}_{name}", kind="number", unit=unit, minimum=0,
                  vi=f"{vi} đến {centre_vi}", en=f"{en} to {centre_en}")
            for when, centre_vi, centre_en in (
                ("old", "trung tâm cũ", "the old centre"),
                ("new", "trung tâm mới", "the new centre"),
                ("nearest", "trung tâm mới gần nhất trong tỉnh", "the nearest new centre"),
            )
            for name, unit, vi, en in (
                ("distance_m", "m", "Quãng đường", "Distance"),
                ("travel_min", "phút", "Thời gian đi", "Travel time"),
            )
        ),
        flag("moved_beyond", "Sáp nhập làm vượt ngưỡng thời gian đi",
              "The merger moves it beyond the travel time allowed"),
    ),
)  # fmt: skip
