"""What the fibre part of a run finds, and the prices it takes."""

from dataclasses import replace

from ..i18n import Bilingual
from ._fields import SPARE_FIBRES, count, flag
from ._model import Field, Table
from .coverage import (
    COMMUNES_RESULT,
    FIBRE_CONNECTED,
    FIBRE_CONTRADICTIONS,
    HOMING_PLANNED,
    SINGLE_REASON,
)
from .egov import READINESS
from .inputs import HOPS, NODES, ROADS, SPANS


def _number(name: str, vi: str, en: str) -> Field:
    """Return a running number from 1 that identifies a row."""
    return Field(name=name, kind="integer", title=Bilingual(vi, en), required=True, minimum=1)


FIBRE_FINDINGS = Table(
    name="fibre_findings",
    title=Bilingual("Những chỗ mạng cáp quang được nối, cắt, bỏ qua hoặc rời rạc",
                    "Where the fibre network was joined, split, left out or found disconnected"),
    geometry="Point",
    key=("finding_id",),
    sheet="Kiểm tra mạng cáp",
    fields=(
        _number("finding_id", "Số thứ tự", "Number"),
        Field(name="finding", kind="text", required=True,
              title=Bilingual("Việc đã làm hoặc nghi vấn", "What was done or is doubtful"),
              choices=("snapped", "node_far_from_end", "nodes_merged", "joined_mid_span",
                       "not_joined", "zero_length", "duplicate", "disconnected_part", "road_gap")),
        Field(name="span_id", kind="text", title=Bilingual("Mã tuyến", "Span")),
        Field(name="node_id", kind="text", title=Bilingual("Mã nút", "Node")),
        Field(name="distance_m", kind="number", title=Bilingual("Khoảng cách", "Distance"),
              unit="m", minimum=0),
    ),
)  # fmt: skip

FIBRE_REACH = Table(
    name="fibre_reach",
    title=Bilingual("Đường cáp từ mỗi điểm đến trung tâm huyện và tỉnh",
                    "The way along the fibre from each place to its district and provincial hub"),
    geometry=None,
    key=(),
    fields=(
        Field(name="nearest_span", kind="text",
              title=Bilingual("Tuyến cáp gần nhất", "Nearest span")),
        replace(COMMUNES_RESULT["distance_to_fibre_m"],
                title=Bilingual("Khoảng cách thẳng đến tuyến cáp quang đang khai thác gần nhất",
                                "Straight distance to the nearest operational span")),
        Field(name="drop_m", kind="number", unit="m", minimum=0,
              title=Bilingual("Chiều dài kéo cáp đến tuyến gần nhất, theo đường bộ hoặc địa hình",
                              "Length of the drop to the nearest span, along roads or terrain")),
        *(
            field
            for hub, vi, en in (
                ("district", "trung tâm huyện", "district hub"),
                ("province", "trung tâm tỉnh", "provincial hub"),
            )
            for field in (
                Field(name=f"{hub}_hub_m", kind="number", unit="m", minimum=0,
                      title=Bilingual(f"Chiều dài tuyến cáp đến {vi}",
                                      f"Length along spans to the {en}")),
                Field(name=f"{hub}_hub_hops", kind="integer", minimum=0,
                      title=Bilingual(f"Số tuyến đi qua đến {vi}", f"Spans used to the {en}")),
                Field(name=f"{hub}_hub_path", kind="text",
                      title=Bilingual(f"Các tuyến đi qua đến {vi}, cách nhau bằng dấu phẩy",
                                      f"Spans used to the {en}, comma separated")),
            )
        ),
        *SPARE_FIBRES,
    ),
)  # fmt: skip

_DARK = tuple(
    Field(name=f"dark_{name}", kind="number", unit=unit, minimum=0, title=Bilingual(vi, en))
    for name, unit, vi, en in (
        ("offices", "", "Số trụ sở mất kết nối", "Offices that go dark"),
        ("masts", "", "Số cột ăng-ten mất kết nối", "Masts that go dark"),
        ("population", "người", "Số dân mất kết nối", "Residents who go dark"),
    )
)
SPAN_CRITICALITY = Table(
    name="span_criticality",
    title=Bilingual("Diễn tập đứt cáp: mỗi đoạn đứt thì mất gì",
                    "Cut drill: what each section takes away"),
    geometry="LineString",
    key=("span_id", "section"),
    fields=(
        Field(name="span_id", kind="text", title=Bilingual("Mã tuyến", "Span"), required=True),
        Field(name="section", kind="integer", title=Bilingual("Đoạn thứ", "Section"), required=True,
              minimum=1),
        Field(name="length_m", kind="number", title=Bilingual("Chiều dài", "Length"), unit="m",
              required=True, minimum=0),
        flag("bridge", "Đứt đoạn này là mạng rời ra", "Its cut disconnects the network"),
        Field(name="shared_with", kind="text",
              title=Bilingual("Tuyến đi chung rãnh hoặc hàng cột treo cáp",
                              "Spans in the same trench or on the same poles")),
        *_DARK,
        Field(name="risk", kind="number", minimum=0,
              title=Bilingual("Rủi ro: số mất kết nối nhân chiều dài đoạn (km)",
                              "Risk: what goes dark times the length of the section in km")),
        _number("rank", "Thứ hạng", "Rank"),
    ),
)  # fmt: skip
_BUILD_YEAR = Field(
    name="build_year", kind="integer", minimum=1990, maximum=2100,
    title=Bilingual("Năm làm trong kinh phí; trống nếu phải chờ hoặc không nêu kinh phí",
                    "Year of construction within the budgets; empty if it waits or none is set"),
)  # fmt: skip
_MAINTENANCE = Field(
    name="maintenance_vnd_per_year", kind="number", unit="đồng/năm", minimum=0,
    title=Bilingual("Chi phí duy tu mỗi năm", "Maintenance a year"),
)  # fmt: skip
SPANS_RESULT = replace(
    SPANS,
    title=Bilingual("Tuyến cáp quang và hậu quả khi đứt",
                    "Fibre spans and what a cut of each takes away"),
    sheet="Tuyến cáp quang",
    fields=(
        *SPANS.fields,
        *(SPAN_CRITICALITY[name] for name in ("bridge", "shared_with")),
        *_DARK,
        replace(SPAN_CRITICALITY["risk"],
                title=Bilingual("Rủi ro của cả tuyến: số mất kết nối nhân chiều dài (km)",
                                "Risk of the whole span: what goes dark times its length in km")),
        replace(SPAN_CRITICALITY["rank"], required=False,
                title=Bilingual("Thứ hạng theo chỗ đứt nặng nhất trên tuyến",
                                "Rank by the worst cut along the span")),
        _MAINTENANCE,
    ),
)  # fmt: skip
STEEP_STRETCHES = replace(
    SPAN_CRITICALITY,
    name="steep_stretches",
    title=Bilingual("Đoạn cáp trên đất dốc, dễ bị sạt lở cắt đứt",
                    "Stretches of cable on steep ground, prone to landslides"),
    key=("rank",),
    sheet="Đoạn cáp đất dốc",
    fields=(
        _number("rank", "Thứ hạng theo rủi ro", "Rank by risk"),
        *(f for f in SPAN_CRITICALITY.fields if f.name not in {"bridge", "shared_with", "rank"}),
        Field(name="steepest_deg", kind="number",
              title=Bilingual("Độ dốc lớn nhất", "Steepest slope"), unit="°", minimum=0,
              maximum=90),
    ),
)  # fmt: skip
FIBRE_NODES = Table(
    name="fibre_nodes",
    title=Bilingual("Nút hỏng thì mất gì", "What the failure of each node takes away"),
    geometry="Point",
    key=("id",),
    sheet="Nút mạng cáp",
    fields=(
        *(NODES[name] for name in ("id", "name", "type")),
        flag("hub", "Là trung tâm tỉnh", "Is a provincial hub"),
        flag("articulation", "Hỏng nút này là mạng rời ra (trung tâm: có nút không còn nối đâu)",
              "Its failure disconnects the network; of a hub: nodes are left without any hub"),
        count("two_edge_part", "Phần mạng chịu được một chỗ đứt",
               "Part that survives any single cut"),
        *_DARK,
    ),
)  # fmt: skip
FIBRE_HOMING = Table(
    name="fibre_homing",
    title=Bilingual("Mỗi điểm nối với trung tâm bằng mấy đường",
                    "By how many ways each place hangs on its hub"),
    geometry=None,
    key=(),
    fields=(
        replace(COMMUNES_RESULT["homing"], required=True),
        Field(name="exposed_spans", kind="text",
              title=Bilingual("Tuyến mà đứt một chỗ là mất kết nối, cách nhau bằng dấu phẩy",
                              "Spans of which one cut isolates the place, comma separated")),
        Field(name="exposed_m", kind="number", unit="m", minimum=0,
              title=Bilingual("Chiều dài cáp mà đứt một chỗ là mất kết nối",
                              "Length of cable of which one cut isolates the place")),
    ),
)  # fmt: skip
OFFICES_RESULT = replace(
    READINESS,
    title=Bilingual("Trụ sở: cáp quang và mức sẵn sàng cho một cửa điện tử",
                    "Offices: fibre and readiness for the one-stop shop"),
    sheet="Trụ sở",
    fields=(
        *READINESS.fields,
        *(field for field in FIBRE_REACH.fields if not field.name.endswith("_path")),
        Field(name="fibre_operators", kind="text",
              title=Bilingual("Đơn vị có cáp quang trong tầm kéo, cách nhau bằng dấu phẩy",
                              "Operators whose fibre is within drop length, comma separated")),
        FIBRE_CONNECTED,
        FIBRE_CONTRADICTIONS,
        *(replace(field, required=False) for field in FIBRE_HOMING.fields),
        HOMING_PLANNED,
        SINGLE_REASON,
    ),
)  # fmt: skip

FIBRE_OPERATORS = Table(
    name="fibre_operators",
    title=Bilingual("Mạng cáp của từng nhà mạng, từng cặp và tất cả",
                    "The network of each operator, of each pair and of all"),
    geometry=None,
    key=("basis", "cable_of"),
    sheet="Cáp theo nhà mạng",
    fields=(
        Field(name="basis", kind="text", required=True, choices=("alone", "shared", "pair", "all"),
              title=Bilingual("Dùng cáp của ai", "Whose cable is used")),
        Field(name="operator", kind="text",
              title=Bilingual("Nhà mạng; trống nếu là cặp hoặc tất cả",
                              "Operator; empty for a pair and for all")),
        Field(name="cable_of", kind="text", required=True,
              title=Bilingual("Cáp của, cách nhau bằng dấu phẩy", "Cable of, comma separated")),
        count("spans", "Số tuyến đang khai thác", "Spans in service"),
        Field(name="length_km", kind="number", unit="km", minimum=0,
              title=Bilingual("Chiều dài như vẽ", "Length as drawn")),
        count("parts", "Số phần rời nhau", "Parts that do not hang together"),
        count("centres_connected", "Số trung tâm xã nối thông đến trung tâm tỉnh",
              "Commune centres connected to the provincial hub"),
        count("centres_dark", "Số trung tâm xã không nối thông đến trung tâm tỉnh",
              "Commune centres not connected to it"),
        count("centres_double", "Số trung tâm xã đứt một chỗ vẫn còn kết nối",
              "Commune centres that any single cut leaves connected"),
        Field(name="worst_span", kind="text",
              title=Bilingual("Tuyến đứt thì mất nhiều nhất", "Span whose cut takes most away")),
        Field(name="worst_dark_population", kind="number", unit="người", minimum=0,
              title=Bilingual("Số dân mất kết nối khi tuyến đó đứt",
                              "Residents who go dark at that cut")),
    ),
)  # fmt: skip

FIBRE_LINKS = Table(
    name="fibre_links",
    title=Bilingual("Đoạn cáp nên làm thêm", "New links worth building"),
    geometry="LineString",
    key=("from_id", "to_id"),
    sheet="Đoạn cáp nên làm",
    fields=(
        Field(name="from_id", kind="text", title=Bilingual("Từ nút", "From node"), required=True),
        Field(name="to_id", kind="text", title=Bilingual("Đến nút", "To node"), required=True),
        Field(name="from_name", kind="text", title=Bilingual("Từ (tên)", "From (name)")),
        Field(name="to_name", kind="text", title=Bilingual("Đến (tên)", "To (name)")),
        Field(name="length_m", kind="number", title=Bilingual("Chiều dài", "Length"), unit="m",
              required=True, minimum=0),
        Field(name="cost_vnd", kind="number", title=Bilingual("Chi phí", "Cost"), unit="đồng",
              minimum=0),
        _MAINTENANCE,
        Field(name="removed_risk", kind="number", minimum=0,
              title=Bilingual("Rủi ro giảm được (số mất kết nối nhân km)",
                              "Risk removed (what goes dark times km)")),
        Field(name="rank", kind="integer", minimum=1,
              title=Bilingual(
                  "Thứ hạng nếu chỉ làm thêm một đoạn; trống nếu đứng sau các đoạn được hỏi",
                  "Rank as the only new link; empty if behind those asked for",
              )),
        Field(name="stage", kind="integer", minimum=1,
              title=Bilingual(
                  "Đợt trong bộ rẻ nhất cho mỗi trung tâm hai đường (1: huyện, 2: xã)",
                  "Stage in the cheapest set that gives each centre two ways (1: districts, "
                  "2: communes)",
              )),
        _BUILD_YEAR,
    ),
)  # fmt: skip

FIBRE_PRICES = Table(
    name="fibre_prices",
    title=Bilingual("Đơn giá cáp quang theo kiểu lắp đặt và độ dốc",
                    "Price of fibre by deployment and slope"),
    geometry=None,
    key=("deployment", "slope_from_deg"),
    fields=(
        replace(SPANS["deployment"], required=True, aliases=("kieu_lap_dat", "kiểu lắp đặt")),
        Field(name="slope_from_deg", kind="number", unit="°", required=True, minimum=0, maximum=90,
              title=Bilingual(
                  "Áp dụng cho đất dốc từ; mỗi kiểu lắp đặt cần một dòng từ 0°",
                  "For ground of this slope and more; each deployment needs a row from 0°",
              ), aliases=("do_doc_tu", "độ dốc từ")),
        Field(name="price_vnd_per_km", kind="number", unit="đồng/km", required=True, minimum=1,
              title=Bilingual("Đơn giá, kể cả vật tư và thi công; lớn hơn 0",
                              "Price with material and labour; above 0"),
              aliases=("don_gia", "đơn giá")),
        Field(name="maintenance_vnd_per_km_year", kind="number", unit="đồng/km/năm", minimum=0,
              title=Bilingual("Chi phí duy tu mỗi km mỗi năm; trống nếu không biết",
                              "Maintenance of a km and year; empty if not known"),
              aliases=("duy_tu", "duy tu", "chi phí duy tu")),
    ),
)  # fmt: skip
FIBRE_EXTENSION = Table(
    name="fibre_extension",
    title=Bilingual("Tuyến cáp cần làm thêm để nối các điểm chưa thông đến trung tâm tỉnh",
                    "New routes that connect what is not connected"),
    geometry="LineString",
    key=("route_id",),
    sheet="Cáp cần kéo thêm",
    fields=(
        _number("route_id", "Số thứ tự", "Number"),
        Field(name="kind", kind="text", title=Bilingual("Loại đoạn", "Kind of route"),
              required=True, choices=("joint", "road", "gap", "terrain", "drop")),
        replace(ROADS["road_id"], required=False),
        Field(name="length_m", kind="number", title=Bilingual("Chiều dài", "Length"), unit="m",
              required=True, minimum=0),
        Field(name="cost_vnd", kind="number", title=Bilingual("Chi phí", "Cost"), unit="đồng",
              minimum=0),
        _MAINTENANCE,
        _BUILD_YEAR,
    ),
)  # fmt: skip

FIBRE_YEARS = Table(
    name="fibre_years",
    title=Bilingual("Cáp mới theo từng năm trong kinh phí", "New cable by year in its budgets"),
    geometry=None,
    key=("year",),
    sheet="Cáp mới theo năm",
    fields=(
        Field(name="year", kind="integer", title=Bilingual("Năm", "Year"), required=True,
              minimum=1990, maximum=2100),
        Field(name="budget_vnd", kind="number", unit="đồng", minimum=0,
              title=Bilingual("Kinh phí được cấp", "Budget")),
        Field(name="spent_vnd", kind="number", unit="đồng", minimum=0,
              title=Bilingual("Kinh phí đã chi", "Money spent")),
        Field(name="left_vnd", kind="number", unit="đồng", minimum=0,
              title=Bilingual("Kinh phí còn lại cuối năm", "Money left at the end of the year")),
        Field(name="length_km", kind="number", unit="km", minimum=0,
              title=Bilingual("Chiều dài cáp làm trong năm", "New cable of the year")),
        count("first_ways", "Số điểm được nối thông trong năm", "Places connected in the year"),
        count("second_ways", "Số trung tâm xã có đường thứ hai từ năm đó",
              "Commune centres that have a second way from that year"),
        Field(name="gained", kind="number", minimum=0,
              title=Bilingual(
                  "Số được thêm trong năm (dân, trụ sở hoặc cột ăng-ten như cấu hình đếm), đường "
                  "thứ hai tính theo hệ số",
                  "Gained in the year (residents, offices or masts, as the study counts), second "
                  "ways by their weight",
              )),
    ),
)  # fmt: skip
FIBRE_WAITING = Table(
    name="fibre_waiting",
    title=Bilingual("Điểm được nối thông hoặc có đường thứ hai: năm nào, vì sao phải chờ",
                    "Places to connect and second ways: which year, and why they wait"),
    geometry=None,
    key=("gain", "place_kind", "place_id"),
    sheet="Điểm chờ cáp",
    fields=(
        Field(name="gain", kind="text", required=True, choices=("first_way", "second_way"),
              title=Bilingual("Được gì", "What is gained")),
        Field(name="place_kind", kind="text", required=True,
              choices=("centre", "office", "mast", "node"),
              title=Bilingual("Loại điểm", "Kind of place")),
        Field(name="place_id", kind="text", required=True, title=Bilingual("Mã điểm", "Place")),
        Field(name="name", kind="text", title=Bilingual("Tên", "Name")),
        Field(name="counts", kind="number", minimum=0,
              title=Bilingual("Số dân, trụ sở hoặc cột ăng-ten như cấu hình đếm",
                              "Residents, offices or masts, as the study counts")),
        Field(name="gain_year", kind="integer", minimum=1990, maximum=2100,
              title=Bilingual("Năm được; trống nếu phải chờ", "Year; empty while it waits")),
        Field(name="reason", kind="text", required=True,
              choices=("in_plan", "budget", "nothing_counts", "new_trench"),
              title=Bilingual("Lý do", "Reason")),
        Field(name="short_vnd", kind="number", unit="đồng", minimum=0,
              title=Bilingual("Kinh phí ít nhất còn thiếu để được thêm, giữ nguyên phần còn lại",
                              "Least money more that would let it in, the rest as planned")),
    ),
)  # fmt: skip
MICROWAVE_HOPS = replace(
    HOPS,
    name="microwave_hops",
    title=Bilingual("Chặng viba và tầm nhìn thẳng", "Microwave hops and their line of sight"),
    geometry="LineString",
    sheet="Chặng viba",
    fields=(
        *HOPS.fields,
        Field(name="length_m", kind="number", title=Bilingual("Chiều dài", "Length"), unit="m",
              required=True, minimum=0),
        flag("in_sight", "Nhìn thẳng được (mặt đất, độ cong trái đất, vùng Fresnel)",
             "In sight (ground, curvature of the earth, Fresnel zone)"),
        Field(name="clearance_m", kind="number", unit="m",
              title=Bilingual("Khoảng hở ở chỗ xấu nhất; dưới 0 là bị che",
                              "Clearance at the worst place; below 0 it is hidden")),
        Field(name="worst_at_m", kind="number", unit="m", minimum=0,
              title=Bilingual("Chỗ xấu nhất cách đầu đi", "Worst place, from the first end")),
    ),
)  # fmt: skip
