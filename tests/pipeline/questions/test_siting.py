"""A plan of sites: what it promises is what a run with its cells counts."""

import json
import math
import re
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import phusong
from phusong._cache import TileCache
from phusong.errors import InfeasibleSitingError, SitingError
from phusong.grid import grid_of
from phusong.pipeline import BackhaulRules, MastKind, MastSpacing, SiteAim, SitePrices, site
from phusong.pipeline.parts.coverage import COVERAGE
from phusong.pipeline.parts.territory import TERRITORY
from phusong.pipeline.questions import site_cover, site_works
from phusong.pipeline.questions.site_places import candidates_of
from phusong.siting import Search, served_by, served_by_sites, unserved

SERVICE = "mobile"
AIM = SiteAim(service=SERVICE, operator="Viettel", technology="4G")
PRICES = SitePrices(
    mast_vnd={30.0: 1.2e9, 45.0: 1.8e9}, share_vnd=3e8, fibre_vnd_per_km=8e7, hop_vnd=2.5e8
)
STRONG = MastKind(antenna_height_m=30.0, sectors=4, more_power_db=6.0)
BUDGETS = {2027: 4e9, 2028: 4e9}
SEARCH = Search(
    reach_m=5000, peak_m=400, antenna_m=40, receiver_m=1.5, gap_m=600, per_gap=2,
    least_people=5, spacing_m=400,
)  # fmt: skip


@pytest.fixture(scope="module")
def losses(small_losses):
    return {"cache_folder": small_losses, "threads": 2}


@pytest.fixture(scope="module")
def result(result, losses):
    """Return the small study with two masts of its eight, so that many are not served."""
    cells = result.inputs["cells"]
    kept = cells["site_id"].isin(sorted(cells["site_id"].unique())[:2])
    return phusong.what_if(result, cells[kept].reset_index(drop=True), **losses)


@pytest.fixture(scope="module")
def plan(result, losses):
    return site(result, AIM, BUDGETS, PRICES, search=SEARCH, **losses)


def test_running_the_plan_serves_the_people_it_promises(result, plan, losses):
    assert len(plan.added) >= 3
    after = phusong.what_if(result, plan.cells, **losses)
    column = f"covered_population_{SERVICE}"
    before, then = (each.communes.set_index("commune_code")[column] for each in (result, after))
    promised = plan.communes.set_index("commune_code")["people"]
    assert promised.sum() > 1000
    assert (then - before - promised).abs().max() < 0.5
    assert abs((then - before).sum() - plan.years["people"].iloc[-1]) < 0.5


def test_money_years_and_backhaul_are_kept(plan):
    spent = plan.works.groupby("year")["cost_vnd"].sum()
    assert all(spent[year] <= BUDGETS[year] for year in spent.index)
    assert plan.years["spent_vnd"].sum() == pytest.approx(plan.works["cost_vnd"].sum())
    masts = plan.works[plan.works["kind"] == "mast"]
    assert masts["site_id"].is_unique, "one height a place"
    for mast in masts.itertuples():
        ways = plan.works[
            (plan.works["site_id"] == mast.site_id) & plan.works["kind"].isin(["fibre", "hop"])
        ]
        assert len(ways) == 1
        assert ways["year"].iloc[0] <= mast.year
    assert plan.plan.gap <= 0.01


def test_the_curve_begins_with_nothing_and_ends_with_all_that_can_be_served(plan):
    curve = plan.curve(share=0.9, points=5)
    assert 2 < len(curve) <= 5
    assert curve.iloc[0][["cost_vnd", "people"]].to_list() == [0, 0]
    for name in ("cost_vnd", "people", "share", "communes_met"):
        assert curve[name].is_monotonic_increasing
    assert (curve["gap"] <= 0.01).all()
    residents = plan.communes["population"].sum()
    before = (plan.communes["share_before"] * plan.communes["population"]).sum()
    assert curve["share"].iloc[0] == pytest.approx(before / residents)
    spent = plan.plan.cost_vnd
    most = np.interp(spent, curve["cost_vnd"], curve["people"])
    assert plan.years["people"].iloc[-1] > 0.5 * most


def test_each_commune_has_its_price_or_the_reason_why_there_is_none(plan):
    prices = plan.prices(share=0.9).set_index("commune_code")
    curves = plan.commune_curves(points=4)
    met = prices["share_before"] >= 0.9
    assert (prices["price_vnd"][met] == 0).all()
    lost = prices["price_vnd"].isna()
    assert (prices["why"][lost] == "beyond_reach").all()
    assert (prices["share_most"][lost] < 0.9).all()
    dear = curves[curves["share"] >= 0.9].groupby("commune_code")["cost_vnd"].min()
    priced = prices["price_vnd"].reindex(dear.index)
    assert (priced * (1 - prices["gap"].reindex(dear.index)) <= dear + 1).all()
    assert (prices["price_vnd"][~met & ~lost] > 0).all()
    assert lost.any() or (~met & ~lost).any()


@pytest.mark.parametrize(
    ("technology", "given", "kinds"),
    [
        (
            "4G",
            {"mast_vnd": {30.0: 1.3e9, STRONG: 1.2e9}, "band_vnd": {700.0: 2e8}},
            {"band", "mast"},
        ),
        ("2G", {"sectors_vnd": 1e8}, {"sectors"}),
        ("2G", {"raise_vnd": {100.0: 3e8}}, {"raise"}),
    ],
)
def test_bands_sectors_and_higher_masts_serve_the_people_promised(
    result, losses, technology, given, kinds
):
    unpaid = {"mast_vnd": {30.0: 1e12}, "share_vnd": 1e12}
    prices = SitePrices(**(unpaid | given))
    search = replace(SEARCH, per_gap=1)
    aim = replace(AIM, technology=technology)
    found = site(result, aim, {2027: 3e9}, prices, search=search, **losses)
    assert set(found.works["kind"]) == kinds
    bands = found.works[found.works["kind"] == "band"]
    masts = set(found.works["site_id"][found.works["kind"] == "mast"])
    assert set(bands["site_id"]) <= set(result.inputs["cells"]["site_id"]) | masts
    built = found.sites[found.sites["site_id"].isin(masts)]
    first = built.sort_values("rank").drop_duplicates("site_id")
    assert (first["site_kind"] == "new_mast").all(), "a band stands on a mast"
    carriers = found.added.set_index("station_id")["frequency_mhz"]
    assert (carriers.loc[bands["work_id"]] == 700).all()
    strong = found.works[found.works["kind"] == "mast"]
    assert (strong["sectors"] == 4).all(), "the stronger is the cheaper"
    assert strong["work_id"].str.endswith("-30m-4s-+6dB").all()
    for name in strong["work_id"]:
        its = found.added[found.added["station_id"] == name]
        assert its["azimuth_deg"].to_list() == [0, 90, 180, 270]
        known = result.inputs["cells"]
        usual = known.loc[known["technology"] == technology, "rs_eirp_dbm"].median()
        assert (its["rs_eirp_dbm"] == usual + 6).all()
    after = phusong.what_if(result, found.cells, **losses)
    column = f"covered_population_{SERVICE}"
    before, then = (each.communes.set_index("commune_code")[column] for each in (result, after))
    promised = found.communes.set_index("commune_code")["people"]
    assert promised.sum() > 1
    assert (then - before - promised).abs().max() < 0.5


def test_villages_that_no_candidate_reaches_are_told_with_the_cause(plan):
    lost = plan.unreached
    covers, people = plan.problem.works.covers, plan.problem.demand.people
    never = np.asarray(covers.sum(axis=0)).ravel() == 0
    assert 0 < lost["people"].sum() == pytest.approx(people[never].sum())
    assert lost["people"].is_monotonic_decreasing
    assert set(lost["cause"]) <= {"ridge", "too_weak", "too_far", "none_near"}
    behind = lost[lost["cause"] == "ridge"]
    assert (behind["clearing_height_m"] > 30).all()
    assert (behind["obstacle_distance_km"] < behind["candidate_distance_km"]).all()
    assert lost["candidate_id"].notna().all()


def test_every_place_is_told(plan):
    told = [note.render("en") for note in plan.notes]
    assert any("left out:" in line for line in told)
    assert any("The plan serves" in line for line in told)
    assert plan.candidates.left_out["sees_nobody"] > 0


def test_a_share_is_reached_for_least_money(result, plan, losses):
    people = plan.communes["population"].sum()
    now = (plan.communes["share_before"] * plan.communes["population"]).sum()
    wanted = (now + 0.5 * plan.communes["people"].sum()) / people
    aim = SiteAim(service=SERVICE, operator="Viettel", technology="4G", target_share=wanted)
    found = site(result, aim, BUDGETS, PRICES, search=SEARCH, largest_gap=0, **losses)
    then = (found.communes["share_after"] * found.communes["population"]).sum()
    assert then >= wanted * people - 0.5
    assert found.plan.cost_vnd < plan.plan.cost_vnd
    assert found.plan.optimal


def test_every_village_may_be_a_target(result, losses, plan):
    aim = replace(AIM, target_share=0.5, each_village=True)
    rich = dict.fromkeys(BUDGETS, 1e12)
    with pytest.raises(InfeasibleSitingError, match="people; behind a ridge") as caught:
        site(result, aim, rich, PRICES, search=SEARCH, **losses)
    missed = re.findall(r"village ([\w-]+): [\d,]+ / ", caught.value.values["targets"]["en"])
    villages = result.inputs["villages"].set_index("village_id")
    problem, grid = plan.problem, grid_of(result.services[SERVICE].margin_db)
    never = np.asarray(problem.works.covers.sum(axis=0)).ravel() == 0
    most = np.argsort(-problem.demand.people * never, kind="stable")[:8]
    row, column = np.divmod(problem.pixel[most], grid.width)
    among = gpd.points_from_xy(grid.x_m[column], grid.y_m[row])
    own = gpd.GeoDataFrame(geometry=among, crs=result.communes.crs)
    free = SitePrices(mast_vnd={30.0: 1e9}, share_vnd=3e8)  # also where no cable leads
    found = site(result, aim, rich, free, search=SEARCH, own=own, **losses)
    reached = found.plan.targets
    asked = {name.removeprefix(f"{SERVICE} village ") for name in reached.index}
    assert set(missed) <= asked <= set(villages.index)
    assert (reached["people"] >= reached["people_needed"] - 1e-6).all()


def test_one_plan_serves_two_operators_on_shared_masts_and_every_centre(result, losses):
    rule = {"technologies": ["4G"], "threshold_dbm": {"4G": -115}, "environment": "outdoor",
            "location_probability": 0.9}  # fmt: skip
    names = {SERVICE: "Viettel", "vina": "VinaPhone"}
    study = result.study.replace(
        services=[
            {"id": one, "name": name, "name_en": name, "operators": [name], **rule}
            for one, name in names.items()
        ]
    )
    cells = result.inputs["cells"]
    two = phusong.what_if(phusong.run(study, parts=["coverage"], **losses), cells, **losses)
    prices = SitePrices(mast_vnd={45.0: 1.8e9}, share_vnd=3e8)
    viettel = SiteAim(service=SERVICE, operator="Viettel", technology="4G", target_share=0.6)
    vina = SiteAim(
        service="vina", operator="VinaPhone", technology="4G", target_share=0.6,
        each_centre=True,
    )  # fmt: skip
    found = site(two, [viettel, vina], {2027: 3e10}, prices, search=SEARCH, **losses)
    needed = found.plan.targets
    assert (needed["people"] >= needed["people_needed"] - 1e-6).all()
    assert {"mobile province", "vina province"} < set(needed.index)
    masts = found.works[found.works["kind"] == "mast"]
    beside = found.works["site_id"].isin(masts["site_id"]) & (found.works["kind"] == "share")
    assert beside.any(), "the second operator pays for no mast of its own"
    assert masts["site_id"].is_unique
    after = phusong.what_if(two, found.cells, **losses)
    for name in names:
        before, then = (each.communes.set_index("commune_code") for each in (two, after))
        its = found.communes[found.communes["service"] == name].set_index("commune_code")
        column = f"covered_population_{name}"
        assert (then[column] - before[column] - its["people"]).abs().max() < 0.5
        assert its["centre_before"].equals(before[f"centre_covered_{name}"].astype(bool))
        assert its["centre_after"].equals(then[f"centre_covered_{name}"].astype(bool))
    assert its["centre_after"].all()
    assert not its["centre_before"].all()
    assert found.sites["people"].sum() == pytest.approx(found.communes["people"].sum())
    shown = [line.en for line in found.page.about]
    assert any("VinaPhone 4G sites" in line for line in shown)
    assert "The centre of every commune served by 2027, for least money" in shown
    priced = found.prices(share=0.9)
    assert not priced.duplicated(["service", "commune_code"]).any()
    assert len(priced) == 2 * len(two.communes)
    curve = found.curve(share=0.9, points=2)
    assert curve["people"].max() >= found.communes["people"].sum() - 1
    nowhere = replace(SEARCH, least_people=1e9)
    everybody = [replace(aim, target_share=1.0) for aim in (viettel, vina)]
    with pytest.raises(InfeasibleSitingError, match="Viettel, Whole province: ") as caught:
        site(two, everybody, {2027: 3e10}, prices, search=nowhere, **losses)
    assert "; VinaPhone, Whole province: " in caught.value.values["targets"]["en"]
    area = [shapely.box(*result.communes.total_bounds).buffer(1e4)]
    everywhere = gpd.GeoDataFrame(geometry=area, crs=result.communes.crs)
    centres = replace(vina, target_share=None)
    with pytest.raises(InfeasibleSitingError, match=r"needed\): centre of commune 00709: 0 / 1"):
        site(two, centres, {2027: 3e10}, prices, search=SEARCH, excluded=everywhere, **losses)


def test_what_no_candidate_reaches_is_named(result, losses):
    aim = SiteAim(
        service=SERVICE, operator="Viettel", technology="4G", target_share=1.0, each_commune=True
    )
    nothing = Search(**(SEARCH.__dict__ | {"least_people": 1e9}))
    with pytest.raises(InfeasibleSitingError, match="No candidate reaches") as caught:
        site(result, aim, BUDGETS, PRICES, search=nothing, **losses)
    assert caught.value.values["people"] > 0
    named = caught.value.values["places"]["en"]
    # No place is tried but masts that are there.
    assert re.search(r"^[^;(]+ \([\d,]+ people; (behind a ridge|too far|power or band)", named)
    whole, rich = replace(aim, each_commune=False), dict.fromkeys(BUDGETS, 1e12)
    with pytest.raises(InfeasibleSitingError) as caught:
        site(result, whole, rich, PRICES, search=nothing, **losses)
    assert "phủ được / cần): Toàn tỉnh: " in caught.value.render("vi")
    said = caught.value.render("en")
    assert "--within-reach (“within_reach = true” of “[siting]”)" in said
    (told,) = re.findall(r"\(([\d.]+) % of the residents\)", said)
    found = site(result, whole, rich, PRICES, search=nothing, within_reach=True, **losses)
    communes = found.communes
    then = (communes["share_after"] * communes["population"]).sum() / communes["population"].sum()
    assert 0 <= then - float(told) / 100 < 1e-4
    (lowered,) = found.lowered
    assert lowered.share == pytest.approx(then)
    assert "beyond the reach of all candidates" in found.page.about[-1].en
    share = math.floor(1e4 * lowered.share) / 1e4
    again = site(result, replace(whole, target_share=share), rich, PRICES, search=nothing, **losses)
    assert not again.lowered
    assert again.plan.cost_vnd <= found.plan.cost_vnd


def test_people_of_communes_that_come_first_count_more_in_the_choice_alone(result, losses, plan):
    problem = plan.problem
    of_commune = np.bincount(problem.unit, problem.demand.people)
    first = problem.codes[np.argsort(of_commune, kind="stable")[: len(of_commune) // 2]]
    table = pd.DataFrame({"commune_code": problem.codes, "border": np.isin(problem.codes, first)})
    loaded = result.gathered.loaded
    told = replace(loaded, tables={**loaded.tables, "priorities": table})
    weighed = phusong.Result(replace(result.gathered, loaded=told))
    found = site(weighed, AIM, BUDGETS, PRICES, search=SEARCH, weights={"border": 5}, **losses)

    def person_years(one, weight):
        years = sorted(BUDGETS)
        done = one.plan.served_year.astype(float).to_numpy(float, na_value=np.inf)
        counted = problem.demand.people * problem.demand.weight * weight
        return sum(float(counted[done <= year].sum()) for year in years)

    five = np.where(np.isin(problem.codes[problem.unit], first), 5.0, 1.0)
    assert found.plan.person_years == pytest.approx(person_years(found, five))
    assert person_years(found, five) > person_years(plan, five)
    assert person_years(plan, 1.0) > person_years(found, 1.0)
    assert found.years["people"].iloc[-1] == pytest.approx(found.communes["people"].sum(), abs=0.5)
    built = [*found.plan.works.index, *found.next.works]
    more = served_by(problem.works, problem.demand, built)
    more &= ~found.plan.served_year.notna().to_numpy()
    assert found.next.people == pytest.approx(problem.demand.people[more].sum(), rel=1e-6)
    assert "Border commune × 5" in found.page.about[-1].en
    details = [line.detail.en for line in found.page.headlines if line.detail is not None]
    assert any("those of weighted communes by their weight" in line for line in details)


def test_no_mast_stands_in_an_excluded_area(result, losses):
    everywhere = gpd.GeoDataFrame(
        geometry=[shapely.box(*result.communes.total_bounds).buffer(1e4)],
        crs=result.communes.crs,
    )
    found = site(result, AIM, BUDGETS, PRICES, search=SEARCH, excluded=everywhere, **losses)
    assert not (found.works["kind"] == "mast").any()
    assert found.candidates.left_out["excluded"] > 0


def test_masts_stand_outside_the_communes_only_as_far_as_allowed(result):
    coverage, units = (result.gathered.found[part] for part in (COVERAGE, TERRITORY))
    margin, communes = coverage.services[SERVICE].margin_db, units.units.communes
    people = units.units.residents.raster.to_numpy()
    gap = unserved(grid_of(margin), margin.to_numpy(), people)

    def found(beyond_m):
        table = candidates_of(
            coverage.ground, communes, gap, shared=coverage.cells.iloc[:0], own=None, excluded=None,
            search=replace(SEARCH, per_gap=100, choices=5), beyond_m=beyond_m,
            standing=coverage.cells.iloc[:0], spacing=MastSpacing(least_m=400),
        ).table  # fmt: skip
        return gpd.GeoSeries(gpd.points_from_xy(table["x_m"], table["y_m"]))

    land, pixel_m = communes.union_all(), result.study.resolution_m
    assert found(0.0).distance(land).max() <= pixel_m
    assert pixel_m < found(1000.0).distance(land).max() <= 1000 + 2 * pixel_m


def test_kept_cover_sets_are_taken_only_where_they_stand_the_test(result, tmp_path, monkeypatch):
    predicted = []

    def counted(sites, **given):
        its = list(sites)
        predicted.extend(its)
        return served_by_sites(its, **given)

    monkeypatch.setattr(site_cover, "served_by_sites", counted)

    def planned():
        predicted.clear()
        search = replace(SEARCH, per_gap=1, least_people=500)
        given = {"search": search, "cache_folder": tmp_path, "threads": 1}
        found = site(result, AIM, BUDGETS, SitePrices(mast_vnd={30.0: 1e9}, share_vnd=3e8), **given)
        return found.plan.person_years, len(predicted)

    first, every = planned()
    assert first > 0
    assert planned() == (first, site_cover.PROBES)
    (file,) = tmp_path.glob("*/*.cover")
    shape = json.loads(file.read_bytes()[32:].split(b"\n")[0])["shape"]
    TileCache(tmp_path).put(file.name, np.full(shape, 255, np.uint8))
    assert planned() == (first, every + site_cover.PROBES)


def away_from_masts(result):
    """Return the place in the communes, of a thousand, that is farthest from all masts."""
    tried = gpd.GeoSeries([result.communes.union_all()]).sample_points(1000, rng=1).explode()
    masts = result.inputs["cells"].geometry.union_all()
    return tried.iloc[tried.distance(masts).argmax()]


def test_places_of_ones_own_are_tried(result, losses, plan):
    crs = result.communes.crs
    own = gpd.GeoDataFrame(geometry=[away_from_masts(result)], crs=crs).to_crs("EPSG:4326")
    found = site(result, AIM, BUDGETS, PRICES, search=SEARCH, own=own, **losses)
    assert (found.candidates.table["kind"] == "own").sum() == 1
    assert found.years["people"].iloc[-1] >= plan.years["people"].iloc[-1] * 0.99


def far_from(points, others, least_m):
    """Tell whether all points keep their distances from others, themselves left out."""
    away = np.hypot(*(points[:, None] - others[None]).transpose(2, 0, 1))
    np.fill_diagonal(away, np.inf) if others is points else None
    return bool((away >= least_m).all())


@pytest.mark.parametrize("by_type", [False, True])
def test_the_spacing_of_the_study_is_kept_from_every_mast_and_between_new_ones(
    result, losses, by_type
):
    section = {
        "service": SERVICE, "operator": AIM.operator, "technology": AIM.technology,
        "years": [{"year": 2027, "budget_vnd": 3e10}],
        "masts": [{"antenna_height_m": 30, "price_vnd": 1.2e9}], "share_vnd": 1e12,
        "spacing_m": 0.0 if by_type else 1500.0,
        "spacing_by_type": dict.fromkeys(result.communes["type"], 1500.0) if by_type else {},
    }  # fmt: skip
    told = replace(result.gathered, study=result.study.replace(siting=section))
    masts = result.inputs["cells"].drop_duplicates("site_id")
    near = shapely.transform(masts.geometry.iloc[0], lambda xy: xy + 90)
    pair = away_from_masts(result)
    own = gpd.GeoDataFrame(
        {"place_id": ["gần", "A", "B"]},
        geometry=[near, pair, shapely.transform(pair, lambda xy: xy + 30)],
        crs=result.communes.crs,
    )
    found = site(phusong.Result(told), search=SEARCH, own=own, **losses)
    notes = {note.message: note for note in found.notes}
    name = masts["site_id"].iloc[0]
    assert notes["site.own_too_near"].values["places"] == f"gần – {name} (127 < 1500 m)"
    assert notes["site.own_apart"].values["places"] == "A – B (42 m)"
    assert ("site.spacing_by_type" if by_type else "site.spacing") in notes
    new = found.works[found.works["kind"] == "mast"]
    assert len(new) > 2
    points, there = (np.c_[each.geometry.x, each.geometry.y] for each in (new, masts))
    assert far_from(points, there, 1500)
    assert far_from(points, points, 1500)


@pytest.mark.parametrize("metres", [-1.0, float("nan"), 1e6])
def test_a_spacing_that_no_province_has_is_refused(result, metres):
    spacing = MastSpacing(least_m=400, by_type={"phường": metres})
    with pytest.raises(SitingError, match="diagonal of the province"):
        site(result, AIM, BUDGETS, PRICES, search=SEARCH, spacing=spacing)


def test_everybody_counts_once_for_a_site_a_commune_and_a_year(result, plan):
    gained = plan.communes["people"].sum()
    assert plan.sites["people"].sum() == pytest.approx(gained)
    assert plan.commune_years["people"].sum() == pytest.approx(gained)
    assert plan.sites["total_vnd"].sum() == pytest.approx(plan.works["cost_vnd"].sum())
    by_year = plan.sites.groupby("year")["people"].sum().cumsum()
    so_far = plan.years.set_index("year")["people"]
    assert by_year.to_numpy() == pytest.approx(so_far.loc[by_year.index].to_numpy())
    assert plan.sites["rank"].to_list() == list(range(1, len(plan.sites) + 1))
    assert plan.sites["villages"].sum() > 0
    fewer = plan.sites.sort_values(["year", "people"], ascending=[True, False])
    assert fewer["rank"].is_monotonic_increasing


@pytest.mark.parametrize(
    ("aim", "prices", "told"),
    [
        ({"service": "9g"}, PRICES, "no service 9g"),
        ({"technology": "6G"}, PRICES, "does not count 6G cells"),
        ({"technology": "5G"}, PRICES, "No 5G cells are on air"),
        ({"target_share": 1.5}, PRICES, "between 0 and 1"),
        ({}, SitePrices(mast_vnd={}, share_vnd=1.0), "one height"),
        ({}, replace(PRICES, share_vnd=0.0), "“share_vnd” must be at least 1 dong, got 0"),
        ({}, replace(PRICES, mast_vnd={30.0: -5.0}), "“mast_vnd 30m” must be at least 1 dong"),
        ({}, replace(PRICES, fibre_vnd_per_km=float("nan")), "“fibre_vnd_per_km” must be"),
    ],
)
def test_what_cannot_be_planned_is_refused(result, aim, prices, told):
    asked = SiteAim(**(AIM.__dict__ | aim))
    with pytest.raises(SitingError, match=told):
        site(result, asked, BUDGETS, prices)


def test_without_coverage_there_is_nothing_to_plan(offices_alone):
    found = phusong.run(phusong.open_study(offices_alone), threads=1)
    with pytest.raises(SitingError, match="no coverage"):
        site(found, AIM, BUDGETS, PRICES)


def test_relays_and_power_are_paid_by_the_sites_that_need_them(result, losses):
    prices = SitePrices(
        mast_vnd={30.0: 1e9}, share_vnd=3e8, hop_vnd=1e8, relay_vnd=5e7, grid_vnd_per_km=3e7,
        solar_vnd=1.2e8, generator_vnd=2e8,
    )  # fmt: skip
    rules = BackhaulRules(longest_hop_m=9000)
    found = site(result, AIM, BUDGETS, prices, search=SEARCH, backhaul=rules, **losses)
    works = found.works
    masts = works[works["kind"] == "mast"]
    supplies = works[works["kind"].isin(["grid", "solar", "generator"])]
    assert sorted(supplies["site_id"]) == sorted(masts["site_id"])
    assert set(supplies["kind"]) <= {"grid", "solar"}, "panels are cheaper than a generator"
    assert (supplies.loc[supplies["kind"] == "grid", "cost_vnd"] <= 1.2e8).all()
    chains = works[works["kind"] == "hop"]
    assert (chains["hops"] > 1).any()
    over = {name for via in chains["via"] for name in via.split(" > ")[:-1]}
    assert set(works.loc[works["kind"] == "relay", "site_id"]) == over
    assert found.sites["total_vnd"].sum() == pytest.approx(works["cost_vnd"].sum())
    assert found.hop_profile(chains["work_id"].iloc[0], 2).section["distance_m"].max() <= 9000
    with pytest.raises(SitingError, match="no hop 9"):
        found.hop_profile(chains["work_id"].iloc[0], 9)


def test_villages_without_power_count_once_a_line_to_them_is_built(result, losses):
    free = SitePrices(mast_vnd={30.0: 1e9}, share_vnd=3e8)
    waiting, before = (
        site(result, AIM, BUDGETS, each, search=SEARCH, **losses)
        for each in (replace(free, village_grid_vnd_per_km=1e8), free)
    )
    lines = waiting.works[waiting.works["kind"] == "village_power"]
    assert len(lines)
    dark = result.inputs["villages"].set_index("village_id")["has_electricity"]
    assert not dark[lines["site_id"]].any()
    assert 0 < waiting.years["people"].iloc[-1] < before.years["people"].iloc[-1]


def test_a_place_where_nothing_can_be_built_keeps_no_other_from_being_built(
    result, losses, monkeypatch
):
    power_of = site_works.power_of

    def without_one(candidates, villages, prices):
        power, told = power_of(candidates, villages, prices)
        own = candidates["site_id"][candidates["kind"] == "own"]
        return {**power, own.iloc[0]: []}, told

    monkeypatch.setattr(site_works, "power_of", without_one)
    place = away_from_masts(result)
    beside = shapely.transform(place, lambda xy: xy + 100)
    own = gpd.GeoDataFrame(geometry=[place, beside], crs=result.communes.crs)
    prices = SitePrices(mast_vnd=PRICES.mast_vnd, share_vnd=3e8, solar_vnd=1e8)
    found = site(result, AIM, BUDGETS, prices, search=SEARCH, own=own, **losses)
    (note,) = (note for note in found.notes if note.message == "pipeline.siting_no_power")
    assert note.values["count"] == len(PRICES.mast_vnd)
