from io import BytesIO

import numpy as np
import pytest
from matplotlib.backends.backend_pdf import PdfFile, PdfPages
from matplotlib.figure import Figure

from phusong.maps import paper_pdf
from phusong.maps.paper import own_settings, write_paper
from phusong.maps.paper_text import font


@pytest.fixture
def pictures_compressed(monkeypatch) -> list:
    """Return the pictures that are compressed from now on; none is kept from before."""
    compressed, compress = [], PdfFile._writePng
    monkeypatch.setattr(paper_pdf, "_kept", {})
    monkeypatch.setattr(
        PdfFile, "_writePng", lambda self, img: compressed.append(img) or compress(self, img)
    )
    return compressed


def _figure(*levels: int) -> Figure:
    """Return a figure with a picture of three colours and a veil of some opacity for each level."""
    figure = Figure(figsize=(2, 2))
    page = figure.add_axes((0, 0, 1, 1))
    for level in levels:
        picture = np.zeros((40, 50, 4), np.uint8)
        picture[:, :20, :3], picture[:, 20:, 3] = (255, level, 0), level
        page.imshow(picture, interpolation="none")
    return figure


def _bytes(pages, figure) -> bytes:
    pages.savefig(figure)
    written = pages._filename
    pages.close()
    return written.getvalue()


def test_a_picture_kept_compressed_is_the_one_that_matplotlib_writes(
    pictures_compressed, monkeypatch
):
    monkeypatch.setattr(paper_pdf, "LEVEL", 6)  # its own
    told = {"Title": "Mẫu", "Creator": "phusong", "CreationDate": None}
    with own_settings():
        plain = _bytes(PdfPages(BytesIO(), metadata=told), _figure(7, 9))
        before = len(pictures_compressed)
        first, second = (
            _bytes(paper_pdf.new_pdf(BytesIO(), "Mẫu"), _figure(7, 9)) for _ in range(2)
        )
    assert before == 4  # colours and veil of each
    assert len(pictures_compressed) - before == 4
    assert first == second == plain


def test_only_the_latest_pictures_are_kept(pictures_compressed, monkeypatch):
    monkeypatch.setattr(paper_pdf, "_MOST", 4)
    with own_settings():
        for level in (1, 2, 3):
            _bytes(paper_pdf.new_pdf(BytesIO(), "Mẫu"), _figure(level))
    assert len(paper_pdf._kept) == 4


def test_a_file_keeps_no_picture_once_it_is_written():
    with own_settings():
        pages = paper_pdf.new_pdf(BytesIO(), "Mẫu")
        file = pages._ensure_file()
        pages.savefig(_figure(5))
        held = len(file._images)
        pages.close()
    assert (held, len(file._images)) == (1, 0)


def test_letters_beyond_latin_1_lie_in_the_same_face(tmp_path):
    figure = Figure(figsize=(2, 2))
    figure.text(0, 0.5, "Xã Xín Mần, Đồng Văn", fontproperties=font(9.0))
    assert write_paper(figure, tmp_path / "names.pdf").read_bytes().count(b"/FontFile2") == 1
