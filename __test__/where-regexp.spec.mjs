// SafeRegExp as a test in filters: equal to JSON.parse and RegExp.prototype.test.
import test from 'ava'
import * as fc from 'fast-check'
import { Lane, RegExpBudgetError, SafeRegExp, csv, ndjson } from 'sidelane'

/** Each in a form of its own: plain, folded, classes, astral, lone surrogates, lookarounds, backreferences, beginnings and ends. */
const PATTERNS = [
  ['^a', 'i'], ['a$', ''], ['a|é', ''], ['É', 'i'], ['ſ', 'iu'], ['k', 'iu'], ['.', ''], ['^.$', ''], ['^.$', 'u'], ['^.$', 's'], ['^..$', ''], ['\\p{L}', 'u'], ['[^\\x00-\\x7f]', ''],
  ['\\ud83d', ''], ['\\ud83d', 'u'], ['\\ude00', 'u'], ['\\ud83d\\ude00', ''], ['^\\ude00', ''], ['😀', 'u'], ['[😀]', 'v'], ['\\ufffd', ''], ['[\\ud800-\\udfff]', 'u'],
  ['(?<=a)b', ''], ['a(?!b)', ''], ['(.)\\1', ''], ['(.)\\1', 'iu'], ['', ''], ['(?:)$', 'm'], ['^b', 'm'], ['\\u0000', ''], ['b', 'g'], ['b', 'y'], ['a', 'gy'], ['x*y', 'd']
]
const atom = fc.constantFrom('a', 'b', 'ab', 'A', 'k', 'K', '\u212a', 'ſ', 's', 'é', 'É', 'ÿ', 'ж', '😀', '\ud83d', '\ude00', '\ufffd', '\u0000', '\n', '"', '\\', 'xx', '')
const string = fc.array(atom, { maxLength: 6 }).map((parts) => parts.join(''))
const value = fc.oneof({ weight: 8, arbitrary: string }, { weight: 1, arbitrary: fc.constantFrom(null, true, 0, 12) }, { weight: 1, arbitrary: fc.array(string, { maxLength: 1 }) })
/** JSON in which any code unit may be an escape; surrogates outside pairs always are. */
const escaped = fc.tuple(value, fc.constantFrom(0, 1, 2)).map(([value, every]) => JSON.stringify(value).replaceAll(/[^\0-~]/g, (unit, at) => every !== 0 && at % every === 0 ? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}` : unit))
const regexp = fc.constantFrom(...PATTERNS)

test('ndjson: as JSON.parse and RegExp.test', async (t) => {
  await fc.assert(fc.asyncProperty(fc.array(fc.tuple(escaped, escaped), { maxLength: 8 }), regexp, fc.boolean(), fc.boolean(), async (records, [source, flags], trusted, inline) => {
    // Half of a pair that is an escape, and half that is not, is no JSON in UTF-8.
    const lines = records.map(([a, b]) => `{"a":${a},"b":${b}}`).filter((line) => line.isWellFormed())
    const values = lines.map((line) => JSON.parse(line))
    const native = new RegExp(source, flags)
    const holds = (value) => { native.lastIndex = 0; return typeof value === 'string' && native.test(value) }
    const safe = new SafeRegExp(source, flags)
    safe.lastIndex = 3
    const data = lines.join('\n')
    const options = { trusted, inline }
    const cases = [
      [{ '/a': safe }, ({ a }) => holds(a)],
      [{ '/a': { matches: safe, exists: true } }, ({ a }) => holds(a)],
      [{ not: { '/a': safe } }, ({ a }) => !holds(a)],
      [{ or: [{ '/a': safe }, { '/b': { matches: safe } }] }, ({ a, b }) => holds(a) || holds(b)]
    ]
    for (const [where, matches] of cases) {
      const wanted = values.filter(matches)
      const shown = `${source} ${flags} ${data}`
      t.is(await ndjson.count(data, where, options), wanted.length, shown)
      t.deepEqual(await ndjson.filter(data, where, options), wanted, shown)
      t.deepEqual(ndjson.selectSync(data, { a: '/a' }, { where, trusted }), wanted.map(({ a }) => ({ a })), shown)
      t.deepEqual(await ndjson.columns(data, { b: '/b' }, { where, ...options }), { b: wanted.map(({ b }) => b) }, shown)
    }
    t.is(safe.lastIndex, 3)
  }), { numRuns: 300 })
})

test('csv: as RegExp.test of the texts that the columns have', async (t) => {
  await fc.assert(fc.asyncProperty(fc.array(string, { maxLength: 8 }), regexp, fc.boolean(), async (texts, [source, flags], inline) => {
    const data = Buffer.from(`s\n${texts.map((text) => `"${text.replaceAll('"', '""')}"\n`).join('')}`)
    const safe = new SafeRegExp(source, flags)
    const native = new RegExp(source, flags)
    const holds = (value) => { native.lastIndex = 0; return native.test(value) }
    const all = csv.parseSync(data).columns.s.toArray()
    const wanted = all.filter(holds)
    t.deepEqual((await csv.parse(data, { where: { s: safe }, inline })).columns.s.toArray(), wanted)
    t.deepEqual(csv.parseSync(data, { where: { not: { s: { matches: safe } } }, columns: { s: 'dict' } }).columns.s.toArray(), all.filter((text) => !holds(text)))
  }), { numRuns: 300 })
})

test('csv: bytes that are no UTF-8 are U+FFFD, as in the column', (t) => {
  const rows = [[0xed, 0xa0, 0x80], [0xff], [0xf0, 0x9f, 0x98], [0xed, 0xa0], [0x61, 0xc3]]
  const data = Buffer.from([0x73, 10, ...rows.flatMap((row) => [...row, 10])])
  const texts = csv.parseSync(data).columns.s.toArray()
  for (const pattern of ['^\ufffd$', '^\ufffd{2}$', '^\ufffd{3}$', '\ud800', 'a\ufffd$']) {
    t.deepEqual(csv.parseSync(data, { where: { s: new SafeRegExp(pattern) } }).columns.s.toArray(), texts.filter((text) => new RegExp(pattern).test(text)), pattern)
  }
  const latin1 = Buffer.from('s\né\nÉx\n', 'latin1')
  t.is(csv.parseSync(latin1, { encoding: 'latin1', where: { s: new SafeRegExp('^É', 'i') } }).rowCount, 2)
  t.is(csv.parseSync(Buffer.from('s\n😀\n', 'utf16le'), { encoding: 'utf16le', where: { s: new SafeRegExp('^.$', 'u') } }).rowCount, 1)
})

test('csv: a column of another type has texts only where a field is no such thing', (t) => {
  const data = 'n,s\n12,12\nx1,x1\n,\n'
  const any = new SafeRegExp('1')
  t.is(csv.parseSync(data, { where: { n: any } }).rowCount, 2)
  t.is(csv.parseSync(data, { where: { n: any }, columns: { n: 'f64', s: 'utf8' }, invalid: 'null' }).rowCount, 1)
  t.is(csv.parseSync(data, { where: { n: { matches: any, gt: 5 } } }).rowCount, 0)
})

test('many lines on all threads: each has memory of its own', async (t) => {
  const line = (index) => JSON.stringify({ id: index, path: `/users/${index % 977}/${index % 2 === 0 ? 'café' : 'orders'}/${'é'.repeat(index % 7)}` })
  const lines = Array.from({ length: 80_000 }, (_, index) => line(index))
  const data = lines.join('\n')
  t.true(data.length > 3 << 20)
  const [linear, backreference] = [new SafeRegExp('/\\d*7/c.f\\u00e9/é{3,}$', 'u'), new SafeRegExp('(\\d)\\1/.*(é)\\2$')]
  for (const safe of [linear, backreference]) {
    const native = new RegExp(safe.source, safe.flags)
    const wanted = lines.filter((line) => native.test(JSON.parse(line).path)).length
    t.true(wanted > 100)
    t.is(await ndjson.count(data, { '/path': safe }), wanted)
    const table = await csv.parse(`path\n${lines.map((line) => JSON.parse(line).path).join('\n')}`, { where: { path: safe } })
    t.is(table.rowCount, wanted)
  }
})

test('a search that runs out of steps fails the call', async (t) => {
  const slow = new SafeRegExp('^(a|aa|aaa)*\\1b$')
  const text = JSON.stringify({ s: 'a'.repeat(60) })
  const data = `{"s":"b"}\n${text}\n${'{"s":"c"}\n'.repeat(300_000)}`
  const thrown = { instanceOf: RegExpBudgetError, code: 'ERR_REGEXP_BUDGET', message: /backreferences/ }
  t.throws(() => ndjson.countSync(text, { '/s': slow }), thrown)
  t.throws(() => ndjson.countSync(text, { not: { '/s': slow } }), thrown)
  t.throws(() => csv.parseSync(`s\n${'a'.repeat(60)}`, { where: { s: slow } }), thrown)
  await t.throwsAsync(ndjson.filter(text, { '/s': slow }), thrown)
  await t.throwsAsync(ndjson.count(data, { '/s': slow }), thrown)
  await t.throwsAsync(csv.parse(`s\n${'a'.repeat(60)}`, { where: { s: slow }, inline: true }), thrown)
  // Whatever is not asked is not searched.
  t.is(ndjson.countSync(text, { '/s': { prefix: 'b', matches: slow } }), 0)
})

test('searches that can be long go to a lane, and stop when told', async (t) => {
  const lane = new Lane({ name: 'where-regexp' })
  const abort = async (start) => {
    const controller = new AbortController()
    const promise = start(controller.signal)
    const promised = { settled: false }
    const settle = () => { promised.settled = true }
    promise.then(settle, settle)
    while (lane.stats().running === 0 && !promised.settled) await new Promise(setImmediate)
    controller.abort(new Error('enough'))
    await t.throwsAsync(promise, { message: 'enough' })
    await lane.idle()
  }
  // Each line takes a millisecond, all of them a minute.
  const backreferences = new SafeRegExp('^(a|aa)*c\\1$')
  await abort((signal) => ndjson.count(`${JSON.stringify({ s: 'a'.repeat(20) })}\n`.repeat(60_000), { '/s': backreferences }, { lane, signal }))
  // One search of one value, with 6,000 states for each of 8 million code units: minutes.
  const large = new SafeRegExp('(?:[ab]{0,200}){0,30}[cd]$')
  await abort((signal) => csv.parse(`s\n${'abc '.repeat(2 << 20)}\n`, { where: { s: large }, signal, lane }))
  lane.close()
  // Short data goes to a lane as well, by what the pattern can cost.
  for (const [pattern, lanes] of [['^a', 0], [large.source, 1], [backreferences.source, 1]]) {
    const lane = new Lane({ name: 'where-short' })
    t.is(await ndjson.count('{"s":"b"}', { '/s': new SafeRegExp(pattern) }, { lane }), 0)
    t.is(lane.stats().completed, lanes, pattern)
    lane.close()
  }
})

test('a program lives while its call waits for room', async (t) => {
  const lane = new Lane({ name: 'where-room', concurrency: 1, maxQueue: 0, overflow: 'wait' })
  const busy = ndjson.count('{"a":1}\n'.repeat(500_000), undefined, { lane })
  const waiting = Array.from({ length: 50 }, (_, index) => ndjson.count(`{"s":"x${index}"}\n{"s":"y"}`, { '/s': new SafeRegExp(`^x${index}$`) }, { lane, inline: false }))
  // Programs of the same numbers, if those were given back.
  const gc = globalThis.gc ?? (() => {})
  gc()
  await new Promise(setImmediate)
  Array.from({ length: 600 }, (_, index) => new SafeRegExp(`other${index}`))
  t.is(await busy, 500_000)
  t.deepEqual(await Promise.all(waiting), waiting.map(() => 1))
  lane.close()
})

test('what is no SafeRegExp', (t) => {
  const thrown = { instanceOf: TypeError, code: 'ERR_INVALID_ARG_TYPE', message: /SafeRegExp/ }
  t.throws(() => ndjson.countSync('', { '/a': /a/ }), { ...thrown, message: /"where\.\/a" property must be an instance of SafeRegExp, which new SafeRegExp\(regexp\) makes of a RegExp/ })
  t.throws(() => ndjson.countSync('', { '/a': { matches: /a/ } }), { ...thrown, message: /"where\.\/a\.matches" property must be an instance of SafeRegExp/ })
  for (const wrong of ['a', null, undefined, 1, {}, Object.create(SafeRegExp.prototype), new Proxy(new SafeRegExp('a'), {})]) t.throws(() => ndjson.count('', { '/a': { matches: wrong } }), thrown)
  t.throws(() => csv.parse('a\n', { where: { a: /a/ } }), thrown)
  t.throws(() => csv.parseSync('a\n', { where: { a: Object.create(SafeRegExp.prototype) } }), thrown)
  t.throws(() => ndjson.countSync('', { '/a': { eq: new SafeRegExp('a') } }), { ...thrown, message: /null or of type boolean, number or string/ })
  // A subclass is one; its exec() is not asked.
  class Other extends SafeRegExp { exec () { throw new Error('asked') } }
  t.is(ndjson.countSync('"a"\n"b"', { '': new Other('a') }), 1)
})
