"""Sections of study.toml about mobile coverage: services, targets, radio, gaps."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from ..i18n import Bilingual, words
from ._parts import Identifier, Settings, Share, Text, distinct, fault

Technology = Literal["2G", "3G", "4G", "5G"]
Denominator = Literal["population", "area", "villages", "commune_centres"]
Scope = Literal["province", "district", "commune", "commune_centre"]
Environment = Literal["outdoor", "vehicle", "indoor"]
Reading = Literal["pixels", "probability"]


def _everywhere(value: Any) -> Any:
    """Read one number as that of every environment."""
    if isinstance(value, dict) or value is None:
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return dict.fromkeys(get_args(Environment), value)
    return {"outdoor": value}  # refused as no number, once


def _parameter(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise fault("not_parameter")
    return value


class Service(Settings):
    """A mobile service whose coverage is asked for.

    Parameters
    ----------
    id : str
        Suffix of the result columns; lower-case letters, digits, underscores.
    name, name_en : str
        As printed.
    technologies : tuple of {"2G", "3G", "4G", "5G"}
        Any of them serves.
    operators : tuple of str
        Any of them serves; empty means all operators of the cells table.
    environment : {"outdoor", "vehicle", "indoor"}
        Where the receiver is; the last two add the loss that the radio settings
        have for it.
    threshold_dbm : mapping
        Weakest level that counts, itself included, for each technology:
        RxLev for 2G, RSCP for 3G, RSRP for 4G, SS-RSRP for 5G.
    location_probability : float
        Share of locations in a pixel at which the threshold is to be met,
        0.5 to 0.999.
    """

    id: Identifier
    name: Text
    name_en: Text
    technologies: Annotated[tuple[Technology, ...], Field(min_length=1, strict=False)]
    operators: Annotated[tuple[Text, ...], Field(strict=False)] = ()
    environment: Environment
    threshold_dbm: dict[Technology, Annotated[float, Field(ge=-150, le=0)]]
    location_probability: Annotated[float, Field(ge=0.5, le=0.999)]

    @property
    def title(self) -> Bilingual:
        """`name` and `name_en`, as printed."""
        return Bilingual(self.name, self.name_en)

    def counts(self, operator: str, technology: str) -> bool:
        """Tell whether cells of an operator and technology may serve.

        Parameters
        ----------
        operator, technology : str

        Returns
        -------
        bool
        """
        return technology in self.technologies and (
            not self.operators or operator in self.operators
        )

    @model_validator(mode="after")
    def _one_threshold_each(self) -> "Service":
        if set(self.threshold_dbm) != set(self.technologies):
            raise fault(
                "thresholds",
                found=", ".join(sorted(self.threshold_dbm)) or "–",
                expected=", ".join(sorted(self.technologies)),
            )
        return self


class Target(Settings):
    """A goal to judge the units of a scope by.

    Scope ``commune_centre`` goes with denominator ``commune_centres``: it judges
    the province on the board, and stands in at every scope that has no target of
    its own (a commune by its centre, larger units by their share of centres).

    Parameters
    ----------
    service : str
        Identifier of one of the study's services.
    share : float
        Share of the denominator to be served, 0 to 1, itself included.
    denominator : {"population", "area", "villages", "commune_centres"}
        What the share is of.
    scope : {"province", "district", "commune", "commune_centre"}
        Which units are judged.
    reading : {"pixels", "probability"}
        How residents are counted: those of pixels where at least the service's share of
        places is served, or each by the probability that a place in the pixel is.
    """

    service: Identifier
    share: Share
    denominator: Denominator
    scope: Scope
    reading: Reading = "pixels"

    @model_validator(mode="after")
    def _probability_of_residents(self) -> "Target":
        if self.reading == "probability" and self.denominator != "population":
            raise fault("reading_of_residents")
        return self

    @model_validator(mode="after")
    def _centres_go_together(self) -> "Target":
        if (self.scope == "commune_centre") != (self.denominator == "commune_centres"):
            raise fault("centre_target")
        return self


class Survey(Settings):
    """What was measured at the drawn places, and how sure a verdict by it must be.

    Parameters
    ----------
    service : str
        Identifier of the service that was looked for; its targets are judged.
    confidence : float
        Of either verdict, 0.5 to 0.999; the interval shown leaves as much at
        each end.
    """

    service: Identifier
    confidence: Annotated[float, Field(ge=0.5, le=0.999)]


class Measured(Settings):
    """How measured samples are set beside the prediction.

    Parameters
    ----------
    cell_m : float
        One value a place: side of the cells that samples are thinned to.
    vehicle_loss_db : float, optional
        What a sample measured in a vehicle lost there; that of `Radio` if absent.
    instrument_offset_db : float
        By how much the instrument shows too much, antenna and place of the phone included;
        taken off samples, and their floors, that do not tell it themselves.
    share : float
        Of the samples of a commune or road that shall reach the threshold.
    road_distance_m : float
        A sample at most this far from a road belongs to the nearest.
    """

    cell_m: Annotated[float, Field(ge=10, le=1000)] = 50.0
    vehicle_loss_db: Annotated[float, Field(ge=0, le=40)] | None = None
    instrument_offset_db: Annotated[float, Field(ge=-40, le=40)] = 0.0
    share: Share = 0.95
    road_distance_m: Annotated[float, Field(gt=0, le=1000)] = 50.0


class Calibration(Settings):
    """That the prediction is calibrated by the study's measured samples.

    Parameters
    ----------
    block_m : float
        Side of the blocks that are left out in turn to judge it; places of one are not
        independent.
    """

    block_m: Annotated[float, Field(ge=200, le=20_000)] = 1000.0


def errors_told(calibrated: bool) -> Bilingual:
    """Return what stands beside every estimate by drawn errors: whence those are known.

    Parameters
    ----------
    calibrated : bool
        By the study's own measured samples.

    Returns
    -------
    Bilingual
    """
    return words("common.errors_calibrated" if calibrated else "common.errors_assumed")


class Uncertainty(Settings):
    """How wrong predictions may be, and how sure a verdict must be.

    Parameters
    ----------
    confidence : float
        Probability that either verdict asks for, 0.5 to 0.999.
    draws, seed : int
        How many true provinces are drawn, and what the draws start from.
    province_sd_db, station_sd_db, field_sd_db, field_length_m, uncorrelated_sd_db, population_sd
        As in `uncertainty.ErrorModel`, whose defaults hold where absent.
    road_segments : int
        Most road segments of which is told what measuring them would settle, for each service:
        those in undecided communes with most residents.
    """

    confidence: Annotated[float, Field(gt=0.5, le=0.999)] = 0.95
    draws: Annotated[int, Field(ge=100, le=100_000)] = 1000
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = 0
    province_sd_db: Annotated[float, Field(ge=0, le=30)] | None = None
    station_sd_db: Annotated[float, Field(ge=0, le=30)] | None = None
    field_sd_db: Annotated[float, Field(ge=0, le=30)] | None = None
    field_length_m: Annotated[float, Field(ge=50, le=10_000)] | None = None
    uncorrelated_sd_db: Annotated[float, Field(ge=0, le=30)] | None = None
    population_sd: Annotated[float, Field(ge=0, le=2)] | None = None
    road_segments: Annotated[int, Field(ge=1, le=20_000)] = 2000


class Villages(Settings):
    """The lists of villages without signal, and of those with clusters of houses without it.

    Parameters
    ----------
    service : str
        Identifier of the service that the lists are about.
    white : {"centre", "everywhere"}
        When a village is white: once its centre is without the service, or only if all its
        residents are, too.
    cluster_population : float
        Residents from which on a cluster of houses without the service makes a village
        patchy; which houses make one cluster, `Gaps.join_distance_m` says.
    """

    service: Identifier
    white: Literal["centre", "everywhere"] = "centre"
    cluster_population: Annotated[float, Field(ge=0)]


def target_of(targets: Iterable[Target], service: str, scope: Scope) -> Target | None:
    """Return the target that units of a scope are judged by: their own, else that of the centres.

    Parameters
    ----------
    targets : iterable of Target
        At most one for each service and scope.
    service : str
        Identifier of a service.
    scope : {"province", "district", "commune", "commune_centre"}

    Returns
    -------
    Target or None
        None if the scope is not judged.

    Examples
    --------
    >>> centres = Target(
    ...     service="4g", share=1.0, denominator="commune_centres", scope="commune_centre"
    ... )
    >>> own = Target(service="4g", share=0.98, denominator="population", scope="commune")
    >>> target_of([centres, own], "4g", "commune").share
    0.98
    >>> target_of([centres, own], "4g", "district").share
    1.0
    """
    mine = {target.scope: target for target in targets if target.service == service}
    return mine.get(scope, mine.get("commune_centre"))


class LandClass(Settings):
    """One class of a land cover: what stands around an antenna there.

    Parameters
    ----------
    codes : tuple of int
        Of the raster, 0 to 65535.
    name, name_en : str
        As printed.
    height_m : float
        Representative height of what stands there; 0 where nothing does.
    equation : {"2a", "2b"}
        Of ITU-R P.2108, 3.1: an edge, or only the height counts.
    lived_in : bool
        Whether people live on it, such as built-up land.
    """

    codes: Annotated[
        tuple[Annotated[int, Field(ge=0, le=65_535)], ...], Field(min_length=1, strict=False)
    ]
    name: Text
    name_en: Text
    height_m: Annotated[float, Field(ge=0, le=200)]
    equation: Literal["2a", "2b"] = "2a"
    lived_in: bool = False

    @property
    def title(self) -> Bilingual:
        """`name` and `name_en`, as printed."""
        return Bilingual(self.name, self.name_en)


class Radio(Settings):
    """How signal is predicted.

    Parameters
    ----------
    model : str
        Name of the propagation model; which there are, `radio` knows.
    parameters : mapping
        Of the model, where its defaults will not do; which it has, `radio` knows.
    radius_km : float
        Farthest receiver from a mast.
    receiver_height_m : float
        Above ground.
    location_sd_db : mapping of str to float, optional
        Standard deviation of log-normal location variability by environment; one
        number is that of all.
    location_sd : {"p1812"}, optional
        Instead of it, that of ITU-R P.1812 for the pixel's side and the carrier.
    body_loss_db : float
        Taken from every level.
    vehicle_loss_db, building_loss_db : float, optional
        Taken from levels in vehicles and indoors.
    building_entry : {"p2109_traditional", "p2109_thermally_efficient"}, optional
        Instead of one building loss that of ITU-R P.2109, by frequency and with
        its spread.
    time_percent : float
        Share of the average year for which the loss is not exceeded.
    delta_n_per_km, n0 : float
        Refractivity lapse, N-units/km, and sea-level refractivity, N-units.
    polarization : {"vertical", "horizontal"}
    clutter_rule : {"combined", "sum", "none"}
        How clutter at the ends goes together with terrain; `radio.clutter` knows them.
    land_classes : tuple of LandClass
        Of the land cover; those of ESA WorldCover if absent.
    profile_step_m : float, optional
        Between the points of a profile; half a pixel of the elevation, but 10 to 30 m, if
        absent.
    mean_error_db : float, optional
        Predicted minus measured level, as measured here; taken from every level. What
        other places say of the clutter setting, `uncertainty.MEAN_ERRORS_DB`, if absent.
    """

    model: Annotated[str, Field(min_length=1)]
    parameters: Annotated[
        dict[Identifier, Annotated[Any, AfterValidator(_parameter)]], Field(default_factory=dict)
    ]
    radius_km: Annotated[float, Field(gt=0, le=100)]
    receiver_height_m: Annotated[float, Field(ge=1, le=30)] = 1.5
    location_sd_db: (
        Annotated[
            dict[Environment, Annotated[float, Field(ge=0, le=20)]], BeforeValidator(_everywhere)
        ]
        | None
    ) = None
    location_sd: Literal["p1812"] | None = None
    body_loss_db: Annotated[float, Field(ge=0, le=30)]
    vehicle_loss_db: Annotated[float, Field(ge=0, le=40)] | None = None
    building_loss_db: Annotated[float, Field(ge=0, le=60)] | None = None
    building_entry: Literal["p2109_traditional", "p2109_thermally_efficient"] | None = None
    time_percent: Annotated[float, Field(ge=1, le=50)] = 50.0
    delta_n_per_km: Annotated[float, Field(gt=0, le=150)] = 45.0
    n0: Annotated[float, Field(ge=200, le=450)] = 325.0
    polarization: Literal["vertical", "horizontal"] = "vertical"
    clutter_rule: Literal["combined", "sum", "none"] = "combined"
    land_classes: Annotated[tuple[LandClass, ...], Field(max_length=255, strict=False)] = ()
    profile_step_m: Annotated[float, Field(ge=10, le=500)] | None = None
    mean_error_db: Annotated[float, Field(ge=-30, le=60)] | None = None

    @model_validator(mode="after")
    def _one_building_loss(self) -> "Radio":
        if self.building_loss_db is not None and self.building_entry is not None:
            raise fault("two_building_losses")
        return self

    @model_validator(mode="after")
    def _one_location_sd(self) -> "Radio":
        if (self.location_sd_db is None) == (self.location_sd is None):
            raise fault("one_location_sd")
        return self

    @field_validator("land_classes")
    @classmethod
    def _distinct_codes(cls, classes: tuple[LandClass, ...]) -> tuple[LandClass, ...]:
        distinct([str(code) for each in classes for code in each.codes])
        return classes

    def varies(self, environment: Environment) -> bool:
        """Tell whether there is a location variability for an environment.

        Parameters
        ----------
        environment : {"outdoor", "vehicle", "indoor"}

        Returns
        -------
        bool
        """
        return self.location_sd_db is None or environment in self.location_sd_db

    def knows(self, environment: str) -> bool:
        """Tell whether there is a loss for an environment.

        Parameters
        ----------
        environment : {"outdoor", "vehicle", "indoor"}

        Returns
        -------
        bool
        """
        return {
            "outdoor": True,
            "vehicle": self.vehicle_loss_db is not None,
            "indoor": self.building_loss_db is not None or self.building_entry is not None,
        }[environment]


class Gaps(Settings):
    """Which uncovered places are listed.

    Parameters
    ----------
    smallest_population : float
        Gaps with fewer residents are counted but not drawn.
    join_distance_m : float
        Uncovered inhabited pixels nearer than this make one gap.
    """

    smallest_population: Annotated[float, Field(ge=0)]
    join_distance_m: Annotated[float, Field(ge=0, le=5000)]
