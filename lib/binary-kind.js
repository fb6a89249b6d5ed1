'use strict'

/** @type {Record<number, string>} */
const ELF_MACHINES = { 62: 'x64', 183: 'arm64', 3: 'ia32', 40: 'arm', 243: 'riscv64' }
/** @type {Record<number, string>} */
const MACH_CPUS = { 16777223: 'x64', 16777228: 'arm64' }
/** @type {Record<number, string>} */
const PE_MACHINES = { 34404: 'x64', 43620: 'arm64', 332: 'ia32' }

/**
 * Tells for which platform a binary was made, by its header: `linux-x64` and the like.
 *
 * @param {Buffer} bytes the beginning of the file
 * @returns {string | undefined} `undefined` for what is no binary
 */
module.exports = function binaryKind(bytes) {
  if (bytes.length < 64) {
    return undefined
  }
  if (bytes.readUInt32BE(0) === 0x7f454c46) {
    return `linux-${ELF_MACHINES[bytes.readUInt16LE(18)] ?? 'unknown'}`
  }
  if (bytes.readUInt32LE(0) === 0xfeedfacf) {
    return `darwin-${MACH_CPUS[bytes.readUInt32LE(4)] ?? 'unknown'}`
  }
  return bytes.readUInt16BE(0) === 0x4d5a ? windowsKind(bytes) : undefined
}

/** @param {Buffer} bytes */
function windowsKind(bytes) {
  const header = bytes.readUInt32LE(0x3c)
  if (header + 6 > bytes.length || bytes.readUInt32BE(header) !== 0x50450000) {
    return undefined
  }
  return `win32-${PE_MACHINES[bytes.readUInt16LE(header + 4)] ?? 'unknown'}`
}
