// Errors: one table, whoever makes them; and no panic that is not caught.
import { readFile as readFileAsync } from 'node:fs/promises'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { getSystemErrorMap, inspect } from 'node:util'
import test from 'ava'
import * as sidelane from 'sidelane'

const require = createRequire(import.meta.url)
const errors = require('../lib/errors.js')
const root = fileURLToPath(new URL('..', import.meta.url))
const source = (file) => readFileSync(path.join(root, file), 'utf8')

/** Of the design: code, class, HTTP status, whether another try can help. */
const TABLE = {
  ERR_LANE_FULL: ['LaneFullError', 503, true, { lane: 'l', retryAfterMs: 7 }],
  ERR_LANE_CLOSED: ['LaneClosedError', 503, false, { lane: 'l' }],
  ERR_TASK_TIMEOUT: ['TaskTimeoutError', 504, true, { lane: 'l', timeout: 5 }],
  ERR_TOO_LARGE: ['TooLargeError', 413, false, { message: 'm', limit: 1, received: 2 }],
  ERR_FILE_NOT_REGULAR: ['FileError', 400, false, { code: 'ERR_FILE_NOT_REGULAR', message: 'm', path: 'p' }],
  ERR_FILE_CHANGED: ['FileError', 409, true, { code: 'ERR_FILE_CHANGED', message: 'm', path: 'p' }],
  ERR_JSON_SYNTAX: ['JsonSyntaxError', 400, false, { message: 'm', offset: 1, line: 1, column: 2, excerpt: 'e' }],
  ERR_COMPRESS_DATA: ['CompressDataError', 400, false, { message: 'm', offset: 1 }],
  ERR_UNSUPPORTED: ['UnsupportedError', 501, false, { message: 'm' }],
  ERR_ARROW_DATA: ['ArrowDataError', 400, false, { message: 'm' }],
  ERR_CSV_SYNTAX: ['CsvSyntaxError', 400, false, { message: 'm', row: 1, column: 2, offset: 3 }],
  ERR_REGEXP_BUDGET: ['RegExpBudgetError', 422, false, { message: 'm' }],
  ERR_INTERNAL: ['InternalError', 500, false, { message: 'm', operation: 'o' }]
}

/** Errors of a wrong call: Node's own classes and codes. */
const CALLS = { ERR_INVALID_ARG_TYPE: TypeError, ERR_INVALID_ARG_VALUE: TypeError, ERR_OUT_OF_RANGE: RangeError }
const STATES = ['ERR_INVALID_STATE', 'ERR_CRYPTO_HASH_FINALIZED', 'ERR_ILLEGAL_CONSTRUCTOR']
const LOADING = ['ERR_SIDELANE_LOAD', 'ERR_SIDELANE_VERSION', 'ERR_DLOPEN_FAILED', 'ERR_DLOPEN_DISABLED', 'ERR_ACCESS_DENIED']

/** All files below a directory that end so. */
function files (directory, ending) {
  return readdirSync(path.join(root, directory)).flatMap((name) => {
    const file = path.join(directory, name)
    return statSync(path.join(root, file)).isDirectory() ? files(file, ending) : file.endsWith(ending) ? [file] : []
  })
}
const rust = ['src', 'crates/kernels/src', 'crates/lanes/src'].flatMap((directory) => files(directory, '.rs'))
const javascript = files('lib', '.js')

for (const [code, [name, statusCode, retryable, details]] of Object.entries(TABLE)) {
  test(`${code}: class, status, retryable, and what belongs to it`, (t) => {
    const error = new errors[name](details)
    t.true(error instanceof Error && error instanceof sidelane[name])
    t.is(error.name, name)
    t.like(error, { code, statusCode, retryable })
    for (const [key, value] of Object.entries(details)) t.is(error[key], value, key)
    // What a logger shows.
    t.true(Object.keys(error).includes('code') && Object.keys(error).includes('statusCode') && Object.keys(error).includes('retryable'))
    t.false(Object.keys(error).includes('name'))
    t.true(inspect(error).startsWith(`${name}: ${error.message}`))
    t.is(Object.prototype.toString.call(error), '[object Error]')
    t.true(error.stack.includes('errors.spec.mjs'))
  })

  test(`${code}: index.d.ts says the same`, (t) => {
    const declaration = new RegExp(`export class ${name} extends (?:Syntax)?Error implements SidelaneError \\{([^}]*)\\}`).exec(source('index.d.ts'))?.[1]
    const typeOf = (property) => new RegExp(`^ {2}${property}: (.*)$`, 'm').exec(declaration)?.[1].split(' | ')
    t.true(typeOf('code').includes(`'${code}'`))
    t.true(typeOf('statusCode').includes(`${statusCode}`))
    t.true([`${retryable}`, 'boolean'].includes(typeOf('retryable')[0]))
    for (const key of Object.keys(details).filter((key) => key !== 'message')) t.truthy(typeOf(key), key)
    // What it declares is there.
    for (const [, property] of declaration.matchAll(/^ {2}(\w+): /gm)) t.true(property in new errors[name](details), property)
  })
}

test('every class is public', (t) => {
  const classes = Object.keys(errors).filter((name) => /^[A-Z]/.test(name))
  t.deepEqual(classes.toSorted(), [...new Set(Object.values(TABLE).map(([name]) => name))].toSorted())
  for (const name of classes) t.is(sidelane[name], errors[name])
})

test('every code that anything uses is known here', (t) => {
  const known = [...Object.keys(TABLE), ...Object.keys(CALLS), ...STATES, ...LOADING]
  const used = new Set([...javascript, ...rust].flatMap((file) => [...source(file).matchAll(/['"`](ERR_[A-Z_]+)['"`]/g)].map(([, code]) => code)))
  t.deepEqual([...used].toSorted(), known.toSorted())
})

test('what the binary reports becomes the exception of its code', (t) => {
  for (const file of rust.filter((file) => file.startsWith('src'))) {
    for (const [, code] of source(file).matchAll(/Failure::new\(\s*"([A-Z_]+)"/g)) {
      if (code === 'SYSTEM') continue
      const error = errors.fromNative({ code, message: 'm', operation: 'o', path: 'p', limit: 1, received: 2 })
      t.is(error.code, code, file)
      t.is(error.message, 'm')
      t.true(error instanceof (CALLS[code] ?? sidelane[TABLE[code]?.[0]]), code)
    }
  }
  for (const [code, Class] of Object.entries(CALLS).slice(1)) t.true(errors.fromNative({ code, message: 'm' }) instanceof Class, code)
})

test('a system error looks as it does from fs', async (t) => {
  const file = path.join(root, 'none')
  const theirs = await t.throwsAsync(readFileAsync(file))
  const ours = errors.fromNative({ code: 'SYSTEM', errno: theirs.errno, syscall: 'open', path: file, message: 'm' })
  t.is(ours.message, theirs.message)
  t.deepEqual({ ...ours }, { ...theirs })
})

test('every system error has its own name, and one that is unknown is told so', (t) => {
  for (const [errno, [code]] of getSystemErrorMap()) t.is(errors.fromNative({ code: 'SYSTEM', errno, syscall: 'read', path: 'p', message: 'm' }).code, code)
  t.like(errors.fromNative({ code: 'SYSTEM', errno: -99_999, syscall: 'read', path: 'p', message: 'strange' }), { code: 'UNKNOWN', message: "UNKNOWN: strange, read 'p'" })
})

test('retryAfterMs is a whole number of at least 1, whatever was estimated', (t) => {
  for (const [estimated, told] of [[0, 1], [0.2, 1], [1, 1], [1.1, 2], [1e6, 1e6]]) t.is(new sidelane.LaneFullError({ lane: 'l', retryAfterMs: estimated }).retryAfterMs, told)
})

// No panic leaves the binary

const bindings = rust.filter((file) => file.startsWith('src'))
/** Without comments and strings. */
const code = (file) => source(file).replaceAll(/\/\/.*$/gm, '').replaceAll(/'(?:[^'\\\n]|\\.)'/g, "' '").replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')

test('every #[napi] export catches panics', (t) => {
  let found = 0
  for (const file of bindings) {
    for (const [attribute] of code(file).matchAll(/#\[napi\b[^\]]*\]/g)) {
      found++
      t.regex(attribute, /\bcatch_unwind\b/, `${file}: ${attribute}`)
    }
  }
  t.true(found >= 4)
})

test('every raw callback goes through raw::define, which catches panics', (t) => {
  t.deepEqual(bindings.filter((file) => /napi_create_function|napi_define_(properties|class)|create_function/.test(code(file))), ['src/raw.rs'])
  const raw = code('src/raw.rs')
  const bodyOf = (name) => new RegExp(`unsafe (?:extern "" )?fn ${name}(?:<C: Callback>)?\\([\\s\\S]*?\\n\\}`).exec(raw)[0]
  t.regex(bodyOf('enter'), /\{ run_shared\(env, info, C::NAME, args_of::<C>\(\), C::call\) \}/)
  t.regex(bodyOf('run_shared'), /\{ run\(env, info, name, count, body\) \}/)
  t.regex(bodyOf('enter_short'), /\{ run\(env, info, C::NAME, args_of::<C>\(\), C::call\) \}/)
  t.regex(bodyOf('run'), /match catch_unwind\(AssertUnwindSafe\(\|\| body\(&call\)\)\)/)
  const implemented = bindings.flatMap((file) => [...code(file).matchAll(/impl Callback for (\w+)/g)].map(([, name]) => name))
  const defined = bindings.flatMap((file) => [...code(file).matchAll(/define(?:_short)?::<(?:\w+::)*(\w+)>\(/g)].map(([, name]) => name))
  t.deepEqual(implemented.toSorted(), defined.toSorted())
  t.true(implemented.length > 15)
})

test('C calls nothing else of ours, and there panics are caught too', (t) => {
  const foreign = bindings.flatMap((file) => [...code(file).matchAll(/extern "" fn (\w+)[\s\S]*?\n\}/g)].map(([body, name]) => ({ name, body })))
  t.deepEqual(foreign.map(({ name }) => name).toSorted(), ['enter', 'enter_short', 'give_back', 'on_complete', 'on_execute', 'on_wake'])
  for (const name of ['give_back', 'on_complete', 'on_execute']) t.regex(foreign.find((each) => each.name === name).body, /catch_unwind\(AssertUnwindSafe\(/)
  t.regex(foreign.find(({ name }) => name === 'on_wake').body, /\bdrain\(isolate\)/)
  t.regex(/pub\(crate\) fn drain\(isolate: &Isolate\) \{([\s\S]*?)\n\}/.exec(code('src/settle.rs'))[1], /catch_unwind\(AssertUnwindSafe\(/)
})

test('every task\'s work, and every conversion of a result, goes through guard', (t) => {
  const runs = bindings.flatMap((file) => [...code(file).matchAll(/^.*\bwork\(&\w+\).*$/gm)].map(([line]) => line.trim()))
  t.deepEqual(runs, ['let result = guard(operation, || work(&context));'])
  t.regex(code('src/settle.rs'), /guard\("", \|\| Ok\(news_to_js\(/)
  t.regex(code('src/guard.rs'), /catch_unwind\(AssertUnwindSafe\(body\)\)/)
})

test('a panic unwinds', (t) => {
  const cargo = source('Cargo.toml')
  t.regex(/^\[profile\.release\]$([^[]*)/m.exec(cargo)[1], /^panic = "unwind"$/m)
  t.notRegex(cargo, /panic = "abort"/)
})

test('no unsafe code in operations, lanes or kernels, but for the SHA instructions', (t) => {
  const allowed = rust.filter((file) => /#!?\[(allow|expect)\(unsafe_code/.test(code(file)))
  t.deepEqual(allowed.filter((file) => !/^src\/\w+\.rs$/.test(file)), ['crates/kernels/src/hash/sha256/ni.rs'])
  t.regex(source('crates/lanes/src/lib.rs'), /#!\[forbid\(unsafe_code\)\]/)
  t.regex(source('crates/kernels/src/lib.rs'), /#!\[deny\(unsafe_code\)\]/)
  t.regex(source('src/lib.rs'), /#!\[deny\(unsafe_code\)\]/)
})
