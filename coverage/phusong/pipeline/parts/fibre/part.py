"""Fibre as a part of a run: what it finds, and where that stands in the result tables."""

from collections.abc import Iterator, Mapping
from functools import partial

from ....i18n import Bilingual
from ....service import count_reported
from ....study import Study
from ....tables import (
    FIBRE_EXTENSION,
    FIBRE_FINDINGS,
    FIBRE_LINKS,
    FIBRE_NODES,
    MICROWAVE_HOPS,
    SPANS_RESULT,
    STEEP_STRETCHES,
)
from ...records import Resources
from ..indicator import Figure, Indicator, defined
from ..part import Findings, Found, Part
from ..territory import TERRITORY
from .inputs import FibreInputs, check, remarks, take
from .network import Fibre, connect


def indicators(study: Study) -> Iterator[Indicator[Fibre]]:
    """Return the rows that fibre gives the board: near, connected and reported are three things."""
    settings = study.fibre
    how = {
        "statuses": ", ".join(settings.statuses) if settings else "",
        "drop_m": settings.drop_length_m if settings else 0,
        "date": study.as_of,
    }
    row = partial(Indicator[Fibre], unit="share", shown_with="egov")
    yield row(
        name="fibre_centres_share",
        title=Bilingual(
            "Trung tâm xã có cáp quang nối thông đến trung tâm tỉnh",
            "Commune centres connected to the provincial hub by fibre",
        ),
        denominator="commune_centres",
        origin="computed",
        definition=defined(
            "{yes:,} trong {known:,} trung tâm xã cách tuyến cáp ({statuses}, khai thác từ trước "
            "{date} hoặc đúng ngày đó) không quá {drop_m:,g} m theo đường kéo cáp và từ đó có "
            "đường cáp liền mạch đến trung tâm tỉnh. Chỉ nói cáp nối thông trên bản vẽ: không nói "
            "sợi quang đã hàn, thiết bị đã lắp hay trụ sở đã dùng. Có đường cáp không có nghĩa là "
            "chịu được đứt cáp: xem số đường đến trung tâm tỉnh.",
            "{yes:,} of {known:,} commune centres lie within {drop_m:,g} m, as a drop would be "
            "led, of a span ({statuses}, ready for service by {date}) from which cable runs "
            "unbroken to the provincial hub. It tells that the drawn cable hangs together, not "
            "that fibres are spliced, equipment is installed or the office uses it. Connected does "
            "not mean that a cut is survived: see the ways to the hub.",
        ),
        figure=partial(_centres, "fibre_connected", how),
    )
    yield row(
        name="fibre_centres_near_share",
        title=Bilingual(
            "Trung tâm xã có tuyến cáp quang trong tầm kéo",
            "Commune centres with a carrying span within drop length",
        ),
        denominator="commune_centres",
        origin="computed",
        definition=defined(
            "{yes:,} trong {known:,} trung tâm xã cách tuyến cáp ({statuses}, khai thác từ trước "
            "{date} hoặc đúng ngày đó) không quá {drop_m:,g} m theo đường thẳng. Chỉ nói có đường "
            "cáp vẽ gần đó: không nói tuyến ấy nối thông đến trung tâm tỉnh. Không phải số trụ sở "
            "được phục vụ.",
            "{yes:,} of {known:,} commune centres lie within {drop_m:,g} m, straight, of a span "
            "({statuses}, ready for service by {date}). It tells that a line is drawn nearby, not "
            "that the line leads to the hub. It is no count of offices served.",
        ),
        figure=partial(_centres, "fibre_within_drop", how),
    )
    yield row(
        name="fibre_centres_reported_share",
        title=Bilingual(
            "Xã báo cáo trụ sở có cáp quang", "Communes whose office reports to have fibre"
        ),
        denominator="communes",
        definition=defined(
            "{yes:,} trong {total:,} xã ghi trụ sở xã có cáp quang; {reported:,} xã có báo cáo, xã "
            "chưa báo cáo có thể có hoặc không: từ {yes:,} đến {most:,} xã. Đây là lời của trụ sở, "
            "không đối chiếu với bản vẽ cáp. Xã mà báo cáo và mạng cáp mâu thuẫn nhau được liệt kê "
            "ở cột “Mâu thuẫn về cáp quang”.",
            "{yes:,} of {total:,} communes say that their office has fibre; {reported:,} reported, "
            "and the others may have it or not: from {yes:,} to {most:,} communes. It is the "
            "offices' own word, not held against the drawn cable. Communes whose report and "
            "network contradict each other are listed in the column “Contradictions about fibre”.",
        ),
        figure=_reported,
    )


def _centres(column: str, how: Mapping[str, object], found: Fibre) -> Figure | None:
    """Return the share of yes among the communes of which it is known."""
    if found.centres is None:
        return None
    known = found.centres[column].astype("boolean").dropna()
    if known.empty:
        return None
    yes = int(known.sum())
    return Figure(yes / len(known), {**how, "yes": yes, "known": len(known)})


def _reported(found: Fibre) -> Figure | None:
    """Count the communes whose office reports fibre; None where none reported."""
    if found.centres is None:
        return None
    unit = found.centres.index.to_series()
    told = count_reported(found.centres["fibre_reported"], unit)
    if not told.reported:
        return None
    counts = {"yes": told.yes, "most": told.most, "reported": told.reported, "total": told.total}
    return Figure(
        told.yes / told.total,
        counts,
        most=told.most / told.total,
        reported=told.reported,
        total=told.total,
    )


def compute(inputs: FibreInputs, found: Found, resources: Resources) -> Findings[Fibre]:
    """Judge the fibre of a study."""
    territory = found[TERRITORY]
    fibre = connect(inputs, territory, on_progress=resources.on_progress)
    tables = {
        "spans": fibre.spans,
        "offices": territory.offices,
        "fibre_findings": fibre.findings,
        "fibre_nodes": fibre.nodes,
        "steep_stretches": fibre.steep,
        "fibre_operators": fibre.operators,
        "fibre_links": fibre.construction.links,
        "fibre_extension": fibre.construction.extension,
        "microwave_hops": fibre.hops,
        "fibre_years": fibre.construction.years,
        "fibre_waiting": fibre.construction.waiting,
    }
    columns = {
        "communes": fibre.centres,
        "offices": None if territory.offices is None else fibre.offices,
        "stations": None if territory.on_air is None else fibre.masts,
    }
    return Findings(
        record=fibre,
        tables={name: table for name, table in tables.items() if table is not None},
        columns={
            name: table.rename_axis(key)
            for (name, table), key in zip(
                columns.items(), ("commune_code", "office_id", "site_id"), strict=True
            )
            if table is not None
        },
        notes=fibre.notes,
    )


def lacks(study: Study) -> Iterator[str]:
    """Name the tables of the network, and what others say of it, where a study has no spans."""
    if study.inputs.hops is None or (study.inputs.spans is None and study.inputs.ofds is None):
        yield MICROWAVE_HOPS.name
        yield from (f"stations.{name}" for name in ("backhaul", "hops_to_fibre", "masts_behind"))
    if study.inputs.spans is None and study.inputs.ofds is None:
        tables = (
            SPANS_RESULT, FIBRE_FINDINGS, FIBRE_NODES, STEEP_STRETCHES, FIBRE_LINKS,
            FIBRE_EXTENSION,
        )  # fmt: skip
        yield from (table.name for table in tables)
        for name in ("communes", "offices", "stations"):
            yield from (f"{name}.{column}" for column in _OF_PLACES)


_OF_PLACES = (
    "distance_to_fibre_m", "drop_m", "district_hub_hops", "district_hub_m", "exposed_m",
    "exposed_spans", "fibre_connected", "fibre_contradictions", "fibre_operators",
    "fibre_reported", "fibre_within_drop", "homing", "homing_planned", "nearest_span",
    "province_hub_hops", "province_hub_m", "single_reason", "spare_fibres", "spare_fibres_of",
    "spare_fibres_reported",
)  # fmt: skip
"""What the network adds to the tables of places."""


FIBRE = Part(
    name="fibre",
    stands_on=(TERRITORY.name,),
    take=take,
    check=check,
    remarks=remarks,
    compute=compute,
    lacks=lacks,
    indicators=indicators,
)
