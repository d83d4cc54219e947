// SPDX-License-Identifier: Apache-2.0
// A terminal of the VT100 kind: text in, a screen of cells out. It knows what logins, shells,
// editors and pagers write to a serial line; what it does not know it leaves out.

const KEPT = 1000; // lines above the screen
const LONGEST = 64; // characters of a control sequence; longer ones are dropped
const PLAIN = Object.freeze({
  bold: false, underline: false, reverse: false, foreground: null, background: null,
});

export class Terminal {
  // answer: called with what the terminal says by itself, as where its cursor is.
  constructor(columns, rows, answer) {
    this.columns = columns;
    this.rows = rows;
    this.answer = answer;
    this.reset();
  }

  reset() {
    this.past = [];
    this.gone = 0; // lines of the past that are not kept any more
    this.style = PLAIN;
    this.cells = Array.from({ length: this.rows }, () => this.emptyRow());
    this.row = 0;
    this.column = 0;
    this.top = 0;
    this.bottom = this.rows - 1;
    this.wraps = true;
    this.cursorShown = true;
    this.saved = null;
    this.state = this.ground;
    this.sequence = "";
  }

  emptyRow() {
    return Array.from({ length: this.columns }, () => ({ text: " ", style: PLAIN }));
  }

  write(text) {
    for (const character of text) {
      this.state(character);
    }
  }

  // --- states of the parser -----------------------------------------------------------------

  ground(character) {
    const code = character.codePointAt(0);
    if (code >= 32 && code !== 127) {
      this.put(character);
    } else if (character === "\x1b") {
      this.state = this.escape;
    } else if (character === "\r") {
      this.column = 0;
    } else if (character === "\n" || character === "\v" || character === "\f") {
      this.lineFeed();
    } else if (character === "\b") {
      this.column = Math.max(0, Math.min(this.column, this.columns - 1) - 1);
    } else if (character === "\t") {
      this.column = Math.min(this.columns - 1, (Math.floor(this.column / 8) + 1) * 8);
    }
  }

  escape(character) {
    this.state = this.ground;
    this.sequence = "";
    const actions = {
      "[": () => { this.state = this.control; },
      "]": () => { this.state = this.systemCommand; },
      "(": () => { this.state = this.characterSet; },
      ")": () => { this.state = this.characterSet; },
      "#": () => { this.state = this.characterSet; },
      "7": () => this.save(),
      "8": () => this.restore(),
      D: () => this.lineFeed(),
      E: () => { this.column = 0; this.lineFeed(); },
      M: () => this.reverseLineFeed(),
      c: () => this.reset(),
    };
    if (actions[character] !== undefined) {
      actions[character]();
    }
  }

  characterSet() {
    this.state = this.ground;
  }

  systemCommand(character) {
    if (character === "\x07") {
      this.state = this.ground;
    } else if (character === "\x1b") {
      this.state = this.characterSet; // the backslash that ends it
    }
  }

  control(character) {
    const code = character.codePointAt(0);
    if (code >= 64 && code <= 126) {
      this.state = this.ground;
      this.act(character, this.sequence);
    } else if (code < 32 || this.sequence.length >= LONGEST) {
      this.state = this.ground;
    } else {
      this.sequence += character;
    }
  }

  // --- control sequences ----------------------------------------------------------------------

  act(final, sequence) {
    const isPrivate = sequence.startsWith("?");
    const numbers = sequence.replace(/[^0-9;]/g, "").split(";").map((word) => parseInt(word, 10));
    const count = Math.min(Math.max(1, numbers[0] || 1), 999);
    const kind = numbers[0] || 0;
    const actions = {
      A: () => { this.row = Math.max(this.top, this.row - count); },
      B: () => { this.row = Math.min(this.bottom, this.row + count); },
      C: () => { this.column = Math.min(this.columns - 1, this.column + count); },
      D: () => { this.column = Math.max(0, this.column - count); },
      E: () => { this.column = 0; this.row = Math.min(this.bottom, this.row + count); },
      F: () => { this.column = 0; this.row = Math.max(this.top, this.row - count); },
      G: () => this.moveTo(this.row, count - 1),
      H: () => this.moveTo(count - 1, (numbers[1] || 1) - 1),
      f: () => this.moveTo(count - 1, (numbers[1] || 1) - 1),
      d: () => this.moveTo(count - 1, this.column),
      J: () => this.eraseScreen(kind),
      K: () => this.eraseLine(kind),
      L: () => this.insertLines(count),
      M: () => this.deleteLines(count),
      P: () => this.deleteCells(count),
      "@": () => this.insertCells(count),
      X: () => this.erase(this.row, this.column, this.column + count),
      S: () => this.scrollUp(this.top, count),
      T: () => this.scrollDown(this.top, count),
      m: () => this.setStyle(numbers),
      r: () => this.setRegion(numbers),
      s: () => this.save(),
      u: () => this.restore(),
      h: () => isPrivate && this.setMode(kind, true),
      l: () => isPrivate && this.setMode(kind, false),
      n: () => this.report(kind),
      c: () => this.answer("\x1b[?1;2c"),
    };
    if (actions[final] !== undefined) {
      actions[final]();
    }
  }

  moveTo(row, column) {
    this.row = Math.max(0, Math.min(this.rows - 1, row));
    this.column = Math.max(0, Math.min(this.columns - 1, column));
  }

  setMode(kind, on) {
    if (kind === 7) {
      this.wraps = on;
    } else if (kind === 25) {
      this.cursorShown = on;
    } else if (kind === 1049 || kind === 47) {
      this.eraseScreen(2);
      this.moveTo(0, 0);
    }
  }

  setRegion(numbers) {
    const top = (numbers[0] || 1) - 1;
    const bottom = (numbers[1] || this.rows) - 1;
    if (top < bottom && bottom < this.rows) {
      this.top = top;
      this.bottom = bottom;
      this.moveTo(0, 0);
    }
  }

  report(kind) {
    if (kind === 6) {
      const column = Math.min(this.column, this.columns - 1);
      this.answer(`\x1b[${this.row + 1};${column + 1}R`);
    } else if (kind === 5) {
      this.answer("\x1b[0n");
    }
  }

  save() {
    this.saved = { row: this.row, column: this.column, style: this.style };
  }

  restore() {
    if (this.saved !== null) {
      this.moveTo(this.saved.row, this.saved.column);
      this.style = this.saved.style;
    }
  }

  setStyle(numbers) {
    let style = { ...this.style };
    for (let at = 0; at < numbers.length; at += 1) {
      const code = numbers[at] || 0;
      if (code === 0) style = { ...PLAIN };
      else if (code === 1) style.bold = true;
      else if (code === 4) style.underline = true;
      else if (code === 7) style.reverse = true;
      else if (code === 22) style.bold = false;
      else if (code === 24) style.underline = false;
      else if (code === 27) style.reverse = false;
      else if (code >= 30 && code <= 37) style.foreground = code - 30;
      else if (code === 39) style.foreground = null;
      else if (code >= 40 && code <= 47) style.background = code - 40;
      else if (code === 49) style.background = null;
      else if (code >= 90 && code <= 97) style.foreground = code - 90;
      else if (code >= 100 && code <= 107) style.background = code - 100;
      else if (code === 38 || code === 48) at += numbers[at + 1] === 5 ? 2 : 4; // others are not shown
    }
    this.style = Object.freeze(style);
  }

  // --- the screen -------------------------------------------------------------------------------

  put(character) {
    if (this.column >= this.columns) {
      if (this.wraps) {
        this.column = 0;
        this.lineFeed();
      } else {
        this.column = this.columns - 1;
      }
    }
    this.cells[this.row][this.column] = { text: character, style: this.style };
    this.column += 1;
  }

  lineFeed() {
    if (this.row === this.bottom) {
      this.scrollUp(this.top, 1);
    } else {
      this.row = Math.min(this.rows - 1, this.row + 1);
    }
  }

  reverseLineFeed() {
    if (this.row === this.top) {
      this.scrollDown(this.top, 1);
    } else {
      this.row = Math.max(0, this.row - 1);
    }
  }

  scrollUp(top, count) {
    for (let done = 0; done < Math.min(count, this.rows); done += 1) {
      const [row] = this.cells.splice(top, 1);
      this.cells.splice(this.bottom, 0, this.emptyRow());
      if (top === 0) {
        this.past.push(row);
        if (this.past.length > KEPT) {
          this.past.shift();
          this.gone += 1;
        }
      }
    }
  }

  scrollDown(top, count) {
    for (let done = 0; done < Math.min(count, this.rows); done += 1) {
      this.cells.splice(this.bottom, 1);
      this.cells.splice(top, 0, this.emptyRow());
    }
  }

  insertLines(count) {
    if (this.row >= this.top && this.row <= this.bottom) {
      this.scrollDown(this.row, count);
    }
  }

  deleteLines(count) {
    if (this.row >= this.top && this.row <= this.bottom) {
      for (let done = 0; done < Math.min(count, this.rows); done += 1) {
        this.cells.splice(this.row, 1);
        this.cells.splice(this.bottom, 0, this.emptyRow());
      }
    }
  }

  insertCells(count) {
    const row = this.cells[this.row];
    for (let done = 0; done < Math.min(count, this.columns); done += 1) {
      row.splice(this.column, 0, { text: " ", style: PLAIN });
      row.pop();
    }
  }

  deleteCells(count) {
    const row = this.cells[this.row];
    for (let done = 0; done < Math.min(count, this.columns - this.column); done += 1) {
      row.splice(this.column, 1);
      row.push({ text: " ", style: PLAIN });
    }
  }

  erase(row, from, to) {
    for (let column = from; column < Math.min(to, this.columns); column += 1) {
      this.cells[row][column] = { text: " ", style: PLAIN };
    }
  }

  eraseLine(kind) {
    this.erase(this.row, kind === 0 ? this.column : 0, kind === 1 ? this.column + 1 : this.columns);
  }

  eraseScreen(kind) {
    this.eraseLine(kind);
    const from = kind === 0 ? this.row + 1 : 0;
    const to = kind === 1 ? this.row : this.rows;
    for (let row = from; row < to; row += 1) {
      this.erase(row, 0, this.columns);
    }
  }

  // The lines of the screen as text, for tests and for those who copy.
  text() {
    return this.cells.map((row) => row.map((cell) => cell.text).join("").trimEnd()).join("\n");
  }
}
