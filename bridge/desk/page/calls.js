// The live list of calls. It is bounded, whatever arrives: the page may stay open for weeks.

import { clock, fill, fillKept, h } from "./dom.js";
import { both, language, t } from "./words.js";

const KEPT = 1000; // calls
const SHOWN = 100; // rows
const DRAW_AGAIN = 500; // ms, at most so often

export const list = [];
let stopped = null; // what is shown while the list is stopped
let missing = 0;
let filter = "";
let failedOnly = false;
let opened = null;
let drawing = 0;
let pressed = false; // rows move down when others come: not from under a mouse or a finger (a menu keeps its button's end to itself)

export function earlier(calls) {
  list.push(...calls.map((call, place) => ({ ...call, number: `earlier ${place}` })));
}

export function forget() {
  list.length = 0;
  stopped = null;
}

export function heard(call) {
  list.push(call);
  if (list.length > KEPT) list.splice(0, list.length - KEPT);
}

export function missed(count) {
  missing += count;
}

export function render(main, state) {
  fill(main,
    h("h1", { tabindex: -1 }, t("part.calls")),
    h("div", { class: "bar" },
      h("label", {}, t("calls.filter"), h("input", { type: "search", id: "filter", value: filter, autocomplete: "off",
        oninput: (event) => { filter = event.target.value; draw(main, state); } })),
      h("label", { class: "check" }, h("input", { type: "checkbox", id: "failed-only", checked: failedOnly,
        onchange: (event) => { failedOnly = event.target.checked; draw(main, state); } }), t("calls.failed_only")),
      h("button", { type: "button", id: "stop", onclick: () => {
        stopped = stopped ? null : [...list];
        draw(main, state);
      } }, t("calls.stop")),
      h("span", { class: "quiet", id: "calls-count", role: "status" })),
    h("p", { class: "quiet small" }, t(state.words.about.simulated ? "calls.simulated" : "calls.private")),
    h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": t("part.calls") },
      h("table", { id: "calls" },
        h("thead", {}, h("tr", {}, ["time", "program", "door", "function", "code", "ms"].map((name) =>
          h("th", { scope: "col" }, t(`calls.${name}`))), h("th", { scope: "col" }, h("span", { class: "unseen" }, t("calls.details"))))),
        h("tbody", { id: "call-rows", onpointerdown: (event) => event.button === 0 && press(main, state) }))));
  draw(main, state);
}

export function update(kind, content, main, state) {
  if (kind !== "call" && kind !== "missed") return;
  if (drawing || stopped || pressed) return;
  drawing = setTimeout(() => {
    drawing = 0;
    if (main.querySelector("#call-rows") && !pressed) draw(main, state);
  }, DRAW_AGAIN);
}

function press(main, state) {
  pressed = true;
  const over = new AbortController();
  const release = () => {
    over.abort();
    pressed = false;
    setTimeout(() => main.querySelector("#call-rows") && draw(main, state)); // after the click that this makes
  };
  for (const end of ["pointerup", "pointercancel"]) addEventListener(end, release, { signal: over.signal });
}

function draw(main, state) {
  const wanted = filter.trim().toLowerCase();
  const found = (stopped ?? list).filter((call) => (!failedOnly || !call.ok) && (!wanted || has(call, wanted, state)));
  fillKept(main.querySelector("#call-rows"), found.slice(-SHOWN).reverse().flatMap((call) => rows(call, main, state)));
  const button = main.querySelector("#stop");
  button.textContent = t(stopped ? "calls.go_on" : "calls.stop");
  button.setAttribute("aria-pressed", String(Boolean(stopped)));
  main.querySelector("#calls-count").textContent =
    t("calls.count", { count: found.length }) + (missing ? ` ${t("calls.missed", { count: missing })}` : "");
}

function has(call, wanted, state) {
  return [call.function, state.words.functions[call.function], call.program, door(call), String(call.code), call.reason && both(call.reason)]
    .some((text) => text?.toLowerCase().includes(wanted));
}

const door = (call) => t(`door.${call.door}`, {}, call.door);

function meaning(call, state) {
  const known = state.words.codes[String(call.code)];
  return call.code === 0 ? t("calls.good") : known ? both(known) : "";
}

function rows(call, main, state) {
  const key = call.number;
  const open = opened === key;
  const shows = [call.at, open, language()]; // a number begins again with the bridge
  const row = { key, shows, make: () => rowOf(call, key, open, main, state) };
  const more = { key: `${key} details`, shows, make: () => h("tr", { class: "details" }, h("td", { colspan: 7 }, details(call, state))) };
  return open ? [row, more] : [row];
}

function rowOf(call, key, open, main, state) {
  const toggle = () => {
    opened = open ? null : key;
    draw(main, state);
    main.querySelector(`[data-call="${CSS.escape(String(key))}"] button`)?.focus();
  };
  return h("tr", { class: call.ok ? "" : "failed", "data-call": key },
    h("td", { class: "time" }, clock(call.at)),
    h("td", {}, call.program ?? ""),
    h("td", {}, door(call)),
    h("td", {}, h("span", { class: "title" }, state.words.functions[call.function] ?? ""), " ",
      h("code", {}, call.function)),
    h("td", {}, h("strong", { class: "code" }, call.code), " ", meaning(call, state)),
    h("td", { class: "figure" }, call.ms),
    h("td", {}, h("button", { type: "button", class: "plain", "aria-expanded": String(open), onclick: toggle },
      t(open ? "calls.less" : "calls.details"))));
}

function details(call, state) {
  return [
    call.reason && h("p", {}, h("strong", {}, t("calls.reason")), " ", both(call.reason)),
    call.sent?.length
      ? h("div", {}, h("strong", {}, t("calls.sent")), h("ol", {}, call.sent.map((one) =>
        h("li", {}, t(`upstream.${one.to}`, {}, one.to), " ", h("code", {}, one.what), " ", h("span", { class: "quiet" }, `${one.ms} ms`)))))
      : h("p", { class: "quiet" }, t(call.sent ? "calls.nothing_sent" : "calls.earlier")),
    call.record?.length && h("pre", { class: "record", tabindex: 0 }, call.record.join("\n")),
    h("p", {}, h("a", { href: `#/tools/${call.code}` }, t("calls.explain", { code: call.code }))),
  ];
}
