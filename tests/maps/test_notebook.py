"""The page that computes in a notebook: what it tells comes back as cells, nothing else."""

import base64
import sys
import zlib

import pytest

import phusong
from phusong.errors import ExploreError
from phusong.i18n import number
from phusong.maps import notebook

from ..browsing import until

HOST = """<!DOCTYPE html><meta charset="utf-8"><div id="cell"></div><script type="module">
import widget from "data:text/javascript;base64,{code}";
const state = {{ page: Uint8Array.fromBase64("{page}"), title: "Trang", scenario: "" }};
const model = {{
  get: (name) => state[name],
  set: (name, value) => {{ window.pending = [name, value]; }},
  save_changes: () => {{ state[window.pending[0]] = window.pending[1]; }},
}};
window.state = state;
widget.render({{ model, el: document.getElementById("cell") }});
</script>"""


@pytest.fixture
def cell(browser, tmp_path, result):
    """Return the map of the small study, and a page that shows its widget as a notebook does."""
    shown = result.explore()
    widget = shown._widget
    host = tmp_path / "host.html"
    code = base64.b64encode(widget._esm.encode()).decode()
    host.write_text(
        HOST.format(code=code, page=base64.b64encode(widget.page).decode()), encoding="utf-8"
    )
    context = browser.new_context(viewport={"width": 1280, "height": 800}, offline=True)
    page = context.new_page()
    page.goto(host.as_uri())
    until(page, "document.querySelector('iframe') !== null")
    frame = page.frames[-1]
    until(frame, "typeof phusong === 'object' && phusong.ready")
    yield shown, page, frame
    context.close()


def test_what_is_done_in_the_cell_comes_back_as_cells(cell, result):
    shown, page, frame = cell
    assert shown.scenario is None
    assert frame.get_by_role("button", name="Đưa vào nghiên cứu").count() == 0
    frame.get_by_role("button", name="Đặt cột ăng-ten mới ở giữa bản đồ").click()
    until(page, "state.scenario.includes('NEW-1')")
    shown._widget.set_state({"scenario": page.evaluate("state.scenario")})  # as its message does
    cells = shown.scenario
    assert cells.crs == result.inputs["cells"].crs
    assert len(cells) == len(result.inputs["cells"]) + 3
    then = phusong.what_if(result, cells)
    told = frame.locator('[data-mast="people"]').inner_text()
    before, after = (one.province["covered_population_mobile"].iloc[0] for one in (result, then))
    assert told == number(after - before, "vi", decimals=0)
    frame.get_by_role("button", name="Bỏ cột ăng-ten NEW-1").click()
    until(page, "state.scenario === ''")


def test_another_window_tells_the_cell_nothing(cell):
    _, page, _ = cell
    page.evaluate("window.postMessage({ followed: 'forged' }, '*')")
    page.evaluate("new Promise((done) => setTimeout(done, 50))")
    assert page.evaluate("state.scenario") == ""


def test_widget_opens_with_the_page_and_nothing_more(result, monkeypatch):
    widget = notebook.PageWidget("<p>xã</p>", "Trang")
    assert zlib.decompress(widget.page).decode("utf-8") == "<p>xã</p>"
    monkeypatch.setitem(sys.modules, "phusong.maps.notebook", None)
    shown = result.explore()
    with pytest.raises(ExploreError, match="anywidget"):
        _ = shown.scenario
