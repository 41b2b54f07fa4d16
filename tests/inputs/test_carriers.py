"""Technologies, bands, azimuths and tilts in the ways people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phusong.inputs import read_assumed_values
from phusong.inputs.carriers import BANDS_MHZ, azimuths_of, band_of, carriers_of, tilts_of

preference = read_assumed_values().preference
WRITTEN = {
    "2G": ("2G", "2g", "GSM", "GPRS/EDGE"),
    "3G": ("3G", "UMTS", "WCDMA", "W-CDMA", "HSPA+"),
    "4G": ("4G", "LTE", "LTE-A", "4G LTE", "LTE Advanced", "E-UTRAN"),
    "5G": ("5G", "NR", "5G NR", "NR SA", "5G NSA", "NG-RAN"),
}
USUAL = {"2G": 900.0, "3G": 2100.0, "4G": 1800.0, "5G": 3700.0}


def pairs(technology, frequency=None):
    found = carriers_of(technology, frequency, preference)
    return None if found is None else [(one.technology, one.frequency_mhz) for one in found.found]


@pytest.mark.parametrize(
    ("technology", "frequency", "expected"),
    [
        ("4G", "1800", [("4G", 1800)]),
        ("LTE", "1842.5", [("4G", 1842.5)]),
        ("LTE", "1842,5 MHz", [("4G", 1842.5)]),
        ("4G", "1,8 GHz", [("4G", 1800)]),
        ("2G/4G", "900/1800", [("2G", 900), ("4G", 1800)]),
        ("2G/4G", "1800/900", [("2G", 900), ("4G", 1800)]),
        ("4G+2G", "900, 1800 MHz", [("2G", 900), ("4G", 1800)]),
        ("2G+3G+4G", "900;1800;2100", [("2G", 900), ("3G", 2100), ("4G", 1800)]),
        ("2G, 3G và 4G", "900-2100", [("2G", 900), ("3G", 2100), ("4G", 2100)]),
        ("2G/4G", "1800", [("2G", 1800), ("4G", 1800)]),
        ("4G", "900/1800/2100", [("4G", 900), ("4G", 1800), ("4G", 2100)]),
        ("L1800", None, [("4G", 1800)]),
        ("4G", "L1800", [("4G", 1800)]),
        ("G900/U2100/L1800", None, [("2G", 900), ("3G", 2100), ("4G", 1800)]),
        (None, "GSM900, LTE1800", [("2G", 900), ("4G", 1800)]),
        ("GSM900/1800", None, [("2G", 900), ("2G", 1800)]),
        ("2G 900, 4G 1800", None, [("2G", 900), ("4G", 1800)]),
        ("4G: 1800/2100; 2G: 900", None, [("2G", 900), ("4G", 1800), ("4G", 2100)]),
        ("4G (1800+2100), 3G (900)", None, [("3G", 900), ("4G", 1800), ("4G", 2100)]),
        ("2G/4G", "900/L1800", [("2G", 900), ("4G", 1800)]),
        ("LTE", "B3", [("4G", 1800)]),
        ("LTE", "Band 3, Band 1", [("4G", 1800), ("4G", 2100)]),
        ("LTE", "Băng 28", [("4G", 700)]),
        ("5G", "n78", [("5G", 3700)]),
        ("n41", None, [("5G", 2600)]),
        ("5G", "3500", [("5G", 3500)]),
        ("DCS1800", None, [("2G", 1800)]),
        ("2G3G4G", None, [("2G", 900), ("3G", 2100), ("4G", 1800)]),
        ("4G", "450", [("4G", 450)]),
    ],
)
def test_carriers_are_read_and_paired(technology, frequency, expected):
    assert pairs(technology, frequency) == expected


@pytest.mark.parametrize(
    ("technology", "frequency"),
    [
        ("BTS", None),
        ("6G", None),
        ("4G", "B99"),
        ("4G", "thấp"),
        ("", ""),
        ("2G/4G", "3700"),  # neither is on that band
        ("2G", "L1800"),  # one column contradicts the other
        ("4G", "12"),
    ],
)
def test_what_is_no_carrier_is_refused(technology, frequency):
    assert carriers_of(technology or None, frequency or None, preference) is None


def test_what_the_list_does_not_tell_is_named():
    technology = carriers_of("4G", None, preference).found
    band = carriers_of(None, "900/1800", preference).found

    assert [one.assumed for one in technology] == [("frequency_mhz",)]
    assert [(one.technology, one.frequency_mhz, one.assumed) for one in band] == [
        ("2G", 900.0, ("technology",)),
        ("4G", 1800.0, ("technology",)),
    ]


@pytest.mark.parametrize(
    ("technology", "frequency", "ambiguous"),
    [
        ("2G/4G", "900/1800", True),
        ("2G/4G", "1800", True),
        ("2G/3G", "900/2100", True),  # 900 is of both
        ("4G", "900/1800", False),
        ("2G/4G", "G900/L1800", False),
        ("2G/4G", "900/2600", True),
        ("2G/5G", "900/3700", False),
    ],
)
def test_a_pairing_that_could_be_another_is_ambiguous(technology, frequency, ambiguous):
    assert carriers_of(technology, frequency, preference).ambiguous is ambiguous


@given(
    st.lists(st.sampled_from(sorted(USUAL)), min_size=1, unique=True),
    st.sampled_from(["/", "+", " + ", ", ", ";", " và ", "-", " & ", "\n"]),
    st.data(),
)
def test_any_spelling_of_technologies_gives_them_on_their_usual_bands(names, mark, data):
    text = mark.join(data.draw(st.sampled_from(WRITTEN[name])) for name in names)

    assert pairs(text) == sorted((name, USUAL[name]) for name in names)


@given(
    st.lists(st.sampled_from(sorted(USUAL)), min_size=1, unique=True),
    st.lists(st.sampled_from(sorted(BANDS_MHZ)), min_size=1, unique=True),
)
def test_every_technology_and_every_band_ends_in_a_carrier_or_the_row_is_refused(names, bands):
    found = pairs("/".join(names), "/".join(map(str, bands)))

    if found is None:
        assert any(all(preference(name, band) is None for name in names) for band in bands)
        assert len(names) > 1
    else:
        assert {name for name, _ in found} == set(names)
        assert set(bands) <= {band for _, band in found}
        if len(names) > 1:
            assert all(preference(name, band) is not None for name, band in found)


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_is_read_or_refused(technology, frequency):
    found = carriers_of(technology, frequency, preference)

    assert found is None or found.found


def test_a_frequency_is_of_its_band():
    assert [band_of(mhz) for mhz in (947.5, 1815, 2140, 763, 3750)] == [900, 1800, 2100, 700, 3700]


@given(
    st.lists(st.integers(0, 359), min_size=2, max_size=6, unique=True),
    st.sampled_from(["/", ";", "-", " – ", ", ", " ", "|", "°/", "_"]),
)
def test_azimuths_are_read_with_any_mark_between(azimuths, mark):
    assert azimuths_of(mark.join(map(str, azimuths))) == tuple(map(float, azimuths))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("120", (120.0,)),
        ("0,120,240", (0.0, 120.0, 240.0)),
        ("90,270", (90.0, 270.0)),
        ("45.5/120.5", (45.5, 120.5)),
        ("omni", ()),
        ("Vô hướng", ()),
        ("120,5", None),  # 120.5, or 120 and 5
        ("0,90", None),
        ("0/0/120", None),
        ("0/360", None),
        ("0/400", None),
        ("-30", None),
        ("bắc", None),
    ],
)
def test_azimuths_of_a_cell(text, expected):
    assert azimuths_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("4", (4.0,)), ("4/4/6", (4.0, 4.0, 6.0)), ("-2", (-2.0,)), ("3,5", (3.5,)), ("100", None),
     ("dốc", None), ("4, 4, 6", (4.0, 4.0, 6.0))],
)  # fmt: skip
def test_tilts_of_a_cell(text, expected):
    assert tilts_of(text) == expected
