// A worker that asks for /ping every 25 ms, whether or not the last answer has come: a client does not wait for others.
import http from 'node:http'
import { performance } from 'node:perf_hooks'
import { parentPort, workerData } from 'node:worker_threads'

const EVERY = 25
const agent = new http.Agent({ keepAlive: true })
/** @type {number[]} */
const answered = []
/** When those were sent that have no answer yet. @type {Set<number>} */
const open = new Set()
let errors = 0

function ping () {
  const sent = performance.now()
  open.add(sent)
  const request = http.get({ host: '127.0.0.1', port: workerData.port, path: '/ping', agent }, (response) => {
    response.resume().once('end', () => {
      if (!open.delete(sent)) return
      answered.push(performance.now() - sent)
      if (response.statusCode !== 200) errors++
    })
  })
  request.on('error', () => { if (open.delete(sent)) errors++ })
}

/** @type {NodeJS.Timeout | undefined} */
let timer

parentPort?.on('message', (message) => {
  if (message === 'start') {
    ping()
    timer = setInterval(ping, EVERY)
    return
  }
  clearInterval(timer)
  // Those without an answer count with the time that they have waited: it is at least that.
  const now = performance.now()
  parentPort?.postMessage({ latencies: [...answered, ...[...open].map((sent) => now - sent)], unanswered: open.size, errors })
  open.clear()
  agent.destroy()
})
