"""Make the desk's help for the settings, from the tables of docs/study.md and docs/study.vi.md.

python tools/study_help.py
"""

import json
import re
from pathlib import Path

HOME = Path(__file__).resolve().parents[1]
TARGET = HOME / "coverage" / "phusong" / "desk" / "help.json"
PAGES = {"vi": "study.vi.md", "en": "study.md"}
_SECTION = re.compile(r"## \[+([a-z_.]+)\]+")
_ROW = re.compile(r"\| (`[a-z0-9_`, ]+`) \| (.+) \|")
_LINK = re.compile(r"\[([^]]+)\]\((?:[^()]|\([^()]*\))+\)")
_REQUIRED = re.compile(r"^(?:bắt buộc|required)(?:; | )")


def help_texts() -> dict[str, dict[str, str]]:
    """Return what the pages say of each key.

    Returns
    -------
    dict
        ``{"radio.radius_km": {"vi": …, "en": …}}``, without marks of Markdown.

    Examples
    --------
    >>> help_texts()["radio.radius_km"]["en"]
    'farthest receiver from a mast, at most 100'
    """
    told: dict[str, dict[str, str]] = {}
    for lang, page in PAGES.items():
        section = ""
        for line in (HOME / "docs" / page).read_text(encoding="utf-8").splitlines():
            if line.startswith("## "):
                named = _SECTION.fullmatch(line)
                section = f"{named[1]}." if named else ""
            elif row := _ROW.fullmatch(line):
                for key in re.findall(r"[a-z0-9_]+", row[1]):
                    told.setdefault(section + key, {})[lang] = _plain(row[2])
    return told


def _plain(cell: str) -> str:
    return _REQUIRED.sub("", _LINK.sub(r"\1", cell).replace("`", "").replace(r"\|", "|"))


if __name__ == "__main__":
    shown = json.dumps(help_texts(), ensure_ascii=False, indent=1)
    TARGET.write_text(shown + "\n", encoding="utf-8", newline="\n")
