// Subjects that a pattern is likely to tell apart.

/** A generator of numbers below its argument, the same for the same seed (mulberry32). @param {number} seed */
export function random (seed) {
  let state = seed >>> 0
  return (/** @type {number} */ below) => {
    state = state + 0x6D2B79F5 >>> 0
    let t = Math.imul(state ^ state >>> 15, state | 1)
    t ^= t + Math.imul(t ^ t >>> 7, t | 61)
    return ((t ^ t >>> 14) >>> 0) % below
  }
}

/** What engines differ on, by kind. */
const ALPHABETS = {
  ascii: ['a', 'b', 'Z', 'S', 'k', '0', '9', '_', '-', '.', '/', ' ', '\t', '\n', '\r', '"', '\\', '<', '{', '@', ':', '$'],
  latin1: ['é', 'É', 'ß', 'ÿ', 'µ', '×', '\u0085', '\u00AD'],
  spaces: ['\u00A0', '\uFEFF', '\u2003', '\u1680', '\u180E', '\u200B', '\v', '\f'],
  lines: ['\u2028', '\u2029', '\r\n', '\n', '\r'],
  astral: ['😀', '𝒳', '𐐨', '𐐀', '👨‍👩‍👧', '🇨🇭', '𠮷'],
  surrogates: ['\uD83D', '\uDE00', '\uD800', '\uDFFF', '\uDC00\uD800'],
  case: ['ſ', '\u212A', '\u212B', 'k', 'å', 'İ', 'ı', 'ς', 'σ', 'Σ', 'ẞ', 'ǅ', 'ω', '\u2126'],
  scripts: ['中', 'я', 'Я', 'α', 'あ', '한', 'ع', '٣']
}

/** @typedef {keyof typeof ALPHABETS} Kind */

export const KINDS = /** @type {Kind[]} */ (Object.keys(ALPHABETS))

/**
 * For each kind, `perKind` strings of the kind's characters, ASCII, and pieces of the pattern's own text, up to `pieces` of them:
 * short, as V8 takes exponential time on some patterns. And always the empty string and the pattern's own text.
 *
 * @param {string} source
 * @param {{ seed: number, perKind: number, pieces?: number }} options
 * @returns {string[]}
 */
export function subjects (source, { seed, perKind, pieces = 14 }) {
  const below = random(seed ^ hash(source))
  /** @param {string[]} from */
  const one = (from) => from[below(from.length)]
  const own = ownPieces(source)
  const result = ['', source.slice(0, 40)]
  for (const kind of KINDS) {
    for (let i = 0; i < perKind; i++) {
      let text = ''
      for (let left = 1 + below(pieces); left > 0; left--) {
        const choice = below(4)
        const piece = choice === 0 || own.length === 0 ? one(ALPHABETS.ascii) : choice === 1 ? one(ALPHABETS[kind]) : one(own)
        // Runs make quantifiers go round.
        text += below(5) === 0 ? piece.repeat(1 + below(3)) : piece
      }
      result.push(text)
    }
  }
  return result
}

/** The pattern's literal text: words, single characters, and what its escapes stand for. @param {string} source */
function ownPieces (source) {
  const pieces = source.match(/[A-Za-z0-9]{2,}|[^\\()[\]{}?*+|^$]/g)?.slice(0, 60) ?? []
  const escapes = source.match(/\\(?:u\{[0-9a-f]+\}|u[0-9a-f]{4}|x[0-9a-f]{2}|[nrtvf\W])/gi)?.slice(0, 40) ?? []
  return [...pieces, ...escapes.map(unescape)]
}

/** @param {string} escape */
function unescape (escape) {
  const hex = /^\\[ux]\{?([0-9a-f]+)\}?$/i.exec(escape)?.[1]
  if (hex !== undefined) return Number.parseInt(hex, 16) <= 0x10FFFF ? String.fromCodePoint(Number.parseInt(hex, 16)) : escape
  const control = 'nrtvf'.indexOf(escape[1])
  return control === -1 ? escape.slice(1) : '\n\r\t\v\f'[control]
}

/** FNV-1a. @param {string} text */
function hash (text) {
  let value = 0x811C9DC5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value >>> 0
}
