// Publishes all packages: the platforms' first, so that the root package never asks for one that is not there.
//   node scripts/publish.mjs --binaries DIR [--dry-run]
// Run by release.yml (trusted publishing, with provenance). Stopped half way, it can be run again: what is published already is left.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { packPlatform, packRoot } from './pack.mjs'
import { manifest, npm } from './tools.mjs'

/** @type {{ ABIS: string[] }} */
const { ABIS } = createRequire(import.meta.url)('../lib/binding.js')
const { values: { binaries, 'dry-run': dryRun } } = parseArgs({ options: { binaries: { type: 'string' }, 'dry-run': { type: 'boolean' } } })
if (!binaries) throw new Error('--binaries DIR is missing')

const file = (/** @type {string} */ abi) => path.join(binaries, `sidelane.${abi}.node`)
const missing = ABIS.filter((abi) => !existsSync(file(abi)))
if (missing.length > 0) throw new Error(`${binaries} has no binary for ${missing.join(', ')}: nothing was published`)

const out = mkdtempSync(path.join(tmpdir(), 'sidelane-publish-'))
try {
  // All are packed before the first is published: a failure then leaves nothing half done.
  const packages = [...ABIS.map((abi) => [`sidelane-${abi}`, packPlatform(abi, file(abi), out)]), ['sidelane', packRoot(out)]]
  for (const [name = '', tarball = ''] of packages) {
    if (!dryRun && published(name)) {
      console.log(`${name}@${manifest.version} is published already`)
      continue
    }
    const args = ['publish', tarball, '--access', 'public', '--tag', manifest.version.includes('-') ? 'next' : 'latest']
    npm(dryRun ? [...args, '--dry-run'] : [...args, '--provenance'])
  }
} finally {
  rmSync(out, { recursive: true, force: true })
}

/** @param {string} name */
function published (name) {
  const { status, stdout } = spawnSync('npm', ['view', `${name}@${manifest.version}`, 'version'], { encoding: 'utf8' })
  return status === 0 && stdout.trim() === manifest.version
}
