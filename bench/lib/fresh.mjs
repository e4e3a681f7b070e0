// Fresh processes: for what a process can show only once (its peak memory, its start) or what contenders would spoil for each other (libuv's pool).
import { fork, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Whether a process can be kept on one core. */
export const canPin = process.platform === 'linux' && spawnSync('taskset', ['--version']).status === 0

/** Keeps the child on the last core that we may use; the first one serves most interrupts. */
function pinned () {
  const core = /^Cpus_allowed_list:.*?(\d+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '0'
  return { execPath: 'taskset', execArgv: ['--cpu-list', core, process.execPath, '--expose-gc'] }
}

/**
 * Forks a script of children/ with one argument, which it finds with {@link argument}.
 * @param {string} script a file name in children/
 * @param {unknown} input anything that JSON carries
 * @param {{ oneCore?: boolean }} [options] oneCore: only where {@link canPin}
 */
export function start (script, input, { oneCore = false } = {}) {
  return fork(fileURLToPath(new URL(`../children/${script}`, import.meta.url)), [JSON.stringify(input)], {
    execArgv: ['--expose-gc'], serialization: 'advanced', ...(oneCore ? pinned() : {})
  })
}

/**
 * Runs a script of children/ to its end.
 * @param {string} script
 * @param {unknown} input
 * @param {{ oneCore?: boolean, limitMs?: number }} [options] limitMs: it is killed after that
 * @returns {Promise<any>} what the script passed to {@link report}
 */
export function fresh (script, input, { limitMs = 300_000, ...options } = {}) {
  const child = start(script, input, options)
  return new Promise((resolve, reject) => {
    /** @type {unknown} */
    let reported
    const timer = setTimeout(() => child.kill('SIGKILL'), limitMs)
    child.once('message', (message) => { reported = message })
    child.once('error', reject)
    // Only its end makes the child's CPU time known to this process (see load.mjs).
    child.once('exit', (code, signal) => {
      clearTimeout(timer)
      if (reported !== undefined) resolve(reported)
      else reject(new Error(`${script} ${JSON.stringify(input)} ended with ${signal ?? `code ${code}`} and no result`))
    })
  })
}

/** In a child: the argument that {@link start} gave. */
export const argument = () => JSON.parse(process.argv[2] ?? 'null')

/**
 * In a child: hands the result over and ends.
 * @param {unknown} result
 */
export function report (result) {
  process.send?.(result, () => process.exit(0))
}

/**
 * In a parent: the next message of a child; rejects if it ends first.
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<any>}
 */
export function nextMessage (child) {
  return new Promise((resolve, reject) => {
    /** @param {number | null} code @param {string | null} signal */
    const ended = (code, signal) => reject(new Error(`child ended early with ${signal ?? `code ${code}`}`))
    child.once('exit', ended)
    child.once('message', (message) => {
      child.off('exit', ended)
      resolve(message)
    })
  })
}

/**
 * In a parent: ends a child, and waits until it is gone.
 * @param {import('node:child_process').ChildProcess} child
 */
export async function stop (child) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => { child.once('exit', resolve) })
  child.kill('SIGKILL')
  await gone
}
