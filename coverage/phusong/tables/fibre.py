"""What the fibre part of a run finds, and the prices it takes."""

from dataclasses import replace

from ._fields import count, flag
from ._model import Field, Table
from .coverage import COMMUNES_RESULT
from .egov import READINESS
from .inputs import NODES, ROADS, SPANS


def _number(name: str, vi: str, en: str) -> Field:
    """Return a running number from 1 that identifies a row."""
    return Field(name=name, kind="integer", vi=vi, en=en, required=True, minimum=1)


FIBRE_FINDINGS = Table(
    name="fibre_findings",
    vi="Những chỗ mạng cáp quang được nối, cắt, bỏ qua hoặc rời rạc",
    en="Where the fibre network was joined, split, left out or found disconnected",
    geometry="Point",
    key=("finding_id",),
    sheet="Kiểm tra mạng cáp",
    fields=(
        _number("finding_id", "Số thứ tự", "Number"),
        Field(name="finding", kind="text", required=True,
              vi="Việc đã làm hoặc nghi vấn", en="What was done or is doubtful",
              choices=("snapped", "node_far_from_end", "nodes_merged", "joined_mid_span",
                       "not_joined", "zero_length", "duplicate", "disconnected_part")),
        Field(name="span_id", kind="text", vi="Mã tuyến", en="Span"),
        Field(name="node_id", kind="text", vi="Mã nút", en="Node"),
        Field(name="distance_m", kind="number", vi="Khoảng cách", en="Distance", unit="m",
              minimum=0),
    ),
)  # fmt: skip

FIBRE_REACH = Table(
    name="fibre_reach",
    vi="Đường cáp từ mỗi điểm đến trung tâm huyện và tỉnh",
    en="The way along the fibre from each place to its district and provincial hub",
    geometry=None,
    key=(),
    fields=(
        Field(name="nearest_span", kind="text", vi="Tuyến cáp gần nhất", en="Nearest span"),
        replace(COMMUNES_RESULT["distance_to_fibre_m"],
                vi="Khoảng cách thẳng đến tuyến cáp quang đang khai thác gần nhất",
                en="Straight distance to the nearest operational span"),
        Field(name="drop_m", kind="number", unit="m", minimum=0,
              vi="Chiều dài kéo cáp đến tuyến gần nhất, theo đường bộ hoặc địa hình",
              en="Length of the drop to the nearest span, along roads or terrain"),
        *(
            field
            for hub, vi, en in (
                ("district", "trung tâm huyện", "district hub"),
                ("province", "trung tâm tỉnh", "provincial hub"),
            )
            for field in (
                Field(name=f"{hub}_hub_m", kind="number", unit="m", minimum=0,
                      vi=f"Chiều dài tuyến cáp đến {vi}", en=f"Length along spans to the {en}"),
                Field(name=f"{hub}_hub_hops", kind="integer", minimum=0,
                      vi=f"Số tuyến đi qua đến {vi}", en=f"Spans used to the {en}"),
                Field(name=f"{hub}_hub_path", kind="text",
                      vi=f"Các tuyến đi qua đến {vi}, cách nhau bằng dấu phẩy",
                      en=f"Spans used to the {en}, comma separated"),
            )
        ),
    ),
)  # fmt: skip

_DARK = tuple(
    Field(name=f"dark_{name}", kind="number", unit=unit, minimum=0, vi=vi, en=en)
    for name, unit, vi, en in (
        ("offices", "", "Số trụ sở mất kết nối", "Offices that go dark"),
        ("masts", "", "Số trạm mất kết nối", "Masts that go dark"),
        ("population", "người", "Số dân mất kết nối", "Residents who go dark"),
    )
)
SPAN_CRITICALITY = Table(
    name="span_criticality",
    vi="Diễn tập đứt cáp: mỗi đoạn đứt thì mất gì",
    en="Cut drill: what each section takes away",
    geometry="LineString",
    key=("span_id", "section"),
    fields=(
        Field(name="span_id", kind="text", vi="Mã tuyến", en="Span", required=True),
        Field(name="section", kind="integer", vi="Đoạn thứ", en="Section", required=True,
              minimum=1),
        Field(name="length_m", kind="number", vi="Chiều dài", en="Length", unit="m",
              required=True, minimum=0),
        flag("bridge", "Đứt đoạn này là mạng rời ra", "Its cut disconnects the network"),
        Field(name="shared_with", kind="text", vi="Tuyến đi chung rãnh hoặc cột",
              en="Spans in the same trench or on the same poles"),
        *_DARK,
        Field(name="risk", kind="number", minimum=0,
              vi="Rủi ro: số mất kết nối nhân chiều dài đoạn (km)",
              en="Risk: what goes dark times the length of the section in km"),
        _number("rank", "Thứ hạng", "Rank"),
    ),
)  # fmt: skip
SPANS_RESULT = replace(
    SPANS,
    vi="Tuyến cáp quang và hậu quả khi đứt",
    en="Fibre spans and what a cut of each takes away",
    sheet="Tuyến cáp quang",
    fields=(
        *SPANS.fields,
        *(SPAN_CRITICALITY[name] for name in ("bridge", "shared_with")),
        *_DARK,
        replace(SPAN_CRITICALITY["risk"],
                vi="Rủi ro của cả tuyến: số mất kết nối nhân chiều dài (km)",
                en="Risk of the whole span: what goes dark times its length in km"),
        replace(SPAN_CRITICALITY["rank"], required=False,
                vi="Thứ hạng theo chỗ đứt nặng nhất trên tuyến",
                en="Rank by the worst cut along the span"),
    ),
)  # fmt: skip
STEEP_STRETCHES = replace(
    SPAN_CRITICALITY,
    name="steep_stretches",
    vi="Đoạn cáp trên đất dốc, dễ bị sạt lở cắt đứt",
    en="Stretches of cable on steep ground, prone to landslides",
    key=("rank",),
    sheet="Đoạn cáp đất dốc",
    fields=(
        _number("rank", "Thứ hạng theo rủi ro", "Rank by risk"),
        *(f for f in SPAN_CRITICALITY.fields if f.name not in {"bridge", "shared_with", "rank"}),
        Field(name="steepest_deg", kind="number", vi="Độ dốc lớn nhất", en="Steepest slope",
              unit="°", minimum=0, maximum=90),
    ),
)  # fmt: skip
FIBRE_NODES = Table(
    name="fibre_nodes",
    vi="Nút hỏng thì mất gì",
    en="What the failure of each node takes away",
    geometry="Point",
    key=("id",),
    sheet="Nút mạng cáp",
    fields=(
        *(NODES[name] for name in ("id", "name", "type")),
        flag("articulation", "Hỏng nút này là mạng rời ra (trung tâm: không xét)",
              "Its failure disconnects the network (hubs: not asked)"),
        count("two_edge_part", "Phần mạng chịu được một chỗ đứt",
               "Part that survives any single cut"),
        *_DARK,
    ),
)  # fmt: skip
FIBRE_HOMING = Table(
    name="fibre_homing",
    vi="Mỗi điểm nối với trung tâm bằng mấy đường",
    en="By how many ways each place hangs on its hub",
    geometry=None,
    key=(),
    fields=(
        replace(COMMUNES_RESULT["homing"], required=True),
        Field(name="exposed_spans", kind="text",
              vi="Tuyến mà đứt một chỗ là mất kết nối, cách nhau bằng dấu phẩy",
              en="Spans of which one cut isolates the place, comma separated"),
        Field(name="exposed_m", kind="number", unit="m", minimum=0,
              vi="Chiều dài cáp mà đứt một chỗ là mất kết nối",
              en="Length of cable of which one cut isolates the place"),
    ),
)  # fmt: skip
OFFICES_RESULT = replace(
    READINESS,
    vi="Trụ sở: cáp quang và mức sẵn sàng cho một cửa điện tử",
    en="Offices: fibre and readiness for the one-stop shop",
    sheet="Trụ sở",
    fields=(
        *READINESS.fields,
        *(field for field in FIBRE_REACH.fields if not field.name.endswith("_path")),
        Field(name="fibre_operators", kind="text",
              vi="Đơn vị có cáp quang trong tầm kéo, cách nhau bằng dấu phẩy",
              en="Operators whose fibre is within drop length, comma separated"),
        *(replace(field, required=False) for field in FIBRE_HOMING.fields),
    ),
)  # fmt: skip

FIBRE_LINKS = Table(
    name="fibre_links",
    vi="Đoạn cáp nên làm thêm",
    en="New links worth building",
    geometry="LineString",
    key=("from_id", "to_id"),
    sheet="Đoạn cáp nên làm",
    fields=(
        Field(name="from_id", kind="text", vi="Từ nút", en="From node", required=True),
        Field(name="to_id", kind="text", vi="Đến nút", en="To node", required=True),
        Field(name="from_name", kind="text", vi="Từ (tên)", en="From (name)"),
        Field(name="to_name", kind="text", vi="Đến (tên)", en="To (name)"),
        Field(name="length_m", kind="number", vi="Chiều dài", en="Length", unit="m",
              required=True, minimum=0),
        Field(name="cost_vnd", kind="number", vi="Chi phí", en="Cost", unit="đồng", minimum=0),
        Field(name="removed_risk", kind="number", minimum=0,
              vi="Rủi ro giảm được (số mất kết nối nhân km)",
              en="Risk removed (what goes dark times km)"),
        Field(name="rank", kind="integer", minimum=1,
              vi="Thứ hạng nếu chỉ làm thêm một đoạn; trống nếu đứng sau các đoạn được hỏi",
              en="Rank as the only new link; empty if behind those asked for"),
        Field(name="stage", kind="integer", minimum=1,
              vi="Đợt trong bộ rẻ nhất cho mỗi trung tâm hai đường (1: huyện, 2: xã)",
              en="Stage in the cheapest set that gives each centre two ways (1: districts, "
              "2: communes)"),
    ),
)  # fmt: skip

FIBRE_PRICES = Table(
    name="fibre_prices",
    vi="Đơn giá cáp quang theo kiểu lắp đặt và độ dốc",
    en="Price of fibre by deployment and slope",
    geometry=None,
    key=("deployment", "slope_from_deg"),
    fields=(
        replace(SPANS["deployment"], required=True, aliases=("kieu_lap_dat", "kiểu lắp đặt")),
        Field(name="slope_from_deg", kind="number", unit="°", required=True, minimum=0, maximum=90,
              vi="Áp dụng cho đất dốc từ; mỗi kiểu lắp đặt cần một dòng từ 0°",
              en="For ground of this slope and more; each deployment needs a row from 0°",
              aliases=("do_doc_tu", "độ dốc từ")),
        Field(name="price_vnd_per_km", kind="number", unit="đồng/km", required=True, minimum=1,
              vi="Đơn giá, kể cả vật tư và thi công; lớn hơn 0",
              en="Price with material and labour; above 0", aliases=("don_gia", "đơn giá")),
    ),
)  # fmt: skip
FIBRE_EXTENSION = Table(
    name="fibre_extension",
    vi="Tuyến cáp cần làm thêm để nối các điểm chưa có cáp",
    en="New routes that connect what is not connected",
    geometry="LineString",
    key=("route_id",),
    sheet="Cáp cần kéo thêm",
    fields=(
        _number("route_id", "Số thứ tự", "Number"),
        Field(name="kind", kind="text", vi="Loại đoạn", en="Kind of route", required=True,
              choices=("road", "terrain", "drop")),
        replace(ROADS["road_id"], required=False),
        Field(name="length_m", kind="number", vi="Chiều dài", en="Length", unit="m",
              required=True, minimum=0),
        Field(name="cost_vnd", kind="number", vi="Chi phí", en="Cost", unit="đồng", minimum=0),
    ),
)  # fmt: skip
