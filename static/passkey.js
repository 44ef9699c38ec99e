// Passkeys: asks the browser for one, puts its answer into the form, and sends the form. Nothing else is sent or kept.
"use strict";

{ // names of its own: other scripts of the page do not see them
  const SAYS = {
    NotAllowedError: "That was stopped, or it took too long. You can try again.",
    InvalidStateError: "This device already has a passkey for this account.",
    NotSupportedError: "This device cannot keep a passkey. Use another way.",
  };

  const bytes = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const named = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

  async function answer(kind, options) {
    const publicKey = { ...options, challenge: bytes(options.challenge) };
    if (kind === "create") {
      publicKey.user = { ...options.user, id: bytes(options.user.id) };
      publicKey.excludeCredentials = named(options.excludeCredentials);
    } else {
      publicKey.allowCredentials = named(options.allowCredentials);
    }
    const { id, rawId, type, response } = await navigator.credentials[kind]({ publicKey });
    const parts = { clientDataJSON: text(response.clientDataJSON) };
    if (kind === "create") {
      parts.attestationObject = text(response.attestationObject);
    } else {
      parts.authenticatorData = text(response.authenticatorData);
      parts.signature = text(response.signature);
      if (response.userHandle) parts.userHandle = text(response.userHandle);
    }
    return JSON.stringify({ id, rawId: text(rawId), type, response: parts });
  }

  async function use(event) {
    event.preventDefault();
    const button = event.currentTarget;
    const part = button.closest("[data-with-passkey]");
    const says = part.querySelector("[role=status]");
    if (button.disabled) return;
    button.disabled = true;
    says.textContent = "";
    try {
      const { passkey, options } = button.dataset;
      part.querySelector("[type=hidden]").value = await answer(passkey, JSON.parse(options));
      const shared = document.querySelector("[name=shared]:checked")?.cloneNode(); // from the form for the password
      if (shared && !button.form.elements.shared) part.append(Object.assign(shared, { type: "hidden" }));
      button.form.submit();
    } catch (error) {
      says.textContent = SAYS[error.name] ?? "This browser could not do that here. Use another way.";
      button.disabled = false;
    }
  }

  // A passkey belongs to one host name: under another name for the same portal the browser would refuse.
  function works(button) {
    const options = JSON.parse(button.dataset.options);
    const name = options.rpId ?? options.rp.id;
    return window.PublicKeyCredential && (location.hostname === name || location.hostname.endsWith(`.${name}`));
  }

  const buttons = [...document.querySelectorAll("[data-passkey]")].filter(works);
  buttons.forEach((button) => button.addEventListener("click", use));
  if (buttons.length) {
    document.querySelectorAll("[data-with-passkey]").forEach((part) => (part.hidden = false));
    document.querySelectorAll("[data-without-passkey]").forEach((part) => (part.hidden = true));
  }
}
