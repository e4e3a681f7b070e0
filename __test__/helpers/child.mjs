// Child processes and workers, none of which can outlive or hang its test.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

export const helper = fileURLToPath(new URL('sidelane.cjs', import.meta.url))
/** What every script here begins with. */
const PRELUDE = `
  const s = require(${JSON.stringify(helper)})
  const { Lane, hash, hashSync, hashMany, runtime, spin, nap, fail, native } = s
  const sleep = require('node:timers/promises').setTimeout
  const { parentPort, workerData, Worker } = require('node:worker_threads')
  const quiet = (promise) => promise.catch(() => {})
  const block = (ms) => { const end = performance.now() + ms; while (performance.now() < end); }
`

/** So many at a time: the tests of a file run together, and measure time. */
const PLACES = 3
let taken = 0
/** @type {(() => void)[]} */
const line = []

/**
 * Runs a script to its end.
 *
 * @param {string} code
 * @param {{ env?: NodeJS.ProcessEnv, args?: string[], wrap?: string[], timeout?: number, prelude?: string, onOutput?: (text: string, child: import('node:child_process').ChildProcess) => void }} [options]
 * wrap: a command that runs the command
 */
export async function child (code, options) {
  if (taken === PLACES) await new Promise((resolve) => { line.push(resolve) })
  else taken++
  try {
    return await start(code, options)
  } finally {
    const next = line.shift()
    if (next) next()
    else taken--
  }
}

/** @type {typeof child} */
async function start (code, { env = {}, args = [], wrap = [], timeout = 30_000, prelude = PRELUDE, onOutput = () => {} } = {}) {
  const [command, ...rest] = [...wrap, process.execPath, '--expose-gc', '-e', prelude + code, ...args]
  const begun = performance.now()
  const running = spawn(command, rest, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], timeout, killSignal: 'SIGKILL' })
  let [stdout, stderr] = ['', '']
  running.stdout.on('data', (data) => {
    stdout += data
    onOutput(stdout, running)
  })
  running.stderr.on('data', (data) => { stderr += data })
  const [status, signal] = await once(running, 'close')
  return { status, signal, stdout: stdout.trim(), stderr, ms: performance.now() - begun }
}

/**
 * Starts a worker with that code; it must post a message when it is ready.
 *
 * @param {string} code
 * @param {import('node:worker_threads').WorkerOptions} [options]
 */
export async function worker (code, options) {
  const started = new Worker(PRELUDE + code, { eval: true, ...options })
  const [first] = await once(started, 'message')
  return { worker: started, first }
}
