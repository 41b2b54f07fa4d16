"""The text of a Planet pattern file: headings and two cuts, with the line of every fault.

Knows how such files are written; what the numbers mean for a beam is `patterns`'.
"""

import codecs
import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .._text import LONGEST_TEXT, text_fault
from ..errors import Problem

PER_DEGREE = 10
"""Samples a degree of the cuts handed over."""
DIPOLE_DBI = 2.15
"""Gain of a half-wave dipole: a gain in dBd is so much larger in dBi."""
LARGEST_BYTES = 1_000_000
LARGEST_ATTENUATION_DB = 200.0
WIDEST_GAP_DEG = 10.0
SAME_DIRECTION_DB = 0.5
"""Two attenuations of one direction (0° and 360°) may differ by the rounding of a plot."""
ZERO_DB = 0.05
"""Of the wrong sign, so little is the rounding of a zero."""

Cut = Literal["HORIZONTAL", "VERTICAL"]

_KEYS = frozenset(
    {
        "NAME",
        "MAKE",
        "FREQUENCY",
        "H_WIDTH",
        "V_WIDTH",
        "FRONT_TO_BACK",
        "GAIN",
        "TILT",
        "ELECTRICAL_TILT",
        "POLARIZATION",
        "COMMENT",
    }
)
_NUMBER = r"[-+]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][-+]?[0-9]+)?"
_CUT = re.compile(r"(HORIZONTAL|VERTICAL)(?:[\s:=]+([0-9]+))?", re.IGNORECASE)
_HEADING = re.compile(r"([^\s:=]+)(?:\s*[:=]\s*|\s+|$)(.*)")
_GAIN = re.compile(rf"({_NUMBER})\s*(dBi|dBd)?", re.IGNORECASE)
_FREQUENCY = re.compile(
    rf"({_NUMBER})\s*(?:MHz|GHz)?(?:\s*(?:[-–/~]|to)\s*({_NUMBER}))?\s*(?:MHz|GHz)?", re.IGNORECASE
)
_ROW_FAULTS = frozenset({"radio.pattern_row", "radio.pattern_angle", "radio.pattern_attenuation"})


@dataclass(frozen=True)
class _Row:
    line: int
    angle: float
    value: float


@dataclass(frozen=True)
class _Block:
    line: int
    stated: int | None
    rows: list[_Row]


class PlanetFile:
    """One file as it came.

    Parameters
    ----------
    path : path
        Text in UTF-8, UTF-16 with its mark, or the Vietnamese Windows code page.
    shown : str
        Its name in messages.

    Attributes
    ----------
    name : str
        Empty if it has none.
    problems : list of Problem
        What is wrong so far; asking for a value may add to it.
    """

    def __init__(self, path: Path, shown: str) -> None:
        self.shown = shown
        self.problems: list[Problem] = []
        self._headings: dict[str, tuple[int, str]] = {}
        self._blocks: dict[str, _Block] = {}
        text = self._decoded(path)
        if text is not None:
            self._parse(text)
            if "HORIZONTAL" not in self._blocks:
                self.fault("pattern_no_horizontal")
        line, self.name = self._headings.get("NAME", (0, ""))
        if unfit := text_fault(self.name):
            self.fault(f"pattern_name_{unfit}", line, limit=LONGEST_TEXT)

    def fault(
        self, message: str, line: int | None = None, value: Any = None, **values: Any
    ) -> None:
        """Note a fault; its words are the room's."""
        self.problems.append(
            Problem(
                message=f"radio.{message}",
                file=self.shown,
                line=line,
                value=value,
                values=values,
            )
        )

    def has(self, cut: Cut) -> bool:
        """Tell whether the file has a block of that name."""
        return cut in self._blocks

    def line(self, cut: Cut) -> int:
        """Return the line on which a block begins."""
        return self._blocks[cut].line

    def cut(self, name: Cut) -> NDArray[np.float64] | None:
        """Return the attenuation at 0, 0.1, … 359.9° against the cut's peak.

        None if the block is absent or faulty.
        """
        if name not in self._blocks:
            return None
        block, before = self._blocks[name], len(self.problems)
        self._check_signs(name, block.rows)
        kept: dict[float, _Row] = {}
        for row in block.rows:
            other = kept.setdefault(row.angle, row)
            if abs(other.value - row.value) > SAME_DIRECTION_DB:
                self.fault(
                    "pattern_two_values",
                    row.line,
                    f"{row.value:g}",
                    angle=f"{row.angle:g}",
                    other=f"{other.value:g}",
                    first=other.line,
                )
        angles = sorted(kept)
        self._check_gaps(name, block, angles)
        if len(self.problems) > before or not angles:
            return None
        values = np.abs([kept[angle].value for angle in angles])
        circle = np.arange(360 * PER_DEGREE) / PER_DEGREE
        found: NDArray[np.float64] = np.interp(circle, angles, values, period=360)
        found -= found.min()
        return found

    def gain_dbi(self) -> float | None:
        """Return the peak's gain; a gain without unit is in dBd, as the format has it."""
        line, text = self._headings.get("GAIN", (0, ""))
        if not text:
            return None
        found = _GAIN.fullmatch(text)
        gain = None if found is None else _number(found[1])
        if found is None or gain is None or not -20 <= gain <= 60:
            self.fault("pattern_gain", line, text)
            return None
        return gain if (found[2] or "").lower() == "dbi" else gain + DIPOLE_DBI

    def frequency_mhz(self) -> tuple[float, float] | None:
        """Return the lowest and highest frequency the file speaks for."""
        line, text = self._headings.get("FREQUENCY", (0, ""))
        if not text:
            return None
        found = _FREQUENCY.fullmatch(text)
        unit = 1000.0 if "GHZ" in text.upper() else 1.0
        numbers = [] if found is None else [_number(part) for part in found.groups() if part]
        values = [number * unit for number in numbers if number is not None]
        if not values or not all(1 <= value <= 100_000 for value in values):
            self.fault("pattern_frequency", line, text)
            return None
        return min(values), max(values)

    def tilt_deg(self) -> float | None:
        """Return the stated electrical tilt; makers put it under either heading."""
        for key in ("ELECTRICAL_TILT", "TILT"):
            tilt = self._first_number(key)
            mechanical = "MECH" in self._headings.get(key, (0, ""))[1].upper()
            if tilt is not None and not mechanical and abs(tilt) <= 45:
                return tilt
        return None

    def vertical_width_deg(self) -> float | None:
        """Return the stated 3 dB beamwidth of the vertical cut."""
        width = self._first_number("V_WIDTH")
        return width if width is not None and 0 < width <= 180 else None

    def _decoded(self, path: Path) -> str | None:
        try:
            with path.open("rb") as file:
                content = file.read(LARGEST_BYTES + 1)
        except OSError as broken:
            self.fault("pattern_unreadable", detail=broken.strerror or type(broken).__name__)
            return None
        if len(content) > LARGEST_BYTES:
            self.fault("pattern_too_large", megabytes=LARGEST_BYTES // 1_000_000)
            return None
        marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1258"):
            try:
                text = content.decode(encoding)
            except UnicodeDecodeError:
                continue
            if "\0" not in text:
                return unicodedata.normalize("NFC", text)
        self.fault("pattern_not_text")
        return None

    def _parse(self, text: str) -> None:
        rows: list[_Row] | None = None
        first = True
        # Not splitlines: a form feed in a comment ends no line that a person sees.
        for line, content in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
            # One space for many, which patterns with optional spaces would try in every way.
            content = " ".join(content.split())
            if not content:
                continue
            cut, heading = _CUT.fullmatch(content), _HEADING.fullmatch(content)
            key = heading[1].upper() if heading else ""
            if cut is not None:
                rows = []
                if cut[1].upper() in self._blocks:
                    self.fault("pattern_repeated_cut", line, cut[1].upper())
                else:
                    stated = int(cut[2]) if cut[2] and len(cut[2]) < 10 else None
                    self._blocks[cut[1].upper()] = _Block(line, stated, rows)
            elif heading is not None and key in _KEYS:
                rows = None
                self._headings.setdefault(key, (line, heading[2].strip()))
            elif rows is not None:
                self._add_row(rows, line, content)
            elif first:
                self._headings["NAME"] = (line, content)  # some makers leave out the word
            elif all(_number(part) is not None for part in re.split(r"[\s;]+", content)):
                self.fault("pattern_stray_row", line, content)
            first = False

    def _add_row(self, rows: list[_Row], line: int, content: str) -> None:
        parts = re.split(r"[\s;]+", content)
        numbers = [_number(part) for part in parts]
        if len(numbers) != 2 or numbers[0] is None or numbers[1] is None:
            self.fault("pattern_row", line, content)
        elif not -360 <= numbers[0] <= 360:
            self.fault("pattern_angle", line, parts[0])
        elif abs(numbers[1]) > LARGEST_ATTENUATION_DB:
            self.fault("pattern_attenuation", line, parts[1], limit=f"{LARGEST_ATTENUATION_DB:g}")
        else:
            rows.append(_Row(line, round(numbers[0], 6) % 360, numbers[1]))

    def _check_signs(self, name: Cut, rows: Sequence[_Row]) -> None:
        """Refuse a cut of both signs: gains in dBi, or a slip."""
        signed = [row for row in rows if abs(row.value) > ZERO_DB]
        other = [row for row in signed if (row.value > 0) != (signed[0].value > 0)]
        if other:
            self.fault("pattern_mixed_signs", other[0].line, f"{other[0].value:g}", cut=name)

    def _check_gaps(self, name: Cut, block: _Block, angles: Sequence[float]) -> None:
        """Refuse a cut that leaves out a part of the circle: most likely the file is cut off."""
        if any(problem.message in _ROW_FAULTS for problem in self.problems):
            return  # rows that could not be read make gaps
        at = np.array(angles) if angles else np.zeros(1)
        steps = np.diff(at, append=at[0] + 360)
        widest, found = int(steps.argmax()), len(block.rows)
        # If the number of rows is not the stated one, only evenly spaced angles count as complete.
        whole = block.stated is None or abs(found - block.stated) <= 1
        even = WIDEST_GAP_DEG if whole else 1.5 * float(np.median(steps))
        if steps[widest] > min(WIDEST_GAP_DEG, even):
            self.fault(
                "pattern_gap",
                block.line,
                cut=name,
                after=f"{at[widest]:g}",
                before=f"{at[(widest + 1) % at.size]:g}",
                found=found,
                stated="–" if block.stated is None else block.stated,
                gap=f"{WIDEST_GAP_DEG:g}",
            )

    def _first_number(self, key: str) -> float | None:
        found = re.search(_NUMBER, self._headings.get(key, (0, ""))[1])
        return None if found is None else _number(found[0])


def _number(text: str) -> float | None:
    if not re.fullmatch(_NUMBER, text):
        return None
    value = float(text.replace(",", "."))
    return value if math.isfinite(value) else None
