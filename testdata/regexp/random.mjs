// Random patterns over a small alphabet, in which everything meets everything.

function generator (seed) {
  let state = seed * 2654435761 >>> 0 || 1
  return below => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state % below
  }
}

const CHARS = ['a', 'b', 'c', 'A', 'B', '\u00e9', '\u017f', 's', 'k', '\u212a', '\u2028', '\n', '1', '_', ' ']
const WIDE = ['\u{1f600}', '\u{10400}', '\u{10428}', '\ud83d', '\ude00']
const CLASSES = ['\\d', '\\w', '\\s', '\\D', '\\W', '\\S', '.', '[ab]', '[^a]', '[a-c]', '[^]', '[\\w-]', '[A-C]', '[^\\d]', '[]']
const WIDE_CLASSES = ['[\\u{10000}-\\u{10ffff}]', '[^\\u{1f600}]', '\\p{Lu}', '\\P{L}', '[\\ud83d]', '[\\udc00-\\udfff]', '\\p{L}']
const SETS = ['[\\w&&[a-c]]', '[\\p{L}--a]', '[^\\d]', '[\\q{ab|a|}b]', '[[a-c]--[b]]', '[\\w--[^a]]']
const QUANTIFIERS = ['*', '+', '?', '*?', '+?', '??', '{2}', '{1,2}', '{0,2}?', '{2,}', '{0}', '{1,3}?']
const FLAGS = ['', '', '', 'i', 'm', 's', 'u', 'iu', 'v', 'iv', 'im', 'su']

/** Without backreferences if `references` is false. */
export function randomPattern (random, flags, references) {
  const unicode = /[uv]/.test(flags)
  let groups = 0
  const pick = list => list[random(list.length)]
  const atom = depth => {
    switch (random(depth > 0 ? 16 : 8)) {
      case 0: case 1: case 2: case 3: return pick(CHARS)
      case 4: return pick(WIDE)
      case 5: return pick(CLASSES).replaceAll(/\[\\w-\]|\[\]/g, text => flags.includes('v') ? '\\w' : text)
      case 6: return unicode ? pick(WIDE_CLASSES) : pick(CLASSES.slice(0, 7))
      case 7: return flags.includes('v') ? pick(SETS) : pick(['a', 'b'])
      case 8: case 9: groups++; return `(${disjunction(depth - 1)})`
      case 10: case 11: return `(?:${disjunction(depth - 1)})`
      case 12: return pick(['(?=', '(?!']) + disjunction(depth - 1) + ')'
      case 13: return pick(['(?<=', '(?<!']) + disjunction(depth - 1) + ')'
      case 14: return pick(['^', '$', '\\b', '\\B'])
      default: return references && groups > 0 ? `\\${1 + random(groups)}(?:)` : `(?${pick(['i', '-i', 's', 'm', 'i-m', '-s'])}:${disjunction(depth - 1)})`
    }
  }
  const isAssertion = text => /^(\^|\$|\\[bB]|\(\?<[=!]|\(\?[=!])/.test(text)
  const term = depth => {
    const text = atom(depth)
    if (random(3) > 0) return text
    return (isAssertion(text) ? `(?:${text})` : [...text].length > 1 && !/^[\\([]/.test(text) ? `(?:${text})` : text) + pick(QUANTIFIERS)
  }
  const sequence = depth => Array.from({ length: random(4) }, () => term(depth)).join('')
  const disjunction = depth => Array.from({ length: 1 + (random(3) === 0 ? 1 + random(2) : 0) }, () => sequence(depth)).join('|')
  return disjunction(3)
}

export function randomCases (count, seed, run) {
  const random = generator(seed)
  const pick = list => list[random(list.length)]
  const cases = []
  while (cases.length < count) {
    const flags = pick(FLAGS)
    const pattern = randomPattern(random, flags, random(4) === 0)
    for (let tries = 0; tries < 3; tries++) {
      const letters = random(3) === 0 ? ['a', 'b', 'c', 'A'] : [...CHARS, ...WIDE, 'a', 'b', 'a', 'b']
      const subject = Array.from({ length: random(10) }, () => pick(letters)).join('')
      const start = random(3) === 0 ? random(subject.length + 1) : 0
      try {
        cases.push(run(pattern, flags, subject, start, random(5) === 0))
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error
        break
      }
    }
  }
  return cases
}
