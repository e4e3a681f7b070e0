// test() of short subjects, which walks a table: it must answer as RegExp does, below and above the longest subject that is walked, before and after the table is there.
import test from 'ava'
import * as fc from 'fast-check'
import { SafeRegExp } from 'sidelane'
import { random } from '../scripts/regexp/subjects.mjs'
import { randomPattern } from '../testdata/regexp/random.mjs'

/** Of regexp-table.js. */
const LONGEST = 64
const CALLS = 128

/** Patterns with tables; forwards, and with lookaheads backwards. */
const PATTERNS = [
  ['^[\\w.+-]+@[\\w-]+\\.[\\w.-]+$', ''], ['^[0-9a-f]{4}-[0-9a-f]{2}$', 'i'], ['^(\\d+)\\.(\\d+)(?:-([\\w.-]+))?$', ''], ['^(?=.*[a-z])(?=.*[A-Z])(?=.*\\d).{4,}$', ''],
  ['', ''], ['[]', ''], ['[^]', 's'], ['^$', 'm'], ['a.b', ''], ['a.b', 's'], ['a.b', 'u'], ['^b|c$', 'm'], ['\\bab\\b', ''], ['\\B1\\b', 'i'], ['\\bs', 'iu'], ['k$', 'i'], ['k$', 'iu'],
  ['^\\s*\\S+\\s*$', ''], ['[^a-z]{2}$', ''], ['[^a-z]{2}$', 'v'], ['\u00E9|\u00FF', 'i'], ['\u00E9|\u00FF', 'iu'], ['\u00B5', 'i'], ['\u6F22', ''], ['^[\u6F22a]+$', ''], ['\uD83D', ''], ['\uD83D', 'u'], ['^.$', 'u'], ['^..$', ''],
  ['(?<=a)b', ''], ['(?<!a|1)b(?<=b)', 'i'], ['(?!ab)a', ''], ['^(?:(?!--).)*$', ''], ['(?=a(?!b(?=1)))[^]', ''], ['(?:a|)*1', ''], ['(?i:a)b', '']
].filter(([source, flags]) => compiles(source, flags))

/** Node 20 and 22 have no modifiers. */
function compiles (source, flags) {
  try {
    return new RegExp(source, flags) instanceof RegExp
  } catch {
    return false
  }
}

const UNITS = ['a', 'b', 'A', 'B', 'k', 's', 'S', '1', '2', '.', '-', '@', '_', ' ', '\n', '\r', '\u00A0', '\u00B5', '\u00DF', '\u00E9', '\u00C9', '\u00FF', '\u0178', '\u017F', '\u212A', '\u2028', '\u6F22', '\uD83D', '\uDE00']
const unit = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...UNITS.slice(0, 14)) }, { weight: 1, arbitrary: fc.constantFrom(...UNITS) })
const short = fc.array(unit, { maxLength: 12 }).map((units) => units.join(''))
/** Around the longest that is walked. */
const long = fc.tuple(fc.constantFrom('a', '1', ' ', '\u00E9', '\u6F22'), fc.integer({ min: LONGEST - 4, max: LONGEST + 2 }), short).map(([filler, length, end]) => filler.repeat(length).slice(0, length - end.length) + end)

for (const [source, flags] of PATTERNS) {
  test(`/${source}/${flags}: as RegExp`, (t) => {
    const [safe, native] = [new SafeRegExp(source, flags), new RegExp(source, flags)]
    t.truthy(safe.explain().table)
    fc.assert(fc.property(fc.oneof({ weight: 4, arbitrary: short }, { weight: 1, arbitrary: long }), (subject) => safe.test(subject) === native.test(subject)), { numRuns: 400 })
  })
}

const FLAGS = ['', 'i', 'm', 's', 'u', 'v', 'iu', 'ims', 'su', 'sv']
// With these V8 of Node 20 lets `A` be in `[\p{L}--a]`.
if (!process.versions.node.startsWith('20.')) FLAGS.push('iv')

/** @returns the number of patterns of which there is a table */
function compareRandom (t, seed, patterns, extra) {
  const below = random(seed)
  let tables = 0
  for (let i = 0; i < patterns; i++) {
    const flags = FLAGS[below(FLAGS.length)] + extra
    const source = randomPattern(below, flags, below(8) === 0)
    if (!compiles(source, flags)) continue
    // V8 may take exponential time for a pattern with groups.
    const longest = source.includes('(') ? 12 : LONGEST + 4
    const [safe, native] = [new SafeRegExp(source, flags), new RegExp(source, flags)]
    for (let call = 0; call < CALLS + 32; call++) {
      let subject = ''
      while (subject.length < longest && below(16) > 0) subject += UNITS[below(below(2) === 0 ? 14 : UNITS.length)].repeat(1 + below(8) * below(2))
      subject = subject.slice(0, longest)
      safe.lastIndex = native.lastIndex = below(4) === 0 ? below(subject.length + 2) : 0
      // exec() has no table. It moves lastIndex.
      const start = native.lastIndex
      const expected = native.test(subject)
      const answers = [safe.test(subject), safe.lastIndex]
      safe.lastIndex = start
      answers.push(safe.exec(subject) !== null, safe.lastIndex)
      const wanted = [expected, native.lastIndex, expected, native.lastIndex]
      if (answers.some((answer, index) => answer !== wanted[index])) t.deepEqual(answers, wanted, `/${source}/${flags} on ${JSON.stringify(subject)} from ${start}, call ${call}`)
    }
    if (safe.explain().table !== undefined) tables++
  }
  return tables
}

for (const seed of [1, 2, 3]) {
  test(`random patterns, ${seed}: test() as RegExp and as exec(), before and after the table is made`, (t) => {
    const tables = compareRandom(t, seed, 150, '')
    t.true(tables > 30, String(tables))
  })
}

for (const extra of ['g', 'y', 'gy']) {
  test(`random patterns with ${extra}: test() as RegExp and as exec(), from any lastIndex`, (t) => {
    t.is(compareRandom(t, 4, 60, extra), 0)
  })
}

test('the same answers before and after the table is made', (t) => {
  const [safe, native] = [new SafeRegExp('^[a-c]+z?$'), /^[a-c]+z?$/]
  for (let call = 0; call < CALLS * 3; call++) {
    const subject = ['abc', 'abz', 'bzz', 'a\u6F22', '', 'c'.repeat(LONGEST), 'c'.repeat(LONGEST + 1)][call % 7]
    if (safe.test(subject) !== native.test(subject)) t.fail(`${call}: ${subject}`)
  }
  t.is(safe.lastIndex, 0)
})

test('explain() says whether there is a table', (t) => {
  const tableOf = (...args) => new SafeRegExp(...args).explain().table
  t.deepEqual(Object.keys(tableOf('^a+$')), ['bytes', 'mostUnits'])
  t.is(tableOf('^a+$').mostUnits, LONGEST)
  for (const [source, flags] of [['a', 'g'], ['a', 'y'], ['(a)\\1', ''], ['(?=a)(?<=b)', ''], ['[ab]*a[ab]{11}c', ''], ['a{1000}b{1000}', '']]) t.is(tableOf(source, flags), undefined, source)
})

test('arguments are converted once, and lastIndex too', (t) => {
  const regexp = new SafeRegExp('^1,2$')
  regexp.explain()
  let conversions = 0
  t.true(regexp.test({ toString () { conversions++; return '1,2' } }))
  t.is(conversions, 1)
  t.true(regexp.test([1, 2]))
  t.false(regexp.test())
  t.throws(() => regexp.test(Symbol('s')), { instanceOf: TypeError })
  regexp.lastIndex = { valueOf () { conversions++; return 5 } }
  t.true(regexp.test('1,2'))
  t.is(conversions, 2)
  regexp.lastIndex = 7
  t.true(regexp.test('1,2'))
  t.is(regexp.lastIndex, 7)
  t.true(Object.freeze(regexp).test('1,2'))
})

test('what is patched is called, and compile() counts', (t) => {
  const regexp = new SafeRegExp('a')
  regexp.explain()
  t.true(regexp.test({ toString () { regexp.compile('b'); return 'b' } }))
  t.false(regexp.test('a'))
  regexp.compile('a', 'y')
  t.true(regexp.test('a'))
  t.is(regexp.lastIndex, 1)
  regexp.exec = () => null
  t.false(regexp.test('a'))
  class Sub extends SafeRegExp {
    exec (string) { return super.exec(`a${string}`) }
  }
  const sub = new Sub('^aa')
  sub.explain()
  t.true(sub.test('a'))
})
