// Everything that is judged without running the product.
//   node scripts/lint.mjs [NAME...]      all, or only those named
import { createRequire } from 'node:module'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { packRoot } from './pack.mjs'
import { installDependencies, manifest, run, tool } from './tools.mjs'

/** @type {Record<string, () => void>} */
const CHECKS = {
  rustfmt: () => run('cargo', ['fmt', '--all', '--check']),
  oxlint: () => tool('oxlint/bin/oxlint', ['--deny-warnings']),
  tsc: () => tool('typescript/bin/tsc', ['-p', 'tsconfig.json']),
  manifests: () => run(process.execPath, ['scripts/npm-manifests.mjs', '--check']),
  workflows: () => run(process.execPath, ['scripts/lint-workflows.mjs']),
  'install-scripts': installScripts,
  'docs-api': () => run(process.execPath, ['scripts/docs-api.mjs', '--check']),
  package: packageLint,
  clippy: () => run('cargo', ['clippy', '--workspace', '--all-targets', '--locked', '--quiet', '--', '-D', 'warnings'])
}

installDependencies()
const names = process.argv.slice(2)
const unknown = names.filter((name) => !CHECKS[name])
if (unknown.length > 0) throw new Error(`no such check: ${unknown.join(', ')}; there are ${Object.keys(CHECKS).join(', ')}`)

const failed = []
for (const [name, check] of Object.entries(CHECKS)) {
  if (names.length > 0 && !names.includes(name)) continue
  const start = Date.now()
  try {
    check()
    console.log(`lint: ${name} passed (${((Date.now() - start) / 1000).toFixed(1)} s)`)
  } catch (error) {
    failed.push(name)
    console.error(`lint: ${name} failed: ${/** @type {Error} */ (error).message}`)
  }
}
if (failed.length > 0) {
  console.error(`lint failed: ${failed.join(', ')}`)
  process.exitCode = 1
}

/** The packed root package, as it would be published: its exports and files (publint), and its types under every kind of resolution (attw). */
function packageLint () {
  const out = mkdtempSync(path.join(tmpdir(), 'sidelane-lint-'))
  try {
    const tarball = packRoot(out)
    tool('publint/src/cli.js', ['run', tarball, '--strict'])
    tool('@arethetypeswrong/cli/dist/index.js', [tarball, '--no-color', '--no-emoji', '--format', 'ascii'])
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
}

/** Neither we nor what we develop with may run code at install time: current npm versions refuse it, and so should every reader of the lock file. */
function installScripts () {
  const own = ['preinstall', 'install', 'postinstall', 'prepare'].filter((name) => name in manifest.scripts)
  if (own.length > 0) throw new Error(`package.json has ${own.join(', ')}`)
  const { packages } = createRequire(import.meta.url)('../package-lock.json')
  const found = Object.entries(packages).filter(([, entry]) => entry.hasInstallScript).map(([name]) => name)
  if (found.length > 0) throw new Error(`these run a script when they are installed: ${found.join(', ')}`)
  // .npmrc keeps them out.
  const resolved = Object.entries(packages).filter(([, entry]) => entry.resolved).map(([name]) => name)
  if (resolved.length > 0) throw new Error(`package-lock.json says from which registry it was made, for ${resolved.join(', ')}`)
}
