"""Whether bands and verdicts hold what they promise, also if errors are others than assumed.

    python benchmarks/verdict.py [--tiny]

200 true provinces are drawn by another way than the engine draws them (`synthetic.truths`), with
the stated error model and with others. Printed: how often the band of 90 % holds the true share,
and how often communes called met or missed at 95 % confidence are not, over targets of 40 to 98 %.
"""

import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))
from phusong.uncertainty import (
    ErrorModel,
    bands,
    confident_verdict,
    draw,
    shares,
    target_probability,
)
from synthetic.truths import Truths

TARGETS = (0.4, 0.5, 0.7, 0.9, 0.98)
ROUNDING = 1e-6


def main(truths: int = 200, draws: int = 1000) -> None:
    """Print one row for each way in which truth is drawn."""
    province, model = Truths.made(), ErrorModel()
    clock = time.process_time()
    found = draw(
        {"s": province.contenders}, {"people": province.people},
        pixel=np.arange(len(province.commune)), grid=province.grid, model=model, draws=draws,
        seed=5,
    )["s", "people"]  # fmt: skip
    print(f"{draws} draws of {len(province.commune)} pixels: {time.process_time() - clock:.1f} s")
    drawn = [shares(part, found.whole) for part in (found.pixels, found.probability)]
    print("| truth | reading | band holds | called met, wrongly | called missed, wrongly |")
    print("| --- | --- | --- | --- | --- |")
    for name, other, tails in (
        ("as assumed", model, np.inf),
        ("field correlated over 1500 m", replace(model, field_length_m=1500.0), np.inf),
        ("field correlated over 150 m", replace(model, field_length_m=150.0), np.inf),
        ("Student's t with 3 degrees of freedom", model, 3.0),
        ("predictions 6 dB too optimistic", replace(model, mean_db=6.0), np.inf),
    ):
        true = province.shares(other, truths, seed=11, tails=tails)
        for reading, share, known in zip(("pixels", "probability"), true, drawn, strict=True):
            band = bands(known)
            low, high = band.low[:, None] - ROUNDING, band.high[:, None] + ROUNDING
            held = ((share >= low) & (share <= high)).mean()
            wrong = {"met": [], "missed": []}
            for target in TARGETS:
                verdict = confident_verdict(target_probability(known, target), confidence=0.95)
                meets = share >= target - ROUNDING
                wrong["met"] += [*~meets[verdict == "met"]]
                wrong["missed"] += [*meets[verdict == "missed"]]
            called = [f"{np.mean(each):.1%}" if each else "–" for each in wrong.values()]
            print(f"| {name} | {reading} | {held:.1%} | {called[0]} | {called[1]} |")


if __name__ == "__main__":
    main(truths=4, draws=64) if "--tiny" in sys.argv else main()
