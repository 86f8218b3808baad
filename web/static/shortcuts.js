// Keyboard shortcuts of the officers' pages. They can be switched off, and no single key decides anything:
// keys move, open, search and go back; forms are sent by their own buttons.
const OFF = "yg-shortcuts-off";
const off = () => { try { return localStorage.getItem(OFF) === "1"; } catch { return false; } };
const typing = (target) => target.closest("input, textarea, select, [contenteditable]");
const rows = () => [...document.querySelectorAll("[data-row]")];
let at = -1;
let pending = "";

function move(step) {
  const all = rows();
  if (!all.length) return;
  at = Math.min(Math.max(at + step, 0), all.length - 1);
  all.forEach((row, n) => row.classList.toggle("yg-row--selected", n === at));
  all[at].querySelector("a")?.focus();
}

function go(key) {
  if (key === "i") location.assign("/inbox");
  if (key === "s") location.assign("/supervision");
}

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  Enter: () => rows()[at]?.querySelector("a")?.click(),
  x: () => rows()[at]?.querySelector("input[type=checkbox]")?.click(),
  "/": () => (document.querySelector("[data-search]") ?? { focus: () => location.assign("/search") }).focus(),
  f: () => document.querySelector("[data-filter]")?.focus(),
  n: () => document.querySelector("[data-shortcut=n]")?.click(),
  u: () => document.querySelector("[data-shortcut=u]")?.click(),
  g: () => { pending = "g"; setTimeout(() => { pending = ""; }, 1500); },
  "?": () => document.querySelector("[data-shortcuts]")?.toggleAttribute("open"),
};

document.addEventListener("keydown", (event) => {
  if (off()) return;
  if (event.ctrlKey && event.key === "Enter") {
    // to the review step, where somebody still has to confirm
    const review = document.querySelector("button[name=_go][value=review]");
    if (review) { event.preventDefault(); review.click(); }
    return;
  }
  if (event.ctrlKey || event.altKey || event.metaKey || typing(event.target)) return;
  if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
  if (pending === "g") { pending = ""; go(event.key); return; }
  const act = KEYS[event.key];
  if (act) { event.preventDefault(); act(); }
});

const box = document.querySelector("[data-shortcuts-off]");
if (box) {
  box.hidden = false;
  const toggle = box.querySelector("input");
  toggle.checked = off();
  toggle.addEventListener("change", () => {
    try { localStorage.setItem(OFF, toggle.checked ? "1" : ""); } catch { /* then they stay on */ }
  });
}
