// One pattern, two classes: what they answer, and where they differ.

/** @typedef {{ source: string, flags: string, subject: string | null, operation: string, expected: string, got: string }} Difference */

/**
 * What each operation answers, as text. Exceptions are answers too, by their class.
 *
 * @type {Record<string, (regexp: RegExp, subject: string) => unknown>}
 */
const OPERATIONS = {
  exec: (regexp, subject) => described(regexp.exec(subject)),
  'exec behind the first unit': (regexp, subject) => {
    regexp.lastIndex = 1
    return [described(regexp.exec(subject)), regexp.lastIndex]
  },
  test: (regexp, subject) => [regexp.test(subject), regexp.lastIndex],
  match: (regexp, subject) => described(subject.match(regexp)),
  matchAll: (regexp, subject) => (regexp.global ? [...subject.matchAll(regexp)].map(described) : null),
  replace: (regexp, subject) => subject.replace(regexp, '[$&|$1|$2|$`]'),
  'replace by function': (regexp, subject) => subject.replace(regexp, (...parts) => JSON.stringify(parts)),
  search: (regexp, subject) => subject.search(regexp),
  split: (regexp, subject) => subject.split(regexp)
}

/** @param {RegExpMatchArray | RegExpExecArray | null} match */
function described (match) {
  if (match === null) return null
  // undefined and null must not look alike.
  const parts = Array.from(match, (part) => part ?? 0)
  return { parts, index: match.index, groups: match.groups && Object.entries(match.groups).map(([name, part]) => [name, part ?? 0]), indices: match.indices && Array.from(match.indices, (pair) => pair ?? 0) }
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
 * Compares `Class` with `Reference` on one pattern, and once more with the flag `g` if it has none.
 *
 * @param {{ new (source: string, flags: string): RegExp }} Reference
 * @param {{ new (source: string, flags: string): RegExp }} Class
 * @param {{ source: string, flags: string }} pattern
 * @param {string[]} subjects
 * @returns {{ differences: Difference[], comparisons: number, compiled: boolean }}
 */
export function compare (Reference, Class, { source, flags: own }, subjects) {
  /** @type {Difference[]} */
  const differences = []
  let comparisons = 0
  let compiled = true
  for (const flags of own.includes('g') ? [own] : [own, `${own}g`]) {
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
    Reflect.get(tested, 'explain')?.call(tested)
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
  return { differences, comparisons, compiled }
}
