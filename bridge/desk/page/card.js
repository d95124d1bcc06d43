// Virtual cards: a scanner types into the field, a camera looks, or a transfer code comes from another device.

import { tell } from "./api.js";
import { begun, inWords } from "./attempt.js";
import { codeSeen, endLook } from "./camera.js";
import { fill, fillKept, h } from "./dom.js";
import { mark, sentence, until } from "./now.js";
import { both, language, t } from "./words.js";

let transferCode = ""; // of the last export: the card is logged out here already, so that nothing else leads to it

export function render(main, state) {
  fill(main,
    h("h1", { tabindex: -1 }, t("part.card")),
    h("div", { id: "card-now", class: "card-now" }),
    h("p", { class: "quiet small", id: "either" }, t(state.words.about.either ? "card.either" : "card.not_either")),
    h("section", { "aria-labelledby": "scan-title" },
      h("h2", { id: "scan-title" }, t("card.scan")),
      h("form", { id: "scan", onsubmit: (event) => {
        event.preventDefault();
        const field = main.querySelector("#qr");
        const text = field.value;
        field.value = "";
        scan(main, state, text);
        field.focus();
      } },
      h("label", { for: "qr" }, t("card.field")),
      h("div", { class: "row" },
        h("input", { id: "qr", name: "qr", type: "text", autocomplete: "off", autocapitalize: "off", spellcheck: "false",
          inputmode: "none", maxlength: 4096, placeholder: t("card.placeholder") }),
        h("button", { type: "submit", class: "main" }, t("card.present"))),
      state.words.about.either && h("label", { class: "small" }, t("card.reader"),
        h("input", { id: "reader", type: "text", autocomplete: "off", maxlength: 32 }))),
      h("p", { class: "quiet small" }, t("card.wedge")),
      "BarcodeDetector" in window
        ? h("div", {}, h("button", { type: "button", id: "camera", onclick: () => look(main, state) }, t("card.camera")),
          h("video", { id: "video", class: "hidden", muted: true, playsinline: true, "aria-label": t("card.video") }))
        : h("p", { class: "quiet small", id: "no-camera" }, t("card.no_camera"))),
    h("p", { id: "card-said", role: "status", "aria-live": "polite" }),
    h("section", { "aria-labelledby": "move-title" },
      h("h2", { id: "move-title" }, t("card.move")),
      h("div", { class: "row" },
        h("button", { type: "button", id: "export", onclick: () => act(main, state, "export") }, t("card.export")),
        h("button", { type: "button", id: "log-out", onclick: () => act(main, state, "log_out") }, t("card.log_out"))),
      h("p", { id: "given", class: "hidden" }),
      h("form", { onsubmit: (event) => {
        event.preventDefault();
        const field = main.querySelector("#code");
        const text = field.value;
        field.value = "";
        if (text.trim()) act(main, state, "import", text);
      } },
      h("label", { for: "code" }, t("card.code")),
      h("div", { class: "row" }, h("input", { id: "code", type: "text", autocomplete: "off", spellcheck: "false", maxlength: 4096 }),
        h("button", { type: "submit" }, t("card.import"))))));
  present(main, state);
  give(main);
  main.querySelector("#qr").focus();
}

export function update(kind, content, main, state) {
  if (kind === "now") present(main, state);
}

function present(main, state) {
  const tile = state.tiles.find((one) => one.name === "card");
  const place = main.querySelector("#card-now");
  if (!tile || !place) return;
  fillKept(place, [{ key: tile.name, shows: [tile, language()], make: () => h("div", {}, mark(tile.level), sentence(tile),
    tile.values.until !== undefined && h("p", { class: "quiet small" }, until(tile))) }]);
}

// A scanner types as the keyboard would: a Chinese input method makes other characters of it. The bridge reads those of full width.
function scan(main, state, text) {
  const said = main.querySelector("#card-said");
  if (/[^\x20-\x7e]/.test(text.normalize("NFKC").trim())) {
    begun(said); // the card of before may still be on its way: its answer is not one to this scan
    said.className = "said broken";
    fill(said, mark("broken"), t("card.input_method"));
  } else if (text.trim()) act(main, state, "present", text);
}

async function act(main, state, what, text = "") {
  const said = main.querySelector("#card-said");
  const waits = begun(said);
  said.className = "";
  said.textContent = t("card.working");
  let answer;
  try {
    answer = await tell("card", { what, text, reader: main.querySelector("#reader")?.value ?? "" });
  } catch (error) {
    answer = { ok: false, code: null, reason: inWords(error), given: "" };
  }
  if (answer.ok) transferCode = answer.given; // good once: kept, wherever one looks now
  give(main);
  if (!waits()) return;
  said.className = answer.ok ? "said ok" : "said broken";
  const reason = answer.reason?.zh ? both(answer.reason) : answer.reason;
  const known = state.words.codes[String(answer.code)];
  fill(said, mark(answer.ok ? "ok" : "broken"), answer.ok ? t(`card.done.${what}`) : answer.code !== null && t("card.failed", { code: answer.code }),
    !answer.ok && known && [" ", both(known)],
    !answer.ok && answer.reason && h("span", { class: "quiet small" }, " ", reason));
}

function give(main) {
  const place = main.querySelector("#given");
  if (!place) return;
  place.className = transferCode ? "" : "hidden";
  fill(place, transferCode && [t("card.given"), " ", h("code", {}, transferCode)]);
}

export function forget() {
  transferCode = "";
}

async function look(main, state) {
  if (endLook()) return;
  const said = main.querySelector("#card-said");
  const waits = begun(said);
  said.className = "";
  fill(said);
  let code;
  try {
    code = await codeSeen(main.querySelector("#video"));
  } catch {
    if (waits()) fill(said, mark("warning"), t("card.camera_refused"));
    return;
  }
  if (code !== null) await act(main, state, "present", code);
}

// The part is not looked at any more: nor does the camera look.
export function hide() {
  endLook();
}
