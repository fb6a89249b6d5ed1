'use strict'
// Certificates for one test run. Node can read X.509 but not make it, so the openssl program does.

const { execFileSync } = require('node:child_process')
const { mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')

/** @typedef {{ key: string, cert: string }} KeyPair PEM */

/** Why tests that need certificates cannot run; `false` where they can. */
const skip = hasOpenssl() ? false : 'there is no openssl program to make certificates with'

function hasOpenssl() {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** An authority of our own, and what it signs. */
class Authority {
  /** @type {string[]} */
  static #directories = []
  #directory

  /** The authority's own certificate, PEM. */
  cert

  /** @param {string} name */
  constructor(name) {
    this.#directory = mkdtempSync(join(tmpdir(), 'layer1-certificates-'))
    Authority.#directories.push(this.#directory)
    this.#write('ca.cnf', [
      '[req]',
      'distinguished_name = name',
      'x509_extensions = authority',
      'prompt = no',
      '[name]',
      `CN = ${name}`,
      '[authority]',
      'basicConstraints = critical, CA:TRUE',
      'keyUsage = critical, keyCertSign, cRLSign',
      'subjectKeyIdentifier = hash',
      '[ca]',
      'default_ca = own',
      '[own]',
      'database = index.txt',
      'new_certs_dir = .',
      'certificate = ca.pem',
      'private_key = ca.key',
      'default_md = sha256',
      'rand_serial = yes',
      'unique_subject = no',
      'policy = any',
      '[any]',
      'commonName = supplied',
    ])
    this.#write('index.txt', [])
    this.#openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'ca.key')
    this.#openssl('req', '-x509', '-new', '-key', 'ca.key', '-days', '30', '-config', 'ca.cnf', '-out', 'ca.pem')
    this.cert = this.#read('ca.pem')
  }

  /**
   * Signs a certificate for a server, or a client.
   *
   * @param {string[]} names such as `DNS:localhost` or `IP:127.0.0.1`
   * @param {{ hasExpired?: boolean, isEarly?: boolean, isForClient?: boolean, isRsa?: boolean, days?: number }} [how]
   * @returns {KeyPair}
   */
  sign(names, { hasExpired = false, isEarly = false, isForClient = false, isRsa = false, days = 30 } = {}) {
    this.#write('server.cnf', [
      '[server]',
      'basicConstraints = critical, CA:FALSE',
      `extendedKeyUsage = ${isForClient ? 'clientAuth' : 'serverAuth'}`,
      'authorityKeyIdentifier = keyid',
      `subjectAltName = ${names.join(', ')}`,
    ])
    if (isRsa) this.#openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', 'server.key')
    else this.#openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'server.key')
    this.#openssl(
      'req',
      '-new',
      '-key',
      'server.key',
      '-subj',
      `/CN=layer1 test ${isForClient ? 'client' : 'server'}`,
      '-out',
      'server.csr',
    )
    const [begin, end] = hasExpired ? [-60, -30] : isEarly ? [10, 30] : [-1, days]
    const validity = ['-startdate', daysFromNow(begin), '-enddate', daysFromNow(end)]
    const extensions = ['-extfile', 'server.cnf', '-extensions', 'server']
    this.#openssl(
      'ca',
      '-batch',
      '-notext',
      '-config',
      'ca.cnf',
      ...validity,
      ...extensions,
      '-in',
      'server.csr',
      '-out',
      'server.pem',
    )
    return { key: this.#read('server.key'), cert: this.#read('server.pem') }
  }

  /**
   * Makes a certificate for a server that nobody has signed but itself.
   *
   * @param {string[]} names
   * @returns {KeyPair}
   */
  selfSigned(names) {
    this.#openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'self.key')
    const [subject, extension] = [
      ['-subj', '/CN=layer1 test server'],
      ['-addext', `subjectAltName = ${names.join(', ')}`],
    ]
    this.#openssl(
      'req',
      '-x509',
      '-new',
      '-key',
      'self.key',
      '-days',
      '30',
      ...subject,
      ...extension,
      '-out',
      'self.pem',
    )
    return { key: this.#read('self.key'), cert: this.#read('self.pem') }
  }

  /** @param {string[]} args */
  #openssl(...args) {
    execFileSync('openssl', args, { cwd: this.#directory, stdio: ['ignore', 'ignore', 'pipe'] })
  }

  /** @param {string} name */
  #read(name) {
    return readFileSync(join(this.#directory, name), 'utf8')
  }

  /**
   * Puts a file beside the certificates, and gives its path.
   *
   * @param {string} name
   * @param {string} content
   */
  file(name, content) {
    writeFileSync(join(this.#directory, name), content)
    return join(this.#directory, name)
  }

  /**
   * @param {string} name
   * @param {string[]} lines
   */
  #write(name, lines) {
    this.file(name, lines.map((line) => `${line}\n`).join(''))
  }

  /** Takes all files away. */
  static remove() {
    for (const directory of Authority.#directories.splice(0)) rmSync(directory, { recursive: true, force: true })
  }
}

/**
 * Gives a moment as ASN.1 writes it.
 *
 * @param {number} days
 */
function daysFromNow(days) {
  const iso = new Date(Date.now() + days * 86_400_000).toISOString()
  return `${iso.replace(/\.\d+Z$/, '').replace(/[-:T]/g, '')}Z`
}

module.exports = { Authority, skip }
