"""What a commune's share of residents with service is made of: classes of margin, stations."""

from dataclasses import replace

from ..i18n import Bilingual
from ._fields import COMMUNE_CODE
from ._model import Field, Table
from .inputs import CELLS

MARGIN_EDGES_DB = (-10.0, 0.0, 10.0)
"""Where one class of margins ends and the next begins, which has the edge itself."""

_SERVICE = Field(
    name="service", kind="text", title=Bilingual("Dịch vụ", "Service"), required=True,
)  # fmt: skip
_AREA = Field(
    name="area_km2", kind="number", unit="km²", minimum=0, title=Bilingual("Diện tích", "Area"),
)  # fmt: skip

COMMUNE_MARGINS = Table(
    name="commune_margins",
    title=Bilingual("Dân số của xã theo mức dư tín hiệu", "Residents of communes by margin"),
    geometry=None,
    key=("commune_code", "service", "margin_class"),
    sheet="Xã theo mức dư",
    fields=(
        COMMUNE_CODE,
        _SERVICE,
        Field(name="margin_class", kind="integer", required=True, minimum=0,
              maximum=len(MARGIN_EDGES_DB) + 1,
              title=Bilingual("Nhóm mức dư, như lớp raster served; 0: không cell nào tới",
                              "Class of the margin, as in the raster served; 0: no cell reaches")),
        Field(name="margin_from_db", kind="number", unit="dB",
              title=Bilingual("Mức dư từ; trống nếu không có cận dưới",
                              "Margin from; empty where there is no lower end")),
        Field(name="margin_below_db", kind="number", unit="dB",
              title=Bilingual("Mức dư dưới; trống nếu không có cận trên",
                              "Margin below; empty where there is no upper end")),
        Field(name="population", kind="number", unit="người", minimum=0,
              title=Bilingual("Dân số trong các ô của nhóm",
                              "Residents in the pixels of the class")),
        Field(name="expected_covered_population", kind="number", unit="người", minimum=0,
              title=Bilingual("Dân số × xác suất có sóng", "Residents × probability of signal")),
        _AREA,
    ),
)  # fmt: skip
COMMUNE_SERVERS = Table(
    name="commune_servers",
    title=Bilingual("Trạm phục vụ dân của xã", "Stations that serve the residents of communes"),
    geometry=None,
    key=("commune_code", "service", "station_id"),
    sheet="Trạm phục vụ xã",
    fields=(
        COMMUNE_CODE,
        _SERVICE,
        *(CELLS[name] for name in ("station_id", "site_id", "site_name")),
        *(replace(CELLS[name], required=False) for name in ("operator", "technology")),
        Field(name="population", kind="number", unit="người", minimum=0,
              title=Bilingual("Dân số mà trạm này phục vụ tốt nhất",
                              "Residents whose best server it is")),
        _AREA,
    ),
)  # fmt: skip
