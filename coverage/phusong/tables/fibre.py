"""What the fibre part of a run finds, and the prices it takes."""

from dataclasses import replace

from ._fields import count, flag
from ._model import Field, Table
from .coverage import COMMUNES_RESULT
from .inputs import NODES, ROADS, SPANS

FIBRE_FINDINGS = Table(
    name="fibre_findings",
    vi="Những chỗ mạng cáp quang được nối, cắt, bỏ qua hoặc rời rạc",
    en="Where the fibre network was joined, split, left out or found disconnected",
    geometry="Point",
    key=(),
    fields=(
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
        COMMUNES_RESULT["distance_to_fibre_m"],
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
        Field(name="rank", kind="integer", vi="Thứ hạng", en="Rank", required=True, minimum=1),
    ),
)  # fmt: skip
STEEP_STRETCHES = replace(
    SPAN_CRITICALITY,
    name="steep_stretches",
    vi="Đoạn cáp trên đất dốc, dễ bị sạt lở cắt đứt",
    en="Stretches of cable on steep ground, prone to landslides",
    key=(),
    fields=(
        *(f for f in SPAN_CRITICALITY.fields if f.name not in {"bridge", "shared_with", "rank"}),
        Field(name="steepest_deg", kind="number", vi="Độ dốc lớn nhất", en="Steepest slope",
              unit="°", minimum=0, maximum=90),
    ),
)  # fmt: skip
NODE_CRITICALITY = Table(
    name="node_criticality",
    vi="Nút hỏng thì mất gì",
    en="What the failure of each node takes away",
    geometry="Point",
    key=("id",),
    fields=(
        NODES["id"],
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
        Field(name="homing", kind="text", vi="Số đường nối", en="Homing", required=True,
              choices=("hub", "double", "single", "none")),
        Field(name="exposed_spans", kind="text",
              vi="Tuyến mà đứt một chỗ là mất kết nối, cách nhau bằng dấu phẩy",
              en="Spans of which one cut isolates the place, comma separated"),
        Field(name="exposed_m", kind="number", unit="m", minimum=0,
              vi="Chiều dài cáp mà đứt một chỗ là mất kết nối",
              en="Length of cable of which one cut isolates the place"),
    ),
)  # fmt: skip

FIBRE_LINKS = Table(
    name="fibre_links",
    vi="Đoạn cáp nên làm thêm",
    en="New links worth building",
    geometry="LineString",
    key=("from_id", "to_id"),
    fields=(
        Field(name="from_id", kind="text", vi="Từ nút", en="From node", required=True),
        Field(name="to_id", kind="text", vi="Đến nút", en="To node", required=True),
        Field(name="length_m", kind="number", vi="Chiều dài", en="Length", unit="m",
              required=True, minimum=0),
        Field(name="cost_vnd", kind="number", vi="Chi phí", en="Cost", unit="đồng", minimum=0),
        Field(name="removed_risk", kind="number", minimum=0,
              vi="Rủi ro giảm được (số mất kết nối nhân km)",
              en="Risk removed (what goes dark times km)"),
        count("stage", "Đợt", "Stage"),
    ),
)  # fmt: skip

FIBRE_PRICES = Table(
    name="fibre_prices",
    vi="Đơn giá cáp quang theo kiểu lắp đặt và độ dốc",
    en="Price of fibre by deployment and slope",
    geometry=None,
    key=("deployment", "slope_from_deg"),
    fields=(
        replace(SPANS["deployment"], required=True),
        Field(name="slope_from_deg", kind="number", unit="°", required=True, minimum=0, maximum=90,
              vi="Độ dốc từ", en="Slope from"),
        Field(name="price_vnd_per_km", kind="number", unit="đồng/km", required=True, minimum=0,
              vi="Đơn giá", en="Price"),
    ),
)  # fmt: skip
FIBRE_EXTENSION = Table(
    name="fibre_extension",
    vi="Tuyến cáp cần làm thêm để nối các điểm chưa có cáp",
    en="New routes that connect what is not connected",
    geometry="LineString",
    key=(),
    fields=(
        Field(name="kind", kind="text", vi="Loại đoạn", en="Kind of route", required=True,
              choices=("road", "drop")),
        replace(ROADS["road_id"], required=False),
        Field(name="length_m", kind="number", vi="Chiều dài", en="Length", unit="m",
              required=True, minimum=0),
        Field(name="cost_vnd", kind="number", vi="Chi phí", en="Cost", unit="đồng", minimum=0),
    ),
)  # fmt: skip
