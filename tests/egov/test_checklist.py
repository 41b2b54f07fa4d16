"""Prerequisites that can be asked for, and how each is judged."""

import pandas as pd
import pytest

from phusong.egov import Prerequisite, prerequisites
from phusong.egov.checklist import JUDGED_BY, PREREQUISITES
from phusong.egov.readiness import held_prerequisites
from phusong.egov.works import cost_of
from phusong.errors import RolloutError
from phusong.i18n import Bilingual
from phusong.tables import READINESS


def test_prerequisites_keep_the_order_asked_for_and_their_minimum():
    found = prerequisites({"digital_certificates": 2, "has_lan": None, "has_fibre": None})
    assert [(each.name, each.rule, each.minimum) for each in found] == [
        ("digital_certificates", "at_least", 2),
        ("has_lan", "true", None),
        ("has_fibre", "true", None),
    ]
    assert [each.title.en for each in found] == [
        "digital certificates", "LAN", "fibre to the office",
    ]  # fmt: skip


def test_every_known_prerequisite_is_judged_by_a_column_of_the_offices():
    for name, known in PREREQUISITES.items():
        assert known.name == name
        assert known.field in READINESS.columns
        assert JUDGED_BY[known.field] == known.rule
    assert JUDGED_BY["one_stop"] == JUDGED_BY["has_lan"] == "true"
    assert JUDGED_BY["computers_per_official"] == JUDGED_BY["officials"] == "at_least"


def test_figures_and_yes_or_no_may_judge_but_not_what_follows_from_the_prerequisites():
    assert set(READINESS.columns) - set(JUDGED_BY) == {
        "office_id", "name", "level", "commune_code", "lacks_lan", "missing_prerequisites",
        "unknown_prerequisites", "ready", "contradictions", "fibre_origin",
    }  # fmt: skip


@pytest.mark.parametrize(
    "judge", [held_prerequisites, lambda offices, wanted: cost_of(offices, *wanted, 1e6)]
)
def test_a_count_that_waits_for_its_minimum_judges_no_office(judge):
    offices = pd.DataFrame({"digital_certificates": [0, 3]})
    with pytest.raises(RolloutError, match="digital_certificates is a count or a ratio"):
        judge(offices, [PREREQUISITES["digital_certificates"]])


def test_a_flag_takes_no_minimum():
    with pytest.raises(RolloutError, match="has_lan is a yes or no"):
        Prerequisite(
            name="has_lan", field="has_lan", rule="true", minimum=1.0, title=Bilingual("", "")
        )
