"""Every notebook runs from top to bottom, and is committed without output."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
# jupyter_client's own housekeeping, not ours.
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_notebook_runs(path, tmp_path, sample_losses):
    notebook = nbformat.read(path, as_version=4)
    assert all(not cell.get("outputs") for cell in notebook.cells)
    # The path losses of the sample need not be computed for every notebook.
    keep = f"phusong.run = functools.partial(phusong.run, cache_folder={str(sample_losses)!r})"
    notebook.cells.insert(0, nbformat.v4.new_code_cell(f"import functools, phusong\n{keep}"))
    client = NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    )
    client.execute()
    shown = [
        output for cell in notebook.cells for output in cell.get("outputs", [])
        if "text/html" in output.get("data", {})
    ]  # fmt: skip
    # Tables and a map at the least.
    assert len(shown) >= 3
