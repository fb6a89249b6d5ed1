// Strict programs that use the package, compiled by each TypeScript with each way to find modules.

const fs = require('node:fs')
const path = require('node:path')

/** @typedef {InstanceType<typeof import('../world.js').World>} World */

/** The tools' packages with TypeScript. */
const VERSIONS = ['5.2', '5.6', '5.9', '6', 'newest']

const RESOLUTIONS = {
  node16: { module: 'node16', moduleResolution: 'node16' },
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
}

const ESM = `import { Layer1, Layer1ApiError, type Layer1Options, path, type TokenStore } from 'layer1'
import { redisTokenStore } from 'layer1/redis'
import { startSandbox } from 'layer1/sandbox'

export const store: (client: Parameters<typeof redisTokenStore>[0]) => TokenStore = redisTokenStore

export async function main(options: Layer1Options): Promise<string> {
  await using sandbox = await startSandbox()
  await using layer1 = new Layer1({ ...options, ...sandbox.options })
  const token: string = await layer1.getToken()
  for await (const pool of layer1.paginate<{ id: string }>('/digital/v1/asset-pools')) {
    await layer1.get(path\`/digital/v1/asset-pools/\${pool.id}\`)
  }
  try {
    const answer = await layer1.get('/digital/v1/networks')
    // @ts-expect-error what a get resolves to is unknown, unless one says
    return answer
  } catch (error) {
    return error instanceof Layer1ApiError ? \`\${error.status} \${error.code}\` : token
  }
}
`
const CJS = `import layer1 = require('layer1')
import redis = require('layer1/redis')
import sandbox = require('layer1/sandbox')

// @ts-expect-error that is no client
export const store = redis.redisTokenStore({})
export const client: layer1.Layer1 = new layer1.Layer1({ clientId: 'id', clientSecret: 'secret' })
export const start: Promise<{ baseUrl: string }> = sandbox.startSandbox()
// @ts-expect-error there is no such option
export const wrong = new layer1.Layer1({ clientID: 'id' })
`

module.exports = () =>
  VERSIONS.flatMap((version) =>
    Object.entries(RESOLUTIONS).map(([resolution, options]) => ({
      name: `TypeScript ${version}, ${resolution}`,
      run: async (/** @type {World} */ world) => await compile(world, version, resolution, options),
    })),
  )

/**
 * @param {World} world
 * @param {string} version
 * @param {string} resolution
 * @param {Record<string, string>} options
 */
async function compile(world, version, resolution, options) {
  const compilerOptions = {
    ...options,
    target: 'es2022',
    lib: ['es2022', 'esnext.disposable'],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    isolatedModules: true,
    skipLibCheck: false,
    noEmit: true,
    types: ['node'],
  }
  // A bundler knows no "import = require".
  const files = { 'main.mts': ESM, ...(resolution === 'bundler' ? {} : { 'main.cts': CJS }) }
  const folder = world.project(`typescript-${version}-${resolution}`, {
    ...files,
    'tsconfig.json': JSON.stringify({ compilerOptions, files: Object.keys(files) }),
  })
  const modules = path.join(folder, 'node_modules')
  fs.mkdirSync(path.join(modules, '@types'), { recursive: true })
  fs.cpSync(path.join(world.app, 'node_modules', 'layer1'), path.join(modules, 'layer1'), { recursive: true })
  fs.symlinkSync(path.join(world.tools, 'node_modules', 'node-types'), path.join(modules, '@types', 'node'), 'junction')
  const tsc = path.join(world.tools, 'node_modules', `typescript-${version}`, 'bin', 'tsc')
  await world.run(process.execPath, [tsc, '-p', folder], { cwd: folder })
  return (await world.run(process.execPath, [tsc, '--version'])).match(/\d+\.\d+\.\d+/)?.[0]
}
