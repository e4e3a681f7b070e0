// What a pattern may cost: the third argument of SafeRegExp.
import test from 'ava'
import { SafeRegExp, SafeRegExpSet, findMany } from 'sidelane'

const refused = { name: 'RegExpBudgetError', code: 'ERR_REGEXP_BUDGET' }
const limited = (limits, source = '', flags = '') => new SafeRegExp(source, flags, { limits })

for (const [name, least, source, flags] of [
  ['patternLength', 5, 'abcde'], ['nestingDepth', 3, '(((a)))'], ['programSize', 300, 'a{100}'], ['captures', 2, '(a)'], ['captures', 3, '(a)(?<b>b)', 'd']
]) {
  test(`${name}: as much as is allowed, and not more: /${source}/`, (t) => {
    let most = least
    // What a pattern needs at least is found, not known.
    while (most > 1) {
      try { limited({ [name]: most - 1 }, source, flags) } catch { break }
      most--
    }
    t.notThrows(() => limited({ [name]: most }, source, flags))
    if (most > 1) t.throws(() => limited({ [name]: most - 1 }, source, flags), { ...refused, message: new RegExp(`${most - 1}`) })
    else t.throws(() => limited({ [name]: 1 }, source.repeat(2), flags), refused)
  })
}

test('higher than the default', (t) => {
  const deep = '('.repeat(5000) + 'a' + ')'.repeat(5000)
  t.throws(() => new SafeRegExp(deep), refused)
  const regexp = limited({ nestingDepth: 10_000 }, deep)
  t.is(regexp.exec('ba').index, 1)
  const long = 'a{300000}'
  t.throws(() => new SafeRegExp(long), refused)
  t.true(limited({ programSize: 1_000_000 }, long).test('a'.repeat(300_000)))
  t.throws(() => limited({ programSize: 1_000_000 }, '((a{100}){100}){1000}'), refused)
})

test('lookaroundBytes: a search that would need more throws', async (t) => {
  const subject = 'ab'.repeat(50_000) + 'c'
  const source = '(?:a(?=b.*c)b|a(?=b.*c))*[de]'
  t.false(new SafeRegExp(source).test(subject))
  const regexp = limited({ lookaroundBytes: 100 }, source, 'g')
  t.throws(() => regexp.test(subject), refused)
  await t.throwsAsync(regexp.testAsync(subject), refused)
})

test('the budget of backreferences', (t) => {
  const source = '(a*)*\\1b'
  const subject = 'a'.repeat(200)
  t.throws(() => limited({ budgetBase: 1, budgetFactor: 0 }, source).test(subject), refused)
  const { mostSteps } = limited({ budgetBase: 77, budgetFactor: 0 }, source).explain()
  t.deepEqual(mostSteps, { base: 77, perUnit: 0 })
  t.true(limited({ budgetBase: 1, budgetFactor: 1000 }, '(a)\\1').test('aa'))
})

test('programs with other limits are not shared with those of the default', (t) => {
  t.true(new SafeRegExp('abcdefgh').test('abcdefgh'))
  t.throws(() => limited({ patternLength: 7 }, 'abcdefgh'), refused)
  t.throws(() => limited({ patternLength: 7 }, 'abcdefgh'), refused)
  t.true(new SafeRegExp('abcdefgh').test('abcdefgh'))
})

test('are kept by what is made of it: copies, species, compile(), sets, searches in lanes', async (t) => {
  const source = '(a{300000}|b)'
  const regexp = limited({ programSize: 1_000_000 }, source, 'g')
  t.true(new SafeRegExp(regexp, 'y').test('b'))
  t.true(new SafeRegExp(regexp).test('b'))
  t.deepEqual('xby'.split(regexp), ['x', 'b', 'y'])
  t.deepEqual([...'bxb'.matchAll(regexp)].map(({ index }) => index), [0, 2])
  t.is(await regexp.replaceAsync('xbb', '-'), 'x--')
  t.deepEqual((await findMany(regexp, ['b', 'a'])).map((match) => match?.[0]), ['b', undefined])
  t.is(regexp.compile(source, 'i').exec('B').index, 0)
  t.deepEqual(new SafeRegExpSet([regexp]).match('b'), [0])
  // Given anew, they are these.
  t.throws(() => new SafeRegExp(regexp, '', {}), refused)
  class Sub extends SafeRegExp {}
  t.throws(() => new Sub('abc', '', { limits: { patternLength: 2 } }), refused)
})

test('many programs with limits, of which some are compiled again', (t) => {
  const limits = { programSize: 1_000_000 }
  const all = Array.from({ length: 8 }, (_, index) => limited(limits, `(?:a{260000}|${index})`))
  for (const [index, regexp] of [...all.entries(), ...all.entries()]) t.true(regexp.test(`${index}`))
})

test('wrong ones', (t) => {
  for (const value of [1, 'a', true, null]) t.throws(() => new SafeRegExp('a', '', value), { code: 'ERR_INVALID_ARG_TYPE', message: /"options"/ }, String(value))
  t.throws(() => new SafeRegExp('a', '', { limits: 1 }), { code: 'ERR_INVALID_ARG_TYPE', message: /"options\.limits"|options\.limits/ })
  for (const name of ['patternLength', 'nestingDepth', 'programSize', 'captures', 'lookaroundBytes', 'budgetBase']) {
    for (const value of [0, -1, 1.5, NaN, Infinity]) t.throws(() => limited({ [name]: value }), { code: 'ERR_OUT_OF_RANGE', message: new RegExp(`options\\.limits\\.${name}`) }, `${name} ${value}`)
    t.throws(() => limited({ [name]: '5' }), { code: 'ERR_INVALID_ARG_TYPE' })
  }
  t.throws(() => limited({ budgetFactor: -1 }), { code: 'ERR_OUT_OF_RANGE' })
  t.is(SafeRegExp.length, 2)
})
