'use strict'

const WIDTH = 80
const INDENT = '   '

/** @typedef {{ title: string, most: number }} Column */

/** Writes the demo's lines: in colours on a terminal that wants them, as plain text anywhere else. */
class Terminal {
  #stream
  #hasColours
  #headings = 0

  /**
   * @param {NodeJS.WriteStream} stream
   * @param {NodeJS.ProcessEnv} variables
   */
  constructor(stream, variables) {
    this.#stream = stream
    this.#hasColours = stream.isTTY === true && !variables.NO_COLOR
  }

  /** @param {string} text */
  heading(text) {
    this.#headings++
    if (this.#headings > 1) {
      this.#write('')
    }
    this.#write(this.#paint(BOLD, `${this.#headings}. ${text}`))
  }

  /** @param {string} text */
  line(text) {
    this.#lines(text, INDENT)
  }

  /** @param {string} text */
  item(text) {
    this.#lines(text, `${INDENT}  `)
  }

  /** @param {string} text */
  quote(text) {
    this.#lines(text, `${INDENT}  `, YELLOW)
  }

  /** @param {string} text */
  success(text) {
    this.#lines(text, INDENT, GREEN)
  }

  /** @param {string} text */
  aside(text) {
    this.#lines(text, INDENT, DIM)
  }

  /** @param {[label: string, text: string][]} facts */
  facts(facts) {
    const labelWidth = Math.max(...facts.map(([label]) => label.length)) + 2
    for (const [label, text] of facts) {
      const [first = '', ...rest] = wrap(text, WIDTH - INDENT.length - labelWidth)
      this.#write(`${INDENT}${this.#paint(DIM, label.padEnd(labelWidth))}${first}`)
      for (const line of rest) {
        this.#write(`${INDENT}${' '.repeat(labelWidth)}${line}`)
      }
    }
  }

  /**
   * @param {Column[]} columns
   * @param {string[][]} rows
   */
  table(columns, rows) {
    const cells = rows.map((row) => columns.map(({ most }, index) => cut(plain(row[index] ?? ''), most)))
    const widths = columns.map(({ title }, index) =>
      Math.max(title.length, ...cells.map((row) => row[index]?.length ?? 0)),
    )
    const line = (/** @type {string[]} */ row) =>
      INDENT + row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ')
    this.#write(this.#paint(DIM, line(columns.map(({ title }) => title)).trimEnd()))
    this.#write(this.#paint(DIM, line(widths.map((width) => '─'.repeat(width)))))
    for (const row of cells) {
      this.#write(line(row).trimEnd())
    }
  }

  /**
   * @param {string} text
   * @param {string} indent
   * @param {string} [colour]
   */
  #lines(text, indent, colour) {
    for (const line of wrap(text, WIDTH - indent.length)) {
      this.#write(`${indent}${colour ? this.#paint(colour, line) : line}`)
    }
  }

  /**
   * @param {string} colour
   * @param {string} text
   */
  #paint(colour, text) {
    return this.#hasColours ? `\u001b[${colour}m${text}\u001b[0m` : text
  }

  /** @param {string} line */
  #write(line) {
    this.#stream.write(`${line}\n`)
  }
}

const BOLD = '1'
const DIM = '2'
const GREEN = '32'
const YELLOW = '33'

/**
 * Breaks text at blanks. A word that is longer than a line, such as a URL, stays whole.
 *
 * @param {string} text
 * @param {number} width
 * @returns {string[]}
 */
function wrap(text, width) {
  const lines = ['']
  for (const word of plain(text).split(' ')) {
    const last = lines[lines.length - 1] ?? ''
    if (last === '') {
      lines[lines.length - 1] = word
    } else if (last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`
    } else {
      lines.push(word)
    }
  }
  return lines
}

/** Keeps what a server sent from steering the terminal. @param {string} text */
function plain(text) {
  return text.replace(/\p{Cc}/gu, ' ')
}

/**
 * @param {string} text
 * @param {number} most
 */
function cut(text, most) {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text
}

module.exports = { Terminal }
