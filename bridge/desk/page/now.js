// How things are: a tile for each, and which way is open for the next patient.

import { fill, fillKept, h } from "./dom.js";
import { both, language, t } from "./words.js";

const MARKS = { ok: "✓", warning: "!", broken: "✕", idle: "–" };

export function render(main, state) {
  fill(main,
    h("h1", { tabindex: -1 }, t("part.now")),
    h("div", { id: "what-now" }),
    h("div", { id: "tiles", class: "tiles" }),
    h("section", { "aria-labelledby": "doctor-title" },
      h("h2", { id: "doctor-title" }, t("now.findings")), h("div", { id: "findings" })));
  tiles(main, state);
  findings(main, state);
}

export function update(kind, content, main, state) {
  if (kind === "now") tiles(main, state);
  if (kind === "doctor") findings(main, state);
}

// A tile as one sentence, for those who hear the page.
export function sentence(tile) {
  return t("sentence", { tile: t(`tile.${tile.name}`), says: says(tile) });
}

function says(tile) {
  const values = { ...tile.values };
  if (values.kind !== undefined) values.kind = values.kind ? t(`sam.${values.kind}`) : "";
  if (values.why !== undefined) values.why = t(`why.${values.why}`);
  if (values.question !== undefined) values.question = t(`question.${values.question}`);
  if (values.waiting) values.waiting = values.waiting.map(waiter).join(t("list"));
  if (tile.name === "card" && values.seconds !== undefined) {
    values.time = t("time", { minutes: Math.floor(values.seconds / 60), seconds: values.seconds % 60 });
    values.reader = values.reader ? ` (${values.reader})` : "";
  }
  return t(`now.${tile.name}.${tile.says}`, values);
}

// The console tells the time of a virtual card in a form that no document names: shown as it is, or said to be unknown.
export function until(tile) {
  return tile.values.until ? t("now.card.until", tile.values) : t("now.card.until.unknown");
}

function waiter({ program, calls }) {
  const name = program || t("now.queue.somebody");
  return calls > 1 ? t("now.queue.several", { name, calls }) : name;
}

function tiles(main, state) {
  const found = state.tiles;
  if (!found.length) {
    fill(main.querySelector("#tiles"), h("p", { class: "quiet" }, t("now.looking")));
    return;
  }
  const [first, ...others] = found;
  const parts = (tiles, make) => tiles.map((tile) => ({ key: tile.name, shows: [tile, language()], make: () => make(tile, state) }));
  fillKept(main.querySelector("#what-now"), parts([first], whatNow));
  fillKept(main.querySelector("#tiles"), parts(others, tileOf));
}

function tileOf(tile) {
  const advice = t(`now.${tile.name}.${tile.says}.do`, tile.values, "");
  return h("article", { class: `tile ${tile.level}`, "data-tile": tile.name, "data-says": tile.says },
    h("h2", {}, mark(tile.level), t(`tile.${tile.name}`)),
    h("p", {}, says(tile)),
    tile.values.until !== undefined && h("p", { class: "quiet small" }, until(tile)),
    tile.values.reason && h("p", { class: "quiet small" }, both(tile.values.reason)),
    advice && h("p", { class: "advice" }, advice));
}

export function mark(level) {
  return h("span", { class: `mark ${level}`, role: "img", "aria-label": t(`level.${level}`) }, MARKS[level]);
}

function whatNow(tile, state) {
  const visit = state.words.visits[tile.values.code]; // none while we are still looking
  return h("section", { class: `what-now ${tile.level}`, "data-says": tile.says, "aria-labelledby": "what-now-title" },
    h("h2", { id: "what-now-title" }, mark(tile.level), h("span", {}, t("tile.what_now"), " ", t(`now.what_now.${tile.says}`))),
    h("p", {}, t(`now.what_now.${tile.says}.way`)),
    visit && h("p", { class: "booking" },
      t(tile.level === "ok" ? "now.book.card" : "now.book"), " ",
      h("strong", { class: "code" }, tile.values.code), " ",
      both(visit),
      visit.taken && h("span", {}, t("now.book.taken"), " ", h("strong", { class: "code" }, visit.taken))),
    visit && tile.level !== "ok" && h("p", { class: "quiet small" }, t("now.book.upload")));
}

function findings(main, state) {
  const place = main.querySelector("#findings");
  if (!place) return;
  if (!state.doctor) {
    fill(place, h("p", { class: "quiet" }, t("now.examining")));
    return;
  }
  const worth = state.doctor.sections.flatMap((section) => section.findings
    .filter((one) => one.status === "broken" || one.status === "warning")
    .map((one) => ({ ...one, section: section.title })));
  if (!worth.length) {
    fill(place, h("p", {}, mark("ok"), t("now.all_well")));
    return;
  }
  worth.sort((one, other) => (one.status > other.status ? 1 : -1));
  fill(place, worth.map((one) => finding(one)));
}

export function finding(one) {
  const level = one.status === "unknown" ? "idle" : one.status;
  return h("article", { class: `finding ${level}` },
    h("h3", {}, mark(level), one.section && h("span", { class: "quiet" }, `${both(one.section)} `), both(one.what)),
    one.why && h("p", {}, both(one.why)),
    one.advice && h("p", { class: "advice" }, both(one.advice)));
}

