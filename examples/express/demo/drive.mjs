// One server under one load.
import { once } from 'node:events'
import http from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import autocannon from 'autocannon'
import { startServer } from './server-process.mjs'

/**
 * @typedef {object} Round
 * @property {number} seconds
 * @property {number} answered
 * @property {number} refused 503
 * @property {number} wrong answers that are neither a right digest nor a 503, and those that never came
 * @property {{ latencies: number[], unanswered: number, errors: number }} pings
 * @property {{ p50: number, p99: number, max: number, delays: number[], busy: number, cpuMs: number, peakRss: number }} loop
 */

/**
 * @param {import('./scenarios.mjs').Scenario} scenario
 * @param {import('./scenarios.mjs').Variant} variant
 * @param {{ files: string, bodies: Record<string, Buffer>, seconds: number, digests: Record<string, string> }} options what is sent, and what a right answer holds, by scenario
 * @returns {Promise<Round>}
 */
export async function drive ({ id, method, route, connections, headers = {}, body: own, answer }, { base }, { files, bodies, seconds, digests }) {
  const body = own ?? bodies[id]
  const server = await startServer({ files, bounds: {} })
  try {
    const url = `http://127.0.0.1:${server.port}`
    // Compiled code and filled caches: a server that has been up for a while.
    for (let i = 0; i < 3; i++) await request(url + base + route, method, body, undefined, headers)

    const pinger = new Worker(new URL('pinger.mjs', import.meta.url), { workerData: { port: server.port } })
    const load = startLoad(url, { method, path: base + route, body, headers, connections, digest: base === '/read-only' ? '{}' : answer ?? digests[id] })
    await load.connected
    pinger.postMessage('start')
    await server.ask('start')
    const start = performance.now()
    load.begin()
    await wait(seconds * 1000)
    const { answered, refused, wrong, lost } = load.end()
    const elapsed = (performance.now() - start) / 1000
    const stopped = server.ask('stop', { at: Date.now() })
    const ponged = once(pinger, 'message')
    pinger.postMessage('stop')
    const [pings] = await ponged
    const loop = await stopped
    await pinger.terminate()
    return { seconds: elapsed, answered, refused, wrong: wrong + lost, pings, loop }
  } finally {
    await server.end()
  }
}

/**
 * Connections that first ask for /ping, until all of them are there: since version 1.45 libuv accepts one for each turn of the loop, so a server that is loaded at once would hide behind its
 * own slowness. From begin() on they ask for what is measured.
 *
 * @param {string} url
 * @param {{ method: string, path: string, body: Buffer, headers: Record<string, string>, connections: number, digest: string }} options
 */
function startLoad (url, { method, path, body, headers, connections, digest }) {
  const { host } = new URL(url)
  // One buffer for all connections: autocannon would make each its own, 200 times 8 MiB.
  const fields = Object.entries({ Host: host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  const head = `${method} ${path} HTTP/1.1\r\n${fields.join('')}`
  const measured = method === 'GET'
    ? Buffer.from(`${head}\r\n`)
    : Buffer.concat([Buffer.from(`${head}Content-Type: application/octet-stream\r\nContent-Length: ${body.length}\r\n\r\n`), body])
  /** @type {any[]} */
  const clients = []
  const seen = new Set()
  const count = { answered: 0, refused: 0, wrong: 0, lost: 0 }
  let begun = false
  let over = false
  /** @type {() => void} */
  let allConnected
  const connected = new Promise((/** @type {(value?: undefined) => void} */ resolve) => { allConnected = resolve })

  const tracker = autocannon({
    url: `${url}/ping`,
    connections,
    duration: 600, // end() stops it.
    timeout: 60,
    setupClient: (/** @type {any} */ client) => { clients.push(client) },
    verifyBody: (/** @type {string} */ text) => {
      if (over || text === 'pong') return true
      if (text.includes(digest)) count.answered++
      else if (/"error":"ERR_(LANE|UPLOADS)_FULL"/.test(text)) count.refused++
      else count.wrong++
      return true
    }
  }, () => {})
  tracker.on('response', (/** @type {any} */ client) => {
    if (begun) return
    seen.add(client)
    if (seen.size === connections) allConnected()
  })
  tracker.on('reqError', () => { if (!over) count.lost++ })
  return {
    connected,
    begin () {
      begun = true
      // What each connection sends next.
      for (const client of clients) client.requestIterator.currentRequest.requestBuffer = measured
    },
    end () {
      over = true
      tracker.stop()
      for (const client of clients) client.destroy()
      return count
    }
  }
}

/**
 * @param {string} url
 * @param {string} method
 * @param {Buffer} [body]
 * @param {http.Agent} [agent]
 * @param {Record<string, string>} [headers]
 * @returns {Promise<{ status: number, headers: http.IncomingHttpHeaders, text: string }>}
 */
export function request (url, method, body, agent, headers = {}) {
  return new Promise((resolve, reject) => {
    const sent = http.request(url, { method, agent, headers: body ? { ...headers, 'Content-Length': body.length } : headers }, async (response) => {
      try {
        let text = ''
        for await (const chunk of response.setEncoding('utf8')) text += chunk
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text })
      } catch (error) {
        reject(error)
      }
    })
    sent.once('error', reject).end(body)
  })
}
