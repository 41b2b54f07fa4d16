"""Examples of docstrings that begin with the same run of the sample compute it once.

This stands here because a conftest beside the package would make a module of the folder `coverage`.
"""

import gc
from types import SimpleNamespace

import pytest

gc.disable()  # until all is imported, nothing of which is garbage

import phusong  # noqa: E402


def pytest_collection_finish():
    """Leave what was imported out of every search for garbage, which takes a tenth of the time."""
    gc.freeze()
    gc.set_threshold(10_000)  # nor search after every 700 objects, for a thirtieth
    gc.enable()


@pytest.fixture(scope="session")
def shared_run(tmp_path_factory):
    """Return `phusong.run` as it is, but each run is kept; a result is never changed."""
    anew, computed, losses = phusong.run, {}, tmp_path_factory.mktemp("losses")

    def run(study, parts):
        key = study.model_dump_json(), *parts
        if key not in computed:
            computed[key] = anew(study, parts=parts, cache_folder=losses)
        return computed[key]

    return run


@pytest.fixture(autouse=True)
def runs_shared_by_examples(request):
    """Let the examples, and nothing but them, share their runs and leave sheets to print blank.

    Sheets take half of the time of writing a result; examples that print one draw it.
    """
    if isinstance(request.node, pytest.DoctestItem):
        from phusong.pipeline.outputs import folder

        patch = request.getfixturevalue("monkeypatch")
        patch.setattr(phusong, "run", request.getfixturevalue("shared_run"))
        blank = SimpleNamespace(clear=lambda: None)
        patch.setattr(folder, "render_paper", lambda *_, **__: blank)
        patch.setattr(folder, "write_paper", lambda _, path: path.write_bytes(b"%PDF-1.7"))
