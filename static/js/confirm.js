// Asks before a dangerous step, in a <dialog> of our own: submit buttons with data-confirm, and hx-confirm.
import { make } from "./dom.js";

let confirmed = null;

/** Resolves to true when the user agrees. Focus starts on 「取り消す」 and returns to where it was. */
function ask(question, action) {
  const title = make("h2", { id: "confirm-title" }, "確認してください");
  const cancel = make("button", { class: "button", value: "cancel", autofocus: "" }, "取り消す");
  const agree = make("button", { class: "button button-danger button-primary", value: "agree" }, action);
  const form = make("form", { method: "dialog" }, title, make("p", { id: "confirm-text" }, question),
    make("div", { class: "dialog-actions" }, cancel, agree));
  const dialog = make("dialog", { class: "dialog", "aria-labelledby": "confirm-title", "aria-describedby": "confirm-text" }, form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue === "agree");
      dialog.remove();
    });
  });
}

export function start() {
  // In the capture phase: before htmx and the other behaviours see the submit.
  document.addEventListener("submit", async (event) => {
    const button = event.submitter;
    if (!button?.dataset.confirm) return;
    if (confirmed === button) return;
    event.preventDefault();
    event.stopPropagation();
    if (!(await ask(button.dataset.confirm, button.dataset.confirmAction ?? "実行する"))) return;
    confirmed = button;
    event.target.requestSubmit(button);
    confirmed = null;
  }, { capture: true });

  document.addEventListener("htmx:confirm", async (event) => {
    if (!event.detail.question) return;
    event.preventDefault();
    if (await ask(event.detail.question, event.target.dataset.confirmAction ?? "実行する")) event.detail.issueRequest(true);
  });
}
