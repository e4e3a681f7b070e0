'use strict'
// The package as CommonJS sees it, and in programs that Node runs under restrictions.

const { execFile } = require('node:child_process')
const { readFileSync } = require('node:fs')
const path = require('node:path')
const { promisify } = require('node:util')
const test = require('ava')
const sidelane = require('sidelane')

const root = path.join(__dirname, '..')
const run = promisify(execFile)

const NAMES = [
  'ArrowDataError', 'CompressDataError', 'CsvSyntaxError', 'FileError', 'Hash', 'InternalError', 'JsonSyntaxError', 'Lane',
  'LaneClosedError', 'LaneFullError', 'RegExpBudgetError', 'SafeRegExp', 'SafeRegExpSet', 'TaskTimeoutError', 'TooLargeError', 'UnsupportedError',
  'compress', 'createHash', 'csv', 'findMany', 'getHashes', 'hash', 'hashFile', 'hashMany', 'hashSync', 'hmac', 'json', 'ndjson', 'numeric', 'runtime', 'scanFile'
]

test('every public name, and no other', (t) => {
  t.deepEqual(Object.keys(sidelane).toSorted(), NAMES)
})

test('require gives what import gives', async (t) => {
  const imported = await import('sidelane')
  t.deepEqual(Object.keys(imported).filter((name) => name !== 'default' && name !== 'module.exports').toSorted(), NAMES)
  for (const name of NAMES) t.is(imported[name], sidelane[name], name)
  t.is(await imported.hash('sha256', 'a', { lane: sidelane.Lane.default }), sidelane.hashSync('sha256', 'a'))
})

test('index.d.ts declares every name, and index.mjs lists it', (t) => {
  const types = readFileSync(path.join(root, 'index.d.ts'), 'utf8')
  const declared = new Set([...types.matchAll(/^export (?:declare )?(?:class|function|const|namespace) (\w+)/gm)].map(([, name]) => name))
  t.deepEqual([...declared].toSorted(), NAMES)
  const listed = /export const \{([^}]*)\}/.exec(readFileSync(path.join(root, 'index.mjs'), 'utf8'))[1].match(/\w+/g)
  t.deepEqual(listed.toSorted(), NAMES)
})

/** What of the package, and of Node, a process has loaded after `code`. */
async function loadedBy (code) {
  const { stdout } = await run(process.execPath, ['-e', `
    const before = new Set(process.moduleLoadList)
    ${code}
    const own = Object.keys(require.cache).map((file) => require('node:path').relative(${JSON.stringify(root)}, file).replaceAll('\\\\', '/'))
    console.log(JSON.stringify({ own, node: process.moduleLoadList.filter((name) => !before.has(name)) }))
  `], { cwd: root })
  return JSON.parse(stdout)
}

test('require loads the binary and what tells which names there are; a name loads its own part', async (t) => {
  const { own, node } = await loadedBy('require(\'sidelane\')')
  t.deepEqual(own.filter((file) => !file.endsWith('.node')).toSorted(), ['index.js', 'lib/binding.js', 'lib/namespace.js', 'lib/native.js', 'lib/primordials.js'])
  t.is(own.length, 6, 'and the binary')
  for (const heavy of ['stream', 'v8', 'worker_threads', 'fs/promises']) t.false(node.includes(`NativeModule ${heavy}`), heavy)

  const some = await loadedBy('const { hash, Lane, SafeRegExp, json } = require(\'sidelane\'); new SafeRegExp(\'a\').test(\'a\'); new Lane(); hash(\'sha256\', \'a\')')
  for (const file of ['lib/task.js', 'lib/hash.js', 'lib/regexp.js']) t.true(some.own.includes(file), file)
  for (const file of ['lib/streams/hash.js', 'lib/hash-many.js', 'lib/json.js', 'lib/regexp-set.js']) t.false(some.own.includes(file), file)
  for (const heavy of ['stream', 'v8']) t.false(some.node.includes(`NativeModule ${heavy}`), heavy)
})

test('names are properties like any other, which programs may replace', async (t) => {
  const { stdout } = await run(process.execPath, ['-e', `
    const assert = require('node:assert')
    const sidelane = require('sidelane')
    // As a test's double does: before it was read, and after.
    const double = () => 'double'
    sidelane.hash = double
    assert.strictEqual(sidelane.hash, double)
    const { hashSync } = sidelane
    sidelane.hashSync = double
    assert.strictEqual(sidelane.hashSync('sha256', 'a'), 'double')
    sidelane.hashSync = hashSync
    for (const name of Object.keys(sidelane)) {
      const value = sidelane[name]
      assert.deepStrictEqual(Object.getOwnPropertyDescriptor(sidelane, name), { value, writable: true, enumerable: true, configurable: true })
      assert.strictEqual(sidelane[name], value)
    }
    // What inherits from it has its own.
    const heir = Object.create(require('sidelane'))
    heir.hmac = double
    assert.notStrictEqual(sidelane.hmac, double)
    delete require.cache[require.resolve('sidelane')]
    const again = require('sidelane')
    Object.create(again).hmac = double
    assert.strictEqual(again.hmac, sidelane.hmac)
    console.log(sidelane.hashSync.name, sidelane.hashSync.length)
  `], { cwd: root })
  t.is(stdout.trim(), 'hashSync 3')
})

test('the context in which a name is first read is not kept', async (t) => {
  const { stdout } = await run(process.execPath, ['--expose-gc', '-e', `
    const { AsyncLocalStorage } = require('node:async_hooks')
    const sidelane = require('sidelane')
    const storage = new AsyncLocalStorage()
    const work = () => sidelane.hash('sha256', Buffer.alloc(100000), { inline: false })
    async function main () {
      const first = { of: 'the first request' }
      await storage.run(first, () => Promise.all([work(), sidelane.createHash('sha256').end('a').digestAsync(), new sidelane.SafeRegExp('a').testAsync('a', { inline: false })]))
      return new WeakRef(first)
    }
    main().then(async (first) => {
      const end = performance.now() + 5000
      do {
        // What the last task leaves is the next one's.
        await work()
        await new Promise((resolve) => setTimeout(resolve, 10))
        gc()
      } while (first.deref() !== undefined && performance.now() < end)
      console.log(first.deref())
    })
  `], { cwd: root })
  t.is(stdout.trim(), 'undefined')
})

test('nothing internal can be reached', (t) => {
  t.throws(() => require('sidelane/lib/native'), { code: 'ERR_PACKAGE_PATH_NOT_EXPORTED' })
  t.is(require('sidelane/package.json').name, 'sidelane')
  t.false('stateOf' in sidelane.Lane)
})

/** Uses a bit of everything. */
const SCRIPT = `
  const { Lane, hash, hashSync, hashMany, hashFile, hmac, createHash, LaneFullError } = require('sidelane')
  async function main () {
    const data = Buffer.alloc(100000, 'x')
    const lane = new Lane({ name: 'strict', maxQueue: 5 })
    const wanted = require('node:crypto').createHash('sha256').update(data).digest('hex')
    const stream = createHash('sha256', { lane })
    stream.end(data)
    const found = [
      hashSync('sha256', data), await hash('sha256', data, { lane, inline: false, timeout: 10000 }), (await hashMany('sha256', [data, 'text']))[0], (await hashMany('sha256', ['text', data.toString()]))[1],
      await stream.digestAsync('hex'), createHash('sha256').update(data).digest('hex'), await hash('sha256', new Uint8Array(data), { transfer: true })
    ]
    for (const each of found) if (each !== wanted) throw new Error('wrong: ' + found.indexOf(each))
    await hashFile(['sha256', 'crc32'], ${JSON.stringify(__filename)}, { onProgress () {} })
    await hmac('sha256', 'key', data, { signal: new AbortController().signal })
    try { hashSync('none', data) } catch (error) { if (error.code !== 'ERR_INVALID_ARG_VALUE') throw error }
    const error = await hash('sha256', data, { lane: new Lane({ maxQueueBytes: 1 }) }).catch((error) => error)
    if (error.code !== 'ERR_TOO_LARGE' || error.statusCode !== 413 || error.name !== 'TooLargeError') throw error
    const aborted = await hash('sha256', data, { signal: AbortSignal.abort() }).catch((error) => error)
    if (aborted.name !== 'AbortError') throw aborted
    lane.stats()
    await lane.close()
    console.log('all well')
  }
  main().catch((error) => { console.log(error); process.exitCode = 1 })
`

const major = Number(process.versions.node.split('.')[0])
const FLAGS = {
  'nothing special': [],
  'frozen intrinsics': ['--frozen-intrinsics'],
  'no code from strings': ['--disallow-code-generation-from-strings'],
  'no JIT': ['--jitless'],
  'no __proto__': ['--disable-proto=throw'],
  'deprecations as errors': ['--throw-deprecation', '--pending-deprecation'],
  'every warning an error': ['--trace-warnings', '--throw-deprecation'],
  'a garbage collection at every chance': ['--stress-scavenge=50'],
  'permissions that allow addons': [major < 24 ? '--experimental-permission' : '--permission', '--allow-addons', '--allow-fs-read=*', '--no-warnings']
}

for (const [name, flags] of Object.entries(FLAGS)) {
  test(`works under: ${name}`, async (t) => {
    const { stdout } = await run(process.execPath, [...flags, '-e', SCRIPT], { cwd: root, timeout: 60_000, killSignal: 'SIGKILL' }).catch((error) => error)
    t.is(stdout.trim(), 'all well')
  })
}

test('works where another realm calls it', async (t) => {
  const { stdout } = await run(process.execPath, ['-e', `
    const vm = require('node:vm')
    const context = vm.createContext({ require, process, console, Buffer, AbortSignal, AbortController, setTimeout })
    vm.runInContext(${JSON.stringify(SCRIPT)}, context)
  `], { cwd: root, timeout: 60_000, killSignal: 'SIGKILL' })
  t.is(stdout.trim(), 'all well')
})

test('works where globals have been replaced', async (t) => {
  const { stdout } = await run(process.execPath, ['-e', `
    require('sidelane')
    const { hash, createHash, hashMany } = require('sidelane')
    globalThis.Promise = class {}
    globalThis.AbortController = undefined
    globalThis.performance = undefined
    globalThis.Map = globalThis.Set = globalThis.WeakMap = undefined
    const tell = (digest) => console.log(digest.length)
    hash('sha256', Buffer.alloc(100000), { inline: false }).then(tell)
    hash('sha256', 'a').then(tell)
    createHash('sha256').digestAsync('hex').then(tell)
    hashMany('sha256', Array(64).fill('a')).then(tell)
  `], { cwd: root, timeout: 60_000, killSignal: 'SIGKILL' })
  t.deepEqual(stdout.trim().split('\n'), Array(4).fill('64'))
})
