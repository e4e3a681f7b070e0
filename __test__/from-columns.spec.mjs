// json.fromColumns and ndjson.fromColumns: equal to JSON.stringify of the rows.
import test from 'ava'
import * as fc from 'fast-check'
import { Lane, TooLargeError, json, ndjson } from 'sidelane'
import { text } from './helpers/arbitraries.mjs'

const rowsOf = (columns, length) => Array.from({ length }, (_, row) => Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values[row]])))

/** Doubles of all sizes: any bits. */
const double = fc.oneof(fc.double(), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((bits) => new Float64Array(BigUint64Array.of(bits).buffer)[0]), fc.integer(), fc.constantFrom(0, -0, NaN, Infinity, -Infinity, 5e-324, 1e21, 1e-7, 123456789012345680000, 2 ** 53, -(2 ** 53), 0.1, 1e-6, 1e300))
const cell = fc.oneof(double, text, fc.boolean(), fc.constantFrom(null, undefined))
const NUMBERS = [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array]
const columnOf = (length) => fc.oneof(
  fc.array(double, { minLength: length, maxLength: length }),
  fc.array(text, { minLength: length, maxLength: length }),
  fc.array(cell, { minLength: length, maxLength: length }),
  fc.tuple(fc.constantFrom(...NUMBERS), fc.array(double, { minLength: length, maxLength: length })).map(([Type, values]) => Type.from(values))
)
const name = fc.oneof(fc.constantFrom('a', 'b', '1', '0', '__proto__', '', 'é', '"\\', '\ud800', '\n'), text)
const table = fc.nat(6).chain((length) => fc.tuple(fc.constant(length), fc.array(fc.tuple(name, columnOf(length)), { maxLength: 5 }).map((entries) => Object.fromEntries(entries))))

test('what JSON.stringify writes, in every form', async (t) => {
  await fc.assert(fc.asyncProperty(table, fc.constantFrom(undefined, true, false), async ([length, columns], inline) => {
    const rows = Object.keys(columns).length === 0 ? [] : rowsOf(columns, length)
    const wanted = JSON.stringify(rows)
    const lines = rows.map((row) => `${JSON.stringify(row)}\n`).join('')
    const same = (found, wanted) => { if (found !== wanted) t.is(found, wanted) }
    same(json.fromColumnsSync(columns, { as: 'string' }), wanted)
    same(json.fromColumnsSync(columns).toString(), wanted)
    same(ndjson.fromColumnsSync(columns, { as: 'string' }), lines)
    same((await json.fromColumns(columns, { inline })).toString(), wanted)
    same(await json.fromColumns(columns, { as: 'string', inline }), wanted)
    same(await ndjson.fromColumns(columns, { as: 'string', inline }), lines)
  }), { numRuns: 1500 })
  t.pass()
})

test('200,000 numbers of any bits, and 65,536 characters', async (t) => {
  const bits = new Uint32Array(400_000)
  let state = 1
  for (let index = 0; index < bits.length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    bits[index] = state ^ state >>> 15
  }
  const doubles = new Float64Array(bits.buffer)
  const floats = new Float32Array(bits.buffer, 0, 200_000)
  const columns = { doubles, floats }
  t.true(await json.fromColumns(columns, { as: 'string' }) === JSON.stringify(rowsOf(columns, 200_000)))
  const characters = Array.from({ length: 65_536 }, (_, unit) => `${String.fromCharCode(unit)}x`)
  t.true(await ndjson.fromColumns({ characters }, { as: 'string' }) === characters.map((text) => `${JSON.stringify({ characters: text })}\n`).join(''))
})

test('BigInts are written as digits', (t) => {
  const columns = { signed: BigInt64Array.of(-(2n ** 63n), 1n), unsigned: BigUint64Array.of(2n ** 64n - 1n, 0n), any: [10n ** 40n, 'x'], all: [-1n, 2n] }
  t.is(json.fromColumnsSync(columns, { as: 'string' }),
    `[{"signed":-9223372036854775808,"unsigned":18446744073709551615,"any":1${'0'.repeat(40)},"all":-1},{"signed":1,"unsigned":0,"any":"x","all":2}]`)
})

test('views that are not aligned, shared or a part', async (t) => {
  const values = new Float64Array(new SharedArrayBuffer(80), 8, 2)
  values.set([1.5, -2])
  const part = new Uint16Array(new ArrayBuffer(10, { maxByteLength: 20 }), 2)
  part.set([1, 65_535], 0)
  const columns = { odd: Int8Array.of(1, 2), values, part: part.subarray(0, 2) }
  t.is(await json.fromColumns(columns, { as: 'string', inline: false }), '[{"odd":1,"values":1.5,"part":1},{"odd":2,"values":-2,"part":65535}]')
  t.is(values[0], 1.5)
})

test('columns are copied: what is changed afterwards does not count', async (t) => {
  const numbers = new Float64Array(100_000).fill(1)
  const strings = Array.from({ length: 100_000 }, () => 'x')
  const written = json.fromColumns({ numbers, strings }, { as: 'string' })
  numbers.fill(2)
  strings.fill('y')
  t.is((await written).slice(-29), ',{"numbers":1,"strings":"x"}]')
})

test('an array that changes while it is read', (t) => {
  const buffer = new ArrayBuffer(16, { maxByteLength: 16 })
  const shrinking = { get 0 () { buffer.resize(0); return 1 } }
  const hostile = Object.defineProperty([0, 1], 0, Object.getOwnPropertyDescriptor(shrinking, '0'))
  t.throws(() => json.fromColumnsSync({ a: new Float64Array(buffer), b: hostile }), { code: 'ERR_INVALID_STATE', message: /columns\.a was changed/ })
})

test('the result is bounded', async (t) => {
  const long = 'x'.repeat(1 << 28)
  await t.throwsAsync(json.fromColumns({ long: [long, long, long] }), { instanceOf: TooLargeError, code: 'ERR_TOO_LARGE' })
  t.throws(() => json.fromColumnsSync({ long: [long, long] }), { instanceOf: TooLargeError })
  const wide = Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`${'n'.repeat(1000)}${index}`, new Uint8Array(10_000)]))
  await t.throwsAsync(json.fromColumns(wide), { instanceOf: TooLargeError })
})

test('abort stops it', async (t) => {
  const lane = new Lane()
  const controller = new AbortController()
  const written = json.fromColumns({ n: new Float64Array(4_000_000).fill(0.1) }, { lane, signal: controller.signal })
  setTimeout(() => controller.abort(), 2)
  await t.throwsAsync(written, { name: 'AbortError', any: true })
  await lane.idle()
  t.is(lane.stats().aborted, 1)
})

test('arguments are checked', (t) => {
  const type = { code: 'ERR_INVALID_ARG_TYPE', instanceOf: TypeError }
  const value = { code: 'ERR_INVALID_ARG_VALUE', instanceOf: TypeError }
  for (const columns of [undefined, null, 1, [], 'a']) t.throws(() => json.fromColumns(columns), type)
  for (const values of [1, 'abc', { 0: 1 }, new DataView(new ArrayBuffer(8)), new ArrayBuffer(8), null]) t.throws(() => json.fromColumnsSync({ a: values }), { ...type, message: /"columns\.a"/ })
  for (const each of [{}, [], () => {}, Symbol('s'), new Date(0)]) t.throws(() => ndjson.fromColumnsSync({ a: [1, each] }), { ...type, message: /"columns\.a\[1\]"/ })
  t.throws(() => json.fromColumns({ a: [1, 2], b: [1] }), { ...value, message: /"columns\.b" property must have as many values as columns\.a, 2/ })
  t.throws(() => json.fromColumnsSync({ a: [], b: new Float64Array(1) }), value)
  t.throws(() => json.fromColumnsSync({}, { as: 'text' }), value)
  t.throws(() => json.fromColumnsSync({}, 1), type)
  t.throws(() => json.fromColumns({}, { timeout: '1' }), type)
  const gone = new Float64Array(2)
  structuredClone(gone, { transfer: [gone.buffer] })
  t.throws(() => json.fromColumnsSync({ gone }), value)
})
