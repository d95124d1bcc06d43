// The live list of calls. It is bounded, whatever arrives: the page may stay open for weeks.

import { clock, fill, h } from "./dom.js";
import { both, t } from "./words.js";

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

export function earlier(calls) {
  list.push(...calls);
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
        h("tbody", { id: "call-rows" }))));
  draw(main, state);
}

export function update(kind, content, main, state) {
  if (kind !== "call" && kind !== "missed") return;
  if (drawing || stopped) return;
  drawing = setTimeout(() => {
    drawing = 0;
    if (main.querySelector("#call-rows")) draw(main, state);
  }, DRAW_AGAIN);
}

function draw(main, state) {
  const wanted = filter.trim().toLowerCase();
  const found = (stopped ?? list).filter((call) => (!failedOnly || !call.ok) && (!wanted || has(call, wanted, state)));
  fill(main.querySelector("#call-rows"), found.slice(-SHOWN).reverse().map((call) => rows(call, main, state)));
  const button = main.querySelector("#stop");
  button.textContent = t(stopped ? "calls.go_on" : "calls.stop");
  button.setAttribute("aria-pressed", String(Boolean(stopped)));
  main.querySelector("#calls-count").textContent =
    t("calls.count", { count: found.length }) + (missing ? ` ${t("calls.missed", { count: missing })}` : "");
}

function has(call, wanted, state) {
  return [call.function, state.words.functions[call.function], call.program, call.door, String(call.code), call.reason]
    .some((text) => text?.toLowerCase().includes(wanted));
}

function meaning(call, state) {
  const known = state.words.codes[String(call.code)];
  return call.code === 0 ? t("calls.good") : known ? both(known) : "";
}

function rows(call, main, state) {
  const key = call.number ?? `${call.at} ${call.function}`;
  const open = opened === key;
  const toggle = () => {
    opened = open ? null : key;
    draw(main, state);
    main.querySelector(`[data-call="${CSS.escape(String(key))}"] button`)?.focus();
  };
  const row = h("tr", { class: call.ok ? "" : "failed", "data-call": key },
    h("td", { class: "time" }, clock(call.at)),
    h("td", {}, call.program ?? ""),
    h("td", {}, call.door),
    h("td", {}, h("span", { class: "title" }, state.words.functions[call.function] ?? ""), " ",
      h("code", {}, call.function)),
    h("td", {}, h("strong", { class: "code" }, call.code), " ", meaning(call, state)),
    h("td", { class: "figure" }, call.ms),
    h("td", {}, h("button", { type: "button", class: "plain", "aria-expanded": String(open), onclick: toggle },
      t(open ? "calls.less" : "calls.details"))));
  return open ? [row, h("tr", { class: "details" }, h("td", { colspan: 7 }, details(call, state)))] : row;
}

function details(call, state) {
  return [
    call.reason && h("p", {}, h("strong", {}, t("calls.reason")), " ", h("span", { lang: "en" }, call.reason)),
    call.sent?.length
      ? h("div", {}, h("strong", {}, t("calls.sent")), h("ol", {}, call.sent.map((one) =>
        h("li", {}, t(`upstream.${one.to}`, {}, one.to), " ", h("code", {}, one.what), " ", h("span", { class: "quiet" }, `${one.ms} ms`)))))
      : h("p", { class: "quiet" }, t(call.sent ? "calls.nothing_sent" : "calls.earlier")),
    call.record?.length && h("pre", { class: "record", tabindex: 0 }, call.record.join("\n")),
    h("p", {}, h("a", { href: `#/tools/${call.code}` }, t("calls.explain", { code: call.code }))),
  ];
}
