'use strict'

const fs = require('node:fs')
const net = require('node:net')
const path = require('node:path')
const { once } = require('node:events')
const { setTimeout: wait } = require('node:timers/promises')
const { makeTokenAnswer } = require('./bodies.js')
const { capture, end, start } = require('./processes.js')

/** How long it may take to listen, in tries of 50 ms. */
const TRIES = 100

/**
 * Starts nginx with one worker.
 *
 * @param {string} program
 * @param {string} directory holds the certificates and bodies, and gets what nginx writes
 * @returns {Promise<import('../types.d.ts').Server>}
 */
async function startNginx(program, directory) {
  const silent = await startSilent()
  const [plain, tls] = await Promise.all([freePort(), freePort()])
  fs.writeFileSync(path.join(directory, 'nginx.conf'), configuration({ plain, tls, silent: silent.port }))
  const errorLog = path.join(directory, 'error.log')
  const args = ['-p', directory, '-c', 'nginx.conf', '-e', errorLog]
  const child = start(program, args, { stdio: 'ignore' })
  await listening([plain, tls], () => {
    if (child.exitCode !== null) {
      throw new Error(`nginx does not start: ${fs.readFileSync(errorLog, 'utf8').trim()}`)
    }
  })
  const { errors } = await capture(program, ['-v'])
  return {
    name: errors.trim().replace(/^nginx version: nginx\//, 'nginx '),
    plain: `http://127.0.0.1:${plain}`,
    tls: `https://127.0.0.1:${tls}`,
    async close() {
      await end(child)
      silent.close()
    },
  }
}

/** @param {{ plain: number, tls: number, silent: number }} ports */
function configuration({ plain, tls, silent }) {
  return `daemon off;
worker_processes 1;
${process.getuid?.() === 0 ? 'user root;' : ''}
pid nginx.pid;
error_log error.log error;
events { worker_connections 8192; }
http {
  access_log off;
  client_body_temp_path temp-body;
  proxy_temp_path temp-proxy;
  fastcgi_temp_path temp-fastcgi;
  uwsgi_temp_path temp-uwsgi;
  scgi_temp_path temp-scgi;
  default_type application/json;
  sendfile on;
  tcp_nodelay on;
  open_file_cache max=100 inactive=1h;
  keepalive_timeout 1h;
  keepalive_requests 1000000000;
  server {
    listen 127.0.0.1:${plain} backlog=4096;
    listen 127.0.0.1:${tls} ssl backlog=4096;
    ssl_certificate server.pem;
    ssl_certificate_key server.key;
    ssl_protocols TLSv1.2 TLSv1.3;
    root .;
    location = /token { return 200 '${makeTokenAnswer()}'; }
    location /body/ { }
    location = /silent { proxy_pass http://127.0.0.1:${silent}; proxy_read_timeout 1h; }
  }
}
`
}

/** Starts what nginx asks for an answer that never comes. */
async function startSilent() {
  const server = net.createServer((socket) => socket.on('error', () => {}).resume())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  server.unref()
  return { port: portOf(server), close: () => server.close() }
}

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = portOf(server)
  server.close()
  await once(server, 'close')
  return port
}

/** @param {net.Server} server */
function portOf(server) {
  return /** @type {net.AddressInfo} */ (server.address()).port
}

/**
 * Waits until something listens at every port.
 *
 * @param {number[]} ports
 * @param {() => void} check throws if nothing ever will
 */
async function listening(ports, check) {
  for (let tried = 0; tried < TRIES; tried++) {
    check()
    const answering = await Promise.all(ports.map(isAnswering))
    if (answering.every(Boolean)) return
    await wait(50)
  }
  throw new Error('nginx does not listen.')
}

/** @param {number} port */
function isAnswering(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1')
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
}

module.exports = { startNginx }
