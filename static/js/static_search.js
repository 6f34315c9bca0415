// The search of a site that no server answers for (agreements/static_site). A classic script, as a browser
// loads no module from a disk; `search-index.js`, before it, holds the data. Without it the plain lists remain.
(() => {
  "use strict";

  const PORTION = 50;
  const site = globalThis.renkeiSite;
  const form = document.querySelector("form[role=search]");
  const list = document.querySelector("[data-listing]");
  if (!site || !form || !list) return;

  // --- Folding: the rules of agreements/domain/search_text.py ---

  const DROPPED = /[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff\ufe00-\ufe0f\ufeff\ufff9-\ufffb\u{e0000}-\u{e0fff}]/gu;
  const PRIVATE_USE = /[\ue000-\uf8ff\u{f0000}-\u{10ffff}]/gu;
  const SPACES = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/u;
  const LEGAL = Object.keys(site.fold.legal).join("|");
  const LEGAL_FORM = new RegExp(`\\((${LEGAL})\\)`, "gu");
  const CLUSTER = new RegExp(`\\s+|[(（](?:${LEGAL})[)）]|\\S[\\u0300-\\u036f\\u3099-\\u309c\\uff9e\\uff9f\\ufe00-\\ufe0f\\u200b-\\u200f\\u{e0100}-\\u{e01ef}]*`, "gu");

  const same = new Map([...site.fold.dropped].map((each) => [each, ""]));
  const pairs = [...site.fold.pairs];
  for (let i = 0; i < pairs.length; i += 2) same.set(pairs[i], pairs[i + 1]);
  const cases = new Map(Object.entries(site.fold.cases));

  const lower = (each) => cases.get(each) ?? each.toLowerCase();

  function fold(text) {
    let folded = text.replace(DROPPED, "").replace(PRIVATE_USE, "〓");
    folded = folded.replaceAll("\u309b", "\u3099").replaceAll("\u309c", "\u309a").normalize("NFKC");
    folded = Array.from(folded, lower).join("").normalize("NFKC");
    folded = Array.from(folded, (each) => same.get(each) ?? each).join("");
    folded = folded.replace(LEGAL_FORM, (_, short) => site.fold.legal[short]);
    return folded.split(SPACES).filter(Boolean).join(" ");
  }

  /** Where folded words stand in a text as it is written: [start, end], in order, merged where they touch. */
  function places(text, words) {
    let folded = "";
    const starts = [];
    const ends = [];
    for (const match of text.matchAll(CLUSTER)) {
      const piece = match[0].trim() ? fold(match[0]) : " ";
      folded += piece;
      for (let i = 0; i < piece.length; i += 1) {
        starts.push(match.index);
        ends.push(match.index + match[0].length);
      }
    }
    const found = [];
    for (const word of words) {
      for (let at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + 1)) {
        found.push([starts[at], ends[at + word.length - 1]]);
      }
    }
    found.sort((one, other) => one[0] - other[0]);
    const merged = [];
    for (const [start, end] of found) {
      const last = merged.at(-1);
      if (last && start <= last[1]) last[1] = Math.max(last[1], end);
      else merged.push([start, end]);
    }
    return merged;
  }

  // --- Finding ---

  const partners = site.partners.map(([name, number]) => [fold(name), number]);
  const companies = new Map(site.companies.map(([key, name]) => [key, fold(name)]));

  /** Whether every word stands in what a partner was called, is called now, or in its 法人番号. */
  function isWith(row, words) {
    const said = [...row.partners.flatMap((number) => partners[number]), ...row.companies.map((key) => companies.get(key) ?? "")];
    return words.every((word) => said.some((each) => each.includes(word)));
  }

  const wordsOf = (text) => fold(text).split(" ").filter(Boolean);

  /** For each word the numbers of the texts that contain it. */
  const holding = (words) => words.map((word) => new Set(site.texts.flatMap((text, i) => (text.includes(word) ? [i] : []))));

  function find(asked) {
    const words = wordsOf(asked.q);
    const texts = holding(words);
    const names = wordsOf(asked.company);
    const hits = site.rows.filter((row) => {
      const stand = Object.values(row.words).flat();
      return (
        texts.every((holders) => stand.some((text) => holders.has(text))) &&
        (!asked.category || row.categories.includes(asked.category)) &&
        (!asked.kind || row.kind === asked.kind) &&
        (!asked.year || String(row.year) === asked.year) &&
        (!asked.municipality || site.municipalities[row.municipality][0] === asked.municipality) &&
        isWith(row, names)
      );
    });
    return { hits, words, texts };
  }

  // --- Showing ---

  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  function marked(text, words) {
    const parts = [];
    let at = 0;
    for (const [start, end] of places(text, words)) {
      parts.push(text.slice(at, start), make("mark", {}, text.slice(start, end)));
      at = end;
    }
    return [...parts, text.slice(at)];
  }

  /** In which parts of the agreement the words stand, where the list itself does not show them. */
  function whereabouts(row, texts) {
    const seen = Object.keys(row.words).filter((place) => texts.some((holders) => row.words[place].some((text) => holders.has(text))));
    return seen.map((place) => site.places[place]).filter((place) => place !== "名称" && place !== "当事者");
  }

  function entry(row, words, texts) {
    const root = form.dataset.root;
    const about = [site.kinds[row.kind] ?? ""];
    if (site.municipalities.length > 1) about.unshift(site.municipalities[row.municipality][1]);
    if (row.signed) about.push(`${row.signed}締結`);
    const item = make(
      "li",
      {},
      make("h3", {}, make("a", { href: `${root}a/${row.id}/index.html` }, ...marked(row.title, words))),
      make("p", { class: "small muted" }, about.join("　")),
    );
    if (row.partners.length) {
      const said = row.partners.map((number) => site.partners[number][0]).join("、");
      item.append(make("p", { class: "small" }, "相手方：", ...marked(said, words)));
    }
    const where = whereabouts(row, texts);
    if (where.length) item.append(make("p", { class: "small muted" }, `言葉がある所：${where.join("、")}`));
    return item;
  }

  function show({ hits, words, texts }) {
    const results = make("section", { "aria-label": "検索の結果" });
    const count = make("p", { class: "hit-count" }, make("strong", {}, String(hits.length)), " 件");
    results.append(make("div", { class: "list-bar" }, count, make("a", { href: "index.html" }, "条件をすべて外す")));
    if (!hits.length) {
      results.append(make("p", {}, "条件に合う協定はありません。言葉を短くするか、条件を外してみてください。"));
    }
    const entries = make("ul", { class: "public-list" });
    const more = make("button", { class: "button", type: "button" }, `次の${PORTION}件`);
    let shown = 0;
    const showMore = () => {
      const fresh = hits.slice(shown, shown + PORTION).map((row) => entry(row, words, texts));
      entries.append(...fresh);
      shown += fresh.length;
      more.hidden = shown >= hits.length;
      return fresh[0];
    };
    more.addEventListener("click", () => showMore()?.querySelector("a").focus());
    showMore();
    if (hits.length) results.append(make("h2", { class: "visually-hidden" }, "見つかった協定"), entries, make("p", {}, more));
    list.replaceWith(results);
    document.title = `検索の結果（${hits.length}件）｜${document.title}`;
  }

  // --- The form ---

  /** A choice that only this search offers, in the manner of those that the page has. */
  function offer(name, label, choices) {
    if (form.elements[name] || choices.length < 2) return;
    const select = make("select", { name, id: `id_${name}` }, make("option", { value: "" }, "すべて"));
    select.append(...choices.map(([value, text]) => make("option", { value }, text)));
    const field = make(
      "div",
      { class: "field" },
      make("label", { class: "field-label", for: `id_${name}` }, label),
      make("div", { class: "field-control" }, select),
    );
    (form.querySelector(".filter-grid") ?? form).append(field);
  }

  /** Names to choose from while typing, where the page has a field for them. */
  function suggest(name, values) {
    const field = form.elements[name];
    if (!(field instanceof HTMLInputElement) || field.hasAttribute("list")) return;
    field.setAttribute("list", `${name}-suggested`);
    field.after(make("datalist", { id: `${name}-suggested` }, ...values.map((value) => make("option", { value }))));
  }

  document.querySelector("[data-no-search]")?.remove();
  offer("company", "企業", site.companies.map(([, name]) => [name, name]));
  suggest("company", site.companies.map(([, name]) => name));
  offer("municipality", "自治体", site.municipalities);
  const parameters = new URLSearchParams(location.search);
  const asked = {};
  for (const name of ["q", "category", "kind", "year", "company", "municipality"]) {
    asked[name] = (parameters.getAll(name).find(Boolean) ?? "").trim();
    const field = form.elements[name];
    if (!field || !asked[name]) continue;
    field.value = asked[name];
  }
  if (Object.values(asked).some(Boolean)) show(find(asked));
  globalThis.renkeiSearch = { fold, find };
})();
