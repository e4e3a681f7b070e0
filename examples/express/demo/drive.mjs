// One server under one load.
import { once } from 'node:events'
import http from 'node:http'
import { Worker } from 'node:worker_threads'
import autocannon from 'autocannon'
import { startServer } from './server-process.mjs'

/**
 * @typedef {object} Round
 * @property {number} seconds
 * @property {number} answered
 * @property {number} refused 503
 * @property {number} other answers that are neither, and connection errors
 * @property {number} wrong answers with a wrong digest
 * @property {{ latencies: number[], unanswered: number, errors: number }} pings
 * @property {{ p50: number, p99: number, max: number, delays: number[], busy: number, cpuMs: number, peakRss: number }} loop
 */

/**
 * @param {import('./scenarios.mjs').Scenario} scenario
 * @param {import('./scenarios.mjs').Variant} variant
 * @param {{ files: string, body: Buffer, seconds: number, digests: Record<string, string> }} options
 * @returns {Promise<Round>}
 */
export async function drive ({ id, method, route, connections }, { base }, { files, body, seconds, digests }) {
  const server = await startServer({ files, bounds: {} })
  try {
    const url = `http://127.0.0.1:${server.port}`
    // Compiled code and filled caches: a server that has been up for a while.
    for (let i = 0; i < 3; i++) await request(url + base + route, method, method === 'POST' ? body : undefined)

    const pinger = new Worker(new URL('pinger.mjs', import.meta.url), { workerData: { port: server.port } })
    await server.ask('start')
    // One buffer for all connections: autocannon would make each its own, 200 times 8 MiB.
    const raw = method === 'POST' && Buffer.concat([
      Buffer.from(`POST ${base}${route} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nContent-Type: application/octet-stream\r\nContent-Length: ${body.length}\r\n\r\n`), body
    ])
    const expected = base === '/read-only' ? '' : digests[id]
    const load = await autocannon({
      url: url + base + route,
      method,
      connections,
      duration: seconds,
      sampleInt: 100,
      timeout: 30,
      setupClient: (/** @type {any} */ client) => { if (raw) client.requestIterator.currentRequest.requestBuffer = raw },
      verifyBody: (/** @type {string} */ text) => text.includes(expected) || text.includes('"error"')
    })
    const stopped = server.ask('stop', { at: Date.now() })
    const ponged = once(pinger, 'message')
    pinger.postMessage('stop')
    const [pings] = await ponged
    const loop = await stopped
    await pinger.terminate()
    const refused = load.statusCodeStats['503']?.count ?? 0
    return { seconds: load.duration, answered: load['2xx'], refused, other: load.non2xx - refused + load.errors, wrong: load.mismatches, pings, loop }
  } finally {
    await server.end()
  }
}

/**
 * @param {string} url
 * @param {string} method
 * @param {Buffer} [body]
 * @param {http.Agent} [agent]
 * @returns {Promise<{ status: number, headers: http.IncomingHttpHeaders, text: string }>}
 */
export function request (url, method, body, agent) {
  return new Promise((resolve, reject) => {
    const sent = http.request(url, { method, agent, headers: body && { 'Content-Length': body.length } }, async (response) => {
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
