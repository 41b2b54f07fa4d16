"""The record of an output folder for data catalogues: a STAC Item in its Collection.

SpatioTemporal Asset Catalog 1.1.0 with the extensions file 2.1.0 and
projection 2.0.0. Links are relative, so that the folder can be moved or
published as it is. Knows STAC; what the files hold is the caller's to say.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import rasterio
import shapely

from .json_text import write_json
from .layers import Layer
from .manifest import FileDigest, digest_of

ITEM, COLLECTION = "catalogue/item.json", "catalogue/collection.json"

_STAC = "1.1.0"
_EXTENSIONS = (
    "https://stac-extensions.github.io/file/v2.1.0/schema.json",
    "https://stac-extensions.github.io/projection/v2.0.0/schema.json",
)
_MEDIA_TYPES = {
    ".csv": "text/csv",
    ".geojson": "application/geo+json",
    ".gpkg": "application/geopackage+sqlite3",
    ".html": "text/html",
    ".json": "application/json",
    ".pdf": "application/pdf",
    ".qml": "application/xml",
    ".tif": "image/tiff; application=geotiff; profile=cloud-optimized",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_SHA2_256 = "1220"  # as a multihash: the function's code and the digest's length in bytes


def write_catalogue(
    folder: Path,
    *,
    parameters: Mapping[str, Any],
    layers: Sequence[Layer],
    meanings: Mapping[str, str],
) -> tuple[FileDigest, ...]:
    """Write ``catalogue/item.json`` and ``catalogue/collection.json``.

    Parameters
    ----------
    folder : Path
        The output folder with the files to be found by the record.
    parameters : mapping
        The study's settings as the manifest tells them: names, edition, date,
        CRS, and the notice that must stand beside the figures, if any.
    layers : sequence of Layer
        The exported tables; their shapes give the extent.
    meanings : mapping
        Relative path → what the file holds, for each file to be listed.

    Returns
    -------
    tuple of FileDigest
        Of the files listed, for `write_manifest`.

    Raises
    ------
    OSError
        If a file cannot be read or the records cannot be written.

    Examples
    --------
    >>> import json, tempfile
    >>> import geopandas as gpd
    >>> from phusong.export import plain_layer
    >>> from phusong.tables import VILLAGES
    >>> villages = gpd.GeoDataFrame(
    ...     {"village_id": ["v1"], "name": ["Bản Ngò"], "commune_code": ["01108"]},
    ...     geometry=gpd.points_from_xy([447_000], [2_526_000]), crs="EPSG:9209",
    ... )
    >>> study = {
    ...     "name": "Tỉnh Hà Giang", "name_en": "Hà Giang province", "province": "Hà Giang",
    ...     "province_code": "02", "edition": "2017", "as_of": "2017-12-31", "crs": "EPSG:9209",
    ... }
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     layers = [plain_layer(villages, VILLAGES)]
    ...     _ = write_catalogue(Path(folder), parameters=study, layers=layers, meanings={})
    ...     item = json.loads((Path(folder) / "catalogue" / "item.json").read_bytes())
    >>> item["id"], [round(degrees, 3) for degrees in item["bbox"]]
    ('phusong-02-2017-12-31', [104.986, 22.833, 104.986, 22.833])
    """
    name = f"phusong-{parameters['province_code']}-{parameters['as_of']}"
    moment = f"{parameters['as_of']}T00:00:00Z"
    told = [parameters["name_en"], *dict(parameters.get("notice") or {}).values()]
    words = {"title": parameters["name"], "description": ". ".join(told)}
    shapes = [layer.shapes[layer.located] for layer in layers if layer.shapes is not None]
    edges = [float(edge) for part in shapes if len(part) for edge in shapely.total_bounds(part)]
    digests = tuple(digest_of(path, folder / path) for path in sorted(meanings))
    bbox = [choose(edges[side::4]) for side, choose in enumerate((min, min, max, max)) if edges]
    item = {
        "type": "Feature",
        "stac_version": _STAC,
        "stac_extensions": list(_EXTENSIONS),
        "id": name,
        "geometry": shapely.geometry.mapping(shapely.box(*bbox)) if bbox else None,
        **({"bbox": bbox} if bbox else {}),
        "properties": {
            "datetime": moment,
            **words,
            "phusong:edition": parameters["edition"],
        },
        "collection": f"{name}-results",
        "links": [
            {"rel": rel, "href": "./collection.json", "type": "application/json"}
            for rel in ("root", "parent", "collection")
        ],
        "assets": {one.path: _asset(folder / one.path, one, meanings[one.path]) for one in digests},
    }
    collection = {
        "type": "Collection",
        "stac_version": _STAC,
        "id": f"{name}-results",
        **words,
        # What may be done with the figures is the study's to say; STAC's word for "see there".
        "license": "other",
        "keywords": ["mobile coverage", "fibre", "e-government", parameters["province"]],
        "extent": {
            "spatial": {"bbox": [bbox or [-180.0, -90.0, 180.0, 90.0]]},
            "temporal": {"interval": [[moment, moment]]},
        },
        "links": [
            {"rel": "root", "href": "./collection.json", "type": "application/json"},
            {"rel": "item", "href": "./item.json", "type": "application/geo+json"},
        ],
    }
    (folder / ITEM).parent.mkdir(exist_ok=True)
    write_json(item, folder / ITEM)
    write_json(collection, folder / COLLECTION)
    return digests


def _asset(path: Path, file: FileDigest, meaning: str) -> dict[str, Any]:
    explains = file.path.endswith((".schema.json", "dictionary.json", ".qml"))
    return {
        "href": f"../{file.path}",
        "title": meaning,
        "type": _MEDIA_TYPES[path.suffix],
        "roles": [
            "metadata" if explains else "overview" if path.suffix in {".html", ".pdf"} else "data"
        ],
        "file:size": file.size,
        "file:checksum": _SHA2_256 + file.sha256,
        **(_raster(path) if path.suffix == ".tif" else {}),
    }


def _raster(path: Path) -> dict[str, Any]:
    with rasterio.open(path) as file:
        nodata = "nan" if math.isnan(file.nodata) else file.nodata
        band = {"name": path.stem, "data_type": file.dtypes[0], "nodata": nodata}
        unit = {"unit": file.units[0]} if file.units[0] else {}
        return {
            "proj:code": f"EPSG:{file.crs.to_epsg()}",
            "proj:shape": [file.height, file.width],
            "proj:transform": list(file.transform)[:6],
            "bands": [band | unit],
        }
