"""What a service's figures mean, in words: every figure of coverage carries this."""

from collections.abc import Iterator

from ....i18n import Language, number, percent, text
from ....radio import described
from ....study import Radio, Service, Study
from .allowances import allowance_words
from .settings import clutter_setting, mean_error_db, model_of, radio_of


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
        model="; ".join((described(model_of(radio), lang), *_path_words(study, lang))),
        receiver_m=radio.receiver_height_m,
        time_percent=radio.time_percent,
        edition=study.edition,
        date=study.as_of,
    )


def _path_words(study: Study, lang: Language) -> Iterator[str]:
    """Tell what the study sets of paths other than by default."""
    radio = radio_of(study)
    maps = {"delta_n_per_km", "n0"} if study.inputs.delta_n_map is not None else set()
    if maps:
        yield text("board.refractivity_maps", lang)
    for name in ("delta_n_per_km", "n0", "profile_step_m", "polarization"):
        value = getattr(radio, name)
        if name not in maps and value != Radio.model_fields[name].default:
            yield text(f"board.path_{name}", lang, value=value)


def _clutter_words(study: Study, lang: Language) -> str:
    radio, inputs = radio_of(study), study.inputs
    by_cover = inputs.land_cover is not None
    known = by_cover or inputs.clutter is not None
    setting = clutter_setting(model_of(radio), radio, clutter_known=known)
    source = text(f"board.by_{'land_cover' if by_cover else 'clutter'}", lang)
    words = text(f"board.clutter_{setting}", lang, source=source)
    if study.calibration is not None:
        return text("board.calibrated", lang)
    taken = number(mean_error_db(radio, setting), lang, decimals=1)
    basis = "assumed" if radio.mean_error_db is None else "stated"
    return f"{words}; {text(f'board.mean_error_{basis}', lang, taken=taken)}"
