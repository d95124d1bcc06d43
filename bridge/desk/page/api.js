// Talks to the bridge. The session's token lives in this tab alone and goes along as a header, never as a cookie.

import { both, t } from "./words.js";

const KEPT = "cshis-bridge desk";
const AGAIN = 2000; // ms until a stream that ended is opened once more

export class NoSession extends Error {}

const token = () => sessionStorage.getItem(KEPT) ?? "";
const bearer = (value) => ({ Authorization: `Bearer ${value}` });

// Whether a fragment is what a link carries; those of the parts begin with a stroke.
export const isLink = (fragment) => /^[A-Za-z0-9_-]{40,}$/.test(fragment);

// Exchanges the token of the link, which stands in the fragment and leaves the address at once.
export async function enter() {
  const given = location.hash.slice(1);
  if (!isLink(given)) {
    if (!token()) throw new NoSession("closed");
    return;
  }
  history.replaceState(null, "", "/desk#/now");
  const answer = await fetch("/desk/api/enter", { method: "POST", headers: bearer(given) });
  if (!answer.ok) {
    if (token()) return;
    throw new NoSession("used");
  }
  sessionStorage.setItem(KEPT, (await answer.json()).session);
}

const left = new AbortController(); // what was asked for before one left comes to nobody afterwards

export async function leave() {
  left.abort();
  const headers = bearer(token());
  sessionStorage.removeItem(KEPT);
  await fetch("/desk/api/leave", { method: "POST", headers, keepalive: true }).catch(() => {}); // a bridge that is away has no session
}

export async function ask(path, given = {}) {
  const query = new URLSearchParams(given).toString();
  return content(await sent(path + (query ? `?${query}` : ""), {}));
}

export async function tell(path, given = {}) {
  return content(await sent(path, { method: "POST", body: JSON.stringify(given) }));
}

export async function download(path) {
  const answer = await sent(path, { method: "POST", body: "{}" });
  if (!answer.ok) await content(answer);
  return { blob: await here(answer.blob()), leftOut: JSON.parse(answer.headers.get("x-left-out") ?? "{}") };
}

async function sent(path, options) {
  let answer;
  try {
    answer = await fetch(`/desk/api/${path}`, { ...options, signal: left.signal, headers: bearer(token()), cache: "no-store" });
  } catch {
    await here();
    throw new Error(t("link.silent")); // the browser's own words are English
  }
  if (answer.status === 401) lost();
  return answer;
}

// Waits for something; fails where the page was left meanwhile.
async function here(coming) {
  const found = await coming;
  if (left.signal.aborted) throw new NoSession("left");
  return found;
}

async function content(answer) {
  const found = await here(answer.json().catch(() => ({})));
  if (!answer.ok) throw new Error(saidBy(found.message) || t("link.fault", { status: answer.status }));
  return found;
}

function saidBy(message) {
  return message?.zh ? both(message) : message;
}

function lost() {
  sessionStorage.removeItem(KEPT);
  throw new NoSession("closed");
}

// Hears events for as long as the page is open. ``heard(kind, content)``; ``state("open" | "away" | "closed" | "elsewhere")``.
// It ends where the session does, and where as many tabs of this page are open as the bridge serves.
export async function listen(heard, state) {
  let elsewhere = false;
  const each = (kind, content) => (kind === "elsewhere" ? (elsewhere = true) : heard(kind, content));
  for (;;) {
    try {
      const answer = await sent("events", {});
      if (!answer.ok) throw new Error(String(answer.status));
      state("open");
      await events(answer.body, each);
    } catch (error) {
      if (left.signal.aborted) return;
      if (error instanceof NoSession) {
        state("closed");
        return;
      }
    }
    state(elsewhere ? "elsewhere" : "away");
    if (elsewhere) return;
    await new Promise((done) => setTimeout(done, AGAIN));
  }
}

async function events(body, heard) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let waiting = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const texts = (waiting + value).split("\n\n");
    waiting = texts.pop();
    for (const text of texts) {
      const lines = Object.fromEntries(text.split("\n").map((line) => {
        const colon = line.indexOf(": ");
        return [line.slice(0, colon), line.slice(colon + 2)];
      }));
      if (lines.event) heard(lines.event, JSON.parse(lines.data));
    }
  }
}
