// The *Async methods of SafeRegExp and findMany give what the synchronous methods give, and stop when they are told to.
import { isDeepStrictEqual } from 'node:util'
import test from 'ava'
import * as fc from 'fast-check'
import { Lane, RegExpBudgetError, SafeRegExp, TaskTimeoutError, TooLargeError, findMany } from 'sidelane'
import { worker } from './helpers/child.mjs'
import { until } from './helpers/time.mjs'

const atom = fc.constantFrom('a', 'b', '.', '\\w', '\\d+', '[^b]', '(a)', '(?:b|(c))', '(?<n>x)', '\\b', '^', '$', '(?=(b))', '(?<=a)', '(?!c)', '\\s', 'é', '\\u2028', '\\ud83d', '😀', '[a-c]*?', 'a{2}', '(?:)', 'ab|', '(?:a|ab)+')
const pattern = fc.array(atom, { maxLength: 5 }).map((atoms) => atoms.join('')).filter((source) => source.split('(?<n>').length < 3)
const flags = fc.tuple(fc.subarray(['d', 'g', 'i', 'm', 's', 'y']), fc.constantFrom('', '', 'u', 'v')).map(([letters, unicode]) => letters.join('') + unicode)
const piece = fc.constantFrom('a', 'b', 'ab', 'c', 'x', ' ', '\n', '12', 'é', 'ÿ', '\u2028', '\u017f', '\ud83d', '\ude00', '😀', '漢')
const subject = fc.oneof(fc.array(piece, { maxLength: 12 }), fc.array(fc.constantFrom('a', 'b', 'ab', 'c', '7', '\n'), { maxLength: 12 })).map((pieces) => pieces.join(''))
const template = fc.array(fc.constantFrom('-', '漢', '$', '$$', '$&', '$`', "$'", '$1', '$2', '$10', '$01', '$0', '$<n>', '$<none>', '$<', '>'), { maxLength: 4 }).map((parts) => parts.join(''))

/** What a function is called with; of long texts their length. */
const show = (...args) => JSON.stringify(args.map((arg) => typeof arg === 'string' && arg.length > 100 ? arg.length : arg))

/** Each asynchronous method and its twin. */
const METHODS = {
  testAsync: [(regexp, subject) => regexp.test(subject), (regexp, subject, _, options) => regexp.testAsync(subject, options)],
  execAsync: [(regexp, subject) => regexp.exec(subject), (regexp, subject, _, options) => regexp.execAsync(subject, options)],
  matchAsync: [(regexp, subject) => subject.match(regexp), (regexp, subject, _, options) => regexp.matchAsync(subject, options)],
  matchAllAsync: [(regexp, subject) => [...subject.matchAll(regexp)], async (regexp, subject, _, options) => [...await regexp.matchAllAsync(subject, options)], 'g'],
  replaceAsync: [(regexp, subject, template) => subject.replace(regexp, template), (regexp, subject, template, options) => regexp.replaceAsync(subject, template, options)],
  'replaceAsync with a function': [(regexp, subject) => subject.replace(regexp, show), (regexp, subject, _, options) => regexp.replaceAsync(subject, show, options)],
  replaceAllAsync: [(regexp, subject, template) => subject.replaceAll(regexp, template), (regexp, subject, template, options) => regexp.replaceAllAsync(subject, template, options), 'g'],
  searchAsync: [(regexp, subject) => subject.search(regexp), (regexp, subject, _, options) => regexp.searchAsync(subject, options)],
  splitAsync: [(regexp, subject) => subject.split(regexp), (regexp, subject, _, options) => regexp.splitAsync(subject, undefined, options)],
  'splitAsync with a limit': [(regexp, subject) => subject.split(regexp, 2), (regexp, subject, _, options) => regexp.splitAsync(subject, 2, options)]
}

test('as the synchronous methods, inline and in a lane, lastIndex too', async (t) => {
  await fc.assert(fc.asyncProperty(pattern, flags, subject, template, fc.integer({ min: -1, max: 9 }), fc.boolean(), async (source, flags, subject, template, lastIndex, inline) => {
    for (const [name, [sync, async, needed]] of Object.entries(METHODS)) {
      if (needed !== undefined && !flags.includes(needed)) continue
      const [one, two] = [new SafeRegExp(source, flags), new SafeRegExp(source, flags)]
      one.lastIndex = two.lastIndex = lastIndex
      const [wanted, found] = [sync(one, subject, template), await async(two, subject, template, { inline })]
      if (!isDeepStrictEqual([found, two.lastIndex], [wanted, one.lastIndex])) t.deepEqual([found, two.lastIndex], [wanted, one.lastIndex], `${name} /${source}/${flags} ${JSON.stringify([subject, template, lastIndex, inline])}`)
    }
  }), { numRuns: 150 })
  t.pass()
})

for (const [kind, unit] of [['one byte', 'é'], ['two bytes', '漢']]) {
  test(`long subjects, ${kind}`, async (t) => {
    const text = Array.from({ length: 3000 }, (_, index) => `${unit} key${index}=v${index % 7}; \ud83d`.slice(0, kind === 'one byte' ? -1 : undefined)).join('\n')
    for (const [source, flags] of [['(?<key>\\w+)=(v[1-3])', 'g'], ['(\\w+)=(v6)', ''], ['$', 'gm'], ['\\W', 'gu'], ['nothing', 'g'], ['(?<==)v(\\d)', 'dg']]) {
      for (const [name, [sync, async, needed]] of Object.entries(METHODS)) {
        if (needed !== undefined && !flags.includes(needed)) continue
        const wanted = sync(new SafeRegExp(source, flags), text, '<$1|漢>')
        const found = await async(new SafeRegExp(source, flags), text, '<$1|漢>', {})
        t.true(isDeepStrictEqual(found, wanted), `${name} /${source}/${flags}`)
      }
    }
  })
}

test('lastIndex is read at the call and written when the promise resolves', async (t) => {
  for (const inline of [true, false]) {
    const regexp = new SafeRegExp('a', 'g')
    const [first, second] = [regexp.testAsync('aa', { inline }), regexp.testAsync('aa', { inline })]
    t.is(regexp.lastIndex, 0)
    t.true(await first && await second)
    t.is(regexp.lastIndex, 1)
    t.is((await regexp.execAsync('aa', { inline })).index, 1)
    t.is(await regexp.execAsync('aa', { inline }), null)
    t.is(regexp.lastIndex, 0)
    regexp.lastIndex = 1
    await t.throwsAsync(Object.freeze(regexp).testAsync('aa', { inline }), { instanceOf: TypeError })
  }
  const regexp = new SafeRegExp('a', 'y')
  for (const [lastIndex, found] of [[NaN, true], [-5, true], [1, false], [Infinity, false], [2 ** 40, false], ['0', true]]) {
    regexp.lastIndex = lastIndex
    t.is(await regexp.testAsync('ab', { inline: false }), found)
    t.is(regexp.lastIndex, found ? 1 : 0)
  }
})

test('functions may throw, and change the expression', async (t) => {
  for (const inline of [true, false]) {
    const regexp = new SafeRegExp('a', 'g')
    const error = new Error('on purpose')
    let calls = 0
    const replaced = regexp.replaceAsync('aaa', () => { calls++; throw error }, { inline })
    t.is(calls, 0)
    t.is(await t.throwsAsync(replaced), error)
    t.is(calls, 1)
    const changed = await regexp.replaceAsync('aba', (match, index) => { regexp.compile('b', 'g'); return index }, { inline })
    t.is(changed, '0b2')
    t.is(await regexp.replaceAsync('aba', '-', { inline }), 'a-a')
    t.is(await regexp.replaceAsync('aba', () => Symbol.iterator, { inline }).catch((error) => error.constructor.name), 'TypeError')
  }
})

/** 300 million steps, each looked at. */
const SLOW = { regexp: new SafeRegExp('(?:x|[ab]|ab)*\\1(y)'), subject: 'ab'.repeat(4_000_000) }
const LINEAR = { regexp: new SafeRegExp('(?:(?:a|b)*c|(?:ab|b|a)*d|(?:[ab]{1,20})*e)(?=f)'), subject: SLOW.subject }

for (const [kind, { regexp, subject }] of Object.entries({ backtracking: SLOW, linear: LINEAR })) {
  // Serial: others would block the loop, and it would end first.
  test.serial(`${kind}: abort and timeout stop a long search`, async (t) => {
    const lane = new Lane()
    const controller = new AbortController()
    const aborted = regexp.testAsync(subject, { lane, signal: controller.signal })
    const late = regexp.replaceAsync(subject, '', { lane, timeout: 20 })
    setTimeout(() => controller.abort(), 5)
    // Together: either may end first.
    await Promise.all([t.throwsAsync(aborted, { name: 'AbortError', any: true }), t.throwsAsync(late, { instanceOf: TaskTimeoutError })])
    await lane.idle()
    t.is(lane.stats().aborted, 1)
    t.is(lane.stats().timedOut, 1)
  })
}

test.serial('many short matches stop as well', async (t) => {
  const lane = new Lane()
  const controller = new AbortController()
  const found = new SafeRegExp('(?:)', 'g').matchAllAsync('a'.repeat(20_000_000), { lane, signal: controller.signal })
  setTimeout(() => controller.abort(), 5)
  await t.throwsAsync(found, { name: 'AbortError', any: true })
  await lane.idle()
})

test('what is refused before it begins calls nobody', async (t) => {
  const regexp = new SafeRegExp('a', 'g')
  regexp.lastIndex = 1
  const reason = new Error('gone')
  for (const inline of [true, false]) {
    t.is(await t.throwsAsync(regexp.replaceAsync('aa', () => t.fail(), { inline, signal: AbortSignal.abort(reason) })), reason)
    t.is(await t.throwsAsync(regexp.splitAsync('aa', 0, { inline, signal: AbortSignal.abort(reason) })), reason)
  }
  t.is(regexp.lastIndex, 1)
  const lane = new Lane({ maxQueueBytes: 10_000 })
  const error = await t.throwsAsync(regexp.testAsync('a'.repeat(5001), { lane, inline: false }), { instanceOf: TooLargeError })
  t.is(error.received, 10_002)
})

test.serial('a task that waits for room searches with what the expression was', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 0, overflow: 'wait' })
  const controller = new AbortController()
  const running = SLOW.regexp.testAsync(SLOW.subject, { lane, signal: controller.signal }).catch(() => {})
  const regexp = new SafeRegExp('a', 'g')
  const replaced = regexp.replaceAsync('abc', '-', { lane, inline: false })
  regexp.compile('b', 'g')
  controller.abort()
  t.is(await replaced, '-bc')
  await running
})

test('out of budget', async (t) => {
  const regexp = new SafeRegExp('^(?:a+)+(b)\\1$')
  for (const inline of [undefined, true, false]) await t.throwsAsync(regexp.testAsync('a'.repeat(40), { inline }), { instanceOf: RegExpBudgetError, code: 'ERR_REGEXP_BUDGET' })
  await t.throwsAsync(findMany(regexp, ['bb', 'a'.repeat(40)], { inline: false }), { instanceOf: RegExpBudgetError })
  await t.throwsAsync(findMany(regexp, ['bb', 'a'.repeat(40)], { inline: true }), { instanceOf: RegExpBudgetError })
})

test.serial('a result that is longer than the longest string', async (t) => {
  await t.throwsAsync(new SafeRegExp('a', 'g').replaceAsync('a'.repeat(40_000), "$'"), { instanceOf: TooLargeError })
})

test('arguments are checked', (t) => {
  const regexp = new SafeRegExp('a')
  for (const method of ['testAsync', 'execAsync', 'matchAsync', 'replaceAsync', 'searchAsync', 'splitAsync', 'matchAllAsync', 'replaceAllAsync']) {
    t.throws(() => SafeRegExp.prototype[method].call(/a/g, 'a'), { instanceOf: TypeError })
    t.throws(() => new SafeRegExp('a', 'g')[method](Symbol.iterator), { instanceOf: TypeError })
    t.is(Object.getOwnPropertyDescriptor(SafeRegExp.prototype, method).enumerable, false)
  }
  t.throws(() => regexp.matchAllAsync('a'), { instanceOf: TypeError })
  t.throws(() => regexp.replaceAllAsync('a', ''), { instanceOf: TypeError })
  t.throws(() => regexp.testAsync('a', { timeout: -1 }), { code: 'ERR_OUT_OF_RANGE' })
  t.throws(() => regexp.splitAsync('a', 1, { lane: 'x' }), { code: 'ERR_INVALID_ARG_TYPE' })
  t.throws(() => findMany(/a/, []), { code: 'ERR_INVALID_ARG_TYPE' })
  t.throws(() => findMany(regexp, 'a'), { code: 'ERR_INVALID_ARG_TYPE' })
  t.throws(() => findMany(regexp, ['a', 1]), { code: 'ERR_INVALID_ARG_TYPE', message: /subjects\[1\]/ })
  t.throws(() => findMany(regexp, [], { as: 'spans' }), { code: 'ERR_INVALID_ARG_VALUE' })
})

test('findMany: as exec on each subject', async (t) => {
  await fc.assert(fc.asyncProperty(pattern, flags, fc.array(subject, { maxLength: 8 }), fc.boolean(), async (source, flags, subjects, inline) => {
    const regexp = new SafeRegExp(source, flags)
    regexp.lastIndex = 3
    const wanted = subjects.map((subject) => new SafeRegExp(source, flags).exec(subject))
    const found = await findMany(regexp, subjects, { inline })
    if (!isDeepStrictEqual(found, wanted)) t.deepEqual(found, wanted, `/${source}/${flags} ${JSON.stringify(subjects)}`)
    t.is(regexp.lastIndex, 3)
  }), { numRuns: 100 })
  t.pass()
})

test('findMany: many subjects, over threads', async (t) => {
  const regexp = new SafeRegExp('(\\d+)(x)?$')
  const subjects = Array.from({ length: 20_000 }, (_, index) => index % 3 === 0 ? `line ${index}` : index % 3 === 1 ? '' : `漢 ${index}x`)
  const found = await findMany(regexp, subjects)
  t.true(isDeepStrictEqual(found, subjects.map((subject) => regexp.exec(subject))))
  const offsets = await findMany(regexp, subjects, { as: 'offsets' })
  t.true(offsets instanceof Int32Array)
  t.is(offsets.length, subjects.length * 6)
  t.deepEqual([...offsets.subarray(6, 18)], [-1, -1, -1, -1, -1, -1, 2, 4, 2, 3, 3, 4])
})

test('explain', (t) => {
  t.deepEqual(new SafeRegExp('(?<=a)(b|c)').explain(), { ...new SafeRegExp('(?<=a)(b|c)').explain(), engine: 'linear', linear: true, captures: 1, lookarounds: 1, alphabets: ['latin1', 'utf16'] })
  const { reason, linear, engine, mostSteps } = new SafeRegExp('(a)\\1').explain()
  t.deepEqual([reason, linear, engine, mostSteps.base], ['backreference', false, 'backtracking', 1_000_000])
  t.true(mostSteps.perUnit > 0)
})

test('a worker that is terminated in a search', async (t) => {
  const { worker: started } = await worker(`
    const { SafeRegExp } = s
    for (let i = 0; i < 4; i++) quiet(new SafeRegExp('(?:x|[ab]|ab)*\\\\1(y)').testAsync('ab'.repeat(4_000_000)))
    parentPort.postMessage('')`)
  await started.terminate()
  const { runtime } = await import('sidelane')
  await until(() => runtime().runners === 0)
  t.true(await new SafeRegExp('a').testAsync('ba', { inline: false }))
})
