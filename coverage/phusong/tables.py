"""Every table's fields, units and meaning, once.

Readers, JSON Schemas, exports, maps and docs derive from here; nothing else in
the project spells out a column. A percentage is a share from 0 to 1 and its
name says its denominator. Other rooms add no column that is not listed here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from ._types import Language

Kind = Literal["text", "integer", "number", "boolean", "date"]
GeometryKind = Literal["Point", "LineString", "Polygon"]

LEVELS = ("province", "district", "commune")
TECHNOLOGIES = ("2G", "3G", "4G", "5G")
VERDICTS = ("met", "missed", "not_applicable")


@dataclass(frozen=True, kw_only=True)
class Field:
    """One column.

    Parameters
    ----------
    name : str
        Column name everywhere: files, code, exports. Carries its unit.
    kind : str
        Type of a value. Text is Unicode NFC; codes are text.
    vi, en : str
        Meaning, for dictionaries, map popups and messages.
    unit : str
        Unit as printed; empty where there is none.
    required : bool
        The column must exist in an input file and no value may be empty.
    minimum, maximum : float, optional
        Smallest and largest admissible value, both included.
    choices : tuple of str
        The only admissible texts, if any.
    pattern : str
        Regular expression a text must match whole, if any.
    aliases : tuple of str
        Other headings accepted for it in input files.
    per : {"", "service", "prerequisite"}
        The column repeats for each service (or prerequisite): see `Table.expand`.
    """

    name: str
    kind: Kind
    vi: str
    en: str
    unit: str = ""
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    pattern: str = ""
    aliases: tuple[str, ...] = ()
    per: Literal["", "service", "prerequisite"] = ""

    def meaning(self, lang: Language) -> str:
        """Return the meaning with its unit."""
        words = self.vi if lang == "vi" else self.en
        return f"{words} ({self.unit})" if self.unit else words


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table: its columns in order, its geometry and what identifies a row."""

    name: str
    vi: str
    en: str
    fields: tuple[Field, ...]
    geometry: GeometryKind | None
    key: tuple[str, ...]

    def __post_init__(self) -> None:
        names = [field.name for field in self.fields]
        if len(set(names)) != len(names) or not set(self.key) <= set(names):
            raise ValueError(f"table {self.name}: repeated field or unknown key")

    def __getitem__(self, name: str) -> Field:
        """Return the field called `name`; KeyError if there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(f"{self.name} has no field {name!r}")

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the fields, in order."""
        return tuple(field.name for field in self.fields)

    def title(self, lang: Language) -> str:
        """Return what the table holds, in one language."""
        return self.vi if lang == "vi" else self.en

    def expand(self, repeated: Mapping[str, Iterable[str]]) -> "Table":
        """Return the table with its repeating fields written out.

        Parameters
        ----------
        repeated : mapping
            ``{"service": ids, "prerequisite": names}``; a field with
            ``per="service"`` becomes one ``<name>_<id>`` for each id, grouped
            by id.

        Examples
        --------
        >>> COMMUNES_RESULT.expand({"service": ["4g"]})["covered_population_share_4g"].kind
        'number'
        """
        fields = [field for field in self.fields if not field.per]
        for group, ids in repeated.items():
            for suffix in ids:
                fields += [
                    replace(
                        field,
                        name=f"{field.name}_{suffix}",
                        vi=f"{field.vi} [{suffix}]",
                        en=f"{field.en} [{suffix}]",
                        per="",
                    )
                    for field in self.fields
                    if field.per == group
                ]
        return replace(self, fields=tuple(fields))


_COMMUNE_CODE = Field(
    name="commune_code",
    kind="text",
    vi="Mã xã 5 chữ số theo danh mục hành chính",
    en="Official 5-digit commune code",
    required=True,
    pattern=r"\d{5}",
    aliases=("ma_xa", "mã xã", "code"),
)
_DISTRICT_CODE = Field(
    name="district_code",
    kind="text",
    vi="Mã huyện 3 chữ số",
    en="Official 3-digit district code",
    required=True,
    pattern=r"\d{3}",
    aliases=("ma_huyen", "mã huyện"),
)
_DISTRICT = Field(
    name="district", kind="text", vi="Huyện, thành phố", en="District", required=True,
    aliases=("huyen", "huyện"),
)  # fmt: skip
_POPULATION = Field(
    name="population", kind="number", vi="Dân số", en="Residents", unit="người", minimum=0,
    aliases=("dan_so", "dân số"),
)  # fmt: skip
_HOUSEHOLDS = Field(
    name="households", kind="integer", vi="Số hộ", en="Households", unit="hộ", minimum=0,
    aliases=("so_ho", "số hộ"),
)  # fmt: skip

CELLS = Table(
    name="cells",
    vi="Ô phủ sóng (cell): một hướng ăng-ten trên một sóng mang",
    en="Cells: one sector on one carrier",
    geometry="Point",
    key=("cell_id",),
    fields=(
        Field(name="site_id", kind="text", vi="Mã vị trí cột", en="Site (mast)", required=True),
        Field(
            name="station_id", kind="text", required=True,
            vi="Mã trạm BTS (một nhà mạng, một công nghệ tại một vị trí)",
            en="Station: one operator's base station of one technology at a site",
        ),
        Field(name="cell_id", kind="text", vi="Mã cell", en="Cell", required=True),
        Field(name="site_name", kind="text", vi="Tên vị trí", en="Name of the site"),
        Field(
            name="operator", kind="text", vi="Nhà mạng", en="Operator", required=True,
            aliases=("nha_mang", "nhà mạng"),
        ),
        Field(
            name="technology", kind="text", vi="Công nghệ", en="Technology", required=True,
            choices=TECHNOLOGIES, aliases=("cong_nghe", "công nghệ"),
        ),
        Field(
            name="frequency_mhz", kind="number", vi="Tần số", en="Carrier frequency", unit="MHz",
            required=True, minimum=30, maximum=6000, aliases=("tan_so", "tần số"),
        ),
        Field(
            name="antenna_height_m", kind="number", vi="Độ cao ăng-ten so với mặt đất",
            en="Antenna height above ground", unit="m", required=True, minimum=1, maximum=300,
            aliases=("do_cao_ang_ten", "độ cao ăng-ten"),
        ),
        Field(
            name="rs_eirp_dbm", kind="number", required=True, unit="dBm", minimum=-20, maximum=90,
            vi="EIRP của tín hiệu tham chiếu (BCCH, CPICH, RS) mà ngưỡng áp dụng",
            en="EIRP of the reference signal (BCCH, CPICH, RS) that the threshold is about",
        ),
        Field(
            name="azimuth_deg", kind="number", unit="°", minimum=0, maximum=360,
            vi="Góc phương vị; trống nếu vô hướng", en="Azimuth; empty if omnidirectional",
            aliases=("phuong_vi", "phương vị"),
        ),
        Field(
            name="beamwidth_deg", kind="number", unit="°", minimum=1, maximum=360,
            vi="Độ rộng búp sóng ngang 3 dB", en="Horizontal 3 dB beamwidth",
        ),
        Field(
            name="tilt_deg", kind="number", unit="°", minimum=-90, maximum=90,
            vi="Góc ngẩng xuống", en="Downtilt",
        ),
        Field(name="antenna", kind="text", vi="Mẫu ăng-ten", en="Antenna pattern"),
        Field(
            name="status", kind="text", vi="Trạng thái", en="Status", required=True,
            choices=("active", "planned", "off"), aliases=("trang_thai", "trạng thái"),
        ),
        Field(name="on_air_from", kind="date", vi="Phát sóng từ ngày", en="On air from"),
        Field(name="on_air_to", kind="date", vi="Ngừng phát từ ngày", en="Off air from"),
    ),
)  # fmt: skip

COMMUNES = Table(
    name="communes",
    vi="Xã, phường, thị trấn",
    en="Communes",
    geometry="Polygon",
    key=("commune_code", "valid_from"),
    fields=(
        _COMMUNE_CODE,
        Field(
            name="valid_from", kind="date", required=True,
            vi="Ngày mã có hiệu lực (mã được dùng lại)",
            en="Date from which the code means this unit (codes are reused)",
        ),
        Field(name="name", kind="text", vi="Tên", en="Name", required=True,
              aliases=("ten", "tên", "ten_xa", "tên xã")),
        Field(name="type", kind="text", vi="Loại đơn vị", en="Type of unit", required=True,
              choices=("xã", "phường", "thị trấn")),
        _DISTRICT_CODE,
        _DISTRICT,
        _POPULATION,
        _HOUSEHOLDS,
    ),
)  # fmt: skip


def _flag(name: str, vi: str, en: str) -> Field:
    return Field(name=name, kind="boolean", vi=vi, en=en)


def _count(name: str, vi: str, en: str) -> Field:
    return Field(name=name, kind="integer", vi=vi, en=en, minimum=0)


OFFICES = Table(
    name="offices",
    vi="Trụ sở hành chính",
    en="Seats of administration",
    geometry="Point",
    key=("office_id",),
    fields=(
        Field(name="office_id", kind="text", vi="Mã trụ sở", en="Office", required=True),
        Field(name="name", kind="text", vi="Tên", en="Name", required=True),
        Field(name="level", kind="text", vi="Cấp", en="Level", required=True, choices=LEVELS),
        _COMMUNE_CODE,
        _flag("has_fibre", "Có cáp quang", "Has fibre"),
        _flag("has_lan", "Có mạng LAN", "Has a LAN"),
        Field(name="lan_year", kind="integer", vi="Năm lắp LAN", en="Year of the LAN",
              minimum=1990, maximum=2100),
        _flag("data_network_port", "Có cổng mạng TSLCD", "Has a government data-network port"),
        _count("computers", "Số máy tính", "Computers"),
        _count("officials", "Số cán bộ, công chức", "Officials"),
        _flag("video_conference", "Có họp trực tuyến", "Has video-conference"),
        _flag("document_system", "Có hệ thống quản lý văn bản", "Has the document system"),
        _count("digital_certificates", "Số chứng thư số", "Digital certificates"),
        _count("mailboxes", "Số hộp thư công vụ", "Official mailboxes"),
        Field(name="one_stop", kind="text", vi="Một cửa điện tử", en="Electronic one-stop shop",
              choices=("none", "local", "interlinked")),
        _count("files_per_year", "Số hồ sơ mỗi năm", "Files handled a year"),
        _flag("backup_power", "Có nguồn điện dự phòng", "Has backup power"),
    ),
)  # fmt: skip

VILLAGES = Table(
    name="villages",
    vi="Thôn, bản, tổ dân phố",
    en="Villages",
    geometry="Point",
    key=("village_id",),
    fields=(
        Field(name="village_id", kind="text", vi="Mã thôn", en="Village", required=True),
        Field(name="name", kind="text", vi="Tên", en="Name", required=True),
        _COMMUNE_CODE,
        _HOUSEHOLDS,
        _POPULATION,
        _flag("has_electricity", "Có điện lưới", "Has electricity"),
    ),
)

_SPAN_STATUS = (
    "proposed", "planned", "underConstruction", "operational", "decommissioned", "inactive",
)  # fmt: skip
NODES = Table(
    name="nodes",
    vi="Nút mạng cáp quang (Open Fibre Data Standard)",
    en="Fibre nodes (Open Fibre Data Standard)",
    geometry="Point",
    key=("id",),
    fields=(
        Field(name="id", kind="text", vi="Mã nút", en="Node", required=True),
        Field(name="name", kind="text", vi="Tên", en="Name"),
        Field(name="status", kind="text", vi="Trạng thái", en="Status", choices=_SPAN_STATUS),
        Field(name="type", kind="text", vi="Loại nút", en="Type of node"),
    ),
)
SPANS = Table(
    name="spans",
    vi="Tuyến cáp quang (Open Fibre Data Standard)",
    en="Fibre spans (Open Fibre Data Standard)",
    geometry="LineString",
    key=("id",),
    fields=(
        Field(name="id", kind="text", vi="Mã tuyến", en="Span", required=True),
        Field(name="name", kind="text", vi="Tên tuyến", en="Name"),
        Field(name="status", kind="text", vi="Trạng thái", en="Status", required=True,
              choices=_SPAN_STATUS),
        Field(name="readyForServiceDate", kind="date", vi="Ngày đưa vào khai thác",
              en="Ready for service"),
        Field(name="start", kind="text", vi="Nút đầu", en="Start node"),
        Field(name="end", kind="text", vi="Nút cuối", en="End node"),
        Field(name="supplier", kind="text", vi="Đơn vị cung cấp", en="Supplier"),
        Field(name="deployment", kind="text", vi="Kiểu lắp đặt", en="Deployment",
              choices=("aboveGround", "belowGround")),
        _count("fibreCount", "Số sợi", "Fibres"),
        Field(name="fibreLength", kind="number", vi="Chiều dài cáp", en="Cable length",
              unit="km", minimum=0),
    ),
)  # fmt: skip

MEASUREMENTS = Table(
    name="measurements",
    vi="Mẫu đo sóng",
    en="Signal measurements",
    geometry="Point",
    key=("measurement_id",),
    fields=(
        Field(name="measurement_id", kind="text", vi="Mã mẫu", en="Sample", required=True),
        Field(name="measured_on", kind="date", vi="Ngày đo", en="Day measured", required=True),
        Field(name="operator", kind="text", vi="Nhà mạng", en="Operator", required=True),
        Field(name="technology", kind="text", vi="Công nghệ", en="Technology", required=True,
              choices=TECHNOLOGIES),
        Field(name="level_dbm", kind="number", vi="Mức thu", en="Level", unit="dBm",
              required=True, minimum=-160, maximum=0),
    ),
)  # fmt: skip

ROADS = Table(
    name="roads", vi="Đường bộ", en="Roads", geometry="LineString", key=("road_id",),
    fields=(
        Field(name="road_id", kind="text", vi="Mã đường", en="Road", required=True),
        Field(name="name", kind="text", vi="Tên đường", en="Name"),
    ),
)  # fmt: skip
RIVERS = Table(
    name="rivers", vi="Sông, suối", en="Rivers", geometry="LineString", key=("river_id",),
    fields=(
        Field(name="river_id", kind="text", vi="Mã sông", en="River", required=True),
        Field(name="name", kind="text", vi="Tên sông", en="Name"),
    ),
)  # fmt: skip
PLACES = Table(
    name="places", vi="Địa danh", en="Place names", geometry="Point", key=("place_id",),
    fields=(
        Field(name="place_id", kind="text", vi="Mã địa danh", en="Place", required=True),
        Field(name="name", kind="text", vi="Tên", en="Name", required=True),
        Field(name="kind", kind="text", vi="Loại", en="Kind of place", required=True,
              choices=("city", "town", "village", "peak", "pass")),
        Field(name="elevation_m", kind="number", vi="Độ cao", en="Elevation", unit="m"),
    ),
)  # fmt: skip

INPUT_TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        CELLS, COMMUNES, OFFICES, VILLAGES, SPANS, NODES, MEASUREMENTS, ROADS, RIVERS, PLACES,
    )
}  # fmt: skip
INPUT_RASTERS = ("terrain", "population", "clutter")


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
    Field(name="area_km2", kind="number", vi="Diện tích (mẫu số)", en="Area (denominator)",
          unit="km²", minimum=0),
    Field(name="villages", kind="integer", vi="Số thôn (mẫu số)",
          en="Villages (denominator)", unit="thôn", minimum=0),
    Field(name="stations", kind="integer", vi="Số trạm BTS", en="Stations (BTS)", minimum=0),
)  # fmt: skip

COMMUNES_RESULT = Table(
    name="communes",
    vi="Kết quả theo xã",
    en="Results by commune",
    geometry="Polygon",
    key=("commune_code", "valid_from"),
    fields=(
        *(field for field in COMMUNES.fields if field.name not in {"population", "households"}),
        *_TOTAL_FIELDS,
        Field(name="centre_covered", kind="boolean", vi="Trung tâm xã có sóng",
              en="Commune centre covered", per="service"),
        *_SERVICE_FIELDS,
        Field(name="distance_to_fibre_m", kind="number", unit="m", minimum=0,
              vi="Khoảng cách từ trung tâm xã đến tuyến cáp quang đang khai thác gần nhất",
              en="Distance from the commune centre to the nearest operational span"),
        _flag("fibre_within_drop", "Cáp quang trong tầm kéo vào trung tâm xã",
              "Fibre within drop length of the commune centre"),
        _flag("has_lan", "Trụ sở xã có mạng LAN", "Commune office has a LAN"),
        Field(name="missing_prerequisites", kind="text",
              vi="Điều kiện còn thiếu cho một cửa điện tử, cách nhau bằng dấu phẩy",
              en="Prerequisites missing for the one-stop shop, comma separated"),
    ),
)  # fmt: skip
DISTRICTS_RESULT = Table(
    name="districts",
    vi="Kết quả theo huyện",
    en="Results by district",
    geometry="Polygon",
    key=("district_code",),
    fields=(
        _DISTRICT_CODE,
        _DISTRICT,
        _count("communes", "Số xã", "Communes"),
        *_TOTAL_FIELDS,
        Field(name="covered_centres", kind="integer", vi="Số trung tâm xã có sóng",
              en="Commune centres covered", minimum=0, per="service"),
        *_SERVICE_FIELDS,
        _count("offices", "Số trụ sở xã có báo cáo", "Commune offices reported"),
        _count("offices_with_lan", "Số trụ sở xã có LAN", "Commune offices with a LAN"),
        _count("offices_ready", "Số trụ sở xã đủ điều kiện một cửa điện tử",
               "Commune offices with every prerequisite of the one-stop shop"),
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
    fields=(
        *(CELLS[n] for n in ("station_id", "site_id", "site_name", "operator", "technology")),
        _count("cells", "Số cell đang hoạt động", "Cells in service"),
        Field(name="frequency_mhz", kind="text", vi="Các tần số", en="Frequencies", unit="MHz"),
        CELLS["antenna_height_m"],
        replace(_COMMUNE_CODE, required=False),
    ),
)
GAPS = Table(
    name="gaps",
    vi="Vùng lõm sóng: có người ở, không đạt ngưỡng",
    en="Gaps: inhabited and below the threshold",
    geometry="Polygon",
    key=("gap_id",),
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
INDICATORS = Table(
    name="indicators",
    vi="Bảng chỉ tiêu: công bố và tính toán",
    en="Indicator board: published beside computed",
    geometry=None,
    key=("indicator",),
    fields=(
        Field(name="indicator", kind="text", vi="Chỉ tiêu", en="Indicator", required=True),
        Field(name="vi", kind="text", vi="Tên tiếng Việt", en="Vietnamese name", required=True),
        Field(name="en", kind="text", vi="Tên tiếng Anh", en="English name", required=True),
        Field(name="unit", kind="text", vi="Đơn vị", en="Unit", required=True,
              choices=("share", "count")),
        Field(name="denominator", kind="text", vi="Mẫu số", en="Denominator"),
        Field(name="published", kind="number", vi="Giá trị công bố", en="Published value"),
        Field(name="computed", kind="number", vi="Giá trị tính toán", en="Computed value"),
        Field(name="target", kind="number", vi="Mục tiêu", en="Target"),
        Field(name="origin", kind="text", required=True,
              choices=("computed", "counted", "reported_only"),
              vi="Cách có giá trị: mô hình tính, đếm từ dữ liệu, hay chỉ có số công bố",
              en="How the value came: modelled, counted from the files, or published only"),
        Field(name="definition_vi", kind="text", vi="Định nghĩa", en="Definition (Vietnamese)"),
        Field(name="definition_en", kind="text", vi="Định nghĩa (tiếng Anh)", en="Definition"),
        Field(name="source", kind="text", vi="Nguồn số công bố", en="Source of the figure"),
    ),
)  # fmt: skip

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
        _flag("bridge", "Đứt đoạn này là mạng rời ra", "Its cut disconnects the network"),
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
        _flag("articulation", "Hỏng nút này là mạng rời ra (trung tâm: không xét)",
              "Its failure disconnects the network (hubs: not asked)"),
        _count("two_edge_part", "Phần mạng chịu được một chỗ đứt",
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
        _count("stage", "Đợt", "Stage"),
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
        replace(_DISTRICT_CODE, required=False),
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
        _count("offices_in_service", "Số trụ sở được phục vụ", "Offices in service at the end"),
        _count("offices", "Số trụ sở", "Offices"),
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
        _count("level", "Mức chắc chắn đạt (chưa báo cáo coi như thiếu)",
               "Level surely reached (what is not reported counts as lacking)"),
        _count("possible_level", "Mức cao nhất có thể (chưa báo cáo coi như có)",
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
        _flag("moved_beyond", "Sáp nhập làm vượt ngưỡng thời gian đi",
              "The merger moves it beyond the travel time allowed"),
    ),
)  # fmt: skip

RESULT_TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        COMMUNES_RESULT, DISTRICTS_RESULT, PROVINCE_RESULT, VILLAGES_RESULT, STATIONS_RESULT,
        GAPS, READINESS, SPANS, INDICATORS,
    )
}  # fmt: skip
