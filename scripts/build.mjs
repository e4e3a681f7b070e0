// Builds the addon and puts it where lib/binding.js looks first: sidelane.<abi>.node beside package.json.
//   node scripts/build.mjs [--debug] [--faults] [--target TRIPLE] [--zig] [--out FILE]
// --faults: with the operations that fail on purpose, as sidelane.faults.<abi>.node. Only tests name that file (SIDELANE_NATIVE_LIBRARY_PATH); it is never packed.
// --zig: links through zig; TRIPLE may then end in a glibc version, as x86_64-unknown-linux-gnu.2.17
import { copyFileSync, mkdirSync, renameSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { root, run, targetDir, zigbuild } from './tools.mjs'

const { hostAbi } = createRequire(import.meta.url)('../lib/binding.js')

const { values } = parseArgs({
  options: {
    debug: { type: 'boolean' }, faults: { type: 'boolean' }, zig: { type: 'boolean' }, target: { type: 'string' }, out: { type: 'string' }
  }
})
const { debug, faults, zig, target } = values

// Another target's file has no place here unless it is named.
const abi = target && !values.out ? undefined : hostAbi()
if (!abi && !values.out) throw new Error(target ? '--target needs --out FILE' : `lib/binding.js knows no name for a binary of ${process.platform}-${process.arch}: pass --out FILE`)
const out = path.resolve(values.out ?? path.join(root, `sidelane.${faults ? 'faults.' : ''}${abi}.node`))

const args = ['--lib', '--locked', '--package', 'sidelane']
if (!debug) args.push('--release')
if (faults) args.push('--features', 'faults')
if (target) args.push('--target', target)

/** @type {NodeJS.ProcessEnv} */
const env = {}
// Node is the program and has its own C library, so on musl it must not be linked in. On Windows it must: nothing else brings the Visual C++ runtime along.
const triple = target ?? ''
if (triple.includes('-musl') || (!target && abi?.endsWith('musl'))) env.RUSTFLAGS = `${process.env.RUSTFLAGS ?? ''} -C target-feature=-crt-static`.trim()
if (triple.includes('-windows-') || (!target && process.platform === 'win32')) env.RUSTFLAGS = `${process.env.RUSTFLAGS ?? ''} -C target-feature=+crt-static`.trim()

if (zig) {
  const { command, env: more } = zigbuild()
  // zig's clang 20 compiles no function for AVX-512 in a program for older CPUs. libdeflate has such checksums; without them it takes those for AVX2.
  env.CFLAGS = ['VPCLMULQDQ', 'AVX512VNNI'].map((feature) => `-DLIBDEFLATE_ASSEMBLER_DOES_NOT_SUPPORT_${feature}`).join(' ')
  run(command, ['zigbuild', ...args], { env: { ...env, ...more } })
} else {
  run('cargo', ['build', ...args], { env })
}

const system = /-(windows|apple|linux)-/.exec(triple)?.[1] ?? { win32: 'windows', darwin: 'apple' }[/** @type {string} */ (process.platform)] ?? 'linux'
const library = { windows: 'sidelane.dll', apple: 'libsidelane.dylib', linux: 'libsidelane.so' }[/** @type {string} */ (system)] ?? ''
// cargo's directory leaves out the glibc version.
const built = path.join(targetDir, triple.replace(/(-gnu)\.[\d.]+$/, '$1'), debug ? 'debug' : 'release', library)
mkdirSync(path.dirname(out), { recursive: true })
// Copied beside, then renamed: a process that has the old file mapped keeps it.
copyFileSync(built, `${out}.tmp`)
renameSync(`${out}.tmp`, out)
console.log(`built ${path.relative(process.cwd(), out)}`)
