"""Where the rooms meet: one run of a study, its result, and the folder it writes.

What is named here is imported when it is first asked for: planning a fibre
link needs no map library. `Progress` is the type of ``on_progress``; `FORM` the
name of the workbook that `write_form` makes and `FORM_TABLES` its sheets.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .checked import CheckReport
    from .comparison import compare
    from .outputs.comparison import Comparison
    from .outputs.database import export_to_database
    from .outputs.editions import publish_results, write_policy
    from .outputs.explain import Explanation
    from .outputs.formats import export_results
    from .outputs.handouts import PrintedSheets, print_sheets
    from .outputs.maps import check_service
    from .outputs.official import write_report, write_report_template
    from .outputs.presented import Presented
    from .outputs.recast_folder import Recast, recast_results
    from .outputs.sheets import PrintedSheet, print_results
    from .outputs.themes import check_theme
    from .parts.egov import parts_for_egov, with_budgets
    from .progress import Progress
    from .questions.hop import HopProfile
    from .questions.profile import PathProfile, check_profile_target, path_profile
    from .questions.site_aims import SiteAim
    from .questions.site_backhaul import BackhaulRules
    from .questions.site_files import read_excluded_areas, read_own_places
    from .questions.site_spacing import MastSpacing
    from .questions.site_works import MastKind, SitePrices
    from .questions.survey import SurveyPlan
    from .records import Note, ServiceRasters
    from .result import Result, site, what_if
    from .runner import check, run
    from .siting_plan import SitingPlan
    from .templates import (
        FORM,
        FORM_TABLES,
        write_egov_template,
        write_form,
        write_price_template,
    )
    from .verification import Verification, verify
    from .written import WrittenResult, open_result

_HOME = {
    "FORM": "templates",
    "FORM_TABLES": "templates",
    "CheckReport": "checked",
    "Comparison": "outputs.comparison",
    "Explanation": "outputs.explain",
    "Note": "records",
    "PathProfile": "questions.profile",
    "Presented": "outputs.presented",
    "PrintedSheet": "outputs.sheets",
    "PrintedSheets": "outputs.handouts",
    "Progress": "progress",
    "Recast": "outputs.recast_folder",
    "Result": "result",
    "ServiceRasters": "records",
    "HopProfile": "questions.hop",
    "MastKind": "questions.site_works",
    "MastSpacing": "questions.site_spacing",
    "BackhaulRules": "questions.site_backhaul",
    "SiteAim": "questions.site_aims",
    "SitePrices": "questions.site_works",
    "SitingPlan": "siting_plan",
    "SurveyPlan": "questions.survey",
    "Verification": "verification",
    "WrittenResult": "written",
    "check": "runner",
    "compare": "comparison",
    "check_service": "outputs.maps",
    "check_profile_target": "questions.profile",
    "check_theme": "outputs.themes",
    "export_results": "outputs.formats",
    "export_to_database": "outputs.database",
    "open_result": "written",
    "parts_for_egov": "parts.egov",
    "path_profile": "questions.profile",
    "print_results": "outputs.sheets",
    "print_sheets": "outputs.handouts",
    "publish_results": "outputs.editions",
    "read_excluded_areas": "questions.site_files",
    "read_own_places": "questions.site_files",
    "recast_results": "outputs.recast_folder",
    "run": "runner",
    "site": "result",
    "verify": "verification",
    "what_if": "result",
    "with_budgets": "parts.egov",
    "write_egov_template": "templates",
    "write_form": "templates",
    "write_policy": "outputs.editions",
    "write_price_template": "templates",
    "write_report": "outputs.official",
    "write_report_template": "outputs.official",
}

__all__ = [
    "FORM",
    "FORM_TABLES",
    "BackhaulRules",
    "CheckReport",
    "Comparison",
    "Explanation",
    "HopProfile",
    "MastKind",
    "MastSpacing",
    "Note",
    "PathProfile",
    "Presented",
    "PrintedSheet",
    "PrintedSheets",
    "Progress",
    "Recast",
    "Result",
    "ServiceRasters",
    "SiteAim",
    "SitePrices",
    "SitingPlan",
    "SurveyPlan",
    "Verification",
    "WrittenResult",
    "check",
    "check_profile_target",
    "check_service",
    "check_theme",
    "compare",
    "export_results",
    "export_to_database",
    "open_result",
    "parts_for_egov",
    "path_profile",
    "print_results",
    "print_sheets",
    "publish_results",
    "read_excluded_areas",
    "read_own_places",
    "recast_results",
    "run",
    "site",
    "verify",
    "what_if",
    "with_budgets",
    "write_egov_template",
    "write_form",
    "write_policy",
    "write_price_template",
    "write_report",
    "write_report_template",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
