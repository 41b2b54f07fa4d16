"use strict";
/* Masts on the map and in the panel: placed, dragged, turned, switched off; what they change is told at once. */
(function (app) {
  const [DIRECT_MS, REST_MS, MOST_THIN, HANDED_MS] = [35, 120, 4, 300]; // a look feels direct; the mast rests; fewest rays; a scenario is handed over
  const STEP_KEYS = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
  const VIEWS = ["changes", "margin", "level"];
  const markers = new Map();
  let found = null;
  let view = VIEWS[0];
  let waiting = null; // where the mast goes with the next picture of the screen
  let moving = false; // it is on its way: at a glance, if all rays take long
  let resting = 0;
  let held = null; // the mast that a hand drags
  let nodes = null;
  let followed = false;

  app.buildExplore = async function (map) {
    const wanted = new URLSearchParams(location.hash.slice(1)).get("masts"); // before a move of the map writes it anew
    window.addEventListener("message", follow);
    await app.readExplore();
    map.createPane("mast").style.zIndex = 260;
    nodes = build();
    document.getElementById("panel-body").prepend(nodes.section);
    map.getContainer().append(nodes.brief);
    document.addEventListener("keydown", steps);
    paper();
    app.onChange(() => { panel(); compute(); });
    app.onPin(tell);
    app.onScenario(() => {
      complain(null);
      place();
      nodes.undo.disabled = !app.canUndo();
      nodes.redo.disabled = !app.canRedo();
      if (!moving) panel();
      compute();
    });
    panel();
    if (followed) begin();
    if (!await app.restoreScenario(wanted)) complain("no_scenario");
    performance.mark("mast-ready"); // read by benchmarks/explore.py
    (window.requestIdleCallback || setTimeout)(() => { if (!app.scenario().masts.length) app.rehearse(app.newMast(map.getCenter())); });
  };

  /* A notebook around the page asks, maybe before all is read, to be told each scenario at rest. */
  function follow({ source, data }) {
    if (window.parent === window || source !== window.parent || !data || data.follow !== true || followed) return;
    followed = true;
    if (nodes) begin();
  }
  function begin() {
    nodes.intoStudy.remove();
    app.onScenario(handOver);
    handOver();
  }
  let handing = 0;
  function handOver() {
    clearTimeout(handing);
    handing = setTimeout(() => window.parent.postMessage({ followed: app.scenario().masts.length ? app.scenarioFile() : "" }, "*"), HANDED_MS);
  }

  const w = (key) => app.word(`mast_${key}`);
  const say = (tag, attributes, key, attribute) => app.say(app.el(tag, attributes), w(key), attribute);
  const button = (key, act) => say("button", { type: "button", on: { click: act } }, key);

  function build() {
    const [undo, redo] = [button("undo", app.undo), button("redo", app.redo)];
    undo.disabled = redo.disabled = true;
    const masts = app.el("div", { class: "masts-in-hand" });
    const editor = app.el("div");
    const edited = app.el("details", { class: "edited", open: true }, say("summary", {}, "edited"), editor);
    const results = app.el("div", { class: "results" });
    const compared = app.el("div", { class: "scenarios" });
    const brief = app.el("p", { class: "mast-brief", hidden: true }); // where the panel is folded away
    const complaint = app.el("p", { class: "complaint", role: "alert", hidden: true });
    const name = app.el("input", { id: "scenario-name", type: "text", maxlength: 80, autocomplete: "off", on: { change: () => app.nameScenario(name.value.trim()) } });
    const file = app.el("input", { type: "file", accept: ".geojson,.json", hidden: true, on: { change: open } });
    const choice = app.el("select", { id: "mast-view", on: { change: () => {
      view = VIEWS[choice.selectedIndex];
      draw();
      tell();
    } } }, ...VIEWS.map((one) => say("option", {}, `view_${one}`)));
    const intoStudy = button("into_study", () => window.parent.postMessage({ scenario: app.scenarioFile() }, "*"));
    const keep = app.el("div", { class: "keeping" }, app.el("p", { class: "fields" }, say("label", { for: "scenario-name" }, "scenario"), name),
      app.el("p", { class: "buttons" }, button("keep", () => app.keepScenario(name.value.trim() || unnamed())), " ", button("save", app.saveScenario),
        // In a frame, as the desk shows it, the page around may take the scenario for the study's cells.
        ...(window.parent === window ? [] : [" ", intoStudy])),
      app.el("div", { class: "command" }, say("p", {}, "exact"), app.el("code"), app.say(app.el("button", { type: "button", on: { click: () => app.copyText(keep.querySelector("code").textContent) } }), app.word("copy_command"))));
    const { index } = app.data.explore.part || {};
    const section = app.el("section", { class: "mast-panel" },
      say("h2", {}, "new"), ...(index ? [app.el("p", { class: "note" }, say("a", { href: index }, "other_parts"))] : []), say("p", { class: "note" }, "how"),
      app.el("p", { class: "buttons" }, button("place", add), " ", button("nearest", change), " ", undo, " ", redo, " ", button("open", () => file.click()), file), complaint,
      masts, app.el("p", { class: "fields view" }, say("label", { for: "mast-view" }, "view"), choice), results, edited, keep, compared);
    return { section, brief, complaint, masts, editor, edited, results, compared, undo, redo, keep, intoStudy, name, choice };
  }
  function complain(key) {
    nodes.complaint.hidden = key === null;
    if (key) app.say(nodes.complaint, w(key));
  }
  const unnamed = () => `${app.now(w("scenario"))} ${app.keptScenarios().length + 1}`;

  function add() {
    const place = app.map.getCenter();
    if (app.atHome(place)) app.addMast(app.newMast(place));
    else complain("outside");
  }

  /* The mast nearest to the pinned place, else to the middle of the map. */
  function change() {
    const number = app.nearestMast(app.pinned() || app.map.getCenter());
    const at = app.scenario().masts.findIndex((one) => one.mast === number);
    if (number === null) complain("none_at_home");
    else if (at >= 0) app.takeMast(at);
    else app.addMast(app.mastOf(number));
  }

  async function open(event) {
    const [file] = event.target.files;
    event.target.value = "";
    if (file && !app.readScenario(await file.text(), file.name.replace(/\.[^.]*$/, ""))) complain("no_scenario");
  }

  /* Undo and redo by their usual keys, unless a field has them. */
  function steps(event) {
    if (!(event.ctrlKey || event.metaKey) || event.target.matches("input, select, textarea")) return;
    const key = event.key.toLowerCase();
    const way = key === "z" ? (event.shiftKey ? app.redo : app.undo) : key === "y" ? app.redo : null;
    if (!way) return;
    event.preventDefault();
    way();
  }

  /* All but the figures. Where the focus was in a field or on a button of it, it stays. */
  function panel() {
    if (!nodes) return;
    const at = document.activeElement;
    const focus = [nodes.masts, nodes.editor].some((one) => one.contains(at)) ? at.id || "none" : null;
    nodes.masts.replaceChildren(...app.mastLines());
    nodes.editor.replaceChildren(...app.editorLines());
    nodes.edited.hidden = !app.activeMast();
    if (focus) (document.getElementById(focus) || nodes.section.querySelector("button")).focus();
    const { name, masts } = app.scenario();
    nodes.name.value = name;
    nodes.keep.hidden = nodes.choice.parentNode.hidden = masts.length === 0;
    nodes.keep.querySelector("code").textContent = `phusong.what_if(result, ${JSON.stringify(`${(name || "phusong").replace(/[^\p{L}\p{N} _.-]/gu, "_")}.geojson`)})`;
  }

  /* A marker for each mast that is there. */
  function place() {
    const { masts, active } = app.scenario();
    const wanted = new Map(masts.map((mast, at) => [app.keyOf(mast), { mast, at }]));
    for (const [key, marker] of markers) if (!wanted.has(key)) {
      marker.remove();
      markers.delete(key);
    }
    for (const [key, { mast, at }] of wanted) {
      const marker = markers.get(key) || markers.set(key, made(key)).get(key);
      if (held !== key) marker.setLatLng(app.standsAt(mast));
      marker.getElement().classList.toggle("active", at === active);
      marker.getElement().classList.toggle("gone", mast.off);
      app.say(marker.getElement(), app.fill(w("marker"), { name: app.nameOf(mast) }), "aria-label");
    }
  }
  function made(key) {
    const marker = L.marker([0, 0], { draggable: true, autoPan: true, keyboard: true, zIndexOffset: 1000, icon: L.divIcon({ className: "mast", iconSize: [26, 34], iconAnchor: [13, 34] }) }).addTo(app.map);
    let begun = false;
    const take = () => {
      const at = app.scenario().masts.findIndex((mast) => app.keyOf(mast) === key);
      if (at !== app.scenario().active) app.takeMast(at);
    };
    marker.on("dragstart", () => { take(); [held, begun] = [key, true]; });
    marker.on("drag", () => { move(marker.getLatLng(), begun); begun = false; });
    marker.on("dragend", () => {
      held = null;
      if (waiting) arrive();
      settle();
      panel();
      marker.setLatLng(app.standsAt(app.activeMast()));
      announce();
    });
    marker.on("click", take);
    marker.getElement().addEventListener("keydown", (event) => {
      take();
      step(event);
    });
    return marker;
  }

  /* By a pixel of the grid a key, by ten with Shift. */
  function step(event) {
    const way = STEP_KEYS[event.key];
    if (event.key === "Delete") {
      app.dropMast(app.scenario().active);
      nodes.section.querySelector("button").focus();
    }
    if (!way) return;
    event.preventDefault();
    event.stopPropagation();
    const metres = app.pixelM() * (event.shiftKey ? 10 : 1);
    const [x, y] = app.placeOf(waiting ? waiting.latlng : app.standsAt(app.activeMast()));
    move(app.latLngOf(x + way[0] * metres, y + way[1] * metres), !event.repeat);
  }

  /* Once a picture of the screen: a hand is faster than the eye. Where all rays would take longer than feels
     direct, fewer give a glance, and the mast at rest the figures. */
  function move(latlng, begins) {
    if (!app.atHome(latlng)) {
      complain("outside");
      return;
    }
    const first = begins || Boolean(waiting && waiting.first);
    const drawn = waiting;
    waiting = { latlng: app.rounded(latlng), first };
    if (!drawn) requestAnimationFrame(() => { if (waiting) arrive(); });
  }
  function arrive() {
    const { latlng, first } = waiting;
    waiting = null;
    moving = true;
    app.changeMast({ ...app.activeMast(), latlng }, { step: first });
    moving = false;
  }
  function settle() {
    if (found && found.thin > 1) compute();
  }

  function compute() {
    clearTimeout(resting);
    const { masts } = app.scenario();
    const mast = app.activeMast();
    if (!masts.length) {
      found = null;
      app.undraw();
      tell();
      return;
    }
    const gone = masts.filter((one) => one.mast !== null).map((one) => one.mast);
    const all = [...masts, ...app.keptScenarios().flatMap((one) => one.masts)];
    const unread = app.unread(app.service, all.some((one) => one.mast !== null));
    if (unread) {
      wait("reading");
      unread.then(compute);
      return;
    }
    if (!app.knowsRest(gone, app.service)) { // said before the browser is busy with it
      wait("neighbours");
      requestAnimationFrame(() => setTimeout(() => predict(app.scenario(), mast, 1, "mast-neighbours")));
      return;
    }
    predict(app.scenario(), mast, moving ? Math.min(Math.max(Math.ceil(app.lookMs / DIRECT_MS), 1), MOST_THIN) : 1, moving ? "mast-move" : "mast-rest");
  }

  const wait = (key) => nodes.results.replaceChildren(app.el("p", { class: "note waiting" }, app.now(w(key))));

  function predict(scenario, mast, thin, name) {
    if (scenario !== app.scenario()) return;
    const begun = performance.now();
    found = app.evaluate(scenario.masts, mast, app.service, thin);
    draw();
    tell();
    if (thin > 1) resting = setTimeout(settle, REST_MS);
    performance.measure(name, { start: begun }); // read by benchmarks/explore.py
  }

  function draw() {
    if (found && !found.unknown && found.serves) app.drawScenario(found, view);
    else app.undraw();
  }
  function tell() {
    if (!nodes) return;
    const glance = Boolean(found && found.thin > 1);
    nodes.results.classList.toggle("glance", glance);
    nodes.results.replaceChildren(...app.scenarioLines(found, view));
    const figures = ["people", "province"].map((key) => nodes.results.querySelector(`[data-mast="${key}"]`)).filter(Boolean);
    nodes.brief.hidden = !figures.length;
    nodes.brief.replaceChildren(...figures.flatMap((one) => [app.el("span", {}, one.previousSibling.textContent), " ", app.el("b", {}, one.textContent), app.el("br")]));
    if (!moving) nodes.compared.replaceChildren(...(found && found.thin === 1 ? app.comparedScenarios(found) : []));
  }
  /* What is too long for the paper's margin stands on sheets of its own. */
  function paper() {
    const sheet = app.el("section", { class: "mast-paper" });
    document.body.append(sheet);
    window.addEventListener("beforeprint", () => {
      const { name, masts } = app.scenario();
      const tables = nodes.section.querySelectorAll(".communes, .results h3, .villages, .compared");
      sheet.replaceChildren(...(masts.length ? [app.el("h1", {}, [app.now(w("scenario")), name].filter(Boolean).join(": ")),
        app.el("ul", {}, ...masts.map((mast) => app.el("li", {}, told(mast))))] : []), ...[...tables].map((one) => one.cloneNode(true)));
    });
    window.addEventListener("afterprint", () => sheet.replaceChildren());
  }
  function told(mast) {
    const { lat, lng } = app.standsAt(mast);
    const carriers = [...new Set(mast.cells.map(({ operator, technology, frequency_mhz: frequency, antenna_height_m: height, rs_eirp_dbm: power }) =>
      `${operator} ${technology} ${frequency} MHz, ${app.number(height, app.lang, 1)} m, ${app.number(power, app.lang, 1)} dBm`))];
    return `${app.nameOf(mast)} (${lat.toFixed(5)}, ${lng.toFixed(5)})${mast.off ? ` – ${app.now(w("is_off"))}` : `: ${carriers.join("; ")}`}`;
  }
  function announce() {
    if (found && !found.unknown) app.announce(`${app.now(w("people"))}: ${app.number(found.people, app.lang, 0)}`);
  }
})(phusong);
