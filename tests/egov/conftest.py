"""Offices as the readers would hand them over."""

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point

from phusong.tables import OFFICES


@pytest.fixture
def offices():
    """Return a maker: each row a dict of what differs from nothing reported, communes 00001 on."""

    def make(*rows):
        filled = [
            {"office_id": f"o{i}", "name": f"UBND {i}", "level": "commune",
             "commune_code": f"{i:05d}"} | row
            for i, row in enumerate(rows, start=1)
        ]  # fmt: skip
        table = pd.DataFrame(filled).reindex(columns=list(OFFICES.columns))
        kinds = {"boolean": "boolean", "integer": "Int64", "text": "str"}
        table = table.astype({field.name: kinds[field.kind] for field in OFFICES.fields})
        return gpd.GeoDataFrame(table, geometry=[Point(0, 0)] * len(table), crs="EPSG:9209")

    return make
