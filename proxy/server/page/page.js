// The status page of chainmend, alive: takes what changed from /events, filters rows, and, with the token, changes things.
// The server writes all HTML; what comes from outside is escaped there.
"use strict";

const filter = document.getElementById("filter");
const live = document.getElementById("live");
const form = document.getElementById("changes");
const token = document.getElementById("token");

function made(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content.firstElementChild;
}

// Ours, and not the server's to say.
const ownAttributes = new Set(["open", "hidden"]);

// Makes old like fresh and keeps what is equal, so that focus, selection and opened rows stay.
function become(old, fresh) {
  for (const { name, value } of [...fresh.attributes]) {
    if (!ownAttributes.has(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const { name } of [...old.attributes]) {
    if (!ownAttributes.has(name) && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  const now = [...old.childNodes];
  const next = [...fresh.childNodes];
  next.forEach((child, i) => {
    const there = now[i];
    if (!there) old.append(child);
    else if (there.nodeType !== child.nodeType || there.nodeName !== child.nodeName) there.replaceWith(child);
    else if (child.nodeType === Node.ELEMENT_NODE) become(there, child);
    else if (there.nodeValue !== child.nodeValue) there.nodeValue = child.nodeValue;
  });
  now.slice(next.length).forEach((child) => child.remove());
}

function arrange(holder, ids, set) {
  const known = new Map([...holder.children].map((row) => [row.id, row]));
  let place = holder.firstElementChild;
  for (const id of ids) {
    const row = known.get(id) || (set[id] && made(set[id]));
    if (!row) continue;
    known.delete(id);
    if (row === place) place = place.nextElementSibling;
    else holder.insertBefore(row, place);
  }
  for (const row of known.values()) row.remove();
}

function take(change) {
  for (const [id, html] of Object.entries(change.set)) {
    const old = document.getElementById(id);
    if (old) become(old, made(html));
  }
  for (const [id, ids] of Object.entries(change.order)) {
    const holder = document.getElementById(id);
    if (holder) arrange(holder, ids, change.set);
  }
  sift();
  offer();
}

function sift() {
  const words = filter.value.trim().toLowerCase();
  let shown = 0;
  let all = 0;
  for (const row of document.querySelectorAll("[data-find]")) {
    const fits = row.dataset.find.includes(words);
    if (row.hidden === fits) row.hidden = !fits;
    all += 1;
    shown += fits ? 1 : 0;
  }
  const found = words ? `${shown} of ${all} rows` : "";
  const told = document.getElementById("found");
  if (told.textContent !== found) told.textContent = found;
}

function share() {
  const query = filter.value.trim() ? `?q=${encodeURIComponent(filter.value.trim())}` : "";
  history.replaceState(null, "", location.pathname + query + location.hash);
}

function openTarget() {
  const row = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (row && row.tagName === "DETAILS") {
    row.open = true;
    row.scrollIntoView();
  }
}

// Buttons are there once a token is.
function offer() {
  if (!form) return;
  form.hidden = false;
  for (const button of document.querySelectorAll("[data-change]")) button.hidden = !token.value;
}

async function change(button) {
  const { change: path, upstream, server } = button.dataset;
  const query = upstream ? `?${new URLSearchParams({ upstream, server })}` : "";
  const told = document.getElementById("changed");
  told.textContent = "asked";
  try {
    const answer = await fetch(path + query, { method: "POST", headers: { Authorization: `Bearer ${token.value}` } });
    const text = await answer.text();
    told.textContent = answer.ok ? `done: ${button.textContent} ${server || ""}` : `refused (${answer.status}): ${text}`;
  } catch {
    told.textContent = "nobody answered";
  }
}

function watch() {
  const source = new EventSource(`/events?since=${document.body.dataset.number}`);
  source.onopen = () => { live.textContent = "Live: what changes is shown within a second."; };
  source.onmessage = (event) => take(JSON.parse(event.data));
  source.onerror = () => { live.textContent = "Not connected: what is shown may be old."; };
}

filter.addEventListener("input", () => { sift(); share(); });
filter.form.addEventListener("submit", (event) => { event.preventDefault(); sift(); share(); });
document.addEventListener("toggle", (event) => {
  const row = event.target;
  if (row.tagName !== "DETAILS") return;
  const hash = row.open ? `#${row.id}` : "";
  if (row.open || location.hash === `#${row.id}`) history.replaceState(null, "", location.pathname + location.search + hash);
}, true);
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-change]");
  if (button) change(button);
});
if (form) {
  token.addEventListener("input", offer);
  form.addEventListener("submit", (event) => event.preventDefault());
}
window.addEventListener("hashchange", openTarget);
sift();
offer();
openTarget();
watch();
