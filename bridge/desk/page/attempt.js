// What a click begins: its button rests meanwhile, and what goes wrong is said where people look.

import { NoSession } from "./api.js";
import { fill, h } from "./dom.js";
import { mark } from "./now.js";
import { t } from "./words.js";

const newest = new WeakMap(); // of each place, what was begun there last

// Begins something whose answer is to stand in ``place``. Gives a function: whether anybody waits for it there still. Nobody does
// where the place was left, or where something else was begun there since: answers come in any order.
export function begun(place) {
  const mine = Symbol("begun");
  newest.set(place, mine);
  return () => place.isConnected && newest.get(place) === mine;
}

// Does ``work`` and gives what it gives. Nothing where it failed, which then stands in ``place``; nor where nobody waits for it.
export async function attempt(place, work, button = null) {
  const waits = begun(place);
  if (button) button.disabled = true;
  try {
    const found = await work();
    return waits() ? found : undefined;
  } catch (error) {
    if (waits()) fill(place, failure(error));
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
