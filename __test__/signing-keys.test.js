'use strict'

require('./support/clean-env.js')
const assert = require('node:assert/strict')
const { createPrivateKey, createPublicKey, generateKeyPairSync } = require('node:crypto')
const { existsSync, mkdtempSync, rmSync, writeFileSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')
const { after, before, describe, it } = require('node:test')
const vm = require('node:vm')
const { Authority, skip: noOpenssl } = require('./support/certificates.js')
const { thrown } = require('./support/failures.js')
const { LARGE_KEY, PRIVATE_KEY, PUBLIC_KEY, newKey } = require('./support/keys.js')
const { makeClient, startPeer } = require('./support/peer.js')
const { isSigned } = require('./support/signatures.js')
const { setVariables } = require('./support/variables.js')

/** @typedef {import('node:test').TestContext} TestContext */

const suite = { timeout: 60_000 }
const key = createPrivateKey(PRIVATE_KEY)
const pkcs1 = key.export({ type: 'pkcs1', format: 'pem' }).toString()
const der = {
  pkcs8: key.export({ type: 'pkcs8', format: 'der' }),
  pkcs1: key.export({ type: 'pkcs1', format: 'der' }),
}
const publicPem = PUBLIC_KEY.export({ type: 'spki', format: 'pem' }).toString()
const escaped = (/** @type {string} */ text) => text.replaceAll('\n', '\\n')

/** @type {Record<string, string | Uint8Array>} */
const forms = {
  'PKCS#8': PRIVATE_KEY,
  'PKCS#1': pkcs1,
  'PKCS#8 in a Buffer': Buffer.from(PRIVATE_KEY),
  'PKCS#1 in a Uint8Array': new Uint8Array(Buffer.from(pkcs1)),
  'a Uint8Array of another realm': vm.runInNewContext('new Uint8Array(bytes)', { bytes: [...Buffer.from(pkcs1)] }),
  'a part of a larger Buffer': Buffer.from(`before${PRIVATE_KEY}after`).subarray(6, 6 + PRIVATE_KEY.length),
  'PKCS#8 whose line ends became \\n': escaped(PRIVATE_KEY),
  'PKCS#1 whose line ends became \\n': escaped(pkcs1),
  'PKCS#8 whose line ends became \\r\\n, written out': PRIVATE_KEY.replaceAll('\n', '\\r\\n'),
  'Windows line ends': PRIVATE_KEY.replaceAll('\n', '\r\n'),
  'no line end at its end': PRIVATE_KEY.trim(),
  'words around it': `Bag Attributes\n  friendlyName: layer1\n${PRIVATE_KEY}\n# end\n`,
  'its public key before it': publicPem + PRIVATE_KEY,
  'bare base64 of PKCS#8': der.pkcs8.toString('base64'),
  'bare base64 of PKCS#1': der.pkcs1.toString('base64'),
  'bare base64 in lines': (der.pkcs8.toString('base64').match(/.{1,64}/g) ?? []).join('\n'),
  'bare base64 in lines whose ends became \\n': (der.pkcs8.toString('base64').match(/.{1,64}/g) ?? []).join('\\n'),
  'bare base64 in a Buffer': Buffer.from(der.pkcs1.toString('base64')),
}

/**
 * Makes a client that signs with a key, and a call with it.
 *
 * @param {TestContext} t
 * @param {import('layer1').Layer1Options} options
 */
async function signedCall(t, options) {
  const peer = await startPeer(t)
  const { baseUrl, clientId } = peer.options
  await makeClient(t, { clientId, baseUrl, auth: 'signature', ...options }).post('/a?b=c', { d: 1 })
  return { seen: peer.calls[0] ?? assert.fail('nothing came'), origin: peer.origin }
}

/** @param {any} privateKey */
function refusal(privateKey) {
  const error = thrown(() => new (require('layer1').Layer1)({ clientId: 'a', auth: 'signature', privateKey }))
  assert.equal(error.code, 'ERR_LAYER1_CONFIG', String(error.stack))
  return error
}

describe('a private key', suite, () => {
  for (const [name, privateKey] of Object.entries(forms)) {
    it(`given ${name}, when a call is signed with it, then the signature is the key's`, async (t) => {
      const { seen, origin } = await signedCall(t, { privateKey })
      assert.ok(isSigned(seen, origin, PUBLIC_KEY))
    })
  }

  for (const [bits, make] of /** @type {const} */ ([
    [3072, () => newKey(3072)],
    [4096, () => LARGE_KEY],
  ])) {
    it(`given one of ${bits} bits, when a call is signed with it, then the signature is the key's`, async (t) => {
      const privateKey = make()
      const { seen, origin } = await signedCall(t, { privateKey })
      assert.ok(isSigned(seen, origin, createPublicKey(privateKey)))
    })
  }

  it('given a Buffer that is wiped right after, when a call is made, then the client has the key', async (t) => {
    const peer = await startPeer(t)
    const privateKey = Buffer.from(PRIVATE_KEY)
    const client = makeClient(t, { ...peer.options, auth: 'signature', privateKey })
    privateKey.fill(0)
    await client.get('/a')
    assert.ok(isSigned(peer.calls[0] ?? assert.fail(), peer.origin, PUBLIC_KEY))
  })
})

describe('where a private key is looked for', suite, () => {
  /** @param {TestContext} t @param {string} text */
  function keyFile(t, text) {
    const directory = mkdtempSync(join(tmpdir(), 'layer1-key-'))
    t.after(() => rmSync(directory, { recursive: true, force: true }))
    const file = join(directory, 'key.pem')
    writeFileSync(file, text)
    return file
  }

  for (const [name, text] of Object.entries({
    'as it is': PRIVATE_KEY,
    'with \\n for its line ends': escaped(pkcs1),
  })) {
    it(`given LAYER1_PRIVATE_KEY ${name}, when a call is made, then it is signed with it`, async (t) => {
      setVariables(t, { LAYER1_PRIVATE_KEY: text, LAYER1_AUTH: 'signature' })
      const { seen, origin } = await signedCall(t, { auth: undefined })
      assert.ok(isSigned(seen, origin, PUBLIC_KEY))
    })

    it(`given LAYER1_PRIVATE_KEY_FILE with a key ${name}, when a call is made, then it is signed with it`, async (t) => {
      setVariables(t, { LAYER1_PRIVATE_KEY_FILE: keyFile(t, text) })
      const { seen, origin } = await signedCall(t, {})
      assert.ok(isSigned(seen, origin, PUBLIC_KEY))
    })
  }

  it('given all three, when a call is made, then the option wins over the variable, and that over the file', async (t) => {
    const [first, second] = [newKey(), newKey()]
    setVariables(t, { LAYER1_PRIVATE_KEY: second, LAYER1_PRIVATE_KEY_FILE: keyFile(t, PRIVATE_KEY) })
    const byOption = await signedCall(t, { privateKey: first })
    assert.ok(isSigned(byOption.seen, byOption.origin, createPublicKey(first)))
    const byVariable = await signedCall(t, {})
    assert.ok(isSigned(byVariable.seen, byVariable.origin, createPublicKey(second)))
  })

  for (const options of /** @type {const} */ ([
    { auth: 'signature' },
    { auth: 'both' },
    { clientAuth: 'private_key_jwt' },
  ])) {
    it(`given ${JSON.stringify(options)} and no key, when a client is made, then the error names option and variables`, () => {
      const own = { clientId: 'a', clientSecret: 'b', ...options }
      const { code, message } = thrown(() => new (require('layer1').Layer1)(own))
      assert.equal(code, 'ERR_LAYER1_CONFIG')
      assert.match(message, /privateKey.*LAYER1_PRIVATE_KEY\b.*LAYER1_PRIVATE_KEY_FILE/)
    })
  }

  it('given variables with a key that cannot be used, when nothing needs a key, then nobody looks at it', (t) => {
    setVariables(t, { LAYER1_PRIVATE_KEY: 'no key', LAYER1_PRIVATE_KEY_FILE: '/nonexistent/key.pem' })
    makeClient(t, { clientId: 'a', clientSecret: 'b' })
  })

  for (const [name, make, says] of /** @type {[string, (t: TestContext) => string, RegExp][]} */ ([
    ['that does not exist', () => '/nonexistent/key.pem', /cannot be read/],
    ['that is a directory', () => '/', /cannot be read/],
    ['without a key', (t) => keyFile(t, 'hunter2'), /is no private key/],
    ['that is empty', (t) => keyFile(t, ''), /is no private key/],
    ['with a public key', (t) => keyFile(t, publicPem), /is a public key/],
    ['that is far too long', (t) => keyFile(t, PRIVATE_KEY + ' '.repeat(300_000)), /longer than 262144 bytes/],
    ...(existsSync('/dev/zero') ? [['without an end', () => '/dev/zero', /longer than 262144 bytes/]] : []),
  ])) {
    it(`given a file ${name}, when a client is made, then the error names the variable and how a right key is made`, (t) => {
      setVariables(t, { LAYER1_PRIVATE_KEY_FILE: make(t) })
      const error = refusal(undefined)
      assert.match(error.message, /LAYER1_PRIVATE_KEY_FILE/)
      assert.match(error.message, says)
      assert.match(
        error.message,
        /`openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out layer1-key\.pem`\.$/,
      )
      assert.doesNotMatch(error.message, /hunter2|MII/)
    })
  }
})

describe('a key that is wrong', suite, () => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const small = createPrivateKey(newKey(1024))
  const cipher = { cipher: 'aes-256-cbc', passphrase: 'hunter2' }
  /** @type {string} */
  let certificate
  before(() => {
    certificate = noOpenssl ? '' : new Authority('layer1 key test').cert
  })
  after(() => Authority.remove())

  const genpkey = /`openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out layer1-key\.pem`/
  const decrypt = /`openssl pkey -in encrypted\.pem -out layer1-key\.pem`/

  /** @type {Record<string, { give: () => string | Buffer, says: RegExp, advises: RegExp }>} */
  const cases = {
    'an EC key as PKCS#8': { give: () => pem(ec.privateKey, 'pkcs8'), says: /is an EC key/, advises: genpkey },
    'an EC key as SEC 1': { give: () => pem(ec.privateKey, 'sec1'), says: /is an EC key/, advises: genpkey },
    'an EC key as bare base64': { give: () => base64(ec.privateKey, 'sec1'), says: /is an EC key/, advises: genpkey },
    'an Ed25519 key': {
      give: () => pem(generateKeyPairSync('ed25519').privateKey, 'pkcs8'),
      says: /Ed25519/,
      advises: genpkey,
    },
    'an Ed25519 key as bare base64': {
      give: () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
      says: /Ed25519/,
      advises: genpkey,
    },
    'an RSA key for PSS only': {
      give: () => pem(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey, 'pkcs8'),
      says: /PSS/,
      advises: genpkey,
    },
    'an RSA key of 1024 bits as PKCS#8': { give: () => pem(small, 'pkcs8'), says: /1024 bits/, advises: genpkey },
    'an RSA key of 1024 bits as PKCS#1': { give: () => pem(small, 'pkcs1'), says: /1024 bits/, advises: genpkey },
    'an encrypted key as PKCS#8': {
      give: () => key.export({ type: 'pkcs8', format: 'pem', ...cipher }),
      says: /is encrypted/,
      advises: decrypt,
    },
    'an encrypted key as PKCS#1': {
      give: () => key.export({ type: 'pkcs1', format: 'pem', ...cipher }),
      says: /is encrypted/,
      advises: decrypt,
    },
    'an encrypted key whose line ends became \\n': {
      give: () => escaped(key.export({ type: 'pkcs1', format: 'pem', ...cipher }).toString()),
      says: /is encrypted/,
      advises: decrypt,
    },
    'an encrypted key as bare base64': {
      give: () => key.export({ type: 'pkcs8', format: 'der', ...cipher }).toString('base64'),
      says: /is encrypted/,
      advises: decrypt,
    },
    'a public key': { give: () => publicPem, says: /is a public key/, advises: genpkey },
    'a public key as PKCS#1': {
      give: () => PUBLIC_KEY.export({ type: 'pkcs1', format: 'pem' }),
      says: /public key|no private key/,
      advises: genpkey,
    },
    'a public key as bare base64': {
      give: () => PUBLIC_KEY.export({ type: 'spki', format: 'der' }).toString('base64'),
      says: /is a public key/,
      advises: genpkey,
    },
    'an OpenSSH key': {
      give: () => '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n-----END OPENSSH PRIVATE KEY-----\n',
      says: /OpenSSH/,
      advises: /`ssh-keygen -p /,
    },
    nothing: { give: () => '', says: /is no private key/, advises: genpkey },
    'an empty Buffer': { give: () => Buffer.alloc(0), says: /is no private key/, advises: genpkey },
    'blanks and line ends': { give: () => ' \n\n', says: /is no private key/, advises: genpkey },
    'text that is no key': { give: () => 'hunter2', says: /is no private key/, advises: genpkey },
    'base64 of something else': {
      give: () => Buffer.from('hunter2').toString('base64'),
      says: /is no private key/,
      advises: genpkey,
    },
    'a key that was cut off': {
      give: () => PRIVATE_KEY.slice(0, 900),
      says: /broken PEM|no private key/,
      advises: genpkey,
    },
    'a key with a broken line': { give: () => PRIVATE_KEY.replace(/M/g, '*'), says: /broken PEM/, advises: genpkey },
  }
  for (const [name, { give, says, advises }] of Object.entries(cases)) {
    it(`given ${name}, when a client is made, then the error says what it is and how the right one is made`, () => {
      const { message } = refusal(give())
      assert.match(message, /^privateKey \(LAYER1_PRIVATE_KEY\) /)
      assert.match(message, says)
      assert.match(message, advises)
      assert.match(message, /RSA private key of 2048 to 4096 bits/)
      assert.doesNotMatch(message, /hunter2|MII|\.\.$/)
    })
  }

  it('given a certificate, when a client is made, then the error says so', { skip: noOpenssl }, () => {
    const { message } = refusal(certificate)
    assert.match(message, /is a certificate/)
    assert.match(message, genpkey)
  })

  it('given a key whose numbers do not fit together, when a client is made, then it is refused', () => {
    const changed = Buffer.from(der.pkcs1)
    changed.writeUInt8(changed.readUInt8(600) ^ 1, 600)
    assert.match(refusal(changed.toString('base64')).message, /RSA key that cannot be used/)
  })
})

/** @param {import('node:crypto').KeyObject} key @param {'pkcs1' | 'pkcs8' | 'sec1'} type */
function pem(key, type) {
  return key.export({ type: /** @type {any} */ (type), format: 'pem' }).toString()
}

/** @param {import('node:crypto').KeyObject} key @param {'pkcs8' | 'sec1'} type */
function base64(key, type) {
  return key.export({ type: /** @type {any} */ (type), format: 'der' }).toString('base64')
}
