// What a fresh clone lacks: the addon (cargo builds only what changed) and the example's packages.
import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { npm, root, run } from '../../../scripts/tools.mjs'

const example = fileURLToPath(new URL('..', import.meta.url))

export function buildAddon () {
  run(process.execPath, [path.join(root, 'scripts', 'build.mjs')])
}

/** npm ci, when node_modules is missing or older than the lock file. */
export function installPackages () {
  const installed = path.join(example, 'node_modules', '.package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(path.join(example, 'package-lock.json')).mtimeMs) return
  npm(['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], { cwd: example })
}
