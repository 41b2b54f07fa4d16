"""What is lost if a site or an operator fails, and what operators gain on each other's network."""

from .part import STRENGTH

__all__ = ["STRENGTH"]
