// The simulators: people, cards in and out, QR codes as pictures, faults, the clock, scenarios.

import { ask, tell } from "./api.js";
import { attempt, begun, inWords } from "./attempt.js";
import { day, fill, h, svg } from "./dom.js";
import { mark } from "./now.js";
import { both, t } from "./words.js";

export async function render(main, state) {
  fill(main, h("h1", { tabindex: -1 }, t("part.simulator")), h("p", {}, t("sim.about")),
    h("p", { id: "sim-said", role: "status" }), h("div", { id: "sim" }, t("loading")));
  await draw(main, state);
}

async function draw(main, state) {
  const place = main.querySelector("#sim");
  if (!place) return; // another part is looked at
  const known = await attempt(place, () => ask("simulator"));
  if (!known) return;
  const { state: world, people, scenarios, faults } = known;
  const act = (what, given = {}) => change(main, state, what, given);
  fill(place,
    h("section", { "aria-labelledby": "sim-slots" },
      h("h2", { id: "sim-slots" }, t("sim.readers")),
      h("p", { class: "quiet small" }, `${both(world.scenario)} · ${day(world.now)}`),
      h("div", { class: "tiles" }, Object.entries(world.slots).map(([slot, card]) => slotOf(slot, card, people, act)))),
    h("section", { "aria-labelledby": "sim-people" },
      h("h2", { id: "sim-people" }, t("sim.people")),
      h("div", { id: "qr-picture" }),
      h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": t("sim.people") }, h("table", {},
        h("thead", {}, h("tr", {}, ["name", "card", "birthday", "notes"].map((name) => h("th", { scope: "col" }, t(`sim.${name}`))),
          h("th", { scope: "col" }, h("span", { class: "unseen" }, t("sim.actions"))))),
        h("tbody", {}, people.cards.map((one) => h("tr", { "data-card": one.number },
          h("td", {}, one.name), h("td", {}, h("code", {}, one.number)), h("td", {}, one.birthday),
          h("td", { class: "quiet small" }, notes(one)),
          h("td", {}, h("div", { class: "row" },
            h("button", { type: "button", class: "insert", "aria-label": `${t("sim.insert")} ${one.name}`,
              onclick: () => act("insert", { slot: "hc", card: one.number }) }, t("sim.insert")),
            h("button", { type: "button", class: "qr", "aria-label": `QR ${one.name}`,
              onclick: () => picture(main, state, one) }, "QR"))))))))),
    h("section", { "aria-labelledby": "sim-faults" },
      h("h2", { id: "sim-faults" }, t("sim.faults")),
      faultForm(faults, act),
      world.faults.length
        ? h("div", {}, h("ul", {}, world.faults.map((one) => h("li", {},
          `${t(`upstream.${one.service}`)}: ${one.kind} ${one.value ?? ""} ${one.field ?? ""}`))),
        h("button", { type: "button", id: "clear-faults", onclick: () => act("clear") }, t("sim.clear")))
        : h("p", { class: "quiet" }, t("sim.no_faults"))),
    h("section", { "aria-labelledby": "sim-clock" },
      h("h2", { id: "sim-clock" }, t("sim.clock")),
      h("p", {}, day(world.now)),
      h("div", { class: "row" }, [["hour", 3600], ["day", 86400], ["back", -86400]].map(([name, seconds]) =>
        h("button", { type: "button", onclick: () => act("clock", { seconds }) }, t(`sim.${name}`))))),
    h("section", { "aria-labelledby": "sim-scenarios" },
      h("h2", { id: "sim-scenarios" }, t("sim.scenarios")),
      h("div", { class: "row" }, scenarios.map((one) =>
        h("button", { type: "button", "data-scenario": one.name, onclick: () => act("load", { name: one.name }) }, both(one))),
      h("button", { type: "button", id: "reset", onclick: () => act("reset") }, t("sim.reset")))));
}

function notes(one) {
  return [t("sim.visits", { count: one.counter }), one.cancelled && t("sim.cancelled"), one.hasPin && "PIN", one.locked && t("sim.locked")]
    .filter(Boolean).join(" · ");
}

function slotOf(slot, card, people, act) {
  const kind = slot.split("@")[0];
  const those = kind === "hc" ? people.cards : people.practitioners;
  const holder = those.find((one) => one.number === card);
  const id = `slot-${slot.replace("@", "-")}`;
  const choice = h("select", { id }, those.map((one) =>
    h("option", { value: one.number, selected: one.number === card }, `${one.name} ${one.number}`)));
  return h("article", { class: `tile ${card ? "ok" : "idle"}`, "data-slot": slot },
    h("h2", {}, mark(card ? "ok" : "idle"), t(`sim.slot.${kind}`), slot.includes("@") ? ` ${slot.split("@")[1]}` : ""),
    h("p", {}, card ? `${holder?.name ?? ""} ${card}` : t("sim.empty")),
    h("label", { for: id, class: "small" }, t("sim.choose")),
    h("div", { class: "row" }, choice,
      h("button", { type: "button", onclick: () => act("insert", { slot, card: choice.value }) }, t("sim.insert")),
      h("button", { type: "button", class: "remove", disabled: !card, onclick: () => act("remove", { slot }) }, t("sim.remove"))));
}

function faultForm(faults, act) {
  const option = (name, label) => h("option", { value: name }, label ?? name);
  const service = h("select", { id: "fault-service" }, faults.services.map((one) => option(one, t(`upstream.${one}`))));
  const kind = h("select", { id: "fault-kind" }, faults.kinds.map((one) => option(one, `${one} - ${t(`sim.fault.${one}`)}`)));
  const value = h("input", { id: "fault-value", type: "number", step: "any" });
  const field = h("input", { id: "fault-field", type: "text", autocomplete: "off" });
  const labelled = (name, control) => h("label", {}, t(`sim.${name}`), control);
  return h("form", { class: "bar", id: "fault", onsubmit: (event) => {
    event.preventDefault();
    act("fault", {
      service: service.value, kind: kind.value, value: value.value === "" ? null : Number(value.value), field: field.value,
    });
  } }, labelled("service", service), labelled("kind", kind), labelled("value", value), labelled("field", field),
  h("button", { type: "submit" }, t("sim.arm")));
}

async function change(main, state, what, given) {
  const said = main.querySelector("#sim-said");
  const waits = begun(said);
  let outcome;
  try {
    await tell("simulator/do", { what, ...given });
    outcome = [mark("ok"), t(`sim.done.${what}`)];
  } catch (error) {
    outcome = [mark("broken"), inWords(error)];
  }
  if (waits()) fill(said, outcome);
  await draw(main, state);
}

async function picture(main, state, one) {
  const place = main.querySelector("#qr-picture");
  const made = await attempt(place, () => tell("simulator/qr", { card: one.number }));
  if (!made) return;
  const { text, rows } = made;
  fill(place, h("figure", { class: "qr" },
    rows ? drawn(rows, one.name) : h("p", {}, t("sim.no_picture")),
    h("figcaption", {}, t("sim.qr_of", { name: one.name }), h("code", { id: "qr-text" }, text),
      h("div", { class: "row" },
        h("button", { type: "button", class: "main", id: "present-this", onclick: () => present(main, text) }, t("sim.present"))))));
  place.scrollIntoView({ block: "nearest" });
}

async function present(main, text) {
  const said = main.querySelector("#sim-said");
  const answer = await attempt(said, () => tell("card", { what: "present", text }));
  if (answer) fill(said, mark(answer.ok ? "ok" : "broken"), answer.ok ? t("card.done.present") : t("card.failed", { code: answer.code }));
}

// A QR code on white with its margin of four, also where the page is dark: scanners want it so.
function drawn(rows, name) {
  const size = rows.length + 8;
  const squares = rows.flatMap((row, y) => [...row].map((dark, x) => (dark === "1" ? `M${x + 4} ${y + 4}h1v1h-1z` : ""))).join("");
  return svg("svg", { viewBox: `0 0 ${size} ${size}`, class: "qr-code", role: "img", "aria-label": t("sim.qr_of", { name }),
    "shape-rendering": "crispEdges" },
  svg("rect", { width: size, height: size, fill: "#fff" }), svg("path", { d: squares, fill: "#000" }));
}
