"""What the e-government part of a run finds, and the rules it takes."""

from dataclasses import replace

from ..i18n import Bilingual
from ._fields import COMMUNE_CODE, DISTRICT_CODE, count, flag
from ._model import Field, Table
from .inputs import OFFICES, VILLAGES

CODE = "[a-z][a-z0-9_]{0,40}"
"""Of a prerequisite: it becomes part of columns' names in every format."""

READINESS = Table(
    name="offices",
    title=Bilingual("Sẵn sàng cho một cửa điện tử, theo trụ sở", "One-stop readiness by office"),
    geometry="Point",
    key=("office_id",),
    fields=(
        *OFFICES.fields,
        Field(name="computers_per_official", kind="number", minimum=0,
              title=Bilingual("Số máy tính trên mỗi cán bộ", "Computers per official")),
        Field(name="lacks_lan", kind="boolean", title=Bilingual("Chưa có mạng LAN", "Lacks a LAN")),
        Field(name="missing_prerequisites", kind="text",
              title=Bilingual("Điều kiện còn thiếu, cách nhau bằng dấu phẩy",
                              "Prerequisites missing, comma separated")),
        Field(name="unknown_prerequisites", kind="text",
              title=Bilingual("Điều kiện chưa có số liệu, cách nhau bằng dấu phẩy",
                              "Prerequisites not reported, comma separated")),
        Field(name="ready", kind="boolean",
              title=Bilingual("Đủ điều kiện một cửa điện tử liên thông",
                              "Has every prerequisite of the interlinked one-stop shop")),
        Field(name="contradictions", kind="text",
              title=Bilingual("Số liệu mâu thuẫn", "Contradictory figures, comma separated")),
        Field(name="fibre_origin", kind="text", choices=("given", "computed"),
              title=Bilingual(
                  "Cáp quang đến trụ sở: do bảng trụ sở cho biết hay tính từ tuyến cáp",
                  "Fibre to the office: given by the offices table or computed from the spans",
              )),
        flag("mobile_fallback", "Có sóng di động dự phòng tại trụ sở, theo tính toán phủ sóng",
             "Mobile fallback at the office, from the coverage result"),
    ),
)  # fmt: skip
_COST_BASIS = (
    Field(name="cost_basis", kind="text",
          title=Bilingual("Chi phí, ngày công và kinh phí lấy từ đâu",
                          "Where costs, crew days and budgets come from (Vietnamese)")),
    Field(name="cost_basis_en", kind="text",
          title=Bilingual("Chi phí, ngày công và kinh phí lấy từ đâu (tiếng Anh)",
                          "Where costs, crew days and budgets come from")),
)  # fmt: skip
READINESS_LEVELS = Table(
    name="readiness",
    title=Bilingual("Mức sẵn sàng cho một cửa điện tử, theo trụ sở",
                    "Readiness level for the one-stop shop, by office"),
    geometry="Point",
    key=("office_id",),
    sheet="Mức sẵn sàng",
    fields=(
        *(OFFICES[name] for name in ("office_id", "name", "level", "commune_code")),
        count("readiness_level", "Mức chắc chắn đạt (chưa báo cáo coi như thiếu)",
               "Level surely reached (what is not reported counts as lacking)"),
        count("possible_level", "Mức cao nhất có thể (chưa báo cáo coi như có)",
               "Highest level possible (what is not reported counts as held)"),
        Field(name="next_missing", kind="text",
              title=Bilingual("Thiếu để lên mức sau", "Lacking for the next level")),
        Field(name="next_unknown", kind="text",
              title=Bilingual("Chưa có số liệu cho mức sau", "Not reported for the next level")),
        Field(name="next_cost_vnd", kind="number", unit="đồng", minimum=0,
              title=Bilingual("Chi phí để lên mức sau", "Cost to reach the next level")),
        READINESS["lacks_lan"],
        *_COST_BASIS,
    ),
)  # fmt: skip
_COST_VND = Field(
    name="cost_vnd", kind="number", title=Bilingual("Chi phí", "Cost"), unit="đồng", minimum=0
)
_CREW_DAYS = Field(name="crew_days", kind="number", title=Bilingual("Ngày công", "Crew days"),
                   unit="ngày", minimum=0)  # fmt: skip
_NO_WORKS = count("offices_no_works", "Số trụ sở không thiếu việc nào của lộ trình ngay từ đầu",
                  "Offices that lack none of the plan's works from the start")  # fmt: skip
ROLLOUT = Table(
    name="rollout",
    title=Bilingual("Lộ trình một cửa điện tử liên thông, theo trụ sở",
                    "Rollout of the interlinked one-stop shop by office"),
    geometry="Point",
    key=("office_id",),
    sheet="Lộ trình một cửa",
    fields=(
        *(OFFICES[name] for name in ("office_id", "name", "level", "commune_code")),
        replace(DISTRICT_CODE, required=False),
        Field(name="works", kind="text",
              title=Bilingual("Công việc cần làm, cách nhau bằng dấu phẩy",
                              "Works to be done, comma separated")),
        Field(name="without_work", kind="text",
              title=Bilingual("Điều kiện thiếu hoặc chưa báo cáo mà lộ trình chưa có việc đáp ứng",
                              "Conditions lacking or not reported that no work of the plan meets")),
        Field(name="value", kind="number", minimum=0,
              title=Bilingual("Giá trị một năm phục vụ", "Value of one year in service")),
        _COST_VND,
        _CREW_DAYS,
        Field(name="service_year", kind="integer", minimum=1990, maximum=2100,
              title=Bilingual(
                  "Năm bắt đầu phục vụ theo lộ trình; trống nếu không thiếu việc nào "
                  "hoặc ngoài lộ trình",
                  "Year it comes into service by the plan; empty if it lacks no work or "
                  "stays outside",
              )),
        Field(name="reason", kind="text",
              title=Bilingual("Kết quả xếp lộ trình", "Outcome of the plan"),
              choices=("lacks_nothing", "no_works", "in_plan", "centre_not_in_service", "budget",
                       "crew", "budget_or_crew", "budget_and_crew", "no_value", "unknown_cost")),
        Field(name="short_vnd", kind="number", unit="đồng", minimum=0,
              title=Bilingual("Kinh phí ít nhất phải thêm để vào được, việc khác giữ nguyên năm",
                              "Least money to add so that it enters, all else in its year")),
        Field(name="short_days", kind="number", unit="ngày", minimum=0,
              title=Bilingual("Ngày công ít nhất phải thêm để vào được lộ trình",
                              "Least crew days to add so that it enters")),
        Field(name="would_enter", kind="integer", minimum=1990, maximum=9999,
              title=Bilingual(
                  "Năm sẽ đến lượt nếu lập tiếp lộ trình với các năm sau như năm cuối",
                  "Year its turn comes if the plan goes on with years like the last",
              )),
        *_COST_BASIS,
    ),
)  # fmt: skip
ROLLOUT_WORKS = Table(
    name="rollout_works",
    title=Bilingual("Công việc theo năm", "Works by year"),
    geometry=None,
    key=("office_id", "work"),
    sheet="Công việc theo năm",
    fields=(
        OFFICES["office_id"],
        Field(name="work", kind="text", title=Bilingual("Công việc", "Work"), required=True),
        Field(name="year", kind="integer", title=Bilingual("Năm", "Year"), required=True,
              minimum=1990, maximum=2100),
        _COST_VND,
        _CREW_DAYS,
        *_COST_BASIS,
    ),
)  # fmt: skip
ROLLOUT_YEARS = Table(
    name="rollout_years",
    title=Bilingual("Lộ trình theo năm: trụ sở, kinh phí, ngày công",
                    "The rollout by year: offices, money, crews"),
    geometry=None,
    key=("year",),
    sheet="Lộ trình theo năm",
    fields=(
        ROLLOUT_WORKS["year"],
        _NO_WORKS,
        count("offices_entering", "Số trụ sở bắt đầu phục vụ trong năm",
              "Offices that come into service in the year"),
        count("offices_in_service",
              "Tổng số trụ sở bắt đầu phục vụ đến hết năm; không kể số không thiếu việc nào từ đầu",
              "Offices that came into service by the end of the year, without those that lack no "
              "work"),
        Field(name="budget_vnd", kind="number", unit="đồng", minimum=0,
              title=Bilingual("Kinh phí được cấp", "Budget")),
        Field(name="spent_vnd", kind="number", unit="đồng", minimum=0,
              title=Bilingual("Kinh phí đã chi", "Money spent")),
        Field(name="crew_days", kind="number", unit="ngày", minimum=0,
              title=Bilingual("Ngày công có thể huy động", "Crew days available")),
        Field(name="crew_days_used", kind="number", unit="ngày", minimum=0,
              title=Bilingual("Ngày công đã dùng", "Crew days used")),
        *_COST_BASIS,
    ),
)  # fmt: skip
ROLLOUT_SCENARIOS = Table(
    name="rollout_scenarios",
    title=Bilingual("So sánh các phương án kinh phí", "Budget scenarios compared"),
    geometry=None,
    key=("scenario",),
    sheet="Phương án kinh phí",
    fields=(
        Field(name="scenario", kind="text", title=Bilingual("Mã phương án", "Scenario"),
              required=True),
        Field(name="vi", kind="text", title=Bilingual("Tên phương án", "Name (Vietnamese)")),
        Field(name="en", kind="text", title=Bilingual("Tên phương án (tiếng Anh)", "Name")),
        Field(name="budget_vnd", kind="number",
              title=Bilingual("Kinh phí cả kỳ", "Budget of all years"), unit="đồng", minimum=0),
        _NO_WORKS,
        count("offices_in_service",
              "Số trụ sở bắt đầu phục vụ trong cả kỳ; không kể số không thiếu việc nào từ đầu",
              "Offices that came into service by the end, those without works not among them"),
        count("offices", "Số trụ sở", "Offices"),
        Field(name="spent_vnd", kind="number", title=Bilingual("Kinh phí đã chi", "Money spent"),
              unit="đồng", minimum=0),
        Field(name="value", kind="number", title=Bilingual("Giá trị đạt được", "Value"), minimum=0),
        Field(name="gap_share", kind="number", minimum=0, maximum=1,
              title=Bilingual("Khoảng cách tối đa đến phương án tốt nhất",
                              "Gap to the best plan at most")),
        *_COST_BASIS,
    ),
)  # fmt: skip

READINESS_RULES = Table(
    name="readiness_rules",
    title=Bilingual("Bảng tiêu chí mức sẵn sàng (sửa được)",
                    "Rules of the readiness levels (editable)"),
    geometry=None,
    key=("prerequisite",),
    fields=(
        Field(name="level", kind="integer", title=Bilingual("Mức", "Level"), required=True,
              minimum=1),
        Field(name="prerequisite", kind="text", title=Bilingual("Mã điều kiện", "Prerequisite"),
              required=True, pattern=CODE),
        Field(name="field", kind="text", title=Bilingual("Cột số liệu", "Column it is judged by"),
              required=True),
        Field(name="rule", kind="text", title=Bilingual("Cách xét", "Rule"), required=True,
              choices=("true", "at_least")),
        Field(name="minimum", kind="number", title=Bilingual("Giá trị tối thiểu", "Least value"),
              minimum=0),
        Field(name="vi", kind="text", title=Bilingual("Tên tiếng Việt", "Vietnamese name"),
              required=True),
        Field(name="en", kind="text", title=Bilingual("Tên tiếng Anh", "English name"),
              required=True),
        Field(name="legal_basis", kind="text", title=Bilingual("Căn cứ", "Legal basis"),
              required=True),
    ),
)  # fmt: skip
PLAUSIBILITY_RULES = Table(
    name="plausibility_rules",
    title=Bilingual("Giới hạn hợp lý của số liệu trụ sở (sửa được)",
                    "Plausible limits of the offices' figures (editable)"),
    geometry=None,
    key=("rule",),
    fields=(
        Field(name="rule", kind="text", title=Bilingual("Mã quy tắc", "Rule"), required=True,
              pattern=CODE),
        Field(name="figure", kind="text", title=Bilingual("Số liệu được xét", "Figure judged"),
              required=True),
        Field(name="per", kind="text",
              title=Bilingual("Chia cho số liệu", "Divided by the figure")),
        Field(name="minimum", kind="number", title=Bilingual("Ít nhất", "At least")),
        Field(name="maximum", kind="number", title=Bilingual("Nhiều nhất", "At most")),
        Field(name="vi", kind="text", title=Bilingual("Lý do (tiếng Việt)", "Reason (Vietnamese)"),
              required=True),
        Field(name="en", kind="text", title=Bilingual("Lý do (tiếng Anh)", "Reason (English)"),
              required=True),
    ),
)  # fmt: skip
WORKS = Table(
    name="works",
    title=Bilingual("Công việc để đạt từng điều kiện: chi phí, ngày công, thứ tự",
                    "Works that fulfil the prerequisites: cost, crew days, order"),
    geometry=None,
    key=("prerequisite",),
    fields=(
        Field(name="prerequisite", kind="text", required=True, pattern=CODE,
              title=Bilingual("Mã điều kiện mà công việc đáp ứng",
                              "Prerequisite that the work fulfils")),
        Field(name="cost_vnd", kind="number", unit="đồng", required=True, minimum=0,
              title=Bilingual(
                  "Chi phí mỗi trụ sở, hoặc cho mỗi đơn vị còn thiếu nếu là số lượng; lớn hơn 0",
                  "Cost an office, or of each unit that is short if it is a count; above 0",
              )),
        Field(name="crew_days", kind="number", unit="ngày", required=True, minimum=0,
              title=Bilingual("Ngày công mỗi trụ sở", "Crew days an office")),
        Field(name="after", kind="text",
              title=Bilingual(
                  "Mã các điều kiện phải xong trước hoặc trong cùng năm, cách nhau bằng dấu phẩy",
                  "Prerequisites to be done before or in the same year, comma separated",
              )),
        Field(name="source", kind="text", required=True,
              title=Bilingual("Nguồn của chi phí", "Source of the cost")),
    ),
)  # fmt: skip
PRIORITIES = Table(
    name="priorities",
    title=Bilingual("Tiêu chí ưu tiên của xã trong lộ trình",
                    "Priorities of the communes in the rollout"),
    geometry=None,
    key=("commune_code",),
    fields=(
        COMMUNE_CODE,
        Field(name="ethnic_minority_share", kind="number", minimum=0, maximum=1,
              title=Bilingual("Tỷ lệ người dân tộc thiểu số",
                              "Share of residents of ethnic minorities")),
        flag("border", "Xã biên giới", "Border commune"),
        Field(name="priority", kind="number", minimum=0,
              title=Bilingual("Điểm ưu tiên do tỉnh tự cho",
                              "Score that the province itself gives")),
    ),
)  # fmt: skip
CENTRES_AFTER = Table(
    name="centres_after",
    title=Bilingual("Trung tâm phục vụ hành chính công cấp xã sau sáp nhập",
                    "Commune public service centres after the merger"),
    geometry="Point",
    key=("office_id",),
    fields=(
        OFFICES["office_id"],
        OFFICES["name"],
        Field(name="commune_codes", kind="text", required=True,
              title=Bilingual("Mã các xã cũ mà trung tâm phục vụ, cách nhau bằng dấu phẩy",
                              "Codes of the old communes that it serves, comma separated")),
    ),
)  # fmt: skip
ACCESS = Table(
    name="access",
    title=Bilingual("Đường từ thôn đến trung tâm phục vụ hành chính công trước và sau sáp nhập",
                    "The way from villages to their service centre before and after a merger"),
    geometry="Point",
    key=("village_id",),
    sheet="Đường đến trung tâm",
    fields=(
        *(VILLAGES[name] for name in ("village_id", "name", "commune_code", "population")),
        *(
            Field(name=f"{when}_{name}", kind="number", unit=unit, minimum=0,
                  title=Bilingual(f"{vi} đến {centre_vi}", f"{en} to {centre_en}"))
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
