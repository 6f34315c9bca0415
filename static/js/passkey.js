// Passkeys: shows their buttons where the browser has them (a secure connection is needed), and says in words
// what went wrong. The ceremony itself is allauth's (mfa/js/webauthn.js).
import { claim } from "./dom.js";

export function start() {
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    const place = document.querySelector("[data-passkey-error]");
    if (place) place.textContent = inWords(event.detail.exception);
  });
}

export function enhance(root) {
  if (!window.PublicKeyCredential) return;
  claim(root, "[data-passkey]", "Passkey").forEach((part) => {
    part.hidden = false;
  });
}

function inWords(error) {
  switch (error?.name) {
    case "NotAllowedError":
    case "AbortError":
      return "取り消されたか、時間切れになりました。もう一度お試しください。";
    case "InvalidStateError":
      return "この機器のパスキーは、すでに登録されています。";
    case "SecurityError":
    case "NotSupportedError":
      return "この接続や機器では、パスキーを使えません。";
    default:
      return "パスキーを使えませんでした。もう一度お試しください。";
  }
}
