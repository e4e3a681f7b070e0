// One pattern, two classes: what they answer, and where they differ.

/** @typedef {{ source: string, flags: string, subject: string | null, operation: string, expected: string, got: string }} Difference */

/**
 * What each operation answers, as text. Exceptions are answers too, by their class.
 *
 * @type {Record<string, (regexp: RegExp, subject: string) => unknown>}
 */
const OPERATIONS = {
  exec: (regexp, subject) => described(regexp.exec(subject)),
  'exec from other positions': (regexp, subject) => from(regexp, subject, () => described(regexp.exec(subject))),
  'exec until there is no match': (regexp, subject) => (regexp.global || regexp.sticky ? untilNone(regexp, subject) : null),
  test: (regexp, subject) => [regexp.test(subject), regexp.lastIndex],
  'test from other positions': (regexp, subject) => from(regexp, subject, () => regexp.test(subject)),
  match: (regexp, subject) => described(subject.match(regexp)),
  matchAll: (regexp, subject) => (regexp.global ? [...subject.matchAll(regexp)].map(described) : null),
  'matchAll from other positions': (regexp, subject) => (regexp.global ? from(regexp, subject, () => [...subject.matchAll(regexp)].map(described)) : null),
  replace: (regexp, subject) => [subject.replace(regexp, '[$&|$1|$2|$`]'), regexp.lastIndex],
  replaceAll: (regexp, subject) => (regexp.global ? subject.replaceAll(regexp, "[$'|$3|$<name>]") : null),
  'replace by function': (regexp, subject) => subject.replace(regexp, (...parts) => JSON.stringify(parts)),
  search: (regexp, subject) => [subject.search(regexp), regexp.lastIndex],
  split: (regexp, subject) => subject.split(regexp),
  'split with a limit': (regexp, subject) => subject.split(regexp, 3)
}

/** What `body` says from some other values of lastIndex, and where that is then. @param {RegExp} regexp @param {string} subject @param {() => unknown} body */
function from (regexp, subject, body) {
  const { length } = subject
  const positions = regexp.global || regexp.sticky ? [1, 2, length >> 1, length - 1, length, length + 1, -1, 1.5] : [1]
  return positions.map((position) => {
    regexp.lastIndex = position
    return [body(), regexp.lastIndex]
  })
}

/** @param {RegExp} regexp @param {string} subject */
function untilNone (regexp, subject) {
  const found = []
  for (let match = regexp.exec(subject); match !== null; match = regexp.exec(subject)) {
    found.push([described(match), regexp.lastIndex])
    // Not only one further: with `u` the middle of a pair stands for its beginning.
    if (match[0] === '') regexp.lastIndex += (subject.codePointAt(regexp.lastIndex) ?? 0) > 0xFFFF ? 2 : 1
  }
  return [found, regexp.lastIndex]
}

/** @param {RegExpMatchArray | RegExpExecArray | null} match */
function described (match) {
  if (match === null) return null
  // undefined and null must not look alike.
  const parts = Array.from(match, (part) => part ?? 0)
  return { parts, index: match.index, groups: match.groups && Object.entries(match.groups).map(([name, part]) => [name, part ?? 0]), indices: match.indices && Array.from(match.indices, (pair) => pair ?? 0) }
}

/** @param {string} flags @param {string} flag */
function add (flags, flag) {
  return flags.includes(flag) ? flags : flags + flag
}

/** @param {() => unknown} body */
function answer (body) {
  try {
    return JSON.stringify(body())
  } catch (error) {
    return `throws ${/** @type {Error} */ (error)?.name}`
  }
}

/**
 * Compares `Class` with `Reference` on one pattern, and once more each with the flags `g`, `y` and both, if it has not both.
 *
 * @param {{ new (source: string, flags: string): RegExp }} Reference
 * @param {{ new (source: string, flags: string): RegExp }} Class
 * @param {{ source: string, flags: string }} pattern
 * @param {string[]} subjects
 * @returns {{ differences: Difference[], comparisons: number, compiled: boolean, linear: boolean }} linear: as its explain() says, if it has one
 */
export function compare (Reference, Class, { source, flags: own }, subjects) {
  /** @type {Difference[]} */
  const differences = []
  let comparisons = 0
  let compiled = true
  let linear = false
  for (const flags of new Set([own, add(own, 'g'), add(own, 'y'), add(add(own, 'g'), 'y')])) {
    /** @param {{ new (source: string, flags: string): RegExp }} Constructor */
    const construct = (Constructor) => answer(() => {
      const regexp = new Constructor(source, flags)
      return [regexp.source, regexp.flags]
    })
    const [expected, got] = [construct(Reference), construct(Class)]
    comparisons++
    if (expected !== got) differences.push({ source, flags, subject: null, operation: 'construct', expected, got })
    compiled &&= !got.startsWith('throws')
    if (expected.startsWith('throws') || got.startsWith('throws')) continue
    const [reference, tested] = [new Reference(source, flags), new Class(source, flags)]
    // Makes the table that test() of SafeRegExp walks, which the first calls do not.
    linear = Reflect.get(tested, 'explain')?.call(tested).linear ?? false
    for (const subject of subjects) {
      for (const [operation, run] of Object.entries(OPERATIONS)) {
        reference.lastIndex = 0
        tested.lastIndex = 0
        const expected = answer(() => run(reference, subject))
        const got = answer(() => run(tested, subject))
        comparisons++
        if (expected !== got) differences.push({ source, flags, subject, operation, expected, got })
      }
    }
  }
  return { differences, comparisons, compiled, linear }
}
