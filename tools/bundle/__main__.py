"""Build an archive that installs phusong without internet: ``python -m bundle --help``."""

import argparse
import sys
from pathlib import Path

from . import PLATFORMS, build

if __name__ == "__main__":
    asked = argparse.ArgumentParser(prog="bundle", description=__doc__)
    asked.add_argument("--platform", choices=PLATFORMS, required=True)
    asked.add_argument("--python-version", default="{}.{}".format(*sys.version_info))
    asked.add_argument("--python", type=Path, help="python-3.X.Y-embed-amd64.zip of python.org")
    asked.add_argument("--to", type=Path, default=Path("dist"))
    given = asked.parse_args()
    sys.stdout.write(f"{build(given.platform, given.python_version, given.python, given.to)}\n")
