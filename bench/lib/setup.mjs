// Everything a fresh clone lacks: the peers, the bench addon, Sidelane itself, the Node of the published figures.
import { copyFileSync, existsSync, readdirSync, renameSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { npm, root, run } from '../../scripts/tools.mjs'

const bench = path.join(root, 'bench')

/** @param {string} file */
const modified = (file) => (existsSync(file) ? statSync(file).mtimeMs : 0)

/** @param {string[]} files */
const newest = (files) => Math.max(0, ...files.map(modified))

/** npm ci writes node_modules/.package-lock.json last: older than the lock file means an unfinished or an outdated install. */
function installPeers () {
  if (modified(path.join(bench, 'node_modules/.package-lock.json')) >= modified(path.join(bench, 'package-lock.json'))) return
  console.log('Installing the peers (bench/node_modules)')
  npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: bench })
}

function buildAddon () {
  const crate = path.join(bench, 'addon')
  const addon = path.join(crate, 'bench-addon.node')
  const sources = ['Cargo.toml', 'Cargo.lock', 'src/lib.rs', 'src/clocks.rs', 'src/async_task.rs'].map((file) => path.join(crate, file))
  if (modified(addon) >= newest(sources)) return
  console.log('Building the bench addon')
  run('cargo', ['build', '--release', '--locked'], { cwd: crate })
  const library = process.platform === 'darwin' ? 'libsidelane_bench_addon.dylib' : 'libsidelane_bench_addon.so'
  // Copied beside, then renamed: a process that has the old file mapped keeps it.
  copyFileSync(path.join(process.env.CARGO_TARGET_DIR ?? path.join(crate, 'target'), 'release', library), `${addon}.tmp`)
  renameSync(`${addon}.tmp`, addon)
}

/** Where the addon lies that require('sidelane') loads in this clone. */
export function sidelaneBinary () {
  if (process.env.SIDELANE_NATIVE_LIBRARY_PATH) return process.env.SIDELANE_NATIVE_LIBRARY_PATH
  const { hostAbi } = createRequire(import.meta.url)('../../lib/binding.js')
  return path.join(root, `sidelane.${hostAbi()}.node`)
}

function buildSidelane () {
  const binary = sidelaneBinary()
  if (!existsSync(binary)) {
    console.log('Building Sidelane')
    run(process.execPath, [path.join(root, 'scripts/build.mjs')])
  }
}

/** Figures of an outdated binary would be figures of nothing. */
export function isStale () {
  const folders = ['src', ...readdirSync(path.join(root, 'crates')).map((crate) => `crates/${crate}/src`)]
  const sources = folders.flatMap((folder) => {
    return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => path.join(root, folder, file))
  })
  return modified(sidelaneBinary()) < newest([path.join(root, 'Cargo.lock'), ...sources])
}

export function prepare () {
  installPeers()
  buildAddon()
  buildSidelane()
}
