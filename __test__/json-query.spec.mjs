// json.query: equal to JSON.parse and a walk along the pointers.
import { isDeepStrictEqual } from 'node:util'
import test from 'ava'
import * as fc from 'fast-check'
import { JsonSyntaxError, TooLargeError, json } from 'sidelane'

const { query, querySync } = json

/** The same by JSON.parse: an array for a pointer with a wildcard. */
function expected (text, pointer) {
  const tokens = pointer === '' ? [] : pointer.slice(1).split('/')
  const lead = (value, tokens) => tokens.reduce((at, token) => {
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~')
    if (Array.isArray(at)) return /^(0|[1-9]\d*)$/.test(name) ? at[Number(name)] : undefined
    return at !== null && typeof at === 'object' && Object.hasOwn(at, name) ? at[name] : undefined
  }, value)
  const last = tokens.lastIndexOf('*')
  if (last === -1) return lead(JSON.parse(text), tokens)
  let places = [JSON.parse(text)]
  let from = 0
  for (let to = tokens.indexOf('*'); to !== -1; to = tokens.indexOf('*', from)) {
    places = places.map((place) => lead(place, tokens.slice(from, to))).filter(Array.isArray).flat(1)
    from = to + 1
  }
  return places.map((place) => lead(place, tokens.slice(last + 1)) ?? null)
}

const name = fc.constantFrom('a', 'b', '', '~', '/', '0', '1', '__proto__', 'é', '*')
const leaf = fc.oneof(fc.constantFrom('1', '-0', '1.5e3', 'true', 'null', '"é😀"', '"\\ud800"', '"\\u0041"', '12345678901234567890'), fc.string().map((text) => JSON.stringify(text)))
/** JSON text with duplicate and escaped names, which no object could hold. */
const { text } = fc.letrec((tie) => ({
  text: fc.oneof({ maxDepth: 4 }, leaf, tie('array'), tie('object')),
  array: fc.array(tie('text'), { maxLength: 4 }).map((items) => `[${items.join(', ')}]`),
  object: fc.array(fc.tuple(name, fc.boolean(), tie('text')), { maxLength: 5 }).map((members) => `{ ${members.map(([name, escaped, value]) => `${escaped && name.length === 1 ? `"\\u${name.charCodeAt(0).toString(16).padStart(4, '0')}"` : JSON.stringify(name)}:${value}`).join(',')}}`)
}))
const token = fc.constantFrom('a', 'b', '', '~0', '~1', '0', '1', '__proto__', 'é', '*', '*')
const pointer = fc.array(token, { maxLength: 4 }).map((tokens) => tokens.map((token) => `/${token}`).join(''))

test('one pointer: what JSON.parse and a walk find', async (t) => {
  await fc.assert(fc.asyncProperty(text, pointer, fc.boolean(), async (text, pointer, inline) => {
    const wanted = expected(text, pointer)
    const found = [querySync(text, pointer), await query(Buffer.from(text), pointer, { inline })]
    for (const value of found) if (JSON.stringify(value) !== JSON.stringify(wanted)) t.deepEqual(value, wanted, `${text} ${pointer}`)
  }), { numRuns: 6000 })
  t.pass()
})

test('several pointers at once find what each finds alone', (t) => {
  fc.assert(fc.property(text, fc.array(pointer, { maxLength: 5 }), (text, pointers) => {
    let found
    try {
      found = querySync(text, pointers)
    } catch (error) {
      if (!/both '\*' and an index/.test(error.message)) throw error
      return
    }
    const wanted = pointers.map((pointer) => expected(text, pointer))
    if (JSON.stringify(found) !== JSON.stringify(wanted)) t.deepEqual(found, wanted, `${text} ${pointers}`)
  }), { numRuns: 6000 })
  t.pass()
})

test('trusted finds the same in text without duplicate names', (t) => {
  fc.assert(fc.property(fc.jsonValue(), fc.boolean(), fc.constantFrom('', '/0', '/*', '/*/0', '/a', '/*/*'), (value, indent, pointer) => {
    const text = JSON.stringify(value, null, indent ? 1 : 0)
    if (JSON.stringify(querySync(text, pointer, { trusted: true })) !== JSON.stringify(expected(text, pointer))) t.fail(`${text} ${pointer}`)
  }), { numRuns: 3000 })
  t.pass()
})

test('cut anywhere it is an error, never a result', (t) => {
  const text = JSON.stringify({ items: [{ id: 1, 'é': '\u2028x' }, { id: [true, null] }], n: -1.5e3 })
  const bytes = Buffer.from(text)
  for (let end = 0; end < bytes.length; end++) {
    t.throws(() => querySync(bytes.subarray(0, end), ['/items/*/id', '/n']), { instanceOf: JsonSyntaxError })
    // Not checked, but no crash and no hang either.
    try {
      querySync(bytes.subarray(0, end), ['/items/*/id', '/n'], { trusted: true })
    } catch (error) {
      t.true(error instanceof JsonSyntaxError)
    }
  }
})

test('any bytes, trusted: a result or a syntax error', (t) => {
  fc.assert(fc.property(fc.array(fc.constantFrom(...Buffer.from('{}[]",:\\a01-e \nntf\x00\xff', 'latin1')), { maxLength: 40 }), pointer, (bytes, pointer) => {
    try {
      querySync(Uint8Array.from(bytes), pointer, { trusted: true, bigint: 'bigint' })
    } catch (error) {
      if (!(error instanceof JsonSyntaxError)) throw error
    }
  }), { numRuns: 20_000 })
  t.pass()
})

test('names, columns of doubles, what is missing', async (t) => {
  const text = '{"items":[{"id":"a","price":1.5},{"id":"b"},{"price":"2"},{"id":null,"price":1e400}],"n":3}'
  const found = await query(text, { id: '/items/*/id', price: '/items/*/price', n: '/n', gone: '/x/y', __proto__: null, ['__proto__']: '/n' }, { columns: { price: 'f64' } })
  t.deepEqual(Object.keys(found), ['id', 'price', 'n', '__proto__'])
  t.deepEqual(found.id, ['a', 'b', null, null])
  t.deepEqual(found.price, Float64Array.of(1.5, NaN, NaN, Infinity))
  t.is(found.n, 3)
  t.is(Object.getPrototypeOf(found), Object.prototype)
})

test('what is skipped is checked, unless trusted', async (t) => {
  const text = '{"skipped":[01,"\u0001"],"a":1}'
  t.is((await t.throwsAsync(query(text, '/a'), { instanceOf: JsonSyntaxError })).offset, 13)
  t.is(await query(text, '/a', { trusted: true }), 1)
  await t.throwsAsync(query('{"a":01}', '/a', { trusted: true, inline: false }), { instanceOf: JsonSyntaxError })
})

test('what is selected is checked, though trusted, also where another pointer leads through it', (t) => {
  t.throws(() => querySync('[a]', ['', '/a'], { trusted: true }), { instanceOf: JsonSyntaxError })
  t.throws(() => querySync('{"b":[01],"a":1}', ['', '/a'], { trusted: true, bigint: 'bigint' }), { instanceOf: JsonSyntaxError })
})

test('big integers', (t) => {
  const text = '[9007199254740991,9007199254740992,-9007199254740993,1e20,12345678901234567890.0,{"123456789012345678901":[123456789012345678901,"\\u0000n1","\\u0000"]}]'
  t.deepEqual(querySync(text, ''), JSON.parse(text))
  t.deepEqual(querySync(text, '', { bigint: 'string' }), [9007199254740991, '9007199254740992', '-9007199254740993', 1e20, Number('12345678901234567890'), { '123456789012345678901': ['123456789012345678901', '\u0000n1', '\u0000'] }])
  t.deepEqual(querySync(text, '', { bigint: 'bigint' }), [9007199254740991, 9007199254740992n, -9007199254740993n, 1e20, Number('12345678901234567890'), { '123456789012345678901': [123456789012345678901n, '\u0000n1', '\u0000'] }])
  t.is(querySync('{"\\u0000s":{"__proto__":12345678901234567890}}', '/\u0000s/__proto__', { bigint: 'bigint' }), 12345678901234567890n)
})

test('deep text, whichever way it is gone through', async (t) => {
  const deep = `${'{"a":['.repeat(500_000)}1${']}'.repeat(500_000)}`
  t.is(await query(`{"x":${deep},"y":2}`, '/y', { maxDepth: 1_000_001 }), 2)
  await t.throwsAsync(query(`{"x":${deep},"y":2}`, '/y'), { instanceOf: TooLargeError })
})

test('several MiB, on all cores: the same as JSON.parse, and the same first error', async (t) => {
  const items = Array.from({ length: 30_000 }, (_, id) => ({ id, text: 'é"},{"id":'.repeat(id % 20), parts: [{ id: -1 }, { id: [{ id: -2 }] }] }))
  const text = JSON.stringify(items)
  const found = await query(text, { id: '/*/id', inner: '/*/parts/*/id', score: '/*/id', gone: '/*/x' }, { columns: { score: 'f64' } })
  t.true(isDeepStrictEqual(found.id, items.map(({ id }) => id)))
  t.true(isDeepStrictEqual(found.inner, items.flatMap(({ parts }) => parts.map(({ id }) => id))))
  t.true(isDeepStrictEqual(found.score, Float64Array.from(items, ({ id }) => id)))
  t.true(found.gone.length === items.length && found.gone.every((value) => value === null))
  const half = text.indexOf('{"id":20000')
  const broken = `${text.slice(0, half)}x${text.slice(half, -1)}?`
  t.is((await t.throwsAsync(query(broken, '/*/id'), { instanceOf: JsonSyntaxError })).offset, Buffer.byteLength(text.slice(0, half)))
  await t.throwsAsync(query(text.slice(0, -1), '/*/id'), { instanceOf: JsonSyntaxError })
})

test('arguments are checked', (t) => {
  t.throws(() => querySync('1', 'a'), { code: 'ERR_INVALID_ARG_VALUE', message: /empty or begins with '\/'. Received 'a'/ })
  t.throws(() => query('1', '/~2'), { code: 'ERR_INVALID_ARG_VALUE' })
  t.throws(() => querySync('1', ['/*', '/0']), { code: 'ERR_INVALID_ARG_VALUE' })
  t.throws(() => querySync('1', [1]), { code: 'ERR_INVALID_ARG_TYPE' })
  t.throws(() => querySync('1', undefined), { code: 'ERR_INVALID_ARG_TYPE' })
  t.throws(() => querySync('1', '/\ud800'), { code: 'ERR_INVALID_ARG_VALUE' })
  t.throws(() => querySync('1', { a: '' }, { columns: { b: 'f64' } }), { code: 'ERR_INVALID_ARG_VALUE' })
  t.throws(() => querySync('1', { a: '' }, { columns: { a: 'i8' } }), { code: 'ERR_INVALID_ARG_VALUE' })
  t.throws(() => querySync('1', Array.from({ length: 1025 }, () => '')), { code: 'ERR_INVALID_ARG_VALUE' })
})
