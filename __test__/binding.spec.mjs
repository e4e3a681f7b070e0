// The loader: every reason why the binary does not load gives one error that names the cause and the remedy.
// Where the system can be made to refuse the binary, it is (in a child process, with a copy of the package); what it cannot is told in its loader's own words.
import { spawnSync } from 'node:child_process'
import { copyFileSync, chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { nodeBinary } from '../scripts/nodes.mjs'

const require = createRequire(import.meta.url)
const root = fileURLToPath(new URL('..', import.meta.url))
const { ABIS, elfInterpreter, hostAbi, loadBinding } = require('../lib/binding.js')
const { version } = require('../package.json')
const abi = hostAbi()
const binary = path.join(root, `sidelane.${abi}.node`)
const other = ABIS.find((name) => name !== abi && name !== 'linux-x64-musl')

const linux = process.platform === 'linux' ? test : test.skip
const gnu = process.platform === 'linux' && abi?.endsWith('-gnu') ? test : test.skip
const asRoot = process.platform === 'linux' && process.getuid?.() === 0

test.beforeEach((t) => {
  // Everyone may enter it: one test runs as another user.
  t.context.directory = mkdtempSync(path.join(tmpdir(), 'sidelane-binding-'))
  chmodSync(t.context.directory, 0o755)
})
test.afterEach.always((t) => rmSync(t.context.directory, { recursive: true, force: true }))

/**
 * A project that has installed the package: what the root package holds of the loader, and perhaps a platform's package.
 *
 * @param {string} directory
 * @param {{ platform?: string | ((file: string) => void), version?: string, abi?: string }} [options] platform: what becomes the binary of the platform's package
 */
function project (directory, options = {}) {
  const modules = path.join(directory, 'node_modules')
  const main = path.join(modules, 'sidelane')
  mkdirSync(path.join(main, 'lib'), { recursive: true })
  for (const file of ['lib/binding.js', 'lib/load-error.js']) copyFileSync(path.join(root, file), path.join(main, file))
  writeFileSync(path.join(main, 'package.json'), JSON.stringify({ name: 'sidelane', version: options.version ?? version }))
  const name = `sidelane-${options.abi ?? abi}`
  const file = path.join(modules, name, `sidelane.${options.abi ?? abi}.node`)
  if (options.platform) {
    cpSync(path.join(root, 'npm', options.abi ?? abi), path.join(modules, name), { recursive: true })
    if (typeof options.platform === 'function') options.platform(file)
    else copyFileSync(options.platform, file)
  }
  return { main, modules, file }
}

const PROBE = `
try {
  const { binding } = require(process.argv[1])
  console.log(JSON.stringify({ loaded: binding.addonVersion() }))
} catch (error) {
  const chain = []
  for (let cause = error.cause; cause; cause = cause.cause) chain.push(cause.code)
  console.log(JSON.stringify({ ...error, code: error.code, name: error.name, message: error.message, chain, isError: error instanceof Error }))
}`

/**
 * Loads the package of a project in a Node of its own.
 *
 * @param {string} main
 * @param {{ flags?: string[], env?: NodeJS.ProcessEnv, node?: string, uid?: number, wrap?: string[] }} [options]
 */
function load (main, { flags = [], env = {}, node = process.execPath, uid, wrap = [] } = {}) {
  const [command, ...args] = [...wrap, node, ...flags, '-e', PROBE, path.join(main, 'lib', 'binding.js')]
  const { SIDELANE_NATIVE_LIBRARY_PATH, NODE_OPTIONS, ...clean } = process.env
  const { stdout, stderr, status } = spawnSync(command, args, { cwd: '/', env: { ...clean, ...env }, uid, encoding: 'utf8' })
  const last = stdout.trim().split('\n').at(-1)
  if (status !== 0 || !last) throw new Error(`exit code ${status}: ${stdout}${stderr}`)
  return JSON.parse(last)
}

/** @param {any} t */
function is (t, found, reason, ...texts) {
  t.is(found.code, 'ERR_SIDELANE_LOAD', JSON.stringify(found))
  t.is(found.reason, reason, found.message)
  t.true(found.isError)
  t.is(found.name, 'LoadError')
  t.false(found.retryable)
  t.true(found.remedies.length > 0)
  for (const text of [`Cannot load the native binary of sidelane`, `Node v`, 'Cause: ', 'Remedy:\n- ', ...texts]) t.true(found.message.includes(text), `${text} is not in:\n${found.message}`)
}

/** The error that loadBinding throws when the system's loader says `text` of `file`. */
function told (text, { file, code = 'ERR_DLOPEN_FAILED', ...options }) {
  try {
    loadBinding({ env: { SIDELANE_NATIVE_LIBRARY_PATH: file }, require: () => { throw Object.assign(new Error(text), { code }) }, ...options })
  } catch (error) {
    return { ...error, code: error.code, name: error.name, message: error.message, isError: error instanceof Error }
  }
  throw new Error('it loaded')
}

test('loads from the platform package', (t) => {
  const { main } = project(t.context.directory, { platform: binary })
  t.deepEqual(load(main), { loaded: version })
})

test('loads the file beside package.json before the platform package', (t) => {
  const { main } = project(t.context.directory, { platform: (file) => writeFileSync(file, 'never looked at') })
  copyFileSync(binary, path.join(main, path.basename(binary)))
  t.deepEqual(load(main), { loaded: version })
})

test('SIDELANE_NATIVE_LIBRARY_PATH comes first, and alone', (t) => {
  const { main } = project(t.context.directory, { platform: (file) => writeFileSync(file, 'never looked at') })
  const copy = path.join(t.context.directory, 'elsewhere.node')
  copyFileSync(binary, copy)
  t.deepEqual(load(main, { env: { SIDELANE_NATIVE_LIBRARY_PATH: copy } }), { loaded: version })
  const found = load(main, { env: { SIDELANE_NATIVE_LIBRARY_PATH: `${copy}.gone` } })
  is(t, found, 'missing-override', 'SIDELANE_NATIVE_LIBRARY_PATH', 'elsewhere.node.gone', 'does not exist')
  t.deepEqual(found.chain, ['MODULE_NOT_FOUND'])
})

test('requiring the loader loads nothing, and a failure is not kept', (t) => {
  const { main } = project(t.context.directory)
  const code = `
    const loader = require(process.argv[1])
    let first
    try { loader.binding } catch (error) { first = error.code }
    require('node:fs').copyFileSync(process.argv[2], process.argv[3])
    console.log(JSON.stringify({ first, later: loader.binding.addonVersion(), same: loader.binding === loader.binding }))`
  const { SIDELANE_NATIVE_LIBRARY_PATH, ...env } = process.env
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', code, path.join(main, 'lib', 'binding.js'), binary, path.join(main, path.basename(binary))], { env, encoding: 'utf8' })
  t.deepEqual(JSON.parse(stdout || '{}'), { first: 'ERR_SIDELANE_LOAD', later: version, same: true }, stderr)
})

test('the name of the binary follows platform, architecture and libc', (t) => {
  t.is(hostAbi({ platform: 'linux', arch: 'x64', libc: 'gnu' }), 'linux-x64-gnu')
  t.is(hostAbi({ platform: 'linux', arch: 'arm64', libc: 'musl' }), 'linux-arm64-musl')
  t.is(hostAbi({ platform: 'darwin', arch: 'arm64' }), 'darwin-arm64')
  t.is(hostAbi({ platform: 'win32', arch: 'x64' }), 'win32-x64-msvc')
  for (const unknown of [{ platform: 'linux', arch: 'riscv64' }, { platform: 'freebsd', arch: 'x64' }, { platform: 'win32', arch: 'ia32' }, { platform: 'android', arch: 'arm64' }]) {
    t.is(hostAbi(unknown), undefined)
  }
  t.true(ABIS.includes(hostAbi()))
})

linux('the libc is read from the interpreter that the program names', (t) => {
  t.regex(elfInterpreter(process.execPath), /\/ld-(linux|musl)-/)
  // The smallest ELF file that names one.
  const interpreter = Buffer.from('/lib/ld-musl-x86_64.so.1\0')
  const elf = Buffer.alloc(64 + 56 + interpreter.length)
  elf.write('7f454c460201', 0, 'hex')
  elf.writeBigUInt64LE(64n, 32)
  elf.writeUInt16LE(56, 54)
  elf.writeUInt16LE(1, 56)
  elf.writeUInt32LE(3, 64)
  elf.writeBigUInt64LE(120n, 72)
  elf.writeBigUInt64LE(BigInt(interpreter.length), 96)
  interpreter.copy(elf, 120)
  const file = path.join(t.context.directory, 'node')
  writeFileSync(file, elf)
  t.is(elfInterpreter(file), '/lib/ld-musl-x86_64.so.1')
  writeFileSync(file, '#!/bin/sh\n'.repeat(20))
  t.is(elfInterpreter(file), undefined)
  writeFileSync(file, '')
  t.is(elfInterpreter(file), undefined)
  t.is(elfInterpreter(`${file}.gone`), undefined)
})

test('unsupported platform', (t) => {
  let tried = false
  const error = t.throws(() => loadBinding({ platform: 'freebsd', arch: 'x64', env: {}, require: () => { tried = true } }), { code: 'ERR_SIDELANE_LOAD' })
  t.is(error.reason, 'unsupported-platform')
  t.false(tried)
  t.true(error.message.includes('freebsd-x64'))
  for (const name of ABIS) t.true(error.message.includes(name))
  t.true(error.remedies.join().includes('SIDELANE_NATIVE_LIBRARY_PATH'))
  t.is(error.cause, undefined)
  // A binary that the user built for it is taken.
  t.is(loadBinding({ platform: 'freebsd', arch: 'x64', env: { SIDELANE_NATIVE_LIBRARY_PATH: '/own.node' }, require: () => ({ addonVersion: () => version }) }).addonVersion(), version)
})

test('optional package missing', (t) => {
  const { main } = project(t.context.directory)
  const found = load(main)
  is(t, found, 'missing-package', `sidelane-${abi} is not installed`, '--omit=optional', 'npm/cli#4828', 'package-lock.json', 'bundled', `npm install --no-save sidelane-${abi}@${version}`, 'Tried:')
  t.deepEqual(found.chain, ['MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'])
})

test('optional package missing: the package of another platform is named', (t) => {
  const { main } = project(t.context.directory, { platform: (file) => writeFileSync(file, ''), abi: other })
  is(t, load(main), 'missing-package', `There is sidelane-${other}: node_modules was installed for another platform`)
})

test('optional package missing: npm runs with omit=optional', (t) => {
  const { main } = project(t.context.directory)
  const found = load(main, { env: { npm_config_omit: 'dev optional' } })
  is(t, found, 'missing-package', '--omit=optional')
  t.is(found.remedies.length, 1)
})

test('optional package there, its file gone', (t) => {
  const { main } = project(t.context.directory, { platform: () => {} })
  is(t, load(main), 'damaged-package', 'its binary is gone', 'npm ci')
})

test('source checkout that was not built', (t) => {
  const { main } = project(t.context.directory)
  writeFileSync(path.join(main, 'Cargo.toml'), '')
  is(t, load(main), 'not-built', 'npm run build')
})

for (const major of [22, 24, 26]) {
  gnu(`--permission without --allow-addons, Node ${major}`, async (t) => {
    t.timeout(120_000) // The first run installs that Node.
    const node = await nodeBinary(major)
    const { main } = project(t.context.directory, { platform: binary })
    const found = load(main, { node, flags: ['--permission', '--allow-fs-read=*'] })
    is(t, found, 'permission', '--allow-addons', 'native addons are not allowed')
    t.deepEqual(found.chain, ['ERR_DLOPEN_DISABLED', 'MODULE_NOT_FOUND'])
    t.deepEqual(load(main, { node, flags: ['--permission', '--allow-addons', '--allow-fs-read=*'] }), { loaded: version })
    // The program itself may be read, and nothing else.
    const blind = load(main, { node, flags: ['--permission', '--allow-addons', `--allow-fs-read=${main}/lib/`, `--allow-fs-read=${main}/package.json`] })
    is(t, blind, 'permission', '--allow-fs-read')
  })
}

test('--no-addons', (t) => {
  const { main } = project(t.context.directory, { platform: binary })
  is(t, load(main, { flags: ['--no-addons'] }), 'no-addons', '--no-addons', 'NODE_OPTIONS')
})

linux('noexec mount', (t) => {
  const where = path.join(t.context.directory, 'mount')
  mkdirSync(where)
  // A mount in a namespace of its own: it ends with the process.
  const wrap = ['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs -o noexec,mode=755 none "$0" && cp -r "$1" "$0/node_modules" && shift && exec "$@"', where, path.join(t.context.directory, 'node_modules')]
  project(t.context.directory, { platform: binary })
  const can = asRoot && spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'none', where]).status === 0
  if (can) {
    is(t, load(path.join(where, 'node_modules', 'sidelane'), { wrap }), 'noexec', `${where} is mounted noexec`, 'SIDELANE_NATIVE_LIBRARY_PATH', 'without noexec')
  } else {
    t.log('this user cannot mount: only what the loaders say was tested')
  }
  is(t, told(`${binary}: failed to map segment from shared object: Operation not permitted`, { file: binary }), 'noexec', 'no code may be run')
  is(t, told(`${binary}: failed to map segment from shared object`, { file: binary }), 'noexec')
  is(t, told(`Error loading shared library ${binary}: Operation not permitted`, { file: binary }), 'noexec')
})

linux('a file that the user may not read', (t) => {
  const { main, file } = project(t.context.directory, { platform: binary })
  chmodSync(file, 0)
  is(t, load(main, asRoot ? { uid: 65534 } : {}), 'no-access', file, 'chmod')
})

linux('not a library: text, an empty file, a file cut short', (t) => {
  for (const write of [
    (file) => writeFileSync(file, 'version https://git-lfs.github.com/spec/v1\n'.repeat(4)),
    (file) => writeFileSync(file, ''),
    (file) => writeFileSync(file, readFileSync(binary).subarray(0, 40))
  ]) {
    const { main } = project(t.context.directory, { platform: write })
    const found = load(main)
    is(t, found, 'damaged-file', 'is not a shared library', 'npm install')
    t.deepEqual(found.chain, ['ERR_DLOPEN_FAILED', 'MODULE_NOT_FOUND'])
  }
})

linux('binary of another architecture', (t) => {
  const { main } = project(t.context.directory, {
    platform: (file) => {
      const bytes = readFileSync(binary)
      bytes.writeUInt16LE(process.arch === 'x64' ? 183 : 62, 18)
      writeFileSync(file, bytes)
    }
  })
  is(t, load(main), 'wrong-platform', `is made for linux-${process.arch === 'x64' ? 'arm64' : 'x64'}`, `this process is ${abi}`)
})

linux('binary of another system', (t) => {
  for (const [name, header] of Object.entries({ 'darwin-arm64': 'cffaedfe0c000001', 'darwin-x64': 'cffaedfe07000001' })) {
    const { main } = project(t.context.directory, { platform: (file) => writeFileSync(file, Buffer.concat([Buffer.from(header, 'hex'), Buffer.alloc(4096)])) })
    is(t, load(main), 'wrong-platform', `is made for ${name}`, 'copied from another system')
  }
  const windows = Buffer.alloc(4096)
  windows.write('MZ')
  windows.writeUInt32LE(128, 60)
  windows.write('PE\0\0', 128)
  windows.writeUInt16LE(0x8664, 132)
  const { main } = project(t.context.directory, { platform: (file) => writeFileSync(file, windows) })
  is(t, load(main), 'wrong-platform', 'is made for win32-x64')
})

gnu('glibc is too old', (t) => {
  const { main } = project(t.context.directory, {
    platform: (file) => {
      // Asks for a glibc that there never was, in place of the newest one it does ask for.
      const bytes = readFileSync(binary)
      const newest = [...bytes.toString('latin1').matchAll(/GLIBC_2\.(\d+)(?=\0)/g)].toSorted((a, b) => Number(b[1]) - Number(a[1]))[0]
      bytes.write(newest[0].replace(/\d+$/, (digits) => '9'.repeat(digits.length)), newest.index, 'latin1')
      writeFileSync(file, bytes)
    }
  })
  const found = load(main)
  is(t, found, 'old-glibc', 'needs glibc 2.9', `this system has ${process.report.getReport().header.glibcVersionRuntime}`, '2.17')
})

gnu('binary for musl under a glibc Node', (t) => {
  const { main } = project(t.context.directory, {
    platform: (file) => {
      const bytes = readFileSync(binary)
      bytes.write('libc.so\0\0\0', bytes.indexOf('\0libc.so.6\0') + 1, 'latin1')
      writeFileSync(file, bytes)
    }
  })
  is(t, load(main), 'wrong-libc', 'made for musl (Alpine), this Node for glibc', 'Alpine')
  is(t, told('libc.musl-x86_64.so.1: cannot open shared object file: No such file or directory', { file: binary, libc: 'gnu' }), 'wrong-libc')
})

gnu('binary for glibc under a musl Node', (t) => {
  const text = 'Error loading shared library ld-linux-x86-64.so.2: No such file or directory (needed by x.node)'
  is(t, told(text, { file: binary, libc: 'musl' }), 'wrong-libc', 'made for glibc, this Node for musl')
  is(t, told(`Error relocating ${binary}: __res_init: symbol not found`, { file: binary, libc: 'musl' }), 'wrong-libc')
})

linux("what the other systems' loaders say", (t) => {
  const apple = path.join(t.context.directory, 'apple.node')
  writeFileSync(apple, Buffer.concat([Buffer.from('cffaedfe0c000001', 'hex'), Buffer.alloc(4096)]))
  const darwin = { file: apple, platform: 'darwin', arch: 'arm64' }
  is(t, told("dlopen(x.node, 0x0001): tried: 'x.node' (mach-o file, but is an incompatible architecture (have 'arm64', need 'x86_64'))", { ...darwin, arch: 'x64' }), 'wrong-platform', 'is made for darwin-arm64')
  is(t, told("tried: 'x.node' (code signature in <1> not valid for use in process: library load disallowed by system policy)", darwin), 'blocked', 'quarantine')
  is(t, told("dlopen(x.node, 0x0001): Library not loaded: /opt/x.dylib", darwin), 'missing-library')

  const dll = path.join(t.context.directory, 'windows.node')
  const bytes = Buffer.alloc(4096)
  bytes.write('MZ')
  bytes.writeUInt32LE(128, 60)
  bytes.writeUInt16LE(0x8664, 132)
  writeFileSync(dll, bytes)
  const win32 = { file: dll, platform: 'win32', arch: 'x64' }
  is(t, told('\\\\?\\C:\\x.node is not a valid Win32 application.', { ...win32, arch: 'arm64' }), 'wrong-platform', 'is made for win32-x64')
  is(t, told('\\\\?\\C:\\x.node is not a valid Win32 application.', win32), 'damaged-file')
  is(t, told('The specified module could not be found.\r\n\\\\?\\C:\\x.node', win32), 'missing-library', 'Visual C++')
  is(t, told('An Application Control policy has blocked this file.', win32), 'blocked', 'Application Control')
  is(t, told('Access is denied.', win32), 'no-access')
  is(t, told('something new', win32), 'unknown', 'something new', 'report this')
})

linux('no room for thread-local storage, a library that is missing', (t) => {
  is(t, told(`${binary}: cannot allocate memory in static TLS block`, { file: binary }), 'static-tls', 'GLIBC_TUNABLES')
  is(t, told('libgcc_s.so.1: cannot open shared object file: No such file or directory', { file: binary }), 'missing-library', 'libgcc_s.so.1')
})

test('version mismatch', (t) => {
  const { main } = project(t.context.directory, { platform: binary, version: '9.9.9' })
  const found = load(main)
  is(t, found, 'version-mismatch', `of version ${version}, this package of version 9.9.9`, 'npm install sidelane@9.9.9', 'overrides')
  t.deepEqual(found.chain, ['ERR_SIDELANE_VERSION', 'MODULE_NOT_FOUND'])
  copyFileSync(binary, path.join(main, path.basename(binary)))
  is(t, load(main), 'version-mismatch', 'npm run build')
  is(t, load(main, { env: { SIDELANE_NATIVE_LIBRARY_PATH: binary } }), 'version-mismatch', 'SIDELANE_NATIVE_LIBRARY_PATH')
})

test('a module that is not the binary of sidelane', (t) => {
  for (const module of [{}, { addonVersion: '0.1.0' }, null, undefined]) {
    const error = t.throws(() => loadBinding({ env: { SIDELANE_NATIVE_LIBRARY_PATH: '/other.node' }, require: () => module }), { code: 'ERR_SIDELANE_LOAD' })
    t.is(error.reason, 'not-sidelane')
    t.true(error.message.includes('/other.node is not the binary of sidelane'))
  }
})

test('a binary that is there and broken is not passed over for another', (t) => {
  const tried = []
  t.throws(() => loadBinding({
    env: {},
    require: (specifier) => {
      tried.push(specifier)
      throw new Error('broken')
    }
  }), { code: 'ERR_SIDELANE_LOAD' })
  t.deepEqual(tried, [binary])
  t.true(existsSync(binary))
})

linux('a binary that was cut short: an error, not a SIGBUS', (t) => {
  const { main, file } = project(t.context.directory, { platform: binary })
  const bytes = readFileSync(binary)
  for (const length of [1, 63, 64, 4000, 50_000, 500_000, 1_500_000, bytes.length - 4096, bytes.length - 1]) {
    writeFileSync(file, bytes.subarray(0, length))
    is(t, load(main), 'damaged-file', 'cut short', `${length} bytes`)
    is(t, load(main, { env: { SIDELANE_NATIVE_LIBRARY_PATH: file } }), 'damaged-file', 'cut short')
  }
  writeFileSync(file, bytes)
  t.deepEqual(load(main), { loaded: version })
})

test('SIDELANE_NATIVE_LIBRARY_PATH names a directory', (t) => {
  const { main } = project(t.context.directory, { platform: binary })
  const found = load(main, { env: { SIDELANE_NATIVE_LIBRARY_PATH: t.context.directory } })
  is(t, found, 'missing-override', 'SIDELANE_NATIVE_LIBRARY_PATH', 'which is a directory')
  t.false(found.message.includes('does not exist'))
})
