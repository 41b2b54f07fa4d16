"""JSON documents are read whole or refused with the reason."""

import pytest

from phusong.errors import InputError
from phusong.inputs.documents import read_document
from phusong.inputs.source import LARGEST_BYTES, Source


@pytest.fixture
def read(tmp_path):
    def write_and_read(content):
        path = tmp_path / "network.json"
        if content is not None:
            path.write_bytes(content)
        return read_document(Source(path=path, shown="network.json"))

    return write_and_read


def test_a_document_is_what_it_says_with_a_byte_order_mark_or_without(read):
    for mark in (b"", b"\xef\xbb\xbf"):
        assert read(mark + '{"tên": ["Bản Tùy", 1.5, null]}'.encode()) == {
            "tên": ["Bản Tùy", 1.5, None]
        }


@pytest.mark.parametrize(
    ("content", "message", "values"),
    [
        (None, "no_file", {}),
        (b"[1, 2]", "unreadable", {"kind": "JSON", "detail": "list"}),
        (b'{"a": 1\n, "b": \xff}', "not_utf8", {"line": 2}),
    ],
)
def test_what_is_no_document_is_refused(read, content, message, values):
    with pytest.raises(InputError) as refusal:
        read(content)
    (problem,) = refusal.value.problems
    assert (problem.message, problem.file) == (f"inputs.{message}", "network.json")
    assert problem.values == values


@pytest.mark.parametrize("content", [b"", b"{", b'{"a": 1,}', b"[" * 100_000])
def test_damage_is_told_in_short(read, content):
    with pytest.raises(InputError) as refusal:
        read(content)
    (problem,) = refusal.value.problems
    assert problem.message == "inputs.unreadable"
    assert problem.values["detail"].startswith(("JSONDecodeError: ", "RecursionError: "))


def test_a_document_that_is_too_large_is_not_read(read, tmp_path):
    with (tmp_path / "network.json").open("wb") as file:
        file.truncate(LARGEST_BYTES + 1)  # a hole, not bytes on the disk
    with pytest.raises(InputError) as refusal:
        read(None)
    assert [problem.message for problem in refusal.value.problems] == ["inputs.too_large"]
