"use strict";
/* Find whatever has a name or a code, with or without diacritics, drawn here or not; and places by their coordinates. */
(function (app) {
  const SHOWN = 10;

  function index() {
    const entries = [];
    for (const [table, fields] of Object.entries(app.data.searched)) {
      const { length, shapes, points } = app.data.tables[table];
      if (!shapes && !points) continue;
      for (let row = 0; row < length; row += 1) {
        const names = fields.map((field) => app.value(table, row, field)).filter(Boolean).map(String);
        entries.push({ table, row, folded: names.map(app.fold) });
      }
    }
    return entries;
  }

  /* Best first: whole name, start of the name, start of a word, anywhere. */
  function rank(entry, wanted) {
    let best = Infinity;
    for (const name of entry.folded) {
      if (name === wanted) return 0;
      const at = ` ${name}`.indexOf(` ${wanted}`);
      if (at === 0) best = Math.min(best, 1);
      else if (at > 0) best = Math.min(best, 2);
      else if (name.includes(wanted)) best = Math.min(best, 3);
    }
    return best;
  }

  app.find = function (text) {
    const wanted = app.fold(text);
    if (!wanted) return [];
    app.entries = app.entries || index();
    const found = [];
    app.entries.forEach((entry, order) => {
      const score = rank(entry, wanted);
      if (score < Infinity) found.push({ entry, score, order });
    });
    found.sort((a, b) => a.score - b.score || a.order - b.order);
    return found.slice(0, SHOWN).map((one) => one.entry);
  };

  app.searchBox = function () {
    let chosen = -1;
    let found = [];
    const list = app.el("ul", { id: "found", role: "listbox", hidden: true });
    app.say(list, app.word("search"), "aria-label");
    const input = app.say(app.el("input", {
      type: "search", role: "combobox", "aria-expanded": "false", "aria-controls": "found", "aria-autocomplete": "list",
      autocomplete: "off", spellcheck: "false", on: { input: update, keydown: key, focus: update },
    }), app.word("search"), "placeholder");
    const label = app.el("label", { class: "search" }, app.say(app.el("span", { class: "unseen" }), app.word("search")), input);
    const box = app.el("div", { class: "finder" }, label, list);
    box.addEventListener("focusout", (event) => { if (!box.contains(event.relatedTarget)) show([]); });
    list.addEventListener("mousedown", (event) => event.preventDefault());

    function update() {
      const place = app.placeIn(input.value);
      show([...(place ? [{ place }] : []), ...app.find(input.value)]);
    }
    function show(entries) {
      found = entries;
      chosen = -1;
      list.hidden = !entries.length && !(input.value.trim() && document.activeElement === input);
      input.setAttribute("aria-expanded", String(!list.hidden));
      list.replaceChildren(...(entries.length ? entries.map(option) : [app.el("li", { class: "nothing", role: "option", "aria-disabled": "true" }, app.now(app.word("not_found")))]));
      mark();
    }
    function option(entry, position) {
      const { table, row, place } = entry;
      if (place) {
        const known = app.map.options.maxBounds.contains(place);
        return app.el("li", { id: `found-${position}`, role: "option", on: { click: () => go(entry) } }, app.el("b", {}, app.writtenPlace(place)[0]), " ",
          app.el("small", {}, app.now(app.word(known ? "coordinates" : "outside_map"))));
      }
      return app.el("li", { id: `found-${position}`, role: "option", on: { click: () => go(entry) } },
        app.el("b", {}, app.heading(table, row)), " ", app.el("small", {}, [app.now(app.word(`kind_${table}`)), app.subheading(table, row)].filter(Boolean).join(" · ")));
    }
    function mark() {
      [...list.children].forEach((node, position) => node.setAttribute("aria-selected", String(position === chosen)));
      if (chosen >= 0) {
        input.setAttribute("aria-activedescendant", `found-${chosen}`);
        list.children[chosen].scrollIntoView({ block: "nearest" });
      } else input.removeAttribute("aria-activedescendant");
    }
    function key(event) {
      if (event.key === "Escape") show([]);
      else if (event.key === "Enter" && found.length) go(found[Math.max(chosen, 0)]);
      else if (event.key === "ArrowDown" && found.length) chosen = (chosen + 1) % found.length;
      else if (event.key === "ArrowUp" && found.length) chosen = (chosen - 1 + found.length) % found.length;
      else return;
      event.preventDefault();
      if (event.key.startsWith("Arrow")) mark();
    }
    function go(entry) {
      if (entry.place) {
        if (!app.map.options.maxBounds.contains(entry.place)) return;
        input.blur();
        show([]);
        app.closePanel();
        app.map.setView(entry.place, Math.max(app.map.getZoom(), 13), { animate: false });
        app.clicked(entry.place);
        return;
      }
      input.value = app.heading(entry.table, entry.row);
      input.blur();
      show([]);
      app.closePanel();
      app.showRow(entry.table, entry.row);
      const card = document.querySelector(".leaflet-popup-content");
      if (card) card.focus({ preventScroll: true });
    }
    return box;
  };
})(phusong);
