// SafeRegExpSet gives what its patterns give one by one.
import test from 'ava'
import * as fc from 'fast-check'
import { Lane, RegExpBudgetError, SafeRegExp, SafeRegExpSet } from 'sidelane'

const atom = fc.constantFrom('a', 'b', 'foo', 'Bar', '.', '\\w', '\\d+', '[^b]', '(foo|ba+r)', '(?:b|(c))', '\\b', '^', '$', '(?=foo)', '(?<=a)', '(?!c)', 'é', '\\u2028', '\\ud83d', '😀', '[a-c]*?', 'x{2,3}', '(?:ab)?', '.*', '[kK]', '\\u212a')
const pattern = fc.array(atom, { maxLength: 5 }).map((atoms) => atoms.join(''))
const flags = fc.constantFrom('', 'i', 'm', 's', 'u', 'iu', 'v', 'g', 'y', 'gi')
const piece = fc.constantFrom('a', 'b', 'foo', 'FOO', 'bar', 'BAR', 'baar', 'k', 'xx', ' ', '\n', '12', 'é', 'É', 'ÿ', '\u2028', '\ud83d', '\ude00', '😀', '漢', 'ab\u0161')
const subject = fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join(''))

/** What its patterns say one by one. */
const oneByOne = (regexps, subject) => regexps.flatMap((regexp, index) => new SafeRegExp(regexp.source, regexp.flags.replace('g', '')).test(subject) ? [index] : [])

test('match and test, inline and in a lane', async (t) => {
  await fc.assert(fc.asyncProperty(fc.array(fc.tuple(pattern, flags), { maxLength: 6 }), fc.array(subject, { minLength: 1, maxLength: 4 }), fc.boolean(), async (patterns, subjects, inline) => {
    const regexps = patterns.map(([source, flags]) => new SafeRegExp(source, flags))
    const set = new SafeRegExpSet(regexps)
    for (const subject of subjects) {
      const wanted = oneByOne(regexps, subject)
      for (const found of [set.match(subject), await set.matchAsync(subject, { inline })]) {
        if (JSON.stringify(found) !== JSON.stringify(wanted)) t.deepEqual(found, wanted, `${regexps} ${JSON.stringify(subject)}`)
      }
      t.is(set.test(subject), wanted.length > 0)
      t.is(await set.testAsync(subject, { inline }), wanted.length > 0)
    }
  }), { numRuns: 200 })
})

test('long subjects: texts across the cuts of the filter, behind wide characters', (t) => {
  const set = new SafeRegExpSet(['needle\\d', 'x{40}needle', '[^]*needle7', 'absent', '(?<=^[^]{9})needle7', 'NEEDLE7', /NEEDLE7/i])
  for (const fill of ['a', '\u0161', '漢']) {
    for (const at of [9, 65_530, 65_536, 131_066, 131_071]) {
      const subject = `${fill.repeat(at)}needle7${fill.repeat(10)}`
      t.deepEqual(set.match(subject), at === 9 ? [0, 2, 4, 6] : [0, 2, 6])
      t.deepEqual(set.match(subject.slice(0, -11)), [])
      t.deepEqual(set.match('x'.repeat(at + 31) + subject.slice(at)), at === 9 ? [0, 1, 2, 6] : [0, 1, 2, 6])
    }
  }
})

test('a thousand patterns', async (t) => {
  const set = new SafeRegExpSet(Array.from({ length: 1000 }, (_, index) => `word${index}\\b`), 'i')
  t.is(set.size, 1000)
  t.deepEqual(await set.matchAsync(`WORD7 word77 word777 word7777${' '.repeat(100_000)}Word999`), [7, 77, 777, 999])
})

test('patterns with flags of their own, and of all', (t) => {
  t.deepEqual(new SafeRegExpSet([/A/i, 'a', /^b/m]).match('a\nb'), [0, 1, 2])
  t.deepEqual(new SafeRegExpSet([/A/i, 'A', /^b/m], 'm').match('a\nb'), [2])
  t.deepEqual(new SafeRegExpSet(new Set([/b/y, /a/y])).match('ab'), [1])
  const none = new SafeRegExpSet([])
  t.deepEqual(none.match('a'), [])
  t.false(none.test(''))
})

test('errors: patterns, arguments, budget, abort', async (t) => {
  t.throws(() => new SafeRegExpSet(['a', '(']), { instanceOf: SyntaxError })
  t.throws(() => new SafeRegExpSet(['a'], 'gg'), { instanceOf: SyntaxError })
  t.throws(() => new SafeRegExpSet('abc'), { code: 'ERR_INVALID_ARG_TYPE' })
  t.throws(() => new SafeRegExpSet(), { code: 'ERR_INVALID_ARG_TYPE' })
  const error = new Error('on purpose')
  t.is(t.throws(() => new SafeRegExpSet([{ toString () { throw error } }])), error)
  const set = new SafeRegExpSet(['z', '^(?:a+)+(b)\\1$'])
  t.throws(() => set.match(`b${'a'.repeat(40)}`.slice(1)), { instanceOf: RegExpBudgetError })
  t.is(set.test('bb'), false)
  t.throws(() => set.match(Symbol.iterator), { instanceOf: TypeError })
  t.throws(() => set.testAsync('', { timeout: 0 }), { code: 'ERR_OUT_OF_RANGE' })
  const lane = new Lane()
  const controller = new AbortController()
  const slow = new SafeRegExpSet(['(?:(?:a|b)*c|(?:ab|b|a)*d|(?:[ab]{1,20})*e)(?=f)', '(?:x|[ab]|ab)*\\1(y)'])
  const found = slow.matchAsync('ab'.repeat(4_000_000), { lane, signal: controller.signal })
  setTimeout(() => controller.abort(), 5)
  await t.throwsAsync(found, { name: 'AbortError', any: true })
  await lane.idle()
})
