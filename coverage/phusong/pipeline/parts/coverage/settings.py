"""What a study says about radio, as the engine takes it."""

from ...._settings import STUDY_FILE
from ....errors import InputError, ModelRangeError, Problem
from ....radio import (
    PropagationModel,
    ServiceRule,
    Settings,
    model,
    model_class,
    model_names,
    parameter_faults,
)
from ....radio.correction import Corrections
from ....study import Radio, Service, Study
from ....uncertainty import MEAN_ERRORS_DB, ClutterSetting
from .allowances import allowance_of


def radio_of(study: Study) -> Radio:
    """Return the radio settings of a study that predicts coverage."""
    if study.radio is None:
        raise ValueError("a study that predicts coverage has radio settings")
    return study.radio


def model_of(radio: Radio) -> PropagationModel:
    """Return the propagation model that a study names, with its parameters.

    Raises
    ------
    InputError
        If there is no model of the name, its package is broken, or it does not take the
        parameters; a study only names a model.
    """
    try:
        made = model_class(radio.model)
    except KeyError:
        problem = Problem(
            message="pipeline.unknown_model",
            file=STUDY_FILE,
            key="radio.model",
            value=radio.model,
            values={"known": ", ".join(model_names())},
        )
        raise InputError([problem]) from None
    except (ImportError, AttributeError, TypeError) as fault:
        problem = Problem(
            message="pipeline.broken_model",
            file=STUDY_FILE,
            key="radio.model",
            value=radio.model,
            values={"detail": str(fault)},
        )
        raise InputError([problem]) from fault
    problems = [
        Problem(
            message=fault.message,
            file=STUDY_FILE,
            key=f"radio.parameters.{name}",
            value=radio.parameters[name],
            values=fault.values,
        )
        for name, fault in parameter_faults(made, radio.parameters)
    ]
    if problems:
        raise InputError(problems)
    return model(radio.model, **radio.parameters)


def out_of_range(fault: ModelRangeError, used: PropagationModel) -> Problem:
    """Return a fault of a setting that holds for all cells, with its key in study.toml."""
    quantity = str(fault.values["quantity"])
    of_model = ".parameters" if quantity in used.parameters else ""
    return Problem(
        message=fault.message,
        file=STUDY_FILE,
        key=f"radio{of_model}.{quantity}",
        value=fault.values["value"],
        values=fault.values,
    )


def clutter_setting(
    model: PropagationModel, radio: Radio, *, clutter_known: bool
) -> ClutterSetting:
    """Return what is taken for what stands around a phone; `clutter_known` whether files tell."""
    if model.includes_clutter:
        return "in_model"
    rule = radio.clutter_rule if clutter_known else "none"
    return "open" if rule == "none" else rule


def mean_error_db(radio: Radio, setting: ClutterSetting) -> float:
    """Return what is taken from every level: as measured locally, else as in other places."""
    return MEAN_ERRORS_DB[setting] if radio.mean_error_db is None else radio.mean_error_db


def settings_of(
    radio: Radio, *, clutter_known: bool, corrections: Corrections | None = None
) -> Settings:
    """Return how a study has its signal predicted, calibrated if there are corrections.

    Raises
    ------
    InputError
        As `model_of`.
    """
    used = model_of(radio)
    return Settings(
        model=used,
        radius_m=radio.radius_km * 1000,
        receiver_height_m=radio.receiver_height_m,
        time_percent=radio.time_percent,
        polarization=radio.polarization,
        profile_step_m=radio.profile_step_m,
        clutter_rule=radio.clutter_rule,
        mean_error_db=mean_error_db(
            radio, clutter_setting(used, radio, clutter_known=clutter_known)
        ),
        corrections=corrections,
    )


def rule_of(service: Service, radio: Radio, *, resolution_m: float) -> ServiceRule:
    """Gather a service's thresholds with what is taken from every level."""
    return ServiceRule(
        id=service.id,
        technologies=service.technologies,
        operators=service.operators,
        threshold_dbm=dict[str, float](service.threshold_dbm.items()),
        allowance_db=allowance_of(service, radio, resolution_m=resolution_m),
    )
