// json.open: equal to JSON.parse and a walk along the pointer.
import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import test from 'ava'
import * as fc from 'fast-check'
import { JsonSyntaxError, Lane, TooLargeError, json } from 'sidelane'
import { child, helper } from './helpers/child.mjs'

/** What a pointer leads to in a value of JSON.parse. */
function walk (value, pointer) {
  const names = pointer === '' ? [] : pointer.slice(1).split('/').map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
  return names.reduce((at, name) => {
    if (Array.isArray(at)) return /^(0|[1-9]\d*)$/.test(name) ? at[Number(name)] : undefined
    return at !== null && typeof at === 'object' && Object.hasOwn(at, name) ? at[name] : undefined
  }, value)
}

const typeOf = (value) => value === undefined ? undefined : value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
const lengthOf = (value) => value !== null && typeof value === 'object' ? Object.keys(value).length : undefined

const name = fc.constantFrom('a', 'b', '', '~', '/', '0', '1', '__proto__', 'é', 'constructor')
const scalar = fc.oneof(
  fc.constantFrom('1', '-0', '1.5e3', '1e400', '123456789012345678901234567890', 'true', 'null', '"é😀"', '"\\ud800"', '"\\u0041"', '[]', '{ }'),
  fc.string().map((text) => JSON.stringify(text)),
  // On both sides of what is worth an entry of the index.
  fc.nat(600).map((length) => JSON.stringify('"[}'.repeat(length / 3))),
  fc.nat(300).map((length) => `[${Array.from({ length }, (_, index) => index)}]`),
  fc.integer({ min: 25, max: 60 }).map((length) => `{${Array.from({ length }, (_, index) => `"${index % 35}":${index}`)}}`)
)
/** JSON text with duplicate and escaped names, which no object could hold. */
const { text } = fc.letrec((tie) => ({
  text: fc.oneof({ maxDepth: 4 }, scalar, tie('array'), tie('object')),
  array: fc.array(tie('text'), { maxLength: 5 }).map((items) => `[${items.join(', ')}]`),
  object: fc.array(fc.tuple(name, fc.boolean(), tie('text')), { maxLength: 6 }).map((members) => `{ ${members.map(([name, escaped, value]) => `${escaped && name.length === 1 ? `"\\u${name.charCodeAt(0).toString(16).padStart(4, '0')}"` : JSON.stringify(name)}:${value}`).join(',')}}`)
}))
const token = fc.constantFrom('a', 'b', '', '~0', '~1', '0', '1', '2', '34', '299', '01', '__proto__', 'é', 'constructor', '-')
const pointer = fc.array(token, { maxLength: 4 }).map((tokens) => tokens.map((token) => `/${token}`).join(''))

test('get, getMany, length and type find what JSON.parse and a walk find', async (t) => {
  await fc.assert(fc.asyncProperty(text, fc.array(pointer, { minLength: 1, maxLength: 6 }), fc.constantFrom(undefined, false), async (text, pointers, inline) => {
    const value = JSON.parse(text)
    const document = inline === undefined ? json.openSync(Buffer.from(text)) : await json.open(text, { inline })
    const wanted = pointers.map((pointer) => walk(value, pointer))
    for (const [index, pointer] of pointers.entries()) {
      const found = document.get(pointer)
      if (!isDeepStrictEqual(found, wanted[index])) t.deepEqual(found, wanted[index], `${text} ${pointer}`)
      if (document.length(pointer) !== lengthOf(wanted[index])) t.fail(`length of ${pointer} in ${text}`)
      if (document.type(pointer) !== typeOf(wanted[index])) t.fail(`type of ${pointer} in ${text}`)
    }
    if (!isDeepStrictEqual(document.getMany(pointers), wanted)) t.deepEqual(document.getMany(pointers), wanted, `${text} ${pointers}`)
    document.close()
  }), { numRuns: 1500 })
  t.pass()
})

/** Several MB: an array and an object with many members, both with duplicates. */
function large () {
  const list = Array.from({ length: 20_000 }, (_, id) => ({ id, text: 'é"\\'.repeat(id % 50), nested: { n: [id / 8] } }))
  const members = list.map(({ id }) => `"key ${id % 15_000}":{"id":${id}}`)
  return { list, text: `{"list":${JSON.stringify(list)},"map":{${members}},"list":${JSON.stringify(list)}}` }
}

test('a large text: any element and member, transferred or not', async (t) => {
  const { list, text } = large()
  const data = new Uint8Array(Buffer.from(text))
  const size = data.length
  const copied = await json.open(data)
  const document = await json.open(data, { transfer: true })
  t.is(data.length, 0)
  for (const each of [copied, document]) {
    for (let id = 0; id < list.length; id += 331) {
      if (!isDeepStrictEqual(each.get(`/list/${id}`), list[id])) t.fail(`${id}`)
      if (each.get(`/list/${id}/nested/n/0`) !== id / 8) t.fail(`${id}`)
      if (each.get(`/map/key ${id % 15_000}/id`) !== (id % 15_000 < 5000 ? id % 15_000 + 15_000 : id)) t.fail(`key ${id}`)
    }
    t.is(each.length('/list'), 20_000)
    t.is(each.length('/map'), 15_000)
    t.is(each.get('/list/20000'), undefined)
    t.is(each.get('/map/key 15000'), undefined)
    t.true(each.byteLength > size && each.byteLength < size * 1.25)
  }
})

test('all of it, and the same value twice is two values', (t) => {
  const document = json.openSync(' {"a":[1,{"__proto__":{"x":1}}]} ')
  t.deepEqual(document.get(''), JSON.parse('{"a":[1,{"__proto__":{"x":1}}]}'))
  t.not(document.get('/a'), document.get('/a'))
  t.deepEqual(document.get('/a/1/__proto__'), { x: 1 })
  t.is(Object.getPrototypeOf(document.get('/a/1')), Object.prototype)
  t.deepEqual(document.getMany([]), [])
  t.deepEqual(document.getMany(['/b', '/a/0']), [undefined, 1])
})

test('big integers', (t) => {
  const text = '{"a":12345678901234567890,"b":["\\u0000n1",9007199254740993],"c":1e30}'
  const rounded = json.openSync(text)
  t.deepEqual(rounded.get(''), JSON.parse(text))
  const strings = json.openSync(text, { bigint: 'string' })
  t.is(strings.get('/a'), '12345678901234567890')
  const bigints = json.openSync(text, { bigint: 'bigint' })
  t.is(bigints.get('/a'), 12345678901234567890n)
  t.deepEqual(bigints.get('/b'), ['\u0000n1', 9007199254740993n])
  t.deepEqual(bigints.getMany(['/c', '/b/1', '/a']), [1e30, 9007199254740993n, 12345678901234567890n])
})

test('closed, it is of no use', async (t) => {
  const expected = { code: 'ERR_INVALID_STATE', message: 'The document is closed' }
  const document = await json.open('{"a":1}', { inline: false })
  t.true(document.byteLength >= 7)
  document.close()
  document.close()
  for (const call of [() => document.get('/a'), () => document.getMany(['/a']), () => document.length(''), () => document.type('')]) t.throws(call, expected)
  t.is(document.byteLength, 0)
  // Its number goes to another one.
  const other = json.openSync('[2]')
  t.throws(() => document.get('/0'), expected)
  t.is(other.get('/0'), 2)
  other[Symbol.dispose]()
  t.throws(() => other.get('/0'), expected)
})

test('the grammar, as json.validate has it', (t) => {
  const { cases } = JSON.parse(readFileSync(new URL('../testdata/json/grammar.json', import.meta.url), 'utf8'))
  for (const { name, text, hex, accept, offset } of cases) {
    const data = hex === undefined ? text : Buffer.from(hex, 'hex')
    if (accept) t.true(isDeepStrictEqual(json.openSync(data).get(''), JSON.parse(text)), name)
    else t.is(t.throws(() => json.openSync(data), { instanceOf: JsonSyntaxError }).offset, offset, name)
  }
})

test('cut at every byte it is an error', async (t) => {
  const bytes = Buffer.from(JSON.stringify({ items: [{ id: 1, 'é': '\u2028x' }, { id: [true, null] }], n: -1.5e3 }))
  for (let end = 0; end < bytes.length; end++) {
    const expected = { instanceOf: JsonSyntaxError, code: 'ERR_JSON_SYNTAX' }
    const error = t.throws(() => json.openSync(bytes.subarray(0, end)), expected)
    t.is((await t.throwsAsync(json.open(bytes.subarray(0, end), { inline: false }), expected)).offset, error.offset)
  }
})

test('what JSON.parse refuses is refused, with its place', (t) => {
  for (const [text, offset] of [['{"a":1}x', 7], ['{"a":1}{', 7], ['[1 2]', 3], ['\ufeff1', 0], ['{"a":01}', 6], ['"\u0001"', 1]]) {
    t.is(t.throws(() => json.openSync(text), { instanceOf: JsonSyntaxError }).offset, offset)
  }
  t.is(t.throws(() => json.openSync(Uint8Array.of(0x22, 0x61, 0xff, 0x22)), { instanceOf: JsonSyntaxError }).offset, 2)
})

test('depth 1,000,000: refused by default, opened on request', async (t) => {
  const deep = `{"x":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)},"y":2}`
  await t.throwsAsync(json.open(deep), { instanceOf: TooLargeError, code: 'ERR_TOO_LARGE' })
  t.throws(() => json.openSync(deep), { instanceOf: TooLargeError })
  const document = await json.open(deep, { maxDepth: 1_000_001 })
  t.is(document.get('/y'), 2)
  t.is(document.length(`/x${'/0'.repeat(100)}`), 1)
})

test('a string of 512 MiB is held, and not had: no string of Node is so long', async (t) => {
  const lane = new Lane({ maxQueueBytes: Infinity })
  const data = Buffer.alloc(2 ** 29 + 9, 'x')
  data.write('["')
  data.write('", 1]', data.length - 5)
  const expected = { instanceOf: TooLargeError, code: 'ERR_TOO_LARGE', message: /more than 536870888 characters/ }
  await t.throwsAsync(json.query(data, '/*', { lane, transfer: true }), expected)
  t.is(data.length, 0)
  const again = Buffer.alloc(2 ** 29 + 9, 'x')
  again.write('["')
  again.write('", 1]', again.length - 5)
  const document = await json.open(again, { lane, transfer: true })
  t.throws(() => document.get('/0'), expected)
  t.throws(() => document.getMany(['/1', '']), expected)
  t.is(document.type('/0'), 'string')
  t.is(document.get('/1'), 1)
  document.close()
})

test('numbers of a million digits', (t) => {
  const digits = '1234567890'.repeat(100_000)
  const document = json.openSync(`[${digits},-0.${digits}e-5,1e${digits}]`, { bigint: 'string' })
  t.is(document.get('/0'), digits)
  t.is(document.get('/1'), JSON.parse(`-0.${digits}e-5`))
  t.is(document.get('/2'), Infinity)
})

test('abort and timeout stop it, and nothing is kept', async (t) => {
  const lane = new Lane()
  const data = Buffer.from(`[${'"abc",'.repeat(10_000_000)}1]`)
  const controller = new AbortController()
  const aborted = json.open(data, { lane, signal: controller.signal })
  setTimeout(() => controller.abort(), 2)
  await t.throwsAsync(aborted, { name: 'AbortError', any: true })
  await t.throwsAsync(json.open(data, { lane, timeout: 2 }), { code: 'ERR_TASK_TIMEOUT' })
  await lane.idle()
})

test('V8 knows of the memory: documents that nobody closes are collected before they are many', async (t) => {
  const { status, stdout, stderr } = await child(`
    const { json } = s
    const text = Buffer.from(JSON.stringify(Array.from({ length: 500_000 }, (_, i) => 'value ' + i)))
    async function main () {
      const before = process.memoryUsage.rss()
      // 1.5 GB.
      for (let i = 0; i < 200; i++) {
        const document = await json.open(text)
        if (document.get('/7') !== 'value 7' || document.byteLength < text.length) throw new Error('wrong')
        await new Promise(setImmediate)
      }
      console.log(process.memoryUsage.rss() - before < 600e6 || process.memoryUsage.rss() - before)
    }
    main()`)
  t.is(status, 0, stderr)
  t.is(stdout, 'true')
})

test('a worker that ends with documents open, or while they are opened', async (t) => {
  const { status, stdout, stderr } = await child(`
    const code = \`
      const { json } = require(${JSON.stringify(helper)})
      const text = Buffer.from(JSON.stringify(Array.from({ length: 200_000 }, (_, i) => 'value ' + i)))
      globalThis.kept = json.openSync(text)
      for (let i = 0; i < 8; i++) json.open(text).catch(() => {})
      require('node:worker_threads').parentPort.postMessage(kept.get('/199999'))\`
    async function main () {
      for (let i = 0; i < 10; i++) {
        const worker = new Worker(code, { eval: true })
        const value = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
        if (value !== 'value 199999') throw new Error(value)
        await worker.terminate()
      }
      console.log('ended')
    }
    main()`)
  t.is(status, 0, stderr)
  t.is(stdout, 'ended')
})

test('arguments are checked', (t) => {
  const value = { code: 'ERR_INVALID_ARG_VALUE', instanceOf: TypeError }
  const type = { code: 'ERR_INVALID_ARG_TYPE', instanceOf: TypeError }
  t.throws(() => json.open(1), type)
  t.throws(() => json.openSync('1', { maxDepth: -1 }), { code: 'ERR_OUT_OF_RANGE' })
  t.throws(() => json.openSync('1', { bigint: 'text' }), value)
  t.throws(() => json.open('1', { timeout: '1' }), type)
  const document = json.openSync('{"*":1}')
  t.throws(() => document.get(1), type)
  t.throws(() => document.get(), type)
  t.throws(() => document.get('a'), { ...value, message: /"pointer" argument .* Received 'a'/ })
  t.throws(() => document.get('/~2'), value)
  t.throws(() => document.get('/*'), { ...value, message: /json\.query takes '\*'/ })
  t.throws(() => document.get('/\ud800'), value)
  t.throws(() => document.length('/a'.repeat(129)), value)
  t.throws(() => document.type('a'), value)
  t.throws(() => document.getMany('/a'), type)
  t.throws(() => document.getMany(['/a', 1]), type)
  t.throws(() => document.getMany(['/a', 'b']), value)
  t.throws(() => document.getMany(['/\udc00']), value)
  const hostile = document.get
  t.throws(() => hostile.call({}, '/a'), { instanceOf: TypeError })
})
