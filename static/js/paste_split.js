// Turns a pasted numbered list into rows of a formset. The server splits the text (one rule for all);
// what was in the rows and in the text area before can be brought back.
import { announce, changed, claim, csrfToken } from "./dom.js";
import { formsetOf } from "./formset.js";

export function enhance(root) {
  for (const element of claim(root, "[data-paste-split]", "PasteSplit")) new PasteSplit(element);
}

class PasteSplit {
  constructor(root) {
    this.root = root;
    this.area = root.querySelector("textarea");
    this.status = root.querySelector("[data-split-status]");
    this.noun = root.dataset.splitNoun ?? "項目";
    this.undoButton = root.querySelector("[data-split-undo]");
    this.taken = null;
    root.querySelector("[data-split-button]").addEventListener("click", (event) => {
      event.preventDefault();
      this.split();
    });
    this.area.addEventListener("paste", () => setTimeout(() => this.split()));
    this.undoButton.addEventListener("click", () => this.undo());
  }

  async split() {
    const text = this.area.value;
    const formset = formsetOf(this.root.dataset.pasteSplit);
    if (!text.trim()) return announce(this.status, "貼り付ける文章がありません。");
    announce(this.status, "分けています…");
    let items;
    try {
      items = await this.ask(text);
    } catch {
      return announce(this.status, "分けられませんでした。もう一度お試しください。貼り付けた文章は残っています。");
    }
    if (!items.length) return announce(this.status, `${this.noun}が見つかりませんでした。文章を確かめてください。`);
    const used = this.fill(formset, items);
    this.taken = { text, used };
    const left = items.slice(used.length);
    this.area.value = left.map((item) => (typeof item === "string" ? item : item[this.root.dataset.splitField])).join("\n");
    this.undoButton.hidden = false;
    changed(this.area);
    announce(this.status, left.length
      ? `${used.length}件を取り込みました。行がいっぱいのため、${left.length}件が残っています。`
      : `${used.length}件を取り込みました。内容と順番を確かめてください。`);
  }

  async ask(text) {
    const response = await fetch(this.root.dataset.splitUrl, {
      method: "POST",
      headers: { "X-CSRFToken": csrfToken(this.area.form), Accept: "application/json" },
      body: new URLSearchParams({ text }),
    });
    if (!response.ok) throw new Error(`split: ${response.status}`);
    return (await response.json()).items;
  }

  /** Fills empty rows first, then new ones. Returns the rows used, each with whether it was added. */
  fill(formset, items) {
    const name = this.root.dataset.splitField;
    const free = formset.rows().filter((row) => !row.querySelector(`[name$="-${name}"]`).value.trim());
    const used = [];
    for (const item of items) {
      const added = !free.length;
      const row = free.shift() ?? formset.add({ quiet: true });
      if (!row) break;
      const values = typeof item === "string" ? { [name]: item } : item;
      const before = {};
      for (const [key, value] of Object.entries(values)) {
        const input = row.querySelector(`[name$="-${key}"]`);
        if (!input) continue;
        before[key] = input.value;
        input.value = value;
        changed(input);
      }
      used.push({ row, before, added });
    }
    return used;
  }

  undo() {
    const formset = formsetOf(this.root.dataset.pasteSplit);
    for (const { row, before, added } of this.taken.used.reverse()) {
      for (const [key, value] of Object.entries(before)) {
        const input = row.querySelector(`[name$="-${key}"]`);
        input.value = value;
        changed(input);
      }
      if (added) formset.hide(row);
    }
    formset.renumber();
    this.area.value = this.taken.text;
    this.taken = null;
    this.undoButton.hidden = true;
    this.area.focus();
    announce(this.status, "分ける前に戻しました。");
  }
}
