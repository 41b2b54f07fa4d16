"""How often the interval of a survey holds the truth: benchmarks/survey.py [draws] [m] [km]."""

import sys

import numpy as np
import pandas as pd

import phusong
from phusong.grid import grid_of
from phusong.pipeline.questions.survey import homes_of
from phusong.uncertainty import allot, draw_places, survey_share

RESIDENTS, CONFIDENCE, FIELD_SD_DB = 200, 0.95, 7.0


def main(draws: int = 100, resolution_m: float = 300.0, radius_km: float = 15.0) -> None:
    study = phusong.open_study(phusong.sample_folder())
    study = study.replace({"radio.radius_km": radius_km}, resolution_m=resolution_m)
    result = phusong.run(study, parts=["coverage"])
    margin = result.services["mobile"].margin_db
    homes = homes_of(result.gathered, grid_of(margin))
    margin_db = np.nan_to_num(margin.to_numpy().ravel()[homes["pixel"]], nan=-99.0)
    district = homes["commune_code"].map(result.communes.set_index("commune_code")["district_code"])
    print("map too optimistic by, dB | held | half-width, points | without a map | map misses by")
    for offset_db in (0.0, 8.0, 15.0):
        held, half, plain, away = [], [], [], []
        for code in sorted(district.unique()):
            here = (district == code).to_numpy()
            its, said = homes[here], (margin_db[here] >= 0).astype(float)
            people = its.groupby("commune_code")["residents"].sum()
            drawn = allot(people, RESIDENTS).to_dict()
            strata = pd.DataFrame(
                {
                    "stratum": people.index,
                    "residents": people.to_numpy(),
                    "map_share": (
                        (its["residents"] * said).groupby(its["commune_code"]).sum() / people
                    ).to_numpy(),
                }
            )
            for seed in range(draws):
                chance = np.random.default_rng([seed, int(code)])
                error_db = offset_db + chance.normal(0.0, FIELD_SD_DB, len(its))
                served = (margin_db[here] - error_db >= 0).astype(float)
                truth = np.average(served, weights=its["residents"])
                times = draw_places(
                    its["residents"].to_numpy(),
                    its["commune_code"].to_numpy(object),
                    drawn,
                    seed=seed,
                )
                sample = pd.DataFrame(
                    {
                        "stratum": its["commune_code"].to_numpy(),
                        "drawn": times,
                        "map_share": said,
                        "served": served,
                    }
                )
                found = survey_share(sample[times > 0], strata, confidence=CONFIDENCE)
                held.append(found.low <= truth <= found.high)
                half.append(found.high - found.low)
                plain.append(2 * 1.96 * np.sqrt(truth * (1 - truth) / RESIDENTS))
                away.append(abs(found.map_share - truth))
        print(
            f"{offset_db:4.0f} | {100 * np.mean(held):.1f} % | {50 * np.mean(half):.1f} | "
            f"{50 * np.mean(plain):.1f} | {100 * np.mean(away):.1f}"
        )


if __name__ == "__main__":
    main(*(kind(each) for kind, each in zip((int, float, float), sys.argv[1:], strict=False)))
