"""[egov] of study.toml: one table of rules, and what a rollout must name."""

import pytest

from phusong import open_study
from phusong.egov import RULES
from phusong.errors import StudyError
from phusong.study.egov import RuleVersion
from phusong.tables import PRIORITIES

HEAD = """
name = "Thử"
name_en = "Test"
province = "Thử"
province_code = "02"
edition = "2017"
as_of = 2017-12-31
resolution_m = 90
[inputs]
offices = "offices.csv"
"""
ROLLOUT = """
cost_basis = "x"
cost_basis_en = "x"
[egov.rollout]
years = [{ year = 2018, budget_vnd = 1, crew_days = 1 }]
weights = { files_per_year = 1 }
district_bonus = 0
carry_over = false
unknown_is_missing = true
largest_gap = 0.01
"""
KNOWN = 'rules = "qd_09_2015"\n'


@pytest.fixture
def study(tmp_path):
    """Return a maker of studies from their [egov], and further inputs."""

    def make(egov, *inputs):
        for name in ("offices", *inputs):
            (tmp_path / f"{name}.csv").write_text("x\n", encoding="utf-8")
        files = "".join(f'{name} = "{name}.csv"\n' for name in inputs)
        text = f"{HEAD}{files}[egov]\n{egov}"
        (tmp_path / "study.toml").write_text(text, encoding="utf-8")
        return open_study(tmp_path)

    return make


def test_versions_of_the_rules_are_those_of_the_engine():
    assert set(RuleVersion.__args__) == set(RULES)


def test_measures_of_the_priorities_are_columns_of_their_table():
    from phusong.study.egov import PRIORITY_MEASURES

    assert set(PRIORITIES.columns) == {"commune_code", *PRIORITY_MEASURES}


def test_a_rollout_is_read_as_it_stands(study):
    rollout = study(KNOWN + ROLLOUT, "works").egov.rollout
    assert [year.year for year in rollout.years] == [2018]
    assert rollout.weights == {"files_per_year": 1}


@pytest.mark.parametrize(
    ("egov", "inputs", "message"),
    [
        ('legal_basis = "QĐ"\n', (), "exactly one of: rules"),
        (KNOWN, ("readiness_rules",), "exactly one of: rules"),
        ('prerequisites = [{ name = "has_lan" }]\n', (), "need a legal_basis"),
        (KNOWN + 'legal_basis = "QĐ"\n', (), "names its own law; remove legal_basis"),
        ('rules = "nd_1_2000"\n', (), "'qd_09_2015' or 'nd_118_2025'"),
        (KNOWN + 'mobile_fallback = "5g"\n', (), "names the service 5g"),
        (KNOWN + ROLLOUT, (), "needs the table of works"),
        (KNOWN, ("works",), "needs cost_basis and cost_basis_en"),
        (KNOWN + ROLLOUT.replace("files_per_year", "border"), ("works",), "weights border need"),
        (KNOWN + ROLLOUT.replace("files_per_year", "beauty"), ("works",), "one of: .*'population'"),
        (KNOWN + ROLLOUT.replace("= false", '= "no"'), ("works",), "Expected true or false"),
        (KNOWN + ROLLOUT.replace("2018", "18"), ("works",), "the lower limit is 1990"),
        (KNOWN, ("centres_after",), r"centres_after needs \[egov\.access\]"),
        (
            'legal_basis = "x"\nprerequisites = [{ name = "a" }, { name = "a" }]\n',
            (),
            "Repeated: a",
        ),
    ],
)
def test_what_does_not_fit_together_is_refused(study, egov, inputs, message):
    with pytest.raises(StudyError, match=message):
        study(egov, *inputs)


def test_years_rise_without_repetition(study):
    two = ROLLOUT.replace(
        "crew_days = 1 }]", "crew_days = 1 }, { year = 2018, budget_vnd = 1, crew_days = 1 }]"
    )
    with pytest.raises(StudyError, match="Years must rise and not repeat: 2018, 2018"):
        study(KNOWN + two, "works")


def test_no_scenario_may_take_the_name_of_the_studys_own_budgets(study):
    own = '[[egov.rollout.scenarios]]\nid = "base"\nname = "x"\nname_en = "x"\nbudget_factor = 2\n'
    with pytest.raises(StudyError, match="Repeated: base"):
        study(KNOWN + ROLLOUT + own, "works")
