"""Workbooks to fill in."""

from .egov import write_egov_template
from .form import FORM, FORM_TABLES, write_form
from .prices import write_price_template

__all__ = ["FORM", "FORM_TABLES", "write_egov_template", "write_form", "write_price_template"]
