"""Where to build, what it costs and whom it serves: works, years and communes of a plan."""

from collections.abc import Mapping
from dataclasses import replace

from ..i18n import Bilingual
from ._fields import COMMUNE_CODE, POPULATION, count
from ._model import Field, Table
from .coverage import CONFIDENT_VERDICTS
from .villages import SIGNAL_CAUSE

_PEOPLE = Field(
    name="people", kind="number", unit="người", minimum=0, required=True,
    title=Bilingual("Số người có sóng thêm nhờ kế hoạch", "People served more by the plan"),
)  # fmt: skip
_YEAR = Field(
    name="year", kind="integer", required=True, minimum=1990, maximum=2100,
    title=Bilingual("Năm", "Year"),
)  # fmt: skip
_SERVICE = Field(
    name="service", kind="text", required=True, title=Bilingual("Dịch vụ", "Service"),
)  # fmt: skip
_OPERATOR = Field(
    name="operator", kind="text",
    title=Bilingual("Nhà mạng của trạm", "Operator of the cells"),
)  # fmt: skip
_TECHNOLOGY = Field(
    name="technology", kind="text",
    title=Bilingual("Công nghệ của trạm", "Technology of the cells"),
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
        Field(name="kind", kind="text", required=True,
              choices=(
                  "mast", "share", "band", "sectors", "raise", "fibre", "hop", "relay", "grid",
                  "solar", "generator", "village_power",
              ),
              title=Bilingual(
                  "Loại: cột ăng-ten mới, lắp trên cột ăng-ten đã có, băng tần, thêm ba sector, "
                  "nâng cột ăng-ten, kéo cáp quang, tuyến vi ba, trạm chuyển tiếp vi ba, "
                  "kéo điện lưới, điện mặt trời, máy phát điện, kéo điện lưới đến thôn",
                  "Kind: new mast, cells on a mast that is there, new band, three sectors more, "
                  "higher mast, fibre drop, microwave hops, relay of hops, line from the grid, "
                  "solar panels, generator, line to a village",
              )),
        _OPERATOR,
        _TECHNOLOGY,
        _YEAR,
        Field(name="cost_vnd", kind="number", unit="đồng", minimum=0, required=True,
              title=Bilingual("Chi phí", "Cost")),
        Field(name="antenna_height_m", kind="number", unit="m", minimum=0,
              title=Bilingual("Độ cao ăng-ten so với mặt đất", "Antenna height above ground")),
        Field(name="frequency_mhz", kind="number", unit="MHz", minimum=0,
              title=Bilingual("Tần số của băng tần thêm", "Carrier of the new band")),
        Field(name="sectors", kind="integer", minimum=2,
              title=Bilingual("Số sector của cột ăng-ten mới", "Sectors of the new mast")),
        Field(name="more_power_db", kind="number", unit="dB",
              title=Bilingual("Công suất hơn các trạm đang có", "Power above that of cells there")),
        Field(name="length_m", kind="number", unit="m", minimum=0,
              title=Bilingual("Chiều dài cáp, các chặng vi ba hoặc đường điện",
                              "Length of the cable, the hops or the power line")),
        Field(name="hops", kind="integer", minimum=1,
              title=Bilingual("Số chặng vi ba", "Microwave hops")),
        Field(name="availability", kind="number", minimum=0, maximum=1,
              title=Bilingual("Tỷ lệ thời gian trong năm các chặng vi ba hoạt động",
                              "Share of the year in which the hops work")),
        Field(name="via", kind="text",
              title=Bilingual("Các chặng vi ba đi qua", "Where the hops lead over")),
    ),
)  # fmt: skip
SITE_CABLES = Table(
    name="site_cables",
    title=Bilingual("Cáp quang kéo vào trạm của kế hoạch", "Cable to the sites of the plan"),
    geometry="LineString",
    key=("work_id",),
    sheet="Cáp quang",
    fields=(
        Field(name="work_id", kind="text", required=True, title=Bilingual("Mã công việc", "Work")),
        Field(name="site_id", kind="text", required=True, title=Bilingual("Mã vị trí", "Site")),
        _YEAR,
        Field(name="along", kind="text", choices=("road", "straight"),
              title=Bilingual("Kéo dọc đường bộ hay kéo thẳng", "Along roads or straight")),
        Field(name="length_m", kind="number", unit="m", minimum=0,
              title=Bilingual("Chiều dài cáp", "Length of the cable")),
        Field(name="cost_vnd", kind="number", unit="đồng", minimum=0,
              title=Bilingual("Chi phí", "Cost")),
    ),
)  # fmt: skip
SITE_HOPS = Table(
    name="site_hops",
    title=Bilingual("Các chặng vi ba của kế hoạch xây trạm", "Microwave hops of the plan of sites"),
    geometry="LineString",
    key=("work_id", "hop"),
    sheet="Chặng vi ba",
    fields=(
        Field(name="work_id", kind="text", required=True, title=Bilingual("Mã công việc", "Work")),
        Field(name="hop", kind="integer", minimum=1, required=True,
              title=Bilingual("Chặng thứ mấy, từ trạm mới", "Which hop, from the new site on")),
        Field(name="from_site", kind="text", required=True,
              title=Bilingual("Từ vị trí", "From the site")),
        Field(name="to_site", kind="text", required=True,
              title=Bilingual("Đến vị trí", "To the site")),
        Field(name="from_height_m", kind="number", unit="m", minimum=0,
              title=Bilingual("Độ cao ăng-ten đầu đi", "Height of the first antenna")),
        Field(name="to_height_m", kind="number", unit="m", minimum=0,
              title=Bilingual("Độ cao ăng-ten đầu đến", "Height of the last antenna")),
        Field(name="length_m", kind="number", unit="m", minimum=0,
              title=Bilingual("Chiều dài", "Length")),
        Field(name="frequency_ghz", kind="number", unit="GHz", minimum=0,
              title=Bilingual("Tần số", "Frequency")),
        Field(name="earth_factor", kind="number", minimum=0,
              title=Bilingual("Hệ số bán kính Trái Đất khi chặng ít thoáng nhất",
                              "Earth radius factor at which the hop is least free")),
        Field(name="clearance_m", kind="number", unit="m",
              title=Bilingual("Phần thoáng vượt mức cần, ở chỗ khuất nhất",
                              "Clearance beyond what is asked, at the worst place")),
        Field(name="worst_at_m", kind="number", unit="m", minimum=0,
              title=Bilingual("Chỗ khuất nhất cách đầu đi", "Where that is, from the first end")),
        Field(name="margin_db", kind="number", unit="dB",
              title=Bilingual("Dự trữ pha-đinh", "Fade margin")),
        Field(name="rain_percent", kind="number", unit="%", minimum=0,
              title=Bilingual("Thời gian trong năm mất tuyến vì mưa",
                              "Time of the year lost to rain")),
        Field(name="fading_percent", kind="number", unit="%", minimum=0,
              title=Bilingual("Thời gian trong năm mất tuyến vì pha-đinh đa đường",
                              "Time of the year lost to multipath fading")),
        Field(name="availability", kind="number", minimum=0, maximum=1,
              title=Bilingual("Tỷ lệ thời gian trong năm chặng hoạt động",
                              "Share of the year in which the hop works")),
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
    geometry="Polygon",
    key=("service", "commune_code"),
    sheet="Theo xã",
    fields=(
        _SERVICE,
        COMMUNE_CODE,
        Field(name="name", kind="text", title=Bilingual("Tên xã", "Name of the commune")),
        POPULATION,
        Field(name="share_before", kind="number", minimum=0, maximum=1,
              title=Bilingual("Tỷ lệ dân số có sóng hiện nay", "Share of residents served now")),
        _PEOPLE,
        Field(name="share_after", kind="number", minimum=0, maximum=1,
              title=Bilingual("Tỷ lệ dân số có sóng khi xong kế hoạch",
                              "Share of residents served once the plan is done")),
        Field(name="centre_before", kind="boolean",
              title=Bilingual("Trung tâm xã có sóng hiện nay",
                              "Centre of the commune served now")),
        Field(name="centre_after", kind="boolean",
              title=Bilingual("Trung tâm xã có sóng khi xong kế hoạch",
                              "Centre of the commune served once the plan is done")),
    ),
)  # fmt: skip
_COMMUNE = (
    replace(COMMUNE_CODE, required=False),
    Field(name="commune", kind="text", title=Bilingual("Tên xã", "Name of the commune")),
)
_PLACED_YEAR = replace(_YEAR, title=Bilingual("Năm xong", "Year of completion"))


def _money(name: str, vi: str, en: str) -> Field:
    return Field(
        name=name, kind="number", unit="đồng", minimum=0, title=Bilingual(vi, en),
    )  # fmt: skip


PLANNED_SITES = Table(
    name="planned_sites",
    title=Bilingual("Trạm sẽ xây, theo thứ tự làm", "Sites to build, in order"),
    geometry="Point",
    key=("work_id",),
    sheet="Trạm sẽ xây",
    fields=(
        Field(name="work_id", kind="text", required=True, title=Bilingual("Mã công việc", "Work")),
        Field(name="rank", kind="integer", required=True, minimum=1,
              title=Bilingual("Thứ tự: theo năm, trong năm thì nhiều người trước",
                              "Order: by year, within a year most people first")),
        Field(name="site_id", kind="text", required=True, title=Bilingual("Mã vị trí", "Site")),
        Field(name="site_kind", kind="text", required=True,
              choices=("new_mast", "shared_mast", "new_band", "new_sectors", "higher_mast"),
              title=Bilingual("Loại", "Kind")),
        _OPERATOR,
        _TECHNOLOGY,
        _PLACED_YEAR,
        *_COMMUNE,
        replace(SITE_WORKS["antenna_height_m"]),
        replace(_PEOPLE, title=Bilingual(
            "Số người có sóng thêm mà trạm xếp trước chưa phủ",
            "People served more whom no site before it serves",
        )),
        count("villages", "Số thôn có sóng thêm", "Villages served more"),
        Field(name="village_names", kind="text",
              title=Bilingual("Tên các thôn có sóng thêm", "Names of the villages served more")),
        replace(_money("antenna_vnd", "Giá cột ăng-ten và thiết bị", "Price of mast and cells"),
                required=True),
        Field(name="backhaul", kind="text", choices=("fibre", "hop", "fibre_and_hop"),
              title=Bilingual("Đường truyền", "Backhaul")),
        Field(name="backhaul_m", kind="number", unit="m", minimum=0,
              title=Bilingual("Chiều dài đường truyền", "Length of the backhaul")),
        _money("backhaul_vnd", "Giá đường truyền", "Price of the backhaul"),
        Field(name="power", kind="text", choices=("grid", "solar", "generator"),
              title=Bilingual("Nguồn điện, nếu tính riêng",
                              "Power, where it has a price of its own")),
        _money("power_vnd", "Giá nguồn điện, nếu tính riêng",
               "Price of power, where it has one of its own"),
        replace(_money("total_vnd", "Tổng chi phí", "Price in all"), required=True),
        _money("vnd_per_person", "Chi phí cho mỗi người có sóng thêm",
               "Price for each person served more"),
    ),
)  # fmt: skip
SITE_COMMUNE_YEARS = Table(
    name="site_commune_years",
    title=Bilingual("Công việc theo năm và xã", "Works by year and commune"),
    geometry=None,
    key=("year", "commune_code"),
    sheet="Theo năm và xã",
    fields=(
        _YEAR,
        COMMUNE_CODE,
        Field(name="name", kind="text", title=Bilingual("Tên xã", "Name of the commune")),
        count("new_masts", "Cột ăng-ten mới đặt tại xã", "New masts in the commune"),
        count("shared_masts", "Trạm lắp trên cột ăng-ten đã có tại xã",
              "Cells on masts that are there, in the commune"),
        count("backhauls", "Đường truyền của các trạm tại xã", "Backhauls of sites in the commune"),
        _money("cost_vnd", "Chi phí cho các trạm tại xã", "Price of what is built in the commune"),
        replace(_PEOPLE, title=Bilingual("Số người của xã có sóng thêm trong năm",
                                         "Residents of the commune served more in the year")),
    ),
)  # fmt: skip
SITE_GAPS = Table(
    name="site_gaps",
    title=Bilingual("Vùng lõm sóng khi xong kế hoạch", "Gaps once the plan is done"),
    geometry="Polygon",
    key=("gap_id",),
    sheet="Vùng lõm",
    fields=(
        Field(name="gap_id", kind="text", title=Bilingual("Mã vùng lõm", "Gap"), required=True),
        _SERVICE,
        Field(name="outcome", kind="text", required=True, choices=("closed", "narrowed", "left"),
              title=Bilingual("Kết quả", "Outcome")),
        Field(name="year", kind="integer", minimum=1990, maximum=2100,
              title=Bilingual("Năm cuối có người được phủ sóng",
                              "Last year in which people in it are served")),
        replace(POPULATION, title=Bilingual("Số người chưa có sóng hiện nay",
                                            "People not served now")),
        _PEOPLE,
        Field(name="people_left", kind="number", unit="người", minimum=0, required=True,
              title=Bilingual("Số người còn lại", "People left")),
        Field(name="communes", kind="text", title=Bilingual("Tên các xã", "Names of the communes")),
    ),
)  # fmt: skip
SITE_UNREACHED = Table(
    name="site_unreached",
    title=Bilingual("Thôn có người mà không vị trí nào phủ tới",
                    "Villages with people whom no candidate reaches"),
    geometry="Point",
    key=("service", "village_id"),
    sheet="Thôn không phủ tới",
    fields=(
        _SERVICE,
        Field(name="village_id", kind="text", required=True, title=Bilingual("Mã thôn", "Village")),
        Field(name="name", kind="text", title=Bilingual("Tên thôn", "Name of the village")),
        *_COMMUNE,
        replace(_PEOPLE, title=Bilingual("Số người không vị trí nào phủ tới",
                                         "People whom no candidate reaches")),
        replace(SIGNAL_CAUSE, title=Bilingual(
            "Vì sao vị trí tốt nhất không phủ tới nơi đông nhất",
            "Why the best candidate does not serve the place where most of them live",
        )),
        Field(name="missing_db", kind="number", unit="dB",
              title=Bilingual("Phần tín hiệu còn thiếu", "What the signal lacks")),
        Field(name="candidate_id", kind="text",
              title=Bilingual("Vị trí cho sóng mạnh nhất, không có thì vị trí gần nhất",
                              "Candidate heard best, else the nearest")),
        Field(name="candidate_distance_km", kind="number", unit="km", minimum=0,
              title=Bilingual("Khoảng cách đến đó", "Distance to it")),
        Field(name="obstacle_distance_km", kind="number", unit="km", minimum=0,
              title=Bilingual("Khoảng cách đến điểm che", "Distance to the point in the way")),
        Field(name="clearing_height_m", kind="number", unit="m", minimum=0,
              title=Bilingual("Độ cao ăng-ten nhìn qua được điểm che",
                              "Antenna height that sees over it")),
    ),
)  # fmt: skip
OWN_PLACES = Table(
    name="own_places",
    title=Bilingual("Vị trí riêng muốn xét xây trạm", "Places of one's own to be tried for sites"),
    geometry="Point",
    key=("place_id",),
    sheet="Vị trí",
    fields=(
        Field(name="place_id", kind="text", required=True, title=Bilingual("Mã vị trí", "Place"),
              aliases=("mã vị trí", "ma_vi_tri")),
        Field(name="name", kind="text", title=Bilingual("Tên vị trí", "Name")),
    ),
)  # fmt: skip
EXCLUDED_AREAS = Table(
    name="excluded_areas",
    title=Bilingual("Vùng không được xây trạm", "Areas without new masts"),
    geometry="Polygon",
    key=("area_id",),
    sheet="Vùng cấm",
    fields=(
        Field(name="area_id", kind="text", required=True, title=Bilingual("Mã vùng", "Area"),
              aliases=("mã vùng", "ma_vung")),
        Field(name="name", kind="text", title=Bilingual("Tên vùng", "Name")),
    ),
)  # fmt: skip
_GAP = Field(
    name="gap", kind="number", minimum=0,
    title=Bilingual("Kế hoạch khác, nếu có, hơn nhiều nhất tỷ lệ này",
                    "Share by which another plan might be better"),
)  # fmt: skip
SITE_CURVE = Table(
    name="site_curve",
    title=Bilingual("Số người có sóng thêm theo số tiền", "People against money"),
    geometry=None,
    key=("point",),
    sheet="Tiền và người",
    fields=(
        Field(name="point", kind="integer", required=True, minimum=1,
              title=Bilingual("Điểm của đường cong", "Point of the curve")),
        replace(_money("cost_vnd", "Chi phí", "Cost"), required=True),
        replace(_PEOPLE, title=Bilingual("Số người có sóng thêm", "People served more")),
        Field(name="share", kind="number", minimum=0, maximum=1,
              title=Bilingual("Tỷ lệ dân số có sóng", "Share of residents served")),
        count("communes_met", "Số xã đạt tỷ lệ mục tiêu", "Communes that have the share asked for"),
        count("works", "Số công việc", "Works"),
        _GAP,
    ),
)  # fmt: skip
SITE_COMMUNE_CURVES = Table(
    name="site_commune_curves",
    title=Bilingual("Số người có sóng thêm theo số tiền, mỗi xã tính riêng",
                    "People against money, each commune by itself"),
    geometry=None,
    key=("service", "commune_code", "point"),
    sheet="Tiền và người từng xã",
    fields=(
        _SERVICE,
        COMMUNE_CODE,
        SITE_CURVE["point"],
        Field(name="name", kind="text", title=Bilingual("Tên xã", "Name of the commune")),
        SITE_CURVE["cost_vnd"],
        SITE_CURVE["people"],
        SITE_CURVE["share"],
        _GAP,
    ),
)  # fmt: skip
SITE_PRICES = Table(
    name="site_prices",
    title=Bilingual("Giá để từng xã đạt mục tiêu, mỗi xã tính riêng",
                    "Price of the target in each commune, each by itself"),
    geometry=None,
    key=("service", "commune_code"),
    sheet="Giá từng xã",
    fields=(
        _SERVICE,
        COMMUNE_CODE,
        Field(name="name", kind="text", title=Bilingual("Tên xã", "Name of the commune")),
        POPULATION,
        Field(name="share_before", kind="number", minimum=0, maximum=1,
              title=Bilingual("Tỷ lệ dân số có sóng hiện nay", "Share of residents served now")),
        Field(name="share_most", kind="number", minimum=0, maximum=1,
              title=Bilingual("Tỷ lệ cao nhất khi làm mọi công việc",
                              "Largest share, with all works there are")),
        _money("price_vnd", "Giá để đạt mục tiêu", "Price of the target"),
        _GAP,
        Field(name="why", kind="text",
              choices=("met", "beyond_reach", "works_exclude", "no_residents", "out_of_time"),
              title=Bilingual("Vì sao không có giá, hoặc giá bằng 0",
                              "Why there is no price, or none to pay")),
    ),
)  # fmt: skip


def _share(name: str, vi: str, en: str) -> Field:
    return Field(name=name, kind="number", minimum=0, maximum=1, title=Bilingual(vi, en))


def _people(name: str, vi: str, en: str) -> Field:
    return Field(name=name, kind="number", unit="người", minimum=0, title=Bilingual(vi, en))


def _drawn_share(name: str, vi: str, en: str) -> Field:
    return replace(_share(name, vi, en), estimate_of="run")


def _drawn_people(name: str, vi: str, en: str) -> Field:
    return replace(_people(name, vi, en), estimate_of="run")


SITE_VERDICTS = Table(
    name="site_verdicts",
    title=Bilingual("Kế hoạch khi dự báo có sai số", "The plan where the prediction errs"),
    geometry=None,
    key=("service", "level", "code"),
    sheet="Khi có sai số",
    fields=(
        _SERVICE,
        Field(name="level", kind="text", required=True, choices=("province", "commune"),
              title=Bilingual("Cấp", "Level")),
        Field(name="code", kind="text", required=True,
              title=Bilingual("Mã đơn vị", "Code of the unit")),
        Field(name="name", kind="text", title=Bilingual("Tên đơn vị", "Name of the unit")),
        POPULATION,
        _share("share_before", "Tỷ lệ dân số có sóng hiện nay", "Share of residents served now"),
        _share("share_after", "Tỷ lệ dân số có sóng mà kế hoạch hứa",
               "Share of residents served that the plan promises"),
        _people("expected_before", "Số người nhân với xác suất có sóng, hiện nay",
                "People times the probability that they are served, now"),
        _people("expected_after", "Số người nhân với xác suất có sóng, khi xong kế hoạch",
                "People times the probability that they are served, once the plan is done"),
        _drawn_share("share_low", "Đầu dưới của khoảng 90 % quanh ước lượng khi xong kế hoạch",
               "Lower end of the 90 % band around the estimate, once the plan is done"),
        _drawn_share("share_median", "Ước lượng tỷ lệ có sóng khi xong kế hoạch",
               "Estimated share served once the plan is done"),
        _drawn_share("share_high", "Đầu trên của khoảng 90 % quanh ước lượng khi xong kế hoạch",
               "Upper end of the 90 % band around the estimate, once the plan is done"),
        _drawn_share("probability_before", "Xác suất đã đạt mục tiêu từ hiện nay",
               "Probability that the target is met already"),
        _drawn_share("target_probability", "Xác suất đạt mục tiêu khi xong kế hoạch",
               "Probability that the target is met once the plan is done"),
        Field(name="confident_verdict", kind="text", choices=CONFIDENT_VERDICTS,
              estimate_of="run",
              title=Bilingual("Kết luận ở độ tin cậy của nghiên cứu",
                              "Verdict at the study's confidence")),
    ),
)  # fmt: skip
SITE_CHECKS = Table(
    name="site_checks",
    title=Bilingual("Nên đo ở đâu trước khi xây", "Where to measure before building"),
    geometry="Point",
    key=("service", "work_id"),
    sheet="Đo trước khi xây",
    fields=(
        _SERVICE,
        Field(name="work_id", kind="text", required=True, title=Bilingual("Mã công việc", "Work")),
        Field(name="rank", kind="integer", required=True, minimum=1,
              title=Bilingual("Thứ tự: nơi số tiền có thể phí nhiều nhất đứng trước",
                              "Order: where most money may be wasted first")),
        Field(name="site_id", kind="text", required=True, title=Bilingual("Mã vị trí", "Site")),
        replace(PLANNED_SITES["site_kind"]),
        _PLACED_YEAR,
        *_COMMUNE,
        replace(PLANNED_SITES["village_names"]),
        replace(PLANNED_SITES["people"]),
        _drawn_people("people_low", "Đầu dưới của khoảng 90 % của số người có sóng thêm ở đó",
                "Lower end of the 90 % band of the people served more there"),
        _drawn_people("people_high", "Đầu trên của khoảng 90 % của số người có sóng thêm ở đó",
                "Upper end of the 90 % band of the people served more there"),
        _drawn_share("needless_probability",
               "Xác suất hơn nửa số người ở đó đã có sóng mà không cần kế hoạch",
               "Probability that more than half of the people there are served without the plan"),
        _drawn_share("weak_probability",
               "Xác suất xong kế hoạch mà không quá nửa số người ở đó có sóng",
               "Probability that no more than half of them are served once the plan is done"),
        replace(PLANNED_SITES["total_vnd"]),
        _money("at_stake_vnd", "Số tiền có thể phí: chi phí nhân với hai xác suất ấy",
               "Money at stake: the price times the two probabilities"),
    ),
)  # fmt: skip
SITING_TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        PLANNED_SITES, SITE_COMMUNE_YEARS, SITE_YEARS, SITE_COMMUNES, SITE_GAPS,
        SITE_UNREACHED, SITE_WORKS, SITE_CABLES, SITE_HOPS, SITE_CURVE, SITE_COMMUNE_CURVES,
        SITE_PRICES, SITE_VERDICTS, SITE_CHECKS,
    )
}  # fmt: skip
"""The tables of a plan of sites, in the order of its workbook; the last five if asked for."""
