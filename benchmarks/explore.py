"""The page that computes, measured by the browser itself: python benchmarks/explore.py [--tiny].

A mast of three sectors is dragged over the sample province by the mouse; each move counts from the
mast's place to the figures in the panel, the picture on the map included. Told beside it: when the
page was ready, and the memory and processor time of its process. `--slower 4` lets the browser
throttle its processor; `--page FILE` measures a page that is there.
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
MOVED = "performance.getEntriesByName('mast', 'measure').map((one) => one.duration)"
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
    page.locator(".mast-panel button").first.click()
    waited(page, MOVED, 1)
    mast = page.locator(".leaflet-marker-icon.mast").bounding_box()
    at = np.array([mast["x"] + mast["width"] / 2, mast["y"] + mast["height"] - 4])
    metrics = {one["name"]: one["value"] for one in told(session)}
    page.mouse.move(*at)
    page.mouse.down()
    for move in range(moves):
        angle = move / 9
        at += STEP_PX * np.array([np.cos(angle), np.sin(angle)])
        page.mouse.move(*at)
        waited(page, MOVED, move + 2)
    page.mouse.up()
    after = {one["name"]: one["value"] for one in told(session)}
    taken = np.array(page.evaluate(MOVED))
    dragged = taken[1 : moves + 1]
    busy_ms = 1000 * (after["ProcessTime"] - metrics["ProcessTime"]) / moves
    print(f"ready after {ready / 1000:.2f} s by the clock, first move {taken[0]:.0f} ms")
    print(
        f"{moves} moves: median {np.median(dragged):.1f} ms, 95 % {np.quantile(dragged, 0.95):.1f} "
        f"ms by the clock; {busy_ms:.1f} ms of processor time each, drawing and events included"
    )


def told(session: Any) -> list[dict[str, Any]]:
    """Return what the browser counts of the page's process."""
    return session.send("Performance.getMetrics")["metrics"]


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
