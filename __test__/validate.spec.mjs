// Wrong arguments: thrown at once, with a code, naming the parameter, what was expected and what came; and nothing is submitted.
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import vm from 'node:vm'
import test from 'ava'
import { Lane, createHash, hash, hashFile, hashMany, hashSync, hmac } from './helpers/sidelane.mjs'
import { compress, csv, json, ndjson, numeric } from 'sidelane'
import { child } from './helpers/child.mjs'
import { outcome, turn } from './helpers/time.mjs'

const require = createRequire(import.meta.url)
const { stateOf } = require('../lib/lane.js')
const FILE = fileURLToPath(new URL('../package.json', import.meta.url))

/** Everything that takes options of a task. */
const TASKS = {
  hash: (options) => hash('sha256', 'a', options),
  hmac: (options) => hmac('sha256', 'k', 'a', options),
  hashMany: (options) => hashMany('sha256', ['a'], options),
  hashFile: (options) => hashFile('sha256', FILE, options)
}
/** And those of a digest. */
const DIGESTS = { ...TASKS, hashSync: (options) => hashSync('sha256', 'a', options) }
/** And of an output's length. */
const XOFS = {
  hash: (options) => hash('shake128', 'a', options),
  hashSync: (options) => hashSync('shake128', 'a', options),
  hashMany: (options) => hashMany('shake128', ['a'], options),
  hashFile: (options) => hashFile('shake128', FILE, options),
  createHash: (options) => createHash('shake128', options)
}

/** What a call throws. A promise would be another test's unhandled rejection. */
function thrown (t, call, message) {
  return t.throws(() => { call()?.catch?.(() => {}) }, undefined, message)
}

const TYPE = { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' }
const VALUE = { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' }
const RANGE = { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' }

/** Option, wrong value, kind of error, what the message says was expected, and what came. */
const WRONG = [
  ['lane', 5, TYPE, 'an instance of Lane', 'type number (5)'],
  ['lane', {}, TYPE, 'an instance of Lane', 'an instance of Object'],
  ['lane', null, TYPE, 'an instance of Lane', 'null'],
  ['lane', Lane, TYPE, 'an instance of Lane', 'function Lane'],
  ['lane', Object.create(Lane.prototype), TYPE, 'an instance of Lane', ''],
  ['lane', new Proxy(new Lane(), {}), TYPE, 'an instance of Lane', ''],
  ['signal', 'signal', TYPE, 'an instance of AbortSignal', "type string ('signal')"],
  ['signal', null, TYPE, 'an instance of AbortSignal', 'null'],
  ['signal', {}, TYPE, 'an instance of AbortSignal', 'an instance of Object'],
  ['signal', { aborted: false }, TYPE, 'an instance of AbortSignal', 'an instance of Object'],
  ['signal', new AbortController(), TYPE, 'an instance of AbortSignal', 'an instance of AbortController'],
  ['timeout', '5', TYPE, 'of type number', "type string ('5')"],
  ['timeout', 5n, TYPE, 'of type number', 'type bigint (5n)'],
  ['timeout', null, TYPE, 'of type number', 'null'],
  ['timeout', 0, RANGE, 'milliseconds', '0'],
  ['timeout', -0, RANGE, 'milliseconds', '-0'],
  ['timeout', -1, RANGE, 'milliseconds', '-1'],
  ['timeout', Number.NaN, RANGE, 'milliseconds', 'NaN'],
  ['timeout', Infinity, RANGE, 'milliseconds', 'Infinity'],
  ['timeout', 2 ** 53, RANGE, 'milliseconds', '9007199254740992'],
  ['priority', 'urgent', VALUE, "'high', 'normal', 'low'", "'urgent'"],
  ['priority', 'HIGH', VALUE, "'high', 'normal', 'low'", "'HIGH'"],
  ['priority', 1, TYPE, 'of type string', 'type number (1)'],
  ['priority', null, TYPE, 'of type string', 'null'],
  ['priority', Symbol('high'), TYPE, 'of type string', 'type symbol (Symbol(high))'],
  ['transfer', 1, TYPE, 'of type boolean', 'type number (1)'],
  ['transfer', 'yes', TYPE, 'of type boolean', "type string ('yes')"],
  ['inline', 0, TYPE, 'of type boolean', 'type number (0)'],
  ['inline', null, TYPE, 'of type boolean', 'null']
]

const WRONG_DIGEST = [
  ['encoding', 'HEX', VALUE, "'hex', 'base64', 'base64url', 'buffer'", "'HEX'"],
  ['encoding', 'latin1', VALUE, "'hex', 'base64', 'base64url', 'buffer'", "'latin1'"],
  ['encoding', '', VALUE, "'hex'", "''"],
  ['encoding', '__proto__', VALUE, "'hex'", "'__proto__'"],
  ['encoding', 3, TYPE, 'of type string', 'type number (3)'],
  ['encoding', null, TYPE, 'of type string', 'null'],
  ['encoding', ['hex'], TYPE, 'of type string', 'an instance of Array'],
  ['encoding', () => {}, TYPE, 'of type string', 'function ']
]

const WRONG_LENGTH = [
  ['outputLength', Number.NaN, RANGE, 'an integer from 1 to 1048576', 'NaN'],
  ['outputLength', -0, RANGE, 'an integer from 1 to 1048576', '-0'],
  ['outputLength', 0, RANGE, 'an integer from 1 to 1048576', '0'],
  ['outputLength', -1, RANGE, 'an integer from 1 to 1048576', '-1'],
  ['outputLength', 1.5, RANGE, 'an integer from 1 to 1048576', '1.5'],
  ['outputLength', 1048577, RANGE, 'an integer from 1 to 1048576', '1048577'],
  ['outputLength', 2 ** 32 + 16, RANGE, 'an integer from 1 to 1048576', '4294967312'],
  ['outputLength', 2 ** 53, RANGE, 'an integer from 1 to 1048576', '9007199254740992'],
  ['outputLength', Infinity, RANGE, 'an integer from 1 to 1048576', 'Infinity'],
  ['outputLength', 16n, TYPE, 'of type number', 'type bigint (16n)'],
  ['outputLength', '16', TYPE, 'of type number', "type string ('16')"],
  ['outputLength', null, TYPE, 'of type number', 'null']
]

/** Every wrong value, in every function. */
function eachWrong (t, calls, wrong) {
  for (const [name, call] of Object.entries(calls)) {
    for (const [option, value, kind, expectation, received] of wrong) {
      const label = `${name} ${option} ${typeof value} ${received}`
      const error = thrown(t, () => call({ [option]: value }), label)
      t.like(error, kind, label)
      t.true(error.message.includes(`"options.${option}"`), `${label}: ${error.message}`)
      t.true(error.message.includes(expectation), `${label}: ${error.message}`)
      t.true(error.message.includes(`. Received ${received}`), `${label}: ${error.message}`)
    }
  }
}

test('options of a task', (t) => eachWrong(t, TASKS, WRONG))
test('options of a digest', (t) => eachWrong(t, DIGESTS, WRONG_DIGEST))
test('an output length', (t) => eachWrong(t, XOFS, WRONG_LENGTH))

test('an output length that the algorithm does not have', (t) => {
  for (const algorithm of ['sha256', 'crc32']) t.like(thrown(t, () => hashSync(algorithm, 'a', { outputLength: 33 })), VALUE)
})

test('options that are none', (t) => {
  for (const [name, call] of Object.entries({ ...DIGESTS, ...XOFS })) {
    for (const wrong of [5, 'hex', true, [], [{}], () => {}, Symbol('options'), 5n, ...(name === 'createHash' ? [] : [null, false, 0, ''])]) {
      t.like(thrown(t, () => call(wrong), `${name} ${String(wrong?.constructor?.name)}`), TYPE)
    }
  }
})

test('options that were left undefined', async (t) => {
  const options = Object.fromEntries(['lane', 'signal', 'timeout', 'priority', 'transfer', 'inline', 'encoding', 'outputLength', 'key', 'onProgress'].map((name) => [name, undefined]))
  for (const call of Object.values({ ...DIGESTS, ...XOFS })) {
    await call(options)
    await call(Object.assign(Object.create(null), options))
    await call(Object.create(null))
    await call(undefined)
  }
  t.pass()
})

test('options that are inherited count, as with Node', async (t) => {
  class Defaults { get encoding () { return 'base64' } }
  t.is(hashSync('sha256', 'a', new Defaults()), hashSync('sha256', 'a', { encoding: 'base64' }))
  t.is(await hash('sha256', 'a', Object.create({ encoding: 'base64' })), hashSync('sha256', 'a', { encoding: 'base64' }))
})

test('options of another realm', (t) => {
  t.is(hashSync('sha256', 'a', vm.runInNewContext('({ encoding: "base64" })')), hashSync('sha256', 'a', { encoding: 'base64' }))
})

test('algorithms', (t) => {
  const calls = [(name) => hash(name, 'a'), (name) => hashSync(name, 'a'), (name) => hashMany(name, ['a']), (name) => hashFile(name, FILE), (name) => hmac(name, 'k', 'a'), (name) => createHash(name)]
  for (const call of calls) {
    for (const unknown of ['sha3', '', 'sha256 ', 'sha', '__proto__', 'constructor', 'toString', 'sha\u0000256', 'ripemd160', 'x'.repeat(100_000)]) {
      const error = thrown(t, () => call(unknown), unknown.slice(0, 20))
      t.like(error, VALUE)
      t.regex(error.message, /^The "algorithm" argument must be one of 'sha1', .*\. Received '/)
      t.true(error.message.length < 1000, `${error.message.length}`)
    }
    for (const wrong of [undefined, null, 5, {}, Symbol('sha256'), Object('sha256'), true, { toString: () => 'sha256' }]) t.like(thrown(t, () => call(wrong)), TYPE)
  }
})

test('a message shows what came, but not all of it, and never a key', (t) => {
  t.true(thrown(t, () => hashSync('sha256', { a: 'x'.repeat(10_000) })).message.length < 300)
  t.true(thrown(t, () => hash('sha256', 'a', { priority: 'x'.repeat(10_000) })).message.length < 300)
  for (const [algorithm, key] of [['blake3', Buffer.from('secret')], ['sha256', Buffer.alloc(32, 's')], ['blake3', 'secret']]) {
    const error = thrown(t, () => hashSync(algorithm, 'a', { key }))
    t.like(error, VALUE)
    t.false(/73 65|secret|ssss|73, /.test(error.message), error.message)
    t.true(error.message.includes(`${key.length}`), error.message)
  }
})

const HOSTILE = {
  'a Proxy that throws': () => new Proxy({}, { get () { throw new Error('mine') }, getPrototypeOf () { throw new Error('mine') }, has () { throw new Error('mine') }, ownKeys () { throw new Error('mine') } }),
  'a revoked Proxy': () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    return proxy
  },
  'a constructor that throws': () => ({ get constructor () { throw new Error('mine') } }),
  'a constructor whose name is none': () => ({ constructor: { name: Symbol('x') } }),
  'a function whose name throws': () => class { static get name () { throw new Error('mine') } },
  'a function whose name is none': () => class { static name = Symbol('x') },
  'an inspection that throws': () => ({ [Symbol.for('nodejs.util.inspect.custom')] () { throw new Error('mine') } }),
  'no prototype': () => Object.create(null),
  'a toString that throws': () => ({ toString () { throw new Error('mine') } }),
  'bytes in name only': () => Object.create(Uint8Array.prototype),
  'a length that throws': () => ({ get byteLength () { throw new Error('mine') } }),
  'a Proxy of bytes': () => new Proxy(Buffer.from('a'), {})
}

for (const [what, make] of Object.entries(HOSTILE)) {
  test(`as a value, ${what}: the error is ours`, (t) => {
    for (const call of [(value) => hashSync('sha256', value), (value) => hash('sha256', value), (value) => hashMany('sha256', [value]), (value) => hmac('sha256', value, 'a'), (value) => hashSync(value, 'a'), (value) => hash('sha256', 'a', { priority: value }), (value) => hash('sha256', 'a', { timeout: value }), (value) => hash('sha256', 'a', { encoding: value }), (value) => hashSync('blake3', 'a', { key: value }), (value) => createHash('sha256').update(value)]) {
      t.like(thrown(t, () => call(make()), `${call}`), TYPE)
    }
  })
}

test('options that throw: at once, and nothing is submitted', async (t) => {
  const mine = new Error('mine')
  const proxy = new Proxy({}, { get () { throw mine } })
  for (const [name, call] of Object.entries({ ...DIGESTS, ...XOFS })) t.is(thrown(t, () => call(proxy), name), mine)
  for (const option of ['signal', 'timeout', 'priority', 'transfer', 'inline', 'encoding']) {
    const lane = new Lane()
    const options = { lane, inline: false, get [option] () { throw mine } }
    for (const [name, call] of Object.entries(TASKS)) t.is(thrown(t, () => call(options), `${name} ${option}`), mine)
    await turn()
    t.like(lane.stats(), { queued: 0, running: 0, completed: 0, failed: 0, aborted: 0, rejected: 0 })
  }
})

test('each option is read once', async (t) => {
  const names = ['lane', 'signal', 'timeout', 'priority', 'transfer', 'inline', 'encoding', 'outputLength', 'key', 'onProgress']
  for (const [name, call] of Object.entries({ ...DIGESTS, ...XOFS })) {
    const reads = {}
    const options = {}
    for (const each of names) Object.defineProperty(options, each, { enumerable: true, get: () => void (reads[each] = (reads[each] ?? 0) + 1) })
    await call(options)
    for (const [each, count] of Object.entries(reads)) t.is(count, 1, `${name} ${each}`)
  }
  let reads = 0
  await hashFile(['sha1', 'sha256', 'md5'], FILE, { get encoding () { reads++; return 'hex' } })
  t.is(reads, 1)
})

test('a getter that changes its mind', async (t) => {
  let reads = 0
  const options = { get encoding () { return reads++ === 0 ? 'base64' : 'nonsense' } }
  t.is(await hash('sha256', 'a', options), hashSync('sha256', 'a', { encoding: 'base64' }))
})

test('a signal of the caller\'s own making', async (t) => {
  const large = Buffer.alloc(100_000)
  const listeners = new Set()
  const honest = { aborted: false, reason: undefined, addEventListener: (_, listener) => listeners.add(listener), removeEventListener: (_, listener) => listeners.delete(listener) }
  t.is((await outcome(hash('sha256', large, { signal: honest }))).value, hashSync('sha256', large))
  t.is(listeners.size, 0)

  const hostile = [
    { ...honest, addEventListener () { throw new Error('mine') } },
    { ...honest, removeEventListener () { throw new Error('mine') } },
    { ...honest, addEventListener: (_, listener) => listener() },
    { ...honest, addEventListener: (_, listener) => { listener(); listener() } },
    { ...honest, get reason () { throw new Error('mine') }, addEventListener: (_, listener) => setImmediate(() => { try { listener() } catch {} }) },
    Object.freeze({ ...honest })
  ]
  for (const [index, signal] of hostile.entries()) {
    const lane = new Lane()
    // However it ends, it ends, and leaves nothing behind.
    await outcome((async () => hash('sha256', large, { signal, lane }))())
    await lane.idle()
    t.is(await hash('sha256', large, { lane }), hashSync('sha256', large), `${index}`)
    t.like(lane.stats(), { queued: 0, running: 0 })
  }
})

test('Object.prototype that somebody has polluted', async (t) => {
  const names = ['lane', 'signal', 'timeout', 'priority', 'transfer', 'inline', 'encoding', 'outputLength', 'key', 'onProgress', 'offsets', 'data', 'ours', 'patient', 'cancelled', 'message', 'code', 'statusCode', 'get', 'set', 'value', 'writable', 'resolve', 'settled', 'tag']
  const { status, stdout, stderr } = await child(`
    const { hmac, hashFile, createHash } = s
    const large = Buffer.alloc(100_000)
    const calls = {
      hashSync: () => hashSync('sha256', 'a', {}), hash: () => hash('sha256', large, {}), inline: () => hash('sha256', 'a', { inline: true }), bare: () => hash('sha256', large),
      hmac: () => hmac('sha256', 'k', large, {}), many: () => hashMany('sha256', ['a', 'b'], {}), mixed: () => hashMany('sha256', [large], {}), file: () => hashFile('sha256', ${JSON.stringify(FILE)}, {}),
      wrong: () => hash('none', 'a'), lane: () => new Lane({}).stats().queued, full: () => hash('sha256', large, { lane: new Lane({ maxQueueBytes: 1 }) }),
      stream: () => { const hash = createHash('sha256', {}); hash.end(large); return hash.digestAsync('hex') }
    }
    const codes = new Set()
    async function main () {
      for (const name of ${JSON.stringify(names)}) {
        for (const value of ['nonsense', 5, -1, null, {}, () => {}, Symbol('x')]) {
          for (const call of Object.values(calls)) {
            let ended
            // Only the call itself: Node has code of its own that trips over it.
            Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true, enumerable: false })
            try { ended = [call()] } catch (error) { ended = [undefined, error] } finally { delete Object.prototype[name] }
            const late = await Promise.race([Promise.resolve(ended[0]).then(() => undefined, (error) => error), sleep(5000, 'hangs', { ref: false })])
            const error = ended[1] ?? late
            if (error === 'hangs') console.log('hangs', name, String(value))
            else if (error !== undefined && !/^(ERR_|E[A-Z]+$)/.test(error.code)) console.log(name, String(value), String(call), error)
            else if (error) codes.add(error.code)
          }
        }
      }
      console.log([...codes].sort().join(' '))
    }
    main()
  `, { timeout: 60_000 })
  t.is(status, 0, stderr)
  // One line: nothing else was found.
  t.regex(stdout, /^ERR_INVALID_ARG_TYPE ERR_INVALID_ARG_VALUE ERR_OUT_OF_RANGE (ERR_[A-Z_]+ ?)+$/)
})

test('a code on Object.prototype is no failure of ours', (t) => {
  const calls = {
    describe: () => numeric.describeSync(Float64Array.of(1, 2)).mean, query: () => json.querySync('{"a":1}', '/a'), count: () => ndjson.countSync('{}\n{}'),
    gunzip: () => compress.gunzipSync(compress.gzipSync('a')).toString(), csv: () => csv.parseSync('a\n1').rowCount
  }
  const wanted = Object.values(calls).map((call) => call())
  // eslint-disable-next-line no-extend-native
  Object.defineProperty(Object.prototype, 'code', { value: 'ERR_TOO_LARGE', configurable: true })
  try {
    t.deepEqual(Object.values(calls).map((call) => call()), wanted)
  } finally {
    delete Object.prototype.code
  }
})

test('Object.prototype with setters for what we call our own', async (t) => {
  const own = [require('../lib/task-entry.js').Entry, stateOf(Lane.default).constructor].flatMap((Class) => [...Class.toString().matchAll(/this\.(\w+) = /g)].map(([, name]) => name))
  t.true(own.includes('tag') && own.includes('outstanding'))
  const { status, stdout, stderr } = await child(`
    const large = Buffer.alloc(100_000)
    const calls = {
      task: () => hash('sha256', large, { inline: false }), timed: () => hash('sha256', large, { timeout: 5000, inline: false }),
      full: () => hash('sha256', large, { lane: new Lane({ maxQueueBytes: 1 }) }), closed: () => { const lane = new Lane(); lane.close(); return hash('md5', large, { lane }) }, wrong: () => hash('none', 'a'),
      wait: () => { const lane = new Lane({ concurrency: 1, maxQueue: 0, overflow: 'wait' }); return Promise.all([hash('md5', large, { lane }), hash('md5', large, { lane })]) }
    }
    async function main () {
      for (const name of ${JSON.stringify([...new Set([...own, 'code', 'statusCode', 'retryable', 'retryAfterMs'])])}) {
        for (const [what, call] of Object.entries(calls)) {
          let ended
          Object.defineProperty(Object.prototype, name, { get: () => undefined, set () {}, configurable: true })
          try { ended = [call()] } catch (error) { ended = [Promise.reject(error)] } finally { delete Object.prototype[name] }
          const end = await Promise.race([ended[0].then(() => 'done', (error) => error.code), sleep(5000, 'hangs', { ref: false })])
          const wanted = { full: 'ERR_TOO_LARGE', closed: 'ERR_LANE_CLOSED', wrong: 'ERR_INVALID_ARG_VALUE' }[what] ?? 'done'
          if (end !== wanted) console.log(name, what, end)
        }
      }
      console.log(await Promise.race([Lane.default.idle().then(() => 'idle'), sleep(5000, 'never idle', { ref: false })]))
    }
    main()`, { timeout: 60_000 })
  t.is(status, 0, stderr)
  t.is(stdout, 'idle')
})

test('a revoked Proxy in any place: an error with a code', (t) => {
  const revoked = () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    return proxy
  }
  for (const [name, call] of Object.entries({ ...DIGESTS, createHash: XOFS.createHash, Lane: (options) => new Lane(options) })) {
    t.like(thrown(t, () => call(revoked()), name), TYPE, name)
  }
  t.like(thrown(t, () => hashMany('sha256', revoked())), { ...TYPE, message: 'The "items" argument must be an Array, or an object with data and offsets. Received <Revoked Proxy>' })
  t.like(thrown(t, () => hashFile(revoked(), FILE)), TYPE)
  t.like(thrown(t, () => hash(revoked(), 'a')), TYPE)
  t.like(thrown(t, () => hash('sha256', revoked())), TYPE)
  t.like(thrown(t, () => hashFile('sha256', revoked())), TYPE)
})

test('the timeout of close(): what it takes is what its error says', async (t) => {
  for (const timeout of [0, 0.5, 2147483647, Infinity, undefined]) await new Lane().close({ timeout })
  for (const timeout of [-1, Number.NaN, 2147483648, -Infinity]) {
    const error = thrown(t, () => new Lane().close({ timeout }))
    t.like(error, RANGE)
    t.true(error.message.includes(`It must be a number of milliseconds from 0 to 2147483647, or Infinity. Received ${timeout}`), error.message)
  }
  t.like(thrown(t, () => new Lane().close({ timeout: '5' })), TYPE)
})

test('bounds of a lane that are too large for an integer', (t) => {
  for (const name of ['concurrency', 'maxQueue', 'maxQueueBytes']) {
    const error = thrown(t, () => new Lane({ [name]: 2 ** 53 }))
    t.like(error, RANGE)
    t.true(error.message.includes(`It must be an integer from ${name === 'concurrency' ? 1 : 0} to 9007199254740991, or Infinity. Received 9007199254740992`), error.message)
  }
})

test('a Proxy that was revoked is a wrong argument as others, wherever a transform takes an object', (t) => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  const calls = [
    () => json.querySync('{}', proxy), () => ndjson.selectSync('{}', proxy), () => ndjson.countSync('{}', proxy), () => ndjson.countSync('{}', { '/a': proxy }), () => ndjson.countSync('{}', { and: proxy }),
    () => ndjson.countSync('{}', { '/a': { in: proxy } }), () => ndjson.countSync('{}', { '/a': { matches: proxy } }), () => csv.parseSync('a', { header: proxy }), () => csv.parseSync('a', { select: proxy }),
    () => csv.parseSync('a', { where: proxy }), () => csv.parseSync('a', { where: { a: proxy } }), () => csv.parseSync('a', { columns: proxy }), () => csv.parseSync('a', { limits: proxy }), () => numeric.quantilesSync(new Float64Array(1), proxy), () => numeric.mapSync(new Float64Array(1), proxy), () => numeric.mapSync(new Float64Array(1), [{ clamp: proxy }]), () => numeric.batchSync(proxy, {})
  ]
  for (const call of calls) t.throws(call, { instanceOf: TypeError, code: 'ERR_INVALID_ARG_TYPE' }, String(call))
})

test('an array that holds less than it says', (t) => {
  t.throws(() => numeric.quantilesSync(new Float64Array(4), Object.assign([0.5], { length: 2 ** 32 - 1 })), { code: 'ERR_INVALID_ARG_TYPE', message: /^The "probabilities\[1\]" / })
  const sparse = (...elements) => Object.assign(elements, { length: 2 ** 32 - 1 })
  const calls = {
    'options.select[1]': () => csv.parseSync('a', { select: sparse('a') }), 'options.header[1]': () => csv.parseSync('a', { header: sparse('a') }),
    'where.and[1]': () => ndjson.countSync('{}', { and: sparse({}) }), 'where./a.in[1]': () => ndjson.countSync('{}', { '/a': { in: sparse(1) } }), 'where.or[0]': () => csv.parseSync('a', { where: { or: sparse() } })
  }
  for (const [name, call] of Object.entries(calls)) {
    const error = t.throws(call, { instanceOf: TypeError, code: 'ERR_INVALID_ARG_TYPE' }, name)
    t.true(error.message.startsWith(`The "${name}" `) && error.message.endsWith('Received undefined'), error.message)
  }
  t.throws(() => csv.parseSync('a\n1', { select: ['a', , 'b'] }), { code: 'ERR_INVALID_ARG_TYPE' }) // eslint-disable-line no-sparse-arrays
})

test('a filter reads each test once', (t) => {
  let reads = 0
  const where = { a: { get eq () { return reads++ === 0 ? 1 : '1' } } }
  t.is(csv.parseSync('a\n1\n1.0\n', { where }).rowCount, 2)
  t.is(reads, 1)
})
