"""Vouch for a VRT before GDAL opens it: a plain mosaic of rasters of its own folder.

A VRT is a program in XML: it can run warps and pixel functions, and name files
anywhere on the machine or the network. Only what `gdalbuildvrt` writes for a
mosaic is let through, and every part is a file that cannot pass for another VRT.
"""

import os
from pathlib import Path
from xml.etree import ElementTree

from .faults import refusal

LARGEST_VRT_BYTES = 5_000_000
PART_SUFFIXES = {".tif", ".tiff", ".hgt"}
_ELEMENTS = {
    "VRTDataset",
    "SRS",
    "GeoTransform",
    "Metadata",
    "MDI",
    "OverviewList",
    "VRTRasterBand",
    "Description",
    "UnitType",
    "Offset",
    "Scale",
    "ColorInterp",
    "NoDataValue",
    "HideNoDataValue",
    "Histograms",
    "HistItem",
    "HistMin",
    "HistMax",
    "BucketCount",
    "IncludeOutOfRange",
    "Approximate",
    "HistCounts",
    "SimpleSource",
    "ComplexSource",
    "SourceFilename",
    "SourceBand",
    "SourceProperties",
    "SrcRect",
    "DstRect",
    "NODATA",
    "ScaleOffset",
    "ScaleRatio",
}


def check_mosaic(path: Path, shown: str) -> tuple[Path, ...]:
    """Return the parts of a VRT, or say why it is not opened.

    Raises
    ------
    InputError
        If it is no plain mosaic, or names a file outside its folder.
    """  # noqa: DOC501  `refusal` makes an InputError
    if path.stat().st_size > LARGEST_VRT_BYTES:
        raise refusal("unreadable", shown, detail=f"> {LARGEST_VRT_BYTES // 1_000_000} MB")
    text = path.read_text(encoding="utf-8", errors="replace")
    # Entities, comments and instructions inside a name are read otherwise by GDAL than here.
    if "<!" in text or text.rfind("<?") > 0:
        raise refusal("no_plain_mosaic", shown, element="<! <?")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314  no entities, see above
    except ElementTree.ParseError as broken:
        raise refusal("unreadable", shown, detail=str(broken)) from None
    for node in root.iter():
        # GDAL compares names without regard to case.
        classes = [value for name, value in node.attrib.items() if name.lower() == "subclass"]
        if node.tag not in _ELEMENTS or classes:
            raise refusal("no_plain_mosaic", shown, element=", ".join([node.tag, *classes]))
    return tuple(_part(node, path.parent, shown) for node in root.iter("SourceFilename"))


def _part(node: ElementTree.Element, folder: Path, shown: str) -> Path:
    """Return the file that GDAL will open for a source."""
    name = node.text or ""
    part = Path(name)
    if node.attrib.get("relativeToVRT") == "1":
        part = folder / part
    if (
        not part.is_absolute()  # GDAL would look in the folder of the running program
        or part.suffix.lower() not in PART_SUFFIXES
        or not Path(os.path.realpath(part)).is_relative_to(os.path.realpath(folder))
        or not os.path.isfile(part)  # noqa: PTH113  False where the name is too long
    ):
        raise refusal("vrt_outside", shown, source=name)
    with part.open("rb") as file:
        # GDAL goes by the contents: XML inside a .hgt would be opened as what it says.
        if file.read(1024).lstrip().startswith(b"<"):
            raise refusal("vrt_outside", shown, source=name)
    return part
