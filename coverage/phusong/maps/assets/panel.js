"use strict";
/* The panel beside the map: title, language, service, layers with their legends. */
(function (app) {
  app.buildPanel = function () {
    const toggle = app.say(app.el("button", { type: "button", class: "handle", "aria-expanded": "false", "aria-controls": "panel-body",
      on: { click: () => app.openPanel(panel.classList.contains("closed")) } }), app.word("legend"));
    const body = app.el("div", { id: "panel-body" });
    const panel = app.el("aside", { class: "panel closed" },
      app.el("header", {},
        app.el("div", { class: "top" }, app.data.pages ? app.say(app.el("nav", { class: "pages" }), app.word("pages"), "aria-label") : null, languages()),
        app.say(app.el("h1"), app.data.title),
        app.say(app.el("p", { class: "study" }), app.data.study),
        app.data.note ? app.say(app.el("p", { class: "question" }), app.data.note) : null,
        app.searchBox(),
        toggle),
      body);
    app.say(panel, app.word("legend"), "aria-label");
    app.openPanel = (open) => {
      panel.classList.toggle("closed", !open);
      toggle.setAttribute("aria-expanded", String(open));
    };
    app.closePanel = () => app.openPanel(false);
    app.fillPanel = () => body.append(...[sample(), services(), app.say(app.el("h2"), app.word("legend")), ...layers()].filter(Boolean));
    document.body.append(panel);
  };

  function languages() {
    const button = (lang, name) => app.el("button", { type: "button", lang, "aria-pressed": String(app.lang === lang),
      on: { click: () => app.setLanguage(lang) } }, name);
    const group = app.say(app.el("div", { class: "languages", role: "group" }, button("vi", "Tiếng Việt"), button("en", "English")),
      app.word("language"), "aria-label");
    app.onChange(() => [...group.children].forEach((one) => one.setAttribute("aria-pressed", String(one.lang === app.lang))));
    return group;
  }

  const sample = () => app.data.sample_notice ? app.say(app.el("p", { class: "definition warned" }), app.data.sample_notice) : null;

  function services() {
    if (!app.data.services.length || !app.data.choosable) {
      return app.data.dated ? app.say(app.el("p", { class: "definition" }), app.data.dated) : null;
    }
    const definition = app.el("p", { class: "definition" });
    const tell = () => {
      definition.textContent = app.now(app.data.services.find((one) => one.id === app.service).definition);
    };
    tell();
    app.onChange(tell);
    const choice = (service) => {
      const box = app.el("input", { type: "radio", name: "service", value: service.id, checked: service.id === app.service,
        on: { change: () => app.setService(service.id) } });
      app.onChange(() => { box.checked = service.id === app.service; });
      return app.el("label", {}, box, app.say(app.el("span"), service.title));
    };
    return app.el("fieldset", { class: "services" }, app.say(app.el("legend"), app.word("service")),
      ...app.data.services.map(choice), definition);
  }

  const layers = () => [
    ...app.rasters.map((raster) => section(raster, app.toggleRaster, rasterLegend)),
    ...app.layers.filter(({ spec }) => !spec.background).map((layer) => section(layer, app.toggle, legend)),
    app.say(app.el("h2"), app.word("background")),
    ...app.layers.filter(({ spec }) => spec.background).map((layer) => section(layer, app.toggle, legend)),
  ];

  function section(layer, toggle, explain) {
    const { spec, available } = layer;
    const body = app.el("div", { class: "legend" });
    const box = app.el("input", { type: "checkbox", checked: layer.on, disabled: !available, value: spec.id,
      on: { change: () => {
        layer.set(box.checked);
        if (box.checked) app.rivals(layer).filter((one) => one.on).forEach((one) => one.set(false));
      } } });
    layer.explain = () => paint();
    layer.set = (on) => { box.checked = on; toggle(layer, on); paint(); app.keepAddress(); };
    const title = app.el("label", { class: "title" }, box, app.el("span", {}, ...(spec.paint === null ? [app.swatch(spec.geometry, app.drawing(layer).looks[0]), " "] : []), app.say(app.el("span"), spec.title)));
    const node = app.el("section", { class: spec.background ? "layer background" : "layer", "data-layer": spec.id }, title, body);
    const paint = () => {
      node.classList.toggle("hidden", !layer.on);
      body.replaceChildren(...(available ? layer.on ? explain(layer) : [] : [app.el("p", { class: "note" }, app.now(app.word("absent")))]));
    };
    paint();
    app.onChange(paint);
    return node;
  }
  /* As large as the map draws it now. */
  const swatch = (layer, look) => app.swatch(layer.spec.geometry, { ...look, radius_px: look.radius_px * app.scaleOf(layer) });

  function rasterLegend({ spec }) {
    const line = (one) => app.el("li", {}, app.swatch("Polygon", { ...one, outline: "#6b6b6b", fill_opacity: 1 }), app.el("span", {}, app.now(one.label)));
    const { categories } = spec;
    const lines = categories ? [...categories.items.filter(({ value }) => app.data.cells[categories.field].includes(value)).map((one) => ({ colour: one.colour, label: one.title })),
      ...(categories.other_title ? [{ colour: categories.other, label: categories.other_title }] : [])] : [...spec.classes].reverse();
    return [spec.note && app.el("p", { class: "note" }, app.now(spec.note)), app.el("p", { class: "note on-screen" }, app.now(app.word("signal_click"))), thinned(), lines.length ? app.el("ul", {}, ...lines.map(line)) : null].filter(Boolean);
  }

  /* Of a study too large for one page only some pixels are shown. */
  function thinned() {
    const { thinned_m: metres } = app.data.planes || {};
    return metres ? app.el("p", { class: "note" }, app.now(app.fill(app.word("signal_thinned"), { metres: { vi: app.number(metres, "vi", 0), en: app.number(metres, "en", 0) } }))) : null;
  }

  function legend(layer) {
    const { spec } = layer;
    const parts = [];
    if (spec.note) parts.push(app.el("p", { class: "note" }, app.now(spec.note)));
    if (spec.paint === "classes") parts.push(...classes(layer));
    if (spec.paint === "categories") parts.push(spec.background ? key(layer) : categories(layer));
    parts.push(...spec.filters.filter((field) => app.field(spec.table, field)).map((field) => filter(layer, field)));
    return parts;
  }

  /* How many of the rows have each look. */
  function counted(layer, rows) {
    const counts = new Map(app.drawing(layer).looks.map((look) => [look, 0]));
    for (const i of rows) counts.set(app.lookOf(layer, i), counts.get(app.lookOf(layer, i)) + 1);
    return counts;
  }
  const count = (number) => app.el("span", { class: "count" }, app.number(number, app.lang, 0));
  const line = (layer, look, number) => [swatch(layer, look), app.el("span", {}, app.now(look.words)), count(number)];

  function classes(layer) {
    const counts = counted(layer, app.visibleRows(layer));
    const given = [...counts.keys()].filter((look) => !look.rest);
    const list = (some) => app.el("ul", {}, ...some.map((look) => app.el("li", {}, ...line(layer, look, counts.get(look)))));
    const target = (app.data.services.find((one) => one.id === app.service) || {}).target;
    const side = (met, key) => {
      const some = given.filter((one) => one.met === met);
      const total = some.reduce((sum, look) => sum + counts.get(look), 0);
      const words = app.fill(app.word(key), { target: { vi: short(target, "vi"), en: short(target, "en") } });
      return [app.el("h3", {}, app.el("span", {}, app.now(words)), count(total)), list(some)];
    };
    const parts = layer.spec.denominator ? [app.el("p", { class: "note" }, app.now(layer.spec.denominator))] : [];
    if (given.some((one) => one.met !== null)) parts.push(...side(true, "target_met"), ...side(false, "target_missed"));
    else parts.push(list(given));
    const unknown = [...counts.keys()].filter((look) => look.rest && counts.get(look));
    return unknown.length ? [...parts, list(unknown)] : parts;
  }
  const short = (share, lang) => app.number(100 * share, lang, Number((100 * share).toFixed(6)) % 1 === 0 ? 0 : 1) + " %";

  const key = (layer) => app.el("p", { class: "note key" }, ...app.drawing(layer).looks.filter((look) => !look.rest).map((look) =>
    app.el("span", {}, app.swatch(layer.spec.geometry, look), app.now(look.words))));

  /* Each value can be switched off by itself. */
  const categories = (layer) => app.el("ul", {}, ...[...counted(layer, app.rowsOf(layer))].filter(([, number]) => number)
    .map(([look, number]) => (look.rest ? app.el("li", {}, ...line(layer, look, number))
      : choice(layer, layer.hidden, app.switchOf(look), line(layer, look, number)))));

  function filter(layer, field) {
    const { spec, table } = layer;
    const values = [...new Set(table.columns[field])].filter((value) => value !== null).sort();
    const say = (value) => app.show(spec.table, table.columns[field].indexOf(value), field);
    return app.el("fieldset", { class: "filter" }, app.el("legend", {}, app.now(app.field(spec.table, field).title)),
      app.el("ul", {}, ...values.map((value) => choice(layer, layer.off.get(field), value, [app.el("span", {}, say(value))]))));
  }

  function choice(layer, hidden, value, content) {
    const box = app.el("input", { type: "checkbox", checked: !hidden.has(value),
      on: { change: () => {
        if (box.checked) hidden.delete(value);
        else hidden.add(value);
        app.refresh(layer);
        app.labels.redraw();
      } } });
    return app.el("li", {}, app.el("label", {}, box, ...content));
  }
})(phusong);
