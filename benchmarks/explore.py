"""The page that computes, measured by the browser itself: python benchmarks/explore.py [--tiny].

A mast of three sectors is dragged over the sample province by the mouse; each move counts from the
mast's place to the figures in the panel, the picture on the map included. Where all rays take too
long a move is a glance along fewer, and the mast at rest is measured by itself. Told beside it:
when the page was ready, and the memory of its process. On a busy machine the best quarter of the
moves, and what the page's thread used, tell more than the clock. `--slower 4` lets the browser slow
its processor down; `--page FILE` measures a page that is there.
"""

import argparse
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

import phusong
from phusong.maps import render_html
from phusong.pipeline.progress import silent

TINY_PIXEL_M, TINY_RADIUS_KM, TINY_MOVES = 1000.0, 2.0, 3
MOVES, STEP_PX, LONGEST_S = 60, 9, 60.0
MOVED = "performance.getEntriesByName('mast-move').map((one) => one.duration)"
AT_REST = "performance.getEntriesByName('mast-rest').map((one) => one.duration)"
READY = "performance.getEntriesByName('mast-ready').map((one) => one.startTime)"


def written(folder: Path, *, tiny: bool) -> Path:
    """Write the page of the sample, or of a coarse one."""
    study = phusong.open_study(phusong.sample_folder())
    if tiny:
        study = study.replace({"radio.radius_km": TINY_RADIUS_KM}, resolution_m=TINY_PIXEL_M)
    result = phusong.run(study, parts=("coverage",), on_progress=silent)
    page = folder / "explore.html"
    page.write_text(render_html(result.explore()), encoding="utf-8")
    return page


def waited(page: Any, expression: str, count: int) -> list[float]:
    """Return what the page has measured once there is so much of it."""
    last = time.monotonic() + LONGEST_S
    found = page.evaluate(expression)
    while len(found) < count:
        if time.monotonic() > last:
            raise TimeoutError(f"the page never told {expression}")
        page.wait_for_timeout(20)
        found = page.evaluate(expression)
    return found


def measure(page: Any, session: Any, moves: int) -> None:
    """Drag the mast and print what the browser found."""
    [ready] = waited(page, READY, 1)
    ready_s = told(session, "ThreadTime")
    page.locator(".mast-panel button").first.click()
    [first] = waited(page, AT_REST, 1)
    mast = page.locator(".leaflet-marker-icon.mast").bounding_box()
    at = np.array([mast["x"] + mast["width"] / 2, mast["y"] + mast["height"] - 4])
    page.mouse.move(*at)
    page.mouse.down()
    used_s = [told(session, "ThreadTime")]
    for move in range(moves):
        angle = move / 9
        at += STEP_PX * np.array([np.cos(angle), np.sin(angle)])
        page.mouse.move(*at)
        waited(page, MOVED, move + 1)
        used_s.append(told(session, "ThreadTime"))
    page.mouse.up()
    rested = waited(page, AT_REST, 1)[1:]
    clock = f"{ready / 1000:.2f} s by the clock, {ready_s:.2f} of the page's thread"
    print(f"ready after {clock}; first prediction {first:.0f} ms")
    by_clock, used = np.array(page.evaluate(MOVED)), 1000 * np.diff(used_s)
    for name, taken in (("by the clock", by_clock), ("of the page's thread", used)):
        quarter, median, most = np.quantile(taken, [0.25, 0.5, 0.95])
        print(f"{moves} moves: {median:.1f} ms, best quarter {quarter:.1f}, 95 % {most:.1f} {name}")
    if rested:
        print(f"at rest, along all rays: {np.median(rested):.1f} ms by the clock")


def told(session: Any, name: str) -> float:
    """Return one of the figures that the browser counts of the page."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == name))


def memory_mb(running: Any) -> float:
    """Return what the page's process has in memory of its own, files not counted (Linux)."""
    found = running.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    lines = [
        line
        for one in found
        if one["type"] == "renderer"
        for line in Path(f"/proc/{one['id']}/status").read_text(encoding="utf-8").splitlines()
        if line.startswith("RssAnon")
    ]
    return max(int(line.split()[1]) for line in lines) / 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tiny", action="store_true", help="a coarse grid, three moves")
    parser.add_argument("--slower", type=float, default=1.0, help="throttle the processor so much")
    parser.add_argument("--page", type=Path, help="a page that is there already")
    given = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("no chromium on this machine: nothing is measured")
        return
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = given.page or written(Path(folder), tiny=given.tiny)
        print(f"{file.stat().st_size / 1e6:.1f} MB")
        running = playwright.chromium.launch(
            executable_path=chromium,
            args=["--headless", "--no-sandbox", "--disable-gpu"],
        )
        page = running.new_page(viewport={"width": 1280, "height": 800})
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")
        if given.slower != 1:
            session.send("Emulation.setCPUThrottlingRate", {"rate": given.slower})
        page.goto(file.resolve().as_uri())
        measure(page, session, TINY_MOVES if given.tiny else MOVES)
        print(f"memory of the page's process: {memory_mb(running):.0f} MB")
        running.close()


if __name__ == "__main__":
    main()
