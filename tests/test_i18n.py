"""Texts in two languages."""

import pytest

from phusong.i18n import Bilingual, words


def test_a_bilingual_text_is_read_by_language():
    both = Bilingual("Xã", "Commune")
    assert (both["vi"], both["en"]) == (both.vi, both.en) == ("Xã", "Commune")
    with pytest.raises(KeyError):
        both["fr"]
    with pytest.raises(KeyError):  # iterating would otherwise never end
        list(both)


def test_words_are_the_text_of_both_languages():
    assert words("common.row", row=7) == Bilingual("dòng 7", "row 7")
