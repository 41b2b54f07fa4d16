import json

import pytest

from phusong.maps.told import pieces, told

NAMES = ["Xín Mần", "</script>", "{{ x }}", "\u2028", "😀", None, 0.5]


@pytest.mark.parametrize("plain", [True, False])
def test_what_was_told_before_reads_as_what_is_told_now(plain):
    shared = "".join(pieces({"a": {"names": told(NAMES)}, "b": {}, "c": told([1])}, plain=plain))
    assert shared == "".join(pieces({"a": {"names": NAMES}, "b": {}, "c": [1]}, plain=plain))
    assert json.loads(shared) == {"a": {"names": NAMES}, "b": {}, "c": [1]}
    assert shared.isascii() == plain
    assert all(sign not in shared for sign in ("<", ">", "{{", "\u2028"))


def test_numbers_that_are_none_are_refused():
    with pytest.raises(ValueError, match="JSON"):
        told([float("nan")])
