"""A landing page on figures that can be checked by eye."""

from datetime import date

import pandas as pd
import pytest

from phusong.i18n import Bilingual, words
from phusong.report import Landing, Listed, ServiceText

NAN = float("nan")
MOBILE = Bilingual(
    "ngoài trời; 2G ≥ −98 dBm; xác suất theo vị trí 90 %; mô hình ITU-R P.1812; địa giới 2017",
    "outdoor; 2G ≥ −98 dBm; location probability 90 %; model ITU-R P.1812; units of 2017",
)


def indicator(name, **values):
    row = {
        "indicator": name, "vi": name, "en": name, "unit": "share", "denominator": None,
        "published": NAN, "computed": NAN, "target": NAN, "origin": "computed",
        "status": "no_target", "definition_vi": None, "definition_en": None, "source": None,
    }  # fmt: skip
    return row | values


@pytest.fixture
def indicators():
    mobile = {"definition_vi": MOBILE.vi, "definition_en": MOBILE.en}
    return pd.DataFrame.from_records(
        [
            indicator(
                "covered_population_share_mobile",
                vi="Dân số được phủ sóng: Di động, ngoài trời",
                en="Residents covered: Mobile, outdoor",
                denominator="population",
                published=0.98,
                computed=0.9432,
                target=0.98,
                status="missed",
                source="Báo Hà Giang, 2018",
                **mobile,
            ),
            indicator(
                "covered_centres_share_mobile",
                vi="Trung tâm xã được phủ sóng: Di động, ngoài trời",
                en="Commune centres covered: Mobile, outdoor",
                denominator="commune_centres",
                published=1.0,
                computed=1.0,
                target=1.0,
                status="met",
                source="Báo Hà Giang, 2018",
                **mobile,
            ),
            indicator(
                "stations",
                vi="Số trạm BTS",
                en="BTS stations",
                unit="count",
                published=1514.0,
                computed=1514.0,
                origin="counted",
                definition_vi="Đếm trạm đang phát sóng",
                definition_en="Stations on air, counted",
                source="Báo Hà Giang, 2018",
            ),
            indicator(
                "documents_signed_share",
                vi="Văn bản có chữ ký số",
                en="Documents digitally signed",
                published=0.25,
                origin="reported_only",
                status="reported_only",
                definition_vi="Chỉ có số công bố",
                definition_en="Published only",
                source="Báo Hà Giang, 2018",
            ),
        ]
    )


@pytest.fixture
def communes():
    """Return twelve communes; the n-th of 1,000 residents has n × 80 covered."""
    covered = [80.0 * n for n in range(1, 13)]
    return pd.DataFrame(
        {
            "commune_code": [f"{n:05}" for n in range(1, 13)],
            "name": [f"Tả Lủng {n}" for n in range(1, 13)],
            "type": "xã",
            "district": "Mèo Vạc",
            "population": 1000.0,
            "covered_population_mobile": covered,
            "covered_population_share_mobile": [people / 1000 for people in covered],
            "target_verdict_mobile": ["missed"] * 11 + ["met"],
            "covered_population_4g": covered[::-1],
            "covered_population_share_4g": [people / 1000 for people in covered[::-1]],
            "target_verdict_4g": "not_applicable",
        }
    )


@pytest.fixture
def districts():
    """Return two districts, of which one misses a target by a hair."""
    return pd.DataFrame(
        {
            "district_code": ["024", "026"],
            "district": ["Hà Giang", "Đồng Văn"],
            "population": [55_508.0, 81_641.0],
            "covered_population_share_mobile": [0.97996, 0.991],
            "target_verdict_mobile": ["missed", "met"],
            "covered_population_share_4g": [0.5, None],
            "target_verdict_4g": "not_applicable",
        }
    )


@pytest.fixture
def gaps():
    """Return twelve gaps of one service and one of the other."""
    return pd.DataFrame(
        {
            "gap_id": [f"mobile-{n:04}" for n in range(1, 13)] + ["4g-0001"],
            "service": ["mobile"] * 12 + ["4g"],
            "rank": [*range(1, 13), 1],
            "population": [1300.0 - 100 * n for n in range(1, 13)] + [70.4],
            "area_km2": 2.5,
            "villages": 3,
            "communes": [f"Tả Lủng {n}" for n in range(1, 13)] + ["Mèo Vạc"],
        }
    )


@pytest.fixture
def landing(indicators, communes, districts, gaps):
    return Landing(
        title=Bilingual("Tỉnh Hà Giang, cuối năm 2017", "Hà Giang province, end of 2017"),
        province="Hà Giang",
        edition="2017",
        as_of=date(2017, 12, 31),
        boundaries=Bilingual("Ranh giới: Sở Thử.", "Boundaries: Test Office."),
        errors=Bilingual("sai số giả định", "assumed error"),
        program="phusong 0.1.0",
        indicators=indicators,
        services=(
            ServiceText(
                id="mobile",
                name=Bilingual("Di động", "Mobile"),
                definition=MOBILE,
                target_share=0.98,
            ),
            ServiceText(
                id="4g",
                name=Bilingual("4G, ngoài trời", "4G, outdoor"),
                definition=Bilingual("4G", "4G"),
            ),
        ),
        communes=communes,
        districts=districts,
        gaps=gaps,
        opens={
            "communes": "maps/coverage.html",
            "districts": "maps/coverage.html",
            "gaps": "maps/gaps.html",
        },
        maps=(
            Listed("maps/overview.html", Bilingual("Phủ sóng và cáp quang", "Coverage and fibre")),
        ),
        files=(
            Listed(
                "geojson/communes.geojson", Bilingual("Kết quả theo xã", "By commune"), 1_234_567
            ),
            Listed("report/tables.xlsx", words("report.file_workbook"), 345_678),
            Listed("manifest.json", words("report.file_manifest")),
        ),
        notes=(Bilingual("Dân số lấy theo thôn.", "Residents come from the villages."),),
        rejected={"villages": 3},
    )
