// json.validate, minify and format: JSON.parse is the reference.
import { readFileSync } from 'node:fs'
import test from 'ava'
import * as fc from 'fast-check'
import { JsonSyntaxError, Lane, TooLargeError, json } from 'sidelane'
import { text } from './helpers/arbitraries.mjs'

const { cases } = JSON.parse(readFileSync(new URL('../testdata/json/grammar.json', import.meta.url), 'utf8'))
const nested = (depth) => '['.repeat(depth) + ']'.repeat(depth)

function accepts (text) {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function accepted (text) {
  try {
    json.validateSync(text)
    return true
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error
    return false
  }
}

for (const { name, text, hex, accept, offset } of cases) {
  test(`grammar: ${name}`, async (t) => {
    const data = hex === undefined ? text : Buffer.from(hex, 'hex')
    if (hex === undefined) t.is(accepts(text), accept)
    if (accept) {
      t.is(json.validateSync(data), undefined)
      t.is(await json.validate(data, { inline: false }), undefined)
      t.deepEqual(JSON.parse(json.minifySync(text)), JSON.parse(text))
      t.deepEqual(JSON.parse(json.formatSync(text)), JSON.parse(text))
      return
    }
    const expected = { instanceOf: JsonSyntaxError, code: 'ERR_JSON_SYNTAX' }
    const error = t.throws(() => json.validateSync(data), expected)
    t.true(error instanceof SyntaxError)
    t.is(error.offset, offset)
    t.is((await t.throwsAsync(json.validate(data, { inline: false }), expected)).offset, offset)
    t.is((await t.throwsAsync(json.validate(data, { inline: true }), expected)).offset, offset)
    t.throws(() => json.minifySync(data), expected)
    t.throws(() => json.formatSync(data), expected)
  })
}

const value = fc.jsonValue({ maxDepth: 4 })

test('what JSON.stringify writes is accepted, and cut anywhere it is accepted where JSON.parse accepts it', (t) => {
  fc.assert(fc.property(value, fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
    const whole = JSON.stringify(value, null, indent)
    for (let end = 0; end <= whole.length; end++) {
      const cut = whole.slice(0, end)
      // Half a surrogate pair is U+FFFD, which a string may hold: cut or not is the same.
      if (accepted(cut) !== accepts(cut)) t.fail(`differs for ${cut}`)
    }
  }), { numRuns: 300 })
  t.pass()
})

test('a token put anywhere is accepted where JSON.parse accepts it', (t) => {
  const token = fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', ':', '0', '-', '.', 'e', '+', 't', ' ', '\n', '\u0000', '\u001f', '\u007f', '\ufeff', '\\u', 'null', '""', '1,')
  fc.assert(fc.property(value, token, fc.nat(), fc.nat(2), (value, token, position, removed) => {
    const whole = JSON.stringify(value)
    const at = position % (whole.length + 1)
    const changed = whole.slice(0, at) + token + whole.slice(at + removed)
    if (accepted(changed) !== accepts(changed)) t.fail(`differs for ${JSON.stringify(changed)}`)
  }), { numRuns: 5000 })
  t.pass()
})

test('minify and format write what JSON.stringify writes', (t) => {
  fc.assert(fc.property(value, fc.constantFrom(0, 1, 2, 10, '\t'), (value, indent) => {
    const wanted = JSON.stringify(value, null, indent)
    if (json.formatSync(JSON.stringify(value, null, 3), { indent }) !== wanted) t.fail(`differs for ${wanted}`)
    if (json.minifySync(wanted) !== JSON.stringify(value)) t.fail(`differs for ${wanted}`)
  }), { numRuns: 2000 })
  t.pass()
})

test('any string goes through unchanged', (t) => {
  fc.assert(fc.property(text, (text) => {
    const quoted = JSON.stringify([text])
    if (json.minifySync(quoted) !== quoted) t.fail(quoted)
  }), { numRuns: 1000 })
  t.pass()
})

test('text for text, bytes for bytes; tokens stay as they are written', async (t) => {
  const text = ' { "a" : [ 1.0 , "\\u0041" ] , "a" : 1e2 } '
  t.is(await json.minify(text), '{"a":[1.0,"\\u0041"],"a":1e2}')
  t.deepEqual(await json.minify(Buffer.from(text), { inline: false }), Buffer.from('{"a":[1.0,"\\u0041"],"a":1e2}'))
  t.is(await json.format('[]', { indent: '\t', inline: false }), '[]')
})

test('an error tells where', (t) => {
  const error = t.throws(() => json.validateSync('{\n  "é": [1, 2,],\n  "b": 1\n}'))
  t.is(error.line, 2)
  t.is(error.column, 14)
  t.is(error.offset, 16)
  t.is(error.excerpt, '  "é": [1, 2,],\n             ^')
  t.is(error.message, "Expected a value, found ']' at line 2, column 14 (byte 16)")
  t.is(error.statusCode, 400)
  t.false(error.retryable)
})

test('depth 1,000,000: refused by default, accepted on request, and never a crash', async (t) => {
  const deep = nested(1_000_000)
  const error = await t.throwsAsync(json.validate(deep), { instanceOf: TooLargeError, code: 'ERR_TOO_LARGE' })
  t.is(error.limit, 1024)
  t.throws(() => json.validateSync(deep), { instanceOf: TooLargeError })
  t.is(await json.validate(deep, { maxDepth: 1_000_000 }), undefined)
  await t.throwsAsync(json.validate(deep, { maxDepth: 999_999 }), { instanceOf: TooLargeError })
  await t.throwsAsync(json.validate(deep.slice(0, -1), { maxDepth: 1_000_000 }), { instanceOf: JsonSyntaxError })
  t.is(json.validateSync(nested(1024)), undefined)
  t.throws(() => json.validateSync(nested(1025)), { instanceOf: TooLargeError })
})

test('an indent cannot ask for more than the longest string', async (t) => {
  const lines = `${'['.repeat(1000)}${'1,'.repeat(100_000)}1${']'.repeat(1000)}`
  await t.throwsAsync(json.format(lines, { indent: 10 }), { instanceOf: TooLargeError, code: 'ERR_TOO_LARGE' })
})

test('abort and timeout stop it', async (t) => {
  const lane = new Lane()
  const data = Buffer.from(`[${'"abc",'.repeat(20_000_000)}1]`)
  const controller = new AbortController()
  const aborted = json.validate(data, { lane, signal: controller.signal })
  setTimeout(() => controller.abort(), 2)
  await t.throwsAsync(aborted, { name: 'AbortError', any: true })
  await t.throwsAsync(json.validate(data, { lane, timeout: 2 }), { code: 'ERR_TASK_TIMEOUT' })
  await lane.idle()
})

test('arguments are checked', (t) => {
  t.throws(() => json.validate(1), { code: 'ERR_INVALID_ARG_TYPE' })
  t.throws(() => json.validateSync('1', { maxDepth: -1 }), { code: 'ERR_OUT_OF_RANGE' })
  t.throws(() => json.validateSync('1', { maxDepth: '1' }), { code: 'ERR_INVALID_ARG_TYPE' })
  t.throws(() => json.formatSync('1', { indent: 11 }), { code: 'ERR_OUT_OF_RANGE' })
  t.throws(() => json.format('1', { indent: ' ' }), { code: 'ERR_INVALID_ARG_TYPE' })
})
