'use strict'
// What this process runs on, in words.

/** The system and CPU of this process. */
const here = `${process.platform}-${process.arch}`

/** Names the C library, where there is a choice of them and the runtime tells. */
function readLibc() {
  try {
    const { header } = process.platform === 'linux' ? /** @type {any} */ (process.report.getReport()) : {}
    return header && (header.glibcVersionRuntime ? `glibc ${header.glibcVersionRuntime}` : 'musl')
  } catch {
    return undefined
  }
}

function runtime() {
  const { bun, deno } = process.versions
  return bun ? `Bun ${bun}` : deno ? `Deno ${deno}` : `Node ${process.version}`
}

module.exports = { here, readLibc, runtime }
