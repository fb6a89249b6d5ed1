'use strict'
// Reads what a Linux library asks of the system that loads it (System V ABI, chapters 4 and 5; 64-bit little-endian).

const DYNAMIC = 6
const VERSIONS_NEEDED = 0x6ffffffe
const NEEDED = 1

/** @typedef {{ type: number, offset: number, size: number, link: number, info: number }} Section */

/**
 * Lists the libraries that a binary needs, and the versions of their symbols.
 *
 * @param {Buffer} file
 * @returns {{ libraries: string[], versions: string[] }}
 */
function readNeeds(file) {
  const sections = readSections(file)
  return { libraries: readLibraries(file, sections), versions: readVersions(file, sections) }
}

/** @param {Buffer} file */
function readSections(file) {
  const start = Number(file.readBigUInt64LE(0x28))
  const [size, count] = [file.readUInt16LE(0x3a), file.readUInt16LE(0x3c)]
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * size
    return {
      type: file.readUInt32LE(at + 4),
      offset: Number(file.readBigUInt64LE(at + 24)),
      size: Number(file.readBigUInt64LE(at + 32)),
      link: file.readUInt32LE(at + 40),
      info: file.readUInt32LE(at + 44),
    }
  })
}

/**
 * @param {Buffer} file
 * @param {Section[]} sections
 */
function readLibraries(file, sections) {
  const dynamic = sections.find(({ type }) => type === DYNAMIC)
  const names = []
  for (let at = 0; dynamic && at < dynamic.size; at += 16) {
    const entry = dynamic.offset + at
    if (Number(file.readBigUInt64LE(entry)) === NEEDED) {
      names.push(nameAt(file, sections[dynamic.link], Number(file.readBigUInt64LE(entry + 8))))
    }
  }
  return names
}

/**
 * @param {Buffer} file
 * @param {Section[]} sections
 */
function readVersions(file, sections) {
  const needed = sections.find(({ type }) => type === VERSIONS_NEEDED)
  const names = []
  let library = needed?.offset ?? 0
  for (let left = needed?.info ?? 0; left > 0; left -= 1) {
    let symbol = library + file.readUInt32LE(library + 8)
    for (let more = file.readUInt16LE(library + 2); more > 0; more -= 1) {
      names.push(nameAt(file, sections[needed?.link ?? 0], file.readUInt32LE(symbol + 8)))
      symbol += file.readUInt32LE(symbol + 12)
    }
    library += file.readUInt32LE(library + 12)
  }
  return names
}

/**
 * @param {Buffer} file
 * @param {Section | undefined} strings
 * @param {number} index
 */
function nameAt(file, strings, index) {
  const start = (strings?.offset ?? 0) + index
  return file.toString('latin1', start, file.indexOf(0, start))
}

module.exports = { readNeeds }
