// SPDX-License-Identifier: Apache-2.0
// The page of a serial console: a WebSocket on one side, a terminal and a keyboard on the other.

import { Terminal } from "./terminal.js";
import { keyText } from "./keys.js";
import { View } from "./view.js";

const status = document.getElementById("status");
const element = document.getElementById("terminal");

function say(text, state) {
  status.textContent = text;
  status.className = state;
}

function address() {
  const url = new URL(".", window.location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.search = window.location.search;
  return url.href;
}

function start() {
  const socket = new WebSocket(address(), ["binary"]);
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  const send = (text) => {
    if (socket.readyState === WebSocket.OPEN) {
      socket.send(encoder.encode(text));
    }
  };
  const terminal = new Terminal(80, 25, send);
  const view = new View(terminal, element);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => say("Connected. If nothing is to be seen, press Enter.", "open");
  socket.onmessage = (event) => {
    const data = event.data;
    terminal.write(typeof data === "string" ? data : decoder.decode(data, { stream: true }));
    view.refresh();
  };
  socket.onclose = (event) => {
    const reason = event.reason || "the connection was lost";
    say(`Closed: ${reason} (code ${event.code})`, "closed");
  };
  element.addEventListener("keydown", (event) => {
    const text = keyText(event);
    if (text !== null) {
      event.preventDefault();
      send(text);
    }
  });
  element.addEventListener("paste", (event) => {
    event.preventDefault();
    send(event.clipboardData.getData("text").replace(/\r?\n/g, "\r"));
  });
  view.refresh();
  element.focus();
}

start();
