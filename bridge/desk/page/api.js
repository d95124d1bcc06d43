// Talks to the bridge. The session's token lives in this tab alone and goes along as a header, never as a cookie.

const KEPT = "cshis-bridge desk";
const AGAIN = 2000; // ms until a stream that ended is opened once more

export class NoSession extends Error {}

const token = () => sessionStorage.getItem(KEPT) ?? "";
const bearer = (value) => ({ Authorization: `Bearer ${value}` });

// Exchanges the token of the link, which stands in the fragment and leaves the address at once.
export async function enter() {
  const given = location.hash.slice(1);
  if (!given || given.startsWith("/")) {
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

const stream = new AbortController();

export async function leave() {
  stream.abort();
  await fetch("/desk/api/leave", { method: "POST", headers: bearer(token()) });
  sessionStorage.removeItem(KEPT);
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
  if (!answer.ok) throw new Error(String(answer.status));
  return { blob: await answer.blob(), leftOut: JSON.parse(answer.headers.get("x-left-out") ?? "{}") };
}

async function sent(path, options) {
  const answer = await fetch(`/desk/api/${path}`, { ...options, headers: bearer(token()), cache: "no-store" });
  if (answer.status === 401) lost();
  return answer;
}

async function content(answer) {
  const found = await answer.json();
  if (!answer.ok) throw new Error(found.message ?? String(answer.status));
  return found;
}

function lost() {
  sessionStorage.removeItem(KEPT);
  throw new NoSession("closed");
}

// Hears events for as long as the page is open. ``heard(kind, content)``; ``state("open" | "away" | "closed")``.
export async function listen(heard, state) {
  for (;;) {
    try {
      const answer = await sent("events", { signal: stream.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      state("open");
      await events(answer.body, heard);
    } catch (error) {
      if (stream.signal.aborted) return;
      if (error instanceof NoSession) {
        state("closed");
        return;
      }
    }
    state("away");
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
