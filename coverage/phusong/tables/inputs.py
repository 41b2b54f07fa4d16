"""The tables that a study gives."""

from dataclasses import replace

from ..i18n import Bilingual
from ._fields import COMMUNE_CODE, DISTRICT, DISTRICT_CODE, HOUSEHOLDS, POPULATION, count, flag
from ._model import LEVELS, TECHNOLOGIES, TECHNOLOGY_NAMES, Field, Table

CELLS = Table(
    name="cells",
    title=Bilingual("Ô phủ sóng (cell): một hướng ăng-ten trên một sóng mang",
                    "Cells: one sector on one carrier"),
    geometry="Point",
    key=("cell_id",),
    one_of=("rs_eirp_dbm", "power_dbm"),
    fields=(
        Field(
            name="site_id", kind="text", title=Bilingual("Mã vị trí cột ăng-ten", "Site (mast)"),
            required=True, aliases=("mã vị trí", "mã vị trí cột", "mã cột", "mã nhà trạm"),
        ),
        Field(
            name="station_id", kind="text", required=True,
            title=Bilingual("Mã trạm BTS (một nhà mạng, một công nghệ tại một vị trí)",
                            "Station: one operator's base station of one technology at a site"),
            aliases=("mã trạm", "mã trạm BTS", "mã BTS"),
        ),
        Field(name="cell_id", kind="text", title=Bilingual("Mã cell", "Cell"), required=True),
        Field(
            name="site_name", kind="text", title=Bilingual("Tên vị trí", "Name of the site"),
            aliases=("tên trạm", "tên cột"),
        ),
        Field(
            name="operator", kind="text", title=Bilingual("Nhà mạng", "Operator"), required=True,
            aliases=("nha_mang", "nhà mạng", "mạng", "nhà khai thác", "doanh nghiệp"),
        ),
        Field(
            name="technology", kind="text", title=Bilingual("Công nghệ", "Technology"),
            required=True, choices=TECHNOLOGIES, choices_other=TECHNOLOGY_NAMES,
            aliases=("cong_nghe", "công nghệ"),
        ),
        Field(
            name="frequency_mhz", kind="number", title=Bilingual("Tần số", "Carrier frequency"),
            unit="MHz", required=True, minimum=30, maximum=6000, aliases=("tan_so", "tần số"),
        ),
        Field(
            name="antenna_height_m", kind="number",
            title=Bilingual("Độ cao ăng-ten so với mặt đất", "Antenna height above ground"),
            unit="m", required=True, minimum=1, maximum=300,
            aliases=("do_cao_ang_ten", "độ cao ăng-ten", "độ cao anten", "chiều cao ăng-ten",
                     "chiều cao anten"),
        ),
        Field(
            name="ground_elevation_m", kind="number", unit="m", minimum=-500, maximum=9000,
            title=Bilingual(
                "Cao độ mặt đất tại chân cột ăng-ten theo đo đạc; trống thì lấy từ tệp độ cao",
                "Surveyed elevation of the ground under the mast; if empty that of the elevation "
                "files",
            ), aliases=("cao độ mặt đất", "cao độ chân cột"),
        ),
        Field(
            name="rs_eirp_dbm", kind="number", unit="dBm", minimum=-20, maximum=90,
            title=Bilingual(
                "EIRP của tín hiệu tham chiếu (BCCH, CPICH, RS) mà ngưỡng áp dụng; "
                "trống thì tính từ power_dbm",
                "EIRP of the reference signal (BCCH, CPICH, RS) that the threshold is about; "
                "if empty it follows from power_dbm",
            ),
        ),
        Field(
            name="power_dbm", kind="number", unit="dBm", minimum=-20, maximum=80,
            title=Bilingual(
                "Công suất cả sóng mang tại một cổng ăng-ten của máy phát",
                "Power of the whole carrier at one antenna connector of the transmitter",
            ), aliases=tuple(
                f"{name}{unit}"
                for name in ("công suất", "công suất phát", "công suất máy phát", "tx power",
                             "transmit power", "output power")
                for unit in ("", " (W)", " (watt)")
            ),
        ),
        Field(
            name="feeder_loss_db", kind="number", unit="dB", minimum=0, maximum=40,
            title=Bilingual("Suy hao phi đơ, đầu nối, bộ kết hợp; trống là 0",
                            "Loss of feeder, connectors and combiners; empty is 0"),
            aliases=("suy_hao_phi_do", "suy hao phi đơ"),
        ),
        Field(
            name="antenna_gain_dbi", kind="number", unit="dBi", minimum=-20, maximum=60,
            title=Bilingual("Độ lợi ăng-ten; trống thì lấy từ tệp mẫu ăng-ten",
                            "Antenna gain; if empty that of the pattern file"),
            aliases=("do_loi_dbi", "độ lợi (dBi)"),
        ),
        Field(
            name="resource_blocks", kind="integer", minimum=1, maximum=275,
            title=Bilingual(
                "Số khối tài nguyên của sóng mang 4G, 5G (4G: 10 MHz có 50, 20 MHz có 100)",
                "Resource blocks of a 4G or 5G carrier (4G: 10 MHz has 50, 20 MHz 100)",
            ),
        ),
        Field(
            name="pilot_power_share", kind="number", minimum=0, maximum=1,
            title=Bilingual("Phần công suất sóng mang 3G dành cho CPICH (0–1)",
                            "Share of a 3G carrier's power in the CPICH (0–1)"),
        ),
        Field(
            name="azimuth_deg", kind="number", unit="°", minimum=0, maximum=360,
            title=Bilingual("Góc phương vị; trống nếu vô hướng",
                            "Azimuth; empty if omnidirectional"),
            aliases=("phuong_vi", "phương vị", "góc phương vị", "azimuth"),
        ),
        Field(
            name="beamwidth_deg", kind="number", unit="°", minimum=1, maximum=360,
            title=Bilingual("Độ rộng búp sóng ngang 3 dB", "Horizontal 3 dB beamwidth"),
            aliases=("độ rộng búp sóng", "beamwidth"),
        ),
        Field(
            name="vertical_beamwidth_deg", kind="number", unit="°", minimum=1, maximum=180,
            title=Bilingual(
                "Độ rộng búp sóng đứng 3 dB; trống là 10°, với omni là đều ở mọi góc",
                "Vertical 3 dB beamwidth; if empty 10°, and for omni alike at every elevation",
            ), aliases=("búp sóng đứng",),
        ),
        Field(
            name="tilt_deg", kind="number", unit="°", minimum=-90, maximum=90,
            title=Bilingual("Góc ngẩng xuống (cơ khí, nếu có tệp mẫu ăng-ten)",
                            "Downtilt (mechanical, where there is a pattern file)"),
            aliases=("góc ngẩng", "góc ngẩng xuống", "tilt"),
        ),
        Field(
            name="electrical_tilt_deg", kind="number", unit="°", minimum=-20, maximum=30,
            title=Bilingual("Góc nghiêng điện; cộng thêm vào góc cơ khí",
                            "Electrical downtilt, besides the mechanical"),
            aliases=("goc_nghieng_dien", "góc nghiêng điện"),
        ),
        Field(name="antenna", kind="text",
              title=Bilingual("Mẫu ăng-ten: 3gpp, omni, hoặc tên một tệp .msi, .pln",
                              "Antenna pattern: 3gpp, omni, or the name of a .msi or .pln file")),
        Field(
            name="status", kind="text", title=Bilingual("Trạng thái", "Status"), required=True,
            choices=("active", "planned", "off"),
            choices_vi=(
                ("đang phát sóng", "đang hoạt động", "hoạt động"),
                ("kế hoạch", "quy hoạch", "dự kiến"),
                ("ngừng phát sóng", "ngừng hoạt động", "tạm ngừng"),
            ), choices_other=(
                ("on air", "onair", "in service", "operational", "đã phát sóng", "đang sử dụng",
                 "đang khai thác"),
                ("plan", "proposed", "chưa phát sóng"),
                ("off air", "inactive", "decommissioned", "không hoạt động", "dừng phát sóng"),
            ), aliases=("trang_thai", "trạng thái", "tình trạng"),
        ),
        Field(name="on_air_from", kind="date", title=Bilingual("Phát sóng từ ngày", "On air from"),
              aliases=("ngày phát sóng", "on air date")),
        Field(name="on_air_to", kind="date", title=Bilingual("Ngừng phát từ ngày", "Off air from")),
        Field(
            name="battery_hours", kind="number", unit="giờ", minimum=0, maximum=1000,
            title=Bilingual("Thời gian chạy tiếp khi mất điện lưới (ắc quy, máy nổ)",
                            "How long it runs on without mains power (battery, generator)"),
            aliases=("giờ ắc quy", "thời gian ắc quy"),
        ),
        Field(name="assumed", kind="text",
              title=Bilingual(
                  "Các cột có giá trị giả định vì danh sách không nêu, cách nhau bằng dấu phẩy",
                  "Columns whose value is assumed, as the list of sites has none, comma separated",
              )),
    ),
)  # fmt: skip


def _in_lists(name: str, *aliases: str, text: bool = False) -> Field:
    """Return a field of the cells as a list of sites may have it: not required, perhaps several."""
    field = replace(CELLS[name], required=False, aliases=(*CELLS[name].aliases, *aliases))
    if not text:
        return field
    return replace(
        field, kind="text", minimum=None, maximum=None, choices=(), choices_vi=(), choices_other=()
    )


_OF_LISTS = {
    field.name: field
    for field in (
        _in_lists("site_id", "mã site", "site", "site code", "mã nhà trạm"),
        _in_lists("station_id", "mã trạm phát sóng", "station code", "bts"),
        _in_lists("cell_id"),
        _in_lists("site_name", "tên nhà trạm", "tên site", "site name", "tên trạm BTS"),
        _in_lists("technology", "loại trạm", "loại công nghệ", "công nghệ phát sóng", "rat",
                  "radio", "network type", text=True),
        _in_lists("frequency_mhz", "băng tần", "dải tần", "band", "bands", "băng tần sử dụng",
                  "frequency band", "frequency", text=True),
        _in_lists("antenna_height_m", "chiều cao", "chiều cao cột", "độ cao cột", "chiều cao cột "
                  "ăng-ten", "chiều cao cột anten", "antenna height", "height", "tower height"),
        _in_lists("azimuth_deg", "hướng", "hướng phát", "hướng ăng-ten", "hướng anten",
                  "azimuths", "các hướng", text=True),
        _in_lists("tilt_deg", text=True),
        _in_lists("status"),
    )
}  # fmt: skip
SITE_LIST = replace(
    CELLS,
    title=Bilingual("Danh sách trạm: một dòng có thể là nhiều cell",
                    "List of sites: a row may be several cells"),
    key=(),
    one_of=("technology", "frequency_mhz"),
    fields=(
        *(_OF_LISTS.get(field.name, field) for field in CELLS.fields),
        Field(name="sectors", kind="integer", title=Bilingual("Số hướng ăng-ten", "Sectors"),
              minimum=1, maximum=12, aliases=("số sector", "số hướng", "sectors")),
    ),
)  # fmt: skip
"""How `CELLS` is read where a file lists sites: `inputs.read_cells` makes cells of its rows."""

ASSUMED_VALUES = Table(
    name="assumed_values",
    title=Bilingual("Giá trị giả định cho những gì danh sách trạm không nêu (sửa được)",
                    "Assumed values for what a list of sites does not tell (editable)"),
    geometry=None,
    key=("technology", "band_mhz", "terrain"),
    fields=(
        replace(CELLS["technology"], aliases=()),
        Field(name="band_mhz", kind="number", title=Bilingual("Băng tần", "Band"), unit="MHz",
              required=True, minimum=30, maximum=6000),
        Field(name="terrain", kind="text", required=True, choices=("any", "mountain", "lowland"),
              title=Bilingual(
                  "Địa hình quanh cột ăng-ten: núi nếu cao độ trong vòng 7 km chênh nhau quá 300 m",
                  "Terrain around the mast: mountain if heights within 7 km differ by over 300 m",
              ),
              choices_vi=(("bất kỳ",), ("núi",), ("thấp",))),
        Field(name="preference", kind="integer", minimum=1,
              title=Bilingual(
                  "Thứ tự khi ghép công nghệ với băng tần, 1 là trước hết; ở dòng “bất kỳ”",
                  "Order in which technologies and bands are paired, 1 the first; in rows of any "
                  "terrain",
              )),
        Field(name="sectors", kind="integer", minimum=1, maximum=12,
              title=Bilingual("Số hướng, chia đều từ hướng bắc",
                              "Sectors, spread evenly from north")),
        CELLS["beamwidth_deg"],
        CELLS["vertical_beamwidth_deg"],
        CELLS["rs_eirp_dbm"],
        *(
            replace(CELLS[name], aliases=())
            for name in ("power_dbm", "feeder_loss_db", "antenna_gain_dbi", "resource_blocks",
                         "pilot_power_share")
        ),
        replace(CELLS["antenna_height_m"], required=False, aliases=()),
        CELLS["tilt_deg"],
        Field(name="source", kind="text", title=Bilingual("Nguồn", "Source"), required=True),
    ),
)  # fmt: skip

COMMUNES = Table(
    name="communes",
    title=Bilingual("Xã, phường, thị trấn", "Communes"),
    geometry="Polygon",
    key=("commune_code", "valid_from"),
    fields=(
        COMMUNE_CODE,
        Field(
            name="valid_from", kind="date", required=True,
            title=Bilingual("Ngày mã có hiệu lực (mã được dùng lại)",
                            "Date from which the code means this unit (codes are reused)"),
            aliases=("ngày hiệu lực", "ngày có hiệu lực", "hiệu lực từ", "hiệu lực từ ngày"),
        ),
        Field(name="name", kind="text", title=Bilingual("Tên", "Name"), required=True,
              aliases=("ten", "tên", "ten_xa", "tenxa", "tên xã")),
        Field(name="type", kind="text", title=Bilingual("Loại đơn vị", "Type of unit"),
              required=True, choices=("xã", "phường", "thị trấn", "đặc khu"),
              aliases=("loại", "loại xã")),
        # Empty where there are none, as in Vietnam since 1 July 2025.
        replace(DISTRICT_CODE, required=False),
        replace(DISTRICT, required=False),
        POPULATION,
        HOUSEHOLDS,
    ),
)  # fmt: skip


OFFICES = Table(
    name="offices",
    title=Bilingual("Trụ sở hành chính", "Seats of administration"),
    geometry="Point",
    key=("office_id",),
    fields=(
        Field(name="office_id", kind="text", title=Bilingual("Mã trụ sở", "Office"), required=True,
              aliases=("mã đơn vị", "mã cơ quan")),
        Field(name="name", kind="text", title=Bilingual("Tên", "Name"), required=True,
              aliases=("tên trụ sở", "tên đơn vị", "tên cơ quan")),
        Field(name="level", kind="text", title=Bilingual("Cấp", "Level"), required=True,
              choices=LEVELS,
              choices_vi=(("tỉnh", "cấp tỉnh"), ("huyện", "cấp huyện"), ("xã", "cấp xã")),
              aliases=("cấp hành chính",)),
        COMMUNE_CODE,
        flag("has_fibre", "Có cáp quang", "Has fibre"),
        flag("has_lan", "Có mạng LAN", "Has a LAN"),
        Field(name="lan_year", kind="integer", title=Bilingual("Năm lắp LAN", "Year of the LAN"),
              minimum=1990, maximum=2100),
        flag("data_network_port", "Có cổng mạng TSLCD", "Has a government data-network port"),
        count("computers", "Số máy tính", "Computers"),
        count("officials", "Số cán bộ, công chức", "Officials"),
        flag("video_conference", "Có họp trực tuyến", "Has video-conference"),
        flag("document_system", "Có hệ thống quản lý văn bản", "Has the document system"),
        count("digital_certificates", "Số chứng thư số", "Digital certificates"),
        count("mailboxes", "Số hộp thư công vụ", "Official mailboxes"),
        Field(name="one_stop", kind="text",
              title=Bilingual("Một cửa điện tử", "Electronic one-stop shop"),
              choices=("none", "local", "interlinked"),
              choices_vi=(("chưa có", "không"), ("tại chỗ",), ("liên thông",))),
        flag("service_centre_link", "Đã nối với trung tâm phục vụ hành chính công",
             "Linked to the public service centre"),
        flag("service_portal", "Có dịch vụ trên cổng dịch vụ công của tỉnh",
             "Has services on the province's public service portal"),
        flag("data_centre", "Hệ thống đặt tại trung tâm dữ liệu của tỉnh",
             "Its systems run in the province's data centre"),
        count("files_per_year", "Số hồ sơ mỗi năm", "Files handled a year"),
        flag("backup_power", "Có nguồn điện dự phòng", "Has backup power"),
    ),
)  # fmt: skip

VILLAGES = Table(
    name="villages",
    title=Bilingual("Thôn, bản, tổ dân phố", "Villages"),
    geometry="Point",
    key=("village_id",),
    fields=(
        Field(name="village_id", kind="text", title=Bilingual("Mã thôn", "Village"), required=True),
        Field(
            name="name",
            kind="text",
            title=Bilingual("Tên", "Name"),
            required=True,
            aliases=("tên thôn", "tên thôn, bản", "thôn, bản"),
        ),
        COMMUNE_CODE,
        HOUSEHOLDS,
        POPULATION,
        flag("has_electricity", "Có điện lưới", "Has electricity"),
    ),
)

SPAN_STATUS = (
    "proposed", "planned", "underConstruction", "operational", "decommissioned", "inactive",
)  # fmt: skip
_SPAN_STATUS_VI = (
    ("đề xuất",), ("kế hoạch", "quy hoạch"), ("đang xây dựng", "đang thi công"),
    ("đang khai thác", "đang hoạt động"), ("đã dỡ bỏ",), ("ngừng hoạt động",),
)  # fmt: skip
_PROVIDERS = Field(
    name="networkProviders", kind="text",
    title=Bilingual("Nhà mạng khai thác, cách nhau bằng dấu phẩy",
                    "Operators of the network, comma separated"),
)  # fmt: skip
NODES = Table(
    name="nodes",
    title=Bilingual(
        "Nút mạng cáp quang (Open Fibre Data Standard)", "Fibre nodes (Open Fibre Data Standard)"
    ),
    geometry="Point",
    key=("id",),
    fields=(
        Field(name="id", kind="text", title=Bilingual("Mã nút", "Node"), required=True),
        Field(name="name", kind="text", title=Bilingual("Tên", "Name")),
        Field(
            name="status",
            kind="text",
            title=Bilingual("Trạng thái", "Status"),
            choices=SPAN_STATUS,
            choices_vi=_SPAN_STATUS_VI,
        ),
        Field(name="type", kind="text", title=Bilingual("Loại nút", "Type of node")),
        _PROVIDERS,
    ),
)
SPANS = Table(
    name="spans",
    title=Bilingual("Tuyến cáp quang (Open Fibre Data Standard)",
                    "Fibre spans (Open Fibre Data Standard)"),
    geometry="LineString",
    key=("id",),
    fields=(
        Field(name="id", kind="text", title=Bilingual("Mã tuyến", "Span"), required=True),
        Field(name="name", kind="text", title=Bilingual("Tên tuyến", "Name")),
        Field(name="status", kind="text", title=Bilingual("Trạng thái", "Status"), required=True,
              choices=SPAN_STATUS, choices_vi=_SPAN_STATUS_VI),
        Field(name="readyForServiceDate", kind="date",
              title=Bilingual("Ngày đưa vào khai thác", "Ready for service")),
        Field(name="start", kind="text", title=Bilingual("Nút đầu", "Start node")),
        Field(name="end", kind="text", title=Bilingual("Nút cuối", "End node")),
        flag("directed", "Truyền một chiều, từ nút đầu đến nút cuối",
             "Carries one way only, from start to end"),
        Field(name="supplier", kind="text", title=Bilingual("Đơn vị cung cấp", "Supplier")),
        _PROVIDERS,
        Field(name="deployment", kind="text", title=Bilingual("Kiểu lắp đặt", "Deployment"),
              choices=("aboveGround", "belowGround"),
              choices_vi=(("treo", "trên cột"), ("chôn", "chôn ngầm", "ngầm"))),
        count("fibreCount", "Số sợi", "Fibres"),
        count("fibres_used", "Số sợi đã dùng (chuẩn OFDS không có cột này)",
              "Fibres in use (a column that OFDS does not have)"),
        Field(name="fibreLength", kind="number", title=Bilingual("Chiều dài cáp", "Cable length"),
              unit="km", minimum=0),
    ),
)  # fmt: skip

HOPS = Table(
    name="hops",
    title=Bilingual("Chặng viba nối các cột ăng-ten", "Microwave hops between masts"),
    geometry=None,
    key=("hop_id",),
    fields=(
        Field(name="hop_id", kind="text", title=Bilingual("Mã chặng", "Hop"), required=True),
        Field(name="from_site", kind="text", required=True,
              title=Bilingual("Từ vị trí cột ăng-ten (site_id của bảng cells)",
                              "From mast (a site_id of the cells)")),
        Field(name="to_site", kind="text", required=True,
              title=Bilingual("Đến vị trí cột ăng-ten (site_id của bảng cells)",
                              "To mast (a site_id of the cells)")),
        Field(name="from_height_m", kind="number", unit="m", required=True, minimum=0, maximum=400,
              title=Bilingual("Độ cao ăng-ten trên mặt đất ở đầu đi",
                              "Height of the antenna above ground at the first end")),
        Field(name="to_height_m", kind="number", unit="m", required=True, minimum=0, maximum=400,
              title=Bilingual("Độ cao ăng-ten trên mặt đất ở đầu đến",
                              "Height of the antenna above ground at the second end")),
        Field(name="frequency_ghz", kind="number", unit="GHz", required=True, minimum=1,
              maximum=100, title=Bilingual("Tần số", "Frequency")),
        Field(name="status", kind="text", title=Bilingual("Trạng thái", "Status"), required=True,
              choices=SPAN_STATUS, choices_vi=_SPAN_STATUS_VI),
        Field(name="capacity_mbps", kind="number", unit="Mbit/s", minimum=0,
              title=Bilingual("Dung lượng", "Capacity")),
    ),
)  # fmt: skip

ROADS = Table(
    name="roads", title=Bilingual("Đường bộ", "Roads"), geometry="LineString", key=("road_id",),
    fields=(
        Field(name="road_id", kind="text", title=Bilingual("Mã đường", "Road"), required=True),
        Field(name="name", kind="text", title=Bilingual("Tên đường", "Name")),
    ),
)  # fmt: skip
RIVERS = Table(
    name="rivers", title=Bilingual("Sông, suối", "Rivers"), geometry="LineString",
    key=("river_id",),
    fields=(
        Field(name="river_id", kind="text", title=Bilingual("Mã sông", "River"), required=True),
        Field(name="name", kind="text", title=Bilingual("Tên sông", "Name")),
    ),
)  # fmt: skip
PLACES = Table(
    name="places", title=Bilingual("Địa danh", "Place names"), geometry="Point", key=("place_id",),
    fields=(
        Field(name="place_id", kind="text", title=Bilingual("Mã địa danh", "Place"), required=True),
        Field(name="name", kind="text", title=Bilingual("Tên", "Name"), required=True),
        Field(name="kind", kind="text", title=Bilingual("Loại", "Kind of place"), required=True,
              choices=("city", "town", "village", "peak", "pass"),
              choices_vi=(("thành phố",), ("thị trấn",), ("thôn, bản", "thôn", "bản", "làng"),
                          ("đỉnh núi", "núi"), ("đèo",))),
        Field(name="elevation_m", kind="number", title=Bilingual("Độ cao", "Elevation"), unit="m"),
    ),
)  # fmt: skip
MEASUREMENTS = Table(
    name="measurements", title=Bilingual("Mẫu đo sóng", "Measured samples of signal"),
    geometry="Point", key=("measurement_id",), numbered=True,
    fields=(
        Field(name="measurement_id", kind="text", title=Bilingual("Mã mẫu đo", "Sample"),
              required=True, aliases=("mã đo", "số mẫu")),
        Field(name="measured_on", kind="date", title=Bilingual("Ngày đo", "Day of the measurement"),
              aliases=("thời gian đo", "thời gian", "timestamp", "datetime", "date", "time",
                       "measured_at")),
        Field(name="operator", kind="text", title=Bilingual("Nhà mạng", "Operator"), required=True,
              aliases=("nha_mang", "operatorname", "operator_name", "network", "mạng")),
        Field(
            name="technology", kind="text", title=Bilingual("Công nghệ", "Technology"),
            required=True, choices=TECHNOLOGIES, choices_other=TECHNOLOGY_NAMES,
            aliases=("cong_nghe", "networktech", "network_tech", "networkgen", "radio", "tech",
                     "type"),
        ),
        Field(name="cell_id", kind="text", title=Bilingual("Mã cell", "Cell"),
              aliases=("cellid", "cid", "cell", "eci", "nci")),
        Field(name="frequency_mhz", kind="number", title=Bilingual("Tần số", "Carrier frequency"),
              unit="MHz", minimum=30, maximum=6000, aliases=("tan_so", "tần số", "frequency")),
        Field(
            name="level_dbm", kind="number", unit="dBm", required=True, minimum=-160, maximum=0,
            title=Bilingual("Mức thu đo được (RxLev, RSCP, RSRP, SS-RSRP)",
                            "Level measured (RxLev, RSCP, RSRP, SS-RSRP)"),
            aliases=("mức thu", "level", "signal", "signal_strength", "rsrp", "ss_rsrp", "rscp",
                     "rxlev", "power", "dbm", "cường độ tín hiệu"),
        ),
        Field(name="floor_dbm", kind="number", unit="dBm", minimum=-180, maximum=0,
              title=Bilingual("Mức yếu nhất mà máy đo ghi được",
                              "Weakest level that the instrument records"),
              aliases=("ngưỡng máy đo", "floor")),
        Field(name="instrument_offset_db", kind="number", unit="dB", minimum=-40, maximum=40,
              title=Bilingual("Máy đo báo cao hơn thực bao nhiêu",
                              "By how much the instrument shows too much"),
              aliases=("hiệu chỉnh máy đo", "instrument_offset")),
        flag("in_vehicle", "Đo trong xe", "Measured in a vehicle"),
    ),
)  # fmt: skip
CROSSWALK = Table(
    name="crosswalk",
    title=Bilingual("Bảng chuyển đổi xã cũ sang xã mới", "Crosswalk of old to new communes"),
    geometry=None,
    key=("from_code", "to_code"),
    fields=(
        replace(COMMUNE_CODE, name="from_code", aliases=("mã xã cũ", "old_code"),
                title=Bilingual("Mã xã cũ", "Code of the old commune")),
        replace(COMMUNE_CODE, name="to_code", aliases=("mã xã mới", "new_code"),
                title=Bilingual("Mã xã mới", "Code of the new commune")),
        Field(name="weight", kind="number", required=True, minimum=0, maximum=1,
              aliases=("tỷ trọng", "trọng số"),
              title=Bilingual("Phần của xã cũ thuộc xã mới, 0 đến 1; mỗi xã cũ có tổng bằng 1",
                              "Share of the old commune, 0 to 1; they sum to 1 for each")),
        Field(name="basis", kind="text", required=True, aliases=("căn cứ",),
              choices=("whole", "population", "area", "stated", "main_successor"),
              choices_vi=(("cả xã",), ("dân số",), ("diện tích",), ("công bố",), ("xã chính",)),
              title=Bilingual("Tỷ trọng tính theo gì", "What the weight rests on")),
        Field(name="source", kind="text", required=True, aliases=("nguồn",),
              title=Bilingual("Nguồn", "Source")),
    ),
)  # fmt: skip
