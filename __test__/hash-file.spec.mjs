// hashFile: what a path can name, and what can become of a file while it is read.
import { AsyncLocalStorage } from 'node:async_hooks'
import { spawnSync } from 'node:child_process'
import { closeSync, ftruncateSync, mkdtempSync, openSync, renameSync, rmSync, symlinkSync, truncateSync, unlinkSync, utimesSync, writeFileSync, writeSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import test from 'ava'
// First: it chooses the binary.
import { Lane, createHash, hashFile, hashSync, hold } from './helpers/sidelane.mjs'
import { FileError } from 'sidelane'
import { expected } from './helpers/cases.mjs'
import { isPending, outcome, reason, sleep, until, within } from './helpers/time.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const unix = process.platform === 'win32' ? test.skip : test

test.beforeEach((t) => { t.context.directory = mkdtempSync(path.join(tmpdir(), 'sidelane-files-')) })
test.afterEach.always((t) => rmSync(t.context.directory, { recursive: true, force: true }))

/** A file of these bytes, or of so many zeros that take no space. */
function file (t, content, name = 'file') {
  const at = path.join(t.context.directory, name)
  if (typeof content === 'number') {
    const fd = openSync(at, 'w')
    ftruncateSync(fd, content)
    closeSync(fd)
  } else {
    writeFileSync(at, content)
  }
  return at
}

/** Long enough for several reports of progress with the slowest algorithm, which takes 4.6 ns a byte. */
const LONG = 80 << 20
const SLOWEST = 'sha3-512'

const TEXT = 'Vom Eise befreit sind Strom und Bäche'

// The answer

test('one algorithm: its digest', async (t) => {
  t.is(await hashFile('sha256', file(t, TEXT)), expected('sha256', TEXT))
})

test('several: read once, an object by the names as they were given, in that order', async (t) => {
  const names = ['sha256', 'crc32', 'MD5', 'blake3', 'SHA-512', 'sha256']
  const digests = await hashFile(names, file(t, TEXT))
  t.deepEqual(Object.entries(digests), [...new Set(names)].map((name) => [name, hashSync(name, TEXT)]))
})

test('every encoding', async (t) => {
  const at = file(t, TEXT)
  for (const encoding of ['hex', 'base64', 'base64url', 'buffer']) {
    t.deepEqual(await hashFile('sha256', at, { encoding }), expected('sha256', TEXT, encoding))
    t.deepEqual(await hashFile(['sha1', 'md5'], at, { encoding }), { sha1: expected('sha1', TEXT, encoding), md5: expected('md5', TEXT, encoding) })
  }
})

test('an output length, a key', async (t) => {
  const at = file(t, TEXT)
  const key = Buffer.alloc(32, 9)
  t.deepEqual(await hashFile(['shake128', 'shake256', 'blake3'], at, { outputLength: 100 }), { shake128: expected('shake128', TEXT, 'hex', 100), shake256: expected('shake256', TEXT, 'hex', 100), blake3: hashSync('blake3', TEXT, { outputLength: 100 }) })
  t.is(await hashFile('blake3', at, { key }), hashSync('blake3', TEXT, { key }))
  t.is(t.throws(() => { hashFile(['blake3', 'sha256'], at, { key }) }).code, 'ERR_INVALID_ARG_VALUE')
  t.is(t.throws(() => { hashFile(['shake128', 'sha256'], at, { outputLength: 100 }) }).code, 'ERR_INVALID_ARG_VALUE')
})

test('an array that holds less than it says', (t) => {
  for (const [index, algorithms] of [Object.assign([], { length: 2 ** 32 - 1 }), Object.assign(['md5'], { length: 2 ** 31 })].entries()) {
    const error = t.throws(() => { hashFile(algorithms, file(t, TEXT)) }, { code: 'ERR_INVALID_ARG_TYPE' })
    t.is(error.message, `The "algorithms[${index}]" argument must be of type string. Received undefined`)
  }
})

test('a URL in name only', (t) => {
  for (const path of [Object.create(URL.prototype), new Proxy(pathToFileURL(file(t, TEXT)), {})]) {
    const error = t.throws(() => { hashFile('md5', path) }, { instanceOf: TypeError, code: 'ERR_INVALID_ARG_TYPE' })
    t.true(error.message.startsWith('The "path" argument must be of type string or an instance of Buffer or URL. Received '), error.message)
  }
})

test('an empty file', async (t) => {
  t.is(await hashFile('sha256', file(t, '')), expected('sha256', ''))
})

test('a file longer than its buffer, by all algorithms at once', async (t) => {
  const data = Buffer.alloc(3_000_001, TEXT)
  const at = file(t, data)
  const names = ['sha1', 'sha256', 'sha512', 'blake3', 'md5', 'xxh3-128', 'crc64nvme']
  t.deepEqual(await hashFile(names, at), Object.fromEntries(names.map((name) => [name, hashSync(name, data)])))
})

test('a path as a string, Buffer, Uint8Array or URL, absolute or relative, through a link', async (t) => {
  const at = file(t, TEXT, 'grüße %20.txt')
  const link = path.join(t.context.directory, 'link')
  symlinkSync(at, link)
  for (const each of [at, Buffer.from(at), new Uint8Array(Buffer.from(at)), pathToFileURL(at), path.relative(process.cwd(), at), link]) {
    t.is(await hashFile('sha256', each), expected('sha256', TEXT))
  }
})

unix('a name that is not UTF-8', async (t) => {
  const at = Buffer.concat([Buffer.from(t.context.directory), Buffer.from('/\xff\xfe', 'latin1')])
  writeFileSync(at, TEXT)
  t.is(await hashFile('sha256', at), expected('sha256', TEXT))
})

const linux = process.platform === 'linux' ? test : test.skip
linux('a file of the kernel\'s, whose length is not true', async (t) => {
  const { readFileSync } = await import('node:fs')
  t.is(await hashFile('sha256', '/proc/version'), expected('sha256', readFileSync('/proc/version')))
})

// What is no file

unix('a directory, FIFO, socket or device: refused, at once', async (t) => {
  const fifo = path.join(t.context.directory, 'fifo')
  const socket = path.join(t.context.directory, 'socket')
  spawnSync('mkfifo', [fifo])
  const server = createServer().listen(socket)
  t.teardown(() => server.close())
  await until(() => server.listening)
  const kinds = { [t.context.directory]: /a directory/, [fifo]: /a FIFO/, [socket]: /a socket/, '/dev/zero': /a character device/, '/dev/null': /a character device/ }
  for (const [at, message] of Object.entries(kinds)) {
    const error = await reason(hashFile('sha256', at, { timeout: 5000 }))
    t.true(error instanceof FileError, at)
    t.like(error, { name: 'FileError', code: 'ERR_FILE_NOT_REGULAR', statusCode: 400, retryable: false, path: at })
    t.regex(error.message, message)
  }
})

/** What `fs` says. */
const likeFs = async (t, at, code) => {
  const { readFile } = await import('node:fs/promises')
  const theirs = await reason(readFile(at))
  const ours = await reason(hashFile('sha256', at))
  t.is(ours.code, code)
  t.deepEqual({ ...ours, message: ours.message }, { ...theirs, message: theirs.message })
}

test('a missing file, as fs says it', (t) => likeFs(t, path.join(t.context.directory, 'none'), 'ENOENT'))
test('no name at all, as fs says it', (t) => likeFs(t, '', 'ENOENT'))
unix('a file as a directory, as fs says it', (t) => likeFs(t, path.join(file(t, ''), 'in'), 'ENOTDIR'))
unix('a name too long, as fs says it', (t) => likeFs(t, path.join(t.context.directory, 'x'.repeat(5000)), 'ENAMETOOLONG'))
unix('a link to itself, as fs says it', (t) => {
  const link = path.join(t.context.directory, 'link')
  symlinkSync(link, link)
  return likeFs(t, link, 'ELOOP')
})

unix('a file that may not be read: EACCES', (t) => {
  // Root may read everything, so another user tries.
  const at = file(t, TEXT)
  const code = `
    require('fs').chmodSync(${JSON.stringify(at)}, 0)
    require('fs').chmodSync(${JSON.stringify(t.context.directory)}, 0o755)
    const { hashFile } = require('sidelane')
    if (process.getuid() === 0) process.setuid(65534)
    hashFile('sha256', ${JSON.stringify(at)}).then(console.log, ({ code, syscall, errno, path }) => console.log(JSON.stringify({ code, syscall, errno, path })))`
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', code], { cwd: root, encoding: 'utf8', timeout: 20_000 })
  t.deepEqual(JSON.parse(stdout), { code: 'EACCES', syscall: 'open', errno: -13, path: at }, stderr)
})

test('a path that cannot be one: thrown at once', (t) => {
  for (const wrong of [undefined, null, 5, {}, [], new ArrayBuffer(4), new Uint16Array(4), Symbol('path')]) t.is(t.throws(() => { hashFile('sha256', wrong) }, { instanceOf: TypeError }).code, 'ERR_INVALID_ARG_TYPE')
  for (const wrong of ['a\0b', Buffer.from('a\0b'), pathToFileURL('/a').href.replace('a', '%00')].map((each) => (String(each).startsWith('file:') ? new URL(each) : each))) t.is(t.throws(() => { hashFile('sha256', wrong) }, { instanceOf: TypeError }).code, 'ERR_INVALID_ARG_VALUE')
  t.is(t.throws(() => { hashFile('sha256', new URL('http://localhost/file')) }).code, 'ERR_INVALID_URL_SCHEME')
})

test('algorithms that cannot be: thrown at once', (t) => {
  const at = file(t, '')
  t.is(t.throws(() => { hashFile([], at) }).code, 'ERR_INVALID_ARG_VALUE')
  const error = t.throws(() => { hashFile(['sha256', 'sha3'], at) }, { instanceOf: TypeError })
  t.is(error.code, 'ERR_INVALID_ARG_VALUE')
  t.true(error.message.includes('algorithms[1]') && error.message.includes("'sha3'"), error.message)
  t.is(t.throws(() => { hashFile(['sha256', 5], at) }).code, 'ERR_INVALID_ARG_TYPE')
})

// What becomes of it

const CHANGES = {
  'cut off': (at) => truncateSync(at, 1 << 20),
  emptied: (at) => truncateSync(at, 0),
  'made longer': (at) => truncateSync(at, LONG + 10),
  written: (at) => {
    const fd = openSync(at, 'r+')
    writeSync(fd, 'x', LONG - 5)
    closeSync(fd)
  },
  touched: (at) => utimesSync(at, 1, 1),
  deleted: (at) => unlinkSync(at),
  replaced: (at) => {
    writeFileSync(`${at}.new`, '')
    renameSync(`${at}.new`, at)
  }
}

for (const [changed, change] of Object.entries(CHANGES)) {
  test.serial(`a file that is ${changed} while it is read`, async (t) => {
    const at = file(t, LONG)
    let reports = 0
    const { value, error } = await outcome(hashFile(SLOWEST, at, {
      onProgress () {
        if (reports++ === 0) change(at)
      }
    }))
    t.true(reports > 0, 'it was read too fast to be changed meanwhile')
    t.is(value, undefined)
    t.true(error instanceof FileError)
    t.like(error, { code: 'ERR_FILE_CHANGED', statusCode: 409, retryable: true, path: at })
    t.true(error.message.includes(at), error.message)
  })
}

test.serial('an abort in the midst: rejected at once, and the slot is free soon', async (t) => {
  const at = file(t, LONG)
  await within(t, 50, async () => {
    const lane = new Lane()
    const controller = new AbortController()
    let aborted
    const error = await reason(hashFile(['sha3-512', 'sha512', 'md5'], at, {
      lane,
      signal: controller.signal,
      onProgress () {
        aborted ??= performance.now()
        controller.abort('enough')
      }
    }))
    t.is(error, 'enough')
    t.is(lane.stats().completed, 0)
    await lane.idle()
    t.like(lane.stats(), { running: 0, aborted: 1, completed: 0 })
    return performance.now() - aborted
  })
})

test.serial('a timeout in the midst', async (t) => {
  const error = await reason(hashFile(SLOWEST, file(t, LONG), { timeout: 50 }))
  t.is(error.code, 'ERR_TASK_TIMEOUT')
})

test.serial('a full lane refuses a file like anything else', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 0 })
  const release = await hold(t, lane)
  t.is((await reason(hashFile('sha256', file(t, TEXT), { lane }))).code, 'ERR_LANE_FULL')
  await release()
  t.is(await hashFile('sha256', file(t, TEXT), { lane }), expected('sha256', TEXT))
})

// Progress

test.serial('progress: what was read of what there is, at most every 100 ms, never after the end', async (t) => {
  const at = file(t, LONG)
  const reports = []
  const start = performance.now()
  let ended = false
  await hashFile(SLOWEST, at, {
    onProgress (progress) {
      t.false(ended)
      reports.push({ ...progress, time: performance.now() })
    }
  })
  ended = true
  const took = performance.now() - start
  t.true(reports.length >= 1 && reports.length <= took / 100, `${reports.length} in ${took} ms`)
  for (const [index, { bytes, total }] of reports.entries()) {
    t.is(total, LONG)
    t.true(bytes <= LONG && bytes > (reports[index - 1]?.bytes ?? 0))
  }
  await sleep(120)
  t.true(reports.every(({ time }) => time <= start + took))
})

test.serial('progress is told in the caller\'s async context', async (t) => {
  const storage = new AsyncLocalStorage()
  const at = file(t, LONG)
  const seen = { one: new Set(), two: new Set() }
  await Promise.all(['one', 'two'].map((name) => storage.run(name, () => hashFile(SLOWEST, at, { onProgress: () => seen[name].add(storage.getStore()) }))))
  t.deepEqual(seen, { one: new Set(['one']), two: new Set(['two']) })
})

test.serial('what onProgress throws is the rejection, and the work stops', async (t) => {
  const lane = new Lane()
  const thrown = new Error('from the callback')
  let calls = 0
  const error = await reason(hashFile(SLOWEST, file(t, LONG), {
    lane,
    onProgress () {
      calls++
      throw thrown
    }
  }))
  t.is(error, thrown)
  await lane.idle()
  t.is(calls, 1)
  t.is(lane.stats().completed, 0)
})

test.serial('what the promise of an async onProgress rejects with is the rejection, and nothing is unhandled', async (t) => {
  const unhandled = []
  const listener = (error) => unhandled.push(error)
  process.on('unhandledRejection', listener)
  t.teardown(() => process.off('unhandledRejection', listener))
  const lane = new Lane()
  const thrown = new Error('from the async callback')
  const at = file(t, LONG)
  t.is(await reason(hashFile(SLOWEST, at, { lane, onProgress: async () => { throw thrown } })), thrown)
  // What comes after the end is nobody's.
  const late = []
  await hashFile(SLOWEST, at, { lane, onProgress: () => new Promise((_, reject) => late.push(reject)) })
  for (const reject of late) reject(thrown)
  await lane.idle()
  await sleep(5)
  t.deepEqual(unhandled, [])
  t.is(lane.stats().completed, 1)
})

test('a path longer than its lane takes: the error calls it a path', async (t) => {
  const error = await reason(hashFile('sha256', '/etc/hostname', { lane: new Lane({ name: 'l', maxQueueBytes: 5 }) }))
  t.like(error, { code: 'ERR_TOO_LARGE', limit: 5, received: 13, message: 'The path has 13 bytes, but lane "l" holds at most 5 (maxQueueBytes)' })
})

test('a short file needs no report', async (t) => {
  const reports = []
  await hashFile('sha256', file(t, TEXT), { onProgress: (progress) => reports.push(progress) })
  t.deepEqual(reports, [])
})

test('onProgress must be a function', (t) => {
  for (const wrong of [null, 5, 'x', {}]) t.is(t.throws(() => { hashFile('sha256', 'x', { onProgress: wrong }) }, { instanceOf: TypeError }).code, 'ERR_INVALID_ARG_TYPE')
})

test.serial('the loop turns meanwhile', async (t) => {
  const at = file(t, LONG)
  const done = hashFile(['sha512', 'sha256'], at)
  let turns = 0
  while (await isPending(done)) turns++
  const zeros = createHash('sha256')
  const block = Buffer.alloc(1 << 20)
  for (let i = 0; i < LONG / block.length; i++) zeros.update(block)
  t.is((await done).sha256, zeros.digest('hex'))
  t.true(turns > 50, `${turns}`)
})
