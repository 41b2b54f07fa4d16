"""Processor time and peak memory of reading and checking cells: python benchmarks/reading.py.

With --command that of the whole command `phusong check` of a study with these cells, 3 % of
them faulty, on the terrain of the sample.
"""

import argparse
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

import phusong
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


def write(drawn: pd.DataFrame, path: Path) -> None:
    """Write a table by the suffix of its file."""
    drawn.to_csv(path, index=False) if path.suffix == ".csv" else drawn.to_excel(path, index=False)


def study(folder: Path, drawn: pd.DataFrame, suffix: str) -> None:
    """Write a study of the sample's communes, terrain and people with these cells."""
    sample = phusong.sample_folder()
    for name in ("communes.geojson", "terrain.tif", "population.tif"):
        shutil.copy(sample / name, folder)
    words = (sample / "study.toml").read_text(encoding="utf-8")
    settings, services = re.split(r"(?=\[\[services\]\])", words, maxsplit=1)
    settings = re.sub(r"\[inputs\].*", "", settings, flags=re.DOTALL)
    services = re.sub(r"\n\[(villages|fibre|egov)\].*", "", services, flags=re.DOTALL)
    (folder / "study.toml").write_text(
        f'{settings}faulty_rows = "set_aside"\n[inputs]\ncommunes = "communes.geojson"\n'
        f'cells = "cells{suffix}"\nterrain = ["terrain.tif"]\npopulation = "population.tif"\n'
        f'invented = ["communes", "cells", "terrain", "population"]\n{services}',
        encoding="utf-8",
    )
    drawn["Tần số"] = drawn["Tần số"].astype(object)
    drawn.loc[::33, "Tần số"] = "abc"
    write(drawn, folder / f"cells{suffix}")


def command(folder: Path) -> str:
    """Run `phusong check`; tell its processor time and peak of memory that no file backs."""
    words = [sys.executable, "-m", "phusong", "check", str(folder), "--lang", "en"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as running:
        peak_gb, said = 0.0, b""
        os.set_blocking(running.stdout.fileno(), False)
        while running.poll() is None:
            said += running.stdout.read() or b""
            try:
                found = Path(f"/proc/{running.pid}/smaps_rollup").read_text(encoding="ascii")
            except OSError:  # it has just ended
                break
            peak_gb = max(peak_gb, int(re.search(r"^Anonymous: +(\d+)", found, re.M)[1]) / 1e6)
            time.sleep(0.1)
        running.wait()
    of_child = resource.getrusage(resource.RUSAGE_CHILDREN)  # with its own children
    took, largest_gb = of_child.ru_utime + of_child.ru_stime, of_child.ru_maxrss / 1e6
    return (
        f"phusong check, exit {running.returncode}: {took:.1f} s, peak memory without files "
        f"{peak_gb:.2f} GB, largest process {largest_gb:.2f} GB"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--suffix", choices=[".csv", ".xlsx"], default=".csv")
    parser.add_argument("--command", action="store_true", help="the whole command")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if asked.command:
            study(Path(folder), cells(asked.rows), asked.suffix)
            print(command(Path(folder)))
            return
        path = Path(folder) / f"cells{asked.suffix}"
        write(cells(asked.rows), path)
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
