// csv: equal to csv-parse and to JavaScript's own numbers and dates, and what bad input does.
import test from 'ava'
import { parse as peer } from 'csv-parse/sync'
import * as fc from 'fast-check'
import { CsvSyntaxError, Lane, TooLargeError, csv } from 'sidelane'

const MiB = 2 ** 20
const part = fc.constantFrom('a', 'bcdefghij', ',', ',', '\n', '\r\n', '"', '""', '"a,\n"', '#', 'é', '\0', ' ', '"x"', '-1.5')
const text = fc.array(part, { maxLength: 30 }).map((parts) => parts.join(''))

/** Rows of csv-parse as ours are: as long as the first. Undefined: an error. */
function peerRows (text, options) {
  try {
    const rows = peer(text, { skip_empty_lines: true, relax_column_count: true, record_delimiter: ['\r\n', '\n', '\r'], comment_no_infix: true, ...options })
    return rows.map((row) => rows[0].map((_, index) => row[index] ?? null))
  } catch {
    return undefined
  }
}

/** Rows as arrays. */
const arrays = (table) => Array.from({ length: table.rowCount }, (_, row) => table.names.map((name) => table.columns[name].get(row)))

const ALL = { header: false, ragged: 'pad' }

/** The error of a call, with these properties. */
function refuses (t, call, { message, instanceOf, ...properties }) {
  const error = t.throws(call, message === undefined ? { instanceOf } : { instanceOf, message })
  t.like(error, properties)
}

test('rows are those of csv-parse, or both refuse', async (t) => {
  await fc.assert(fc.asyncProperty(text, fc.boolean(), async (text, comments) => {
    // There csv-parse goes on with the field instead of refusing it.
    fc.pre(!/"[#\0]/.test(text))
    const options = comments ? { ...ALL, comment: '#' } : ALL
    const wanted = peerRows(text, comments ? { comment: '#' } : {})
    for (const call of [async () => csv.parseSync(text, options), () => csv.parse(Buffer.from(text), { ...options, inline: false })]) {
      let found
      try {
        found = arrays(await call())
      } catch (error) {
        if (!(error instanceof CsvSyntaxError)) throw error
      }
      if (JSON.stringify(found) !== JSON.stringify(wanted)) t.deepEqual(found, wanted, JSON.stringify(text))
    }
  }), { numRuns: 1000 })
  t.pass()
})

const cell = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 6 }), fc.constantFrom('', '"', ',', '\n', '\r', '=1+1', ' x ', '\ufeff', 'a"b'))

test('what is written is read again, by csv-parse too', (t) => {
  const rows = fc.integer({ min: 1, max: 4 }).chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 6 }))
  fc.assert(fc.property(rows, fc.constantFrom(',', ';', '\t', '|'), fc.constantFrom('\n', '\r\n'), (rows, delimiter, newline) => {
    const written = csv.stringifySync(rows, { header: false, delimiter, newline })
    const found = arrays(csv.parseSync(written, { ...ALL, delimiter }))
    if (JSON.stringify(found) !== JSON.stringify(rows)) t.deepEqual(found, rows)
    const wanted = peer(written, { delimiter })
    if (JSON.stringify(rows) !== JSON.stringify(wanted)) t.deepEqual(rows, wanted)
  }), { numRuns: 500 })
  t.pass()
})

test('numbers are those of Number', (t) => {
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 20 })
  const written = fc.oneof(fc.double().map(String), fc.integer().map(String), fc.tuple(fc.constantFrom('', '-', '+'), digits, fc.constantFrom('', '.'), digits, fc.constantFrom('', 'e5', 'E-3', 'e+', 'x')).map((parts) => parts.join('')))
  const literal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
  fc.assert(fc.property(fc.array(written, { minLength: 1, maxLength: 20 }), (texts) => {
    const { columns, invalid } = csv.parseSync(`n,x\n${texts.map((text) => ` ${text} ,\n`).join('')}`, { columns: { n: 'f64' }, invalid: 'null' })
    const isNumber = (text) => literal.test(text) || /^([+-]?Infinity|NaN)$/.test(text)
    const wanted = texts.map((text) => (isNumber(text) ? Number(text) : NaN))
    if (!texts.every((_, index) => Object.is(columns.n[index], wanted[index]))) t.deepEqual([...columns.n], wanted, JSON.stringify(texts))
    if (invalid.n !== texts.filter((text) => text !== '' && !isNumber(text)).length) t.fail(JSON.stringify(texts))
  }), { numRuns: 500 })
  t.pass()
})

test('dates are those of Date', (t) => {
  fc.assert(fc.property(fc.date({ min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }), (date) => {
    const iso = date.toISOString()
    const [year, month, day] = iso.split(/[-T]/)
    const text = `a,b,c,d\n${iso},${iso.slice(0, 10)},${day}.${month}.${year} ${iso.slice(11)},${month}/${day}/${year}\n`
    const { columns } = csv.parseSync(text, { columns: { a: 'date', b: 'date', c: 'date-dmy', d: 'date-mdy' } })
    const midnight = Date.parse(iso.slice(0, 10))
    const found = [columns.a[0], columns.b[0], columns.c[0], columns.d[0]]
    if (JSON.stringify(found) !== JSON.stringify([date.getTime(), midnight, date.getTime(), midnight])) t.fail(iso)
  }), { numRuns: 300 })
  t.deepEqual([...csv.parseSync('at\n2024-02-30\n1.5\n', { columns: { at: 'date' }, invalid: 'null' }).columns.at], [NaN, NaN])
  t.deepEqual([...csv.parseSync('at\n1.5\n', { columns: { at: 'date-unix' } }).columns.at], [1500])
})

test('columns of every type, with nulls; rows as objects', (t) => {
  const table = csv.parseSync('f,i,l,b,s,d,at\n1.5,-2,9007199254740993,TRUE,"a ""é""",x,2024-01-01\n,,,,,,\n2,3,4,0,b,x,2024-01-02T10:00+02:00\n', {
    columns: { f: 'f64', i: 'i32', l: 'i64', b: 'bool', s: 'utf8', d: 'dict', at: 'date' }
  })
  const { columns, validity } = table
  t.deepEqual(columns.f, Float64Array.of(1.5, NaN, 2))
  t.deepEqual(columns.i, Int32Array.of(-2, 0, 3))
  t.deepEqual(columns.l, BigInt64Array.of(9007199254740993n, 0n, 4n))
  t.deepEqual(columns.b, Uint8Array.of(1, 0, 0))
  t.deepEqual(columns.s.toArray(), ['a "é"', '', 'b'])
  t.deepEqual([...columns.s], ['a "é"', '', 'b'])
  t.deepEqual(columns.d.toArray(), ['x', '', 'x'])
  t.is(columns.d.values.length, 2)
  t.is(columns.d.get(3), undefined)
  t.is(columns.s.get(-1), undefined)
  t.is(validity.s, undefined)
  t.is(validity.f[0] & 7, 0b101)
  t.deepEqual([...table.rows()], [
    { f: 1.5, i: -2, l: 9007199254740993n, b: true, s: 'a "é"', d: 'x', at: new Date('2024-01-01') },
    { f: null, i: null, l: null, b: null, s: '', d: '', at: null },
    { f: 2, i: 3, l: 4n, b: false, s: 'b', d: 'x', at: new Date('2024-01-02T08:00Z') }
  ])
  t.is(table.row(3), undefined)
  t.deepEqual(arrays(csv.parseSync(csv.stringifySync(table))), [
    ['1.5', '-2', '9007199254740993', 'true', 'a "é"', 'x', '2024-01-01T00:00:00.000Z'],
    ['', '', '', '', '', '', ''],
    ['2', '3', '4', 'false', 'b', 'x', '2024-01-02T08:00:00.000Z']
  ])
})

test('names: __proto__ is data, equal ones are numbered, a byte-order mark is none', (t) => {
  const table = csv.parseSync('\ufeff__proto__,a,a\n1,2,3\n')
  t.deepEqual(table.names, ['__proto__', 'a', 'a_2'])
  t.true(Object.hasOwn(table.columns, '__proto__'))
  t.is(JSON.stringify([...table.rows()]), '[{"__proto__":"1","a":"2","a_2":"3"}]')
  t.deepEqual(csv.parseSync('1,2', { header: ['x', 'y'] }).row(0), { x: '1', y: '2' })
  t.is(csv.parseSync('').rowCount, 0)
  t.is(csv.parseSync('a,b').rowCount, 0)
  t.throws(() => csv.parseSync('a,b\n1,2', { columns: { c: 'f64' } }), { instanceOf: CsvSyntaxError, message: /no column 'c'/ })
})

/** Several MiB, so that there are pieces and threads. */
function large () {
  const values = Array.from({ length: 80_000 }, (_, id) => ({ id, price: id / 8, name: id % 5 ? `plain ${'x'.repeat(id % 40)}` : `"quoted",\r\né ${id}`, city: `c${id % 7}` }))
  return { values, data: Buffer.from(csv.stringifySync(values)) }
}

test('several MiB on several threads: the order is kept', async (t) => {
  const { values, data } = large()
  const columns = { id: 'i32', price: 'f64', name: 'utf8', city: 'dict' }
  const { rowCount, columns: found } = await csv.parse(data, { columns })
  t.is(rowCount, values.length)
  t.true(values.every(({ id, price }, index) => found.id[index] === id && found.price[index] === price))
  t.true(found.name.toArray().every((name, index) => name === values[index].name))
  t.true(found.city.toArray().every((city, index) => city === values[index].city))
  t.is(found.city.values.length, 7)
  const some = await csv.parse(data, { columns, where: { city: 'c3', id: { gte: 1000 } }, select: ['id', 'name'], transfer: true })
  const wanted = values.filter(({ id, city }) => city === 'c3' && id >= 1000)
  t.deepEqual(some.names, ['id', 'name'])
  t.is(some.rowCount, wanted.length)
  t.true(wanted.every(({ id, name }, index) => some.columns.id[index] === id && some.columns.name.get(index) === name))
})

const frees = process.platform === 'linux' && 'transfer' in ArrayBuffer.prototype
;(frees ? test.serial : test.skip)('a large input that was handed over is freed before a large result is made', async (t) => {
  const rows = 6_400_000
  const data = new Uint8Array(Buffer.alloc(rows * 3, '12\n'))
  const before = process.memoryUsage().arrayBuffers
  const { columns } = await csv.parse(data, { header: ['n'], columns: { n: 'f64' }, transfer: true })
  t.true(process.memoryUsage().arrayBuffers - before < -16 * MiB)
  t.is(columns.n.length, rows)
  t.true(columns.n.every((n) => n === 12))
})

test('where: a column is compared as its type, or as what it is compared with', (t) => {
  const text = 'n,s,b\n10,010,true\n9,9,false\n,x,\n'
  const count = (where, columns) => csv.parseSync(text, { where, columns: { ...columns, s: 'utf8' } }).rowCount
  t.is(count({ n: { gt: 9 } }), 1)
  t.is(count({ n: 9 }), 1)
  t.is(count({ n: { gt: '9' } }), 0)
  t.is(count({ s: '010' }), 1)
  t.is(count({ s: 10 }), 0)
  t.is(count({ b: true }), 1)
  t.is(count({ n: null }, { n: 'i32' }), 1)
  t.is(count({ n: { exists: true } }), 3)
  t.is(count({ or: [{ n: { in: [9, 10] } }, { s: { prefix: 'x' } }], not: { b: false } }), 2)
  t.throws(() => count({ z: 1 }), { instanceOf: CsvSyntaxError })
})

test('types are inferred', (t) => {
  const { types, columns } = csv.parseSync('f,b,at,l,s,zip,e\n1,true,2024-01-01,9007199254740993,x,01234,\n-1e3,False,2024-01-01T10:00Z,1,2,56789,\n,,,,,,\n', { infer: true, columns: { e: 'f64' } })
  t.deepEqual(types, { f: 'f64', b: 'bool', at: 'date', l: 'i64', s: 'utf8', zip: 'utf8', e: 'f64' })
  t.deepEqual(columns.f, Float64Array.of(1, -1000, NaN))
})

test('ragged rows by policy', (t) => {
  const text = 'a,b\n1\n1,2\n1,2,3\n'
  refuses(t, () => csv.parseSync(text), { instanceOf: CsvSyntaxError, row: 2, column: 2, message: /Expected 2 fields, found 1 at row 2, column 2 \(byte 4\)/ })
  t.deepEqual(arrays(csv.parseSync(text, { ragged: 'pad' })), [['1', null], ['1', '2'], ['1', '2']])
  const skipped = csv.parseSync(text, { ragged: 'skip' })
  t.deepEqual([skipped.rowCount, skipped.skipped], [1, 2])
})

test('other encodings', (t) => {
  const text = 'naïve,b\nÿ€"é"'
  t.deepEqual(arrays(csv.parseSync(Buffer.from('\ufeffname;b\n"é;😀";ü\r\n', 'utf16le'), { encoding: 'utf16le', delimiter: ';' })), [['é;😀', 'ü']])
  t.deepEqual(arrays(csv.parseSync(Buffer.from('\ufeffname;b\n"é;😀";ü\r\n', 'utf16le').swap16(), { encoding: 'utf16be', delimiter: ';' })), [['é;😀', 'ü']])
  t.deepEqual(arrays(csv.parseSync(Uint8Array.of(0, 97, 0, 10, 0xd8, 0, 0, 98, 1), { encoding: 'utf16be' })), [['\ufffdb\ufffd']])
  t.deepEqual(arrays(csv.parseSync(Buffer.from('é,b\nü,ÿ', 'latin1'), { encoding: 'latin1', columns: { é: 'utf8' } })), [['ü']])
  t.deepEqual(arrays(csv.parseSync(Uint8Array.of(97, 10, 0xff, 10))), [['\ufffd']])
  t.throws(() => csv.parseSync(text, { encoding: 'latin1' }), { code: 'ERR_INVALID_ARG_VALUE' })
})

test('a quote left open', async (t) => {
  const rows = 'a,b\n1,2\n'.repeat(1000)
  const open = Buffer.alloc(5 * MiB, `${rows}1,"`)
  open.fill('x,\n', rows.length + 3)
  const error = await t.throwsAsync(csv.parse(open), { instanceOf: CsvSyntaxError, message: /does not end/ })
  t.like(error, { row: 2001, column: 2, offset: rows.length + 2, code: 'ERR_CSV_SYNTAX', statusCode: 400 })
  await t.throwsAsync(csv.parse(Buffer.concat([open, Buffer.alloc(20 * MiB, '\n')])), { instanceOf: TooLargeError, message: /bytes in a field/ })
})

test('100,000 columns', (t) => {
  const text = `${'a,'.repeat(99_999)}a\n${'1,'.repeat(99_999)}1\n`
  refuses(t, () => csv.parseSync(text), { instanceOf: TooLargeError, limit: 16_384 })
  const table = csv.parseSync(text, { limits: { columns: 100_000 }, columns: { a: 'f64', a_100000: 'i32' } })
  t.deepEqual(table.row(0), { a: 1, a_100000: 1 })
})

test('quotes and NUL where they do not belong', (t) => {
  refuses(t, () => csv.parseSync('a\nb"c'), { instanceOf: CsvSyntaxError, row: 2, column: 1, offset: 3 })
  refuses(t, () => csv.parseSync('a\n"b"c'), { instanceOf: CsvSyntaxError, row: 2, column: 1, offset: 5 })
  t.deepEqual(arrays(csv.parseSync('a\nb"c', { quote: null })), [['b"c']])
  t.deepEqual(arrays(csv.parseSync('a,b\n\0,"\0"\n')), [['\0', '\0']])
})

test('what is no number: an error with its place, or null and counted', async (t) => {
  const text = `n,m\n${'1,2\n'.repeat(5000)}1,abc\n${'1,2\n'.repeat(5000)}x,2\n`
  const columns = { m: 'f64', n: 'i32' }
  for (const call of [async () => csv.parseSync(text, { columns }), () => csv.parse(text, { columns })]) {
    const error = await t.throwsAsync(call, { instanceOf: CsvSyntaxError, message: /Expected a number at row 5002, column 2/ })
    t.like(error, { row: 5002, column: 2, offset: 4 + 20_000 + 2 })
  }
  const { invalid, validity, columns: { m } } = await csv.parse(text, { columns, invalid: 'null' })
  t.deepEqual(invalid, { m: 1, n: 1 })
  t.true(Number.isNaN(m[5000]))
  t.is(validity.m[625] & 1, 0)
})

test('limits', (t) => {
  refuses(t, () => csv.parseSync('a\n1\n2\n', { limits: { rows: 1 } }), { instanceOf: TooLargeError, limit: 1 })
  t.throws(() => csv.parseSync('a\n12\n', { limits: { fieldBytes: 1 } }), { instanceOf: TooLargeError })
  refuses(t, () => csv.parseSync(`${'a,'.repeat(9999)}a\n${'1\n'.repeat(1000)}`, { ragged: 'pad', limits: { bytes: MiB } }), { instanceOf: TooLargeError, limit: MiB })
})

test('formulas are escaped on demand', (t) => {
  const rows = [{ '=a': '=1+1', b: -1, c: '-1', d: '@x', e: 'a=b' }]
  t.is(csv.stringifySync(rows), '=a,b,c,d,e\n=1+1,-1,-1,@x,a=b\n')
  t.is(csv.stringifySync(rows, { formulas: 'escape' }), '"\'=a",b,c,d,e\n"\'=1+1",-1,"\'-1","\'@x",a=b\n')
})

test('stringify: rows, columns, options', async (t) => {
  const columns = { a: Float64Array.of(1.5, -0), b: ['x', null], c: [new Date(0), undefined], d: [1n, true] }
  t.is(csv.stringifySync(columns, { newline: '\r\n', delimiter: ';' }), 'a;b;c;d\r\n1.5;x;1970-01-01T00:00:00.000Z;1\r\n0;;;true\r\n')
  t.is(csv.stringifySync(columns, { columns: ['b'], header: false }), 'x\n""\n')
  t.is(csv.stringifySync([{ a: 1 }, { b: 2 }]), 'a\n1\n""\n')
  t.is(csv.stringifySync([]), '')
  t.is(csv.stringifySync({ a: [1.5] }, { delimiter: '.' }), 'a\n"1.5"\n')
  t.is(csv.stringifySync([JSON.parse('{"__proto__":1}')]), '__proto__\n1\n')
  const rows = Array.from({ length: 300_000 }, (_, id) => ({ id, text: `t${id}` }))
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  const text = await csv.stringify(rows)
  clearInterval(timer)
  t.true(turns > 0)
  t.is(csv.parseSync(text).rowCount, rows.length)
  const controller = new AbortController()
  const stopped = csv.stringify(rows, { signal: controller.signal })
  controller.abort()
  await t.throwsAsync(stopped, { name: 'AbortError', any: true })
})

test('a text longer than any string is refused, on the spot too', async (t) => {
  const row = { a: 'x'.repeat(MiB) }
  const rows = Array.from({ length: 600 }, () => row)
  const error = await t.throwsAsync(csv.stringify(rows), { instanceOf: TooLargeError })
  t.is(error.limit, 2 ** 29 - 24)
  for (const data of [rows, [Object.fromEntries(rows.map((_, index) => [index, rows[0].a]))]]) t.throws(() => csv.stringifySync(data, { header: false }), { instanceOf: TooLargeError })
})

test('typed columns are written in a lane as they are on the spot', async (t) => {
  const width = { minLength: 5, maxLength: 5 }
  const columns = fc.record({
    d: fc.float64Array(width), f: fc.float32Array(width), i: fc.int32Array(width), b: fc.uint8Array(width), l: fc.bigInt64Array(width), u: fc.bigUint64Array(width)
  })
  const style = fc.record({ delimiter: fc.constantFrom(',', '.', '1'), newline: fc.constantFrom('\n', '\r\n'), header: fc.boolean(), formulas: fc.constantFrom('keep', 'escape') })
  const rows = fc.array(fc.tuple(cell, fc.date({ noInvalidDate: true })), { minLength: 5, maxLength: 5 })
  await fc.assert(fc.asyncProperty(columns, style, rows, async (columns, style, rows) => {
    const same = async (data, options) => {
      const wanted = csv.stringifySync(data, options)
      const found = await csv.stringify(data, { ...options, inline: false })
      if (found !== wanted) t.is(found, wanted)
    }
    await same(columns, style)
    const texts = csv.stringifySync(rows.map(([text, date], index) => ({ text, dict: text, at: index % 3 ? date : null, flag: index % 2 === 0, n: index % 5 ? index : null })))
    await same(csv.parseSync(texts, { columns: { text: 'utf8', dict: 'dict', at: 'date', flag: 'bool', n: 'i32' }, invalid: 'null' }), style)
  }), { numRuns: 200 })
  const table = await csv.parse('a,b\n1,x\n2,\n', { columns: { a: 'f64', b: 'utf8' } })
  t.is((await csv.stringify(table, { as: 'buffer', inline: false })).toString(), 'a,b\n1,x\n2,\n')
  t.is(await csv.stringify({ b: table.columns.b, a: table.columns.a }, { inline: false, columns: ['b'] }), 'b\nx\n""\n')
  // What a caller has broken is written as nothing.
  table.columns.b.offsets.set([9, 1, 7])
  t.is(await csv.stringify(table, { inline: false }), 'a,b\n1,\n2,\n')
  const lane = new Lane()
  const controller = new AbortController()
  const stopped = csv.stringify({ a: new Float64Array(3_000_000) }, { lane, signal: controller.signal })
  controller.abort()
  await t.throwsAsync(stopped, { name: 'AbortError', any: true })
  await lane.idle()
})

test('arrays of texts, numbers or truth values are written in a lane as they are on the spot', async (t) => {
  const several = (value) => fc.array(fc.oneof({ arbitrary: value, weight: 8 }, fc.constantFrom(null, undefined)), { minLength: 40, maxLength: 40 })
  const columns = fc.record({
    text: several(cell), unit: several(fc.string({ unit: 'binary' })), number: several(fc.double()), bool: several(fc.boolean()), some: several(fc.constantFrom('', '-1', '\ufeffa', '=a', 'ä', '\u{1f600}')),
    none: fc.constant(Array(40)), typed: fc.constant(Float32Array.from({ length: 40 }, (_, index) => index / 3))
  })
  const style = fc.record({ delimiter: fc.constantFrom(',', '.', 't'), newline: fc.constantFrom('\n', '\r\n'), header: fc.boolean(), formulas: fc.constantFrom('keep', 'escape'), as: fc.constantFrom('string', 'buffer') })
  await fc.assert(fc.asyncProperty(columns, style, async (columns, style) => {
    const lane = new Lane()
    const wanted = csv.stringifySync(columns, style)
    const found = await csv.stringify(columns, { ...style, lane })
    if (String(found) !== String(wanted) || typeof found !== typeof wanted) t.deepEqual(found, wanted)
    if (lane.stats().completed !== 1) t.fail('not in its lane')
  }), { numRuns: 100 })
  const lane = new Lane()
  const long = { text: Array.from({ length: 5000 }, (_, index) => index % 1500 === 0 ? 'ü' : `t${index}`), n: Array.from({ length: 5000 }, (_, index) => index % 7 ? index : null) }
  t.is(await csv.stringify(long, { lane }), csv.stringifySync(long))
  t.is(lane.stats().completed, 1)
  // What bytes cannot hold, several kinds of values, and other ones: as ever.
  const others = {
    'a lone surrogate': ['\ud800', '\udc00'], 'in the midst': ['a', '\ude00'], 'kinds': ['a', 1], 'numbers and truth': [1, true], 'big': [1n, 2n], 'dates': [new Date(0), null]
  }
  for (const [name, values] of Object.entries(others)) {
    const data = { a: Array.from({ length: 3000 }, (_, index) => values[index < 2000 ? 0 : index % 2]), b: Array(3000).fill('x') }
    t.is(await csv.stringify(data, { lane }), csv.stringifySync(data), name)
  }
  t.is(lane.stats().completed, 1)
  await t.throwsAsync(csv.stringify({ a: [...long.text, {}] }), { code: 'ERR_INVALID_ARG_TYPE', message: /"data\[5000\]\.a"/ })
})

test('arrays are packed in slices, and the signal is heeded', async (t) => {
  const data = { a: Array.from({ length: 600_000 }, (_, index) => `text ${index} ä`), b: Array.from({ length: 600_000 }, (_, index) => index) }
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  const text = await csv.stringify(data, { as: 'buffer' })
  clearInterval(timer)
  t.true(turns > 0)
  t.is((await csv.parse(text)).rowCount, 600_000)
  const lane = new Lane()
  const controller = new AbortController()
  const stopped = csv.stringify(data, { lane, signal: controller.signal })
  setImmediate(() => controller.abort())
  await t.throwsAsync(stopped, { name: 'AbortError', any: true })
  await lane.idle()
  t.is(lane.stats().completed, 0)
})

test('abort stops it', async (t) => {
  const lane = new Lane()
  const controller = new AbortController()
  const parsed = csv.parse(Buffer.from('1,2,3,"abcdef"\n'.repeat(3_000_000)), { header: false, lane, signal: controller.signal })
  controller.abort()
  await t.throwsAsync(parsed, { name: 'AbortError', any: true })
  await lane.idle()
  t.is(lane.stats().aborted, 1)
})

test('arguments are checked', (t) => {
  const value = { code: 'ERR_INVALID_ARG_VALUE' }
  const type = { code: 'ERR_INVALID_ARG_TYPE' }
  t.throws(() => csv.parseSync('', { delimiter: '"' }), { ...value, message: /"options\.quote" property must not be the delimiter/ })
  t.throws(() => csv.parseSync('', { comment: ',' }), value)
  t.throws(() => csv.parseSync('', { delimiter: '\n' }), value)
  t.throws(() => csv.parseSync('', { delimiter: '\0' }), value)
  t.throws(() => csv.parseSync('', { delimiter: '||' }), value)
  t.throws(() => csv.parseSync('', { delimiter: 'é' }), value)
  t.throws(() => csv.parseSync('', { delimiter: 1 }), type)
  t.throws(() => csv.parseSync('', { columns: { a: 'float' } }), value)
  t.throws(() => csv.parseSync('', { columns: ['a'] }), type)
  t.throws(() => csv.parseSync('', { select: 'a' }), type)
  t.throws(() => csv.parseSync('', { select: ['a', 'a'] }), value)
  t.throws(() => csv.parseSync('', { select: ['\ud800'] }), value)
  t.throws(() => csv.parseSync('', { header: 1 }), type)
  t.throws(() => csv.parseSync('', { header: ['a', 'a'] }), value)
  t.throws(() => csv.parseSync('', { ragged: 'fill' }), value)
  t.throws(() => csv.parseSync('', { limits: { rows: 0 } }), { code: 'ERR_OUT_OF_RANGE' })
  t.throws(() => csv.parseSync('', { where: { a: { above: 1 } } }), value)
  t.throws(() => csv.parseSync('', { infer: 1 }), type)
  t.throws(() => csv.parseSync(1), type)
  t.throws(() => csv.parse('', null), type)
  t.throws(() => csv.stringifySync(1), type)
  t.throws(() => csv.stringifySync([{ a: {} }]), { ...type, message: /"data\[0\]\.a"/ })
  t.throws(() => csv.stringifySync([[1], { a: 1 }]), type)
  t.throws(() => csv.stringifySync({ a: [1], b: [1, 2] }), value)
  t.throws(() => csv.stringifySync({ a: 1 }), type)
  t.throws(() => csv.stringifySync([], { formulas: 'drop' }), value)
  t.throws(() => csv.stringifySync([], { newline: '\r' }), value)
  t.throws(() => csv.stringifySync([], { quote: ',' }), value)
})
