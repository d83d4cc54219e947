// SPDX-License-Identifier: Apache-2.0
// Shows a terminal as elements of a page; drawn at most once for each picture of the browser.

export class View {
  constructor(terminal, element) {
    this.terminal = terminal;
    this.element = element;
    this.past = element.querySelector("#past");
    this.screen = element.querySelector("#screen");
    this.drawn = 0; // lines of the past that were drawn, with those that are gone
    this.waiting = false;
  }

  refresh() {
    if (!this.waiting) {
      this.waiting = true;
      window.requestAnimationFrame(() => this.draw());
    }
  }

  draw() {
    this.waiting = false;
    const terminal = this.terminal;
    const total = terminal.gone + terminal.past.length;
    if (total < this.drawn) {
      this.past.replaceChildren(); // it was reset
      this.drawn = terminal.gone;
    }
    for (let at = Math.max(this.drawn, terminal.gone); at < total; at += 1) {
      this.past.append(line(terminal.past[at - terminal.gone], -1));
    }
    this.drawn = total;
    while (this.past.childElementCount > terminal.past.length) {
      this.past.firstElementChild.remove();
    }
    const column = Math.min(terminal.column, terminal.columns - 1);
    this.screen.replaceChildren(
      ...terminal.cells.map((row, at) =>
        line(row, terminal.cursorShown && at === terminal.row ? column : -1)),
    );
    this.element.scrollTop = this.element.scrollHeight;
  }
}

function line(row, cursor) {
  const made = document.createElement("div");
  let last = row.length;
  while (last > cursor + 1 && row[last - 1].text === " " && !row[last - 1].style.background) {
    last -= 1;
  }
  let at = 0;
  while (at < last) {
    const name = classOf(row[at].style, at === cursor);
    let text = "";
    while (at < last && classOf(row[at].style, at === cursor) === name) {
      text += row[at].text;
      at += 1;
    }
    made.append(name ? span(name, text) : text);
  }
  return made;
}

function span(name, text) {
  const made = document.createElement("span");
  made.className = name;
  made.textContent = text;
  return made;
}

function classOf(style, isCursor) {
  const names = [];
  if (style.bold) names.push("bold");
  if (style.underline) names.push("underline");
  if (style.foreground !== null) names.push(`f${style.foreground}`);
  if (style.background !== null) names.push(`b${style.background}`);
  if (style.reverse) names.push("reverse");
  if (isCursor) names.push("cursor");
  return names.join(" ");
}
