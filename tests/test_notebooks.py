"""Every notebook runs from top to bottom, and is committed without output."""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from .test_sample import SAMPLE_PIXEL_M

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))
# Every notebook begins with no name; what the last one computed of the sample need not be again.
EMPTIED = """%reset -f
import os, phusong
os.chdir({folder!r})
if not hasattr(phusong, "computed"):
    phusong.computed, phusong.run_anew = {{}}, phusong.run
_shared = {{("fibre",): ("fibre", "egov"), ("coverage",): ("coverage", "uncertainty")}}
def _run(study, parts):
    if study.folder == phusong.sample_folder():
        study = study.replace(resolution_m={pixel_m})
        parts = _shared.get(parts, parts)  # which another notebook asks for
    key = study.model_dump_json(), parts
    if key not in phusong.computed:
        phusong.computed[key] = phusong.run_anew(study, parts=parts, cache_folder={losses!r})
    return phusong.computed[key]
phusong.run = _run"""


@pytest.fixture(scope="module")
def client():
    """Return what runs notebooks in one kernel, which is started and imports libraries once."""
    running = NotebookClient(nbformat.v4.new_notebook(), timeout=600, kernel_name="python3")
    yield running
    running.nb = nbformat.v4.new_notebook()
    running.execute(cleanup_kc=True)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
# jupyter_client's own housekeeping, not ours.
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_notebook_runs(path, client, tmp_path, sample_losses):
    notebook = nbformat.read(path, as_version=4)
    assert all(not cell.get("outputs") for cell in notebook.cells)
    start = EMPTIED.format(folder=str(tmp_path), losses=str(sample_losses), pixel_m=SAMPLE_PIXEL_M)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(start))
    client.nb = notebook
    client.execute(cleanup_kc=False)
    shown = [
        output for cell in notebook.cells for output in cell.get("outputs", [])
        if "text/html" in output.get("data", {})
    ]  # fmt: skip
    # Tables and a map at the least, in words.
    assert len(shown) >= 3
    tables = " ".join(output["data"]["text/html"] for output in shown)
    assert re.findall(r"<th>[a-z0-9]+(?:_[a-z0-9]+)+</th>", tables) == []
    assert re.findall(r"<td>(?:&lt;NA&gt;|NaN|nan|None|[0-9.]+e[+][0-9]+)</td>", tables) == []
    # The last word is the answer in both languages, computed.
    last = notebook.cells[-1]
    assert "assert" not in last.source
    answer = "".join(output.get("text", "") for output in last.outputs)
    assert re.search(r"mẫu|phương án", answer)
    assert re.search("In the sample|Of three options", answer)
    assert re.search("[0-9]", answer)
