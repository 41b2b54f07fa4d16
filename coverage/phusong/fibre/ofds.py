"""The Open Fibre Data Standard 0.3 and 0.4 as JSON documents, in and out.

Knows the standard's shapes: a package of networks, one network, or GeoJSON
features; start, end and organisations as an id or as an object. Files are
opened by `inputs` and written by `export`.
"""

import datetime
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.errors import GEOSException

from .._text import LONGEST_TEXT, text_fault, tidy, visible
from ..errors import InputError, Problem
from ..grid import WGS84
from ..i18n import LANGUAGES, text
from ..tables import NODES, SPANS, Table
from .carried import Carried, carried_of

Version = Literal["0.3", "0.4"]
_SCHEMAS: Mapping[Version, str] = {
    "0.3": "https://raw.githubusercontent.com/Open-Telecoms-Data/open-fibre-data-standard/"
    "0__3__0/schema/network-schema.json",
    "0.4": "https://standard.ofds.info/en/0__4__0/network-schema.json",
}
_CRS84 = {
    "name": "urn:ogc:def:crs:OGC::CRS84",
    "uri": "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
}


def read_ofds(
    document: Mapping[str, Any], *, file: str
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Read nodes and spans from a parsed document.

    Parameters
    ----------
    document : mapping
        A network package, a network, or a GeoJSON FeatureCollection of nodes
        or spans or both.
    file : str
        Name for messages, as the study gives it.

    Returns
    -------
    nodes, spans : GeoDataFrame
        Fields of `tables.NODES` and `tables.SPANS`, in longitude and latitude
        (OGC:CRS84), rows in the document's order, text in NFC.

    Raises
    ------
    InputError
        With every fault: no network, an item without id, an unknown status, a
        number or date that is none, a broken geometry, a repeated id.

    Notes
    -----
    Open Fibre Data Standard 0.3.0 and 0.4. Of an array (type, deployment,
    networkProviders) the values are joined by commas; a span's ``deployment``
    of several kinds is left empty, since the table allows one. Organisations
    go by name, or by id where the document gives them none.

    Examples
    --------
    >>> nodes, spans = read_ofds({
    ...     "id": "n", "nodes": [{"id": "a"}, {"id": "b"}],
    ...     "spans": [{"id": "s", "status": "operational", "start": "a", "end": {"id": "b"}}],
    ... }, file="network.json")
    >>> spans[["id", "start", "end"]].values.tolist()
    [['s', 'a', 'b']]
    """
    read = check_ofds(document, file=file)
    if read.problems:
        raise InputError(read.problems)
    return read.nodes, read.spans


@dataclass(frozen=True)
class CheckedOfds:
    """What of a document can be used, and what is wrong with the rest.

    Parameters
    ----------
    nodes, spans : GeoDataFrame
        The sound ones, as `read_ofds` gives them.
    problems : tuple of Problem
        Every fault of a node or span, in the document's order.
    rejected : mapping of str to DataFrame
        The faulty ``nodes`` and ``spans``, where there are any: ``file``, ``row``,
        ``reason_vi``, ``reason_en`` and their fields as text.
    """

    nodes: gpd.GeoDataFrame
    spans: gpd.GeoDataFrame
    problems: tuple[Problem, ...]
    rejected: Mapping[str, pd.DataFrame]


def check_ofds(
    document: Mapping[str, Any],
    *,
    file: str,
    place_fault: Callable[[Any], tuple[str, Mapping[str, Any]] | None] = lambda _: None,
) -> CheckedOfds:
    """Read what is sound of a parsed document, and tell what is not.

    Parameters
    ----------
    document : mapping
        As for `read_ofds`.
    file : str
        Name for messages, as the study gives it.
    place_fault : callable, optional
        Given a shape in longitude and latitude: the key of the words for what is wrong with
        its place and their values, or None.

    Returns
    -------
    CheckedOfds

    Raises
    ------
    InputError
        If the document holds no network.

    Examples
    --------
    >>> read = check_ofds({
    ...     "id": "n", "spans": [{"id": "s", "status": "operational"}, {"id": "t"}],
    ... }, file="network.json")
    >>> read.spans["id"].to_list(), read.rejected["spans"]["row"].to_list()
    (['s'], [2])
    """
    rows: dict[str, list[dict[str, Any]]] = {"node": [], "span": []}
    faulty: dict[str, list[tuple[int, dict[str, Any], list[Problem]]]] = {"node": [], "span": []}
    problems: list[Problem] = []
    seen: set[tuple[str, str]] = set()
    found = False
    names = _organisation_names(document)
    for kind, position, item, network in _items(document):
        found = True
        reader = _Item(file, kind, position, item, names, network)
        row = reader.node() if kind == "node" else reader.span()
        for key, value in row.items():
            if isinstance(value, str) and (unfit := text_fault(value)):
                reader.fault(f"ofds_{unfit}", key, value)
        if row["id"] is not None and (kind, row["id"]) in seen:
            reader.fault("ofds_repeated", "id", row["id"])
        seen.add((kind, row["id"]))
        shape = row["geometry"]
        if shape is not None and (misplaced := place_fault(shape)):
            column = "location" if kind == "node" else "route"
            reader.fault(misplaced[0], column, row["id"], **misplaced[1])
        if reader.problems:
            problems += reader.problems
            faulty[kind].append((position, row, reader.problems))
        else:
            rows[kind].append(row)
    if not found:
        raise InputError([Problem(message="fibre.ofds_empty", file=file)])
    rejected = {f"{kind}s": _rejected(file, its) for kind, its in faulty.items() if its}
    return CheckedOfds(
        _table(rows["node"], NODES), _table(rows["span"], SPANS), tuple(problems), rejected
    )


def _rejected(
    file: str, faulty: Sequence[tuple[int, dict[str, Any], list[Problem]]]
) -> pd.DataFrame:
    """List the faulty items of one kind with their reasons and their fields as text."""
    return pd.DataFrame(
        [
            {
                "file": file,
                "row": position,
                **{
                    f"reason_{lang}": " ".join(
                        f"[{one.column}] {text(one.message, lang, **one.values)}" for one in found
                    )
                    for lang in LANGUAGES
                },
                **{
                    key: "" if value is None else visible(str(value))
                    for key, value in row.items()
                    if key != "geometry"
                },
            }
            for position, row, found in faulty
        ]
    )


def carry_ofds(document: Mapping[str, Any], *, file: str) -> Carried:
    """Keep what a parsed document says beyond our tables, for `ofds_document` to write back.

    Parameters
    ----------
    document : mapping
        As for `read_ofds`.
    file : str
        Name for messages, as the study gives it.

    Returns
    -------
    Carried
        Of spans: deployment of several kinds, capacity, dark fibre, type of fibre,
        medium, technologies, countries, phase; of nodes: phase, address, power and the
        like; and the lists of organisations, phases and contracts. What is none of
        what the standard allows there is left out, with a problem each.

    Examples
    --------
    >>> kept = carry_ofds({"spans": [
    ...     {"id": "s", "status": "operational", "darkFibre": True, "capacity": -1}
    ... ]}, file="network.json")
    >>> kept.spans, [problem.column for problem in kept.problems]
    ({'s': {'darkFibre': True}}, ['spans.capacity'])
    """
    networks = _array(document, "networks") if "networks" in document else [document]
    shared = _share_ids(networks)
    lists = {
        name: [
            (item, f"{_text(network.get('id')) or number}:" if shared else "")
            for number, network in enumerate(networks, start=1)
            for item in _array(network, name)
        ]
        for name in ("organisations", "phases", "contracts")
    }
    return carried_of(_items(document), lists, file=file)


def ofds_document(
    nodes: gpd.GeoDataFrame,
    spans: gpd.GeoDataFrame,
    *,
    network_id: str,
    name: str,
    version: Version,
    carried: Carried | None = None,
) -> dict[str, Any]:
    """Write nodes and spans as one network of the standard.

    Parameters
    ----------
    nodes, spans : GeoDataFrame
        As `tables.NODES` and `tables.SPANS`, in any CRS.
    network_id : str
        UUID of the network; the caller keeps it between editions.
    name : str
        Name of the network.
    version : {"0.3", "0.4"}
    carried : Carried, optional
        What the document that was read said beyond the tables.

    Returns
    -------
    dict
        A network, ready for ``json.dumps``: ids as references, coordinates in
        CRS84 rounded to 7 decimals, what is empty left out. Organisations get
        ids derived from `network_id` and their names. A span drawn as several
        lines becomes several, since a route is one line; only the first starts
        and the last ends at a node.

    Examples
    --------
    >>> from shapely import Point
    >>> nodes = gpd.GeoDataFrame(
    ...     {"id": ["a"], "name": ["Hà Giang"]}, geometry=[Point(104.98, 22.82)], crs="OGC:CRS84"
    ... )
    >>> spans = gpd.GeoDataFrame({"id": []}, geometry=[], crs="OGC:CRS84")
    >>> network = "fd7b30d6-f514-4cd0-a5ac-29a774f53a43"
    >>> document = ofds_document(nodes, spans, network_id=network, name="Mạng", version="0.4")
    >>> document["nodes"][0]["location"]["coordinates"]
    (104.98, 22.82)
    """
    kept = carried or Carried()
    spans = _one_line_each(spans)
    organisations = _Organisations(network_id, kept.organisations, nodes, spans)
    lists = {key: [*its] for key, its in (("phases", kept.phases), ("contracts", kept.contracts))}
    return {
        "id": network_id,
        "name": name,
        "links": [{"href": _SCHEMAS[version], "rel": "describedby"}],
        "crs": dict(_CRS84),
        "organisations": organisations.listed,
        **{key: its for key, its in lists.items() if its},
        "nodes": [
            _with(
                kept.nodes.get(row["id"]),
                id=row["id"],
                name=row["name"],
                status=row["status"],
                location=shape,
                type=_listed(row["type"]),
                networkProviders=organisations.of(row["networkProviders"]),
            )
            for row, shape in _rows(nodes, NODES)
        ],
        "spans": [
            _with(
                # A span drawn as several lines has its id before the last colon.
                kept.spans.get(row["id"], kept.spans.get(row["id"].rpartition(":")[0])),
                id=row["id"],
                name=row["name"],
                status=row["status"],
                readyForServiceDate=_day(row["readyForServiceDate"]),
                start=row["start"],
                end=row["end"],
                route=shape,
                directed=_plain(row["directed"], bool),
                supplier=organisations.one(row["supplier"]),
                networkProviders=organisations.of(row["networkProviders"]),
                deployment=_listed(row["deployment"]),
                fibreCount=_plain(row["fibreCount"], int),
                fibreLength=_plain(row["fibreLength"], float),
            )
            for row, shape in _rows(spans, SPANS)
        ],
    }


class _Organisations:
    """The organisations that a network names, and references to them."""

    def __init__(
        self, network_id: str, known: Iterable[Mapping[str, Any]], *tables: gpd.GeoDataFrame
    ) -> None:
        space = uuid.uuid5(uuid.NAMESPACE_URL, network_id)
        self._known = [*known]
        self._ids = {_text(one.get("name")) or one["id"]: one["id"] for one in self._known}
        self._fresh = sorted(_named(tables) - set(self._ids))
        self._ids |= {name: str(uuid.uuid5(space, name)) for name in self._fresh}

    @property
    def listed(self) -> list[Mapping[str, Any]]:
        return [*self._known, *({"id": self._ids[name], "name": name} for name in self._fresh)]

    def one(self, name: str | None) -> dict[str, str] | None:
        return {"id": self._ids[name], "name": name} if name else None

    def of(self, names: str | None) -> list[dict[str, str]] | None:
        return [{"id": self._ids[name], "name": name} for name in _listed(names) or ()] or None


def _named(tables: Iterable[gpd.GeoDataFrame]) -> set[str]:
    """Return the names of all suppliers and network providers."""
    names: set[str] = set()
    for table in tables:
        if "supplier" in table:
            names |= {name for name in table["supplier"].dropna() if name}
        if "networkProviders" in table:
            names |= {
                name for text in table["networkProviders"].dropna() for name in _listed(text) or ()
            }
    return names


def _one_line_each(spans: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Merge the parts of each route, and number as spans what stays apart."""
    merged = shapely.line_merge(spans.geometry.to_numpy())
    pieces = [shapely.get_parts(line) if line else [None] for line in merged]
    rows = np.repeat(np.arange(len(spans)), [len(its) for its in pieces])
    parts = spans.iloc[rows].reset_index(drop=True)
    parts = parts.set_geometry([piece for its in pieces for piece in its], crs=spans.crs)
    several = parts["id"].duplicated(keep=False)
    if several.any():
        within = parts.groupby("id").cumcount()
        if "start" in parts:
            parts["start"] = parts["start"].where(within == 0)
        if "end" in parts:
            parts["end"] = parts["end"].where(~parts["id"].duplicated(keep="last"))
        number = ":" + (within + 1).astype(str)
        parts["id"] = parts["id"].where(~several, parts["id"] + number)
    return parts


def _organisation_names(document: Mapping[str, Any]) -> dict[str, str]:
    """Return the names of the organisations that a document lists, by id."""
    networks = _array(document, "networks") if "networks" in document else [document]
    named = {
        _text(item.get("id")): _text(item.get("name"))
        for network in networks
        for item in _array(network, "organisations")
    }
    return {identifier: name for identifier, name in named.items() if identifier and name}


def _items(document: Mapping[str, Any]) -> Iterator[tuple[str, int, Mapping[str, Any], str]]:
    """Yield every node and span, whatever the document's form, and where it stands.

    With its position from 1, and what to put before its id: the network's id and a colon
    where another network of the document uses the same ids, as the standard allows.
    """
    if document.get("type") == "FeatureCollection":
        for position, feature in enumerate(_array(document, "features"), start=1):
            properties = feature.get("properties") or {}
            geometry = feature.get("geometry")
            kind = properties.get("featureType")
            if kind is None:
                line = isinstance(geometry, Mapping) and "Line" in str(geometry.get("type"))
                kind = "span" if line or "start" in properties or "end" in properties else "node"
            if kind in {"node", "span"}:
                shaped = {**properties, "location": geometry, "route": geometry}
                yield kind, position, shaped, ""
        return
    networks = _array(document, "networks") if "networks" in document else [document]
    shared = _share_ids(networks)
    for number, network in enumerate(networks, start=1):
        before = f"{_text(network.get('id')) or number}:" if shared else ""
        for kind in ("node", "span"):
            for position, item in enumerate(_array(network, f"{kind}s"), start=1):
                yield kind, position, item, before


def _share_ids(networks: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether two networks use one id each for a node, span, phase or contract of theirs."""
    for kind in ("nodes", "spans", "phases", "contracts"):
        seen: set[str | None] = {None}
        for network in networks:
            own = {_text(item.get("id")) for item in _array(network, kind)}
            if (seen - {None}) & own:
                return True
            seen |= own
    return False


def _array(parent: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    values = parent.get(key)
    return [v for v in values if isinstance(v, Mapping)] if isinstance(values, list) else []


class _Item:
    """Reads one node or span, noting its faults."""

    def __init__(
        self,
        file: str,
        kind: str,
        position: int,
        item: Mapping[str, Any],
        organisations: Mapping[str, str],
        network: str,
    ) -> None:
        self._file, self._kind, self._position = file, kind, position
        self._item, self._network = item, network
        self._organisations = organisations
        self.problems: list[Problem] = []

    def fault(self, message: str, column: str, value: object = None, **values: object) -> None:
        self.problems.append(
            Problem(
                message=f"fibre.{message}",
                file=self._file,
                row=self._position,
                column=f"{self._kind}s.{column}",
                value=value,
                values={"limit": LONGEST_TEXT, **values},
            )
        )

    def node(self) -> dict[str, Any]:
        return self._common(NODES) | {
            "type": self._joined("type"),
            "networkProviders": self._providers(),
            "geometry": self._shape("location", ("Point",)),
        }

    def span(self) -> dict[str, Any]:
        row = self._common(SPANS)
        if row["status"] is None:
            self.fault("ofds_no_status", "status")
        deployment = self._joined("deployment")
        return row | {
            "readyForServiceDate": self._date("readyForServiceDate"),
            "start": self._reference("start"),
            "end": self._reference("end"),
            "directed": self._flag("directed"),
            "supplier": self._organisation(self._item.get("supplier")),
            "networkProviders": self._providers(),
            "deployment": deployment if deployment in SPANS["deployment"].choices else None,
            "fibreCount": self._number("fibreCount", int),
            "fibres_used": None,  # the standard does not tell
            "fibreLength": self._number("fibreLength", float),
            "geometry": self._shape("route", ("LineString", "MultiLineString")),
        }

    def _common(self, table: Table) -> dict[str, Any]:
        identifier = _text(self._item.get("id"))
        if not identifier:
            self.fault("ofds_no_id", "id")
        status = _text(self._item.get("status"))
        if status is not None and status not in table["status"].choices:
            self.fault("ofds_status", "status", status)
        identifier = identifier and self._network + identifier
        return {"id": identifier, "name": _text(self._item.get("name")), "status": status}

    def _reference(self, key: str) -> str | None:
        value = self._item.get(key)
        node = _text(value.get("id") if isinstance(value, Mapping) else value)
        return node and self._network + node

    def _organisation(self, value: object) -> str | None:
        """Return the name behind an organisation's id or object."""
        if not isinstance(value, Mapping):
            text = _text(value)
            return self._organisations.get(text or "", text)
        identifier = _text(value.get("id"))
        return _text(value.get("name")) or self._organisations.get(identifier or "", identifier)

    def _providers(self) -> str | None:
        value = self._item.get("networkProviders")
        listed = value if isinstance(value, list) else [value]
        names = dict.fromkeys(self._organisation(entry) for entry in listed)
        return ", ".join(name for name in names if name) or None

    def _flag(self, key: str) -> bool | None:
        value = self._item.get(key)
        if value is None or isinstance(value, bool):
            return value
        self.fault("ofds_flag", key, value)
        return None

    def _joined(self, key: str) -> str | None:
        value = self._item.get(key)
        if isinstance(value, list):
            value = ", ".join(str(entry) for entry in value) or None
        return _text(value)

    def _number(self, key: str, kind: type) -> Any:
        value = self._item.get(key)
        if value is None:
            return None
        good = isinstance(value, int | float) and not isinstance(value, bool)
        if not good or not 0 <= value < 2**53 or (kind is int and value % 1):
            self.fault("ofds_number", key, value)
            return None
        return kind(value)

    def _date(self, key: str) -> datetime.date | None:
        value = self._item.get(key)
        if value is None:
            return None
        try:
            return datetime.date.fromisoformat(str(value))
        except ValueError:
            self.fault("ofds_date", key, value)
            return None

    def _shape(self, key: str, kinds: tuple[str, ...]) -> Any:
        value = self._item.get(key)
        if value is None:
            return None
        try:
            shape = shapely.geometry.shape(value)
        except (
            AttributeError, GEOSException, IndexError, KeyError, OverflowError, RecursionError,
            TypeError, ValueError,
        ):  # fmt: skip
            self.fault("ofds_geometry", key)
            return None
        west, south, east, north = shapely.bounds(shape)
        # Also false where a coordinate is NaN.
        if shape.geom_type not in kinds or not (
            -180 <= west <= east <= 180 and -90 <= south <= north <= 90
        ):
            self.fault("ofds_geometry", key)
            return None
        return shape


def _text(value: object) -> str | None:
    """Return non-empty text; numbers as ids are written out."""
    if value is None or isinstance(value, Mapping | list):
        return None
    return tidy(str(value)) or None


_KINDS = {
    "text": "str",
    "integer": "Int64",
    "number": "float64",
    "boolean": "boolean",
    "date": "datetime64[us]",
}


def _table(rows: list[dict[str, Any]], table: Table) -> gpd.GeoDataFrame:
    columns: dict[str, Any] = {
        field.name: pd.Series([row[field.name] for row in rows], dtype=_KINDS[field.kind])
        for field in table.fields
    }
    return gpd.GeoDataFrame(columns, geometry=[row["geometry"] for row in rows], crs=WGS84)


def _rows(table: gpd.GeoDataFrame, definition: Table) -> Iterator[tuple[Mapping[str, Any], Any]]:
    """Yield each row's fields, None where empty, with its geometry in CRS84."""
    flat = table.reindex(columns=list(definition.columns)).astype(object)
    flat = flat.where(flat.notna(), None)
    shapes = table.geometry.to_crs(WGS84).to_numpy()
    shapes = shapely.transform(shapes, lambda places: places.round(7))
    for row, shape in zip(flat.to_dict("records"), shapes, strict=True):
        empty = shape is None or shape.is_empty
        yield row, None if empty else shapely.geometry.mapping(shape)


def _with(extras: Mapping[str, Any] | None, **values: Any) -> dict[str, Any] | None:
    """Add what is carried where the tables hold nothing."""
    return _present(**{**(extras or {}), **{k: v for k, v in values.items() if v is not None}})


def _present(**values: Any) -> dict[str, Any] | None:
    """Keep what is given; None if nothing is."""
    return {key: value for key, value in values.items() if value is not None} or None


def _listed(value: str | None) -> list[str] | None:
    return [part for part in value.split(", ") if part] if value else None


def _day(value: Any) -> str | None:
    return None if value is None else pd.Timestamp(value).date().isoformat()


def _plain(value: Any, kind: type) -> Any:
    return None if value is None else kind(value)
