"use strict";
/* The cells of the study and those of a scenario: what the engine makes of a cell, and the file of all cells.
   A cell is a row of the table, by the names of its columns, with its place `at` [longitude, latitude] and `row`, its
   place in the table, for those that are there already. A mast is what shares a place: {id, mast, latlng, off, cells};
   `mast` is its number in the study, null for a new one, and `latlng` null while it stands where it stood. */
(function (app) {
  const OWN_POWER = ["power_dbm", "feeder_loss_db", "antenna_gain_dbi", "resource_blocks", "pilot_power_share"];
  const POWER_BY = [...OWN_POWER, "technology", "frequency_mhz", "antenna", "electrical_tilt_deg"]; // the gain may be an antenna file's
  const VERTICAL_DEG = 10;
  const HORIZONTAL_DEG = 70;
  let known = null;
  let rowsOf = null;
  let carriers = null;

  app.readCells = async function () {
    const { cells, patterns, carriers: on } = app.data.explore;
    known = cells;
    rowsOf = new Map();
    cells.mast.forEach((mast, row) => { if (mast >= 0) rowsOf.set(mast, [...(rowsOf.get(mast) || []), row]); });
    carriers = new Map(on.map((one) => [kind(one), one]));
    known.patterns = await Promise.all(patterns.map(async ({ horizontal, front, back }) => {
      const [around, before, behind] = await Promise.all([horizontal, front, back].map(app.unpack));
      return { horizontal: around, front: before, back: behind };
    }));
  };

  const kind = ({ operator, technology, frequencyMhz }) => `${operator}\n${technology}\n${frequencyMhz}`;
  /* What is on air in the study on the carrier of a cell; undefined if nothing is. */
  app.carrierOf = ({ operator, technology, frequency_mhz: frequencyMhz }) => carriers.get(kind({ operator, technology, frequencyMhz }));
  app.mastNumbers = () => [...rowsOf.keys()];

  function rowAt(row) {
    const cell = { row, at: [known.lon[row], known.lat[row]] };
    for (const [name, column] of Object.entries(known.columns)) if (column[row] !== null) cell[name] = column[row];
    return cell;
  }

  /* A mast of the study as it stands. */
  app.mastOf = function (mast) {
    const cells = rowsOf.get(mast).map((row) => {
      const cell = rowAt(row);
      return { ...cell, rs_eirp_dbm: known.eirpDbm[row] };
    });
    return { id: cells[0].site_id, mast, latlng: null, off: false, cells };
  };
  app.nameOf = (mast) => [mast.id, mast.cells.length ? mast.cells[0].site_name : null].filter(Boolean).join(" · ");
  app.standsAt = ({ latlng, mast }) => latlng || L.latLng(known.lat[rowsOf.get(mast)[0]], known.lon[rowsOf.get(mast)[0]]);

  /* As the file tells a place. */
  app.rounded = ({ lat, lng }) => L.latLng(Number(lat.toFixed(9)), Number(lng.toFixed(9)));

  /* Masts of the study elsewhere than where the page tells all that is heard of them stay as they are. A whole province
     is told wherever its masts stand. */
  app.mayChange = (mast) => app.data.explore.part === null || app.atHome(app.standsAt({ latlng: null, mast }));

  app.isAtHome = ({ mast, latlng }) => (mast === null || app.mayChange(mast)) && (!latlng || app.atHome(latlng));

  /* The nearest mast of the study that can be changed; null if none can. */
  app.nearestMast = function (latlng) {
    let [nearest, least] = [null, Infinity];
    for (const [mast, rows] of rowsOf) {
      if (!app.mayChange(mast)) continue;
      const away = latlng.distanceTo(L.latLng(known.lat[rows[0]], known.lon[rows[0]]));
      if (away < least) [nearest, least] = [mast, away];
    }
    return nearest;
  };

  /* An antenna as radio/sectors.py reads it from a row. */
  function antennaOf(cell) {
    const azimuthDeg = cell.azimuth_deg ?? null;
    const tiltDeg = cell.tilt_deg ?? 0;
    const name = (cell.antenna || (azimuthDeg === null ? "omni" : "3gpp")).toLowerCase();
    const omni = azimuthDeg === null || name === "omni";
    if (name !== "omni" && name !== "3gpp") {
      return radio.cuts({ ...known.patterns[patternOf(cell)], azimuthDeg: omni ? 0 : azimuthDeg, tiltDeg });
    }
    return radio.parabolic({
      azimuthDeg: omni ? null : azimuthDeg, tiltDeg: tiltDeg + (cell.electrical_tilt_deg ?? 0), beamwidthDeg: cell.beamwidth_deg ?? HORIZONTAL_DEG,
      verticalBeamwidthDeg: cell.vertical_beamwidth_deg ?? (name === "omni" ? null : VERTICAL_DEG),
    });
  }

  /* The pattern file of a cell: that of a cell of the study with the same antenna, carrier and electrical tilt. */
  function patternOf(cell) {
    const column = (name) => known.columns[name] || [];
    return known.pattern.find((pattern, row) => pattern >= 0 && column("antenna")[row] === cell.antenna
      && column("frequency_mhz")[row] === cell.frequency_mhz && (column("electrical_tilt_deg")[row] ?? null) === (cell.electrical_tilt_deg ?? null)) ?? -1;
  }
  /* Antennas that a cell on a carrier may have: those of 3GPP, and files that cells on it have already. */
  app.antennasOf = function (frequencyMhz) {
    const { antenna, frequency_mhz: frequency, electrical_tilt_deg: tilt } = known.columns;
    const found = new Map();
    known.pattern.forEach((pattern, row) => {
      if (pattern >= 0 && frequency[row] === frequencyMhz) found.set(`${antenna[row]} ${tilt ? tilt[row] : null}`, { antenna: antenna[row], electrical_tilt_deg: (tilt && tilt[row]) ?? undefined });
    });
    return [{ antenna: undefined, electrical_tilt_deg: undefined }, ...found.values()];
  };
  /* Whether a cell of an address or a file is one that the page computes as `what_if` would. */
  app.isCell = function (cell) {
    const before = cell.row === undefined ? null : rowAt(cell.row);
    return cell.rs_eirp_dbm !== undefined && Object.entries(known.fields).every(([name, field]) => (before && cell[name] === before[name]) || isValue(cell[name], field))
      && isPlace(cell.at) && app.canPredict(cell);
  };
  function isValue(value, { kind, required, least, most, choices }) {
    if (value === undefined) return !required;
    if (kind === "text") return typeof value === "string" && (!choices.length || choices.includes(value));
    // On the study's day the page knows its own cells alone, so that no date may change.
    return kind !== "date" && Number.isFinite(value) && (kind !== "integer" || Number.isInteger(value)) && (least === null || value >= least) && (most === null || value <= most);
  }
  app.isOf = ({ row }, mast) => row === undefined || (mast !== null && rowsOf.get(mast).includes(row));
  const isPlace = (at) => Array.isArray(at) && at.length >= 2 && at.slice(0, 2).every(Number.isFinite);

  app.canPredict = (cell) => app.carrierOf(cell) !== undefined && (/^(3gpp|omni)$/i.test(cell.antenna || "omni") || patternOf(cell) >= 0);

  /* The cells of a mast as the engine takes them, by the place they stand at. */
  app.sectorsOf = function (mast) {
    const places = new Map();
    if (mast.off) return [];
    for (const cell of mast.cells) {
      const surveyed = mast.latlng ? undefined : cell.ground_elevation_m;
      const stays = !mast.latlng && cell.row !== undefined;
      const [x, y] = stays ? [known.x[cell.row], known.y[cell.row]] : app.placeOf(mast.latlng || L.latLng(cell.at[1], cell.at[0]));
      const key = `${x} ${y} ${surveyed}`;
      if (!places.has(key)) places.set(key, { x, y, surveyed, sectors: [] });
      places.get(key).sectors.push({
        cell, needed: app.carrierOf(cell).needed, frequencyMhz: cell.frequency_mhz, heightM: cell.antenna_height_m, eirpDbm: cell.rs_eirp_dbm, attenuation: antennaOf(cell),
      });
    }
    return [...places.values()];
  };

  /* ---- the file ---- */
  const written = (cell, mast) => {
    const { row, at, ...own } = cell;
    const before = row === undefined ? null : rowAt(row);
    if (before && own.rs_eirp_dbm === known.eirpDbm[row] && POWER_BY.every((name) => own[name] === before[name])) {
      if (before.rs_eirp_dbm === undefined) delete own.rs_eirp_dbm;
    } else if (before) OWN_POWER.forEach((name) => delete own[name]);
    if (mast.off) own.status = "off";
    if (mast.latlng) delete own.ground_elevation_m;
    return feature(own, mast.latlng ? [mast.latlng.lng, mast.latlng.lat] : at);
  };
  const feature = (own, [lon, lat]) => ({
    type: "Feature", geometry: { type: "Point", coordinates: [lon, lat] },
    properties: Object.fromEntries([...new Set([...Object.keys(known.columns), ...Object.keys(own)])].map((name) => [name, own[name] ?? null])),
  });

  /* All cells of the study as a scenario has them: a table that `phusong run` and `what_if` take. */
  app.cellsFile = function ({ name, masts }) {
    const changed = new Map(masts.flatMap((mast) => mast.cells.map((cell) => [cell.row, [cell, mast]])));
    const touched = new Set(masts.map((mast) => mast.mast));
    const rows = known.lon.flatMap((_, row) => {
      if (changed.has(row)) return [written(...changed.get(row))];
      if (touched.has(known.mast[row]) && known.mast[row] >= 0) return []; // taken down
      const { row: _row, at, ...own } = rowAt(row);
      return [feature(own, at)];
    });
    const fresh = masts.flatMap((mast) => mast.cells.filter((cell) => cell.row === undefined).map((cell) => written(cell, mast)));
    return { type: "FeatureCollection", name: name || "phusong", features: [...rows, ...fresh] };
  };

  /* The masts of such a file that differ from the study's; null if it is none of this study. */
  app.mastsOfFile = function (file) {
    const features = file && file.type === "FeatureCollection" && Array.isArray(file.features) ? file.features : [];
    const rowOf = new Map(known.columns.cell_id.map((id, row) => [id, row]));
    const found = new Map(); // of masts by number, of new ones by site
    const ids = new Set();
    for (const { geometry, properties } of features) {
      if (!geometry || geometry.type !== "Point" || !properties || typeof properties.cell_id !== "string" || ids.has(properties.cell_id)) return null;
      const row = rowOf.get(properties.cell_id);
      ids.add(properties.cell_id);
      const given = Object.fromEntries(Object.entries(properties).filter(([name, value]) => value !== null && Object.hasOwn(known.fields, name)));
      if (!isValue(given.status, known.fields.status)) return null;
      const cell = row === undefined ? { ...given, at: geometry.coordinates } : { ...given, row, at: geometry.coordinates };
      const own = row === undefined ? -1 : known.mast[row];
      if (row !== undefined && own < 0) { // off the air, and must be left so
        if (cell.status === "active" && rowAt(row).status !== "active") return null;
        continue;
      }
      if (cell.rs_eirp_dbm === undefined && row !== undefined) {
        const before = rowAt(row);
        if (!POWER_BY.every((name) => cell[name] === before[name])) return null; // the page reckons no power
        cell.rs_eirp_dbm = known.eirpDbm[row];
      }
      const key = own >= 0 ? own : carriedBy(found, cell) ?? `${properties.site_id}`;
      found.set(key, [...(found.get(key) || []), cell]);
    }
    if (![...ids].some((id) => rowOf.has(id))) return null;
    const masts = [];
    for (const [mast] of rowsOf) if (!found.has(mast)) masts.push({ ...app.mastOf(mast), off: true });
    for (const [key, all] of found) {
      const off = all.every((cell) => cell.status !== "active");
      const cells = off ? all : all.filter((cell) => cell.status === "active");
      const fresh = typeof key === "string";
      if (!cells.every(app.isCell) || !cells.every((cell) => near(cell.at, cells[0].at))) return null;
      const [lng, lat] = cells[0].at;
      const stood = ({ row }) => row ?? rowsOf.get(key)[0];
      const stays = !fresh && cells.every((cell) => near(cell.at, [known.lon[stood(cell)], known.lat[stood(cell)]]));
      if (!stays && cells.some((cell) => cell.ground_elevation_m !== undefined)) return null; // the page takes the terrain's
      const mast = { id: cells[0].site_id, mast: fresh ? null : key, latlng: stays ? null : L.latLng(lat, lng), off, cells: cells.map((cell) => ({ ...cell, status: "active" })) };
      if (fresh || off || !stays || !same(mast.cells, app.mastOf(key).cells)) masts.push(mast);
    }
    return masts.every(app.isAtHome) ? masts : null;
  };
  /* The mast of the study that a new cell of a file stands on, the masts so far given. */
  const carriedBy = (found, { site_id: id, at }) => [...found.keys()].find((key) => {
    const [first] = found.get(key);
    return typeof key === "number" && first.site_id === id && isPlace(at) && near(first.at, at);
  });
  const near = (one, other) => Math.abs(one[0] - other[0]) < 1e-8 && Math.abs(one[1] - other[1]) < 1e-8;
  const plain = (cells) => JSON.stringify(cells.map(({ at, ...own }) => Object.entries(own).sort(([a], [b]) => (a < b ? -1 : 1))));
  const same = (cells, others) => plain(cells) === plain(others);
})(phusong);
