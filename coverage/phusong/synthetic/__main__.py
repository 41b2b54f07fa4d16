"""Rebuild the sample study: ``python -m phusong.synthetic data/ha-giang``."""

import sys
from pathlib import Path

from .sample import build_sample

if __name__ == "__main__":
    build_sample(
        Path(sys.argv[1]),
        on_progress=lambda step, done, steps: print(  # noqa: T201
            f"[{done + 1}/{steps}] {step}", file=sys.stderr, flush=True
        ),
    )
