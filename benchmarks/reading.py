"""Processor time and peak memory of reading and checking cells: python benchmarks/reading.py."""

import argparse
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from phusong.inputs import Source, read_table
from phusong.radio import check_cells, read_patterns
from phusong.tables import CELLS


def cells(rows: int) -> pd.DataFrame:
    """Draw sectors of three operators all over a province, in Vietnamese words."""
    rng = np.random.default_rng(98)
    number = np.arange(rows)
    site, sector = number // 9, number % 3
    technology = np.array(["2G", "3G", "4G"])[number // 3 % 3]
    station = [f"HG{place:05d}-{kind}" for place, kind in zip(site, technology, strict=True)]
    return pd.DataFrame(
        {
            "Mã vị trí": [f"HG{place:05d}" for place in site],
            "Mã trạm": station,
            "Mã cell": [f"{name}-{side + 1}" for name, side in zip(station, sector, strict=True)],
            "Tên vị trí": [f"Đồng Văn {place}" for place in site],
            "Nhà mạng": np.array(["Viettel", "VinaPhone", "MobiFone"])[site % 3],
            "Công nghệ": technology,
            "Tần số": np.array([900, 2100, 1800])[number // 3 % 3],
            "Độ cao ăng-ten": rng.integers(24, 60, -(-rows // 9))[site],
            "rs_eirp_dbm": 58.5,
            "Góc phương vị": 30 + 120 * sector,
            "Độ rộng búp sóng": 65,
            "status": "active",
            "on_air_from": "05/06/2011",
            "Kinh độ": np.round(rng.uniform(104.4, 105.6, -(-rows // 9))[site], 6),
            "Vĩ độ": np.round(rng.uniform(22.3, 23.2, -(-rows // 9))[site], 6),
        }
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--suffix", choices=[".csv", ".xlsx"], default=".csv")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"cells{asked.suffix}"
        drawn = cells(asked.rows)
        drawn.to_csv(path, index=False) if asked.suffix == ".csv" else drawn.to_excel(
            path, index=False
        )
        del drawn
        before_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        clock = time.process_time()
        read = read_table(
            Source(path=path, shown=path.name), CELLS, crs="EPSG:9209", set_aside_faulty=False
        )
        faults = check_cells(read.table, read_patterns({}), rows=read.rows)
        took = time.process_time() - clock
        of_child = resource.getrusage(resource.RUSAGE_CHILDREN)  # which reads workbooks
        took += of_child.ru_utime + of_child.ru_stime
    peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{len(read.table):,} cells of {asked.suffix}, {len(faults)} faulty: {took:.2f} s, "
          f"peak memory {peak_gb:.2f} GB (before reading {before_gb:.2f} GB)")  # fmt: skip


if __name__ == "__main__":
    main()
