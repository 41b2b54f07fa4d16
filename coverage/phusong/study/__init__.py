"""One study: `study.toml` as a frozen, typed model, and the scaffold of a new one.

`Scope` is the type of what a `Target` judges, `Numbered` of the documents that `Report` numbers.
"""

from .coverage import Radio, Scope, Service, Target, target_of
from .egov import Access, Egov, Rollout
from .model import DATABASES, Boundaries, Input, Published, Study, address_fault
from .provinces import Province, find_province, nearest_zone, province_of, provinces
from .read import open_study, read_report, study_of
from .report import Numbered, Report
from .scaffold import Given, new_study
from .siting import Siting, SitingAim

__all__ = [
    "DATABASES",
    "Access",
    "Boundaries",
    "Egov",
    "Given",
    "Input",
    "Numbered",
    "Province",
    "Published",
    "Radio",
    "Report",
    "Rollout",
    "Scope",
    "Service",
    "Siting",
    "SitingAim",
    "Study",
    "Target",
    "address_fault",
    "find_province",
    "nearest_zone",
    "new_study",
    "open_study",
    "province_of",
    "provinces",
    "read_report",
    "study_of",
    "target_of",
]
