// Other versions of Node, from the npm packages that carry its binary.
//   node scripts/nodes.mjs MAJOR... -- ARGUMENTS      runs `node ARGUMENTS` with each, and fails if one fails
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { cached, npm, run } from './tools.mjs'

/** The versions that we test with, by major. The one place that says them. */
export const NODES = { 20: '20.20.2', 22: '22.23.3', 24: '24.21.0', 26: '26.10.0' }

/**
 * The program of Node `major`: the running one if it is of that major, else one in .cache/nodes, installed if need be.
 * The platform's own package, not `node`, whose install script would fetch it.
 *
 * @param {number} major
 * @param {{ version?: string }} [options]
 * @returns {Promise<string>}
 */
export async function nodeBinary (major, { version = NODES[/** @type {keyof typeof NODES} */ (major)] } = {}) {
  if (Number(process.versions.node.split('.')[0]) === major) return process.execPath
  if (version === undefined) throw new Error(`no version of Node ${major} is pinned in scripts/nodes.mjs`)
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) {
    throw new Error(`Node ${major} cannot be installed here for ${process.platform}-${process.arch}: run this script with a Node ${major} of your own`)
  }
  const name = `node-linux-${process.arch}`
  const directory = cached(path.join('nodes', String(major)), `${name}@${version}`, (to) => {
    npm(['install', '--prefix', to, '--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', `${name}@${version}`], { quiet: true })
  })
  return path.join(directory, 'node_modules', name, 'bin', 'node')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const split = process.argv.indexOf('--')
  const args = split < 0 ? [] : process.argv.slice(split + 1)
  const majors = process.argv.slice(2, split < 0 ? undefined : split).map(Number)
  if (majors.length === 0 || args.length === 0 || majors.some(Number.isNaN)) throw new Error(readFileSync(fileURLToPath(import.meta.url), 'utf8').split('\n')[1])
  const failed = []
  for (const major of majors) {
    const node = await nodeBinary(major)
    console.log(`\n# Node ${major}: ${run(node, ['--version'], { quiet: true }).trim()}`)
    try {
      run(node, args)
    } catch (error) {
      console.error(/** @type {Error} */ (error).message)
      failed.push(major)
    }
  }
  if (failed.length > 0) {
    console.error(`failed on Node ${failed.join(', ')}`)
    process.exitCode = 1
  }
}
