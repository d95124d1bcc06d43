// The frame of the page: entering, the parts, the language, what arrives.

import { NoSession, ask, enter, isLink, leave, listen } from "./api.js";
import { fill, fillKept, h } from "./dom.js";
import { language, setLanguage, t } from "./words.js";
import * as calls from "./calls.js";
import * as card from "./card.js";
import * as changes from "./changes.js";
import * as now from "./now.js";
import * as pin from "./pin.js";
import * as simulator from "./simulator.js";
import * as tools from "./tools.js";

const PARTS = { now, calls, changes, card, pin, simulator, tools };
const place = (id) => document.getElementById(id);

// What all parts share: words of the table, and what was heard last.
const state = { words: null, tiles: [], doctor: null, questions: [], link: "away", calls: calls.list };

function names() {
  return Object.keys(PARTS).filter((name) => name !== "simulator" || state.words.about.simulated);
}

function current() {
  const wanted = location.hash.slice(2).split("/")[0];
  return names().includes(wanted) ? wanted : "now";
}

function show(focus = false) {
  const name = current();
  document.documentElement.lang = language() === "zh" ? "zh-Hant-TW" : "en";
  document.title = `${t(`part.${name}`)} - ${t("title")}`;
  place("skip").textContent = t("skip");
  head();
  parts(name);
  const main = place("main");
  for (const part of Object.values(PARTS)) part.hide?.();
  main.replaceChildren();
  PARTS[name].render(main, state);
  if (focus && !main.contains(document.activeElement)) main.querySelector("h1")?.focus();
}

function head() {
  const broken = state.tiles.some((tile) => tile.level === "broken");
  const level = state.link !== "open" ? "broken" : broken ? "broken" : "ok";
  const says = state.link !== "open" ? t(`link.${state.link}`) : t(broken ? "link.trouble" : "link.open");
  if (!isDrawn(place("head"), language())) frame();
  if (isDrawn(place("link"), level, says)) return;
  place("link").className = `badge ${level}`;
  place("link").textContent = says;
}

function frame() {
  fill(
    place("head"),
    h("div", { class: "brand" },
      h("img", { src: "/desk/page/icon.svg", alt: "", width: 32, height: 32 }),
      h("div", {}, h("strong", {}, t("title")), h("span", { class: "quiet" }, ` ${state.words.about.version}`)),
      state.words.about.simulated && h("span", { class: "badge warning" }, t("simulated"))),
    h("div", { class: "tools" },
      h("span", { id: "link" }),
      h("button", { type: "button", class: "plain", id: "language", lang: language() === "zh" ? "en" : "zh-Hant-TW",
        onclick: () => { setLanguage(language() === "zh" ? "en" : "zh"); show(); } }, t("other")),
      h("button", { type: "button", class: "plain", id: "leave", onclick: go }, t("leave"))),
  );
}

// At once: whoever leaves waits for no bridge.
function go() {
  leave();
  closed("left");
}

function parts(name) {
  const nav = place("parts");
  nav.setAttribute("aria-label", t("parts"));
  const counts = {
    changes: state.tiles.find((tile) => tile.name === "changes")?.values.count ?? 0,
    pin: state.questions.length,
  };
  if (!nav.firstChild) fill(nav, h("ul"));
  fillKept(nav.firstChild, names().map((each) => ({ key: each, shows: [each === name, counts[each], language()], make: () => h("li", {},
    h("a", { href: `#/${each}`, "aria-current": each === name ? "page" : null },
      t(`part.${each}`), counts[each] ? h("span", { class: "count" }, counts[each]) : null)) })));
}

// Whether a place shows this already: what is made anew loses the focus, and a click that is under way.
function isDrawn(where, ...shows) {
  const text = JSON.stringify(shows);
  if (where.dataset.shows === text) return true;
  where.dataset.shows = text;
  return false;
}

function closed(why) {
  state.link = "closed";
  state.tiles = []; // nobody finds by the browser's way back what was seen here
  state.doctor = null;
  calls.forget();
  card.forget();
  card.hide();
  delete place("head").dataset.shows;
  place("parts").replaceChildren();
  fill(place("head"), h("div", { class: "brand" }, h("strong", {}, t("title"))),
    h("div", { class: "tools" }, h("button", { type: "button", class: "plain", id: "language",
      onclick: () => { setLanguage(language() === "zh" ? "en" : "zh"); closed(why); } }, t("other"))));
  fill(place("main"), h("section", { class: "closed" },
    h("h1", { tabindex: -1 }, t(`closed.${why}`)),
    h("p", {}, t("closed.do")), h("pre", {}, "cshis-bridge desk")));
  pin.asked([], state);
}

function heard(kind, content) {
  if (kind === "call") calls.heard(content, state);
  else if (kind === "missed") calls.missed(content);
  else if (kind === "now") tilesChanged(content.tiles);
  else if (kind === "doctor") state.doctor = content;
  else if (kind === "pin") {
    state.questions = content;
    pin.asked(content, state);
  }
  if (kind !== "call" && state.words) parts(current());
  PARTS[current()].update?.(kind, content, place("main"), state);
}

function tilesChanged(tiles) {
  const before = (tile) => state.tiles.find((old) => old.name === tile.name);
  const worse = tiles.filter((tile) => tile.level === "broken" && before(tile)?.level !== "broken");
  const card = tiles.filter((tile) => tile.name === "card" && before(tile) && before(tile).says !== tile.says);
  state.tiles = tiles;
  const said = [...worse, ...card].map((tile) => now.sentence(tile));
  if (said.length) place("alerts").textContent = said.join(" ");
  head();
}

async function begin() {
  try {
    await enter();
    state.words = await ask("words");
    calls.earlier(await ask("calls"));
  } catch (error) {
    closed(error instanceof NoSession ? error.message : "away");
    return;
  }
  show();
  hear();
}

function hear() {
  listen(heard, (link) => {
    state.link = link;
    if (link === "closed") closed("closed");
    else if (link === "open" && place("main").querySelector("[data-failed]")) show();
    else head();
  });
}

// The tab that somebody looks at goes on; the one that was left longest ago rests in its stead.
function comeBack() {
  if (state.link === "elsewhere" && document.visibilityState === "visible") {
    state.link = "away";
    hear();
  }
}

for (const sign of ["visibilitychange", "pointerdown", "keydown"]) document.addEventListener(sign, comeBack);
addEventListener("hashchange", () => {
  if (isLink(location.hash.slice(1))) location.reload(); // a further link in this tab: it is entered, and leaves the address
  else if (state.link === "closed" || !state.words) return;
  else if (location.hash === "#main") {
    place("main").focus();
    history.replaceState(null, "", `#/${current()}`);
  } else show(true);
});

begin();
