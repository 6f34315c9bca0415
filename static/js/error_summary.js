// Brings the reader to the error summary when a form comes back with errors.
import { claim } from "./dom.js";

export function enhance(root) {
  const [summary] = claim(root, "[data-error-summary]", "ErrorSummary");
  if (!summary) return;
  summary.focus();
  summary.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    for (let closed = field.closest("details:not([open])"); closed; closed = field.closest("details:not([open])")) {
      closed.open = true;
    }
    (field.closest(".field") ?? field).scrollIntoView({ block: "center" });
    field.focus({ preventScroll: true });
  });
}
