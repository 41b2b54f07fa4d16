"use strict";
/* What a scenario brings, in figures: province, communes, villages, the pinned place, and scenarios side by side. */
(function (app) {
  const w = (key) => app.now(app.word(`mast_${key}`));
  const target = () => (app.data.services.find((one) => one.id === app.service) || {}).target ?? null;
  const share = (part, whole) => (whole ? app.percent(Math.max(Math.min(part / whole, 1), 0), app.lang, target()) : "–");
  const whole = (value) => app.number(value, app.lang, 0);
  const area = (value) => `${app.number(value, app.lang, 2)} km²`;
  const decibels = (value, unit) => (value === null ? "–" : `${app.number(value, app.lang, 1)} ${unit}`);
  const ROUNDING = 1e-12; // of sums, as service/units.py forgives it
  const computed = new WeakMap(); // of kept scenarios, by service

  const note = (key) => app.el("p", { class: "note" }, w(key));
  const line = (key, value) => [app.el("dt", {}, w(key)), app.el("dd", { "data-mast": key }, value)];
  const table = (name, heads, rows) => app.el("table", { class: name }, app.el("thead", {}, app.el("tr", {}, ...heads.map((one) => (one ? app.el("th", { scope: "col" }, one) : app.el("td"))))), app.el("tbody", {}, ...rows));
  const row = (attributes, cells) => app.el("tr", attributes, ...cells.map((one, k) => app.el(k ? "td" : "th", k ? {} : { scope: "row" }, one)));

  app.scenarioLines = function (found, view) {
    if (!found) return [];
    if (found.unknown) return [note("outside")];
    if (!found.serves) return [note("other_service")];
    const { province, villages } = app.data.explore;
    const covered = province.covered[app.service];
    const km2 = province.covered_km2[app.service];
    const told = covered === null ? [] : [
      ...line("people", whole(found.people)),
      ...line("province", `${share(covered, province.population)} → ${share(covered + found.people, province.population)}`),
    ];
    return [
      ...(found.thin > 1 ? [note("glance")] : []),
      app.el("dl", {}, ...told, ...line("area", area(found.km2)), ...line("area_after", area(km2 + found.km2)), ...here(found)),
      app.el("p", { class: "note key" }, ...app.viewKey(view).map(([colour, text]) =>
        app.el("span", {}, app.swatch("Polygon", { colour: `rgb(${colour.slice(0, 3).join(" ")})`, outline: "#6b6b6b", fill_opacity: colour[3] / 255 }), text))),
      ...touched(found), ...named(villages, found.gained, "villages", "gained"), ...named(villages, found.lost, "villages_lost", "lost"),
    ];
  };

  function here(found) {
    const at = app.pinned() && found.thin === 1 && app.exploreAt(found, app.pinned());
    if (!at) return [];
    return [...line("level_here", decibels(at.level, "dBm")), ...line("margin_here", decibels(at.margin, "dB")),
      ...line("margin_before", decibels(at.before, "dB")), ...line("margin_after", decibels(at.after, "dB"))];
  }

  /* ---- verdicts: by what the study's target counts ---- */
  const judged = () => app.data.explore.communes.judged[app.service];
  let rowOf = null;
  const communeRow = (code) => {
    rowOf = rowOf || new Map(app.data.explore.communes.commune_code.map((one, row) => [one, row]));
    return rowOf.get(code);
  };

  /* Villages gained less lost, by commune. */
  function villagesChanged({ gained, lost }) {
    const found = new Map();
    const codes = app.data.explore.villages.commune_code;
    [[gained, 1], [lost, -1]].forEach(([rows, sign]) => rows.forEach((row) => {
      const commune = communeRow(codes[row]);
      found.set(commune, (found.get(commune) || 0) + sign);
    }));
    return found;
  }

  /* How a commune's verdict is with a scenario; null where the page does not count what the target is about. */
  function judge(found) {
    const { share: least, of, verdict, whole, part, pixel } = judged();
    const { covered, population } = app.data.explore.communes;
    const named = (met) => (met ? "met" : "missed");
    const changed = of === "villages" ? villagesChanged(found) : null;
    return (row) => {
      if (verdict[row] === "not_applicable") return verdict[row];
      if (of === "population") return named((covered[app.service][row] + found.ofCommune[row]) / population[row] >= least - ROUNDING);
      if (of === "villages") return named((part[row] + (changed.get(row) || 0)) / whole[row] >= least - ROUNDING);
      if (of === "commune_centres") return pixel[row] < 0 ? verdict[row] : named((found.now(pixel[row]) ? 1 : 0) >= least - ROUNDING);
      return null;
    };
  }

  /* Communes of which anybody gains or loses or that are judged otherwise, largest change first; the sign of a sum too
     small to see is none. */
  function changes(found) {
    const then = judged() && judge(found);
    const otherwise = (one) => then && then(one) !== null && then(one) !== judged().verdict[one];
    return [...found.ofCommune.keys()].filter((one) => Math.abs(found.ofCommune[one]) > 1e-6 || otherwise(one))
      .sort((a, b) => Math.abs(found.ofCommune[b]) - Math.abs(found.ofCommune[a]));
  }

  /* What errors of the prediction make of a verdict. More masts alone make no draw of them worse, fewer none better. */
  const WAYS = [["at_least", (masts) => masts.every((one) => one.mast === null)], ["at_most", (masts) => masts.every((one) => one.off)]];
  function doubtOf({ masts }) {
    const { target_probability: met, share_low: low, share_high: high } = app.data.explore.communes.doubt[app.service];
    const way = WAYS.find(([, holds]) => holds(masts));
    return (row) => {
      if (met[row] === null) return "–";
      const before = `${app.percent(met[row], app.lang)} (${app.percent(low[row], app.lang)} – ${app.percent(high[row], app.lang)})`;
      return `${before} → ${way ? app.now(app.fill(app.word(`mast_${way[0]}`), { share: app.percent(met[row], app.lang) })) : "?"}`;
    };
  }

  function touched(found) {
    const { communes } = app.data.explore;
    const rows = changes(found);
    if (!rows.length) return [];
    const covered = communes.covered[app.service];
    const then = judged() && judge(found);
    const doubt = communes.doubt[app.service] && doubtOf(found);
    const verdict = (one) => [judged().verdict[one], then(one)].map((name) => w(name || "not_judged")).filter((word, k, both) => !k || word !== both[0]).join(" → ");
    const cells = (one) => [
      [communes.type && communes.type[one], communes.name[one]].filter(Boolean).join(" "), whole(found.ofCommune[one]),
      share(covered[one], communes.population[one]), share(covered[one] + found.ofCommune[one], communes.population[one]),
      ...(then ? [verdict(one)] : []),
    ];
    const heads = ["commune", "people_change", "before", "after", ...(then ? ["verdict"] : [])].map(w);
    const lines = (one) => [
      row({ "data-commune": communes.commune_code[one] }, cells(one)),
      ...(doubt ? [app.el("tr", { class: "doubt", "data-doubt": communes.commune_code[one] }, app.el("td", { colspan: heads.length }, w("probability"), ": ", app.el("span", {}, doubt(one))))] : []),
    ];
    return [table("communes", heads, rows.flatMap(lines)),
      ...(then && judged().of !== "population" ? [note(`judged_${judged().of}`)] : []), ...(doubt ? [note("doubt")] : [])];
  }

  function named(villages, rows, key, way) {
    if (!rows.length) return [];
    return [app.el("h3", {}, w(key)), app.el("ul", { class: `villages ${way}` }, ...rows.map((one) => app.el("li", {}, villages.name[one])))];
  }

  /* Kept scenarios and that at hand, one a column. */
  function figures(scenario, found) {
    if (scenario.masts === found.masts) return found;
    const known = computed.get(scenario.masts) || computed.set(scenario.masts, new Map()).get(scenario.masts);
    if (!known.has(app.service)) known.set(app.service, app.evaluate(scenario.masts, null, app.service));
    return known.get(app.service);
  }
  app.comparedScenarios = function (found) {
    const kept = app.keptScenarios();
    if (!kept.length) return [];
    const own = app.scenario();
    const all = [...kept, ...(kept.some((one) => one.masts === own.masts) ? [] : [{ ...own, name: w("at_hand") }])];
    const { province, communes } = app.data.explore;
    const covered = province.covered[app.service];
    const of = all.map((one) => figures(one, found));
    const countsMet = judged() && !["area", "probability"].includes(judged().of);
    const reaching = (one) => {
      const then = judge(one);
      return communes.commune_code.filter((_, row) => then(row) === "met").length;
    };
    const rows = [
      ["masts", (found) => whole(found.masts.length)],
      ...(covered === null ? [] : [["people", (found) => whole(found.people)], ["province_after", (found) => share(covered + found.people, province.population)]]),
      ["area", (found) => area(found.km2)],
      ["villages", (found) => whole(found.gained.length)], ["villages_lost", (found) => whole(found.lost.length)],
      ...(!countsMet ? [] : [["communes_met", (found) => whole(reaching(found))]]),
    ];
    return [app.el("h3", {}, w("compared")), app.el("div", { class: "wide", tabindex: "0", role: "group", "aria-label": w("compared") }, table("compared", ["", ...all.map((one) => one.name)], rows.map(([key, tell]) => row({ "data-compared": key }, [w(key), ...of.map(tell)])))),
      app.el("p", { class: "buttons" }, ...kept.flatMap((one) => [
        app.el("button", { type: "button", on: { click: () => app.openScenario(one) } }, app.now(app.fill(app.word("mast_take"), { name: one.name }))), " ",
        app.el("button", { type: "button", "aria-label": app.now(app.fill(app.word("mast_forget"), { name: one.name })), on: { click: () => app.dropScenario(one.name) } }, "×"), " "]))];
  };
})(phusong);
