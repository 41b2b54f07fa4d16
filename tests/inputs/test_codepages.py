"""Spellings of encodings in a .cpg."""

import pytest

from phusong.inputs.codepages import codec_of


@pytest.mark.parametrize(
    ("codec", "spellings"),
    [
        ("cp1258", ["1258", "CP1258", "cp 1258", "ANSI 1258", "windows-1258", "WINDOWS_1258"]),
        ("utf-8", ["65001", "UTF-8", "utf8", "UTF 8", "CP65001"]),
        ("cp1252", ["1252", "ANSI 1252", "ansi"]),
        ("iso8859-1", ["ISO-8859-1", "ISO 88591", "88591", "8859", "latin1"]),
        ("iso8859-15", ["885915", "ISO-8859-15"]),
        ("cp437", ["OEM 437", "437", "OEM"]),
    ],
)
def test_an_encoding_goes_by_many_names(codec, spellings):
    assert {codec_of(spelling) for spelling in spellings} == {codec}


@pytest.mark.parametrize("spelling", ["", "TCVN3", "99999", "???"])
def test_what_is_no_encoding_is_none(spelling):
    assert codec_of(spelling) is None
