// Questions about PINs. What is typed goes to the bridge and is forgotten here at once.

import { tell } from "./api.js";
import { attempt } from "./attempt.js";
import { fill, fillKept, h } from "./dom.js";
import { mark } from "./now.js";
import { both, language, t } from "./words.js";

let shown = 0; // the question that the dialog asks

export function render(main, state) {
  const way = state.words.about.pins;
  fill(main,
    h("h1", { tabindex: -1 }, t("part.pin")),
    h("p", {}, t(`pin.way.${way}`)),
    h("div", { id: "questions", role: "status" }));
  draw(main, state);
}

export function update(kind, content, main, state) {
  if (kind === "pin") draw(main, state);
}

function draw(main, state) {
  const place = main.querySelector("#questions");
  if (!place) return;
  const none = { key: "none", shows: language(), make: () => h("p", {}, mark("ok"), t("pin.none")) };
  fillKept(place, state.questions.length ? state.questions.map(questionOf) : [none]);
}

function questionOf(one, place) {
  return { key: one.number || `elsewhere ${place}`, shows: [one.zh, language()], make: () => h("p", {}, mark("warning"), both(one), " ",
    one.number ? h("button", { type: "button", onclick: () => ask(one) }, t("pin.type")) : t("pin.elsewhere")) };
}

// The questions of now: the dialog opens for one of ours, and closes when nobody waits for its answer any more.
export function asked(questions) {
  const dialog = document.getElementById("pin-dialog");
  if (shown && !questions.some((one) => one.number === shown)) {
    shown = 0;
    dialog.close();
    dialog.replaceChildren();
  }
  const next = questions.find((one) => one.number);
  if (!shown && next) ask(next);
}

function ask(question) {
  const dialog = document.getElementById("pin-dialog");
  shown = question.number;
  const field = h("input", { id: "pin", type: "password", inputmode: "numeric", pattern: "[0-9]*", autocomplete: "off",
    "data-1p-ignore": "", "data-lpignore": "true", maxlength: question.most, "aria-describedby": "pin-about",
    oninput: () => {
      const digits = field.value.normalize("NFKC").replace(/[^0-9]/g, "");
      if (digits !== field.value) field.value = digits;
      good.disabled = digits.length < question.least;
    } });
  const good = h("button", { type: "submit", class: "main", disabled: true }, t("pin.ok"));
  const send = async (digits) => {
    field.value = "";
    good.disabled = true;
    const answer = await attempt(said, () => tell("pin", { number: question.number, pin: digits }));
    if (answer && !answer.taken) fill(said, t("pin.too_late"));
  };
  const said = h("p", { id: "pin-said", role: "alert" });
  fill(dialog, h("form", { autocomplete: "off", "data-question": question.number, onsubmit: (event) => {
    event.preventDefault();
    if (!good.disabled) send(field.value);
  } },
  h("h2", { id: "pin-title" }, both(question)),
  h("label", { for: "pin" }, t("pin.label")), field,
  h("p", { id: "pin-about", class: "quiet small" }, t("pin.about", question)), said,
  h("div", { class: "row" }, good,
    h("button", { type: "button", onclick: () => send(null) }, t("pin.cancel")))));
  dialog.oncancel = (event) => {
    event.preventDefault();
    send(null);
  };
  if (!dialog.open) dialog.showModal();
  field.focus();
}
