// The load: 200 connections that ask for digests, and a ping on a cheap route every 25 ms.
import http from 'node:http'
import autocannon from 'autocannon'
import { argument, report } from '../lib/fresh.mjs'
import { quantile } from '../lib/stats.mjs'

const { port, seconds } = argument()
const CONNECTIONS = 200
const agent = new http.Agent({ keepAlive: true })

/** When each ping that waits was sent. @type {Set<number>} */
const waiting = new Set()
/** @type {number[]} */
const pings = []

function ping () {
  const begin = performance.now()
  waiting.add(begin)
  http.get({ port, host: '127.0.0.1', path: '/ping', agent }, (response) => {
    response.resume()
    response.once('end', () => {
      waiting.delete(begin)
      pings.push(performance.now() - begin)
    })
  }).once('error', () => { /* It stays among the waiting. */ })
}

// A server that has run for a while: Express compiled, connections tried.
const url = `http://127.0.0.1:${port}`
await autocannon({ url: `${url}/ping`, connections: CONNECTIONS, amount: 4000 })
await autocannon({ url: `${url}/digest`, connections: 4, amount: 16, timeout: 120 })

process.send?.('ready')
await new Promise((resolve) => { process.once('message', resolve) })
const timer = setInterval(ping, 25)
const result = await autocannon({ url: `${url}/digest`, connections: CONNECTIONS, duration: seconds, timeout: 120 })
clearInterval(timer)
const end = performance.now()
for (const begin of waiting) pings.push(end - begin)

const answered = result['2xx']
report({
  answered,
  perSecond: answered / result.duration,
  // Requests under way at the end are not counted.
  failed: result.non2xx + result.errors + result.timeouts,
  pingP50Ms: quantile(pings, 0.5),
  pingP99Ms: quantile(pings, 0.99)
})
