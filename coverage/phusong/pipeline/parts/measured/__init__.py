"""Measured samples beside the prediction: errors, who is right, shares by commune and road."""

from .part import MEASURED

__all__ = ["MEASURED"]
