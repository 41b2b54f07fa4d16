"""Every fault of this room has its words, and every word its fault."""

import re
from pathlib import Path

from phusong import terrain
from phusong.i18n import catalogue


def test_every_fault_has_words_and_all_words_are_used():
    source = "\n".join(
        path.read_text(encoding="utf-8") for path in Path(terrain.__file__).parent.glob("*.py")
    )
    used = set(re.findall(r'refusal\(\s*"([a-z_]+)"', source))
    used |= set(re.findall(r'"terrain\.([a-z_]+)"', source))
    assert used == {
        key.removeprefix("terrain.") for key in catalogue() if key.startswith("terrain.")
    }
