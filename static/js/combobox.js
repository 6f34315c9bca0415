// Search as you type: the WAI-ARIA combobox pattern (list autocomplete, manual selection) on a text field.
// Attributes: docs/design.md. Answers of a slow, older question never replace those of a newer one.
import { changed, claim, make } from "./dom.js";

const PAUSE = 200;
let counter = 0;

export function enhance(root) {
  for (const input of claim(root, "input[data-suggest-url]", "Combobox")) new Combobox(input);
}

class Combobox {
  constructor(input) {
    this.input = input;
    this.noun = input.dataset.suggestNoun ?? "候補";
    this.hidden = this.findHidden();
    this.panel = this.findPanel();
    this.options = [];
    this.active = -1;
    this.chosenText = this.hidden?.value ? input.value : null;
    this.build();
    input.addEventListener("input", () => this.onInput());
    input.addEventListener("keydown", (event) => this.onKey(event));
    input.addEventListener("blur", () => this.close());
    input.addEventListener("click", () => this.onClick());
    // Pressing the mouse must not blur the field before the click arrives.
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const index = this.options.findIndex((option) => option.element.contains(event.target));
      if (index >= 0) this.choose(index);
    });
  }

  /** `parties-0-company_name` and "company" → the field `parties-0-company` of the same form. */
  findHidden() {
    const name = this.input.dataset.suggestValue;
    if (!name) return null;
    const prefix = this.input.name.slice(0, this.input.name.lastIndexOf("-") + 1);
    return this.input.form?.elements.namedItem(prefix + name) ?? null;
  }

  findPanel() {
    const name = this.input.dataset.suggestCreate;
    const scope = this.input.closest("[data-formset-row]") ?? this.input.form;
    return name ? scope?.querySelector(`[data-suggest-panel="${CSS.escape(name)}"]`) : null;
  }

  build() {
    const id = `combobox-${(counter += 1)}`;
    this.list = make("div", { class: "combobox-list", id, role: "listbox", "aria-label": `${this.noun}の候補` });
    this.list.hidden = true;
    this.status = make("span", { class: "visually-hidden", role: "status" });
    const wrapper = make("div", { class: "combobox" });
    this.input.replaceWith(wrapper);
    wrapper.append(this.input, this.list, this.status);
    for (const [name, value] of Object.entries({
      role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id,
    })) this.input.setAttribute(name, value);
  }

  onInput() {
    if (this.input.value === this.chosenText) return;
    this.chosenText = null;
    if (this.hidden?.value) {
      this.hidden.value = "";
      changed(this.hidden);
      this.input.dispatchEvent(new CustomEvent("combobox:select", { bubbles: true, detail: null }));
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.search(), PAUSE);
  }

  onClick() {
    if (this.list.hidden && this.input.value.trim() && !this.hidden?.value) this.search();
  }

  async search() {
    const text = this.input.value.trim();
    this.request?.abort();
    if (!text) return this.close();
    const request = (this.request = new AbortController());
    const url = new URL(this.input.dataset.suggestUrl, location.href);
    url.searchParams.set("q", text);
    try {
      const response = await fetch(url, { headers: { Accept: "application/json" }, signal: request.signal });
      if (!response.ok) throw new Error(`suggest: ${response.status}`);
      const { results, more = false } = await response.json();
      if (document.activeElement === this.input) this.show(results, more, text);
    } catch (error) {
      if (error.name === "AbortError") return;
      this.showNote("候補を読み込めませんでした。入力はこのまま続けられます。");
    }
  }

  showNote(text) {
    this.options = [];
    this.active = -1;
    this.list.replaceChildren(this.note(text));
    this.open();
    this.status.textContent = text;
  }

  /** A line that cannot be chosen; a listbox may only hold options and groups. */
  note(text) {
    return make("div", { class: "combobox-note", role: "option", "aria-disabled": "true" }, text);
  }

  show(results, more, text) {
    this.options = [];
    this.active = -1;
    this.input.removeAttribute("aria-activedescendant");
    this.list.replaceChildren();
    const groups = new Map();
    for (const item of results) {
      const label = item.group ?? "";
      if (!groups.has(label)) groups.set(label, this.addGroup(label));
      groups.get(label).append(this.addOption(item, make("span", {}, item.label), item.sublabel));
    }
    if (!results.length) this.list.append(this.note(`「${text}」に当てはまる${this.noun}はありません。`));
    if (more) this.list.append(this.note("ほかにもあります。続けて入力すると絞り込めます。"));
    if (this.panel) {
      const option = this.addOption({ create: text }, `「${text}」を新しく登録`);
      option.classList.add("is-create");
      this.list.append(option);
    }
    this.open();
    this.status.textContent = results.length ? `候補が${results.length}件あります。上下キーで選べます。` : "候補はありません。";
  }

  addGroup(label) {
    if (!label) return this.list;
    const id = `${this.list.id}-group-${this.list.children.length}`;
    const group = make("div", { role: "group", "aria-labelledby": id },
      make("div", { class: "combobox-group-label", id, role: "presentation" }, label));
    this.list.append(group);
    return group;
  }

  addOption(item, label, sublabel) {
    const element = make("div", { class: "combobox-option", role: "option", id: `${this.list.id}-${this.options.length}`, "aria-selected": "false" }, label);
    if (sublabel) element.append(make("small", {}, sublabel));
    this.options.push({ item, element });
    return element;
  }

  onKey(event) {
    if (event.isComposing) return; // Enter and arrows belong to the kana-kanji conversion
    const open = !this.list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) this.search();
      else this.activate(this.active + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && open && this.active >= 0) {
      event.preventDefault();
      this.choose(this.active);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      this.close();
    } else if (event.key === "Tab") this.close();
  }

  activate(index) {
    if (!this.options.length) return;
    this.options[this.active]?.element.setAttribute("aria-selected", "false");
    this.active = (index + this.options.length) % this.options.length;
    if (index === -2) this.active = this.options.length - 1;
    const { element } = this.options[this.active];
    element.setAttribute("aria-selected", "true");
    element.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", element.id);
  }

  choose(index) {
    const { item } = this.options[index];
    this.close();
    if ("create" in item) return this.create(item.create);
    this.input.value = item.label;
    this.chosenText = item.label;
    if (this.hidden) {
      this.hidden.value = item.id;
      changed(this.hidden);
    }
    changed(this.input);
    this.status.textContent = `${item.label}を選びました。`;
    this.input.dispatchEvent(new CustomEvent("combobox:select", { bubbles: true, detail: item }));
  }

  create(text) {
    const name = this.panel.querySelector("[data-suggest-name]");
    if (name && !name.value) {
      name.value = text;
      changed(name);
    }
    if (this.panel instanceof HTMLDetailsElement) this.panel.open = true;
    this.panel.hidden = false;
    (name ?? this.panel.querySelector("input:not([type=hidden]), select, textarea"))?.focus();
  }

  open() {
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    // A field low on the page: its suggestions must not open out of sight.
    this.list.scrollIntoView({ block: "nearest" });
  }

  close() {
    clearTimeout(this.timer);
    this.list.hidden = true;
    this.active = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}
