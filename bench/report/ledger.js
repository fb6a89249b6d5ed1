'use strict'

/** @typedef {import('../types.d.ts').Figures} Figures */

/** Everything that was measured: by cell (what was done) and by runner (who did it), the figures of each round. */
class Ledger {
  /** @type {Map<string, Map<string, Figures[]>>} */
  #cells = new Map()
  /** What could not be measured, and why. @type {Map<string, string>} */
  failures = new Map()

  /**
   * @param {string} cell
   * @param {string} runner
   * @param {Figures} figures
   */
  note(cell, runner, figures) {
    const runners = this.#cells.get(cell) ?? new Map()
    runners.set(runner, [...(runners.get(runner) ?? []), figures])
    this.#cells.set(cell, runners)
  }

  /**
   * @param {string} cell
   * @param {string} runner
   * @param {Error} error
   */
  noteFailure(cell, runner, error) {
    // A round without figures: those that follow keep their places.
    this.note(cell, runner, {})
    this.failures.set(`${runner}, ${cell}`, error.message)
  }

  /** @returns {string[]} in the order in which they were first measured */
  get cells() {
    return [...this.#cells.keys()]
  }

  /** @param {string} cell */
  runners(cell) {
    return [...(this.#cells.get(cell)?.keys() ?? [])]
  }

  /**
   * @param {string} cell
   * @param {string} runner
   * @param {string} figure
   * @returns {number | undefined} the median of all rounds
   */
  median(cell, runner, figure) {
    return middle(this.#sorted(cell, runner, figure))
  }

  /**
   * Sets one against another round by round: they follow each other within seconds there, and the machine's pace is the same.
   *
   * @param {[cell: string, runner: string]} one
   * @param {[cell: string, runner: string]} other
   * @param {string} figure
   * @returns {number | undefined} the median of the rounds' ratios
   */
  ratio(one, other, figure) {
    const [ours, theirs] = [one, other].map(([cell, runner]) => this.#cells.get(cell)?.get(runner) ?? [])
    const ratios = (ours ?? []).map((figures, round) => Number(figures[figure]) / Number(theirs?.[round]?.[figure]))
    return middle(ratios.filter(Number.isFinite).sort((a, b) => a - b))
  }

  /**
   * @param {string} cell
   * @param {string} runner
   * @param {string} figure
   * @returns {number | undefined} half of the distance between the extremes, as a share of the median
   */
  spread(cell, runner, figure) {
    const sorted = this.#sorted(cell, runner, figure)
    const [least, most, median] = [sorted[0], sorted.at(-1), this.median(cell, runner, figure)]
    return least === undefined || most === undefined || !median ? undefined : (most - least) / 2 / median
  }

  /**
   * @param {string} cell
   * @param {string} runner
   * @param {string} figure
   */
  #sorted(cell, runner, figure) {
    const rounds = this.#cells.get(cell)?.get(runner) ?? []
    const values = rounds.map((figures) => figures[figure]).filter((value) => typeof value === 'number')
    return values.filter(Number.isFinite).sort((a, b) => a - b)
  }
}

/** @param {number[]} sorted */
function middle(sorted) {
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]]
  return low === undefined || high === undefined ? undefined : (low + high) / 2
}

module.exports = { Ledger }
