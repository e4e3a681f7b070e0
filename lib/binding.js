'use strict'
// Finds and loads the native binary. The only file that requires it; nothing is loaded before `binding` is first read.

const fs = require('node:fs')
const path = require('node:path')

const ROOT = path.join(__dirname, '..')

/** What there is a binary for: npm/<abi>/ holds the manifest of the package `sidelane-<abi>`. */
const ABIS = [
  'linux-x64-gnu', 'linux-x64-musl', 'linux-arm64-gnu', 'linux-arm64-musl',
  'darwin-x64', 'darwin-arm64', 'win32-x64-msvc', 'win32-arm64-msvc'
]

/**
 * What the tests replace; a user never passes it.
 *
 * @typedef {object} LoadOptions
 * @property {(specifier: string) => any} [require] loads a file (absolute path) or a package
 * @property {NodeJS.ProcessEnv} [env]
 * @property {string} [root] directory of the package
 * @property {string} [platform]
 * @property {string} [arch]
 * @property {'gnu' | 'musl'} [libc]
 */

/**
 * One place that was tried.
 *
 * @typedef {{ kind: 'override' | 'local' | 'package', specifier: string, error: any }} Attempt
 */

/**
 * The head of an ELF file: 64-bit, little endian, as on every Linux in ABIS. The header and the table of its segments are in the first page, where linkers put them.
 *
 * @typedef {{ page: Buffer, size: number, segments: number[] }} Elf segments: where each one's entry in the table is
 */

/**
 * @param {string} file
 * @returns {Elf | undefined} undefined when it is no such file, or cannot be read
 */
function readElf (file) {
  try {
    const fd = fs.openSync(file, 'r')
    const page = Buffer.alloc(4096)
    let size
    try {
      size = fs.fstatSync(fd).size
      fs.readSync(fd, page, 0, page.length, 0)
    } finally {
      fs.closeSync(fd)
    }
    if (page.readUInt32BE(0) !== 0x7f454c46 || page[4] !== 2 || page[5] !== 1) return undefined
    const [table, length, count] = [page.readUInt32LE(32), page.readUInt16LE(54), page.readUInt16LE(56)]
    if (table + length * count > page.length) return undefined
    return { page, size, segments: Array.from({ length: count }, (_, index) => table + length * index) }
  } catch {
    return undefined
  }
}

/**
 * The program interpreter that an ELF file names (`/lib64/ld-linux-x86-64.so.2`, `/lib/ld-musl-x86_64.so.1`), in the first page too.
 *
 * @param {string} file
 * @returns {string | undefined} undefined when it names none there, or cannot be read
 */
function elfInterpreter (file) {
  const elf = readElf(file)
  const segment = elf?.segments.find((at) => elf.page.readUInt32LE(at) === 3 /* PT_INTERP */)
  if (elf === undefined || segment === undefined) return undefined
  const start = elf.page.readUInt32LE(segment + 8)
  return elf.page.toString('latin1', start, elf.page.indexOf(0, start))
}

/**
 * Throws for an ELF file that ends before what its header tells of. The system's loader maps what is not there, and the process would die of SIGBUS with the first touch. (Mach-O and PE loaders look themselves.)
 *
 * @param {string} file
 */
function checkLength (file) {
  const elf = readElf(file)
  if (elf === undefined) return
  const { page, size, segments } = elf
  const ends = segments.map((at) => Number(page.readBigUInt64LE(at + 8)) + Number(page.readBigUInt64LE(at + 32)))
  const needed = Math.max(Number(page.readBigUInt64LE(40)) + page.readUInt16LE(58) * page.readUInt16LE(60), ...ends)
  if (size < needed) throw Object.assign(new Error(`${file}: file too short: it has ${size} bytes, its header tells of ${needed}`), { code: 'ERR_DLOPEN_FAILED' })
}

/**
 * The file that `load` would load.
 *
 * @param {any} load
 * @param {string} specifier
 * @returns {string | undefined} undefined when there is none: `load` tells why
 */
function fileOf (load, specifier) {
  if (path.isAbsolute(specifier)) return specifier
  try {
    return load.resolve(specifier)
  } catch {
    return undefined
  }
}

/**
 * The libc of the running Node. Its own ELF header says it (0.4 ms when cold), and is right also for a musl Node on a glibc system, which a look at the system's files is not. Where the file cannot be
 * read (--permission), the report says it (5 ms).
 *
 * @returns {'gnu' | 'musl'}
 */
function hostLibc () {
  const interpreter = elfInterpreter(process.execPath)
  if (interpreter !== undefined) return path.basename(interpreter).startsWith('ld-musl') ? 'musl' : 'gnu'
  const report = /** @type {any} */ (process.report)
  if (!report) return 'gnu'
  const before = report.excludeNetwork
  report.excludeNetwork = true // Else it looks names up, for seconds.
  try {
    return report.getReport().header.glibcVersionRuntime ? 'gnu' : 'musl'
  } finally {
    report.excludeNetwork = before
  }
}

/**
 * Names the binary for this process: what stands in `sidelane.<abi>.node` and `sidelane-<abi>`. Loads nothing.
 *
 * @param {LoadOptions} [options]
 * @returns {string | undefined} undefined when there is none for this platform
 */
function hostAbi ({ platform = process.platform, arch = process.arch, libc } = {}) {
  let abi = `${platform}-${arch}`
  if (platform === 'linux') abi += `-${libc ?? hostLibc()}`
  if (platform === 'win32') abi += '-msvc'
  return ABIS.includes(abi) ? abi : undefined
}

/**
 * Loads the binary: the file that SIDELANE_NATIVE_LIBRARY_PATH names (and then no other); else the one built in this directory; else the platform's package.
 *
 * @param {LoadOptions} [options]
 * @returns {any} the binary's exports
 * @throws {Error} `ERR_SIDELANE_LOAD`: see load-error.js
 */
function loadBinding (options = {}) {
  const { require: load = require, env = process.env, root = ROOT, platform = process.platform } = options
  // Half the time of require().
  const { version } = JSON.parse(fs.readFileSync(path.join(__dirname, '..', 'package.json'), 'utf8'))
  const override = env.SIDELANE_NATIVE_LIBRARY_PATH
  const abi = hostAbi(options)
  /** @type {Attempt[]} */
  const attempts = []

  /** @type {Pick<Attempt, 'kind' | 'specifier'>[]} */
  const candidates = []
  if (override) {
    candidates.push({ kind: 'override', specifier: path.resolve(override) })
  } else if (abi) {
    candidates.push({ kind: 'local', specifier: path.join(root, `sidelane.${abi}.node`) }, { kind: 'package', specifier: `sidelane-${abi}` })
  }

  for (const { kind, specifier } of candidates) {
    try {
      const file = platform === 'linux' ? fileOf(load, specifier) : undefined
      if (file !== undefined) checkLength(file)
      const loaded = load(specifier)
      const found = typeof loaded?.addonVersion === 'function' ? loaded.addonVersion() : undefined
      if (found === version) return loaded
      attempts.push({ kind, specifier, error: mismatch(specifier, found, version) })
      break
    } catch (error) {
      attempts.push({ kind, specifier, error })
      if (/** @type {any} */ (error)?.code !== 'MODULE_NOT_FOUND') break // It is there, and broken: another would hide that.
    }
  }
  throw require('./load-error').loadError({ attempts, abi, abis: ABIS, version, options: { ...options, env, root } })
}

/**
 * @param {string} specifier
 * @param {unknown} found
 * @param {string} expected
 */
function mismatch (specifier, found, expected) {
  const text = typeof found === 'string' ? `is of version ${found}, this package of version ${expected}` : 'is not the binary of sidelane: it exports no addonVersion'
  return Object.assign(new Error(`${specifier} ${text}`), { code: 'ERR_SIDELANE_VERSION', found, expected })
}

/** @type {any} */
let loaded

module.exports = {
  /** The native binary's exports, loaded when first read. A failure is not kept: the next read tries again. */
  get binding () {
    loaded ??= loadBinding()
    return loaded
  },
  hostAbi,
  loadBinding,
  elfInterpreter,
  ABIS
}
