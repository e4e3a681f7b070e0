// Overload, and clients that go away.
import { setTimeout as wait } from 'node:timers/promises'
import http from 'node:http'
import { request } from './drive.mjs'
import { startServer } from './server-process.mjs'

/** Clients of a burst. */
export const CLIENTS = 200
/** Tasks that may wait in the lane of files during the burst. */
export const ROOM = 16
/** Milliseconds in which is counted what is spent for clients that have left. */
export const AFTER = 2500

/**
 * All clients at once, at a lane with little room. A client that is refused comes back after Retry-After, plus a random part.
 *
 * @param {{ files: string }} options
 */
export async function overload ({ files }) {
  const server = await startServer({ files, bounds: { files: { maxQueue: ROOM } } })
  const agent = new http.Agent({ keepAlive: true })
  try {
    const url = `http://127.0.0.1:${server.port}/sidelane/file?name=archive.bin`
    for (let i = 0; i < 3; i++) await request(url, 'GET', undefined, agent)
    await connect(server.port, agent)
    await server.ask('start')
    const start = performance.now()
    /** @type {number[]} */
    const refusedAfter = []
    /** @type {Set<string>} */
    const retryAfter = new Set()
    const clients = await Promise.all(Array.from({ length: CLIENTS }, async () => {
      for (let tries = 1; tries <= 20; tries++) {
        const sent = performance.now()
        const { status, headers } = await request(url, 'GET', undefined, agent)
        if (status === 200) return { tries, served: true }
        if (status !== 503 || headers['retry-after'] === undefined) return { tries, served: false }
        refusedAfter.push(performance.now() - sent)
        retryAfter.add(headers['retry-after'])
        await wait(Number(headers['retry-after']) * 1000 * (1 + Math.random()))
      }
      return { tries: 20, served: false }
    }))
    const seconds = (performance.now() - start) / 1000
    const loop = await server.ask('stop', { at: Date.now() })
    refusedAfter.sort((a, b) => a - b)
    return {
      seconds,
      served: clients.filter(({ served }) => served).length,
      servedAtOnce: clients.filter(({ served, tries }) => served && tries === 1).length,
      mostTries: Math.max(...clients.map(({ tries }) => tries)),
      refused: refusedAfter.length,
      refusedP50: refusedAfter[refusedAfter.length >> 1] ?? 0,
      refusedMax: refusedAfter.at(-1) ?? 0,
      retryAfter: [...retryAfter].sort(),
      loop: { p99: loop.p99, max: loop.max }
    }
  } finally {
    agent.destroy()
    await server.end()
  }
}

/**
 * All clients ask for a digest of the document, and hang up 300 ms later.
 *
 * @param {'inline' | 'sidelane'} side
 * @param {{ files: string }} options
 */
export async function disconnect (side, { files }) {
  const server = await startServer({ files, bounds: {} })
  const agent = new http.Agent({ keepAlive: true })
  try {
    const url = `http://127.0.0.1:${server.port}/${side}/documents/catalogue/digest`
    for (let i = 0; i < 3; i++) await request(url, 'GET', undefined, agent)
    await connect(server.port, agent)
    await server.ask('start')
    let answered = 0
    const clients = Array.from({ length: CLIENTS }, () => http.get(url, { agent }, (response) => {
      answered++
      response.resume()
    }).on('error', () => {}))
    await wait(300)
    for (const client of clients) client.destroy()
    const left = Date.now()
    const served = answered
    const idleAt = side === 'sidelane' ? await server.ask('idle', { lane: 'documents' }) : undefined
    const stats = side === 'sidelane' ? await server.ask('stats', { lane: 'documents' }) : undefined
    await wait(left + AFTER - Date.now())
    const { cpuMs } = await server.ask('cpuBetween', { from: left, to: left + AFTER })
    const { status } = await request(url, 'GET')
    return { served, cpuMs, freeAfterMs: idleAt && Math.max(0, idleAt - left), stats, servesAgain: status === 200 }
  } finally {
    agent.destroy()
    await server.end()
  }
}

/**
 * Connections for all clients, before they ask: libuv accepts one for each turn of the loop.
 *
 * @param {number} port
 * @param {http.Agent} agent
 */
async function connect (port, agent) {
  await Promise.all(Array.from({ length: CLIENTS }, () => request(`http://127.0.0.1:${port}/ping`, 'GET', undefined, agent)))
}
