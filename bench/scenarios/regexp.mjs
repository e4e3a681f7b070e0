// Regular expressions: what a safe engine costs beside V8's own, and what an attack does.
import { setImmediate as turn } from 'node:timers/promises'
import { KiB, MiB } from '../lib/inputs.mjs'
import { watchLoad } from '../lib/load.mjs'
import { native, timed } from '../lib/native.mjs'
import { loadRe2 } from '../lib/re2.mjs'
import { interleave } from '../lib/rounds.mjs'
import { sidelane } from '../lib/sidelane.mjs'
import { medians } from '../lib/stats.mjs'
import { times } from '../lib/table.mjs'

const { SafeRegExp, SafeRegExpSet } = sidelane

export const title = 'regular expressions'
export const about = 'V8\'s own engine, SafeRegExp, node-re2. Contenders interleaved in one process; medians of main-thread CPU. "x V8": how many times as fast as V8.'

const V8 = 'V8'
const OURS = 'SafeRegExp'
const RE2 = 'node-re2'

/** @typedef {{ name: string, make: (source: string, flags?: string) => any }} Engine */
/** @typedef {{ name: string, work: () => unknown }} Contender */

const { Class: RE2Class, failure: notBuilt } = await loadRe2()

/** @type {Engine[]} */
const ENGINES = [
  { name: V8, make: (source, flags) => new RegExp(source, flags) },
  { name: OURS, make: (source, flags) => new SafeRegExp(source, flags) },
  ...(RE2Class === undefined ? [] : [{ name: RE2, make: (/** @type {string} */ source, /** @type {string} */ flags) => new RE2Class(source, flags) }])
]

const EMAIL = '^[\\w.+-]+@[\\w-]+\\.[\\w.-]+$'
const UUID = '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
const SEMVER = '^(\\d+)\\.(\\d+)\\.(\\d+)(?:-([\\w.-]+))?(?:\\+([\\w.-]+))?$'
const PASSWORD = '^(?=.*[a-z])(?=.*[A-Z])(?=.*\\d).{8,}$'
const IPV4 = '\\b(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\b'

/** Patterns of published incidents, a text that begins the attack, what is repeated, how often V8 needs more than a second, and what ends it. @type {[string, string, string, string, number, string][]} */
const ATTACKS = [
  ['is-email', '^([a-zA-Z0-9])(([\\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3})|([a-z]{2,3}[.]{1}[a-z]{2,3}))$', '', 'a', 32, '!'],
  ['owasp', '^(([a-z])+.)+[A-Z]([a-z])+$', '', 'a', 28, ''],
  ['password-lookaheads', '^(?=(?:[a-z]+)+\\d)(?=.*[A-Z]).{8,}$', '', 'a', 28, '!'],
  ['cloudflare-nested', '(?:(?:"|\'|\\]|\\}|\\\\|\\d|(?:nan|infinity|true|false|null|undefined|symbol|math)|`|-|\\+)+[)]*;?((?:\\s|-|~|!|\\{\\}|\\|\\||\\+)*.*(?:.*=.*)))', 'x=', 'x', 2000, ''],
  ['trailing-space', '\\s+$', 'x', ' ', 50_000, 'x'],
  ['find all', '.*[^A-Z]|[A-Z]', '', 'A', 20_000, '']
]

/** @param {import('../lib/types.js').Context} context */
export async function run (context) {
  /** @type {import('../lib/types.js').Figures} */
  const figures = {}
  const rounds = context.pick(21, 5)
  const size = context.pick(MiB, 256 * KiB)
  const calls = context.pick(100_000, 20_000)
  const table = (/** @type {string} */ key, /** @type {string} */ title, /** @type {Contender[]} */ contenders) => compare(key, title, contenders, rounds, context, figures)
  /** @param {string} source @param {string} flags @param {(regexp: any, subject: any) => unknown} use @param {() => any} [input] made outside the clock */
  const each = (source, flags, use, input) => ENGINES.flatMap(({ name, make }) => {
    try {
      const regexp = make(source, flags)
      return [{ name, input, work: (/** @type {any} */ subject) => use(regexp, subject) }]
    } catch {
      return [] // node-re2 has no lookarounds.
    }
  })
  const loop = (/** @type {(regexp: any, subject: string) => unknown} */ use, /** @type {string[]} */ subjects) => (/** @type {any} */ regexp) => {
    for (let i = 0; i < calls; i++) use(regexp, subjects[i & 3])
  }
  const test = (/** @type {any} */ regexp, /** @type {string} */ subject) => regexp.test(subject)
  const exec = (/** @type {any} */ regexp, /** @type {string} */ subject) => regexp.exec(subject)
  const [ascii, cjk] = [logOf(size, ''), logOf(size, '漢字😀')]

  const tables = [
    await table('email', `test(), e-mail, ${calls} calls`, each(EMAIL, '', loop(test, ['someone@example.com', 'first.last+tag@mail.example.org', 'not an address at all', 'a@b.c']))),
    await table('uuid', `test(), UUID with i, ${calls} calls`, each(UUID, 'i', loop(test, ['123e4567-e89b-12d3-a456-426614174000', '123E4567-E89B-12D3-A456-426614174000', '123e4567-e89b-12d3-a456-42661417400', 'x']))),
    await table('semver', `test(), version, ${calls} calls`, each(SEMVER, '', loop(test, ['1.2.3', '10.20.30-rc.1', '1.0.0+build.5', '1.2']))),
    await table('password', `test(), three lookaheads, ${calls} calls`, each(PASSWORD, '', loop(test, ['Passw0rd123', 'password', 'PASSWORD1', 'aB3aB3aB3aB3']))),
    await table('exec', `exec(), five captures, ${calls} calls`, each(SEMVER, '', loop(exec, ['1.2.3-rc.1+5', '10.20.30-rc.1+6', '1.0.0-a+build.5', '1.2.3-x+y']))),
    await table('construct', 'construction and first test(), 1,000 patterns', ENGINES.map(({ name, make }) => {
      let seed = 0
      return { name, work: () => { for (let i = 0; i < 1000; i++) make(`^(?:k${seed++}|[a-z]+)[.:](\\d+)$`).test('abc:1') } }
    }))
  ]
  figures['password.millions'] = calls / figures[`password.${OURS}.mainMs`] / 1000
  figures['construct.p99'] = slowestConstruction(context.pick(5000, 1000))
  for (const [alphabet, text, encoding] of /** @type {[string, string, BufferEncoding][]} */ ([['ASCII', ascii, 'latin1'], ['CJK', cjk, 'utf16le']])) {
    const fresh = freshOf(text, encoding)
    tables.push(
      await table(`matchAll.${alphabet}`, `matchAll() of IPv4 over ${text.length} units, ${alphabet}`, each(IPV4, 'g', (regexp, subject) => { for (const match of subject.matchAll(regexp)) if (match[0] === '') break }, fresh)),
      await table(`none.${alphabet}`, `test() without a match, fresh ${text.length} units, ${alphabet}`, each('(?:foo|bar)\\d+', '', test, fresh)),
      await table(`lacks.${alphabet}`, `test() of a subject that lacks a letter of the pattern, fresh ${text.length} units, ${alphabet}`, each('(?:foo|bar)\\d+x', '', test, fresh)),
      await table(`replace.${alphabet}`, `replace() with a text over ${text.length} units, ${alphabet}`, each(IPV4, 'g', (regexp, subject) => subject.replace(regexp, '$4.$3.$2.$1').at(-1), fresh)),
      await table(`function.${alphabet}`, `replace() with a function over ${text.length} units, ${alphabet}`, each(IPV4, 'g', (regexp, subject) => subject.replace(regexp, (/** @type {string} */ match) => `<${match}>`).at(-1), fresh))
    )
    /** @type {[string, (regexp: any, subject: string) => unknown][]} */
    const methods = [
      ['testAsync', (_, subject) => NO_MATCH.testAsync(subject)], ['matchAllAsync', (regexp, subject) => regexp.matchAllAsync(subject)],
      ['replaceAsync', (regexp, subject) => regexp.replaceAsync(subject, '$4.$3.$2.$1')]
    ]
    tables.push(await table(`async.${alphabet}`, `*Async over ${text.length} units, ${alphabet}`, methods.map(([name, use]) => ({ name, input: fresh, work: (/** @type {any} */ subject) => use(ADDRESSES, subject) }))))
  }
  const words = Array.from({ length: 100 }, (_, index) => `(?:warn|err)${index}[a-z]+=\\d{2,}`)
  const [set, single] = [new SafeRegExpSet(words), words.map((word) => new RegExp(word))]
  tables.push(await table('set', `100 patterns over ${ascii.length} units`, [
    { name: V8, input: freshOf(ascii, 'latin1'), work: (/** @type {any} */ subject) => { for (const regexp of single) regexp.test(subject) } },
    { name: 'SafeRegExpSet', input: freshOf(ascii, 'latin1'), work: (/** @type {any} */ subject) => set.match(subject) }
  ].map((contender) => /** @type {any} */ (contender))))
  tables.push(attacks(figures))
  return { tables, figures }
}

const NO_MATCH = new SafeRegExp('(?:foo|bar)\\d+x')
const ADDRESSES = new SafeRegExp(IPV4, 'g')

/**
 * Lines of a log with an address each.
 * @param {number} units
 * @param {string} mark in each line
 */
function logOf (units, mark) {
  let text = ''
  for (let i = 0; text.length < units; i++) text += `2026-11-25T10:${i % 60} 10.${i % 200}.${i % 7}.${i % 256} GET /path/${i} ${mark} status=200 took ${i % 977} ms agent=curl\n`
  return text.slice(0, units)
}

/**
 * A string that nobody has seen yet, flat, each time another one: of an equal one a copy may be there.
 * @param {string} text
 * @param {BufferEncoding} encoding
 */
function freshOf (text, encoding) {
  const bytes = Buffer.from(text, encoding)
  let year = 2000
  return () => {
    year = year === 9999 ? 2000 : year + 1
    bytes.write(String(year), encoding)
    return bytes.toString(encoding)
  }
}

/**
 * @param {string} key
 * @param {string} title
 * @param {(Contender & { input?: () => any })[]} contenders
 * @param {number} rounds
 * @param {import('../lib/types.js').Context} context
 * @param {import('../lib/types.js').Figures} figures
 */
async function compare (key, title, contenders, rounds, context, figures) {
  const stop = watchLoad()
  const samples = await interleave(contenders, rounds, ({ work, input }) => {
    const subject = input?.()
    return timed(async () => {
      await /** @type {any} */ (work)(subject)
      await turn()
    })
  }, { progress: (text) => context.progress(`${key}, ${text}`) })
  const values = contenders.map((contender) => medians(samples.get(contender) ?? []))
  contenders.forEach(({ name }, i) => {
    for (const [clock, ms] of Object.entries(values[i])) figures[`${key}.${name}.${clock}`] = ms
  })
  /** @type {import('../lib/types.js').Cell[][]} */
  const rows = contenders.map(({ name }, i) => [name, values[i].mainMs, times(values[0].mainMs / values[i].mainMs), values[i].allMs, values[i].wallMs])
  const isComparison = contenders[0].name === V8
  if (isComparison && key !== 'set' && !contenders.some(({ name }) => name === RE2)) rows.push([RE2Class === undefined ? `${RE2}: not built: ${notBuilt}` : `${RE2}: cannot compile it`, null, null, null, null])
  return { title, columns: ['', 'main ms', isComparison ? 'x V8' : 'x first', 'process ms', 'wall ms'], rows, load: stop() }
}

/**
 * Milliseconds that 99 of 100 constructions with their first test() take at most.
 *
 * @param {number} patterns
 */
function slowestConstruction (patterns) {
  const took = Array.from({ length: patterns }, (_, index) => {
    const start = native.threadCpuNs()
    new SafeRegExp(`^(?:p${index}|[a-z]+)[.:](\\d+)$`).test('abc:1')
    return (native.threadCpuNs() - start) / 1e6
  })
  return took.toSorted((a, b) => a - b)[Math.floor(patterns * 0.99)]
}

/** Milliseconds of an attack above which a longer one is not tried. */
const SLOW = 100

/** @param {import('../lib/types.js').Figures} figures */
function attacks (figures) {
  /** @type {import('../lib/types.js').Cell[][]} */
  const rows = []
  for (const [name, source, begin, pump, count, end] of ATTACKS) {
    const flags = name === 'find all' ? 'g' : ''
    const cpuAt = (/** @type {number} */ factor) => {
      const subject = begin + pump.repeat(count * factor) + end
      return cpuOf(() => flags === 'g' ? subject.replace(new SafeRegExp(source, flags), '') : new SafeRegExp(source, flags).test(subject))
    }
    const once = cpuAt(1)
    // What is not linear would take minutes.
    const ten = once < SLOW ? cpuAt(10) : NaN
    figures[`attack.${name}`] = once
    rows.push([name, count, once, ten])
  }
  figures['attack.growth'] = Math.max(...rows.map(([, , once, ten]) => Number(ten) / Number(once)))
  figures['attack.worst'] = Math.max(...ATTACKS.map(([name]) => figures[`attack.${name}`]))
  return { title: 'attacks, SafeRegExp', note: 'n: how often the pump is repeated where V8 needs more than a second (it is not run: some would take minutes).', columns: ['', 'n', 'ms', 'ms at 10 n'], rows }
}

/** @param {() => unknown} work */
function cpuOf (work) {
  let best = Infinity
  for (let i = 0; i === 0 || (i < 3 && best < SLOW); i++) {
    const start = native.threadCpuNs()
    work()
    best = Math.min(best, (native.threadCpuNs() - start) / 1e6)
  }
  return best
}

/** Speed of ours, in that of another. @param {string} key @param {string} other @param {string} [ours] */
const speed = (key, other, ours = OURS) => (/** @type {import('../lib/types.js').Figures} */ f) => f[`${key}.${other}.mainMs`] / f[`${key}.${ours}.mainMs`]
/** The worst of several. @param {((f: import('../lib/types.js').Figures) => number)[]} measures */
const least = (...measures) => (/** @type {import('../lib/types.js').Figures} */ f) => Math.min(...measures.map((measure) => measure(f)))
/** @param {string} what @param {string} other */
const both = (what, other) => least(speed(`${what}.ASCII`, other), speed(`${what}.CJK`, other))

/** @param {number} line @param {string} what @param {number} limit @param {(f: import('../lib/types.js').Figures) => number} measured @returns {import('../lib/types.js').Check} */
const atLeast = (line, what, limit, measured) => ({ issue: 4, line, what, unit: 'x', limit, sense: 'at least', measured })

/** @type {import('../lib/types.js').Check[]} */
export const checks = [
  { issue: 4, line: 4, what: 'known attacks where V8 needs 1 s: the slowest', unit: 'ms', limit: 5, sense: 'at most', measured: (f) => f['attack.worst'] },
  { issue: 4, line: 4.1, what: '  time at 10 times the size: the most', unit: 'x', limit: 12, sense: 'at most', measured: (f) => f['attack.growth'] },
  atLeast(5, 'short test(): e-mail, UUID, version: V8\'s speed', 0.35, least(speed('email', V8), speed('uuid', V8), speed('semver', V8))),
  atLeast(5.1, '  node-re2\'s', 5, least(speed('email', RE2), speed('uuid', RE2), speed('semver', RE2))),
  { issue: 4, line: 6, what: 'password rule, three lookaheads, short subjects: tests a second', unit: 'M', limit: 2, sense: 'at least', measured: (f) => f['password.millions'] },
  atLeast(7, 'exec() with five captures: V8\'s speed', 0.3, speed('exec', V8)),
  atLeast(7.1, '  node-re2\'s', 4, speed('exec', RE2)),
  atLeast(8, 'matchAll() over 1 MB, ASCII and CJK: V8\'s speed', 0.5, both('matchAll', V8)),
  atLeast(8.1, '  node-re2\'s', 7, both('matchAll', RE2)),
  atLeast(9, 'no match in a fresh 1 MB: V8\'s speed', 1.2, least(both('none', V8), both('lacks', V8))),
  atLeast(9.1, '  node-re2\'s', 8, least(both('none', RE2), both('lacks', RE2))),
  atLeast(10, 'replace() with a text over 1 MB: V8\'s speed', 1, both('replace', V8)),
  atLeast(10.1, '  node-re2\'s', 2, both('replace', RE2)),
  atLeast(10.2, 'replace() with a function: V8\'s speed', 0.3, both('function', V8)),
  atLeast(11, 'construction and first test(): V8\'s speed', 0.7, speed('construct', V8)),
  { issue: 4, line: 11.1, what: '  99 of 100', unit: 'ms', limit: 1, sense: 'at most', measured: (f) => f['construct.p99'] },
  { issue: 4, line: 12, what: '*Async over 1 MB, main thread: the slowest', unit: 'ms', limit: 0.15, sense: 'at most', measured: (f) => Math.max(...['ASCII', 'CJK'].flatMap((alphabet) => ['testAsync', 'matchAllAsync', 'replaceAsync'].map((name) => f[`async.${alphabet}.${name}.mainMs`]))) },
  atLeast(13, '100 patterns over 1 MB: V8\'s speed one by one', 20, speed('set', V8, 'SafeRegExpSet'))
]
