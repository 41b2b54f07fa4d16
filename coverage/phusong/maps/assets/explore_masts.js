"use strict";
/* The masts of a scenario in the panel: chosen, switched off, taken out, and every carrier of the one in hand. */
(function (app) {
  const MOST_SECTORS = 12;
  const w = (key) => app.word(`mast_${key}`);
  const say = (tag, attributes, key, attribute) => app.say(app.el(tag, attributes), w(key), attribute);
  const plain = (text) => (/^\s*[-−]?\d+([.,]\d+)?\s*$/.test(text) ? Number(text.trim().replace("−", "-").replace(",", ".")) : NaN);
  const several = (text) => text.split(/[;\s]+|,\s+/).filter(Boolean).map(plain);
  const named = ({ operator, technology, frequency_mhz: frequency }) => `${operator} · ${technology} · ${frequency} MHz`;

  /* A new mast with a carrier as its neighbours have it. */
  app.newMast = function (latlng) {
    const { carriers, first } = app.data.explore;
    const mast = { id: app.newSite(), mast: null, latlng: app.rounded(latlng), off: false, cells: [] };
    return withCarrier(mast, carriers[first]);
  };

  function withCarrier(mast, carrier) {
    const { operator, technology, frequencyMhz } = carrier;
    const alike = mast.cells.find((cell) => cell.operator === operator && cell.technology === technology);
    const [first] = mast.cells;
    const { lng, lat } = app.standsAt(mast);
    const common = {
      at: first ? first.at : [lng, lat], site_id: mast.id, site_name: first && first.site_name, station_id: alike ? alike.station_id : `${mast.id}-${operator}-${technology}`,
      ground_elevation_m: mast.latlng ? undefined : first && first.ground_elevation_m,
      operator, technology, frequency_mhz: frequencyMhz, antenna_height_m: carrier.heightM, rs_eirp_dbm: carrier.eirpDbm, tilt_deg: carrier.tiltDeg,
      beamwidth_deg: carrier.beamwidthDeg, status: "active",
    };
    return app.data.explore.azimuths.reduce((grown, azimuth) => ({ ...grown, cells: [...grown.cells, { ...common, azimuth_deg: azimuth, cell_id: freshId(grown, common.station_id) }] }), mast);
  }

  function freshId(mast, station) {
    const taken = new Set([...app.data.explore.cells.columns.cell_id, ...app.scenario().masts.flatMap((one) => one.cells.map((cell) => cell.cell_id)), ...mast.cells.map((cell) => cell.cell_id)]);
    let number = 1;
    while (taken.has(`${station}-${number}`)) number += 1;
    return `${station}-${number}`;
  }

  /* Cells of one station on one carrier, as one group of fields. */
  function groupsOf(mast) {
    const groups = new Map();
    mast.cells.forEach((cell) => {
      const key = `${cell.station_id}\n${cell.frequency_mhz}`;
      groups.set(key, [...(groups.get(key) || []), cell]);
    });
    return [...groups.values()];
  }
  const replaced = (mast, group, cells) => {
    const at = mast.cells.indexOf(group[0]);
    return { ...mast, cells: [...mast.cells.slice(0, at).filter((one) => !group.includes(one)), ...cells, ...mast.cells.slice(at).filter((one) => !group.includes(one))] };
  };
  const changed = (cell, name, value) => {
    const { [name]: _, ...rest } = cell;
    return value === undefined ? rest : { ...rest, [name]: value };
  };

  /* A field is taken once it holds what is admissible, one value for all sectors or one each; else it says so. */
  function field(id, word, text, take, size) {
    const input = app.el("input", { id, type: "text", inputmode: "decimal", size, autocomplete: "off", value: text, on: { change: () => {
      input.setAttribute("aria-invalid", String(!take(input.value)));
    } } });
    return [say("label", { for: id }, word), input];
  }
  function number(mast, group, at, name, word, least, most, usual) {
    const values = group.map((cell) => cell[name] ?? usual);
    const text = new Set(values).size > 1 ? values.join("; ") : String(values[0]);
    return field(`mast-${at}-${name}`, word, text, (given) => {
      const found = several(given);
      if (![1, group.length].includes(found.length) || !found.every((one) => one >= least && one <= most)) return false;
      app.changeMast(replaced(mast, group, group.map((cell, k) => changed(cell, name, found.length > 1 ? found[k] : found[0]))));
      return true;
    }, 8);
  }
  function azimuths(mast, group, at) {
    const known = group.map((cell) => cell.azimuth_deg).filter((one) => one !== undefined);
    const measured = group[0].antenna && !/^(3gpp|omni)$/i.test(group[0].antenna);
    return field(`mast-${at}-azimuth_deg`, "azimuths", known.join("; "), (given) => {
      const found = several(given);
      if (found.length > MOST_SECTORS || !found.every((one) => one >= 0 && one <= 360) || (!found.length && measured)) return false;
      const wanted = found.length ? found : [undefined];
      let grown = { ...mast };
      const cells = wanted.map((azimuth, k) => {
        const own = group[k];
        if (own) return changed(own, "azimuth_deg", azimuth);
        const { row, ...like } = group[group.length - 1];
        const cell = changed({ ...like, cell_id: freshId(grown, like.station_id) }, "azimuth_deg", azimuth);
        grown = { ...grown, cells: [...grown.cells, cell] };
        return cell;
      });
      app.changeMast(replaced(mast, group, cells));
      return true;
    }, 14);
  }
  function antenna(mast, group, at) {
    const choices = app.antennasOf(group[0].frequency_mhz);
    if (choices.length < 2) return [];
    const id = `mast-${at}-antenna`;
    const same = (one) => (one.antenna || "3gpp") === (group[0].antenna || "3gpp") && one.electrical_tilt_deg === (one.antenna ? group[0].electrical_tilt_deg : undefined);
    const choice = app.el("select", { id, on: { change: () => {
      const { antenna: file, electrical_tilt_deg: tilt } = choices[choice.selectedIndex];
      app.changeMast(replaced(mast, group, group.map((cell) => changed(changed(cell, "antenna", file), "electrical_tilt_deg", tilt))));
    } } }, ...choices.map((one) => app.el("option", { selected: same(one) }, one.antenna ? `${one.antenna}${one.electrical_tilt_deg === undefined ? "" : ` · ${one.electrical_tilt_deg}°`}` : "3GPP TR 36.814")));
    return [say("label", { for: id }, "antenna"), choice];
  }

  function editor(mast) {
    const groups = groupsOf(mast);
    const { carriers } = app.data.explore;
    const choice = app.el("select", { id: "mast-carrier" }, ...carriers.map((one) => app.el("option", {}, `${one.operator} · ${one.technology} · ${one.frequencyMhz} MHz`)));
    return [
      ...(mast.mast === null ? [] : [app.el("label", { class: "off" }, app.el("input", { type: "checkbox", checked: mast.off, on: { change: () => app.changeMast({ ...mast, off: !mast.off }) } }), " ", say("span", {}, "off"))]),
      ...(mast.off ? [] : groups.map((group, at) => app.el("fieldset", { class: "carrier" }, app.el("legend", {}, named(group[0])), app.el("div", { class: "fields" },
        ...number(mast, group, at, "antenna_height_m", "height", 1, 300), ...number(mast, group, at, "rs_eirp_dbm", "power", -20, 90), ...azimuths(mast, group, at),
        ...number(mast, group, at, "tilt_deg", "tilt", -90, 90, 0), ...number(mast, group, at, "beamwidth_deg", "beamwidth", 1, 360, 70), ...antenna(mast, group, at)),
      ...(groups.length > 1 ? [app.el("p", { class: "buttons" }, app.el("button", { type: "button", on: { click: () => app.changeMast(replaced(mast, group, [])) } }, app.now(app.fill(w("carrier_remove"), { name: named(group[0]) }))))] : [])))),
      ...(mast.off ? [] : [app.el("p", { class: "buttons add" }, say("label", { for: "mast-carrier" }, "carrier"), " ", choice, " ",
        say("button", { type: "button", on: { click: () => app.changeMast(withCarrier(mast, carriers[choice.selectedIndex])) } }, "carrier_add"))]),
    ];
  }

  app.mastLines = function () {
    const { masts, active } = app.scenario();
    const list = masts.map((mast, at) => app.el("li", {},
      app.el("button", { type: "button", "aria-pressed": String(at === active), on: { click: () => app.takeMast(at) } }, app.nameOf(mast), mast.off ? ` (${app.now(w("is_off"))})` : ""), " ",
      app.el("button", { type: "button", "aria-label": app.now(app.fill(w(mast.mast === null ? "remove" : "restore"), { name: mast.id })), on: { click: () => app.dropMast(at) } }, "×")));
    return list.length ? [app.el("ul", { class: "masts" }, ...list)] : [];
  };
  app.editorLines = function () {
    const mast = app.activeMast();
    return mast ? editor(mast) : [];
  };
})(phusong);
