'use strict'
// The chart: calls a second and JS-thread time of each client, as bars, in SVG made by hand.

const { clients } = require('../clients/index.js')
const { titles } = require('../suites/calls.js')
const { count, micros } = require('./format.js')

/** @typedef {{ name: string, value: number }} Bar */
/** @typedef {{ title: string, hint: string, bars: Bar[], show: (value: number) => string }} Panel */

const WIDTH = 820
const NAMES = 120
const BARS = 570
const ROW = 26
const HEAD = 54
const GAP = 24

const style = `
    text { font: 13px system-ui, sans-serif; fill: #24292f }
    .title { font-size: 15px; font-weight: 600 }
    .hint { fill: #57606a }
    .bar { fill: #8c959f }
    .us { fill: #0969da }
    .own { font-weight: 600 }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 }
      .hint { fill: #9198a1 }
      .bar { fill: #6e7681 }
      .us { fill: #4493f8 }
    }`

/**
 * @param {InstanceType<typeof import('./ledger.js').Ledger>} ledger
 * @returns {string | undefined} nothing if the calls were not measured
 */
function chart(ledger) {
  /** @param {string} figure */
  const barsOf = (figure) =>
    clients.flatMap(({ name }) => {
      const value = ledger.median(titles.main, name, figure)
      return value === undefined ? [] : [{ name, value }]
    })
  const speed = barsOf('callsPerSecond').sort((a, b) => b.value - a.value)
  const time = barsOf('jsMicros').sort((a, b) => a.value - b.value)
  if (speed.length === 0) {
    return undefined
  }
  const first = panel({ title: 'Calls a second', hint: 'more is better', bars: speed, show: count }, 0)
  const second = panel(
    { title: 'JS-thread time a call, µs', hint: 'less is better', bars: time, show: micros },
    first.height + GAP,
  )
  const height = first.height + GAP + second.height + ROW
  const label = `layer1 and other clients, ${titles.main}`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${label}">
  <title>${label}</title>
  <style>${style}
  </style>
${first.svg}
${second.svg}
  <text class="hint" x="0" y="${height - 6}">${titles.main}, medians; see RESULTS.md for machine and versions</text>
</svg>
`
}

/**
 * @param {Panel} panel
 * @param {number} top
 */
function panel({ title, hint, bars, show }, top) {
  const most = Math.max(...bars.map(({ value }) => value))
  const rows = bars.map(({ name, value }, index) => {
    const y = top + HEAD - 20 + index * ROW
    const width = Math.max(1, Math.round((BARS * value) / most))
    const isOurs = name === 'layer1'
    const emphasis = isOurs ? ' class="own"' : ''
    return [
      `  <text${emphasis} x="${NAMES - 10}" y="${y + 14}" text-anchor="end">${name}</text>`,
      `  <rect class="bar${isOurs ? ' us' : ''}" x="${NAMES}" y="${y}" width="${width}" height="${ROW - 8}" rx="2"/>`,
      `  <text${emphasis} x="${NAMES + width + 8}" y="${y + 14}">${show(value)}</text>`,
    ].join('\n')
  })
  const heading = `  <text class="title" x="0" y="${top + 18}">${title} <tspan class="hint" font-weight="400">(${hint})</tspan></text>`
  return { svg: [heading, ...rows].join('\n'), height: HEAD - 20 + bars.length * ROW }
}

module.exports = { chart }
