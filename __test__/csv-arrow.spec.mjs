// csv.toArrow and csv.fromArrow, against the apache-arrow package.
import test from 'ava'
import * as arrow from 'apache-arrow'
import * as fc from 'fast-check'
import { ArrowDataError, csv } from 'sidelane'

/** Plain values, as both packages have them. */
const plain = (rows) => JSON.stringify(rows, (key, value) => typeof value === 'bigint' ? `${value}n` : Object.is(value, -0) ? '-0' : value)
const theirRows = (bytes) => arrow.tableFromIPC(bytes).toArray().map((row) => row.toJSON())

const nullable = (arbitrary) => fc.option(arbitrary, { nil: null })
const columns = fc.integer({ min: 0, max: 20 }).chain((length) => {
  const array = (arbitrary) => fc.array(nullable(arbitrary), { minLength: length, maxLength: length })
  return fc.record({
    number: array(fc.double({ noNaN: true, noDefaultInfinity: true })),
    text: array(fc.string({ unit: 'grapheme' })),
    big: array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
    truth: array(fc.boolean()),
    at: array(fc.date({ noInvalidDate: true })),
    '__proto__é': array(fc.integer())
  })
})

for (const format of ['stream', 'file']) {
  test(`${format}: what is written is read by apache-arrow, and by fromArrow`, (t) => {
    fc.assert(fc.property(columns, (columns) => {
      const rows = columns.text.map((_, row) => Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values[row]])))
      const bytes = Buffer.concat(csv.toArrow(columns, { format }))
      t.is(plain([...csv.fromArrow(bytes).rows()]), plain(rows))
      // A timestamp is a number to them.
      const theirs = rows.map((row) => ({ ...row, at: row.at === null ? null : row.at.getTime() }))
      t.is(plain(theirRows(bytes)), plain(theirs))
    }), { numRuns: 200 })
  })

  test(`${format}: what apache-arrow writes is read`, (t) => {
    const table = arrow.tableFromArrays({
      f: Float32Array.of(1.5, NaN), i8: Int8Array.of(-1, 2), u16: Uint16Array.of(1, 65535), u64: BigUint64Array.of(1n, 2n ** 64n - 1n),
      text: ['x', 'é'], same: ['a', 'a'], none: [1, null], truth: [true, false], at: [new Date(5), new Date(-6)]
    })
    const read = csv.fromArrow(arrow.tableToIPC(table, format))
    t.deepEqual([...read.rows()], [
      { f: 1.5, i8: -1, u16: 1, u64: 1n, text: 'x', same: 'a', none: 1, truth: true, at: new Date(5) },
      { f: NaN, i8: 2, u16: 65535, u64: 2n ** 64n - 1n, text: 'é', same: 'a', none: null, truth: false, at: new Date(-6) }
    ])
    t.deepEqual(read.types, { f: 'f32', i8: 'i8', u16: 'u16', u64: 'u64', text: 'dict', same: 'dict', none: 'f64', truth: 'bool', at: 'date' })
    // Several batches, and none.
    const twice = csv.fromArrow(arrow.tableToIPC(table.concat(table), format))
    t.deepEqual([...twice.rows()], [...read.rows(), ...read.rows()])
    t.is(csv.fromArrow(arrow.tableToIPC(table.slice(0, 0), format)).rowCount, 0)
  })

  test(`${format}: cut anywhere, or with any byte changed: a table or an ArrowDataError`, (t) => {
    const table = csv.parseSync('a,b,c,d,e\n1,x,true,2026-01-01,y\n,z,false,,\n', { columns: { a: 'f64', b: 'dict', c: 'bool', d: 'date', e: 'utf8' } })
    const bytes = Buffer.concat(csv.toArrow(table, { format }))
    let refused = 0
    const look = (data) => {
      try {
        for (const row of csv.fromArrow(data).rows()) Object.keys(row)
      } catch (error) {
        if (!(error instanceof ArrowDataError)) throw error
        refused++
      }
    }
    for (let at = 0; at < bytes.length; at++) {
      look(bytes.subarray(0, at))
      for (const bits of [1, 0x80, 0xff]) {
        const changed = Buffer.from(bytes)
        changed[at] ^= bits
        look(changed)
      }
    }
    t.true(refused > bytes.length, `${refused} of ${bytes.length * 4}`)
  })
}

test('a table of csv.parse comes back as it was', (t) => {
  const table = csv.parseSync('a,b,c,d,e,f,g\n1,x,true,2026-01-01,y,7,9007199254740993\n,é,false,,,8,-1\n', { columns: { a: 'f64', b: 'dict', c: 'bool', d: 'date', e: 'utf8', f: 'i32', g: 'i64' } })
  const again = csv.fromArrow(Buffer.concat(csv.toArrow(table)))
  t.deepEqual([...again.rows()], [...table.rows()])
  t.deepEqual(again.types, table.types)
  t.deepEqual(csv.fromArrow(Buffer.concat(csv.toArrow(table, { columns: ['c', 'a'] }))).names, ['c', 'a'])
})

/** The messages of a stream, without its end. */
function messages (columns) {
  const bytes = Buffer.concat(csv.toArrow(columns))
  const schema = 8 + bytes.readUInt32LE(4)
  return [bytes.subarray(0, schema), bytes.subarray(schema, bytes.length - 8)]
}

const dictionary = (texts) => csv.parseSync(`d\n${texts.join('\n')}\n`, { columns: { d: 'dict' } })

test('a dictionary that replaces another: batches before it keep theirs', (t) => {
  const [schema, first] = messages(dictionary(['a', 'b', 'a']))
  const [, second] = messages(dictionary(['c', 'd', 'd', 'e']))
  const stream = Buffer.concat([schema, first, second, first])
  const expected = ['a', 'b', 'a', 'c', 'd', 'd', 'e', 'a', 'b', 'a']
  t.deepEqual([...csv.fromArrow(stream).columns.d], expected)
  t.deepEqual(theirRows(stream).map(({ d }) => d), expected)
})

test('20,000 dictionaries in a row, or names that lie over each other, take no time', (t) => {
  const [schema, both] = messages(dictionary(['a']))
  const length = 8 + both.readUInt32LE(4)
  const body = 128
  const one = both.subarray(0, length + body)
  const start = process.cpuUsage()
  t.deepEqual([...csv.fromArrow(Buffer.concat([schema, ...Array(20_000).fill(one), both])).columns.d], ['a'])
  const { user } = process.cpuUsage(start)
  t.true(user < 5e6, `${user} us`)
  // 2,000 columns whose names are one text, from another place on each.
  const count = 2000
  const columns = Object.fromEntries(Array.from({ length: count }, (_, at) => [String(at).padStart(4, '0'), []]))
  const data = Buffer.concat(csv.toArrow(columns))
  const long = Buffer.concat([data.subarray(0, 8 + data.readUInt32LE(4)), Buffer.alloc(2 ** 20, 0x78)])
  const metadata = long.length - 8
  long.writeUInt32LE(metadata, 4)
  for (let at = 0; at < count; at++) {
    const place = long.indexOf(String(at).padStart(4, '0'), 'latin1') - 4
    long.writeUInt32LE(2 ** 20 - at, place)
  }
  t.throws(() => csv.fromArrow(long), { instanceOf: ArrowDataError, message: /names lie over each other/ })
})

test('numbers are not copied', (t) => {
  const values = Float64Array.of(1, 2, 3)
  const chunk = csv.toArrow({ values }).find(({ buffer }) => buffer === values.buffer)
  t.is(chunk.length, 24)
})

test('arguments are checked', (t) => {
  const wrong = (code, message, call) => t.throws(call, { code, message })
  wrong('ERR_INVALID_ARG_TYPE', /"data"/, () => csv.toArrow(3))
  wrong('ERR_INVALID_ARG_TYPE', /"data\.a"/, () => csv.toArrow({ a: 3 }))
  wrong('ERR_INVALID_ARG_TYPE', /"data\.a\[1\]".*of the kind of the values before it, number/, () => csv.toArrow({ a: [1, ''] }))
  wrong('ERR_INVALID_ARG_TYPE', /"data\.a\[0\]"/, () => csv.toArrow({ a: [Symbol('s')] }))
  wrong('ERR_INVALID_ARG_VALUE', /"data\.b".*as many values/, () => csv.toArrow({ a: [1], b: [] }))
  wrong('ERR_INVALID_ARG_VALUE', /must fit 64 bits/, () => csv.toArrow({ a: [2n ** 80n] }))
  wrong('ERR_INVALID_ARG_VALUE', /"options\.format"/, () => csv.toArrow({ a: [1] }, { format: 'feather' }))
  wrong('ERR_INVALID_ARG_VALUE', /"options\.columns\[0\]"/, () => csv.toArrow({ a: [1] }, { columns: ['b'] }))
  wrong('ERR_INVALID_ARG_TYPE', /"data"/, () => csv.fromArrow(3))
  for (const data of ['', 'text', Buffer.from('ARROW1'), Buffer.alloc(100, 0xff)]) wrong('ERR_ARROW_DATA', /Expected Arrow IPC/, () => csv.fromArrow(data))
})

test('what is not read is named', (t) => {
  const table = arrow.tableFromArrays({ list: [[1], [2]] })
  t.throws(() => csv.fromArrow(arrow.tableToIPC(table)), { instanceOf: ArrowDataError, message: /column 'list' is of type List/ })
})
