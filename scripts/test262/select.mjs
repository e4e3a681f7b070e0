// What a test says about itself, and whether it can be run with a class in RegExp's place.
import { describe } from './rewrite.mjs'

/** @typedef {{ includes: string[], flags: string[], features: string[], negative: boolean }} Meta */

/**
 * The front matter: the few lines of YAML that test262 uses of it.
 *
 * @param {string} source
 * @returns {Meta}
 */
export function frontMatter (source) {
  const text = /\/\*---\r?\n?([\s\S]*?)---\*\//.exec(source)?.[1] ?? ''
  /** @param {string} key */
  const list = (key) => {
    const inline = new RegExp(`^${key}: *\\[([^\\]]*)\\]`, 'm').exec(text)?.[1]
    if (inline !== undefined) return inline.split(',').map((item) => item.trim()).filter(Boolean)
    const block = new RegExp(`^${key}: *\\r?\\n((?: +- .*\\r?\\n?)+)`, 'm').exec(text)?.[1] ?? ''
    return block.split('\n').map((line) => line.replace(/^ +- +/, '').trim()).filter(Boolean)
  }
  return { includes: list('includes'), flags: list('flags'), features: list('features'), negative: /^negative:/m.test(text) }
}

/**
 * Engines construct the intrinsic %RegExp%, whatever the global is: String.prototype's methods, where their argument is no regular expression, and
 * GetPrototypeFromConstructor. These look at the prototype of what was made.
 */
const INTRINSIC = new Set([
  ...[
    'match/invoke-builtin-match', 'matchAll/regexp-is-undefined-or-null-invokes-matchAll', 'matchAll/regexp-matchAll-is-undefined-or-null',
    'matchAll/regexp-prototype-has-no-matchAll', 'matchAll/toString-this-val', 'search/invoke-builtin-search-searcher-undef', 'search/invoke-builtin-search'
  ].map((name) => `String/prototype/${name}`),
  'RegExp/proto-from-ctor-realm'
].map((name) => `built-ins/${name}.js`))

/** Why a test does not count: it says nothing about a class in RegExp's place, or is of no edition of ECMA-262. */
export const REASONS = {
  unused: 'RegExp is not used: no literal, no `RegExp`, no source text for `eval`',
  tokenizer: 'the tokenizer refuses the program before there is a pattern',
  intrinsic: 'the engine constructs the intrinsic %RegExp%, whatever the global is',
  legacy: 'the proposal `legacy-regexp` (`RegExp.$1`), which is in no edition'
}

/**
 * Why a test does not count; undefined if it does.
 *
 * @param {string} name
 * @param {string} source
 * @param {Meta} meta
 * @returns {keyof typeof REASONS | undefined}
 */
export function classify (name, source, { features, negative }) {
  if (features.includes('legacy-regexp')) return 'legacy'
  if (INTRINSIC.has(name)) return 'intrinsic'
  const found = describe(source)
  // An unterminated literal, a line end in it, an escape in its flags: it never becomes a pattern.
  if (negative && (found === undefined || found.literals === 0)) return 'tokenizer'
  if (found !== undefined && !found.exercises) return 'unused'
  return undefined
}
