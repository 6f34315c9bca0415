// Asks before a form with unsaved input is left. A form is changed when what it would send differs
// from what it would have sent on arrival, so typing and taking it back is not a change.
import { claim } from "./dom.js";

const watched = new Map();

const snapshot = (form) =>
  JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value instanceof File ? value.name : value]));

const isDirty = ([form, { original, leaving }]) =>
  form.isConnected && !leaving && (original === null || snapshot(form) !== original);

export function enhance(root) {
  for (const form of claim(root, "form[data-dirty-check]", "DirtyCheck")) {
    const state = { original: form.dataset.dirtyCheck === "dirty" ? null : snapshot(form), leaving: false };
    watched.set(form, state);
    form.addEventListener("submit", (event) => {
      // Another behaviour may have stopped this submit (a question, a row added).
      setTimeout(() => { state.leaving = !event.defaultPrevented; });
    });
  }
}

window.addEventListener("beforeunload", (event) => {
  if ([...watched].some(isDirty)) event.preventDefault();
});

// Coming back by the back button: the form is open again.
window.addEventListener("pageshow", () => {
  for (const state of watched.values()) state.leaving = false;
});
