// node-re2, a peer that has to be compiled for the Node that runs it. Its sources are in its package, the headers beside Node's program: nothing is fetched.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const modules = fileURLToPath(new URL('../node_modules', import.meta.url))
const directory = path.join(modules, 're2')
/** Which Node it was built for, and why it could not be: tried once. */
const stamp = path.join(directory, '.built.json')
/** It takes about three on two cores. */
const MINUTES = 15

/** @returns {{ node?: string, failure?: string }} */
function built () {
  return existsSync(stamp) ? JSON.parse(readFileSync(stamp, 'utf8')) : {}
}

/**
 * Builds it unless that was tried before for this Node. Needs a C++ compiler, make and Python.
 *
 * @param {string} node the program of the Node that benchmarks run with
 */
export function buildRe2 (node) {
  if (built().node === node) return
  console.log('Building node-re2 (some minutes, once)')
  const failure = compile(node)
  writeFileSync(stamp, JSON.stringify({ node, failure }))
  if (failure !== undefined) console.log(`node-re2 is left out: ${failure}`)
}

/** @param {string} node @returns {string | undefined} why it failed */
function compile (node) {
  const nodedir = path.dirname(path.dirname(node))
  // Without them node-gyp would fetch them.
  if (!existsSync(path.join(nodedir, 'include', 'node', 'node.h'))) return `no headers in ${nodedir}`
  const { status, error, signal, stderr } = spawnSync(node, [path.join(modules, 'node-gyp', 'bin', 'node-gyp.js'), 'rebuild', '-j', 'max', `--nodedir=${nodedir}`], {
    // npm's settings come before arguments: `nodedir` of a user's .npmrc would be that of another Node.
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name))),
    cwd: directory, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'], maxBuffer: 2 ** 28, timeout: MINUTES * 60_000
  })
  if (status === 0) {
    const loaded = spawnSync(node, ['-e', 'require("re2")'], { cwd: directory, encoding: 'utf8' })
    return loaded.status === 0 ? undefined : /Error: (.*)/.exec(loaded.stderr)?.[1] ?? 'it does not load'
  }
  if (error !== undefined) return error.message
  return /gyp ERR! stack Error: (.*)/.exec(stderr)?.[1] ?? `node-gyp ended with ${signal ?? `exit code ${status}`}`
}

/**
 * The class, or why there is none.
 *
 * @returns {Promise<{ Class?: any, failure?: string }>}
 */
export async function loadRe2 () {
  try {
    return { Class: (await import('re2')).default }
  } catch {
    return { failure: built().failure ?? 'no binary for this Node' }
  }
}
