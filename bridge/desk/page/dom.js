// Makes elements. Texts are always texts: nothing here takes markup.

const SVG = "http://www.w3.org/2000/svg";

export function h(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "disabled") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  add(element, children);
  return element;
}

export function add(element, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

export function fill(element, ...children) {
  element.replaceChildren();
  add(element, children);
}

// Fills a place with parts, each by a key that is its own there. One that shows what it has shown before stays the very
// element: made anew, it would lose the focus, a selection and a click that is under way.
export function fillKept(element, parts) {
  const before = new Map([...element.children].map((one) => [one.dataset.key, one]));
  const wanted = parts.map(({ key, shows, make }) => {
    const [name, text] = [String(key), JSON.stringify(shows)];
    const old = before.get(name);
    if (old?.dataset.shows === text) return old;
    const made = make();
    made.dataset.key = name;
    made.dataset.shows = text;
    return made;
  });
  const staying = new Set(wanted);
  [...element.childNodes].forEach((one) => staying.has(one) || one.remove());
  let next = element.firstChild;
  for (const one of wanted) {
    if (one === next) next = next.nextSibling;
    else element.insertBefore(one, next);
  }
}

export function clock(iso) {
  return new Intl.DateTimeFormat("en-GB", {
    timeZone: "Asia/Taipei", hour: "2-digit", minute: "2-digit", second: "2-digit",
  }).format(new Date(iso));
}

export function day(iso) {
  return new Intl.DateTimeFormat("sv-SE", {
    timeZone: "Asia/Taipei", dateStyle: "short", timeStyle: "medium",
  }).format(new Date(iso));
}
