// scanFile finds what a search of the whole text finds, wherever its windows are cut.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import test from 'ava'
import { Lane, RegExpBudgetError, SafeRegExp, SafeRegExpSet, TooLargeError, scanFile } from 'sidelane'

const folder = mkdtempSync(path.join(tmpdir(), 'sidelane-scan-'))
test.after.always(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
function fileOf (data) {
  const file = path.join(folder, `${files++}`)
  writeFileSync(file, data)
  return file
}

async function collect (iterable) {
  const all = []
  for await (const each of iterable) all.push(each)
  return all
}

/** What a search of the whole text finds, with offsets in bytes. */
function wanted (regexp, text, encoding) {
  let [units, bytes] = [0, 0]
  return [...text.matchAll(regexp)].map(({ 0: match, index, groups, ...rest }) => {
    bytes += Buffer.byteLength(text.slice(units, index), encoding)
    units = index
    const captures = Array.from({ length: Object.keys(rest).filter((key) => /^\d+$/.test(key)).length }, (_, group) => rest[group + 1])
    return { index: bytes, byteLength: Buffer.byteLength(match, encoding), text: match, captures, groups }
  })
}

const PATTERNS = [['key(?<n>\\d+)=(\\w)?', 'g'], ['(?<=;) *x', 'g'], ['^.', 'gmu'], ['$', 'gm'], ['^', 'g'], ['nothing', 'g'], ['[é漢]+;', 'g'], ['[^\\n]{30,60}(?=\\n)', 'gu']]

for (const encoding of ['utf8', 'latin1']) {
  test(`${encoding}: several windows`, async (t) => {
    const mark = encoding === 'utf8' ? '漢é😀' : 'éÿ'
    // Lines of many lengths, so that every kind of character comes to lie on a cut.
    const text = Array.from({ length: 60_000 }, (_, index) => `key${index}=${mark.slice(0, index % 5)}; x${'é'.repeat(index % 7)};`).join('\n')
    const file = fileOf(Buffer.from(text, encoding))
    for (const [source, flags] of PATTERNS) {
      const found = await collect(scanFile(file, new SafeRegExp(source, flags), { encoding, maxMatchLength: 300 }))
      t.is(JSON.stringify(found), JSON.stringify(wanted(new RegExp(source, flags), text, encoding)), `/${source}/${flags}`)
    }
  })
}

test('a set tells the pattern; a URL; an empty file', async (t) => {
  const text = 'b a\nab\n'
  const set = new SafeRegExpSet(['a', '\\w+', 'b$'], 'm')
  const found = await collect(scanFile(pathToFileURL(fileOf(text)), set))
  t.deepEqual(found.map(({ index, pattern, text }) => [index, pattern, text]), [[0, 1, 'b'], [2, 0, 'a'], [2, 1, 'a'], [4, 0, 'a'], [4, 1, 'ab'], [5, 2, 'b']])
  t.deepEqual(await collect(scanFile(fileOf(''), new SafeRegExp('a'))), [])
  t.deepEqual(await collect(scanFile(fileOf(''), new SafeRegExp('^$'))), [{ index: 0, byteLength: 0, text: '', captures: [], groups: undefined }])
})

test('what is no UTF-8', async (t) => {
  const bytes = Buffer.concat([Buffer.from('a'), Buffer.from([0xff, 0xe2, 0x82]), Buffer.from('b'), Buffer.from([0xc3])])
  const found = await collect(scanFile(fileOf(bytes), new SafeRegExp('[\\w\\ufffd]')))
  t.deepEqual(found.map(({ index, text }) => [index, text]), [[0, 'a'], [1, '\ufffd'], [2, '\ufffd'], [4, 'b'], [5, '\ufffd']])
})

test('a match that is too long, a file that is not there, a budget', async (t) => {
  const file = fileOf(`x${'a'.repeat(5000)}`)
  await t.throwsAsync(collect(scanFile(file, new SafeRegExp('a+'), { maxMatchLength: 4999 })), { instanceOf: TooLargeError })
  t.is((await collect(scanFile(file, new SafeRegExp('a+'), { maxMatchLength: 5000 }))).length, 1)
  await t.throwsAsync(collect(scanFile(path.join(folder, 'none'), new SafeRegExp('a'))), { code: 'ENOENT' })
  await t.throwsAsync(collect(scanFile(fileOf('a'.repeat(40)), new SafeRegExp('^(?:a+)+(b)\\1$'))), { instanceOf: RegExpBudgetError })
})

test('abort, and a loop that is left, close the file', async (t) => {
  const file = fileOf('ab'.repeat(2_000_000))
  const lane = new Lane()
  const controller = new AbortController()
  let seen = 0
  await t.throwsAsync(async () => {
    for await (const { text } of scanFile(file, new SafeRegExp('a'), { lane, signal: controller.signal })) {
      t.is(text, 'a')
      if (++seen === 1000) controller.abort()
    }
  }, { name: 'AbortError', any: true })
  t.true(seen >= 1000 && seen < 2_000_000)
  for await (const { index } of scanFile(file, new SafeRegExp('b'), { lane })) {
    t.is(index, 1)
    break
  }
  await lane.idle()
})

test('arguments are checked at once', (t) => {
  const regexp = new SafeRegExp('a')
  t.throws(() => scanFile(1, regexp), { code: 'ERR_INVALID_ARG_TYPE' })
  t.throws(() => scanFile('f', /a/), { code: 'ERR_INVALID_ARG_TYPE' })
  t.throws(() => scanFile('f', new SafeRegExp('a', 'y')), { code: 'ERR_INVALID_ARG_VALUE' })
  t.throws(() => scanFile('f', regexp, { encoding: 'utf16le' }), { code: 'ERR_INVALID_ARG_VALUE' })
  t.throws(() => scanFile('f', regexp, { maxMatchLength: 0 }), { code: 'ERR_OUT_OF_RANGE' })
  t.throws(() => scanFile('f', regexp, { timeout: 0 }), { code: 'ERR_OUT_OF_RANGE' })
})
