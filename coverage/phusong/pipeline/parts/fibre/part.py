"""Fibre as a part of a run: what it finds, and where that stands in the result tables."""

from collections.abc import Iterator
from functools import partial

from ....i18n import Bilingual
from ....study import Study
from ...records import Resources
from ..indicator import Figure, Indicator, defined
from ..part import Findings, Found, Part
from ..territory import TERRITORY
from .inputs import FibreInputs, check, remarks, take
from .network import Fibre, connect


def indicators(study: Study) -> Iterator[Indicator[Fibre]]:
    """Return the rows that fibre gives the board."""
    statuses = ", ".join(study.fibre.statuses) if study.fibre else ""
    yield Indicator(
        name="fibre_centres_share",
        title=Bilingual("Trung tâm xã có cáp quang", "Commune centres on fibre"),
        unit="share",
        denominator="commune_centres",
        origin="computed",
        definition=defined(
            "Trung tâm xã cách tuyến cáp quang (trạng thái {statuses}) không quá chiều dài "
            "cáp kéo vào",
            "Commune centres within drop length of a span (status {statuses})",
        ),
        figure=partial(_centres_share, statuses),
        shown_with="egov",
    )


def _centres_share(statuses: str, found: Fibre) -> Figure | None:
    if found.centres is None:
        return None
    return Figure(float(found.centres["fibre_within_drop"].mean()), {"statuses": statuses})


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
        "fibre_links": fibre.construction.links,
        "fibre_extension": fibre.construction.extension,
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


FIBRE = Part(
    name="fibre",
    stands_on=(TERRITORY.name,),
    take=take,
    check=check,
    remarks=remarks,
    compute=compute,
    indicators=indicators,
)
