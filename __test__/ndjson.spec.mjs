// ndjson: equal to split, JSON.parse and a filter in JavaScript.
import { isDeepStrictEqual } from 'node:util'
import test from 'ava'
import * as fc from 'fast-check'
import { JsonSyntaxError, Lane, TooLargeError, json, ndjson } from 'sidelane'

const walk = (value, pointer) => json.querySync(JSON.stringify(value), pointer)

/** What the tests mean, in JavaScript. Undefined: missing. */
const TESTS = {
  eq: (value, operand) => value === operand,
  ne: (value, operand) => value !== operand,
  gt: (value, operand) => ordered(value, operand) && value > operand,
  gte: (value, operand) => ordered(value, operand) && value >= operand,
  lt: (value, operand) => ordered(value, operand) && value < operand,
  lte: (value, operand) => ordered(value, operand) && value <= operand,
  in: (value, operands) => operands.includes(value),
  exists: (value, wanted) => (value !== undefined) === wanted,
  prefix: (value, part) => typeof value === 'string' && value.startsWith(part),
  suffix: (value, part) => typeof value === 'string' && value.endsWith(part),
  contains: (value, part) => typeof value === 'string' && value.includes(part)
}
const ordered = (value, operand) => typeof value === typeof operand && (typeof value === 'number' || typeof value === 'string')

function matches (value, where) {
  return Object.entries(where ?? {}).every(([name, condition]) => {
    if (name === 'and') return condition.every((part) => matches(value, part))
    if (name === 'or') return condition.some((part) => matches(value, part))
    if (name === 'not') return !matches(value, condition)
    const tests = condition === null || typeof condition !== 'object' ? { eq: condition } : condition
    return Object.entries(tests).every(([test, operand]) => TESTS[test](walk(value, name), operand))
  })
}

const scalar = fc.oneof(fc.constantFrom(null, true, false, 0, 1, 10, -1.5, '', 'a', 'ab', 'b', 'é', '"', 'a\nb', 'Push'), fc.integer({ min: -3, max: 3 }))
const record = fc.oneof(
  { weight: 5, arbitrary: fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.oneof(scalar, fc.record({ x: scalar }, { requiredKeys: [] }), fc.array(scalar, { maxLength: 2 })), { noNullPrototype: true }) },
  { weight: 1, arbitrary: scalar }
)
const pointer = fc.constantFrom('', '/a', '/b', '/c', '/a/x', '/b/0')
const part = fc.constantFrom('', 'a', 'b', 'é', 'Push')
const tests = fc.record({
  eq: scalar, ne: scalar, gt: scalar, gte: scalar, lt: scalar, lte: scalar, in: fc.array(scalar, { maxLength: 3 }), exists: fc.boolean(), prefix: part, suffix: part, contains: part
}, { requiredKeys: [] }).filter((tests) => Object.keys(tests).length > 0 && Object.keys(tests).length < 5)
const { where } = fc.letrec((tie) => ({
  fields: fc.dictionary(pointer, fc.oneof(scalar, tests), { maxKeys: 2, noNullPrototype: true }),
  where: fc.oneof({ maxDepth: 3 }, tie('fields'), fc.tuple(tie('fields'), fc.record({ and: fc.array(tie('where'), { maxLength: 3 }), or: fc.array(tie('where'), { maxLength: 3 }), not: tie('where') }, { requiredKeys: [] })).map(([fields, groups]) => ({ ...fields, ...groups })))
}))
const lines = fc.array(fc.tuple(record, fc.constantFrom('\n', '\r\n', '\n\n', ' \n\t\n')), { maxLength: 12 })
const textOf = (lines) => lines.map(([value, end]) => JSON.stringify(value) + end).join('')

test('count, filter, select and columns find what JavaScript finds, trusted or not', async (t) => {
  await fc.assert(fc.asyncProperty(lines, fc.option(where, { nil: undefined }), fc.boolean(), fc.boolean(), async (lines, where, trusted, inline) => {
    const text = textOf(lines)
    const wanted = lines.map(([value]) => value).filter((value) => matches(value, where))
    const options = { trusted, inline }
    const same = (found, wanted) => { if (JSON.stringify(found) !== JSON.stringify(wanted)) t.deepEqual(found, wanted, `${text} ${JSON.stringify(where)}`) }
    same(await ndjson.count(text, where, options), wanted.length)
    same(ndjson.countSync(Buffer.from(text), where, { trusted }), wanted.length)
    same(await ndjson.filter(text, where, options), wanted)
    same((await ndjson.filter(text, where, { ...options, as: 'buffer' })).toString(), wanted.map((value) => `${JSON.stringify(value)}\n`).join(''))
    const selection = { x: '/a', 'é"': '/b/0' }
    same(await ndjson.select(text, selection, { ...options, where }), wanted.map((value) => Object.fromEntries(Object.entries(selection).map(([name, pointer]) => [name, walk(value, pointer)]).filter(([, value]) => value !== undefined))))
    const columns = await ndjson.columns(text, { a: '/a', n: '/a', b: '/b' }, { ...options, where, columns: { n: 'f64' } })
    same(columns.a, wanted.map((value) => walk(value, '/a') ?? null))
    same(columns.b, wanted.map((value) => walk(value, '/b') ?? null))
    same([...columns.n], wanted.map((value) => walk(value, '/a')).map((value) => (typeof value === 'number' ? value : NaN)))
  }), { numRuns: 300 })
  t.pass()
})

/** Several MiB, so that there are pieces and threads. */
function large () {
  const values = Array.from({ length: 60_000 }, (_, id) => ({ id, type: `T${id % 7}`, text: 'é"\\'.repeat(id % 20), nested: { n: id / 8 } }))
  return { values, data: Buffer.from(values.map((value) => JSON.stringify(value)).join('\n')) }
}

for (const trusted of [false, true]) {
  test(`several MiB, ${trusted ? 'trusted' : 'checked'}: the order is kept`, async (t) => {
    const { values, data } = large()
    const where = { '/type': 'T3', '/id': { gte: 1000 } }
    const wanted = values.filter(({ id, type }) => type === 'T3' && id >= 1000)
    // Not t.deepEqual, which takes a minute and a half for so many.
    t.true(isDeepStrictEqual(await ndjson.filter(data, where, { trusted }), wanted))
    t.true(isDeepStrictEqual(await ndjson.select(data, { id: '/id', n: '/nested/n' }, { where, trusted }), wanted.map(({ id, nested: { n } }) => ({ id, n }))))
    t.true(isDeepStrictEqual((await ndjson.columns(data, { n: '/nested/n' }, { columns: { n: 'f64' }, trusted })).n, Float64Array.from(values, ({ nested: { n } }) => n)))
    t.is(await ndjson.count(data, undefined, { trusted, transfer: true }), values.length)
  })
}

test('an error tells its line; of several the first counts', async (t) => {
  const { data } = large()
  const text = `${data}\n{"a":1}\n{"a":}\n${data}\n[`
  const line = 60_002
  for (const call of [() => ndjson.count(text), () => ndjson.select(text, { a: '/a' }), () => ndjson.filter(text, { '/type': 'T1' })]) {
    const error = await t.throwsAsync(call(), { instanceOf: JsonSyntaxError })
    t.is(error.line, line)
    t.is(error.column, 6)
    t.is(error.excerpt, '{"a":}\n     ^')
  }
  const whole = t.throws(() => ndjson.countSync('{"a":1}\n{"a":\n1}'))
  t.is(whole.line, 2)
  t.throws(() => ndjson.countSync('1 2\n'), { instanceOf: JsonSyntaxError })
  t.throws(() => ndjson.countSync('\ufeff1\n'), { instanceOf: JsonSyntaxError, message: /byte-order mark/ })
  t.throws(() => ndjson.countSync(`1\n${'['.repeat(2000)}`), { instanceOf: TooLargeError })
})

test('cut anywhere: whole lines count, the rest is an error', (t) => {
  const text = '{"a":"é\\u00e9","b":[1,{"c":null}]}\n'.repeat(2)
  const bytes = Buffer.from(text)
  const length = bytes.length / 2
  for (let end = 0; end <= bytes.length; end++) {
    const cut = bytes.subarray(0, end)
    // Without its line feed a line is whole.
    const rest = end % length === length - 1 ? 0 : end % length
    if (rest === 0) t.is(ndjson.countSync(cut), Math.round(end / length))
    else t.throws(() => ndjson.selectSync(cut, { a: '/a' }), { instanceOf: JsonSyntaxError })
  }
})

test('any bytes, trusted: a result or a syntax error', (t) => {
  fc.assert(fc.property(fc.array(fc.constantFrom(...Buffer.from('{}[]",:\\aa01-e \n\nntf\x00\xff', 'latin1')), { maxLength: 60 }), where, (bytes, where) => {
    const data = Uint8Array.from(bytes)
    for (const call of [() => ndjson.countSync(data, where, { trusted: true }), () => ndjson.filterSync(data, where, { trusted: true }), () => ndjson.selectSync(data, { a: '/a', b: '' }, { where, trusted: true, bigint: 'bigint' })]) {
      try {
        call()
      } catch (error) {
        if (!(error instanceof JsonSyntaxError)) throw error
      }
    }
  }), { numRuns: 300 })
  t.pass()
})

test('big integers, escaped strings, the last duplicate', (t) => {
  const text = '{"a":12345678901234567890,"b":"\\u0050ush"}\n{"a":1,"a":2,"b":"Push"}\n'
  t.deepEqual(ndjson.selectSync(text, { a: '/a' }, { bigint: 'bigint' }), [{ a: 12345678901234567890n }, { a: 2 }])
  t.deepEqual(ndjson.columnsSync(text, { a: '/a' }, { bigint: 'string' }), { a: ['12345678901234567890', 2] })
  t.is(ndjson.countSync(text, { '/b': 'Push' }), 2)
  t.is(ndjson.countSync(text, { '/a': 2 }), 1)
})

test('the result is bounded', async (t) => {
  const line = JSON.stringify('x'.repeat(1 << 20))
  const data = `${line}\n`.repeat(16)
  const selection = Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`n${index}`, '']))
  await t.throwsAsync(ndjson.select(data, selection), { instanceOf: TooLargeError })
})

test('abort stops it', async (t) => {
  const lane = new Lane()
  const controller = new AbortController()
  const counted = ndjson.count(Buffer.from('[1,2,3,"abcdef"]\n'.repeat(4_000_000)), undefined, { lane, signal: controller.signal })
  setTimeout(() => controller.abort(), 2)
  await t.throwsAsync(counted, { name: 'AbortError', any: true })
  await lane.idle()
  t.is(lane.stats().aborted, 1)
})

test('arguments are checked', (t) => {
  const value = { code: 'ERR_INVALID_ARG_VALUE' }
  const type = { code: 'ERR_INVALID_ARG_TYPE' }
  t.throws(() => ndjson.countSync('', { a: 1 }), { ...value, message: /"where\.a" property must be named by a JSON Pointer/ })
  t.throws(() => ndjson.countSync('', { '/a': { above: 1 } }), value)
  t.throws(() => ndjson.countSync('', { '/a': {} }), type)
  t.throws(() => ndjson.countSync('', { '/a': [1] }), type)
  t.throws(() => ndjson.countSync('', { '/a': undefined }), type)
  t.throws(() => ndjson.countSync('', { '/a': 1n }), type)
  t.throws(() => ndjson.countSync('', { '/a': { in: 1 } }), type)
  t.throws(() => ndjson.countSync('', { '/a': { exists: 1 } }), type)
  t.throws(() => ndjson.countSync('', { '/a': { prefix: 1 } }), type)
  t.throws(() => ndjson.countSync('', { '/a': '\udc00' }), value)
  t.throws(() => ndjson.countSync('', { '/a/*': 1 }), value)
  t.throws(() => ndjson.countSync('', null), type)
  t.throws(() => ndjson.countSync('', { and: {} }), type)
  t.throws(() => ndjson.countSync('', Array.from({ length: 40 }).reduce((where) => ({ not: where }), {})), value)
  t.throws(() => ndjson.countSync('', { or: Array.from({ length: 5000 }, () => ({})) }), value)
  t.throws(() => ndjson.selectSync('', undefined), type)
  t.throws(() => ndjson.selectSync('', { a: 1 }), type)
  t.throws(() => ndjson.selectSync('', { a: '/*' }), value)
  t.throws(() => ndjson.filterSync('', {}, { as: 'lines' }), value)
  t.throws(() => ndjson.countSync(1), type)
})
