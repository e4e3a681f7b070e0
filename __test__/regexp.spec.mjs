// SafeRegExp beside the RegExp of the Node that runs this: the constructor, the members and what String.prototype's methods make of them.
import test from 'ava'
import { types } from 'node:util'
import { SafeRegExp } from 'sidelane'

const SUBJECTS = ['', 'abc', 'aXbXXc 2024-05, 2025-06', '\uD83D\uDE00a\uD83D', '\u00E9\u00FF \u2028\n', 'ab'.repeat(2000)]
const PATTERNS = [
  ['', 'g'], ['', 'gu'], ['b', ''], ['x', 'gi'], ['(\\d{4})-(?<month>\\d\\d)', 'g'], ['(\\d{4})-(?<month>\\d\\d)', 'd'], ['a(?:(b)|(c))', 'g'], ['a', 'y'], ['a', 'gy'],
  ['.', 'gu'], ['.', 'gs'], ['(?<=a)b', 'g'], ['(?=(X+))', 'g'], ['(a)\\1?', 'g'], ['[^]*?', 'gu'], ['\\s+', 'g'], ['$', 'gm']
]
const TEMPLATES = ['', '-', '$$', '[$&]', '[$1$2$10$01]', '$`', "$'", '$<month>', '$<none', '$0']

/** Both kinds' answers, with lastIndex after it. */
const both = (source, flags, use) => [SafeRegExp, RegExp].map((Kind) => {
  const regexp = new Kind(source, flags)
  regexp.lastIndex = 1
  return { result: use(regexp), lastIndex: regexp.lastIndex }
})

const USES = {
  exec: (regexp, subject) => regexp.exec(subject),
  test: (regexp, subject) => regexp.test(subject),
  match: (regexp, subject) => subject.match(regexp),
  matchAll: (regexp, subject) => regexp.global ? [...subject.matchAll(regexp)] : undefined,
  search: (regexp, subject) => subject.search(regexp),
  split: (regexp, subject) => subject.split(regexp),
  'split with a limit': (regexp, subject) => subject.split(regexp, 3),
  'replace with texts': (regexp, subject) => TEMPLATES.map((template) => subject.replace(regexp, template)),
  'replace with a function': (regexp, subject) => subject.replace(regexp, (...args) => JSON.stringify(args.slice(0, 8)).slice(0, 80))
}

for (const [name, use] of Object.entries(USES)) {
  test(`${name}: as RegExp does`, (t) => {
    for (const [source, flags] of PATTERNS) {
      for (const subject of SUBJECTS) {
        const [safe, native] = both(source, flags, (regexp) => use(regexp, subject))
        t.deepEqual(safe, native, `/${source}/${flags} on ${JSON.stringify(subject.slice(0, 40))}`)
      }
    }
  })
}

test('the general steps and the short way agree', (t) => {
  for (const [source, flags] of PATTERNS) {
    for (const subject of SUBJECTS) {
      const short = new SafeRegExp(source, flags)
      const patched = new SafeRegExp(source, flags)
      let calls = 0
      patched.exec = (string) => { calls++; return SafeRegExp.prototype.exec.call(patched, string) }
      t.deepEqual(subject.match(patched), subject.match(short))
      t.is(subject.replace(patched, '[$&$1]'), subject.replace(short, '[$&$1]'))
      t.true(calls > 0)
    }
  }
})

test('it is a RegExp to everybody who asks', (t) => {
  const regexp = new SafeRegExp('a/[/]\n', 'gi')
  t.true(regexp instanceof RegExp)
  t.true(types.isRegExp(regexp))
  t.is(Object.prototype.toString.call(regexp), '[object RegExp]')
  t.is(String(regexp), String(new RegExp('a/[/]\n', 'gi')))
  t.deepEqual(Object.getOwnPropertyNames(regexp), ['lastIndex'])
  t.is(SafeRegExp(regexp), regexp)
  t.not(new SafeRegExp(regexp), regexp)
  t.is(new SafeRegExp(/x/gi, 'm').flags, 'm')
  class Sub extends SafeRegExp {}
  t.true(new Sub('a') instanceof Sub)
  t.deepEqual('bab'.split(new Sub('a')), ['b', 'b'])
})

test('no pattern reaches the native engine', (t) => {
  const regexp = new SafeRegExp('(a+)+b')
  t.is(RegExp.prototype.exec.call(regexp, 'zzz')[0], '')
})

test('compile changes the object in place', (t) => {
  const regexp = new SafeRegExp('a', 'g')
  regexp.lastIndex = 3
  t.is(regexp.compile('b', 'i'), regexp)
  t.is(regexp.lastIndex, 0)
  t.true(regexp.test('B'))
  t.throws(() => regexp.compile(/a/, 'g'), { instanceOf: TypeError })
})

test('what is no pattern is a SyntaxError, what is too large a RegExpBudgetError', (t) => {
  t.throws(() => new SafeRegExp('a('), { instanceOf: SyntaxError, message: /^Invalid regular expression: \/a\(\/: / })
  t.throws(() => new SafeRegExp('a', 'gg'), { instanceOf: SyntaxError, message: /'gg'/ })
  t.throws(() => new SafeRegExp('((a{100}){100}){100}'), { code: 'ERR_REGEXP_BUDGET' })
  t.throws(() => new SafeRegExp('('.repeat(100000) + ')'.repeat(100000)), { code: 'ERR_REGEXP_BUDGET' })
})

test('lastIndex: what is read and written, and when it cannot be', (t) => {
  const regexp = new SafeRegExp('a', 'g')
  for (const [lastIndex, found] of [[NaN, true], [-5, true], [1, false], [Infinity, false], ['0', true]]) {
    regexp.lastIndex = lastIndex
    t.is(regexp.test('a'), found)
    t.is(regexp.lastIndex, found ? 1 : 0)
  }
  t.throws(() => Object.freeze(regexp).test('a'), { instanceOf: TypeError })
})

test('escape', (t) => {
  t.is(SafeRegExp.escape('1a.b-c \n\uD800'), '\\x31a\\.b\\x2dc\\x20\\n\\ud800')
  t.throws(() => SafeRegExp.escape(1), { instanceOf: TypeError })
})

test('global operations whose attempts read far past their matches are linear as a whole', (t) => {
  // One search for each match would take minutes.
  const size = 300_000
  for (const [source, pump] of [['.*[^A-Z]|[A-Z]', 'A'], ['(?:.*x)?a', 'a'], ['a(?=.*b)|a', 'a'], ['(?<!b.*)a', 'a']]) {
    const subject = pump.repeat(size)
    const regexp = new SafeRegExp(source, 'g')
    t.is(subject.match(regexp).length, size, source)
    t.is(subject.replace(regexp, '-'), '-'.repeat(size), source)
    t.is(subject.split(regexp).length, size + 1, source)
    t.is(subject.split(regexp, 3).length, 3, source)
    let count = 0
    for (const match of subject.matchAll(regexp)) {
      if (match[0] !== pump || match.index !== count) t.fail(`${source} at ${match.index}`)
      count++
    }
    t.is(count, size, source)
  }
})
