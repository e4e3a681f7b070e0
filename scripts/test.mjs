// npm test: installs and builds what is missing, then runs every test, fast ones first. It needs Rust, Node and a C linker.
//   node scripts/test.mjs [STEP...]      all steps, or only those named
import { createRequire } from 'node:module'
import path from 'node:path'
import { installDependencies, root, run, tool } from './tools.mjs'

const { hostAbi } = createRequire(import.meta.url)('../lib/binding.js')
const script = (/** @type {string} */ name, /** @type {string[]} */ ...args) => run(process.execPath, [path.join(root, 'scripts', name), ...args])

/** @type {[name: string, run: () => void][]} */
const STEPS = [
  ['lint', () => script('lint.mjs')],
  ['types', () => script('test-types.mjs')],
  ['rust', () => run('cargo', ['test', '--workspace', '--locked'])],
  // cargo builds only what changed, so a stale addon is never tested.
  ['build', () => script('build.mjs')],
  ['build:test', () => script('build.mjs', '--faults')],
  ['js', () => tool('ava/entrypoints/cli.mjs')],
  ['loom', () => script('loom.mjs')],
  ['nodes', () => script('nodes.mjs', '22', '24', '26', '--', path.join(root, 'node_modules', 'ava', 'entrypoints', 'cli.mjs'))],
  ['pack', () => script('pack-smoke.mjs')]
]

/** Node binaries from the registry, zig's glibc. */
const LINUX_ONLY = ['nodes', 'pack']

if (hostAbi() === undefined) throw new Error(`Sidelane has no binary for ${process.platform}-${process.arch}`)
const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !STEPS.some(([step]) => step === name))
if (unknown.length > 0) throw new Error(`no such step: ${unknown.join(', ')}; there are ${STEPS.map(([name]) => name).join(', ')}`)

installDependencies()
const lines = []
let failed = 0
for (const [name, step] of STEPS) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  if (LINUX_ONLY.includes(name) && process.platform !== 'linux') {
    lines.push(`skipped ${name.padEnd(12)} it needs packages that there are for Linux only`)
    continue
  }
  console.log(`\n== ${name}`)
  const start = Date.now()
  try {
    step()
    lines.push(`passed  ${name.padEnd(12)} ${((Date.now() - start) / 1000).toFixed(0).padStart(4)} s`)
  } catch (error) {
    console.error(/** @type {Error} */ (error).message)
    lines.push(`FAILED  ${name}`)
    failed++
    break // What follows builds on it.
  }
}
const passed = lines.filter((line) => line.startsWith('passed')).length
console.log(`\n${lines.join('\n')}\nsteps: ${passed} passed, ${failed} failed`)
if (failed > 0) process.exitCode = 1
