"use strict";
/* Cards: what a click or a search result tells about a row. All text goes in as text. */
(function (app) {
  const LISTED = 25;
  let open = null;
  let again = null;

  /* The card of a table; one that this map does not draw has a short one for what the search finds. */
  const cardOf = (table) => app.data.cards[table] || app.data.found[table];

  app.heading = (table, row) => {
    const card = cardOf(table);
    const parts = card ? card.title.map((field) => app.value(table, row, field)) : [];
    return parts.filter((part) => part !== null && part !== "").join(" ") || "–";
  };
  app.subheading = (table, row) =>
    cardOf(table).subtitle.map((field) => app.show(table, row, field)).filter((part) => part !== "–").join(" · ");

  /* Open the card of one row, or of several at one place with a pager. */
  app.openCard = function (table, rows, latlng) {
    const body = app.el("div", { class: "card" });
    open = { table, rows, at: 0, body };
    fill();
    app.openPopup(latlng, body, fill);
  };

  /* Show a card at a place; `refill` writes it anew in another language. */
  app.openPopup = function (latlng, body, refill) {
    again = refill;
    const { x, y } = app.map.getSize();
    const below = app.map.getContainer().querySelector(".leaflet-bottom.leaflet-right").offsetHeight + 12; // the place and the credit stay clear
    const popup = L.popup({
      maxWidth: Math.min(380, x - 44), minWidth: 220, maxHeight: Math.max(120, Math.min(0.72 * y, y - below - 64)),
      autoPanPaddingTopLeft: [12, 12], autoPanPaddingBottomRight: [12, below],
    })
      .setLatLng(latlng).setContent(body);
    popup.openOn(app.map);
    const content = popup.getElement().querySelector(".leaflet-popup-content");
    content.setAttribute("tabindex", "0");
    content.setAttribute("role", "group");
    app.say(content, app.word("card"), "aria-label");
    // A button that was pressed may be gone when the map hears of it, which would take it for a place of its own.
    popup.getElement().addEventListener("click", (event) => event.stopPropagation());
    popup.getElement().addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      app.map.closePopup();
      app.map.getContainer().focus({ preventScroll: true });
    });
    const close = popup.getElement().querySelector(".leaflet-popup-close-button");
    app.say(close, app.word("close"), "aria-label");
  };

  function fill() {
    const { table, rows, at, body } = open;
    const row = rows[at];
    app.highlight(table, row);
    body.replaceChildren(
      app.el("h2", {}, app.heading(table, row)),
      app.el("p", { class: "where" }, app.subheading(table, row)),
      ...contents(table, row),
    );
    if (rows.length > 1) body.append(pager());
  }

  function pager() {
    const turn = (step) => () => {
      open.at = (open.at + step + open.rows.length) % open.rows.length;
      fill();
      open.body.querySelectorAll(".pager button")[step < 0 ? 0 : 1].focus();
    };
    return app.el("p", { class: "pager" },
      app.say(app.el("button", { type: "button", on: { click: turn(-1) } }, "‹"), app.word("previous"), "aria-label"),
      ` ${open.at + 1} / ${open.rows.length} `,
      app.say(app.el("button", { type: "button", on: { click: turn(1) } }, "›"), app.word("next"), "aria-label"));
  }

  const told = (table, row, name) => app.field(table, name)
    && [null, ...app.data.services.map((service) => service.id)].some((id) => app.value(table, row, name, id) !== null);

  function contents(table, row) {
    const card = cardOf(table);
    const known = card.rows.filter(({ field, unless }) => app.field(table, field) && !(unless && told(table, row, unless)));
    const plain = known.filter(({ field }) => !app.field(table, field).perService);
    const repeated = known.filter(({ field }) => app.field(table, field).perService);
    const parts = [];
    if (repeated.length) parts.push(byService(table, row, repeated));
    const ids = table === "stations" ? cellsOf(app.value(table, row, "station_id")) : [];
    if (plain.length || ids.length) {
      parts.push(app.el("dl", {}, ...plain.flatMap((one) => [
        app.el("dt", {}, app.now(one.title || app.field(table, one.field).title)),
        cell("dd", table, row, one),
      ]), ...(ids.length ? [app.el("dt", {}, app.now(app.word("cell_ids"))), app.el("dd", { "data-field": "cell_id" }, ...ids.map((id) => app.el("div", {}, id)))] : [])));
    }
    return parts.concat(card.lists.map((list) => related(table, row, list)), elsewhere(table, row)).filter(Boolean);
  }

  /* The other maps that tell of this row, opened at it. */
  function elsewhere(table, row) {
    const pages = (app.data.pages || []).filter((page) => page.name !== app.data.page && page.tables.includes(table));
    const key = app.data.keys[table];
    const code = key && app.value(table, row, key);
    if (!pages.length || !code) return null;
    const links = pages.flatMap((page, i) => [i ? " · " : " ", app.linkTo(`${page.name}.html`, page.title, [["open", `${table}:${code}`]])]);
    return app.el("p", { class: "elsewhere" }, app.say(app.el("b"), app.word("also_on")), ...links);
  }

  /* The cells of a station, as `phusong profile --cell` asks for them, with where they face. */
  function cellsOf(station) {
    if (!app.data.cells) return [];
    const { cell_id, station_id, azimuth_deg } = app.data.cells;
    return [...station_id.keys()].filter((i) => station_id[i] === station)
      .map((i) => (azimuth_deg[i] === null ? cell_id[i] : `${cell_id[i]} (${app.number(azimuth_deg[i], app.lang, 0)}°)`));
  }

  /* A value with its fraction if it is a share, coloured if it is a verdict. */
  function cell(tag, table, row, { field, below, joined }, service) {
    const node = app.el(tag, { "data-field": field }, app.show(table, row, field, service));
    const value = app.value(table, row, field, service);
    if (!app.data.sample && (value === "met" || value === "missed")) node.classList.add(value);
    if (app.field(table, field).share) {
      const fraction = app.fraction(table, row, field, service);
      if (fraction) node.append(app.el("small", {}, fraction));
    }
    const parts = below.map((one) => app.show(table, row, one, service)).filter((part) => part !== "–");
    if (parts.length) node.append(app.el("small", {}, parts.join(` ${joined} `)));
    return node;
  }

  function byService(table, row, fields) {
    const head = app.el("tr", {}, app.el("th", { scope: "col" }, app.now(app.word("service"))),
      ...fields.map((one) => app.el("th", { scope: "col" }, app.now(one.title || app.field(table, one.field).title))));
    const lines = app.data.services.map((service) =>
      app.el("tr", { class: service.id === app.service ? "current" : null, "data-service": service.id },
        app.el("th", { scope: "row" }, app.now(service.title)),
        ...fields.map((one) => cell("td", table, row, one, service.id))));
    return app.el("div", { class: "wide", tabindex: "0" },
      app.el("table", {}, app.el("thead", {}, head), app.el("tbody", {}, ...lines)));
  }

  function related(table, row, list) {
    const other = app.data.tables[list.table];
    if (!other) return null;
    const key = app.value(table, row, list.by);
    const names = [];
    for (let i = 0; i < other.length; i += 1) {
      if (app.value(list.table, i, list.by) === key
        && list.where.every((one) => one.values.includes(app.value(list.table, i, one.field)))) {
        names.push(app.value(list.table, i, list.name));
      }
    }
    const more = names.length - LISTED;
    const text = names.slice(0, LISTED).join(", ") || app.now(app.word("none"));
    return app.el("p", { class: "list" },
      app.el("b", {}, `${app.now(list.title)} (${app.number(names.length, app.lang, 0)}): `),
      more > 0 ? `${text} ${app.now(app.fill(app.word("more"), { count: more }))}` : text);
  }

  app.onChange(() => {
    if (again && app.map.hasLayer(app.map._popup)) again();
  });
})(phusong);
