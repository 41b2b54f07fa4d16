"""What the coverage part of a run finds, and the indicator board."""

from dataclasses import replace

from ._fields import COMMUNE_CODE, DISTRICT, DISTRICT_CODE, count, flag
from ._model import VERDICTS, Field, Table
from .inputs import CELLS, COMMUNES, OFFICES, VILLAGES


def _share(name: str, vi: str, en: str) -> Field:
    return Field(name=name, kind="number", vi=vi, en=en, minimum=0, maximum=1, per="service")


_SERVICE_FIELDS = (
    Field(name="covered_population", kind="number", vi="Dân số được phủ sóng",
          en="Residents covered", unit="người", minimum=0, per="service"),
    _share("covered_population_share", "Tỷ lệ dân số được phủ sóng",
           "Share of residents covered"),
    Field(name="covered_area_km2", kind="number", vi="Diện tích được phủ sóng",
          en="Area covered", unit="km²", minimum=0, per="service"),
    _share("covered_area_share", "Tỷ lệ diện tích được phủ sóng", "Share of area covered"),
    Field(name="covered_villages", kind="integer", vi="Số thôn được phủ sóng",
          en="Villages covered", unit="thôn", minimum=0, per="service"),
    _share("covered_villages_share", "Tỷ lệ thôn được phủ sóng", "Share of villages covered"),
    Field(name="target_verdict", kind="text", vi="Kết luận so với mục tiêu",
          en="Verdict against the target", choices=VERDICTS, per="service"),
)  # fmt: skip
_TOTAL_FIELDS = (
    Field(name="population", kind="number", vi="Dân số (mẫu số)",
          en="Residents (denominator)", unit="người", minimum=0),
    Field(name="population_declared", kind="number", unit="người", minimum=0,
          vi="Dân số kê khai trong bảng communes; trống nếu không kê khai",
          en="Residents that the communes table declares; empty where it declares none"),
    Field(name="population_source", kind="text", choices=("raster", "villages", "commune"),
          vi="Nguồn của dân số: lớp dân số, các thôn, hay số kê khai của xã",
          en="What residents were counted by: raster, villages, or the commune's own figure"),
    Field(name="area_km2", kind="number", vi="Diện tích (mẫu số)", en="Area (denominator)",
          unit="km²", minimum=0),
    Field(name="villages", kind="integer", vi="Số thôn (mẫu số)",
          en="Villages (denominator)", unit="thôn", minimum=0),
    Field(name="stations", kind="integer", vi="Số trạm BTS", en="Stations (BTS)", minimum=0),
)  # fmt: skip

_SOURCES = Field(
    name="population_source", kind="text", choices=("raster", "villages", "commune", "mixed"),
    vi="Nguồn của dân số; mixed nếu các xã có nguồn khác nhau",
    en="What residents were counted by; mixed where the communes differ",
)  # fmt: skip
_HOMING = Field(
    name="homing", kind="text", choices=("hub", "double", "single", "none"),
    vi="Trung tâm xã nối với trung tâm tỉnh bằng mấy đường cáp",
    en="By how many ways the commune centre hangs on the provincial hub",
)  # fmt: skip


def _way_to_hubs(vi: str, en: str) -> tuple[Field, ...]:
    """Return how a place reaches its hubs along the fibre."""
    hubs = (
        ("district", "trung tâm huyện", "district"),
        ("province", "trung tâm tỉnh", "provincial"),
    )
    return (
        Field(name="nearest_span", kind="text", vi=f"Tuyến cáp gần {vi} nhất",
              en=f"Span nearest to {en}"),
        Field(name="drop_m", kind="number", unit="m", minimum=0,
              vi=f"Chiều dài kéo cáp từ {vi} đến tuyến gần nhất, theo đường bộ hoặc địa hình",
              en=f"Length of the drop from {en} to the nearest span, along roads or terrain"),
        Field(name="fibre_operators", kind="text",
              vi=f"Đơn vị có cáp quang trong tầm kéo đến {vi}, cách nhau bằng dấu phẩy",
              en=f"Operators whose fibre is within drop length of {en}, comma separated"),
        *(
            field
            for hub, hub_vi, hub_en in hubs
            for field in (
                Field(name=f"{hub}_hub_m", kind="number", unit="m", minimum=0,
                      vi=f"Chiều dài tuyến cáp từ {vi} đến {hub_vi}",
                      en=f"Length along spans from {en} to the {hub_en} hub"),
                Field(name=f"{hub}_hub_hops", kind="integer", minimum=0,
                      vi=f"Số tuyến đi qua từ {vi} đến {hub_vi}",
                      en=f"Spans used from {en} to the {hub_en} hub"),
            )
        ),
    )  # fmt: skip


COMMUNES_RESULT = Table(
    name="communes",
    vi="Kết quả theo xã",
    en="Results by commune",
    geometry="Polygon",
    key=("commune_code", "valid_from"),
    sheet="Xã",
    fields=(
        *(field for field in COMMUNES.fields if field.name not in {"population", "households"}),
        *_TOTAL_FIELDS,
        Field(name="centre_covered", kind="boolean", vi="Trung tâm xã có sóng",
              en="Commune centre covered", per="service"),
        *_SERVICE_FIELDS,
        Field(name="distance_to_fibre_m", kind="number", unit="m", minimum=0,
              vi="Khoảng cách từ trung tâm xã đến tuyến cáp quang đang khai thác gần nhất",
              en="Distance from the commune centre to the nearest operational span"),
        flag("fibre_within_drop", "Cáp quang trong tầm kéo vào trung tâm xã",
              "Fibre within drop length of the commune centre"),
        *_way_to_hubs("trung tâm xã", "the commune centre"),
        _HOMING,
        flag("has_lan", "Trụ sở xã có mạng LAN", "Commune office has a LAN"),
        flag("lacks_lan", "Trụ sở xã chưa có mạng LAN", "Commune office lacks a LAN"),
        replace(OFFICES["one_stop"], vi="Một cửa điện tử tại trụ sở xã",
                en="Electronic one-stop shop of the commune office"),
        Field(name="missing_prerequisites", kind="text",
              vi="Điều kiện còn thiếu cho một cửa điện tử, cách nhau bằng dấu phẩy",
              en="Prerequisites missing for the one-stop shop, comma separated"),
        count("readiness_level", "Mức sẵn sàng chắc chắn đạt của trụ sở xã",
              "Readiness level surely reached by the commune office"),
        Field(name="service_year", kind="integer", minimum=1990, maximum=2100,
              vi="Năm trụ sở xã đi vào phục vụ theo lộ trình; trống nếu ngoài lộ trình",
              en="Year the commune office comes into service by the rollout; empty if outside"),
    ),
)  # fmt: skip
DISTRICTS_RESULT = Table(
    name="districts",
    vi="Kết quả theo huyện",
    en="Results by district",
    geometry="Polygon",
    key=("district_code",),
    sheet="Huyện",
    fields=(
        DISTRICT_CODE,
        DISTRICT,
        count("communes", "Số xã", "Communes"),
        *(field if field.name != "population_source" else _SOURCES for field in _TOTAL_FIELDS),
        Field(name="covered_centres", kind="integer", vi="Số trung tâm xã có sóng",
              en="Commune centres covered", minimum=0, per="service"),
        *_SERVICE_FIELDS,
        count("offices", "Số trụ sở xã có báo cáo", "Commune offices reported"),
        count("offices_with_lan", "Số trụ sở xã có LAN", "Commune offices with a LAN"),
        count("offices_ready", "Số trụ sở xã đủ điều kiện một cửa điện tử",
               "Commune offices with every prerequisite of the one-stop shop"),
        count("one_stop_local", "Số trụ sở xã có một cửa điện tử tại chỗ",
              "Commune offices whose one-stop shop is local"),
        count("one_stop_interlinked", "Số trụ sở xã có một cửa điện tử liên thông",
              "Commune offices whose one-stop shop is interlinked"),
        Field(name="offices_missing", kind="integer", minimum=0, per="prerequisite",
              vi="Số trụ sở xã thiếu điều kiện", en="Commune offices lacking the prerequisite"),
    ),
)  # fmt: skip
PROVINCE_RESULT = replace(
    DISTRICTS_RESULT,
    name="province",
    vi="Kết quả toàn tỉnh",
    en="Results for the province",
    key=("province_code",),
    sheet="Toàn tỉnh",
    fields=(
        Field(name="province_code", kind="text", vi="Mã tỉnh", en="Province code", required=True),
        Field(name="province", kind="text", vi="Tỉnh", en="Province", required=True),
        *(f for f in DISTRICTS_RESULT.fields if f.name not in {"district_code", "district"}),
    ),
)
VILLAGES_RESULT = replace(
    VILLAGES,
    vi="Kết quả theo thôn",
    en="Results by village",
    sheet="Thôn",
    fields=(
        *VILLAGES.fields,
        Field(name="covered", kind="boolean", vi="Có sóng", en="Covered", per="service"),
        Field(name="level_dbm", kind="number", vi="Mức thu của ô tốt nhất",
              en="Level of the best server", unit="dBm", per="service"),
    ),
)  # fmt: skip
STATIONS_RESULT = Table(
    name="stations",
    vi="Trạm BTS",
    en="Stations (BTS)",
    geometry="Point",
    key=("station_id",),
    sheet="Trạm BTS",
    fields=(
        *(CELLS[n] for n in ("station_id", "site_id", "site_name", "operator", "technology")),
        count("cells", "Số cell đang hoạt động", "Cells in service"),
        Field(name="frequency_mhz", kind="text", vi="Các tần số", en="Frequencies", unit="MHz"),
        CELLS["antenna_height_m"],
        replace(COMMUNE_CODE, required=False),
        Field(name="distance_to_fibre_m", kind="number", unit="m", minimum=0,
              vi="Khoảng cách thẳng từ cột đến tuyến cáp quang đang khai thác gần nhất",
              en="Straight distance from the mast to the nearest operational span"),
        *_way_to_hubs("cột", "the mast"),
        replace(_HOMING, vi="Cột nối với trung tâm tỉnh bằng mấy đường cáp",
                en="By how many ways the mast hangs on the provincial hub"),
    ),
)  # fmt: skip
GAPS = Table(
    name="gaps",
    vi="Vùng lõm sóng: có người ở, không đạt ngưỡng",
    en="Gaps: inhabited and below the threshold",
    geometry="Polygon",
    key=("gap_id",),
    sheet="Vùng lõm sóng",
    fields=(
        Field(name="gap_id", kind="text", vi="Mã vùng lõm", en="Gap", required=True),
        Field(name="service", kind="text", vi="Dịch vụ", en="Service", required=True),
        Field(name="rank", kind="integer", vi="Thứ hạng theo dân số", en="Rank by residents",
              required=True, minimum=1),
        Field(name="population", kind="number", vi="Dân số chưa được phủ sóng",
              en="Residents not covered", unit="người", required=True, minimum=0),
        Field(name="area_km2", kind="number", vi="Diện tích", en="Area", unit="km²",
              required=True, minimum=0),
        Field(name="villages", kind="integer", vi="Số thôn trong vùng", en="Villages inside",
              unit="thôn", minimum=0),
        Field(name="commune_codes", kind="text", vi="Mã các xã chạm tới, đông dân trước",
              en="Codes of the communes touched, most residents first"),
        Field(name="communes", kind="text", vi="Tên các xã", en="Names of the communes"),
    ),
)  # fmt: skip
INDICATORS = Table(
    name="indicators",
    vi="Bảng chỉ tiêu: công bố và tính toán",
    en="Indicator board: published beside computed",
    geometry=None,
    key=("indicator",),
    sheet="Chỉ tiêu",
    fields=(
        Field(name="indicator", kind="text", vi="Chỉ tiêu", en="Indicator", required=True),
        Field(name="vi", kind="text", vi="Tên tiếng Việt", en="Vietnamese name", required=True),
        Field(name="en", kind="text", vi="Tên tiếng Anh", en="English name", required=True),
        Field(name="unit", kind="text", vi="Đơn vị", en="Unit", required=True,
              choices=("share", "count", "ratio")),
        Field(name="denominator", kind="text", vi="Mẫu số", en="Denominator"),
        Field(name="published", kind="number", vi="Giá trị công bố", en="Published value"),
        Field(name="computed", kind="number", vi="Giá trị tính toán", en="Computed value"),
        Field(name="target", kind="number", vi="Mục tiêu", en="Target"),
        Field(name="origin", kind="text", required=True,
              choices=("computed", "counted", "reported_only", "no_figure"),
              vi="Cách có giá trị: mô hình tính, đếm từ dữ liệu, chỉ có số công bố, hay chưa có",
              en="How the value came: modelled, counted from files, published only, or not at all"),
        Field(name="status", kind="text", required=True,
              choices=("met", "missed", "no_target", "reported_only", "no_figure"),
              vi="Kết luận: đạt, chưa đạt, không có mục tiêu, chỉ có số công bố, chưa có số liệu",
              en="Verdict: target met, missed, none set, published figure only, no figure at all"),
        Field(name="definition_vi", kind="text", vi="Định nghĩa", en="Definition (Vietnamese)"),
        Field(name="definition_en", kind="text", vi="Định nghĩa (tiếng Anh)", en="Definition"),
        Field(name="source", kind="text", vi="Nguồn số công bố", en="Source of the figure"),
    ),
)  # fmt: skip
