"""The territory of a study: its communes, districts and province, and what stands where.

Every other part stands on it.
"""

from .part import TERRITORY, OnAir, Territory, TerritoryInputs, Units, active

__all__ = ["TERRITORY", "OnAir", "Territory", "TerritoryInputs", "Units", "active"]
