"""Antenna patterns by name: the cuts of a Planet file (``.msi``, ``.pln``) and its beam's tilt.

Knows one antenna as its maker publishes it, upright and facing north, and which
of several files a cell means; `antennas` turns a pattern about.

The format has no standard body. What is read is what its users describe (the
Radio Mobile and MATLAB ``msiread`` documentation, and CRC's crc-covlib): a name,
headings, and two blocks ``HORIZONTAL n`` and ``VERTICAL n`` of an angle and the
attenuation against the peak in a row. Vertical angles start at the horizon in
front and grow downwards: 90 is the nadir, 180 the horizon behind.
"""

import difflib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, PatternError, Problem
from ..i18n import words
from ._planet import PER_DEGREE, PlanetFile

DIRECTIONAL_DB = 3.0
"""A horizontal cut that varies by more has a front."""
TILT_TOLERANCE_DEG = 3.0
"""Between a stated tilt and the middle of the beam, which null filling pulls about."""
SAME_TILT_DEG = 0.5
FARTHEST_FREQUENCY = 1.25
"""Ratio of frequencies beyond which a pattern is another band's."""
ASSUMED_CAP_DB = 20.0
SHOWN_NAMES = 5


@dataclass(frozen=True, kw_only=True, eq=False)
class Pattern:
    """One antenna at one frequency and electrical tilt.

    Parameters
    ----------
    name : str
        As the file says, else the file's name without its suffix.
    file : str
        Name in messages.
    gain_dbi : float, optional
        Of the peak.
    frequency_mhz : (float, float), optional
        Lowest and highest frequency the file speaks for.
    electrical_tilt_deg : float
        Of the beam below the horizon with the antenna upright.
    horizontal_db : ndarray of float32, shape (3601,)
        Attenuation against the cut's own peak at 0, 0.1, … 360° clockwise.
    front_db, back_db : ndarray of float32, shape (1801,)
        Attenuation against the peak from 90° above to 90° below the horizon,
        before and behind the antenna.
    vertical_assumed : bool
        The file has no vertical cut; its beamwidth stands for it.
    """

    name: str
    file: str
    gain_dbi: float | None
    frequency_mhz: tuple[float, float] | None
    electrical_tilt_deg: float
    horizontal_db: NDArray[np.float32]
    front_db: NDArray[np.float32]
    back_db: NDArray[np.float32]
    vertical_assumed: bool = False

    @property
    def directional(self) -> bool:
        """Whether it matters which way the antenna points."""
        return float(self.horizontal_db.max()) > DIRECTIONAL_DB

    def lowered(self, tilt_deg: float) -> "Pattern":
        """Return it with the beam lowered by its feed, alike in every azimuth.

        Parameters
        ----------
        tilt_deg : float
            By how much, downwards.

        Returns
        -------
        Pattern
            Its ``electrical_tilt_deg`` is larger by as much.
        """
        return replace(
            self,
            electrical_tilt_deg=self.electrical_tilt_deg + tilt_deg,
            front_db=_lowered(self.front_db, tilt_deg),
            back_db=_lowered(self.back_db, tilt_deg),
        )

    def misses(self, frequency_mhz: float) -> float:
        """Tell how far a frequency is from those the file speaks for.

        Parameters
        ----------
        frequency_mhz : float

        Returns
        -------
        float
            Ratio to the file's nearest; 1 within them, or if they are not known.
        """
        if self.frequency_mhz is None:
            return 1.0
        low, high = self.frequency_mhz
        return max(1.0, low / frequency_mhz, frequency_mhz / high)  # 1 first: NaN is none larger


class Patterns:
    """Pattern files by the names that cells may use.

    Parameters
    ----------
    patterns : iterable of Pattern
        Several may have one name: they differ in frequency or electrical tilt.

    Attributes
    ----------
    notes : list of Problem
        Of the files, what their user must know.
    """

    def __init__(self, patterns: Iterable[Pattern] = ()) -> None:
        self._by_name: dict[str, list[Pattern]] = {}
        self._names: set[str] = set()
        self.notes: list[Problem] = []
        firsts: dict[object, str] = {}
        for pattern in sorted(patterns, key=lambda pattern: pattern.file):
            self._names.add(pattern.name)
            if pattern.vertical_assumed:
                note = Problem(message="radio.pattern_vertical_assumed", file=pattern.file)
                self.notes.append(note)
            tilt = round(pattern.electrical_tilt_deg, 1)
            first = firsts.setdefault(
                (_plain(pattern.name), pattern.frequency_mhz, tilt), pattern.file
            )
            if first != pattern.file:
                values = {"antenna": pattern.name, "first": first}
                self.notes.append(
                    Problem(message="radio.pattern_alike", file=pattern.file, values=values)
                )
            for name in {_plain(pattern.name), _plain(Path(pattern.file).stem)}:
                self._by_name.setdefault(name, []).append(pattern)

    def find(
        self, name: str, *, frequency_mhz: float, electrical_tilt_deg: float | None
    ) -> Pattern:
        """Return the pattern that a cell means.

        Parameters
        ----------
        name : str
            A file's NAME, or the file's own name without suffix; capitals and
            repeated spaces do not matter.
        frequency_mhz : float
            Of the carrier: of the files of one name the nearest is taken.
        electrical_tilt_deg : float, optional
            Needed where files of one name differ in tilt. Where all there is
            has no tilt, the beam is lowered by it.

        Returns
        -------
        Pattern

        Raises
        ------
        PatternError
            If there is no such name, no file of the band, or none of the tilt.
        """
        named = self._by_name.get(_plain(name), [])
        if not named:
            known = difflib.get_close_matches(name, sorted(self._names), n=SHOWN_NAMES, cutoff=0.0)
            alike = ", ".join(known) or words("common.nothing_alike")
            raise PatternError("radio.unknown_antenna", antenna=name, known=alike)
        nearest = min(pattern.misses(frequency_mhz) for pattern in named)
        if nearest > FARTHEST_FREQUENCY:
            bands = sorted({pattern.frequency_mhz for pattern in named if pattern.frequency_mhz})
            raise PatternError(
                "radio.antenna_band",
                antenna=name,
                frequency=f"{frequency_mhz:g}",
                known=", ".join("–".join(f"{end:g}" for end in sorted({*band})) for band in bands),
            )
        near = [pattern for pattern in named if pattern.misses(frequency_mhz) == nearest]
        tilts = [pattern.electrical_tilt_deg for pattern in near]
        known_tilts = ", ".join(f"{tilt:g}" for tilt in sorted({round(tilt, 1) for tilt in tilts}))
        if electrical_tilt_deg is None:
            if max(tilts) - min(tilts) > SAME_TILT_DEG:
                raise PatternError("radio.antenna_tilts", antenna=name, known=known_tilts)
            return near[0]
        off = [abs(tilt - electrical_tilt_deg) for tilt in tilts]
        if min(off) <= SAME_TILT_DEG:
            return near[off.index(min(off))]
        if max(abs(tilt) for tilt in tilts) <= SAME_TILT_DEG:
            return near[0].lowered(electrical_tilt_deg)
        raise PatternError(
            "radio.antenna_tilt", antenna=name, tilt=f"{electrical_tilt_deg:g}", known=known_tilts
        )


def read_patterns(files: Mapping[str, Path]) -> Patterns:
    """Read pattern files.

    Parameters
    ----------
    files : mapping of str to path
        By their names in messages.

    Returns
    -------
    Patterns
        With the notes of the files.

    Raises
    ------
    InputError
        With every problem of every file.

    Examples
    --------
    >>> import os, tempfile
    >>> cut = [f"{angle} 0" for angle in range(360)]
    >>> lines = ["NAME round", "GAIN 8 dBi", "HORIZONTAL 360", *cut, "VERTICAL 360", *cut]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "round.msi"
    ...     _ = path.write_text(os.linesep.join(lines))
    ...     patterns = read_patterns({"antennas/round.msi": path})
    >>> patterns.find("Round", frequency_mhz=900.0, electrical_tilt_deg=None).gain_dbi
    8.0
    """
    patterns: list[Pattern] = []
    problems: list[Problem] = []
    for shown, path in files.items():
        try:
            patterns.append(read_pattern(path, shown=shown))
        except InputError as fault:
            problems += fault.problems
    if problems:
        raise InputError(problems)
    return Patterns(patterns)


def read_pattern(path: Path, *, shown: str) -> Pattern:
    """Read one pattern file.

    Parameters
    ----------
    path : path
        Text in UTF-8, UTF-16 with its mark, or the Vietnamese Windows code page.
    shown : str
        Its name in messages.

    Returns
    -------
    Pattern

    Raises
    ------
    InputError
        With every problem of the file and its line: rows that are not two
        numbers, angles that leave out a part of the circle, two attenuations
        for one angle, gains and attenuations mixed, a beam that is not about
        the horizon or not at the stated tilt, a gain or frequency that is no
        number, no horizontal cut, and neither a vertical cut nor its width.

    Notes
    -----
    Commas are decimal marks; rows come in any order, at most 10° apart, the
    first perhaps once more at 360°. A gain without unit is in dBd, as the
    format has it. Attenuations written as negative gains lose their sign.

    The vertical cut mostly is that of the tilted beam. Where the middle of its
    3 dB beam lies nearer to 0 than to the tilt that the file states, the cut is
    the untilted one and is lowered; where it lies at the tilt above the
    horizon, the file counts its angles upwards. Without a stated tilt, that of
    the beam is taken.

    A file without vertical cut gets the parabolic one of 3GPP TR 36.814,
    ``min(12 ((θ − tilt) / V_WIDTH)², 20 dB)``, before and behind.

    Examples
    --------
    A beam 60° wide between its 3 dB points, in a file without vertical cut.

    >>> import os, tempfile
    >>> beam = [f"{angle} {12 * (min(angle, 360 - angle) / 60) ** 2:.1f}" for angle in range(360)]
    >>> lines = ["NAME 742 215", "GAIN 17 dBi", "V_WIDTH 7", "HORIZONTAL 360", *beam]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "742215.msi"
    ...     _ = path.write_text(os.linesep.join(lines))
    ...     pattern = read_pattern(path, shown="742215.msi")
    >>> pattern.name, pattern.gain_dbi, pattern.vertical_assumed, float(pattern.horizontal_db[300])
    ('742 215', 17.0, True, 3.0)
    """
    file = PlanetFile(path, shown)
    horizontal, vertical = file.cut("HORIZONTAL"), file.cut("VERTICAL")
    gain, frequency = file.gain_dbi(), file.frequency_mhz()
    beam = None
    if vertical is not None:
        beam = _beam(vertical, file)
    elif horizontal is not None and not file.has("VERTICAL"):
        beam = _assumed_beam(file)
    if file.problems or horizontal is None or beam is None:
        raise InputError(file.problems)
    return Pattern(
        name=file.name or Path(shown).stem,
        file=shown,
        gain_dbi=gain,
        frequency_mhz=frequency,
        electrical_tilt_deg=beam.tilt_deg,
        horizontal_db=np.append(horizontal, horizontal[0]).astype(np.float32),
        front_db=beam.front_db.astype(np.float32),
        back_db=beam.back_db.astype(np.float32),
        vertical_assumed=vertical is None,
    )


@dataclass(frozen=True, kw_only=True)
class _Beam:
    front_db: NDArray[np.float64]
    back_db: NDArray[np.float64]
    tilt_deg: float


def _assumed_beam(file: PlanetFile) -> _Beam | None:
    width, tilt = file.vertical_width_deg(), file.tilt_deg() or 0.0
    if width is None:
        file.fault("pattern_no_vertical")
        return None
    off = (np.linspace(-90.0, 90.0, 180 * PER_DEGREE + 1) - tilt) / width
    cut = np.minimum(12 * off**2, ASSUMED_CAP_DB)
    return _Beam(front_db=cut, back_db=cut, tilt_deg=tilt)


def _beam(vertical: NDArray[np.float64], file: PlanetFile) -> _Beam:
    """Return the cut over depressions as the stated tilt has it."""
    down = np.arange(-90 * PER_DEGREE, 90 * PER_DEGREE + 1)
    front, back = vertical[down], vertical[180 * PER_DEGREE - down]
    line, stated = file.line("VERTICAL"), file.tilt_deg()
    half = 45 * PER_DEGREE
    if front[half:-half].min() > 3:
        file.fault("pattern_beam", line, f"{vertical.argmin() / PER_DEGREE:g}°")
    peak = int(front[half:-half].argmin()) - half
    turned = np.roll(vertical, -peak) > 3
    below, above = int(turned.argmax()), int(turned[::-1].argmax())
    if not below or below + above > 180 * PER_DEGREE:  # no beam to speak of
        return _Beam(front_db=front, back_db=back, tilt_deg=0.0)
    middle = (peak + (below - 1 - above) / 2) / PER_DEGREE
    if stated is None:
        return _Beam(front_db=front, back_db=back, tilt_deg=middle)
    nearest = min((stated, 0.0, -stated), key=lambda tilt: abs(middle - tilt))
    if abs(middle - nearest) > TILT_TOLERANCE_DEG:
        file.fault("pattern_tilt", line, f"{middle:.1f}°", stated=f"{stated:g}")
    elif nearest == 0 != stated:
        front, back = _lowered(front, stated), _lowered(back, stated)
    elif nearest != stated:
        front, back = front[::-1], back[::-1]
    return _Beam(front_db=front, back_db=back, tilt_deg=stated)


def _lowered(cut: NDArray[Any], tilt_deg: float) -> NDArray[Any]:
    """Shift a cut over depressions downwards; its ends stand for what comes into view."""
    at = np.linspace(-90.0, 90.0, cut.size)
    lowered: NDArray[Any] = np.interp(at - tilt_deg, at, cut).astype(cut.dtype)
    return lowered


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
