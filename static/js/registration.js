// What only the registration form does: a new party gets the next label, actions keep pointing at their
// items when these move, and the folded 分野 of an item say what is chosen and what is only suggested.
import { changed, make } from "./dom.js";

const USUAL_LABELS = "甲乙丙丁戊己庚辛壬癸";

const parties = document.querySelector("[data-formset=parties]");
const items = document.querySelector("[data-formset=items]");
const actions = document.querySelector("[data-formset=actions]");

const allItems = () => [...items.querySelectorAll("[data-formset-row]")];

/** Field of an action → the rows of items it names; nothing while its text is no list of numbers that exist. */
const named = new WeakMap();

function read(field) {
  const rows = allItems().filter((row) => !row.hidden);
  const numbers = field.value.normalize("NFKC").split(/[^0-9]+/).filter(Boolean).map(Number);
  named.set(field, numbers.every((number) => rows[number - 1]) ? numbers.map((number) => rows[number - 1]) : []);
}

/** Posts with each item the number beside it; where items moved, their actions get the new numbers. */
function follow() {
  const numbers = new Map();
  for (const row of allItems()) {
    if (!row.hidden) numbers.set(row, numbers.size + 1);
    row.querySelector("[data-item-shown]").value = numbers.get(row) ?? "";
  }
  for (const field of actions.querySelectorAll("input[name$='-items']")) {
    if (!named.has(field)) read(field);
    const rows = named.get(field);
    const now = rows.map((row) => numbers.get(row)).filter(Boolean).join(",");
    // Until something moved the text stays as typed: 「１、３」.
    if (rows.length && now !== field.dataset.numbers) {
      if (field.dataset.numbers !== undefined) field.value = now;
      field.dataset.numbers = now;
    }
  }
}

/** A new party gets the next of the usual labels, if those before follow the usual order. */
function label(row) {
  const fields = [...parties.querySelectorAll("[data-formset-row]:not([hidden]) input[name$='-label']")];
  const before = fields.slice(0, -1).map((field) => field.value || "?").join("");
  if (USUAL_LABELS.startsWith(before)) row.querySelector("input[name$='-label']").value = USUAL_LABELS[before.length] ?? "";
}

function describe(details) {
  const chosen = [...details.querySelectorAll("input:checked")].map((box) => box.closest("label").textContent.trim());
  details.querySelector("[data-categories-chosen]").textContent = chosen.join("、") || "未選択";
}

/** Ticks what is suggested for an item; taking the suggestion back (undo) unticks it. */
function suggest(field) {
  const details = field.closest("[data-formset-row]").querySelector("[data-categories]");
  const codes = field.value.split(",");
  const before = (field.dataset.before ?? "").split(",");
  for (const box of details.querySelectorAll("input[type=checkbox]")) {
    if (codes.includes(box.value)) box.checked = true;
    else if (before.includes(box.value)) box.checked = false;
  }
  field.dataset.before = field.value;
  for (const hint of details.querySelectorAll("[data-categories-hint]")) hint.hidden = !field.value;
  describe(details);
}

/** Fills the fields that a suggestion names (data-fill-first_expiry …) instead of sending the form. */
function fillTerms(button) {
  const form = button.form;
  for (const { name, value } of [...button.attributes].filter(({ name }) => name.startsWith("data-fill-") && name !== "data-fill-terms")) {
    const field = form.elements[name.slice("data-fill-".length)];
    if (!field) continue;
    if (field.type === "checkbox") field.checked = Boolean(value);
    else field.value = value;
    changed(field);
  }
  const filled = make("p", { class: "small" }, "入力しました。");
  filled.tabIndex = -1;
  button.replaceWith(filled);
  filled.focus();
}

document.querySelector("#term-suggestions")?.addEventListener("click", (event) => {
  const button = event.target.closest("[data-fill-terms]");
  if (!button) return;
  event.preventDefault();
  fillTerms(button);
});

if (parties && items && actions) {
  follow();
  parties.addEventListener("formset:add", ({ detail }) => label(detail.row));
  // Every move, removal and split tells the form by a change event.
  items.closest("form").addEventListener("change", ({ target, isTrusted }) => {
    if (target.matches("[name$='-suggested']")) suggest(target);
    else if (target.closest("[data-categories]")) describe(target.closest("[data-categories]"));
    else if (isTrusted && target.matches("[name$='-items']")) {
      delete target.dataset.numbers;
      read(target);
    }
    follow();
  });
}
