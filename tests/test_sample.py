"""The sample province: published counts where they are inputs, and the numbers it must show."""

import pytest

import phusong

SAMPLE_PIXEL_M = 600  # of the notebooks too, which find the path losses kept


@pytest.fixture(scope="module")
def result(sample_losses):
    study = phusong.open_study(phusong.sample_folder()).replace(resolution_m=SAMPLE_PIXEL_M)
    return phusong.run(study, cache_folder=sample_losses)


@pytest.fixture(scope="module")
def board(result):
    return result.indicators.set_index("indicator")


def test_communes_are_the_195_of_2017(result):
    assert len(result.communes) == 195
    assert result.communes["commune_code"].is_unique
    assert len(result.districts) == 11
    names = [column for column in result.communes.columns if column != "geometry"]
    assert names == list(result.tables["communes"][1].columns)


def test_area_is_that_of_the_province(result):
    assert result.province["area_km2"].item() == pytest.approx(7927.55, rel=0.005)


@pytest.mark.parametrize(
    ("indicator", "value"),
    [
        ("stations", 1514),
        ("lan_offices", 29),
        ("video_conference_province", 4),
        ("video_conference_district", 11),
        ("video_conference_commune", 191),
        ("one_stop_interlinked", 44),
        ("one_stop_local", 73),
        ("one_stop_interlinked_district", 0),
        ("one_stop_local_district", 11),
        ("digital_certificates", 2725),
        ("fibre_centres_share", 1.0),
        ("document_system_share", 1.0),
    ],
)
def test_counts_that_are_inputs_are_reproduced(board, indicator, value):
    assert board.loc[indicator, "computed"] == value


def test_ratios_that_are_inputs_are_reproduced(board):
    assert board.loc["computers_per_official", "computed"] == pytest.approx(0.93, abs=0.005)
    assert board.loc["lan_share", "computed"] == pytest.approx(0.15, abs=0.005)
    assert board.loc["mailboxes", "computed"] > 14_000


def test_every_published_figure_says_how_its_neighbour_came_about(board):
    published = board[board["published"].notna()]
    assert len(published) == 16
    assert set(published.loc[published["computed"].isna(), "origin"]) == {"reported_only"}


def test_seats_are_4_11_and_195(result, board):
    seats = result.offices["level"].value_counts()
    assert seats.to_dict() == {"commune": 195, "district": 11, "province": 4}
    assert "all 195 communes reported" in board.loc["video_conference_commune", "definition_en"]


@pytest.mark.parametrize(
    ("indicator", "origin"),
    [
        ("lan_offices", "counted"),
        ("video_conference_commune", "counted"),
        ("one_stop_interlinked", "counted"),
        ("computers_per_official", "counted"),
        ("fibre_centres_share", "computed"),
        ("covered_population_share_mobile", "computed"),
        ("documents_signed_share", "reported_only"),
        ("service_centre_links", "no_figure"),
    ],
)
def test_each_system_says_whether_its_figure_is_computed_or_given(board, indicator, origin):
    assert board.loc[indicator, "origin"] == origin


def test_fibre_of_every_office_is_given_and_of_every_centre_computed(result):
    assert set(result.offices["fibre_origin"]) == {"given"}
    assert result.communes["fibre_within_drop"].all()


def test_the_three_interlinked_districts_are_whole(result):
    linked = result.districts.set_index("district")["one_stop_interlinked"]
    assert linked[linked > 0].to_dict() == {"Bắc Mê": 13, "Bắc Quang": 23, "Hà Giang": 8}


def test_communes_without_a_lan_stand_in_table_and_plan(result):
    assert result.communes["lacks_lan"].sum() == 166
    rollout = result.rollout[result.rollout["level"] == "commune"]
    assert rollout["works"].str.contains("has_lan").sum() == 166
    unpowered = rollout[rollout["without_work"].str.contains("backup_power")]
    assert len(unpowered) == 119
    assert (unpowered["reason"] != "budget").sum() == 114


def test_the_plan_keeps_its_gap_and_says_that_its_costs_illustrate(result, board):
    scenarios = result.rollout_scenarios.set_index("scenario")
    assert (scenarios["gap_share"] <= 0.01).all()
    served = scenarios["offices_in_service"]
    assert served["half"] < served["base"] < served["more"] <= 206
    assert "illustrative" in board.loc["rollout_offices", "definition_en"]
    assert set(result.rollout["cost_basis"].str.contains("số minh họa")) == {True}
    assert any("số minh họa" in note.render("vi") for note in result.notes)


def test_interlinked_offices_without_lan_are_reported_not_mended(result):
    seats = result.offices[result.offices["level"] == "commune"]
    odd = seats[(seats["one_stop"] == "interlinked") & seats["lacks_lan"]]
    assert len(odd) == 15
    assert odd["contradictions"].str.len().gt(0).all()


def test_technologies_order_the_coverage(result):
    share = {
        service: result.province[f"covered_population_share_{service}"].item()
        for service in ("mobile", "broadband", "4g", "indoor")
    }
    assert share["4g"] <= share["broadband"] <= share["mobile"]
    assert share["indoor"] < share["mobile"]


def test_mountains_leave_gaps(result):
    assert len(result.gaps[result.gaps["service"] == "mobile"]) > 0
    assert result.gaps.groupby("service")["population"].is_monotonic_decreasing.all()
