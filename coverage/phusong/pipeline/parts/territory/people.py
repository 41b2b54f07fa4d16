"""Notes on where the number of residents of a study comes from."""

from collections.abc import Iterator

import geopandas as gpd

from ....service import Residents, too_dense
from ....service.residents import MOST_RESIDENTS_PER_KM2
from ...records import Note

NOTABLE_DIFFERENCE = 0.01
"""A figure that differs from the declared residents by more than this share gets a note."""


def about(residents: Residents) -> Iterator[Note]:
    """Tell who was counted by what, who counts nowhere, and which figures are odd."""
    table = residents.communes.table
    source = table["population_source"]
    if (source == "villages").any():
        yield Note("pipeline.people_from_villages", {})
        if (evenly := source == "commune").any():
            codes = ", ".join(table["commune_code"][evenly])
            yield Note("pipeline.spread_evenly", {"communes": codes})
    elif (source == "commune").any():
        yield Note("pipeline.people_from_communes", {})
    if len(residents.strayed):
        values = {"count": len(residents.strayed), "people": round(residents.strayed.sum())}
        yield Note("pipeline.villages_strayed", values)
    if residents.uncounted >= 0.5:
        yield Note("pipeline.people_outside", {"count": round(residents.uncounted)})
    yield from _differences(table)
    dense = too_dense(residents)
    if len(dense):
        worst = dense.iloc[0]
        yield Note(
            "pipeline.too_dense",
            {
                "count": len(dense),
                "name": worst["name"],
                "code": worst["commune_code"],
                "people": round(worst["population"]),
                "area": round(1e6 * worst["area_km2"]),
                "limit": MOST_RESIDENTS_PER_KM2,
            },
        )


def unknown(residents: Residents) -> Iterator[Note]:
    """Name the communes whose residents nobody tells, where those of others are told."""
    table = residents.communes.table
    unknown = table[table["population"].isna()]
    if 0 < len(unknown) < len(table):
        names = ", ".join(
            f"{name} ({code})"
            for name, code in zip(unknown["name"], unknown["commune_code"], strict=True)
        )
        yield Note("pipeline.communes_without_people", {"count": len(unknown), "names": names})


def _differences(communes: gpd.GeoDataFrame) -> Iterator[Note]:
    """Tell where the figure is not what the commune declares."""
    declared = communes["population_declared"]
    apart = (communes["population"] - declared).abs()
    notable = apart > NOTABLE_DIFFERENCE * declared
    if notable.any():
        most = communes.loc[apart.where(notable).idxmax()]
        values = {
            "count": int(notable.sum()),
            "name": most["name"],
            "code": most["commune_code"],
            "declared": round(most["population_declared"]),
            "people": round(most["population"]),
        }
        yield Note("pipeline.declared_differs", values)
