"""What the coverage part of a run finds, and the indicator board."""

from dataclasses import replace

from ..i18n import LANGUAGES, Bilingual
from ._fields import COMMUNE_CODE, DISTRICT, DISTRICT_CODE, SPARE_FIBRES, count, flag
from ._model import VERDICTS, Field, Table
from .egov import ROLLOUT
from .inputs import CELLS, COMMUNES, OFFICES, VILLAGES
from .villages import OF_ALL_OPERATORS


def _share(name: str, vi: str, en: str, *, part: str, whole: str) -> Field:
    return Field(
        name=name, kind="number", title=Bilingual(vi, en), minimum=0, maximum=1, per="service",
        recast="share", share_of=(part, whole),
    )  # fmt: skip


CONFIDENT_VERDICTS = ("met", "undecided", "missed", "not_applicable")
_SERVICE_FIELDS = (
    Field(name="covered_population", kind="number",
          title=Bilingual("Dân số được phủ sóng", "Residents covered"), unit="người", minimum=0,
          per="service", recast="sum"),
    _share("covered_population_share",
           "Tỷ lệ dân số được phủ sóng trên bản đồ: mọi người ở ô lưới mà đủ số chỗ dịch vụ đòi "
           "hỏi có sóng",
           "Share of residents covered on the map: all in pixels where as many places are served "
           "as the service asks for",
           part="covered_population", whole="population"),
    Field(name="expected_covered_population", kind="number",
          title=Bilingual("Dân số × xác suất có sóng", "Residents × probability of signal"),
          unit="người", minimum=0, per="service", recast="sum"),
    _share("expected_covered_population_share",
           "Tỷ lệ dân số trên bản đồ theo xác suất: mỗi người nhân với xác suất một chỗ trong ô có "
           "sóng",
           "Share of residents on the map by probability: each times the probability that a place "
           "in the pixel is served", part="expected_covered_population", whole="population"),
    Field(name="uncorrected_covered_population", kind="number",
          title=Bilingual("Dân số được phủ sóng nếu không trừ sai số trung bình, không hiệu chỉnh",
                          "Residents covered if no mean error were taken off, nor calibrated"),
          unit="người", minimum=0, per="service", recast="sum"),
    _share("uncorrected_covered_population_share",
           "Tỷ lệ dân số được phủ sóng nếu không trừ sai số trung bình, không hiệu chỉnh",
           "Share of residents covered if no mean error were taken off, nor calibrated",
           part="uncorrected_covered_population", whole="population"),
    Field(name="covered_area_km2", kind="number",
          title=Bilingual("Diện tích được phủ sóng", "Area covered"), unit="km²", minimum=0,
          per="service", recast="sum"),
    _share("covered_area_share", "Tỷ lệ diện tích được phủ sóng", "Share of area covered",
           part="covered_area_km2", whole="area_km2"),
    Field(name="covered_villages", kind="integer",
          title=Bilingual("Số thôn được phủ sóng", "Villages covered"), unit="thôn", minimum=0,
          per="service", recast="sum"),
    _share("covered_villages_share", "Tỷ lệ thôn được phủ sóng", "Share of villages covered",
           part="covered_villages", whole="villages"),
    Field(name="target_verdict", kind="text",
          title=Bilingual("Tỷ lệ trên bản đồ so với mục tiêu, chưa xét sai số",
                          "Share on the map against the target, its error left aside"),
          choices=VERDICTS, per="service", recast="judged"),
    *(
        Field(name=name, kind="number", title=Bilingual(vi, en), minimum=0, maximum=1,
              per="service", recast="whole", estimate_of="run")
        for name, vi, en in (
            ("share_median", "Ước lượng tỷ lệ được phủ sóng của dân số, hoặc của mẫu số mà mục "
             "tiêu nêu", "Estimated share covered of residents, or of what the target counts"),
            ("share_low", "Đầu dưới của khoảng 90 % quanh ước lượng",
             "Lower end of the 90 % band around the estimate"),
            ("share_high", "Đầu trên của khoảng 90 % quanh ước lượng",
             "Upper end of the 90 % band around the estimate"),
            ("pixels_share_median",
             "Ước lượng tỷ lệ dân số ở ô lưới mà đủ số chỗ dịch vụ đòi hỏi có sóng",
             "Estimated share of residents in pixels where as many places are served as the "
             "service asks for"),
            ("pixels_share_low", "Đầu dưới của khoảng 90 % quanh ước lượng theo ô lưới",
             "Lower end of the 90 % band around the estimate by pixels"),
            ("pixels_share_high", "Đầu trên của khoảng 90 % quanh ước lượng theo ô lưới",
             "Upper end of the 90 % band around the estimate by pixels"),
            ("probability_share_median",
             "Ước lượng tỷ lệ dân số theo xác suất: mỗi người nhân với xác suất một chỗ trong ô có "
             "sóng",
             "Estimated share of residents by probability: each times the probability that a place "
             "in the pixel is served"),
            ("probability_share_low", "Đầu dưới của khoảng 90 % quanh ước lượng theo xác suất",
             "Lower end of the 90 % band around the estimate by probability"),
            ("probability_share_high", "Đầu trên của khoảng 90 % quanh ước lượng theo xác suất",
             "Upper end of the 90 % band around the estimate by probability"),
            ("target_probability", "Xác suất đạt mục tiêu", "Probability that the target is met"),
        )
    ),
    Field(name="confident_verdict", kind="text", choices=CONFIDENT_VERDICTS, per="service",
          recast="whole", estimate_of="run",
          title=Bilingual("Kết luận ở độ tin cậy của nghiên cứu",
                          "Verdict at the study's confidence")),
)  # fmt: skip
_TOTAL_FIELDS = (
    Field(name="population", kind="number",
          title=Bilingual("Dân số (mẫu số)", "Residents (denominator)"), unit="người", minimum=0,
          recast="sum"),
    Field(name="population_declared", kind="number", unit="người", minimum=0, recast="sum",
          title=Bilingual(
              "Dân số kê khai trong bảng communes; trống nếu không kê khai",
              "Residents that the communes table declares; empty where it declares none",
          )),
    Field(name="population_source", kind="text", choices=("raster", "villages", "commune"),
          recast="alike", title=Bilingual(
              "Nguồn của dân số: lớp dân số, các thôn, hay số kê khai của xã",
              "What residents were counted by: raster, villages, or the commune's own figure",
          )),
    Field(name="area_km2", kind="number",
          title=Bilingual("Diện tích (mẫu số)", "Area (denominator)"), unit="km²", minimum=0,
          recast="sum"),
    Field(name="villages", kind="integer",
          title=Bilingual("Số thôn (mẫu số)", "Villages (denominator)"), unit="thôn", minimum=0,
          recast="sum"),
    Field(name="stations", kind="integer", title=Bilingual("Số trạm BTS", "Stations (BTS)"),
          minimum=0, recast="sum"),
)  # fmt: skip

_SOURCES = Field(
    name="population_source", kind="text", choices=("raster", "villages", "commune", "mixed"),
    recast="alike",
    title=Bilingual("Nguồn của dân số; “nhiều nguồn” nếu các xã có nguồn khác nhau",
                    "What residents were counted by; mixed where the communes differ"),
)  # fmt: skip
FIBRE_CONNECTED = flag(
    "fibre_connected", "Có đường cáp liền mạch đến trung tâm tỉnh vào ngày của nghiên cứu",
    "Joined to the provincial hub by unbroken cable on the study's date",
)  # fmt: skip
FIBRE_CONTRADICTIONS = Field(
    name="fibre_contradictions", kind="text",
    title=Bilingual("Mâu thuẫn về cáp quang, cách nhau bằng dấu phẩy",
                    "Contradictions about fibre, comma separated"),
)  # fmt: skip
_HOMING = Field(
    name="homing", kind="text", choices=("hub", "double", "single", "none"),
    title=Bilingual("Trung tâm xã nối với trung tâm tỉnh bằng mấy đường cáp",
                    "By how many ways the commune centre hangs on the provincial hub"),
)  # fmt: skip
HOMING_PLANNED = replace(
    _HOMING,
    name="homing_planned",
    title=Bilingual("Số đường cáp sau khi làm đủ các đoạn nối của phương án, diễn tập lại",
                    "Number of ways once all planned links are built, by another drill"),
)  # fmt: skip
SINGLE_REASON = Field(
    name="single_reason", kind="text", choices=("no_link", "trench", "new_trench"),
    title=Bilingual("Vì sao vẫn chỉ có một đường", "Why one way is all there is"),
)  # fmt: skip


def _way_to_hubs(vi: str, en: str) -> tuple[Field, ...]:
    """Return how a place reaches its hubs along the fibre."""
    hubs = (
        ("district", "trung tâm huyện", "district"),
        ("province", "trung tâm tỉnh", "provincial"),
    )
    return (
        Field(name="nearest_span", kind="text",
              title=Bilingual(f"Tuyến cáp gần {vi} nhất", f"Span nearest to {en}")),
        Field(name="drop_m", kind="number", unit="m", minimum=0,
              title=Bilingual(
                  f"Chiều dài kéo cáp từ {vi} đến tuyến gần nhất, theo đường bộ hoặc địa hình",
                  f"Length of the drop from {en} to the nearest span, along roads or terrain",
              )),
        Field(name="fibre_operators", kind="text",
              title=Bilingual(
                  f"Đơn vị có cáp quang trong tầm kéo đến {vi}, cách nhau bằng dấu phẩy",
                  f"Operators whose fibre is within drop length of {en}, comma separated",
              )),
        *(
            field
            for hub, hub_vi, hub_en in hubs
            for field in (
                Field(name=f"{hub}_hub_m", kind="number", unit="m", minimum=0,
                      title=Bilingual(f"Chiều dài tuyến cáp từ {vi} đến {hub_vi}",
                                      f"Length along spans from {en} to the {hub_en} hub")),
                Field(name=f"{hub}_hub_hops", kind="integer", minimum=0,
                      title=Bilingual(f"Số tuyến đi qua từ {vi} đến {hub_vi}",
                                      f"Spans used from {en} to the {hub_en} hub")),
            )
        ),
        *SPARE_FIBRES,
    )  # fmt: skip


COMMUNES_RESULT = Table(
    name="communes",
    title=Bilingual("Kết quả theo xã", "Results by commune"),
    geometry="Polygon",
    key=("commune_code", "valid_from"),
    sheet="Xã",
    fields=(
        *(field for field in COMMUNES.fields if field.name not in {"population", "households"}),
        *_TOTAL_FIELDS,
        Field(name="centre_covered", kind="boolean",
              title=Bilingual("Trung tâm xã có sóng", "Commune centre covered"), per="service"),
        *_SERVICE_FIELDS,
        Field(name="distance_to_fibre_m", kind="number", unit="m", minimum=0,
              title=Bilingual(
                  "Khoảng cách từ trung tâm xã đến tuyến cáp quang đang khai thác gần nhất",
                  "Distance from the commune centre to the nearest operational span",
              )),
        flag("fibre_within_drop", "Tuyến cáp quang đang khai thác trong tầm kéo vào trung tâm xã",
              "A carrying span within drop length of the commune centre"),
        FIBRE_CONNECTED,
        flag("fibre_reported", "Trụ sở xã báo cáo có cáp quang",
              "The commune office reports to have fibre"),
        FIBRE_CONTRADICTIONS,
        *_way_to_hubs("trung tâm xã", "the commune centre"),
        _HOMING,
        HOMING_PLANNED,
        SINGLE_REASON,
        flag("has_lan", "Trụ sở xã có mạng LAN", "Commune office has a LAN"),
        flag("lacks_lan", "Trụ sở xã chưa có mạng LAN", "Commune office lacks a LAN"),
        replace(OFFICES["one_stop"],
                title=Bilingual("Một cửa điện tử tại trụ sở xã",
                                "Electronic one-stop shop of the commune office")),
        Field(name="missing_prerequisites", kind="text",
              title=Bilingual("Điều kiện còn thiếu cho một cửa điện tử, cách nhau bằng dấu phẩy",
                              "Prerequisites missing for the one-stop shop, comma separated")),
        count("readiness_level", "Mức sẵn sàng chắc chắn đạt của trụ sở xã",
              "Readiness level surely reached by the commune office"),
        Field(name="service_year", kind="integer", minimum=1990, maximum=2100,
              title=Bilingual(
                  "Năm trụ sở xã bắt đầu phục vụ theo lộ trình; trống nếu không thiếu việc nào "
                  "hoặc ngoài lộ trình",
                  "Year the commune office comes into service by the rollout; empty if it "
                  "lacks no work or stays outside",
              )),
        replace(ROLLOUT["reason"], name="rollout_outcome",
                title=Bilingual("Kết quả xếp lộ trình của trụ sở xã",
                                "Outcome of the rollout for the commune office")),
    ),
)  # fmt: skip
DISTRICTS_RESULT = Table(
    name="districts",
    title=Bilingual("Kết quả theo huyện", "Results by district"),
    geometry="Polygon",
    key=("district_code",),
    sheet="Huyện",
    fields=(
        DISTRICT_CODE,
        DISTRICT,
        count("communes", "Số xã", "Communes"),
        *(field if field.name != "population_source" else _SOURCES for field in _TOTAL_FIELDS),
        Field(name="covered_centres", kind="integer",
              title=Bilingual("Số trung tâm xã có sóng", "Commune centres covered"), minimum=0,
              per="service"),
        *_SERVICE_FIELDS,
        count("offices", "Số xã có dòng trong bảng trụ sở", "Communes with an office listed"),
        count("offices_with_lan", "Số trụ sở xã có LAN", "Commune offices with a LAN"),
        count("offices_ready", "Số trụ sở xã đủ điều kiện một cửa điện tử",
               "Commune offices with every prerequisite of the one-stop shop"),
        count("one_stop_local", "Số trụ sở xã có một cửa điện tử tại chỗ",
              "Commune offices whose one-stop shop is local"),
        count("one_stop_interlinked", "Số trụ sở xã có một cửa điện tử liên thông",
              "Commune offices whose one-stop shop is interlinked"),
        Field(name="offices_missing", kind="integer", minimum=0, per="prerequisite",
              title=Bilingual("Số trụ sở xã thiếu điều kiện",
                              "Commune offices lacking the prerequisite")),
    ),
)  # fmt: skip
PROVINCE_RESULT = replace(
    DISTRICTS_RESULT,
    name="province",
    title=Bilingual("Kết quả toàn tỉnh", "Results for the province"),
    key=("province_code",),
    sheet="Toàn tỉnh",
    fields=(
        Field(
            name="province_code",
            kind="text",
            title=Bilingual("Mã tỉnh", "Province code"),
            required=True,
        ),
        Field(name="province", kind="text", title=Bilingual("Tỉnh", "Province"), required=True),
        *(f for f in DISTRICTS_RESULT.fields if f.name not in {"district_code", "district"}),
    ),
)
VILLAGES_RESULT = replace(
    VILLAGES,
    title=Bilingual("Kết quả theo thôn", "Results by village"),
    sheet="Thôn",
    fields=(
        *VILLAGES.fields,
        Field(name="covered", kind="boolean", title=Bilingual("Có sóng", "Covered"), per="service"),
        replace(CELLS["technology"], name="server_technology", required=False, per="service",
                aliases=(),
                title=Bilingual("Công nghệ của cell phục vụ tốt nhất",
                                "Technology of the best server")),
        Field(name="level_dbm", kind="number",
              title=Bilingual(
                  "Mức thu của cell phục vụ tốt nhất (2G: RxLev, 3G: RSCP, 4G: RSRP, 5G: SS-RSRP)",
                  "Level of the best server (2G: RxLev, 3G: RSCP, 4G: RSRP, 5G: SS-RSRP)",
              ), unit="dBm", per="service"),
        Field(name="threshold_dbm", kind="number",
              title=Bilingual("Ngưỡng của công nghệ đó", "Threshold of that technology"),
              unit="dBm", per="service"),
        Field(name="allowance_db", kind="number",
              title=Bilingual(
                  "Dự phòng theo vị trí và suy hao (cơ thể, tường nhà, vỏ xe) cộng vào ngưỡng",
                  "What is added to the threshold: location margin, losses of body, walls, vehicle",
              ), unit="dB", per="service"),
        Field(name="needed_dbm", kind="number",
              title=Bilingual("Mức thu cần có: ngưỡng cộng dự phòng và suy hao",
                              "Level needed: threshold plus allowances"),
              unit="dBm", per="service"),
        Field(name="margin_db", kind="number",
              title=Bilingual("Mức thu hơn (+) hoặc thiếu (−) so với mức cần có",
                              "Level above (+) or below (−) the level needed"),
              unit="dB", per="service"),
        *OF_ALL_OPERATORS,
    ),
)  # fmt: skip
RADIATED = (
    "rs_eirp_dbm", "azimuth_deg", "beamwidth_deg", "vertical_beamwidth_deg", "tilt_deg",
    "electrical_tilt_deg", "antenna", "ground_elevation_m",
)  # fmt: skip
"""Fields of cells that decide where a station is heard, besides frequency and height."""


def _of_cells(name: str) -> Field:
    """Return a field of cells as a station has it: one value, or one a cell."""
    field = CELLS[name]
    # What follows is said to who fills in a file.
    vi, en = (field.title[lang].partition(";")[0] for lang in LANGUAGES)
    return Field(
        name=name, kind="text", unit=field.unit,
        title=Bilingual(f"{vi}; của từng cell theo thứ tự mã nếu khác nhau",
                        f"{en}; of each cell by its id where they differ"),
    )  # fmt: skip


STATIONS_RESULT = Table(
    name="stations",
    title=Bilingual("Trạm BTS", "Stations (BTS)"),
    geometry="Point",
    key=("station_id",),
    sheet="Trạm BTS",
    fields=(
        *(CELLS[n] for n in ("station_id", "site_id", "site_name", "operator", "technology")),
        count("cells", "Số cell đang hoạt động", "Cells in service"),
        Field(name="frequency_mhz", kind="text", title=Bilingual("Các tần số", "Frequencies"),
              unit="MHz"),
        CELLS["antenna_height_m"],
        *(_of_cells(name) for name in RADIATED),
        CELLS["assumed"],
        replace(COMMUNE_CODE, required=False),
        Field(name="distance_to_fibre_m", kind="number", unit="m", minimum=0,
              title=Bilingual(
                  "Khoảng cách thẳng từ cột ăng-ten đến tuyến cáp quang đang khai thác gần nhất",
                  "Straight distance from the mast to the nearest operational span",
              )),
        *_way_to_hubs("cột ăng-ten", "the mast"),
        replace(_HOMING,
                title=Bilingual("Cột ăng-ten nối với trung tâm tỉnh bằng mấy đường cáp",
                                "By how many ways the mast hangs on the provincial hub")),
        Field(name="backhaul", kind="text", choices=("fibre", "microwave", "none"),
              title=Bilingual("Đường truyền dẫn của cột ăng-ten: cáp quang, viba, hoặc không",
                              "How the mast reaches the hub: fibre, microwave to it, or not")),
        count("hops_to_fibre", "Số chặng viba đến cột ăng-ten có cáp quang",
              "Microwave hops to a mast with fibre"),
        count("masts_behind", "Số cột ăng-ten khác mất đường truyền dẫn nếu cột ăng-ten này hỏng",
              "Other masts that lose their backhaul if this mast fails"),
    ),
)  # fmt: skip
GAPS = Table(
    name="gaps",
    title=Bilingual("Vùng lõm sóng: có người ở, không đạt ngưỡng",
                    "Gaps: inhabited and below the threshold"),
    geometry="Polygon",
    key=("gap_id",),
    sheet="Vùng lõm sóng",
    fields=(
        Field(name="gap_id", kind="text", title=Bilingual("Mã vùng lõm", "Gap"), required=True),
        Field(name="service", kind="text", title=Bilingual("Dịch vụ", "Service"), required=True),
        Field(name="rank", kind="integer",
              title=Bilingual("Thứ hạng theo dân số", "Rank by residents"), required=True,
              minimum=1),
        Field(name="population", kind="number",
              title=Bilingual("Dân số chưa được phủ sóng", "Residents not covered"), unit="người",
              required=True, minimum=0),
        Field(name="area_km2", kind="number", title=Bilingual("Diện tích", "Area"), unit="km²",
              required=True, minimum=0),
        Field(name="villages", kind="integer",
              title=Bilingual("Số thôn trong vùng", "Villages inside"), unit="thôn", minimum=0),
        Field(name="commune_codes", kind="text",
              title=Bilingual("Mã các xã chạm tới, đông dân trước",
                              "Codes of the communes touched, most residents first")),
        Field(name="communes", kind="text", title=Bilingual("Tên các xã", "Names of the communes")),
    ),
)  # fmt: skip
INDICATORS = Table(
    name="indicators",
    title=Bilingual("Bảng chỉ tiêu: công bố và tính toán",
                    "Indicator board: published beside computed"),
    geometry=None,
    key=("indicator",),
    sheet="Chỉ tiêu",
    fields=(
        Field(name="indicator", kind="text", title=Bilingual("Chỉ tiêu", "Indicator"),
              required=True),
        Field(name="vi", kind="text", title=Bilingual("Tên tiếng Việt", "Vietnamese name"),
              required=True),
        Field(name="en", kind="text", title=Bilingual("Tên tiếng Anh", "English name"),
              required=True),
        Field(name="unit", kind="text", title=Bilingual("Đơn vị", "Unit"), required=True,
              choices=("share", "count", "ratio")),
        Field(name="denominator", kind="text", title=Bilingual("Mẫu số", "Denominator")),
        Field(name="published", kind="number",
              title=Bilingual("Giá trị công bố", "Published value")),
        Field(name="computed", kind="number",
              title=Bilingual("Giá trị tính toán", "Computed value")),
        Field(name="computed_most", kind="number",
              title=Bilingual("Giá trị tính toán nếu mọi nơi chưa báo cáo đều có",
                              "Computed value if all that did not report held it")),
        Field(name="computed_low", kind="number", estimate_of="run",
              title=Bilingual("Đầu dưới của khoảng 90 %", "Lower end of the 90 % band")),
        Field(name="computed_high", kind="number", estimate_of="run",
              title=Bilingual("Đầu trên của khoảng 90 %", "Upper end of the 90 % band")),
        count("reported", "Số đơn vị có báo cáo", "Units that reported"),
        count("reported_of", "Tổng số đơn vị, kể cả chưa báo cáo",
              "Units that there are, those that did not report included"),
        Field(name="target", kind="number", title=Bilingual("Mục tiêu", "Target")),
        Field(name="origin", kind="text", required=True,
              choices=("computed", "counted", "reported_only", "no_figure"),
              title=Bilingual(
                  "Cách có giá trị: mô hình tính, đếm từ dữ liệu, chỉ có số công bố, hay chưa có",
                  "How the value came: modelled, counted from files, published only, or not at all",
              )),
        Field(name="status", kind="text", required=True,
              choices=("met", "missed", "undecided", "no_target", "reported_only", "no_figure"),
              title=Bilingual(
                  "Kết luận: đạt, không đạt, chưa kết luận được (thiếu báo cáo, hoặc khoảng của "
                  "ước lượng quá rộng), không có mục tiêu, chỉ có số công bố, chưa có số liệu",
                  "Verdict: target met, missed, undecided (reports are missing, or the band of an "
                  "estimate is too wide), none set, published figure only, no figure at all",
              )),
        Field(name="definition_vi", kind="text",
              title=Bilingual("Định nghĩa", "Definition (Vietnamese)")),
        Field(name="definition_en", kind="text",
              title=Bilingual("Định nghĩa (tiếng Anh)", "Definition")),
        Field(name="source", kind="text",
              title=Bilingual("Nguồn số công bố", "Source of the figure")),
    ),
)  # fmt: skip
