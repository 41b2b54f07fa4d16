"""One study: `study.toml` as a frozen, typed model, and the scaffold of a new one."""

from .model import (
    Input,
    Prerequisite,
    Published,
    Radio,
    Scope,
    Service,
    Study,
    Target,
)
from .read import open_study
from .scaffold import new_study

__all__ = [
    "Input",
    "Prerequisite",
    "Published",
    "Radio",
    "Scope",
    "Service",
    "Study",
    "Target",
    "new_study",
    "open_study",
]
