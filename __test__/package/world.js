// Where the package is tried: the tools, a registry on loopback, and projects that installed the package from it.

const { execFile } = require('node:child_process')
const fs = require('node:fs')
const { createRequire } = require('node:module')
const path = require('node:path')
const { readPackages, serveRegistry } = require('../../scripts/package/registry.js')
const { unsteered } = require('../../scripts/environment.js')
const { installTools } = require('../../scripts/package/tools.js')

const root = path.join(__dirname, '..', '..')
const programs = path.join(__dirname, 'programs')

/** @typedef {{ stdout: string, stderr: string, code: number }} Outcome */
/** @typedef {{ cwd?: string, env?: NodeJS.ProcessEnv }} ExecOptions */

/** Tells that a case cannot be tried on this machine, and why. */
class NotHere extends Error {
  notHere = true
}

class World {
  /**
   * @param {string} tools
   * @param {Awaited<ReturnType<typeof serveRegistry>>} registry
   * @param {import('../../scripts/package/registry.js').Package[]} packages
   */
  constructor(tools, registry, packages) {
    this.root = root
    this.tools = tools
    this.registry = registry
    this.packages = packages
    this.artifacts = path.join(root, 'artifacts')
    this.projects = fs.mkdtempSync(path.join(tools, 'project-'))
    /** Loads what was installed to try the package with. @type {(name: string) => any} */
    this.requireTool = createRequire(path.join(tools, 'package.json'))
    /** A project that has installed the package, with the programs in it; nobody changes it. */
    this.app = ''
  }

  /**
   * Makes an empty project.
   *
   * @param {string} name
   * @param {Record<string, string>} [files]
   */
  project(name, files = {}) {
    const folder = path.join(this.projects, name.replaceAll(/[^\w.-]+/g, '-'))
    const all = { 'package.json': '{ "private": true }\n', ...files }
    for (const [file, text] of Object.entries(all)) {
      fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
      fs.writeFileSync(path.join(folder, file), text)
    }
    fs.cpSync(programs, folder, { recursive: true })
    return folder
  }

  /**
   * Makes a project with the package installed by npm.
   *
   * @param {string} name
   * @param {string[]} [flags]
   */
  async install(name, flags = []) {
    const folder = this.project(name)
    await this.npm(folder, ['install', 'layer1', ...flags])
    return folder
  }

  /**
   * Runs npm with the registry here.
   *
   * @param {string} cwd
   * @param {string[]} args
   */
  async npm(cwd, args) {
    const settings = [`--registry=${this.registry.url}`, `--cache=${path.join(this.projects, 'npm-cache')}`]
    return await this.run('npm', [...args, ...settings, '--no-audit', '--no-fund', '--no-update-notifier'], { cwd })
  }

  /**
   * Makes a copy of the project that has the package.
   *
   * @param {string} name
   */
  copy(name) {
    const folder = this.project(name)
    fs.cpSync(this.app, folder, { recursive: true })
    return folder
  }

  /**
   * Runs a program; rejects with what it said unless it exits with 0.
   *
   * @param {string} program
   * @param {string[]} args
   * @param {ExecOptions} [options]
   * @returns {Promise<string>} its standard output
   */
  async run(program, args, options = {}) {
    const { stdout, stderr, code } = await this.outcome(program, args, options)
    if (code !== 0) {
      const said = `${stdout}\n${stderr}`.trim().split('\n').slice(-12).join('\n')
      throw new Error(
        `${path.basename(program)} ${args.map((arg) => path.basename(arg)).join(' ')} exited with ${code}: ${said}`,
      )
    }
    return stdout
  }

  /**
   * Runs a program to its end, whatever that is.
   *
   * @param {string} program
   * @param {string[]} args
   * @param {ExecOptions} [options]
   * @returns {Promise<Outcome>}
   */
  outcome(program, args, { cwd = this.app, env = {} } = {}) {
    const settings = {
      cwd,
      env: { ...unsteered(process.env), NO_COLOR: '1', ...env },
      timeout: 60_000,
      // npm is a .cmd file on Windows, which only a shell starts.
      shell: process.platform === 'win32' && program === 'npm',
      maxBuffer: 1 << 26,
    }
    return new Promise((resolve) => {
      execFile(program, args, settings, (error, stdout, stderr) => {
        const failure = /** @type {{ code?: unknown, message?: string } | null} */ (error)
        const code = failure === null ? 0 : typeof failure.code === 'number' ? failure.code : 1
        resolve({ stdout, stderr: stderr || (failure?.message ?? ''), code })
      })
    })
  }

  /**
   * Finds a program among the tools, or tells that it is not to be had on this machine.
   *
   * @param {string} name the package
   * @param {string} file
   */
  program(name, file) {
    const place = path.join(this.tools, 'node_modules', name, file)
    if (!fs.existsSync(place)) {
      throw new NotHere(`the npm package ${name} has no build for ${process.platform}-${process.arch}`)
    }
    return place
  }

  /** Gives a Node of a major version. @param {number} major */
  node(major) {
    const own = process.versions.node.startsWith(`${major}.`)
    return own ? process.execPath : this.program(`node-${major}`, 'bin/node')
  }

  async close() {
    await this.registry.close()
    fs.rmSync(this.projects, { recursive: true, force: true })
  }
}

async function openWorld() {
  const tools = await installTools(__dirname, 'package-tests')
  removeLeftovers(tools)
  const packages = readPackages(path.join(root, 'artifacts'), path.join(root, 'target', 'packages'))
  const world = new World(tools, await serveRegistry(packages), packages)
  try {
    world.app = await world.install('app')
    return world
  } catch (error) {
    await world.close()
    throw error
  }
}

/**
 * Removes the projects of runs that were ended from outside, an hour ago or more.
 *
 * @param {string} tools
 */
function removeLeftovers(tools) {
  for (const name of fs.readdirSync(tools).filter((each) => each.startsWith('project-'))) {
    const folder = path.join(tools, name)
    if (Date.now() - fs.statSync(folder).mtimeMs > 3_600_000) fs.rmSync(folder, { recursive: true, force: true })
  }
}

module.exports = { openWorld, World, NotHere }
