"""Planet pattern files: however they are written they mean one antenna; damage has a line."""

import contextlib
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phusong.errors import InputError, PatternError
from phusong.radio import Pattern, PatternAntenna, Patterns, read_pattern, read_patterns

DEGREES = range(360)
ROUND = dict.fromkeys(DEGREES, 0.0)


def lobe(angle, width, cap, centre=0.0):
    """Return a parabolic lobe, rounded as files round."""
    off = abs((angle - centre + 180) % 360 - 180)
    return round(min(12 * (off / width) ** 2, cap), 1)


def sector(tilt=0.0):
    """Return the cuts of a made-up sector: 65° and 8° wide, 30 dB from front to back."""
    horizontal = {angle: lobe(angle, 65, 30) for angle in DEGREES}
    vertical = {angle: lobe(angle, 8, 30, tilt) for angle in DEGREES}
    return horizontal, vertical


def text(horizontal, vertical, *headings, row="{} {}", order=lambda rows: rows):
    """Write a file; `row` formats an angle and an attenuation."""
    lines = list(headings)
    for name, cut in (("HORIZONTAL", horizontal), ("VERTICAL", vertical)):
        if cut is not None:
            lines.append(f"{name} {len(cut)}")
            lines += [row.format(angle, value) for angle, value in order(list(cut.items()))]
    return "\n".join(lines) + "\n"


def read(folder, content, name="made-up.msi"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_pattern(path, shown=name)


def problems(folder, content, name="made-up.msi"):
    with pytest.raises(InputError, match=re.escape(name)) as caught:
        read(folder, content, name)
    for problem in caught.value.problems:
        assert problem.render("vi") != problem.render("en")
    return [(p.message.removeprefix("radio."), p.line, p.value) for p in caught.value.problems]


def down_db(pattern, azimuth, depression, **pointing):
    antenna = PatternAntenna(pattern=pattern, **{"azimuth_deg": 0.0, **pointing})
    directions = np.float32([[azimuth]]), np.float32([[depression]])
    return float(antenna.attenuation_db(*directions)[0, 0])


@pytest.fixture
def plain(tmp_path):
    return read(tmp_path, text(*sector(), "NAME Made-up 65", "FREQUENCY 947", "GAIN 17 dBi"))


@pytest.mark.kernels
def test_cuts_are_given_back_before_and_behind_and_between_rows(plain):
    assert down_db(plain, 0, 0) == 0
    assert down_db(plain, 65, 0) == pytest.approx(12, abs=1e-4)
    assert down_db(plain, 180, 0) == pytest.approx(30, abs=1e-4)
    assert down_db(plain, 0, 4) == pytest.approx(3, abs=1e-4)
    first, second = lobe(20, 65, 30), lobe(21, 65, 30)
    assert down_db(plain, 20.5, 0) == pytest.approx((first + second) / 2, abs=1e-3)


def test_interpolation_goes_on_across_north(plain):
    last = lobe(359, 65, 30)
    assert down_db(plain, 359.5, 0) == pytest.approx(last / 2, abs=1e-3)
    assert down_db(plain, 0.5, 0) == pytest.approx(last / 2, abs=1e-3)


def test_headings_are_understood(plain):
    assert (plain.name, plain.gain_dbi, plain.frequency_mhz) == ("Made-up 65", 17.0, (947, 947))
    assert plain.electrical_tilt_deg == 0
    assert plain.directional
    assert not plain.vertical_assumed


@pytest.mark.parametrize(
    ("gain", "dbi"),
    [
        ("17.15 dBi", 17.15), ("15 dBd", 17.15), ("15", 17.15), ("15,00", 17.15),
        ("17,15dBi", 17.15), ("15.0 DBD", 17.15), ("-2 dbi", -2.0),
    ],
)  # fmt: skip
def test_gain_without_unit_is_above_a_dipole(tmp_path, gain, dbi):
    found = read(tmp_path, text(*sector(), f"GAIN {gain}")).gain_dbi
    assert found == pytest.approx(dbi)


@pytest.mark.parametrize(
    ("frequency", "band"),
    [
        ("947.5", (947.5, 947.5)), ("947,5 MHz", (947.5, 947.5)), ("1710-1880", (1710, 1880)),
        ("1710 – 2170 MHz", (1710, 2170)), ("1710 to 1880", (1710, 1880)),
        ("2.1 GHz", (2100, 2100)), ("1710 MHz - 1880 MHz", (1710, 1880)),
    ],
)  # fmt: skip
def test_frequency_may_be_a_range(tmp_path, frequency, band):
    assert read(tmp_path, text(*sector(), f"FREQUENCY {frequency}")).frequency_mhz == band


def test_headings_of_one_maker_only_are_left_alone(tmp_path, plain):
    found = read(tmp_path, text(*sector(), "NAME A", "3DB_WIDTH 65", "PORT: 2 of 4", "GAIN:17 dBi"))
    np.testing.assert_array_equal(found.horizontal_db, plain.horizontal_db)
    assert (found.name, found.gain_dbi) == ("A", 17.0)


def test_file_without_the_word_name_begins_with_it(tmp_path):
    assert read(tmp_path, text(*sector(), "742 215", "GAIN 15 dBd")).name == "742 215"
    assert read(tmp_path, text(*sector())).name == "made-up"


def test_attenuations_written_as_negative_gains_lose_their_sign(tmp_path, plain):
    found = read(tmp_path, text(*sector(), row="{} -{}"))
    np.testing.assert_array_equal(found.horizontal_db, plain.horizontal_db)
    np.testing.assert_array_equal(found.front_db, plain.front_db)


@given(
    st.sampled_from(["{} {}", "{}\t{}", "  {}   {} ", "{};{}", "{}.0\t{}"]),
    st.booleans(),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1258"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
    st.booleans(),
    st.sampled_from([1, 2, 5]),
    st.randoms(use_true_random=False),
)
def test_one_antenna_however_it_is_written(
    tmp_path_factory, row, comma, encoding, newline, lower, closed, step, random
):
    horizontal, vertical = ({a: v for a, v in cut.items() if a % step == 0} for cut in sector(10))
    if closed:
        horizontal, vertical = ({**cut, 360: cut[0]} for cut in (horizontal, vertical))

    def shuffled(rows):
        random.shuffle(rows)
        return rows

    comment = "COMMENT degrees" if encoding == "cp1258" else "COMMENT độ"
    headings = "ELECTRICAL_TILT 10", comment
    content = text(horizontal, vertical, *headings, row=row, order=shuffled)
    content = content.replace(".", ",") if comma else content
    content = content.lower() if lower else content
    content = content.replace("\n", newline)
    found = read(tmp_path_factory.mktemp("p"), content.encode(encoding))
    assert found.electrical_tilt_deg == 10
    for angle, value in horizontal.items():
        assert found.horizontal_db[angle * 10] == pytest.approx(value, abs=1e-5)
    for angle, value in vertical.items():
        if angle <= 90:
            assert found.front_db[(angle + 90) * 10] == pytest.approx(value, abs=1e-5)
        elif angle < 270:
            assert found.back_db[(270 - angle) * 10] == pytest.approx(value, abs=1e-5)


@given(
    st.floats(-180, 360), st.floats(-90, 90), st.floats(0, 360), st.floats(-15, 15),
    st.integers(0, 10),
)  # fmt: skip
def test_nothing_is_stronger_than_the_peak_and_the_peak_is_on_the_axis(
    azimuth, depression, pointing, lean, electrical
):
    pattern = MADE.lowered(electrical)
    turned = {"azimuth_deg": pointing, "tilt_deg": lean}
    assert down_db(pattern, azimuth % 360, depression, **turned) >= 0
    assert down_db(pattern, pointing, electrical + lean, **turned) == pytest.approx(0, abs=1e-3)


def made(horizontal, vertical):
    """Return a pattern without a file: rows of whole degrees."""
    around, upright = np.linspace(0, 360, 3601), np.arange(-90, 90.05, 0.1)
    angles = np.arange(360)
    side = np.interp(around, angles, [horizontal[a] for a in angles], period=360)
    cut = np.array([vertical[a] for a in angles])
    return Pattern(
        name="made", file="made.msi", gain_dbi=None, frequency_mhz=None, electrical_tilt_deg=0.0,
        horizontal_db=side.astype(np.float32),
        front_db=np.interp(upright, angles, cut, period=360).astype(np.float32),
        back_db=np.interp(180 - upright, angles, cut, period=360).astype(np.float32),
    )  # fmt: skip


MADE = made(*sector())


@pytest.mark.kernels
def test_mechanical_tilt_lowers_the_front_leaves_the_sides_and_lifts_the_back(plain):
    lean = {"tilt_deg": 6.0}
    assert down_db(plain, 0, 6, **lean) == pytest.approx(0, abs=1e-3)
    assert down_db(plain, 0, 0, **lean) == pytest.approx(lobe(6, 8, 30), abs=1e-3)
    assert down_db(plain, 90, 0, **lean) == pytest.approx(down_db(plain, 90, 0), abs=1e-2)
    symmetric = made(ROUND, {angle: lobe(angle, 8, 30, 180) for angle in DEGREES})
    assert down_db(symmetric, 180, -6, **lean) == pytest.approx(0, abs=1e-3)


def test_electrical_tilt_lowers_the_beam_all_round():
    both = {angle: min(lobe(angle, 8, 30), lobe(angle, 8, 30, 180)) for angle in DEGREES}
    omni = made(ROUND, both).lowered(6.0)
    assert [down_db(omni, azimuth, 6) for azimuth in (0, 90, 180)] == pytest.approx(
        [0, 0, 0], abs=1e-5
    )
    assert not omni.directional


def test_cut_of_the_tilted_beam_stays_as_it_is(tmp_path):
    found = read(tmp_path, text(*sector(6), "ELECTRICAL_TILT 6"))
    assert found.electrical_tilt_deg == 6
    assert down_db(found, 0, 6) == 0


def test_untilted_cut_is_lowered_by_the_stated_tilt(tmp_path):
    found = read(tmp_path, text(*sector(0), "TILT ELECTRICAL", "ELECTRICAL_TILT 8"))
    assert down_db(found, 0, 8) == pytest.approx(0, abs=1e-5)
    assert down_db(found, 0, 4) == pytest.approx(3, abs=1e-4)


def test_stated_tilt_tells_which_way_vertical_angles_count(tmp_path):
    upwards = read(tmp_path, text(*sector(-6), "TILT 6"))
    assert down_db(upwards, 0, 6) == 0


def test_tilt_that_nobody_states_is_that_of_the_beam(tmp_path):
    found = read(tmp_path, text(*sector(5), "TILT MECHANICAL 3"))
    assert found.electrical_tilt_deg == pytest.approx(5, abs=0.3)


def test_beam_far_from_the_stated_tilt_is_a_contradiction(tmp_path):
    content = text(*sector(12), "ELECTRICAL_TILT 4")
    assert problems(tmp_path, content) == [("pattern_tilt", 363, "12.0°")]


def test_missing_vertical_cut_is_made_from_its_width_and_marked(tmp_path):
    horizontal, _ = sector()
    found = read(tmp_path, text(horizontal, None, "V_WIDTH 8", "ELECTRICAL_TILT 2"))
    assert found.vertical_assumed
    assert down_db(found, 0, 2) == 0
    assert down_db(found, 0, 6) == pytest.approx(3, abs=1e-4)
    assert down_db(found, 0, 60) == pytest.approx(20, abs=1e-4)


def test_missing_cuts_are_told(tmp_path):
    horizontal, vertical = sector()
    assert problems(tmp_path, text(horizontal, None)) == [("pattern_no_vertical", None, None)]
    assert problems(tmp_path, text(None, vertical)) == [("pattern_no_horizontal", None, None)]
    assert problems(tmp_path, "") == [("pattern_no_horizontal", None, None)]


def cut_off(content):
    return content[: content.rindex("\n", 0, len(content) - 400) + 1]


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (cut_off, ("pattern_gap", 362, None)),
        (lambda c: c.replace("\n90 ", "\n90 x", 1), ("pattern_row", 92, "90 x23.0")),
        (lambda c: c.replace("\n90 ", "\n90 1 ", 1), ("pattern_row", 92, "90 1 23.0")),
        (lambda c: c.replace("\n90 ", "\nchín mươi ", 1), ("pattern_row", 92, "chín mươi 23.0")),
        (lambda c: c.replace("\n90 ", "\n900 ", 1), ("pattern_angle", 92, "900")),
        (lambda c: c.replace("\n90 ", "\n90 9", 1), ("pattern_attenuation", 92, "923.0")),
        (lambda c: c.replace("\n90 ", "\n90 -", 1), ("pattern_mixed_signs", 92, "-23")),
        (lambda c: c.replace("\n90 ", "\n60 ", 1), ("pattern_two_values", 92, "23")),
        (lambda c: c.replace("VERTIC", "HORIZONT", 1), ("pattern_repeated_cut", 362, "HORIZONTAL")),
        (lambda c: c.replace("HORIZONTAL 360\n", "", 1), ("pattern_stray_row", 2, "1 0.0")),
        (lambda c: "GAIN high\n" + c, ("pattern_gain", 1, "high")),
        (lambda c: "GAIN 15 dB\n" + c, ("pattern_gain", 1, "15 dB")),
        (lambda c: "GAIN 151 dBi\n" + c, ("pattern_gain", 1, "151 dBi")),
        (lambda c: "FREQUENCY all\n" + c, ("pattern_frequency", 1, "all")),
        (lambda c: c.encode("utf-16-le"), ("pattern_not_text", None, None)),
        (lambda c: b"PK\x03\x04\x00\x00" + c.encode(), ("pattern_not_text", None, None)),
        (lambda c: c + "\n" * 1_000_001, ("pattern_too_large", None, None)),
    ],
)  # fmt: skip
def test_damage_is_told_by_its_line(tmp_path, damage, told):
    horizontal, vertical = sector()
    assert horizontal[90] == 23.0
    assert told in problems(tmp_path, damage(text(horizontal, vertical)))


def test_any_number_of_spaces_is_one(tmp_path):
    # Tried in every way, so many would take longer than anyone waits.
    content = text(*sector(), "FREQUENCY 900" + " " * 300_000 + "x")
    assert problems(tmp_path, content) == [("pattern_frequency", 1, "900 x")]


def test_control_characters_of_a_file_name_do_not_reach_the_terminal(tmp_path):
    with pytest.raises(InputError, match=r"a\\x1b\[31m\.msi") as caught:
        read(tmp_path, "", "a\x1b[31m.msi")
    assert [line for line in str(caught.value).splitlines() if not line.isprintable()] == []


def test_every_fault_of_every_file_is_told(tmp_path):
    good = text(*sector())
    files = {}
    for name, content in {
        "a.msi": "GAIN high\n" + good.replace("\n5 ", "\n5 x", 1),
        "b.msi": good,
        "c.pln": "FREQUENCY all\n" + good,
    }.items():
        (tmp_path / name).write_text(content)
        files[f"antennas/{name}"] = tmp_path / name
    files["antennas/gone.msi"] = tmp_path / "gone.msi"
    with pytest.raises(InputError, match=re.escape("antennas/a.msi")) as caught:
        read_patterns(files)
    assert [(p.file, p.message) for p in caught.value.problems] == [
        ("antennas/a.msi", "radio.pattern_row"),
        ("antennas/a.msi", "radio.pattern_gain"),
        ("antennas/c.pln", "radio.pattern_frequency"),
        ("antennas/gone.msi", "radio.pattern_unreadable"),
    ]


@given(st.binary(max_size=200), st.integers(0, 5000))
def test_any_damage_is_a_planned_fault(tmp_path_factory, noise, at):
    content = text(*sector()).encode()
    with contextlib.suppress(InputError):
        found = read(tmp_path_factory.mktemp("p"), content[:at] + noise + content[at:])
        for cut in (found.horizontal_db, found.front_db, found.back_db):
            assert np.isfinite(cut).all()
            assert cut.min() >= 0


def test_rows_missing_from_a_stated_count_are_seen_even_where_the_gap_is_small(tmp_path):
    horizontal, vertical = sector()
    short = {angle: value for angle, value in vertical.items() if angle < 356}
    content = text(horizontal, short).replace("VERTICAL 356", "VERTICAL 360")
    assert problems(tmp_path, content) == [("pattern_gap", 362, None)]
    read(tmp_path, text(horizontal, {a: v for a, v in vertical.items() if a < 359}))


def test_vertical_cut_that_starts_at_the_zenith_is_refused(tmp_path):
    horizontal, vertical = sector(90)
    assert problems(tmp_path, text(horizontal, vertical)) == [("pattern_beam", 362, "90°")]


def library(**described):
    horizontal, vertical = sector()
    base = made(horizontal, vertical)
    return Patterns(
        replace(base, file=f"{stem}.msi", name=name, frequency_mhz=band, electrical_tilt_deg=tilt)
        for stem, (name, band, tilt) in described.items()
    )


def choose(patterns, name, frequency_mhz=947.0, tilt=None):
    return patterns.find(name, frequency_mhz=frequency_mhz, electrical_tilt_deg=tilt)


def test_files_of_one_name_are_told_apart_by_band_and_tilt():
    known = library(
        low_2=("A 65", (870, 960), 2.0),
        low_6=("A 65", (870, 960), 6.0),
        high=("A 65", (1710, 1880), 2.0),
    )
    assert choose(known, "a  65", tilt=6.0).file == "low_6.msi"
    assert choose(known, "A 65", 1800.0).file == "high.msi"
    assert choose(known, "LOW_2").file == "low_2.msi"
    with pytest.raises(PatternError, match="files of the electrical tilts 2, 6"):
        choose(known, "A 65")
    with pytest.raises(PatternError, match="no file of the electrical tilt 9 degrees"):
        choose(known, "A 65", tilt=9.0)
    with pytest.raises(PatternError, match="870–960, 1710–1880 MHz only"):
        choose(known, "A 65", 3500.0)
    with pytest.raises(PatternError, match=r"no antenna pattern B 65\. Most alike: A 65"):
        choose(known, "B 65")


def test_files_that_cannot_be_told_apart_are_noted_and_found_by_their_own_names():
    patterns = library(port2=("Panel", (870, 960), 0.0), port1=("Panel", (870, 960), 0.0))
    assert choose(patterns, "Panel").file == "port1.msi"
    assert choose(patterns, "port2").file == "port2.msi"
    (note,) = patterns.notes
    assert note.render("en").startswith("port2.msi: This file has the NAME")
    assert "Cells that say Panel use port1.msi" in note.render("en")


def test_file_without_tilt_is_lowered_by_the_cells_electrical_tilt():
    known = library(flat=("A 65", None, 0.0))
    assert choose(known, "A 65").electrical_tilt_deg == 0
    lowered = choose(known, "A 65", tilt=4.0)
    assert lowered.electrical_tilt_deg == 4
    assert down_db(lowered, 0, 4) == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize(("there", "fault"), [(180.0, []), (180.1, [("pattern_gap", 1, None)])])
def test_rows_may_be_ten_degrees_apart_and_no_more(tmp_path, there, fault):
    _, vertical = sector()
    horizontal = {angle: lobe(angle, 65, 30) for angle in (*range(0, 180, 10), there)}
    horizontal |= {angle: lobe(angle, 65, 30) for angle in range(190, 360, 10)}
    content = text(horizontal, vertical)
    if fault:
        assert problems(tmp_path, content) == fault
    else:
        assert read(tmp_path, content).horizontal_db[[0, 1800]].tolist() == [0, 30]
