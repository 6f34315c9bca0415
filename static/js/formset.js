// Repeatable rows: add from a <template>, move up and down, remove with undo, renumber, and say so.
// Django's formset contract: TOTAL_FORMS counts every row ever made, ORDER gives the order, DELETE marks
// rows to drop. Removing therefore marks and hides a row; its values stay until the form is sent.
import { announce, changed, claim, make } from "./dom.js";

export function enhance(root) {
  for (const element of claim(root, "[data-formset]", "Formset")) new Formset(element);
}

/** The enhanced formset of this prefix, for other behaviours. */
export const formsetOf = (prefix) => document.querySelector(`[data-formset="${CSS.escape(prefix)}"]`)?.formset;

const field = (row, name) => row.querySelector(`[name$="-${name}"]`);

class Formset {
  constructor(root) {
    this.root = root;
    root.formset = this;
    this.prefix = root.dataset.formset;
    this.noun = root.dataset.formsetNoun ?? "行";
    this.list = root.querySelector("[data-formset-rows]");
    this.template = root.querySelector("template[data-formset-template]");
    this.total = root.querySelector(`[name="${CSS.escape(this.prefix)}-TOTAL_FORMS"]`);
    this.maximum = Number(root.querySelector(`[name="${CSS.escape(this.prefix)}-MAX_NUM_FORMS"]`)?.value || 1000);
    this.status = root.querySelector("[data-formset-status]");
    this.addButton = root.querySelector("[data-formset-add]");
    root.classList.add("is-enhanced");
    this.sortByOrder();
    for (const row of this.allRows()) this.showTools(row);
    for (const row of this.allRows()) if (field(row, "DELETE")?.checked) this.hide(row);
    this.renumber();
    root.addEventListener("click", (event) => this.onClick(event));
  }

  allRows() { return [...this.list.querySelectorAll(":scope > [data-formset-row]")]; }

  /** The rows that count: neither removed nor hidden. */
  rows() { return this.allRows().filter((row) => !row.hidden); }

  sortByOrder() {
    const order = (row) => Number(field(row, "ORDER")?.value || Infinity);
    const sorted = this.allRows().map((row, index) => [row, order(row), index]);
    sorted.sort((a, b) => (a[1] === b[1] ? a[2] - b[2] : a[1] - b[1]));
    this.list.append(...sorted.map(([row]) => row));
  }

  showTools(row) {
    for (const tool of row.querySelectorAll("[data-formset-up], [data-formset-down], [data-formset-delete]")) tool.hidden = false;
    // The order number is now ours to keep.
    const order = field(row, "ORDER");
    if (order) order.tabIndex = -1;
  }

  renumber() {
    const rows = this.rows();
    rows.forEach((row, index) => {
      const number = index + 1;
      for (const shown of row.querySelectorAll("[data-formset-number]")) shown.textContent = number;
      row.querySelector("[data-formset-head]")?.setAttribute("aria-label", `${this.noun} ${number}`);
      const order = field(row, "ORDER");
      if (order) order.value = number;
      // Not `disabled`: a button that loses focus while it is pressed throws keyboard users off.
      row.querySelector("[data-formset-up]")?.setAttribute("aria-disabled", index === 0);
      row.querySelector("[data-formset-down]")?.setAttribute("aria-disabled", index === rows.length - 1);
    });
    if (this.addButton) this.addButton.hidden = this.allRows().length >= this.maximum;
  }

  onClick(event) {
    const button = event.target.closest("button");
    if (!button || button.closest("[data-formset]") !== this.root) return;
    const row = button.closest("[data-formset-row]");
    if (button === this.addButton) {
      event.preventDefault();
      this.focusFirst(this.add());
    } else if (button.matches("[data-formset-up]")) this.move(row, -1, button);
    else if (button.matches("[data-formset-down]")) this.move(row, 1, button);
    else if (button.matches("[data-formset-delete]")) this.remove(row);
    else if (button.matches("[data-formset-restore]")) this.restore(button.closest("[data-formset-undo]"));
  }

  /** Appends an empty row and returns it; null when the formset is full. */
  add({ quiet = false } = {}) {
    if (this.allRows().length >= this.maximum) return null;
    const index = Number(this.total.value);
    const holder = document.createElement("template");
    holder.innerHTML = this.template.innerHTML.replaceAll("__prefix__", index);
    const row = holder.content.querySelector("[data-formset-row]");
    this.list.append(row);
    this.total.value = index + 1;
    this.showTools(row);
    this.renumber();
    this.root.dispatchEvent(new CustomEvent("formset:add", { bubbles: true, detail: { row } }));
    changed(this.total);
    if (!quiet) announce(this.status, `${this.noun} ${this.rows().length}を追加しました。`);
    return row;
  }

  focusFirst(row) {
    row?.querySelector(".formset-row-body :is(input:not([type=hidden]), select, textarea)")?.focus();
  }

  move(row, step, button) {
    const rows = this.rows();
    const from = rows.indexOf(row);
    const other = rows[from + step];
    if (!other) {
      announce(this.status, step < 0 ? "いちばん上です。" : "いちばん下です。");
      return;
    }
    if (step < 0) other.before(row);
    else other.after(row);
    this.renumber();
    button.focus();
    row.scrollIntoView({ block: "nearest" });
    row.classList.add("is-moved");
    setTimeout(() => row.classList.remove("is-moved"), 700);
    changed(this.total);
    announce(this.status, `${from + step + 1}番目に移動しました。`);
  }

  /** Hides a row, marks it for deletion and leaves a bar to bring it back. */
  remove(row) {
    const number = this.rows().indexOf(row) + 1;
    const restore = make("button", { type: "button", class: "button button-small", "data-formset-restore": "" }, "元に戻す");
    const bar = make("li", { class: "formset-undo", "data-formset-undo": "" }, make("span", {}, `${this.noun} ${number}を削除しました。`), restore);
    row.before(bar);
    this.hide(row);
    this.renumber();
    restore.focus();
    changed(this.total);
    this.root.dispatchEvent(new CustomEvent("formset:remove", { bubbles: true, detail: { row } }));
    announce(this.status, `${this.noun} ${number}を削除しました。元に戻せます。`);
  }

  hide(row) {
    const mark = field(row, "DELETE");
    if (mark) mark.checked = true;
    row.hidden = true;
  }

  restore(bar) {
    const row = bar.nextElementSibling;
    bar.remove();
    field(row, "DELETE").checked = false;
    row.hidden = false;
    this.renumber();
    this.focusFirst(row);
    changed(this.total);
    announce(this.status, `${this.noun} ${this.rows().indexOf(row) + 1}を元に戻しました。`);
  }
}
