// numeric: against the loops that it replaces, for every type of array.
import { readFileSync } from 'node:fs'
import test from 'ava'
import * as fc from 'fast-check'
import { Lane, numeric } from './helpers/sidelane.mjs'
import { reason } from './helpers/time.mjs'

const TYPES = [Float64Array, Float32Array, Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, BigInt64Array, BigUint64Array]
const INTEGERS = TYPES.slice(2)
const isBig = (type) => type === BigInt64Array || type === BigUint64Array

/** Where functions trip: both zeros, NaN, infinities, the ends. */
const SPECIAL = [0, -0, 1, -1, NaN, Infinity, -Infinity, Number.MAX_VALUE, -Number.MAX_VALUE, 5e-324, 1e16]
const double = fc.oneof(fc.constantFrom(...SPECIAL), fc.double(), fc.integer({ min: -4, max: 4 }))
const doubles = fc.array(double, { maxLength: 300 }).map((numbers) => Float64Array.from(numbers))
const finite = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 300 }).map((numbers) => Float64Array.from(numbers))

const any = fc.constantFrom(...TYPES).chain((type) => fc.array(isBig(type) ? fc.bigInt({ min: type === BigInt64Array ? -(2n ** 63n) : 0n, max: 2n ** 63n - 1n }) : fc.oneof(double, fc.integer()), { maxLength: 200 }).map((numbers) => type.from(numbers)))

const close = (a, b, scale = 1) => Object.is(a, b) || (Number.isNaN(a) && Number.isNaN(b)) || a === b || Math.abs(a - b) <= 1e-9 * Math.max(scale, Math.abs(a), Math.abs(b))
const both = async (name, ...args) => [numeric[`${name}Sync`](...args), await numeric[name](...args, { inline: false })]

/** The same answer from both ways, off the loop and on it. */
async function same (t, name, ...args) {
  const [now, later] = await both(name, ...args)
  t.deepEqual(now, later)
  return now
}

test('sort and argsort: as TypedArray.prototype.sort', async (t) => {
  await fc.assert(fc.asyncProperty(any, fc.boolean(), async (data, descending) => {
    const before = data.slice()
    const sorted = await same(t, 'sort', data, descending ? { descending } : {})
    const expected = data.slice().sort()
    t.deepEqual(sorted, descending ? expected.toReversed() : expected)
    t.is(sorted.constructor, data.constructor)
    const places = numeric.argsortSync(data, { descending })
    t.true(places instanceof Uint32Array)
    t.deepEqual(data.constructor.from(places, (place) => data[place]), sorted)
    for (let i = 1; i < places.length; i++) {
      if (Object.is(data[places[i]], data[places[i - 1]])) t.true(places[i] > places[i - 1])
    }
    t.deepEqual(data, before, 'the input is as it was')
  }), { numRuns: 100 })
})

test('describe: as a loop with Math.min and Math.max', async (t) => {
  await fc.assert(fc.asyncProperty(fc.oneof(finite, doubles), async (data) => {
    const { count, sum, mean, variance, min, max } = await same(t, 'describe', data)
    const total = data.reduce((a, b) => a + b, 0)
    const average = total / data.length
    const scale = data.reduce((a, b) => Math.max(a, Math.abs(b)), 0)
    t.is(count, data.length)
    t.is(min, Math.min(...data))
    t.is(max, Math.max(...data))
    if (scale > 1e150) return
    t.true(close(sum, total, scale * 1e-3) && close(mean, average, scale * 1e-3), `${sum} ${total}`)
    t.true(close(variance, data.reduce((a, b) => a + (b - average) ** 2, 0) / data.length, scale * scale * 1e-3), `${variance}`)
  }), { numRuns: 200 })
})

test('every type of array gives what its numbers give', async (t) => {
  const numbers = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3]
  const as = (type) => type.from(isBig(type) ? numbers.map(BigInt) : numbers)
  const results = (data) => [
    numeric.describeSync(data), numeric.quantilesSync(data, [0.1, 0.5]), numeric.histogramSync(data, { bins: 4 }), numeric.argsortSync(data),
    numeric.rollingSync(data, 3, 'mean'), numeric.anomaliesSync(data, { method: 'iqr', threshold: 0.1 }), numeric.topKSync(data, 3).indices
  ]
  const expected = results(as(Float64Array))
  for (const type of TYPES) {
    t.deepEqual(results(as(type)), expected, type.name)
    t.is(numeric.topKSync(as(type), 3).values.constructor, type)
    t.is(numeric.groupBySync(as(type), Float32Array.from(numbers)).keys.constructor, type)
    t.is(numeric.mapSync(as(type), ['abs']).constructor, type === Float32Array ? Float32Array : Float64Array)
  }
  for (const type of INTEGERS) t.is(numeric.describeSync(new type(3)).variance, 0)
})

test('quantiles: of the sorted numbers', async (t) => {
  await fc.assert(fc.asyncProperty(doubles, fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 5 }), async (data, probabilities) => {
    const found = await same(t, 'quantiles', data, probabilities)
    const sorted = data.slice().sort()
    probabilities.forEach((q, i) => {
      const at = q * (data.length - 1)
      const [a, b] = [sorted[Math.floor(at)], sorted[Math.min(Math.floor(at) + 1, data.length - 1)]]
      const part = at - Math.floor(at)
      const expected = data.length === 0 ? NaN : part === 0 || a === b ? a : Number.isFinite(b - a) ? a + (b - a) * part : a * (1 - part) + b * part
      t.true(close(found[i], expected, Math.abs(a) * 1e-3), `${found[i]} ${expected}`)
    })
  }), { numRuns: 200 })
  t.deepEqual(numeric.quantilesSync(Float64Array.of(4, 1, 3, 2), 0.5), Float64Array.of(2.5))
  t.deepEqual(numeric.quantilesSync(Float64Array.of(4, 1), Float64Array.of(1, 0)), Float64Array.of(4, 1))
})

test('rolling: window by window, and a NaN spoils its own ones only', async (t) => {
  const modest = fc.array(fc.oneof(fc.constantFrom(0, -0, NaN, Infinity, -Infinity), fc.double({ min: -1e6, max: 1e6, noNaN: true })), { maxLength: 100 }).map((numbers) => Float64Array.from(numbers))
  const loops = {
    mean: (part) => part.reduce((a, b) => a + b, 0) / part.length,
    sum: (part) => part.reduce((a, b) => a + b, 0),
    min: (part) => Math.min(...part),
    max: (part) => Math.max(...part)
  }
  await fc.assert(fc.asyncProperty(modest, fc.integer({ min: 1, max: 20 }), fc.constantFrom('mean', 'sum', 'min', 'max'), async (data, window, statistic) => {
    const found = await same(t, 'rolling', data, window, statistic)
    t.is(found.length, Math.max(0, data.length - window + 1))
    found.forEach((number, i) => {
      const expected = loops[statistic](data.subarray(i, i + window))
      t.true(statistic === 'min' || statistic === 'max' ? Object.is(number, expected) : close(number, expected, 1e3), `${number} ${expected}`)
    })
  }), { numRuns: 200 })
})

test('topK: the sorted numbers without NaN', async (t) => {
  await fc.assert(fc.asyncProperty(doubles, fc.nat(20), fc.boolean(), async (data, k, largest) => {
    const { values, indices } = await same(t, 'topK', data, k, { largest })
    const sorted = data.filter((x) => !Number.isNaN(x)).sort()
    t.deepEqual(values, (largest ? sorted.toReversed() : sorted).slice(0, k))
    t.deepEqual(Float64Array.from(indices, (index) => data[index]), values)
  }), { numRuns: 100 })
})

test('histogram: a bin holds its lower edge, the last both', (t) => {
  const { counts, edges, outside } = numeric.histogramSync(Float64Array.of(0, 0.1, 0.25, 0.5, 1, 1.1, -0.1, NaN), { bins: 4, min: 0, max: 1 })
  t.deepEqual([[...counts], [...edges], outside], [[2, 1, 1, 1], [0, 0.25, 0.5, 0.75, 1], 3])
  t.deepEqual([...numeric.histogramSync(new Float64Array(0)).counts], Array(10).fill(0))
  t.is(numeric.histogramSync(Float64Array.of(NaN, NaN)).outside, 2)
})

test('anomalies by every method', (t) => {
  const data = Float64Array.from({ length: 1000 }, (_, i) => Math.sin(i))
  data[17] = 50
  data[500] = -50
  data[600] = NaN
  for (const options of [{ method: 'zscore' }, { method: 'mad' }, { method: 'iqr' }, { method: 'range', min: -1, max: 1 }]) {
    const { indices, scores } = numeric.anomaliesSync(data, options)
    t.deepEqual([...indices], [17, 500], options.method)
    t.true(scores[0] > 0 && scores[1] < 0)
  }
  t.deepEqual(numeric.anomaliesSync(data, { method: 'range', min: -1, max: 1 }).scores, Float64Array.of(49, -49))
  t.is(numeric.anomaliesSync(data, { method: 'zscore', threshold: 40 }).indices.length, 0)
})

/** Number by number: the bits of a NaN may differ. */
const sameNumbers = (t, found, expected) => {
  t.is(found.constructor, expected.constructor)
  t.is(found.length, expected.length)
  const other = found.findIndex((x, i) => !Object.is(x, expected[i]))
  t.is(other, -1, `${other}: ${found[other]} ${expected[other]}`)
}

test('map: as the array\'s own map, step by step', (t) => {
  const values = [...SPECIAL.filter((x) => Math.abs(x) !== Number.MAX_VALUE), 0.1, 1e-8, 123.456, -0.5, -1, 1e10, 3]
  for (const type of [Float64Array, Float32Array]) {
    const data = type.from(values)
    sameNumbers(t, numeric.mapSync(data, ['log1p']), data.map(Math.log1p))
    sameNumbers(t, numeric.mapSync(data, ['abs']), data.map(Math.abs))
    sameNumbers(t, numeric.mapSync(data, [{ scale: [0.1, 3] }, { clamp: [-1, 5] }, 'abs', 'log1p']), data.map((x) => x * 0.1 + 3).map((x) => x < -1 ? -1 : x > 5 ? 5 : x).map(Math.abs).map(Math.log1p))
  }
  t.deepEqual(numeric.mapSync(Int8Array.of(-3, 1, 5), ['minmax']), Float64Array.of(0, 0.5, 1))
  t.deepEqual(numeric.mapSync(Float64Array.of(1, 3), ['zscore', { scale: [2, 0] }]), Float64Array.of(-2, 2))
  t.deepEqual(numeric.mapSync(Float64Array.of(1, 3), []), Float64Array.of(1, 3))
})

test('Math.log1p of many doubles, to the last bit', (t) => {
  const data = Float64Array.from({ length: 200_000 }, (_, i) => (i % 2 ? 1 : -1) * 10 ** ((i % 4001) / 100 - 30) * (1 + i / 1e6))
  sameNumbers(t, numeric.mapSync(data, ['log1p']), data.map(Math.log1p))
  const floats = Float32Array.from(data)
  sameNumbers(t, numeric.mapSync(floats, ['log1p']), floats.map(Math.log1p))
})

test('groupBy: as a Map', async (t) => {
  await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(NaN, -0, Infinity)), fc.integer({ min: -100, max: 100 })), { maxLength: 200 }), async (rows) => {
    const map = new Map()
    for (const [key, value] of rows) map.set(key, [...map.get(key) ?? [], value])
    const groups = await same(t, 'groupBy', Float64Array.from(rows, ([key]) => key), Int32Array.from(rows, ([, value]) => value))
    const keys = Float64Array.from(map.keys()).sort()
    t.deepEqual(groups.keys, keys)
    keys.forEach((key, i) => {
      const values = map.get(key)
      const sum = values.reduce((a, b) => a + b, 0)
      t.deepEqual([groups.count[i], groups.sum[i], groups.mean[i], groups.min[i], groups.max[i]], [values.length, sum, sum / values.length, Math.min(...values), Math.max(...values)])
    })
  }), { numRuns: 100 })
})

test('batch: each packet by itself, packed or in arrays of their own', async (t) => {
  const data = Float32Array.from({ length: 10_000 }, (_, i) => Math.fround(Math.sin(i) * (i % 97 === 0 ? 30 : 1)))
  const options = { length: 64, anomalies: { method: 'zscore', threshold: 2.5 }, map: ['abs', 'log1p', 'minmax'] }
  const all = await same(t, 'batch', data, options)
  t.is(all.mean.length, Math.ceil(10_000 / 64))
  for (let at = 0; at < all.mean.length; at++) {
    const packet = data.subarray(at * 64, at * 64 + 64)
    const { mean, variance, min, max } = numeric.describeSync(packet)
    t.deepEqual([all.mean[at], all.deviation[at], all.min[at], all.max[at]], [mean, Math.sqrt(variance), min, max])
    const { indices, scores } = numeric.anomaliesSync(packet, options.anomalies)
    const { offsets } = all.anomalies
    t.deepEqual(all.anomalies.indices.slice(offsets[at], offsets[at + 1]), indices.map((index) => index + at * 64))
    t.deepEqual(all.anomalies.scores.slice(offsets[at], offsets[at + 1]), scores)
    t.deepEqual(all.values.slice(at * 64, at * 64 + 64), numeric.mapSync(packet, options.map))
  }
  const whole = data.subarray(0, 9984)
  const arrays = Array.from({ length: 156 }, (_, at) => whole.slice(at * 64, at * 64 + 64))
  t.deepEqual(numeric.batchSync(arrays, { ...options, length: undefined }), numeric.batchSync(whole, options))
  t.deepEqual(Object.keys(numeric.batchSync(whole, { length: 10 })), ['mean', 'deviation', 'min', 'max'])
  t.is(numeric.batchSync([], {}).mean.length, 0)
})

test('as NumPy has it', (t) => {
  const { cases } = JSON.parse(readFileSync(new URL('../testdata/numeric/numpy.json', import.meta.url), 'utf8'))
  t.true(cases.length >= 20)
  for (const { name, data, sum, mean, variance, quantiles, histogram, argsort, rolling } of cases) {
    const numbers = Float64Array.from(data)
    const found = numeric.describeSync(numbers)
    for (const [key, expected] of Object.entries({ sum, mean, variance })) t.true(close(found[key], expected), `${name}, ${key}: ${found[key]} ${expected}`)
    numeric.quantilesSync(numbers, quantiles.q).forEach((q, i) => t.true(close(q, quantiles.values[i]), `${name}, quantile ${quantiles.q[i]}: ${q} ${quantiles.values[i]}`))
    t.deepEqual([...numeric.histogramSync(numbers, { bins: histogram.bins }).counts], histogram.counts, name)
    t.deepEqual([...numeric.argsortSync(numbers)], argsort, name)
    numeric.rollingSync(numbers, rolling.window, 'mean').forEach((number, i) => t.true(close(number, rolling.means[i]), name))
  }
})

test('views: offset, shared, resizable, misaligned for others, none', async (t) => {
  const bytes = Buffer.from(Float64Array.of(9, 3, 1, 2).buffer)
  const views = [
    new Float64Array(Float64Array.of(9, 3, 1, 2).buffer, 8, 3),
    new Float64Array(new SharedArrayBuffer(24)), new Float64Array(new ArrayBuffer(24, { maxByteLength: 48 }))
  ]
  for (const view of views) {
    view.set([3, 1, 2])
    t.deepEqual([...await same(t, 'sort', view)], [1, 2, 3])
  }
  // Offset by a byte in its pool: as bytes they are numbers from 0 to 255.
  t.is(numeric.describeSync(bytes.subarray(1)).count, 31)
  const gone = new Float64Array(4)
  structuredClone(gone.buffer, { transfer: [gone.buffer] })
  t.throws(() => numeric.describeSync(gone), { code: 'ERR_INVALID_ARG_VALUE', message: /"data" argument must not be detached/ })
  for (const type of TYPES) {
    const none = new type(0)
    t.is(numeric.describeSync(none).count, 0)
    t.is(numeric.sortSync(none).length, 0)
    t.deepEqual([...numeric.quantilesSync(none, [0, 1])], [NaN, NaN])
    t.is((await numeric.topK(none, 3, { inline: false })).values.length, 0)
  }
})

test('transfer takes the input over', async (t) => {
  const data = Float64Array.from({ length: 100_000 }, (_, i) => (i * 7919) % 100_000)
  const expected = data.slice().sort()
  const promise = numeric.sort(data, { transfer: true })
  t.is(data.length, 0)
  const sorted = await promise
  t.deepEqual(sorted, expected)
  sorted.fill(1)
  t.is(numeric.describeSync(sorted).sum, 100_000)
})

test('aborted and timed out, while it works', async (t) => {
  const data = new Float64Array(4_000_000).map((_, i) => (i * 7919) % 1_000_003)
  const lane = new Lane({ concurrency: 1 })
  const controller = new AbortController()
  const running = numeric.argsort(data, { lane, signal: controller.signal })
  const waiting = numeric.sort(data, { lane, timeout: 5 })
  setTimeout(() => controller.abort(), 20)
  t.is((await reason(running)).name, 'AbortError')
  t.is((await reason(waiting)).code, 'ERR_TASK_TIMEOUT')
  await lane.idle()
  t.is(lane.stats().running, 0)
})

test('more numbers than there are positions', async (t) => {
  // Not touched: no memory is taken.
  const data = new Uint8Array(2 ** 32)
  for (const call of [() => numeric.argsort(data), () => numeric.topK(data, 1), () => numeric.anomalies(data, { method: 'zscore' }), () => numeric.batch(data, { length: 1024 })]) {
    const error = await reason(call())
    t.is(error.code, 'ERR_TOO_LARGE')
    t.is(error.limit, 4294967295)
  }
  t.throws(() => numeric.argsortSync(data), { code: 'ERR_TOO_LARGE', message: 'Positions are 32 bits: expected at most 4294967295 numbers, received 4294967296' })
})

test('wrong arguments: thrown at once, and named', (t) => {
  const data = Float64Array.of(1, 2)
  for (const [call, code, message] of [
    [() => numeric.describe([1, 2]), 'ERR_INVALID_ARG_TYPE', /The "data" argument must be an instance of Float64Array, .* Received an instance of Array/],
    [() => numeric.describe(new DataView(data.buffer)), 'ERR_INVALID_ARG_TYPE', /an instance of DataView/],
    [() => numeric.describe(data, { lane: 1 }), 'ERR_INVALID_ARG_TYPE', /options\.lane/],
    [() => numeric.quantiles(data, '0.5'), 'ERR_INVALID_ARG_TYPE', /"probabilities"/],
    [() => numeric.quantiles(data, [0, 1.5]), 'ERR_OUT_OF_RANGE', /"probabilities\[1\]".*from 0 to 1\. Received 1\.5/],
    [() => numeric.quantiles(data, NaN), 'ERR_OUT_OF_RANGE', /"probabilities"/],
    [() => numeric.histogram(data, { bins: 0 }), 'ERR_OUT_OF_RANGE', /"options\.bins"/],
    [() => numeric.histogram(data, { min: 1 }), 'ERR_INVALID_ARG_VALUE', /both min and max/],
    [() => numeric.histogram(data, { min: 2, max: 1 }), 'ERR_OUT_OF_RANGE', /"options\.min".*at most max, 1/],
    [() => numeric.histogram(data, { min: -Infinity, max: 1 }), 'ERR_OUT_OF_RANGE', /"options\.min".*finite/],
    [() => numeric.sort(data, { descending: 1 }), 'ERR_INVALID_ARG_TYPE', /"options\.descending"/],
    [() => numeric.sort(data, null), 'ERR_INVALID_ARG_TYPE', /"options"/],
    [() => numeric.topK(data, 1.5), 'ERR_OUT_OF_RANGE', /"k"/],
    [() => numeric.rolling(data, 0, 'mean'), 'ERR_OUT_OF_RANGE', /"window"/],
    [() => numeric.rolling(data, 1, 'median'), 'ERR_INVALID_ARG_VALUE', /"statistic" argument must be one of 'mean'/],
    [() => numeric.anomalies(data), 'ERR_INVALID_ARG_TYPE', /"options"/],
    [() => numeric.anomalies(data, { method: 'x' }), 'ERR_INVALID_ARG_VALUE', /"options\.method"/],
    [() => numeric.anomalies(data, { method: 'mad', threshold: -1 }), 'ERR_OUT_OF_RANGE', /"options\.threshold"/],
    [() => numeric.map(data, 'abs'), 'ERR_INVALID_ARG_TYPE', /"steps"/],
    [() => numeric.map(data, [{ clamp: [1, 0] }]), 'ERR_INVALID_ARG_VALUE', /smaller number first/],
    [() => numeric.map(data, [{ scale: 2 }]), 'ERR_INVALID_ARG_TYPE', /"steps\[0\]\.scale"/],
    [() => numeric.map(data, [{ scale: [1, 0], clamp: [0, 1] }]), 'ERR_INVALID_ARG_VALUE', /one property/],
    [() => numeric.groupBy(data, new Int8Array(3)), 'ERR_INVALID_ARG_VALUE', /"values" argument must have as many elements as keys, 2/],
    [() => numeric.batch(data, {}), 'ERR_INVALID_ARG_TYPE', /"options\.length"/],
    [() => numeric.batch(data, { length: 2, anomalies: { method: 'mad' } }), 'ERR_INVALID_ARG_VALUE', /"options\.anomalies\.method"/],
    [() => numeric.batch([data, new Float32Array(2)], {}), 'ERR_INVALID_ARG_VALUE', /"data\[1\]" .*Float64Array\(2\)/]
  ]) t.throws(call, { code, message })
})

test('groupBy of an array by itself, which is handed over', async (t) => {
  for (const inline of [true, false]) {
    const data = Float64Array.from({ length: 20_000 }, (_, i) => i % 3)
    const { keys, sum } = await numeric.groupBy(data, data, { transfer: true, inline })
    t.deepEqual([...keys].toSorted((a, b) => a - b), [0, 1, 2])
    t.deepEqual([...keys].map((key) => sum[keys.indexOf(key)]), [...keys].map((key) => key * (key === 2 ? 6666 : 6667)))
    t.is(data.length, 0)
  }
})
