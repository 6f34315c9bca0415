// Shows and serves the print button: without a script it could do nothing, so it starts hidden.
import { claim } from "./dom.js";

export function enhance(root) {
  for (const button of claim(root, "[data-print]", "Print")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}
