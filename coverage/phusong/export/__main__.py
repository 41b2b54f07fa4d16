"""``python -m phusong.export docs/schemas``: write the contract of the exports anew."""

import sys
from pathlib import Path

from .schema import write_contract

if __name__ == "__main__":
    write_contract(Path(sys.argv[1]))
