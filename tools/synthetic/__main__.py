"""Rebuild the sample study: ``python -m synthetic data/ha-giang``."""

import argparse
import sys
from pathlib import Path

from .sample import build_sample

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m synthetic", description=__doc__)
    parser.add_argument("folder", type=Path, help="study folder that holds facts/")
    build_sample(
        parser.parse_args().folder,
        on_progress=lambda step, done, steps: print(  # noqa: T201  a program of its own
            f"[{done + 1}/{steps}] {step}", file=sys.stderr, flush=True
        ),
    )
