// Installs the packed packages into an empty project, as a user would, and loads them on every supported Node.
//   node scripts/pack-smoke.mjs [--binary FILE] [--nodes MAJOR,...]
// Without --binary the addon is built: on glibc through zig, for glibc 2.17, so that it runs on any Linux of the last ten years. It fails when that cannot be had; it skips nothing.
//
// The packages come from a registry of our own on the loopback, so npm itself chooses the one of the eight platforms' packages that fits, by os, cpu and libc.
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { spawn } from 'node:child_process'
import { parseArgs } from 'node:util'
import { glibcFloor, requirements } from './elf.mjs'
import { nodeBinary } from './nodes.mjs'
import { packPlatform, packRoot } from './pack.mjs'
import { cache, manifest, root, run, tool } from './tools.mjs'

/** @type {{ ABIS: string[], hostAbi: () => string | undefined }} */
const { ABIS, hostAbi } = createRequire(import.meta.url)('../lib/binding.js')

const MAX_BYTES = 2.9 * 1024 * 1024
const MAX_GLIBC = 217
// Besides these a library must be on the system already: node itself brings libstdc++, libgcc_s is in every image that can run node.
const SYSTEM = /^(libc|libm|libdl|librt|libpthread|libgcc_s|ld-linux-[\w-]+)\.so(\.\d+)?$/

// Run by each Node in the project.
const SMOKE = `
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import * as imported from 'sidelane'
const required = createRequire(import.meta.url)('sidelane')
assert.deepEqual(Object.keys(imported).filter((key) => key !== 'default').sort(), Object.keys(required).sort())
for (const key of Object.keys(required)) assert.equal(imported[key], required[key], key)
const { hash, hashSync, Lane, runtime } = required
const expected = (data) => createHash('sha256').update(data).digest('hex')
assert.equal(hashSync('sha256', 'abc'), expected('abc'))
assert.equal(await hash('sha256', 'abc', { inline: false }), expected('abc'))
const lane = new Lane({ name: 'smoke', concurrency: 1 })
const data = Buffer.alloc(1 << 20, 7)
assert.deepEqual(await Promise.all([1, 2, 3].map(() => hash('sha256', data, { lane }))), [1, 2, 3].map(() => expected(data)))
assert.equal(lane.stats().completed, 3)
await lane.close()
const { version } = createRequire(import.meta.url)('sidelane/package.json')
assert.equal(runtime().addonVersion, version)
console.log('Node ' + process.version + ': require and import are one instance; hash, hashSync and a lane work')
`

const abi = hostAbi()
if (!abi) throw new Error(`there is no package for ${process.platform}-${process.arch}`)
const { values } = parseArgs({ options: { binary: { type: 'string' }, nodes: { type: 'string', default: '20,22,24,26' } } })

/** @type {string[]} */
const lines = []
const note = (/** @type {string} */ line) => {
  lines.push(line)
  console.log(`pack:smoke: ${line}`)
}

const binary = values.binary ? path.resolve(values.binary) : build(abi)
checkBinary(binary)

const work = mkdtempSync(path.join(tmpdir(), 'sidelane-smoke-'))
const registry = await startRegistry(packAll(binary))
try {
  const project = await install('app')
  for (const major of values.nodes.split(',').map(Number)) load(project, await nodeBinary(major))
  types(project)
  await withoutOptional()
} finally {
  registry.server.close()
  registry.server.closeAllConnections()
  rmSync(work, { recursive: true, force: true })
}
console.log(`pack:smoke passed:\n${lines.map((line) => `- ${line}`).join('\n')}`)

/** @param {string} name */
function build (name) {
  const out = path.join(cache, 'pack', `sidelane.${name}.node`)
  const args = [path.join(root, 'scripts', 'build.mjs'), '--out', out]
  if (name.startsWith('linux') && name.endsWith('gnu')) args.push('--zig', '--target', `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-unknown-linux-gnu.2.17`)
  run(process.execPath, args)
  return out
}

/** @param {string} file */
function checkBinary (file) {
  const { size } = statSync(file)
  if (size > MAX_BYTES) throw new Error(`${file} has ${size} bytes, more than ${MAX_BYTES}`)
  note(`${path.basename(file)}: ${(size / 1024 / 1024).toFixed(2)} MiB`)
  if (process.platform !== 'linux') return
  const { needed } = requirements(file)
  const foreign = needed.filter((name) => !SYSTEM.test(name))
  if (foreign.length > 0) throw new Error(`${file} needs ${foreign.join(', ')}, which is not on every system`)
  note(`needs only ${needed.join(', ')}`)
  if (!abi?.endsWith('gnu')) return
  const floor = glibcFloor(file)
  if (floor > MAX_GLIBC) throw new Error(`${file} needs glibc ${floor / 100}, the floor is ${MAX_GLIBC / 100}`)
  note(`needs glibc ${floor / 100}, allowed ${MAX_GLIBC / 100}`)
}

/**
 * All nine packages; those of the other platforms hold an empty file, since none of them may be installed.
 *
 * @param {string} file
 */
function packAll (file) {
  const out = path.join(work, 'packages')
  mkdirSync(out)
  const empty = path.join(work, 'empty.node')
  writeFileSync(empty, '')
  const packages = new Map([['sidelane', packRoot(out)]])
  for (const other of ABIS) packages.set(`sidelane-${other}`, packPlatform(other, other === abi ? file : empty, out))
  const files = listTarball(packages.get('sidelane') ?? '')
  const unwanted = files.filter((name) => /\.(node|rs|toml)$|__test__|node_modules/.test(name))
  if (unwanted.length > 0) throw new Error(`the root package holds ${unwanted.join(', ')}`)
  note(`sidelane-${manifest.version}.tgz: ${files.length} files, ${(statSync(packages.get('sidelane') ?? '').size / 1024).toFixed(1)} KiB; with its binary ${((statSync(packages.get(`sidelane-${abi}`) ?? '').size) / 1024).toFixed(0)} KiB more`)
  return packages
}

/** @param {string} tarball */
function listTarball (tarball) {
  return run('tar', ['-tzf', tarball], { quiet: true }).trim().split('\n')
}

/** @param {Map<string, string>} packages */
async function startRegistry (packages) {
  const server = createServer((request, response) => {
    const [, name = '', file] = decodeURIComponent(request.url ?? '').split('/')
    const tarball = packages.get(name)
    if (!tarball) {
      response.writeHead(404).end('{}')
    } else if (file) {
      response.end(readFileSync(tarball))
    } else {
      const integrity = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`
      const published = JSON.parse(run('tar', ['-xzOf', tarball, 'package/package.json'], { quiet: true }))
      const { version } = published
      published.dist = { integrity, tarball: `${address()}${name}/${path.basename(tarball)}` }
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ name, 'dist-tags': { latest: version }, versions: { [version]: published } }))
    }
  })
  const address = () => `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}/`
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  return { server, address }
}

/**
 * `npm install sidelane` in an empty project. Not through tools.mjs's run(), which blocks: the registry lives in this process.
 *
 * @param {string} name
 * @param {string[]} [flags]
 */
async function install (name, flags = []) {
  const project = path.join(work, name)
  mkdirSync(project)
  writeFileSync(path.join(project, 'package.json'), '{ "name": "app", "private": true }\n')
  const args = ['install', 'sidelane', `--registry=${registry.address()}`, `--cache=${path.join(work, 'cache')}`, '--no-audit', '--no-fund', '--loglevel=error', '--foreground-scripts', ...flags]
  const windows = process.platform === 'win32'
  const code = await new Promise((resolve, reject) => {
    spawn(windows ? 'npm.cmd' : 'npm', args, { cwd: project, stdio: ['ignore', 'inherit', 'inherit'], shell: windows }).on('error', reject).on('exit', resolve)
  })
  if (code !== 0) throw new Error(`npm install failed with exit code ${code}`)
  const expected = flags.length > 0 ? ['sidelane'] : ['sidelane', `sidelane-${abi}`]
  const found = readdirSync(path.join(project, 'node_modules')).filter((entry) => !entry.startsWith('.')).toSorted()
  if (found.join() !== expected.join()) throw new Error(`npm installed ${found.join(', ')}; expected ${expected.join(', ')}`)
  const locked = JSON.parse(readFileSync(path.join(project, 'package-lock.json'), 'utf8')).packages
  if (flags.length === 0) {
    // npm/cli#4828: a lock file that lacks the other platforms breaks the install there.
    const missing = ABIS.filter((other) => !locked[`node_modules/sidelane-${other}`])
    if (missing.length > 0) throw new Error(`the lock file lacks ${missing.join(', ')}`)
    const scripts = Object.entries(locked).filter(([, entry]) => entry.hasInstallScript).map(([key]) => key)
    if (scripts.length > 0) throw new Error(`${scripts.join(', ')} runs a script when it is installed`)
    note(`npm chose ${found.join(' and ')} of ${1 + ABIS.length} packages; the lock file has all; no install script`)
  }
  return project
}

/**
 * @param {string} project
 * @param {string} node
 */
function load (project, node) {
  const file = path.join(project, 'smoke.mjs')
  writeFileSync(file, SMOKE)
  note(run(node, [file], { cwd: project, quiet: true, env: { NODE_OPTIONS: '', SIDELANE_NATIVE_LIBRARY_PATH: '' } }).trim())
}

/**
 * The installed types, as each kind of project reads them.
 *
 * @param {string} project
 */
function types (project) {
  for (const name of ['use.mts', 'require.cts']) copyFileSync(path.join(root, '__test__', 'types', name), path.join(project, name))
  for (const [module, resolution] of [['nodenext', 'nodenext'], ['esnext', 'bundler']]) {
    const settings = {
      compilerOptions: { module, moduleResolution: resolution, strict: true, noEmit: true, target: 'es2023', lib: ['es2023', 'esnext.disposable'], types: ['node'], typeRoots: [path.join(root, 'node_modules', '@types')] },
      // The bundler's resolution takes no require().
      files: module === 'nodenext' ? ['use.mts', 'require.cts'] : ['use.mts']
    }
    const config = path.join(project, `tsconfig.${resolution}.json`)
    writeFileSync(config, JSON.stringify(settings))
    tool('typescript/bin/tsc', ['-p', config])
    note(`types: tsc with moduleResolution ${resolution}, ${settings.files.join(' and ')}`)
  }
}

/** What a user sees who installed with --omit=optional. */
async function withoutOptional () {
  const project = await install('omitted', ['--omit=optional'])
  const text = run(process.execPath, ['-e', "try { require('sidelane').hashSync('sha256', '') } catch (error) { console.log(`${error.code} ${error.reason}\\n${error.message}`) }"], { cwd: project, quiet: true })
  if (!text.startsWith('ERR_SIDELANE_LOAD missing-package') || !text.includes('--omit=optional')) throw new Error(`without its binary the package says:\n${text}`)
  note('without its optional dependency it fails with ERR_SIDELANE_LOAD and says why')
}
