// Submits a filter form shortly after a choice changes. Typed text waits for Enter or the button.
import { claim } from "./dom.js";

const CHOICES = "select, input[type=checkbox], input[type=radio]";
const PAUSE = 400;

export function enhance(root) {
  for (const form of claim(root, "form[data-auto-submit]", "AutoSubmit")) {
    let timer;
    form.addEventListener("change", (event) => {
      if (!event.target.matches(CHOICES)) return;
      clearTimeout(timer);
      timer = setTimeout(() => form.requestSubmit(), PAUSE);
    });
    form.addEventListener("submit", () => clearTimeout(timer));
  }
}
