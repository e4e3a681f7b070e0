// SafeRegExp beside the RegExp of the Node that runs this: the constructor, the members and what String.prototype's methods make of them.
import test from 'ava'
import { types } from 'node:util'
import { createRequire } from 'node:module'
import { SafeRegExp } from 'sidelane'

const require = createRequire(import.meta.url)
const { toArray } = require('../lib/regexp-result.js')
const { textsOf, splitAtMatches, replaceMatches } = require('../lib/regexp-matches.js')

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

/** What SafeRegExp does, and what RegExp does: an error by its class. */
const alike = (t, name, use) => {
  const [safe, native] = [SafeRegExp, RegExp].map((Kind) => {
    try {
      return use(Kind)
    } catch (error) {
      return `throws ${error.constructor.name}`
    }
  })
  t.deepEqual(safe, native, name)
}

test('numbers are converted as ECMA-262 does: a BigInt is none', (t) => {
  for (const value of [1n, Symbol('x'), '1', null, {}, [2], true, -0, 0.9, 2 ** 53]) {
    alike(t, `lastIndex ${String(value)}`, (Kind) => {
      const regexp = new Kind('a', 'g')
      regexp.lastIndex = value
      return [regexp.exec('aaa')?.index, regexp.lastIndex]
    })
    alike(t, `index ${String(value)}`, (Kind) => {
      const regexp = new Kind('a')
      regexp.exec = () => ({ 0: 'a', index: value, length: 1 })
      return 'aaa'.replace(regexp, 'x')
    })
    alike(t, `limit ${String(value)}`, (Kind) => 'a1b2c'.split(new Kind('\\d'), value))
  }
})

test('an expression that changes in a search: the subject and lastIndex are converted before it is read', (t) => {
  const array = (match) => match && [...match, match.index, match.groups]
  alike(t, 'toString of the subject', (Kind) => {
    const regexp = new Kind('a')
    return array(regexp.exec({ toString: () => { regexp.compile('(?<n>b)', ''); return 'ab' } }))
  })
  alike(t, 'valueOf of lastIndex', (Kind) => {
    const regexp = new Kind('(a)')
    regexp.lastIndex = { valueOf: () => { regexp.compile('(?<n>(b))', 'g'); return 2 } }
    return [array(regexp.exec('abab')), regexp.lastIndex]
  })
  alike(t, 'a callback', (Kind) => {
    const regexp = new Kind('(a)', 'g')
    return ['aba'.replace(regexp, (match, group, index) => { regexp.compile('b', 'g'); regexp.lastIndex = 2; return `<${match}${group}${index}>` }), regexp.lastIndex]
  })
})

test('matchAll: the matcher that a derived class got hold of may be moved, changed and frozen', (t) => {
  for (const [name, change] of [['moved', (matcher) => { matcher.lastIndex = 0 }], ['changed', (matcher) => matcher.compile('b', 'g')], ['frozen', Object.freeze], ['not global any more', (matcher) => matcher.compile('b')]]) {
    alike(t, name, (Kind) => {
      let matcher
      class Derived extends Kind {
        constructor (...args) {
          super(...args)
          matcher = this
        }
      }
      const found = []
      for (const match of 'ababab'.matchAll(new Derived('a', 'g'))) {
        found.push(match[0] + match.index)
        if (found.length === 2) change(matcher)
        if (found.length === 8) break
      }
      return found
    })
  }
  alike(t, 'a species without the flag u', (Kind) => {
    class Derived extends Kind {
      static get [Symbol.species] () { return class { constructor (pattern) { return new Kind(pattern, 'g') } } }
    }
    return [...'\u{1F600}a\u{1F600}'.matchAll(new Derived('', 'gu'))].map(({ index }) => index)
  })
})

test('exec as a getter is asked for every match', (t) => {
  for (const last of [Infinity, 2]) {
    alike(t, `other from ${last}`, (Kind) => {
      const regexp = new Kind('a', 'g')
      let reads = 0
      Object.defineProperty(regexp, 'exec', { get: () => ++reads > last ? () => null : Kind.prototype.exec })
      return ['aaa'.replace(regexp, 'x'), 'aaa'.match(regexp), reads]
    })
  }
})

test('what cannot be written is a TypeError where RegExp throws one', (t) => {
  for (const [flags, use] of [['', (r) => r.exec('ba')], ['', (r) => 'xa'.replace(r, 'b')], ['', (r) => 'xa'.search(r)], ['g', (r) => 'aa'.replace(r, 'b')], ['g', (r) => 'aa'.match(r)], ['y', (r) => r.exec('b')], ['g', (r) => [...'aa'.matchAll(r)].length], ['g', (r) => 'bab'.split(r)]]) {
    alike(t, `${flags} ${use}`, (Kind) => use(Object.freeze(new Kind('a', flags))))
  }
})

test('patterns of bad input: a getter that throws, 10 MB, invalid UTF-16, all as a string', (t) => {
  t.throws(() => new SafeRegExp({ [Symbol.match]: true, get source () { throw new RangeError('mine') } }), { message: 'mine' })
  t.throws(() => new SafeRegExp({ toString () { throw new RangeError('mine') } }), { message: 'mine' })
  t.throws(() => new SafeRegExp('a'.repeat(10_000_000)), { code: 'ERR_REGEXP_BUDGET' })
  for (const source of ['\uD83D', '\uDE00', '[\uD83D]', '\uDE00\uD83D', '(?<\uD83D>a)']) alike(t, source, (Kind) => [...'\u{1F600}\uD83D\uDE00\uDE00'.matchAll(new Kind(source, 'g'))].map(({ index }) => index))
  t.is(new SafeRegExp('(?:a{0,50}){0,50}').exec('a'.repeat(60))[0].length, 60)
})

test('subjects of every kind of string: ropes, slices, external ones, lone surrogates at their ends', (t) => {
  const long = 'ab\u00E9'.repeat(1000)
  const kinds = {
    rope: long + 'x' + long, slice: long.slice(7, 2500), latin1: Buffer.alloc(2_000_000, 'a\xE9', 'latin1').toString('latin1'), utf16: Buffer.alloc(2_000_002, '\u6F22\uD83D', 'utf16le').toString('utf16le'),
    begins: `\uDE00${long}`, ends: `${long}\uD83D`, pair: `\uDE00${long}\uD83D\uDE00`, short: '\uD83D'
  }
  for (const [name, subject] of Object.entries(kinds)) {
    for (const [source, flags] of [['\\xE9$|\\xE9(?=.$)', ''], ['[\\uD83D\\uDE00]', 'g'], ['.$', 'u'], ['^.', 'u']]) {
      alike(t, `${name} /${source}/${flags}`, (Kind) => subject.match(new Kind(source, flags))?.length)
      alike(t, `${name} /${source}/${flags}`, (Kind) => subject.search(new Kind(source, flags)))
    }
  }
})

test('a result above the longest string is an error', (t) => {
  const subject = 'a'.repeat(100_000)
  t.throws(() => subject.replace(new SafeRegExp('a', 'g'), "$'"), { instanceOf: RangeError })
  t.throws(() => subject.replace(new SafeRegExp('a', 'g'), () => subject), { instanceOf: RangeError })
})

test('no pattern reaches the native engine, and a copy of the native object matches nothing', (t) => {
  const regexp = new SafeRegExp('(a+)+b', 'g')
  t.is(RegExp.prototype.exec.call(regexp, 'aab'), null)
  t.is(RegExp.prototype.test.call(new SafeRegExp(''), ''), true, 'which asks for exec')
  for (const copy of [structuredClone(regexp), new RegExp(regexp), new RegExp(regexp, 'g')]) {
    t.false(copy instanceof SafeRegExp)
    t.is(copy.source, '[]')
    t.is('aab'.replace(copy, 'x'), 'aab')
    t.is('aab'.match(copy), null)
  }
  t.deepEqual('aab'.match(new RegExp(regexp.source, regexp.flags)), ['aab'])
  t.is(new SafeRegExp(regexp).source, '(a+)+b')
  t.is(new regexp.constructor(regexp, 'i').flags, 'i')
  t.deepEqual(regexp, new SafeRegExp('(a+)+b', 'g'))
  t.notDeepEqual(regexp, new SafeRegExp('(a+)+c', 'g'))
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

test('an exec that is no function is as good as none: the built-in one runs', (t) => {
  for (const use of [(r) => 'bab'.match(r), (r) => 'bab'.replace(r, 'x'), (r) => 'bab'.search(r), (r) => [...'bab'.matchAll(r)].length, (r) => 'bab'.split(r)]) {
    alike(t, String(use), (Kind) => {
      class Derived extends Kind {}
      Derived.prototype.exec = undefined
      return use(new Derived('a', 'g'))
    })
  }
})

test('what programs make of Array.prototype and String.prototype does not reach a match', (t) => {
  const poisoned = [
    ...['push', 'concat', 'slice', 'map', 'some'].map((name) => [Array.prototype, name]), [Array.prototype, Symbol.iterator],
    ...['slice', 'includes', 'indexOf', 'charCodeAt', 'substring'].map((name) => [String.prototype, name])
  ]
  const prototype = Array.prototype
  const cells = [0, 1, 2, 3, 4, 'index', 'input', 'groups']
  const subject = 'a1b2,c3'
  const offsets = new Int32Array([0, 2, 0, 1, -1, -1, 2, 4, 2, 3, -1, -1])
  const program = { captures: 3, names: [['x', 1], ['y', 2]], hasIndices: true }
  const work = () => [
    toArray(program, subject, offsets, 0), textsOf(program, subject, offsets), splitAtMatches(program, subject, offsets, 9), replaceMatches(program, subject, offsets, '[$<x>$2$`$\'$01]'),
    replaceMatches(program, subject, offsets, (match, x, y, index, whole, groups) => `${match}${x}${y}${index}${whole}${groups.x}`),
    replaceMatches({ captures: 3 }, subject, offsets, (match, x, y, index, whole) => `${match}${x}${y}${index}${whole}`)
  ]
  const expected = work()
  const saved = poisoned.map(([target, name]) => [target, name, Object.getOwnPropertyDescriptor(target, name)])
  let found
  let thrown
  try {
    for (let index = 0; index < poisoned.length; index++) Reflect.deleteProperty(poisoned[index][0], poisoned[index][1])
    for (let cell = 0; cell < cells.length; cell++) Object.defineProperty(prototype, cells[cell], { configurable: true, get () { throw new Error('read') }, set () { throw new Error('written') } })
    found = work()
  } catch (error) {
    thrown = error
  } finally {
    for (let cell = 0; cell < cells.length; cell++) Reflect.deleteProperty(Array.prototype, cells[cell])
    for (let index = 0; index < saved.length; index++) Object.defineProperty(saved[index][0], saved[index][1], saved[index][2])
  }
  t.is(thrown, undefined)
  t.deepEqual(found, expected)
})
