"""What a study says about radio, as the engine takes it."""

from ....errors import InputError, Problem
from ....radio import MODELS, ServiceRule, Settings, model
from ....study import Radio, Service, Study
from .allowances import allowance_of


def radio_of(study: Study) -> Radio:
    """Return the radio settings of a study that predicts coverage."""
    if study.radio is None:
        raise ValueError("a study that predicts coverage has radio settings")
    return study.radio


def settings_of(radio: Radio) -> Settings:
    """Return how a study has its signal predicted.

    Raises
    ------
    InputError
        If there is no propagation model of the name; a study only names one.
    """
    if radio.model not in MODELS:
        problem = Problem(
            message="pipeline.unknown_model",
            file="study.toml",
            key="radio.model",
            value=radio.model,
            values={"known": ", ".join(MODELS)},
        )
        raise InputError([problem])
    return Settings(
        model=model(radio.model),
        radius_m=radio.radius_km * 1000,
        receiver_height_m=radio.receiver_height_m,
        time_percent=radio.time_percent,
        polarization=radio.polarization,
    )


def rule_of(service: Service, radio: Radio) -> ServiceRule:
    """Gather a service's thresholds with what is taken from every level."""
    return ServiceRule(
        id=service.id,
        technologies=service.technologies,
        operators=service.operators,
        threshold_dbm=dict[str, float](service.threshold_dbm.items()),
        allowance_db=allowance_of(service, radio),
    )
