"""What is made of a study's results to be given out: documents, sheets, files, editions.

Each product is one call that the command line and Python have too; it lies in the study's folder
`GIVEN` and replaces the one made before.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..i18n import Bilingual, both
from .places import StudyFolder

Steps = Callable[[str, int, int], None]
Notes = tuple[Bilingual, ...]
Make = Callable[[StudyFolder, Path, Steps, str], Notes]


@dataclass(frozen=True)
class Product:
    """Something to be made.

    Parameters
    ----------
    file : str
        What it is called within `GIVEN`: a file, or a folder with a page.
    make : callable
        Makes it, of the study's folder, its path, a receiver of steps, and the commune asked for.
    """

    file: str
    make: Make


def _document(kind: str) -> Make:
    def make(study: StudyFolder, path: Path, _steps: Steps, commune: str) -> Notes:
        from ..pipeline import write_report

        written = write_report(
            study.results, path, kind=kind, commune=commune or None, study_folder=study.path,
            replace=True,
        )  # fmt: skip
        return tuple(both(one.render) for one in written.notes)

    return make


def _sheets(of: str) -> Make:
    def make(study: StudyFolder, path: Path, steps: Steps, commune: str) -> Notes:
        from ..pipeline import print_sheets

        options: Any = {"of": of, "communes": [commune] if commune else ()}
        written = print_sheets(
            study.results, path, **options, study_folder=study.path, replace=True, on_progress=steps
        )
        return tuple(both(one.render) for one in written.notes)

    return make


def _edition(audience: str) -> Make:
    def make(study: StudyFolder, path: Path, _steps: Steps, _commune: str) -> Notes:
        from ..pipeline import publish_results

        publish_results(
            study.results, path, audience=audience, study_folder=study.path, replace=True
        )
        return ()

    return make


def _file(study: StudyFolder, path: Path, _steps: Steps, _commune: str) -> Notes:
    from ..pipeline import export_results

    export_results(study.results, path, replace=True)
    return ()


def _explore(study: StudyFolder, path: Path, steps: Steps, _commune: str) -> Notes:
    from ..pipeline import run
    from ..study import open_study

    result = run(
        open_study(study.path), parts=["coverage"], cache_folder=study.cache, on_progress=steps
    )
    result.write_explore(path, replace=True, on_progress=steps)
    return ()


PRODUCTS: Mapping[str, Product] = {
    "report": Product("bao-cao.docx", _document("report")),
    "plan": Product("ke-hoach.docx", _document("plan")),
    "appendix": Product("phu-luc.docx", _document("appendix")),
    "petition": Product("tra-loi-cu-tri.docx", _document("petition")),
    "communes": Product("phieu-xa.pdf", _sheets("communes")),
    "villages": Product("the-thon.pdf", _sheets("villages")),
    "gpkg": Product("ket-qua.gpkg", _file),
    "xlsx": Product("ket-qua.xlsx", _file),
    "kml": Product("ket-qua.kml", _file),
    "public": Product("ban-cong-khai", _edition("public")),
    "internal": Product("ban-noi-bo", _edition("internal")),
    "explore": Product("dat-cot.html", _explore),
}
"""By the name that addresses give them, in the order in which the page shows them."""
