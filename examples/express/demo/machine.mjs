// What a figure needs beside it to mean something.
import { createRequire } from 'node:module'
import os from 'node:os'
import { readFileSync } from 'node:fs'

const require = createRequire(import.meta.url)

/** @param {any} runtime what Sidelane's runtime() found in the server */
export function describe (runtime) {
  let distribution = ''
  try {
    distribution = /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? ''
  } catch {} // Not Linux.
  const version = (/** @type {string} */ name) => require(`${name}/package.json`).version
  return {
    date: new Date().toISOString().slice(0, 16).replace('T', ' ') + ' UTC',
    machine: `${os.cpus()[0]?.model.trim() ?? 'unknown CPU'}, ${os.availableParallelism()} cores, ${Math.round(os.totalmem() / 2 ** 30)} GiB`,
    system: [distribution, os.type(), os.release(), process.arch].filter(Boolean).join(' '),
    versions: `Node ${process.versions.node}, Sidelane ${runtime.addonVersion}, Express ${version('express')}, autocannon ${version('autocannon')}`,
    runtime: `libuv pool of ${runtime.threadPoolSize} threads, of which Sidelane uses at most ${runtime.runnerLimit} at a time`,
    load: `${os.loadavg()[0].toFixed(1)} runnable threads on average over the minute before`
  }
}
