// Looking things up: codes, functions and their records, the doctor, settings; the support bundle.

import { ask, download } from "./api.js";
import { attempt, begun } from "./attempt.js";
import { fill, h } from "./dom.js";
import { finding, mark } from "./now.js";
import { both, t } from "./words.js";

export function render(main, state) {
  fill(main,
    h("h1", { tabindex: -1 }, t("part.tools")),
    h("section", { "aria-labelledby": "explain-title" },
      h("h2", { id: "explain-title" }, t("tools.explain")),
      form("word", t("tools.word"), t("tools.ask"), (word) => explain(main, word)),
      h("div", { id: "meanings", "aria-live": "polite" })),
    h("section", { "aria-labelledby": "functions-title" },
      h("h2", { id: "functions-title" }, t("tools.functions")),
      form("function", t("tools.function"), t("tools.search"), (word) => functions(main, word)),
      h("div", { id: "found", "aria-live": "polite" }), h("div", { id: "one" })),
    h("section", { "aria-labelledby": "bundle-title" },
      h("h2", { id: "bundle-title" }, t("tools.bundle")),
      h("p", {}, t("tools.bundle.about")),
      h("button", { type: "button", id: "bundle", onclick: () => bundle(main) }, t("tools.bundle.make")),
      h("p", { id: "bundle-said", role: "status" })),
    h("section", { "aria-labelledby": "doctor-title" },
      h("h2", { id: "doctor-title" }, t("tools.doctor")),
      h("button", { type: "button", id: "examine", onclick: () => examine(main) }, t("tools.examine")),
      h("div", { id: "report" })),
    h("section", { "aria-labelledby": "settings-title" },
      h("h2", { id: "settings-title" }, t("tools.settings")),
      h("p", { class: "quiet small" }, t("tools.settings.about")),
      h("div", { id: "settings" }, t("loading"))));
  if (state.doctor) report(main.querySelector("#report"), state.doctor);
  settings(main);
  const word = location.hash.split("/")[2] ?? "";
  if (word) {
    main.querySelector("#word").value = word;
    explain(main, word);
  }
}

function form(id, label, button, act) {
  const field = h("input", { id, type: "search", autocomplete: "off", spellcheck: "false", maxlength: 64 });
  return h("form", { class: "row", onsubmit: (event) => {
    event.preventDefault();
    act(field.value);
  } }, h("label", { for: id }, label), field, h("button", { type: "submit", id: `${id}-go` }, button));
}

async function explain(main, word) {
  const place = main.querySelector("#meanings");
  const found = await attempt(place, async () => (word.trim() ? ask("explain", { word }) : []));
  if (found) fill(place, found.length ? found.map(meaning) : h("p", { class: "quiet" }, t("tools.unknown", { word })));
}

function meaning(one) {
  const listed = (title, texts) => texts?.length ? [h("h4", {}, title), h("ul", {}, texts.map((text) => h("li", {}, both(text))))] : null;
  return h("article", { class: "finding idle" },
    h("h3", {}, h("strong", { class: "code" }, one.key), " ", h("span", { class: "quiet" }, both(one.what))),
    h("p", {}, both(one)),
    one.advice && h("p", { class: "advice" }, both(one.advice)),
    one.never && h("p", { class: "quiet" }, both(one.never)),
    one.steps && h("ol", {}, both(one.steps).map((step) => h("li", {}, step))),
    listed(t("tools.from"), one.given), listed(t("tools.becomes"), one.becomes));
}

async function functions(main, word) {
  const [place, one] = [main.querySelector("#found"), main.querySelector("#one")];
  begun(one); // the one of before is not waited for any more
  fill(one);
  const found = await attempt(place, () => ask("functions", { word }));
  if (found) fill(place, h("p", { class: "quiet" }, t("tools.count", { count: found.length })),
    h("ul", { class: "choices" }, found.map((one) => h("li", {}, h("button", { type: "button", class: "plain", "data-function": one.name,
      onclick: () => oneFunction(main, one.name) }, h("code", {}, one.name), ` ${one.title} `, h("span", { class: "quiet" }, one.section))))));
}

async function oneFunction(main, name) {
  const place = main.querySelector("#one");
  const found = await attempt(place, () => ask("function", { name }));
  if (!found) return;
  fill(place,
    h("h3", {}, h("code", {}, found.name), ` ${found.title}`),
    h("p", { lang: "en" }, found.summary),
    found.arguments.length > 0 && h("p", { class: "quiet small" }, found.arguments.map((one) => `${one.name} (${one.kind})`).join(", ")),
    found.records.map(record),
    found.codes.length > 0 && [h("h4", {}, t("tools.codes")), h("ul", { lang: "en" }, found.codes.map((code) => h("li", {}, code)))]);
  place.scrollIntoView({ block: "nearest" });
}

function record(one) {
  return h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": one.name }, h("table", { class: "record-table" },
    h("caption", {}, `${one.argument}: ${one.name}, ${t("tools.bytes", { count: one.width })}`),
    h("thead", {}, h("tr", {}, ["offset", "width", "field", "kind", "term"].map((name) => h("th", { scope: "col" }, t(`tools.${name}`))))),
    h("tbody", {}, one.fields.map((field) => h("tr", { class: field.inside ? "inside" : "" },
      h("td", { class: "figure" }, (field.inside ? "+" : "") + field.offset), h("td", { class: "figure" }, field.width),
      h("td", {}, h("code", {}, field.name)), h("td", { class: "quiet" }, field.kind), h("td", {}, field.term))))));
}

async function examine(main) {
  const [button, place] = [main.querySelector("#examine"), main.querySelector("#report")];
  button.textContent = t("now.examining");
  const found = await attempt(place, () => ask("doctor"), button);
  if (found) report(place, found);
  button.textContent = t("tools.examine");
}

function report(place, found) {
  fill(place, found.sections.map((section) => h("details", {
    open: section.findings.some((one) => one.status === "broken"),
  },
  h("summary", {}, mark(worst(section)), both(section.title)), section.findings.map((one) => finding({ ...one, section: null })))));
}

function worst(section) {
  const has = (status) => section.findings.some((one) => one.status === status);
  return has("broken") ? "broken" : has("warning") ? "warning" : has("unknown") ? "idle" : "ok";
}

async function settings(main) {
  const place = main.querySelector("#settings");
  const rows = await attempt(place, () => ask("settings"));
  if (rows) fill(place, h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": t("tools.settings") }, h("table", {},
    h("thead", {}, h("tr", {}, ["setting", "value", "source"].map((name) => h("th", { scope: "col" }, t(`tools.${name}`))))),
    h("tbody", {}, rows.map((row) => h("tr", { class: row.usual ? "usual" : "" },
      h("td", {}, h("code", {}, row.name)), h("td", {}, row.value), h("td", {}, both(row.source))))))));
}

async function bundle(main) {
  const said = main.querySelector("#bundle-said");
  said.textContent = t("tools.bundle.working");
  const leftOut = await attempt(said, async () => handed(await download("bundle")), main.querySelector("#bundle"));
  if (!leftOut) return;
  const lines = Object.entries(leftOut);
  fill(said, mark(lines.length ? "warning" : "ok"), t(lines.length ? "tools.bundle.left_out" : "tools.bundle.done"),
    lines.length > 0 && h("ul", {}, lines.map(([where, count]) => h("li", {}, `${where}: ${count}`))));
}

// It was asked for and takes its time: it is handed over wherever one looks by then. Gives what it lacks.
function handed({ blob, leftOut }) {
  const address = URL.createObjectURL(blob);
  const link = h("a", { href: address, download: "cshis-bridge-support.zip" });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
  return leftOut;
}
