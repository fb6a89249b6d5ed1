'use strict'

/** The largest body of the bench is 20 MB, and the default limit 16 MiB. */
const MAX_RESPONSE_BYTES = 64 * 1024 * 1024

/** @type {import('../types.d.ts').ClientModule} */
module.exports = {
  load,

  async create({ origin, credentials, ca, connections, shareToken = true }) {
    const { Layer1 } = load()
    const layer1 = new Layer1({
      ...credentials,
      baseUrl: origin,
      tokenUrl: `${origin}/token`,
      ca,
      maxConnections: connections,
      maxResponseBytes: MAX_RESPONSE_BYTES,
      shareToken,
    })
    return {
      // The first call gets the token.
      async authorize() {},
      get: (path) => layer1.get(path),
    }
  },
}

/** @returns {typeof import('../..')} as it is published: a clone has more files to load */
function load() {
  return require(`${__dirname}/../node_modules/layer1`)
}
