// SPDX-License-Identifier: Apache-2.0
// What a key says to a terminal's other end.

const KEYS = {
  Enter: "\r",
  Backspace: "\x7f",
  Tab: "\t",
  Escape: "\x1b",
  ArrowUp: "\x1b[A",
  ArrowDown: "\x1b[B",
  ArrowRight: "\x1b[C",
  ArrowLeft: "\x1b[D",
  Home: "\x1b[H",
  End: "\x1b[F",
  Insert: "\x1b[2~",
  Delete: "\x1b[3~",
  PageUp: "\x1b[5~",
  PageDown: "\x1b[6~",
  F1: "\x1bOP",
  F2: "\x1bOQ",
  F3: "\x1bOR",
  F4: "\x1bOS",
  F5: "\x1b[15~",
  F6: "\x1b[17~",
  F7: "\x1b[18~",
  F8: "\x1b[19~",
  F9: "\x1b[20~",
  F10: "\x1b[21~",
};

// The text for a keydown event; null where the browser should do what it does.
export function keyText(event) {
  if (event.isComposing || event.metaKey) {
    return null;
  }
  if (event.ctrlKey && !event.altKey && event.key.length === 1) {
    return controlText(event);
  }
  const known = KEYS[event.key];
  const text = known !== undefined ? known : event.key.length === 1 ? event.key : null;
  // AltGr, which comes as Ctrl and Alt, has made its letter already
  const meta = event.altKey && !event.ctrlKey && text !== null;
  return meta ? `\x1b${text}` : text;
}

function controlText(event) {
  const letter = event.key.toUpperCase();
  if (event.shiftKey && (letter === "C" || letter === "V")) {
    return null; // copy and paste
  }
  if (letter === "V") {
    return null;
  }
  const code = letter === " " ? 0 : letter.charCodeAt(0) - 64;
  return code >= 0 && code < 32 ? String.fromCharCode(code) : null;
}
