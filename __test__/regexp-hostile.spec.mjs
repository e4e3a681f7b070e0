// What a program and its inputs can do to SafeRegExp: patched built-ins, getters that count, flags that hold a pattern, sets without end, pipes for files.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import test from 'ava'
import * as fc from 'fast-check'
import { Lane, SafeRegExp, SafeRegExpSet, TaskTimeoutError, findMany, scanFile } from 'sidelane'

const folder = mkdtempSync(path.join(tmpdir(), 'sidelane-hostile-'))
test.after.always(() => rmSync(folder, { recursive: true, force: true }))

/** Whether this Node's RegExp reads `flags` where ECMA-262 has it since 2023: Node 24 still reads `global` and `unicode` in replace(). */
const IS_CURRENT = Number(process.versions.node.split('.')[0]) >= 26

test('patched built-ins are not called, and setters on Array.prototype and Object.prototype not met', (t) => {
  const printed = execFileSync(process.execPath, ['-e', `
    const { SafeRegExp, SafeRegExpSet, findMany } = require(${JSON.stringify(path.resolve('index.js'))})
    const string = '\\u{1F600}a1 b22/\\u2028 c'
    const use = async () => {
      const all = new SafeRegExp('(?<letter>[a-c])(\\\\d+)?', 'dg')
      const one = new SafeRegExp('(?<letter>[a-c])(\\\\d+)?')
      const sub = new (class extends SafeRegExp { exec (text) { return super.exec(text) } })('[a-c](\\\\d)?', 'gu')
      const parts = [
        one.exec(string), one.test(string), all.source, all.flags, String(new SafeRegExp('a/\\n[/]')), SafeRegExp.escape('1a.b \\u{1F600}\\uD800'), one.explain().engine,
        new SafeRegExp(/a/giy).flags, new SafeRegExp(/a/giy, 'm').flags, one.compile('(?<letter>[a-c])(\\\\d+)?', '').source
      ]
      for (const regexp of [all, one, sub]) {
        parts[parts.length] = regexp[Symbol.match](string)
        parts[parts.length] = regexp[Symbol.replace](string, '<$1$2$<letter>$\`>')
        parts[parts.length] = regexp[Symbol.replace](string, (match, ...rest) => match + rest.length)
        parts[parts.length] = regexp[Symbol.search](string)
        parts[parts.length] = regexp[Symbol.split](string)
        const matches = regexp[Symbol.matchAll](string)
        for (let next = matches.next(); !next.done; next = matches.next()) parts[parts.length] = next.value
      }
      for (let index = 0; index < 300; index++) parts[parts.length] = one.test('abc'[index % 3])
      for (const source of ['(', 'a**', '[b-a]']) { try { new SafeRegExp(source) } catch (error) { parts[parts.length] = error.message } }
      try { new SafeRegExp('a', 'gg') } catch (error) { parts[parts.length] = error.message }
      for (let index = 0; index < 300; index++) parts[parts.length] = new SafeRegExp('x' + index).source
      for (const inline of [true, false]) {
        all.lastIndex = 0
        parts[parts.length] = await all.testAsync(string, { inline })
        parts[parts.length] = await one.execAsync(string, { inline })
        parts[parts.length] = await all.matchAsync(string, { inline })
        parts[parts.length] = await all.replaceAsync(string, '<$1>', { inline })
        parts[parts.length] = await all.splitAsync(string, 3, { inline })
        parts[parts.length] = await findMany(one, FIXED, { inline })
        parts[parts.length] = SET.match(string)
        parts[parts.length] = await SET.matchAsync(string, { inline })
      }
      return parts
    }
    const FIXED = ['a1', '', 'zz c']
    const SET = new SafeRegExpSet(['a', 'z', 'c$'])
    const show = JSON.stringify
    const write = process.stdout.write.bind(process.stdout)
    use().then((before) => {
      const wanted = show(before)
      const prototypes = [String.prototype, Array.prototype, Map.prototype, Set.prototype, RegExp.prototype, Object.getPrototypeOf([][Symbol.iterator]()), Object.getPrototypeOf(''[Symbol.iterator]())]
      const undo = []
      const change = (target, key, descriptor) => {
        const old = Object.getOwnPropertyDescriptor(target, key)
        if (old?.configurable === false) return
        undo.push(() => old === undefined ? delete target[key] : Object.defineProperty(target, key, old))
        Object.defineProperty(target, key, { configurable: true, ...descriptor })
      }
      const seen = []
      const note = (what) => Define(seen, seen.length, { __proto__: null, value: what, configurable: true, enumerable: true, writable: true })
      for (const prototype of prototypes) {
        for (const key of Reflect.ownKeys(prototype)) {
          if (key === 'constructor' || typeof Object.getOwnPropertyDescriptor(prototype, key).value !== 'function') continue
          const original = prototype[key]
          // Who calls is what counts: Node's own library may, and what all tasks share (lib/task.js).
          change(prototype, key, { writable: true, value: function () {
            const { stack } = new Error()
            const caller = Slice(stack, IndexOf(stack, 'at ', IndexOf(stack, 'at ') + 3))
            const line = Slice(caller, 0, IndexOf(caller, '\\n'))
            if (isOurs(line)) note(Name(key) + ' ' + line)
            return Apply(original, this, arguments)
          } })
        }
      }
      for (const name of ['index', 'input', 'groups', 'indices', 'template', 'code', '0', '1', '2', '7']) {
        for (const prototype of [Array.prototype, Object.prototype]) change(prototype, name, { get () { return undefined }, set (value) { note('setter of ' + name); Define(this, name, { __proto__: null, value, configurable: true, enumerable: true, writable: true }) } })
      }
      return use().then((after) => { while (undo.length > 0) { const last = undo[undo.length - 1]; undo.length--; last() } write(show({ same: show(after) === wanted, seen: [...new Set(seen)] })) })
    })
    const uncurry = Function.prototype.bind.bind(Function.prototype.call)
    const Includes = uncurry(String.prototype.includes), IndexOf = uncurry(String.prototype.indexOf), Slice = uncurry(String.prototype.slice), Apply = Reflect.apply, Define = Object.defineProperty, Name = String
    const isOurs = (caller) => Includes(caller, 'lib/regexp') || Includes(caller, 'lib/find-many') || Includes(caller, 'lib/shapes')
  `], { encoding: 'utf8' })
  t.deepEqual(JSON.parse(printed), { same: true, seen: [] })
})

/** Runs `use` with each kind, and gives what could be seen of it: reads, writes, calls and the outcome, in order. */
function trace (Kind, use) {
  const events = []
  const show = (value) => typeof value === 'function' ? 'function' : typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
  let outcome
  try {
    outcome = show(use(Kind, (event) => events.push(event)))
  } catch (error) {
    outcome = `throws ${error.constructor.name}`
  }
  // V8 has these two the other way round.
  return [...events.filter((event) => event !== 'get unicodeSets' && event !== 'get sticky'), outcome]
}

const RESULTS = [
  () => null, () => ({ index: 1, length: 1, 0: 'b' }), () => ({ index: '0', length: 2, 0: '', 1: undefined, groups: { n: 'x' } }), () => ({ get index () { return 2 }, length: 3, 0: 'b', 1: 7, 2: null, groups: null }),
  () => 5, () => undefined, () => { throw new RangeError('mine') }, () => Object.create(null)
]
const FLAGS = ['', 'g', 'gu', 'y', 'gy', 'v', 'gg', 'G']
const CALLS = {
  exec: (Kind, object) => Kind.prototype.exec.call(object, 'abab'),
  test: (Kind, object) => Kind.prototype.test.call(object, 'abab'),
  toString: (Kind, object) => Kind.prototype.toString.call(object),
  flags: (Kind, object) => Object.getOwnPropertyDescriptor(Kind.prototype, 'flags').get.call(object),
  match: (Kind, object) => Kind.prototype[Symbol.match].call(object, 'abab'),
  matchAll: (Kind, object) => { const found = []; for (const each of Kind.prototype[Symbol.matchAll].call(object, 'abab')) { found.push(each[0]); if (found.length > 4) break } return found },
  replace: (Kind, object) => Kind.prototype[Symbol.replace].call(object, 'abab', '[$&$1$<n>]'),
  'replace with a function': (Kind, object) => Kind.prototype[Symbol.replace].call(object, 'abab', (...args) => args.length),
  search: (Kind, object) => Kind.prototype[Symbol.search].call(object, 'abab'),
  split: (Kind, object) => Kind.prototype[Symbol.split].call(object, 'abab', 3)
}

/** Objects that are asked, and tell: plain ones, expressions with properties of their own, derived classes, Proxies. */
const RECEIVERS = {
  'a plain object': (Kind, log, { flags, answers, lastIndex, species }) => ({
    get flags () { log('get flags'); return flags },
    get source () { log('get source'); return 'b' },
    get constructor () { log('get constructor'); return species === undefined ? undefined : { get [Symbol.species] () { log('get species'); return species(Kind, log) } } },
    get exec () { log('get exec'); return () => { log('exec'); return answers()() } },
    get lastIndex () { log('get lastIndex'); return lastIndex },
    set lastIndex (value) { log(`set lastIndex ${String(value)}`); lastIndex = value },
    ...Object.fromEntries(['hasIndices', 'global', 'ignoreCase', 'multiline', 'dotAll', 'unicode', 'unicodeSets', 'sticky'].map((name) => [name, flags.includes(name[0])]))
  }),
  'own properties': (Kind, log, { flags, lastIndex }) => {
    const object = new Kind('(b)|a', flags)
    object.lastIndex = lastIndex
    for (const name of ['flags', 'exec', 'global', 'unicode', 'constructor']) {
      const value = object[name]
      Object.defineProperty(object, name, { get: () => { log(`get ${name}`); return value } })
    }
    return object
  },
  'a derived class with getters': (Kind, log, { flags, lastIndex, species }) => {
    class Derived extends Kind {
      get exec () { log('get exec'); return super.exec }
      get flags () { log('get flags'); return super.flags }
      static get [Symbol.species] () { log('get species'); return species === undefined ? Derived : species(Kind, log) }
    }
    const object = new Derived('b|(a)', flags)
    object.lastIndex = lastIndex
    return object
  },
  'a Proxy': (Kind, log, { flags, lastIndex }) => {
    const target = new Kind('a|(b)', flags)
    target.lastIndex = lastIndex
    const own = new Set(['exec'])
    return new Proxy(target, {
      get: (target, key) => { log(`get ${String(key)}`); const value = Reflect.get(target, key, target); return own.has(key) ? value.bind(target) : value },
      set: (target, key, value) => { log(`set ${String(key)} ${String(value)}`); return Reflect.set(target, key, value, target) },
      has: (target, key) => { log(`has ${String(key)}`); return key in target },
      getOwnPropertyDescriptor: (target, key) => { log(`own ${String(key)}`); return Reflect.getOwnPropertyDescriptor(target, key) },
      getPrototypeOf: (target) => { log('prototype'); return Reflect.getPrototypeOf(target) },
      defineProperty: (target, key, descriptor) => { log(`define ${String(key)}`); return Reflect.defineProperty(target, key, descriptor) }
    })
  }
}
const SPECIES = {
  none: undefined,
  'no constructor': () => () => {},
  null: () => null,
  'a number': () => 5,
  'a function': (Kind, log) => function (pattern, flags) { log(`new ${String(flags)}`); return new Kind('a', FLAGS.includes(flags) && flags.length < 3 ? flags : 'g') },
  'a Proxy': (Kind, log) => new Proxy(Kind, { construct: (target, args) => { log('construct'); return Reflect.construct(target, ['b', args[1]]) }, get: (target, key) => { log(`get ${String(key)} of species`); return Reflect.get(target, key) } })
}

const scenario = fc.record({
  receiver: fc.constantFrom(...Object.keys(RECEIVERS)), call: fc.constantFrom(...Object.keys(CALLS)), flags: fc.constantFrom(...FLAGS), species: fc.constantFrom(...Object.keys(SPECIES)),
  lastIndex: fc.constantFrom(0, 1, 2, 9, -1, NaN, '1'), answers: fc.array(fc.nat(RESULTS.length - 1), { maxLength: 4 })
})
const compared = IS_CURRENT ? test : test.skip

compared('what can be seen of each call is what RegExp shows, in the same order', (t) => {
  fc.assert(fc.property(scenario, ({ receiver, call, flags, species, lastIndex, answers }) => {
    const [safe, native] = [SafeRegExp, RegExp].map((Kind) => trace(Kind, (Kind, log) => {
      let next = 0
      const object = RECEIVERS[receiver](Kind, log, { flags, lastIndex, species: SPECIES[species], answers: () => next < answers.length ? RESULTS[answers[next++]] : RESULTS[0] })
      log('made')
      return CALLS[call](Kind, object)
    }))
    if (JSON.stringify(safe) !== JSON.stringify(native)) t.deepEqual(safe, native, JSON.stringify({ receiver, call, flags, species, lastIndex, answers }))
  }), { numRuns: 6000 })
  t.pass()
})

test('exec as a getter of a derived class, or of the prototype, is asked for every match', (t) => {
  let reads = 0
  class Derived extends SafeRegExp {
    get exec () { reads++; return super.exec }
  }
  t.is('aaa'.replace(new Derived('a', 'g'), 'x'), 'xxx')
  t.is(reads, 4)
  const descriptor = Object.getOwnPropertyDescriptor(SafeRegExp.prototype, 'exec')
  Object.defineProperty(SafeRegExp.prototype, 'exec', { configurable: true, get: () => { reads++; return descriptor.value } })
  try {
    t.deepEqual('aaa'.match(new SafeRegExp('a', 'g')), ['a', 'a', 'a'])
    t.is(reads, 8)
    t.deepEqual('aab'.split(new SafeRegExp('b')), ['aa', ''])
    t.true(reads > 9)
  } finally {
    Object.defineProperty(SafeRegExp.prototype, 'exec', descriptor)
  }
})

test('a species that constructs nothing is refused before flags are read', (t) => {
  for (const member of [Symbol.split, Symbol.matchAll]) {
    const object = { constructor: { [Symbol.species]: () => {} }, get flags () { return t.fail() } }
    t.throws(() => SafeRegExp.prototype[member].call(object, 'a'), { instanceOf: TypeError })
  }
})

test('flags that hold a slash are no flags, whatever was compiled before', (t) => {
  t.true(new SafeRegExp('a/b', 'g').test('a/b'))
  t.throws(() => new SafeRegExp('b', 'g/a'), { instanceOf: SyntaxError })
  t.throws(() => new SafeRegExp('', 'g/a/b'), { instanceOf: SyntaxError })
})

test('a SyntaxError quotes pattern, flags and position, and is short', (t) => {
  const messageOf = (...args) => t.throws(() => new SafeRegExp(...args), { instanceOf: SyntaxError }).message
  t.is(messageOf('ab(c', 'g'), 'Invalid regular expression: /ab(c/g: Unterminated group at 2')
  t.is(messageOf('a', 'gig'), "Invalid flags supplied to RegExp constructor 'gig' at 2")
  t.is(messageOf('a', 'uv'), "Invalid flags supplied to RegExp constructor 'uv' at 1")
  t.true(messageOf(`${'a'.repeat(100_000)}(`).length < 300)
  t.true(messageOf('a', 'g'.repeat(1_000_000)).length < 300)
})

test('patterns that are read into more than they are long', (t) => {
  for (const [source, flags] of [['\\p{RGI_Emoji}'.repeat(60_000), 'v'], [`[${'\\p{L}'.repeat(190_000)}]`, 'u'], ['('.repeat(100_000), ''], ['(?:'.repeat(100_000), 'u'], ['['.repeat(100_000), 'v'], ['a|'.repeat(400_000), ''], ['()'.repeat(40_000), '']]) {
    t.throws(() => new SafeRegExp(source, flags), { code: 'ERR_REGEXP_BUDGET' }, source.slice(0, 20))
  }
})

test('lone surrogates at each edge of subjects, in every position of a pair', (t) => {
  const pieces = ['\uD83D', '\uDE00', '\uD83D\uDE00', 'a', '']
  for (const one of pieces) {
    for (const two of pieces) {
      for (const fill of ['', 'x'.repeat(1024)]) {
        const subject = `${one}${fill}${two}`
        for (const [source, flags] of [['^.', 'u'], ['.$', 'u'], ['^.', ''], ['\\uDE00', 'gu'], ['[\\uD83D]', 'g'], ['(?<=\\uD83D)[^]', 'u'], ...(IS_CURRENT ? [['(?<!^)[^]$', 'v']] : []), ['[^]', 'gu']]) {
          for (let lastIndex = 0; lastIndex <= 3; lastIndex++) {
            const [safe, native] = [SafeRegExp, RegExp].map((Kind) => {
              const regexp = new Kind(source, `${flags.replace('g', '')}y`)
              regexp.lastIndex = lastIndex
              return JSON.stringify([regexp.exec(subject), regexp.lastIndex, subject.match(new Kind(source, flags)), subject.split(new Kind(source, flags)).length])
            })
            if (safe !== native) t.is(safe, native, `/${source}/${flags} ${JSON.stringify([one, two])} at ${lastIndex}`)
          }
        }
      }
    }
  }
  t.pass()
})

test('a set without end, of too many patterns, or of too large ones', (t) => {
  let closed = false
  function * endless () {
    try {
      for (;;) yield 'a'
    } finally {
      closed = true
    }
  }
  t.throws(() => new SafeRegExpSet(endless()), { code: 'ERR_REGEXP_BUDGET', message: /65536/ })
  t.true(closed)
  t.throws(() => new SafeRegExpSet(Array.from({ length: 10 }, (_, index) => `(?:${index}|b){40000}`)), { code: 'ERR_REGEXP_BUDGET', message: /pattern \d+ is one too many/ })
})

test('findMany: an array that changes while it is read', async (t) => {
  const regexp = new SafeRegExp('a')
  let lengths = 0
  const growing = new Proxy([], { get: (_, key) => key === 'length' ? (lengths++ === 0 ? 2 : 4_294_967_295) : 'ba' })
  t.deepEqual((await findMany(regexp, growing)).map(({ index }) => index), [1, 1])
  t.is(lengths, 1)
  const { proxy, revoke } = Proxy.revocable([], {})
  revoke()
  t.throws(() => findMany(regexp, proxy), { code: 'ERR_INVALID_ARG_TYPE' })
})

async function collect (iterable, each = () => {}) {
  const all = []
  for await (const match of iterable) {
    all.push(match)
    each(all.length)
  }
  return all
}

test('scanFile: folders, pipes and devices', async (t) => {
  const regexp = new SafeRegExp('a')
  await t.throwsAsync(collect(scanFile(folder, regexp)), { code: 'EISDIR' })
  if (process.platform === 'win32') return
  const pipe = path.join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  // Nobody writes to it: it would be waited for without end.
  await t.throwsAsync(collect(scanFile(pipe, regexp)), { code: 'ERR_FILE_NOT_REGULAR', message: /pipe/ })
  await t.throwsAsync(collect(scanFile('/dev/zero', regexp)), { code: 'ERR_FILE_NOT_REGULAR' })
})

test('scanFile: a file that is cut, or vanishes, while it is read', async (t) => {
  const cut = path.join(folder, 'cut')
  writeFileSync(cut, 'a'.repeat(20) + '-'.repeat(4_000_000) + 'a'.repeat(20))
  t.is((await collect(scanFile(cut, new SafeRegExp('a')), (count) => count === 1 && truncateSync(cut, 2_000_000))).length, 20)
  const gone = path.join(folder, 'gone')
  writeFileSync(gone, 'a' + '-'.repeat(4_000_000) + 'a')
  t.is((await collect(scanFile(gone, new SafeRegExp('a')), (count) => count === 1 && process.platform !== 'win32' && unlinkSync(gone))).length, 2)
})

test('scanFile: an abort is seen at the next match', async (t) => {
  const file = path.join(folder, 'many')
  writeFileSync(file, 'a'.repeat(100_000))
  const controller = new AbortController()
  let seen = 0
  await t.throwsAsync(async () => {
    for await (const { text } of scanFile(file, new SafeRegExp('a'), { signal: controller.signal })) {
      t.is(text, 'a')
      if (++seen === 3) controller.abort()
    }
  }, { name: 'AbortError', any: true })
  t.is(seen, 3)
  const iterator = scanFile(file, new SafeRegExp('a'))
  t.is((await iterator.next()).value.index, 0)
  t.deepEqual(await iterator.return(), { value: undefined, done: true })
  t.true((await iterator.next()).done)
})

test('scanFile: matches across the places where windows are cut', async (t) => {
  const file = path.join(folder, 'windows')
  const unit = fc.constantFrom('a', 'b', 'ab', '\n', ' ', 'é', '漢', '😀', '\u00E9', '=', ';')
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 40 }), fc.array(unit, { minLength: 200, maxLength: 400 }), fc.constantFrom('utf8', 'latin1'), async (most, units, encoding) => {
    const step = 1 << 20
    const cut = step + 3 * most + 8 - most
    const around = Buffer.from(units.join(''))
    const data = Buffer.alloc(2 * step + 4000, '-')
    for (const at of [cut, 2 * step]) around.copy(data, at - (around.length >> 1))
    writeFileSync(file, data)
    const text = data.toString(encoding)
    for (const [source, flags] of [['[ab]{1,3}', 'g'], ['(?<=[ab])[^-ab]|é', 'gu'], ['\\b', 'g'], ['^.|.$', 'gmu'], ['(a)|(b)(?=.)', 'gs']]) {
      // Nothing of these reaches further than 12 bytes.
      const found = await collect(scanFile(file, new SafeRegExp(source, flags), { encoding, maxMatchLength: Math.max(most, 12) }))
      let [units, bytes] = [0, 0]
      const wanted = [...text.matchAll(new RegExp(source, flags))].map((match) => {
        bytes += Buffer.byteLength(text.slice(units, match.index), encoding)
        units = match.index
        return [bytes, match[0]]
      })
      const got = found.map(({ index, text }) => [index, text])
      if (JSON.stringify(got) !== JSON.stringify(wanted)) t.deepEqual(got, wanted, `/${source}/${flags} ${encoding} ${most}`)
    }
  }), { numRuns: 5 })
  t.pass()
})

/** Linear, and slow all the same: no match, which each engine has to find out. Without a text that a filter could miss. */
const SLOW = '(?:(?:a|b)*[c-z]|(?:ab|b|a)*[d-z]|(?:[ab]{1,20})*[^ab])(?=[f-z])'
const SLOW_CALLS = {
  ...Object.fromEntries(['testAsync', 'execAsync', 'matchAsync', 'matchAllAsync', 'searchAsync'].map((name) => [name, (subject, options) => new SafeRegExp(SLOW, 'g')[name](subject, options)])),
  replaceAsync: (subject, options) => new SafeRegExp(SLOW).replaceAsync(subject, () => '', options),
  replaceAllAsync: (subject, options) => new SafeRegExp(SLOW, 'g').replaceAllAsync(subject, '$1', options),
  splitAsync: (subject, options) => new SafeRegExp(SLOW).splitAsync(subject, undefined, options),
  findMany: (subject, options) => findMany(new SafeRegExp(SLOW), [subject, 'a', subject], options),
  'set.testAsync': (subject, options) => new SafeRegExpSet([SLOW, 'x']).testAsync(subject, options),
  'set.matchAsync': (subject, options) => new SafeRegExpSet([SLOW, 'x']).matchAsync(subject, options)
}

test.serial('each asynchronous call is aborted and timed out while it runs, and its lane goes on', async (t) => {
  // 0.7 s of work, of which 5 ms are wanted.
  const subject = 'ab'.repeat(8_000_000)
  const file = path.join(folder, 'slow')
  writeFileSync(file, subject)
  const calls = { ...SLOW_CALLS, scanFile: (_, options) => collect(scanFile(file, new SafeRegExp(SLOW), { ...options, maxMatchLength: 2 ** 23 })) }
  for (const [name, call] of Object.entries(calls)) {
    const lane = new Lane({ concurrency: 1 })
    const controller = new AbortController()
    const reason = new Error('enough')
    const aborted = call(subject, { lane, signal: controller.signal })
    setTimeout(() => controller.abort(reason), 5)
    t.is(await t.throwsAsync(aborted, undefined, name), reason, name)
    await t.throwsAsync(call(subject, { lane, timeout: 5 }), { instanceOf: TaskTimeoutError }, name)
    t.true(await new SafeRegExp('a').testAsync('ba', { lane, inline: false }), name)
  }
})

/** What a process prints: how much it grew, in MiB, and whether its first expression still works. */
test('a loop that compiles does not keep what it compiled', (t) => {
  const printed = execFileSync(process.execPath, ['-e', `
    const { SafeRegExp } = require(${JSON.stringify(path.resolve('index.js'))})
    const first = new SafeRegExp('(?<n>[a-c]+)([0-9])?x{1,900}', 'gi')
    const before = process.memoryUsage.rss()
    // Some 200 KiB each, 400 MiB together. No turn of the event loop, in which the objects' programs could be dropped.
    for (let index = 0; index < 2000; index++) new SafeRegExp(\`(?:[ab]|c){1,300}\${index}\`).test('abc')
    const grown = (process.memoryUsage.rss() - before) / 2 ** 20
    process.stdout.write(JSON.stringify({ grown, found: 'zab1xxAx'.match(first), names: first.exec('b2x').groups.n }))
  `], { encoding: 'utf8' })
  const { grown, found, names } = JSON.parse(printed)
  t.deepEqual([found, names], [['ab1xx', 'Ax'], 'b'])
  t.true(grown < 200, `${grown} MiB`)
})
