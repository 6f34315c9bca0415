// Chosen rows of a list: says how many, and chooses all of the page. Without it the form works as it is.
import { announce, claim } from "./dom.js";

export function enhance(root) {
  for (const form of claim(root, "form[data-bulk]", "Bulk")) {
    const boxes = () => [...document.querySelectorAll(`input[name=row][form="${form.id}"]`)];
    const everything = form.querySelector("[data-bulk-everything]");
    const count = form.querySelector("[data-bulk-count]");
    const page = form.querySelector("[data-bulk-page]");
    page.hidden = count.hidden = false;

    const show = () => {
      const chosen = boxes().filter((box) => box.checked);
      for (const box of boxes()) box.closest("tr").classList.toggle("is-selected", box.checked || everything.checked);
      const number = everything.checked ? everything.value : chosen.length;
      announce(count, number ? `${number}件を選択中` : "行を選んでください");
    };
    page.addEventListener("click", () => {
      const all = boxes().every((box) => box.checked);
      for (const box of boxes()) box.checked = !all;
      show();
    });
    everything.addEventListener("change", show);
    for (const box of boxes()) box.addEventListener("change", show);
    show();
  }
}
