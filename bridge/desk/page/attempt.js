// What a click begins: its button rests meanwhile, and what goes wrong is said where people look.

import { NoSession } from "./api.js";
import { fill, h } from "./dom.js";
import { mark } from "./now.js";
import { t } from "./words.js";

// Does ``work`` and gives what it gives; nothing where it failed, which then stands in ``place``.
export async function attempt(place, work, button = null) {
  if (button) button.disabled = true;
  try {
    return await work();
  } catch (error) {
    fill(place, failure(error));
    return undefined;
  } finally {
    if (button) button.disabled = false;
  }
}

// A part that shows one is drawn again when the bridge is back.
export function failure(error) {
  return h("span", { class: "fault", "data-failed": "" }, mark("broken"), inWords(error));
}

export function inWords(error) {
  return error instanceof NoSession ? t(`closed.${error.message}`) : error.message;
}
