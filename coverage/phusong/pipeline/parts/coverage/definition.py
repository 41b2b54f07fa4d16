"""What a service's figures mean, in words: every figure of coverage carries this."""

from ...._types import Language
from ....i18n import number, percent, text
from ....radio import PropagationModel, described
from ....study import Radio, Service, Study
from .allowances import allowance_words
from .settings import model_of, radio_of


def define(service: Service, study: Study, lang: Language) -> str:
    """Return what a service's figures mean: technology, operators, threshold, probability."""
    radio = radio_of(study)
    thresholds = ", ".join(
        f"{technology} ≥ {number(level, lang, decimals=int(level % 1 != 0))} dBm"
        for technology, level in sorted(service.threshold_dbm.items())
    )
    return text(
        "board.definition",
        lang,
        thresholds=thresholds,
        operators=", ".join(service.operators) or text("board.all_operators", lang),
        environment=text(f"board.{service.environment}", lang),
        allowance=allowance_words(service, radio, lang, resolution_m=study.resolution_m),
        probability=percent(service.location_probability, lang, decimals=0),
        clutter=_clutter_words(study, lang),
        model=described(model_of(radio), lang),
        receiver_m=radio.receiver_height_m,
        time_percent=radio.time_percent,
        edition=study.edition,
        date=study.as_of,
    )


def phones_in_the_open(model: PropagationModel, radio: Radio, *, known: bool) -> bool:
    """Tell whether nothing is taken for what stands around a phone; `known` whether that is."""
    return not model.includes_clutter and not (known and radio.clutter_rule != "none")


def _clutter_words(study: Study, lang: Language) -> str:
    radio, inputs = radio_of(study), study.inputs
    model = model_of(radio)
    by_cover = inputs.land_cover is not None
    if phones_in_the_open(model, radio, known=by_cover or inputs.clutter is not None):
        return text("board.clutter_open", lang)
    if model.includes_clutter:
        return text("board.clutter_in_model", lang)
    source = text(f"board.by_{'land_cover' if by_cover else 'clutter'}", lang)
    return text(f"board.clutter_{radio.clutter_rule}", lang, source=source)
