'use strict'
// One process that ends with calls in flight: `node process.js '{"options":…,"end":…,"wait":…}'`.

const { Layer1 } = require('layer1')

const { options, end, wait } = JSON.parse(String(process.argv[2]))
const client = new Layer1(options)
const controller = new AbortController()
const calls = Array.from({ length: 20 }, (_, index) =>
  client.get(`/a/${index}`, { signal: controller.signal, timeout: end === 'deadline' ? wait + 1 : 30_000 }),
)
for (const call of calls) call.catch(() => {})

setTimeout(finish, wait)

function finish() {
  switch (end) {
    case 'exit()':
      process.exit(0)
      break
    case 'exit() in a callback':
      calls[0]?.finally(() => process.exit(0)).catch(() => {})
      setTimeout(() => process.exit(0), 50)
      break
    case 'exit() with more calls in its handler':
      process.on('exit', () => {
        client.get('/late').catch(() => {})
        new Layer1(options).getToken().catch(() => {})
      })
      process.exit(0)
      break
    case 'close()':
      client.close()
      break
    case 'abort':
      controller.abort()
      break
    case 'exception':
      // Whoever handles what nobody handles still ends with calls in flight.
      process.on('uncaughtException', () => process.exit(0))
      throw new Error('on purpose')
  }
}
