// The few DOM helpers that several behaviours share.

/** Elements matching `selector` in `root` (and root itself) not yet taken by the behaviour `name`. */
export function claim(root, selector, name) {
  const found = [...root.querySelectorAll(selector)];
  if (root.matches?.(selector)) found.unshift(root);
  const mark = `enhanced${name}`;
  return found.filter((element) => {
    if (mark in element.dataset) return false;
    element.dataset[mark] = "";
    return true;
  });
}

/** Makes an element: `make("p", {class: "note"}, "text", child, …)`. Text stays text. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** The CSRF token: from the form, else from any form of the page (the cookie is HttpOnly). */
export function csrfToken(form) {
  const selector = "input[name=csrfmiddlewaretoken]";
  return (form?.querySelector(selector) ?? document.querySelector(selector))?.value ?? "";
}

/** Says `text` in a live region, also when it says the same twice. */
export function announce(region, text) {
  if (!region) return;
  region.textContent = "";
  setTimeout(() => { region.textContent = text; }, 50);
}

/** Tells the form that a script changed its content (dirty check, htmx triggers). */
export function changed(element) {
  element.dispatchEvent(new Event("input", { bubbles: true }));
  element.dispatchEvent(new Event("change", { bubbles: true }));
}
