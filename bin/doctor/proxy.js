'use strict'
// Which of the hosts are reached through a proxy, as the client decides it (src/http/no_proxy.rs and hyper's matcher).

const net = require('node:net')
const querystring = require('node:querystring')
const { failed, ok } = require('./finding.js')
const { connect } = require('./network.js')

/** @typedef {import('./finding.js').Verdict} Verdict */
/** @typedef {{ variable: string, host: string, port: number, hasCredentials: boolean, passwords: string[], noProxy: string }} Proxy */

/**
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Proxy | undefined}
 */
function findProxy(environment) {
  const variable = ['https_proxy', 'HTTPS_PROXY'].find((name) => environment[name])
  if (variable === undefined) {
    return undefined
  }
  const value = String(environment[variable])
  const text = value.includes('://') ? value : `http://${value}`
  const url = URL.canParse(text) ? new URL(text) : undefined
  return {
    variable,
    host: bareHost(url?.hostname ?? ''),
    port: Number(url?.port || (url?.protocol === 'https:' ? 443 : 80)),
    hasCredentials: Boolean(url?.username || url?.password),
    passwords: [url?.password ?? '', querystring.unescape(url?.password ?? '')],
    noProxy: environment.no_proxy || environment.NO_PROXY || '',
  }
}

/**
 * Tells whether a URL is reached through the proxy.
 *
 * @param {Proxy | undefined} proxy
 * @param {URL} url
 */
function isProxied(proxy, url) {
  return proxy !== undefined && !isLoopback(url) && !isExcepted(url, proxy.noProxy)
}

/** @param {URL} url */
function isLoopback({ hostname }) {
  const host = bareHost(hostname)
  return host === 'localhost' || host === '::1' || (net.isIPv4(host) && host.startsWith('127.'))
}

/**
 * @param {URL} url
 * @param {string} list
 */
function isExcepted(url, list) {
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
  const host = bareHost(url.hostname).toLowerCase()
  return list
    .split(/[,\s]+/)
    .map(splitPort)
    .some((entry) => entry.host !== '' && (entry.port ?? port) === port && covers(entry.host.toLowerCase(), host))
}

/**
 * @param {string} entry
 * @returns {{ host: string, port?: number }}
 */
function splitPort(entry) {
  const [, bracketed, plain, port] = entry.match(/^(?:\[(.*)\]|([^:]*))(?::(\d+))?$/) ?? []
  const host = bracketed ?? plain ?? entry
  return port === undefined ? { host } : { host, port: Number(port) }
}

/**
 * @param {string} entry a name, an address, a network, or `*`
 * @param {string} host
 */
function covers(entry, host) {
  const family = net.isIP(host)
  if (family === 0) {
    const name = entry.replace(/^\*?\./, '')
    return entry === '*' || host === name || host.endsWith(`.${name}`)
  }
  const [address = '', prefix] = entry.split('/')
  if (net.isIP(address) !== family) {
    return false
  }
  const type = family === 6 ? 'ipv6' : 'ipv4'
  const network = new net.BlockList()
  try {
    network.addSubnet(address, prefix === undefined ? (family === 6 ? 128 : 32) : Number(prefix), type)
  } catch {
    return false
  }
  return network.check(host, type)
}

/** @param {string} hostname as a URL has it: IPv6 in brackets */
function bareHost(hostname) {
  return hostname.replace(/^\[(.*)\]$/, '$1')
}

/**
 * @param {Proxy | undefined} proxy
 * @param {string[]} targets that are reached through it
 * @param {NodeJS.ProcessEnv} environment
 * @param {number} limit ms
 * @returns {Promise<Verdict>}
 */
async function checkProxy(proxy, targets, environment, limit) {
  if (!proxy) {
    const other = ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'].find((name) => environment[name])
    return ok(other ? `none: ${other} is set, but it is HTTPS_PROXY that counts` : 'none is set')
  }
  const place = `${proxy.host}:${proxy.port}${proxy.hasCredentials ? ', with credentials' : ''}`
  const source = `${proxy.variable} (${place})`
  if (proxy.host === '') {
    return failed(`${proxy.variable} is no URL`, `Write ${proxy.variable} as http://HOST:PORT.`)
  }
  if (targets.length === 0) {
    return ok(`${source} is for none of the hosts: loopback, and what NO_PROXY names, is reached directly`)
  }
  const { address, fault } = await connect(proxy.host, proxy.port, limit)
  return address
    ? ok(`${source} takes connections, for ${targets.join(' and ')}`)
    : failed(`${source} takes no connection: ${fault}`, `Mend ${proxy.variable}, or name the hosts in NO_PROXY.`)
}

module.exports = { bareHost, checkProxy, findProxy, isLoopback, isProxied }
