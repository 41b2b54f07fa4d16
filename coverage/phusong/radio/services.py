"""What it takes to serve: technologies, operators, thresholds and what is taken from a level."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from .sectors import Sector


@dataclass(frozen=True)
class ServiceRule:
    """What it takes to serve.

    Parameters
    ----------
    id : str
        Identifier.
    technologies, operators : sequence of str
        Any of them serves; no operator named means all.
    threshold_dbm : mapping
        Weakest level that counts, itself included, by technology.
    allowance_db : float or callable
        What the predicted median level must exceed the threshold by; called
        with the carrier in MHz where it depends on that.
    """

    id: str
    technologies: Sequence[str]
    operators: Sequence[str]
    threshold_dbm: Mapping[str, float]
    allowance_db: float | Callable[[float], float]

    def admits(self, sector: Sector) -> bool:
        """Tell whether a cell may serve.

        Parameters
        ----------
        sector : Sector

        Returns
        -------
        bool
        """
        return sector.technology in self.technologies and (
            not self.operators or sector.operator in self.operators
        )

    def needed_dbm(self, sector: Sector) -> float:
        """Return the level at which a cell just serves.

        Parameters
        ----------
        sector : Sector
            One that the rule admits.

        Returns
        -------
        float
            Threshold plus allowance, dBm.

        Raises
        ------
        ModelRangeError
            If the allowance does not hold at the cell's carrier.
        """
        allowance = self.allowance_db
        if callable(allowance):
            allowance = allowance(sector.frequency_mhz)
        return self.threshold_dbm[sector.technology] + allowance
