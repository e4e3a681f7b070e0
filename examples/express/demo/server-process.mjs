// Starts and ends demo/child.mjs, and asks it things.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('child.mjs', import.meta.url))
/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set()
// However the demo ends, no server outlives it.
process.on('exit', () => { for (const child of running) child.kill('SIGKILL') })
for (const signal of /** @type {NodeJS.Signals[]} */ (['SIGINT', 'SIGTERM'])) process.once(signal, () => process.exit(1))

/**
 * @typedef {object} ServerProcess
 * @property {number} port
 * @property {(command: string, more?: object) => Promise<any>} ask
 * @property {() => Promise<void>} end
 */

/**
 * A server of its own for each measurement: memory and warm caches of one do not colour the next.
 *
 * @param {object} options for the server
 * @returns {Promise<ServerProcess>}
 */
export async function startServer (options) {
  const child = fork(program, [JSON.stringify(options)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  running.add(child)
  child.once('exit', () => running.delete(child))
  /** @type {Map<number, { resolve: (value: any) => void, reject: (error: Error) => void }>} */
  const asked = new Map()
  const port = await new Promise((resolve, reject) => {
    asked.set(-1, { resolve, reject })
    child.on('message', (/** @type {any} */ { id = -1, port, value }) => {
      asked.get(id)?.resolve(port ?? value)
      asked.delete(id)
    })
    child.once('exit', (code, signal) => {
      for (const { reject } of asked.values()) reject(new Error(`the server ended: ${signal ?? `exit code ${code}`}`))
      asked.clear()
    })
  })
  let count = 0
  return {
    port,
    ask: (command, more) => new Promise((resolve, reject) => {
      const id = count++
      asked.set(id, { resolve, reject })
      child.send({ ...more, id, command }, (error) => { if (error) reject(error) })
    }),
    end: async () => {
      if (!running.has(child)) return
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    }
  }
}
