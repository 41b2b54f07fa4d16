"""The whole way in a real browser: a folder, three files, a map; only clicks and drops."""

import base64
import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from ..maps.conftest import DESKTOP, PHONE
from ..test_language import ENGLISH, NAMES, VIETNAMESE

axe = pytest.importorskip(
    "axe_playwright_python.sync_playwright",
    reason="axe-playwright-python is not installed (dependency group dev)",
)

OF_THE_DATA = re.compile(r"\*[^*]+\*|danh sách trạm|Cao Bằng|Hà Giang|Tiếng Việt|QĐ|NĐ|/[\w./-]+/")


@contextmanager
def opened(command, settings):
    """Start a desk and give its address."""
    with subprocess.Popen(
        [*command, "--no-browser"], stderr=subprocess.PIPE, text=True, env=settings
    ) as desk:
        yield re.search(r"http://\S+", desk.stderr.readline())[0]
        desk.send_signal(signal.SIGINT)
        assert desk.wait(30) == 130


@pytest.fixture
def address(tmp_path):
    """Return where a desk of this test's own answers."""
    settings = {"XDG_CONFIG_HOME": str(tmp_path / "config"), "HOME": str(tmp_path)}
    with opened([sys.executable, "-m", "phusong", "open"], os.environ | settings) as found:
        yield found


@pytest.fixture
def screen():
    return DESKTOP


def test_three_files_become_a_map_without_a_terminal(
    browser, address, screen, office_files, tmp_path
):
    page = browser.new_page(viewport=screen)
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda told: errors.append(told.text) if told.type == "error" else None)
    page.context.set_default_timeout(300_000)
    page.goto(address)
    _is_for_all(page)
    folder = tmp_path / "Cao Bằng"
    page.get_by_label("Thư mục").fill(str(folder))
    page.get_by_role("button", name="Mở", exact=True).click()
    page.wait_for_url("**/study/**")  # loaded, so that the script hears of the files
    _drop(page, office_files)
    page.get_by_role("button", name="Nhận dạng các tệp").click()
    page.get_by_role("button", name="Kiểm tra", exact=True).click()
    page.get_by_role("link", name="Xem kết quả kiểm tra").wait_for()
    page.get_by_role("link", name="Sửa cài đặt").click()
    page.get_by_label("Bán kính tối đa").fill("2,5")  # which is quick, too
    _is_for_all(page)
    page.get_by_role("button", name="Lưu", exact=True).click()
    page.wait_for_url(re.compile("/study/[0-9a-f]+/$"))
    assert "radius_km = 2.5 " in (folder / "study.toml").read_text(encoding="utf-8")
    page.get_by_role("button", name="Tính", exact=True).click()
    page.get_by_role("link", name="Mở kết quả").wait_for()
    page.get_by_label("Loại").select_option("xlsx")
    page.get_by_role("button", name="Tạo", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Sổ tính Excel").click()
    assert download.value.suggested_filename == "ket-qua.xlsx"
    page.get_by_label("Loại").select_option("explore")
    page.get_by_role("button", name="Tạo", exact=True).click()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Trang thử đặt cột ăng-ten").click()
    _hand_over_a_new_mast(opened.value, errors)
    assert 'cells = "kich-ban-1.geojson"' in (folder / "study.toml").read_text(encoding="utf-8")
    assert '"site_id":"NEW-1"' in (folder / "kich-ban-1.geojson").read_text(encoding="utf-8")
    page.reload()
    _is_for_all(page)
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Mở kết quả").click()
    results = opened.value
    results.on("pageerror", lambda error: errors.append(str(error)))
    results.locator('a[href^="maps/"]').first.click()
    results.wait_for_selector(".leaflet-container")
    assert results.evaluate("origin") == "null"  # a stranger to the desk

    page.set_viewport_size(PHONE)
    page.get_by_role("button", name="English").click()
    assert page.get_by_role("button", name="Check", exact=True).is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert errors == []
    page.context.close()


def _hand_over_a_new_mast(tab, errors):
    tab.on("pageerror", lambda error: errors.append(str(error)))
    inside = tab.frame_locator("iframe")
    place = inside.locator("button", has_text="Đặt cột ăng-ten mới ở giữa bản đồ")
    place.wait_for(state="attached")  # the panel is built, and folded where it is to be
    if not place.is_visible():  # on a phone
        inside.locator(".panel .handle").click()
    place.click()
    inside.get_by_role("button", name="Đưa vào nghiên cứu").click()
    tab.get_by_text("kich-ban-1.geojson").first.wait_for()
    assert errors == []


def _drop(page, files):
    """Let files fall into the page as if dragged there."""
    named = [[one.name, base64.b64encode(one.read_bytes()).decode()] for one in files]
    dragged = page.evaluate_handle(
        """async (named) => {
          const dragged = new DataTransfer();
          for (const [name, content] of named) {
            const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
            dragged.items.add(new File([bytes], name));
          }
          return dragged;
        }""",
        named,
    )
    page.dispatch_event("#drop", "drop", {"dataTransfer": dragged})
    page.locator(f'[data-remove="{files[-1].name}"]').wait_for()


def _is_for_all(page):
    """Assert that axe finds nothing, Tab reaches every control, and each language is whole."""
    assert axe.Axe().run(page).response["violations"] == []
    controls = page.evaluate(
        """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
          .filter((one) => one.checkVisibility() && !one.disabled)
          .map((one, place) => { one.dataset.place = place; return one.outerHTML; })"""
    )
    page.evaluate("document.activeElement.blur()")
    reached = set()
    for _ in range(len(controls) + 10):  # regions that scroll are reached, too
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.dataset.place"))
    assert [one for place, one in enumerate(controls) if str(place) not in reached] == []
    for button, other in (("English", VIETNAMESE), ("Tiếng Việt", ENGLISH)):
        page.get_by_role("button", name=button).click()
        shown = OF_THE_DATA.sub(" ", page.inner_text("body"))
        lines = NAMES.sub(" ", shown).splitlines()
        assert page.locator("[aria-label]").count() == 0  # it would speak one language alone
        assert [line for line in lines if other.search(line)] == []
