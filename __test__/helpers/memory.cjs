'use strict'
// In a child process: calls for which there is less and less memory. Prints the outcomes of each call, by name.
const { execFileSync } = require('node:child_process')
const { readFileSync } = require('node:fs')

const MiB = 2 ** 20
const bytes = () => Number(/VmSize:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024
const allow = (limit) => execFileSync('prlimit', ['--pid', String(process.pid), `--as=${limit}:`])

/**
 * @param {Record<string, () => unknown>} calls
 * @param {number[]} rooms MiB that a call may take, beyond what the process has
 */
async function starve (calls, rooms) {
  /** @type {Record<string, string[]>} */
  const outcomes = {}
  for (const [name, call] of Object.entries(calls)) {
    outcomes[name] = []
    // Threads are started now: libuv ends the process when there is no memory for their stacks.
    await call()
    for (const room of rooms) {
      globalThis.gc()
      await new Promise((resolve) => { setTimeout(resolve, 5) })
      allow(bytes() + room * MiB)
      let outcome = 'done'
      try {
        await call()
      } catch (error) {
        outcome = `${error.constructor.name} ${error.code} ${error.received > error.limit}`
      }
      allow('unlimited')
      outcomes[name].push(outcome)
    }
  }
  console.log(JSON.stringify(outcomes))
}

module.exports = { starve }
