// Changes that did not end clearly, and receipts.

import { ask, tell } from "./api.js";
import { attempt, begun, inWords } from "./attempt.js";
import { day, fill, fillKept, h } from "./dom.js";
import { mark } from "./now.js";
import { both, language, t } from "./words.js";

export async function render(main, state) {
  fill(main,
    h("h1", { tabindex: -1 }, t("part.changes")),
    h("section", { "aria-labelledby": "pending-title" },
      h("h2", { id: "pending-title" }, t("changes.pending")), h("div", { id: "pending" }, t("loading"))),
    h("section", { "aria-labelledby": "receipts-title" },
      h("h2", { id: "receipts-title" }, t("changes.receipts")), h("div", { id: "receipts" }, t("loading")),
      h("div", { id: "result", role: "status" })));
  await draw(main, state);
}

export function update(kind, content, main, state) {
  if (kind === "now") draw(main, state);
}

async function draw(main) {
  const [pending, receipts] = [main.querySelector("#pending"), main.querySelector("#receipts")];
  if (!pending) return; // another part is looked at
  const waits = begun(pending);
  let found;
  try {
    found = await ask("changes");
  } catch (error) {
    found = { pending: [], receipts: [], fault: inWords(error) };
  }
  if (!waits()) return;
  fillKept(pending, pendingParts(found, main));
  fillKept(receipts, found.fault ? [] : [receiptsOf(found.receipts, main)]);
}

function pendingParts(found, main) {
  const says = (key, make) => ({ key, shows: [key, language()], make });
  if (found.fault) return [{ key: "fault", shows: found.fault, make: () => h("p", { class: "fault" }, mark("broken"), found.fault) }];
  if (!found.pending.length) return [says("none", () => h("p", {}, mark("ok"), t("changes.none")))];
  return [
    says("about", () => h("p", {}, t("changes.about"))),
    ...found.pending.map((change) => ({ key: change.id, shows: [change, language()], make: () => changeOf(change, main) })),
  ];
}

function receiptsOf(receipts, main) {
  return { key: "receipts", shows: [receipts, language()], make: () => (receipts.length
    ? h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": t("changes.receipts") }, h("table", {},
      h("thead", {}, h("tr", {}, ["time", "what", "receipt"].map((name) => h("th", { scope: "col" }, t(`changes.${name}`))))),
      h("tbody", {}, receipts.map((one) => h("tr", {},
        h("td", {}, day(one.at)), h("td", {}, one.title, " ", h("code", {}, one.function)),
        h("td", {}, h("code", { class: "receipt" }, one.receipt), " ",
          h("button", { type: "button", class: "plain", "aria-label": `${t("changes.result")} ${one.receipt}`,
            onclick: () => result(main, one.receipt) }, t("changes.result"))))))))
    : h("p", { class: "quiet" }, t("changes.no_receipts"))) };
}

function changeOf(change, main) {
  const waits = change.state !== "under-way";
  return h("article", { class: `finding ${waits ? "warning" : "idle"}`, "data-change": change.id },
    h("h3", {}, mark(waits ? "warning" : "idle"), change.title, " ", h("code", {}, change.function)),
    h("p", { class: "quiet small" }, `${day(change.at)} · ${t(`changes.${change.state}`)} · ${change.path}`),
    h("p", { class: "advice" }, both(change.advice)),
    waits && looked(change, main));
}

// The result of a check may name people: it is shown when somebody asks for it, and kept nowhere.
async function result(main, receipt) {
  const place = main.querySelector("#result");
  fill(place, t("loading"));
  const found = await attempt(place, () => tell("changes/result", { receipt }));
  if (found) fill(place, h("h3", {}, `${t("changes.result")} ${receipt}`),
    found.ready ? h("pre", { tabindex: 0 }, found.text) : h("p", {}, mark("idle"), t("changes.not_ready")));
}

// Two clicks: what is noted as looked at is not shown again.
function looked(change, main) {
  const button = h("button", { type: "button", class: "look", onclick: async () => {
    if (!button.dataset.sure) {
      button.dataset.sure = "yes";
      button.textContent = t("changes.sure");
      return;
    }
    const done = await attempt(said, () => tell("changes/resolve", { id: change.id }), button);
    if (!done) return;
    const pending = main.querySelector("#pending");
    await draw(main);
    const lost = [document.body, button].includes(document.activeElement); // the button goes, now or with a later drawing
    if (pending.isConnected && lost) main.querySelector("h1").focus();
  } }, t("changes.looked"));
  const said = h("span", { role: "status" });
  return [button, said];
}
