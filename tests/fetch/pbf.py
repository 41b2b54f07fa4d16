"""Write a small OpenStreetMap extract, uncompressed (wiki.openstreetmap.org/wiki/PBF_Format)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass
class Extract:
    """Nodes and ways with their tags; ids are given in turn."""

    nodes: list[tuple[float, float, Mapping[str, str]]] = field(default_factory=list)
    ways: list[tuple[list[int], Mapping[str, str]]] = field(default_factory=list)

    def node(self, lon: float, lat: float, **tags: str) -> int:
        self.nodes.append((lon, lat, tags))
        return len(self.nodes)

    def way(self, places: Iterable[tuple[float, float]], closed: bool = False, **tags: str) -> None:
        refs = [self.node(*place) for place in places]
        self.ways.append((refs + refs[:1] if closed else refs, tags))

    def content(self) -> bytes:
        """Return the file."""
        texts = [""]
        for _, _, tags in self.nodes:
            texts += [*tags, *tags.values()]
        for _, tags in self.ways:
            texts += [*tags, *tags.values()]
        texts = list(dict.fromkeys(texts))
        at = {text: number for number, text in enumerate(texts)}
        table = b"".join(_bytes(1, text.encode()) for text in texts)
        nodes = b"".join(
            _bytes(1, _node(number, lon, lat, tags, at))
            for number, (lon, lat, tags) in enumerate(self.nodes, start=1)
        )
        ways = b"".join(
            _bytes(3, _way(number, refs, tags, at))
            for number, (refs, tags) in enumerate(self.ways, start=1)
        )
        data = _bytes(1, table) + _bytes(2, nodes) + _bytes(2, ways)
        header = _bytes(4, b"OsmSchema-V0.6")
        return _blob(b"OSMHeader", header) + _blob(b"OSMData", data)


def _node(
    number: int, lon: float, lat: float, tags: Mapping[str, str], at: dict[str, int]
) -> bytes:
    keys, values = _packed(at[one] for one in tags), _packed(at[one] for one in tags.values())
    place = _number(8, _zigzag(round(lat * 1e7))) + _number(9, _zigzag(round(lon * 1e7)))
    return (
        _number(1, _zigzag(number))
        + _bytes(2, keys, empty=False)
        + _bytes(3, values, empty=False)
        + place
    )


def _way(number: int, refs: list[int], tags: Mapping[str, str], at: dict[str, int]) -> bytes:
    keys, values = _packed(at[one] for one in tags), _packed(at[one] for one in tags.values())
    steps = [_zigzag(ref - before) for before, ref in zip([0, *refs], refs, strict=False)]
    return (
        _number(1, number)
        + _bytes(2, keys, empty=False)
        + _bytes(3, values, empty=False)
        + _bytes(8, _packed(steps))
    )


def _blob(kind: bytes, content: bytes) -> bytes:
    blob = _bytes(1, content)
    header = _bytes(1, kind) + _number(3, len(blob))
    return len(header).to_bytes(4, "big") + header + blob


def _zigzag(value: int) -> int:
    return value << 1 if value >= 0 else (-value << 1) - 1


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _number(key: int, value: int) -> bytes:
    return _varint(key << 3) + _varint(value)


def _bytes(key: int, content: bytes, empty: bool = True) -> bytes:
    if not (content or empty):
        return b""
    return _varint(key << 3 | 2) + _varint(len(content)) + content


def _packed(values: Iterable[int]) -> bytes:
    return b"".join(_varint(one) for one in values)
