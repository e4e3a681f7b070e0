// Packs what is published: the root package and the platforms' packages.
//   node scripts/pack.mjs --out DIR [--binaries DIR]
// --binaries DIR holds sidelane.<abi>.node for every platform; without it only the root package is packed.
//
// The root's `optionalDependencies` are written here, into the staged manifest, and are not in the repository's package.json: there they would name
// packages of a version that the registry does not have until after the release, and `npm ci` refuses a lock file that cannot hold them.
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { optionalDependencies, platformManifest } from './npm-manifests.mjs'
import { manifest, npm, root } from './tools.mjs'

/** @type {{ ABIS: string[] }} */
const { ABIS } = createRequire(import.meta.url)('../lib/binding.js')

/**
 * @param {string} out directory of the tarball
 * @param {(stage: string) => void} fill
 * @returns {string} the tarball
 */
function pack (out, fill) {
  const stage = mkdtempSync(path.join(tmpdir(), 'sidelane-pack-'))
  try {
    fill(stage)
    mkdirSync(out, { recursive: true })
    const [{ filename }] = JSON.parse(npm(['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', path.resolve(out)], { cwd: stage, quiet: true }))
    return path.resolve(out, filename)
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}

/**
 * @param {string} out
 * @returns {string} the tarball
 */
export function packRoot (out) {
  return pack(out, (stage) => {
    // What only developers need stays behind.
    const { scripts: _scripts, devDependencies: _devDependencies, ...published } = manifest
    writeFileSync(path.join(stage, 'package.json'), `${JSON.stringify({ ...published, optionalDependencies: optionalDependencies() }, null, 2)}\n`)
    for (const file of manifest.files) {
      if (!existsSync(path.join(root, file))) throw new Error(`package.json lists ${file} in "files", and it does not exist`)
      cpSync(path.join(root, file), path.join(stage, file), { recursive: true })
    }
  })
}

/**
 * @param {string} abi
 * @param {string} binary
 * @param {string} out
 * @returns {string} the tarball
 */
export function packPlatform (abi, binary, out) {
  return pack(out, (stage) => {
    cpSync(path.join(root, 'npm', abi), stage, { recursive: true })
    copyFileSync(binary, path.join(stage, String(platformManifest(abi).main)))
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values: { out, binaries } } = parseArgs({ options: { out: { type: 'string' }, binaries: { type: 'string' } } })
  if (!out) throw new Error('--out DIR is missing')
  if (binaries) {
    const missing = ABIS.filter((abi) => !existsSync(path.join(binaries, `sidelane.${abi}.node`)))
    if (missing.length > 0) throw new Error(`${binaries} has no binary for ${missing.join(', ')}: nothing was packed`)
    for (const abi of ABIS) console.log(packPlatform(abi, path.join(binaries, `sidelane.${abi}.node`), out))
  }
  console.log(packRoot(out))
}
