// Getters among the arguments are anybody's code. One that detaches the data must not make an answer to nothing of it.
import test from 'ava'
import { Lane, compress, csv, json, ndjson, numeric } from 'sidelane'

const detach = (view) => { if (view.byteLength > 0) structuredClone(view.buffer, { transfer: [view.buffer] }) }
const bytes = (text) => new Uint8Array(Buffer.from(text))
const numbers = () => new Float64Array(100_000).fill(3)
const array = `[${'1,'.repeat(5000)}2]`
const lines = '{"a":1}\n'.repeat(1000)
const table = `a,b\n${'1,2\n'.repeat(2000)}`

/** Options whose property, when it is read, detaches the data. */
const evil = (data, key, value, others) => Object.defineProperty({ ...others }, key, { enumerable: true, get () { detach(data); return value } })

/** By name: the data, an option of its own and the value of that, and the call. */
const CALLS = {
  'numeric.describe': [numbers, undefined, undefined, (data, options, sync) => numeric[`describe${sync}`](data, options)],
  'numeric.quantiles': [numbers, undefined, undefined, (data, options, sync) => numeric[`quantiles${sync}`](data, 0.5, options)],
  'numeric.histogram': [numbers, 'bins', 10, (data, options, sync) => numeric[`histogram${sync}`](data, options)],
  'numeric.sort': [numbers, 'descending', false, (data, options, sync) => numeric[`sort${sync}`](data, options)],
  'numeric.argsort': [numbers, 'descending', false, (data, options, sync) => numeric[`argsort${sync}`](data, options)],
  'numeric.topK': [numbers, 'largest', true, (data, options, sync) => numeric[`topK${sync}`](data, 3, options)],
  'numeric.rolling': [numbers, undefined, undefined, (data, options, sync) => numeric[`rolling${sync}`](data, 3, 'mean', options)],
  'numeric.anomalies': [numbers, 'method', 'zscore', (data, options, sync) => numeric[`anomalies${sync}`](data, options)],
  'numeric.map': [numbers, undefined, undefined, (data, options, sync) => numeric[`map${sync}`](data, ['abs'], options)],
  'numeric.batch': [numbers, 'length', 10, (data, options, sync) => numeric[`batch${sync}`](data, { length: 10, ...options })],
  'numeric.groupBy, keys': [numbers, undefined, undefined, (data, options, sync) => numeric[`groupBy${sync}`](data, numbers(), options)],
  'numeric.groupBy, values': [numbers, undefined, undefined, (data, options, sync) => numeric[`groupBy${sync}`](numbers(), data, options)],
  'json.validate': [() => bytes(array), 'maxDepth', 10, (data, options, sync) => json[`validate${sync}`](data, options)],
  'json.minify': [() => bytes(array), 'maxDepth', 10, (data, options, sync) => json[`minify${sync}`](data, options)],
  'json.format': [() => bytes(array), 'indent', 2, (data, options, sync) => json[`format${sync}`](data, options)],
  'json.query': [() => bytes(array), 'trusted', true, (data, options, sync) => json[`query${sync}`](data, '/0', options)],
  'json.open': [() => bytes(array), 'bigint', 'number', (data, options, sync) => json[`open${sync}`](data, options)],
  'ndjson.count': [() => bytes(lines), 'trusted', true, (data, options, sync) => ndjson[`count${sync}`](data, {}, options)],
  'ndjson.filter': [() => bytes(lines), 'as', 'values', (data, options, sync) => ndjson[`filter${sync}`](data, {}, options)],
  'ndjson.select': [() => bytes(lines), 'where', {}, (data, options, sync) => ndjson[`select${sync}`](data, { a: '/a' }, options)],
  'ndjson.columns': [() => bytes(lines), 'columns', {}, (data, options, sync) => ndjson[`columns${sync}`](data, { a: '/a' }, options)],
  'csv.parse': [() => bytes(table), 'header', true, (data, options, sync) => csv[`parse${sync}`](data, options)],
  'csv.stringify': [numbers, 'header', true, (data, options, sync) => csv[`stringify${sync}`]({ data }, options)],
  'compress.gzip': [() => bytes(table), 'level', 6, (data, options, sync) => compress[`gzip${sync}`](data, options)],
  'compress.gunzip': [() => new Uint8Array(compress.gzipSync(table)), 'maxOutputLength', 1e6, (data, options, sync) => compress[`gunzip${sync}`](data, options)]
}

for (const [name, [make, key, value, call]] of Object.entries(CALLS)) {
  const others = name === 'numeric.anomalies' ? { method: 'zscore' } : undefined
  test(`${name}: an option that detaches the data`, (t) => {
    const gone = { code: 'ERR_INVALID_ARG_VALUE', message: /must not be detached/ }
    for (const inline of [true, false]) {
      for (const [option, given] of [['signal', undefined], ...(key === undefined ? [] : [[key, value]])]) {
        const data = make()
        t.throws(() => call(data, evil(data, option, given, { ...others, inline }), ''), gone, `${option}, inline: ${inline}`)
      }
    }
    const data = make()
    if (key !== undefined) t.throws(() => call(data, evil(data, key, value), 'Sync'), gone, key)
    detach(data)
    for (const sync of ['', 'Sync']) t.throws(() => call(data, others, sync), gone, 'detached before')
  })
}

test('arrays of numeric.batch: an element that detaches, or shrinks, the one before', async (t) => {
  for (const change of [detach, (view) => view.buffer.resize(16)]) {
    const first = new Float64Array(new ArrayBuffer(64, change === detach ? undefined : { maxByteLength: 64 }))
    const packets = [first, new Float64Array(8)]
    Object.defineProperty(packets, 1, { get () { change(first); return new Float64Array(8) } })
    t.throws(() => numeric.batch(packets, {}), { code: 'ERR_INVALID_ARG_VALUE', message: /"data\[0\]" argument must not be/ })
  }
})

test('columns of csv.stringify and csv.toArrow: one that detaches another, and each is read once', async (t) => {
  for (const write of [csv.stringifySync, csv.stringify, csv.toArrow]) {
    let reads = 0
    const a = numbers()
    const columns = { a, get b () { reads++; detach(a); return numbers() } }
    t.throws(() => write(columns), { code: 'ERR_INVALID_ARG_VALUE', message: /"data\.a" property must not be detached/ })
    t.is(reads, 1)
    const table = csv.parseSync(`n,d,s\n${'1,x,y\n'.repeat(9000)}`, { columns: { n: 'f64', d: 'dict', s: 'utf8' } })
    detach(table.columns.s.bytes)
    t.throws(() => write(table), { code: 'ERR_INVALID_ARG_VALUE', message: /"data\.columns\.s" property must not be detached/ })
  }
})

test('numeric.groupBy waits for room: its values are those of the call', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 0, overflow: 'wait' })
  const holding = compress.gzip(Buffer.alloc(4e6, 'abcd1'), { lane, level: 9 })
  const values = new Float64Array(10).fill(1)
  const others = new Float64Array(10).fill(2)
  const waiting = [values, others].map((values) => numeric.groupBy(new Int32Array(10), values, { lane, inline: false }))
  values.fill(9)
  detach(others)
  t.deepEqual((await Promise.all(waiting)).map(({ sum }) => [...sum]), [[10], [20]])
  await holding
})
