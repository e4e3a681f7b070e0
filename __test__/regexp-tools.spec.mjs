// The tools that judge SafeRegExp must see what they are there to see: planted differences, literals in every place, verdicts of test262.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import test from 'ava'
import { compare } from '../scripts/regexp/compare.mjs'
import { harvest } from '../scripts/regexp/harvest.mjs'
import { KINDS, random, subjects } from '../scripts/regexp/subjects.mjs'
import { literals, rewrite } from '../scripts/test262/rewrite.mjs'
import { classify, frontMatter } from '../scripts/test262/select.mjs'

const SEED = { seed: 1, perKind: 3 }

/** A RegExp whose pattern was read in another dialect: what a wrong engine would be. */
function translated (change) {
  return class extends RegExp {
    constructor (source, flags) {
      super(change(source), flags)
      Object.defineProperty(this, 'source', { value: source })
    }
  }
}

for (const [what, source, change] of [
  ['\\s without U+00A0 and the like', 'a\\s', (text) => text.replace('\\s', '[ \\t\\n\\r\\f\\v]')],
  ['. that takes U+2028', 'a.b', (text) => text.replace('.', '[^\\n\\r]')],
  ['^ that does not know \\r', '^b', (text) => text.replace('^', '(?:(?<![^])|(?<=\\n))')],
  ['. that takes a whole emoji', '^.$', (text) => text.replace('.', '(?:[\\uD800-\\uDBFF][\\uDC00-\\uDFFF]|.)')],
  ['a pattern that is refused', 'x', () => '(']
]) {
  test(`compare() finds ${what}`, (t) => {
    const flags = source.startsWith('^b') ? 'm' : ''
    const pattern = { source, flags }
    const { differences } = compare(RegExp, translated(change), pattern, subjects(source, SEED))
    t.true(differences.length > 0)
    t.is(compare(RegExp, translated((text) => text), pattern, subjects(source, SEED)).differences.length, 0)
  })
}

test('compare() counts a pattern that both refuse as equal, and as not compiled', (t) => {
  const { differences, compiled } = compare(RegExp, RegExp, { source: '(', flags: '' }, ['('])
  t.deepEqual(differences, [])
  t.false(compiled)
})

test('subjects() are the same for the same seed, and hold every kind', (t) => {
  t.deepEqual(subjects('a+b', SEED), subjects('a+b', SEED))
  t.notDeepEqual(subjects('a+b', SEED), subjects('a+b', { ...SEED, seed: 2 }))
  const all = Array.from({ length: 20 }, (_, seed) => subjects('a', { seed, perKind: 3 })).flat().join('|')
  for (const wanted of [/\u00A0/, /\u2028/, /😀/, /[\uD800-\uDBFF](?![\uDC00-\uDFFF])/, /ſ/, /é/]) t.regex(all, wanted)
  t.is(subjects('', SEED).length, 2 + 3 * KINDS.length)
  const below = random(7)
  t.true(Array.from({ length: 1000 }, () => below(3)).every((value) => value >= 0 && value < 3))
})

test('harvest() takes each literal once, from modules and scripts, and leaves out what does not parse', (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sidelane-harvest-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(path.join(folder, 'deep'))
  writeFileSync(path.join(folder, 'a.js'), 'with (x) { y = /a[/]/g.test(z) / 2 }')
  writeFileSync(path.join(folder, 'deep', 'b.mjs'), 'export const r = [/a[/]/g, /b/]; // not /c/')
  writeFileSync(path.join(folder, 'broken.js'), 'x = /d/ ]')
  writeFileSync(path.join(folder, 'e.json'), '"/e/"')
  t.deepEqual(harvest([folder]).map(({ source, flags }) => `/${source}/${flags}`), ['/a[/]/g', '/b/'])
})

test('rewrite() turns literals into constructions, in the text of eval and Function as well', (t) => {
  t.is(rewrite('f(/a"\\/b/gi.test(x))'), 'f(new $construct("a\\"\\\\/b", "gi").test(x))')
  t.is(rewrite('eval("/a/" + b); new Function("x", y)'), 'eval($rewrite("/a/" + b)); new Function("x", $rewrite(y))')
  t.is(rewrite('eval(/a/.source)'), 'eval($rewrite(new $construct("a", "").source))')
  t.is(rewrite('a / b / c'), 'a / b / c')
  t.is(rewrite('not a ( script'), 'not a ( script')
  t.deepEqual(literals('a = [/(/, /)/zz]'), [{ start: 5, pattern: '(', flags: '' }, { start: 10, pattern: ')', flags: 'zz' }])
})

test('a test is set apart only for what it cannot say', (t) => {
  const text = (source, front = '') => [`/*---\n${front}\n---*/\n${source}`, frontMatter(`/*---\n${front}\n---*/\n${source}`)]
  const apart = (...args) => classify('x.js', ...text(...args))
  t.is(apart('assert(/a/.test("a"))'), undefined)
  t.is(apart('new RegExp("a")'), undefined)
  t.is(apart('eval(x)'), undefined)
  t.is(apart('"a".split("b")'), 'unused')
  t.is(apart('/(/', 'negative:\n  phase: parse\n  type: SyntaxError'), undefined)
  t.is(apart('/(', 'negative:\n  phase: parse\n  type: SyntaxError'), 'tokenizer')
  t.is(apart('/a/', 'features: [cross-realm]'), undefined)
  t.is(apart('/a/', 'features: [legacy-regexp]'), 'legacy')
  t.deepEqual(frontMatter('/*---\nincludes: [a.js, b.js]\nflags: [onlyStrict]\nfeatures:\n  - u\n  - v\n---*/'),
    { includes: ['a.js', 'b.js'], flags: ['onlyStrict'], features: ['u', 'v'], negative: false })
})
