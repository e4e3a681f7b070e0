// Asks V8 what tests/unicode.rs compares the tables with, and writes it to testdata/regexp/unicode.json. Takes about a minute:
//   node crates/regexp/tools/generate-unicode-expectations.mjs        on a Node whose process.versions.unicode is the tables' version
//
// Properties: number of members and FNV-1a of the ranges, by native RegExp over all code points. Case: all orbits, by native /x/i of
// every character that any case mapping touches, and one class of all others, which must match nothing else.

import { readFileSync, writeFileSync } from 'node:fs'

const MAX = 0x10FFFF
const names = readFileSync(new URL('../src/unicode/data/names.rs', import.meta.url), 'utf8')
const version = /UNICODE_VERSION: &str = "(\d+\.\d+)/.exec(readFileSync(new URL('../src/unicode/mod.rs', import.meta.url), 'utf8'))?.[1]
if (process.versions.unicode !== version) {
  throw new Error(`the tables are Unicode ${version}, this Node has ${process.versions.unicode}`)
}

const symbols = Array.from({ length: MAX + 1 }, (_, point) => String.fromCodePoint(point))

/** @param {RegExp} regexp */
function digest (regexp) {
  let count = 0
  let hash = 0x811C9DC5
  let inside = false
  /** @param {number} value */
  const add = (value) => {
    for (let shift = 0; shift < 24; shift += 8) hash = Math.imul(hash ^ (value >>> shift & 255), 0x01000193) >>> 0
  }
  for (let point = 0; point <= MAX + 1; point++) {
    const member = point <= MAX && regexp.test(/** @type {string} */ (symbols[point]))
    if (member) count++
    // Each range as its first code point and the one behind its last.
    if (member !== inside) add(point)
    inside = member
  }
  return [count, hash]
}

/** @param {string} table */
function aliases (table) {
  const body = names.slice(names.indexOf(`static ${table}:`))
  return [...body.slice(0, body.indexOf('];')).matchAll(/\("(\w+)", \d+\)/g)].map((match) => /** @type {string} */ (match[1]))
}

const properties = []
for (const [table, property] of [['GENERAL_CATEGORY', 'gc'], ['SCRIPT', 'sc'], ['SCRIPT_EXTENSIONS', 'scx'], ['BINARY', null]]) {
  for (const alias of aliases(/** @type {string} */ (table))) {
    const written = property === null ? alias : `${property}=${alias}`
    properties.push([...property === null ? [alias, null] : [property, alias], ...digest(new RegExp(`^\\p{${written}}$`, 'u'))])
  }
}

/** @param {boolean} unicode */
function orbits (unicode) {
  const last = unicode ? MAX : 0xFFFF
  const cased = []
  const others = []
  for (let point = 0; point <= last; point++) {
    const symbol = unicode ? symbols[point] : String.fromCharCode(point)
    const touched = symbol.toUpperCase() !== symbol || symbol.toLowerCase() !== symbol || /[\p{CWCF}\p{CWT}\p{CWKCF}\p{Cased}]/u.test(symbol)
    ;(touched ? cased : others).push(point)
  }
  /** @param {number} point */
  const escape = (point) => unicode ? `\\u{${point.toString(16)}}` : `\\u${point.toString(16).padStart(4, '0')}`
  const flags = unicode ? 'iu' : 'i'
  const targets = new Set(cased)
  const nothing = new RegExp(`^[${ranges(others).map(([first, end]) => `${escape(first)}-${escape(end)}`).join('')}]$`, flags)
  for (const point of cased) {
    if (nothing.test(symbols[point])) targets.add(-1)
  }
  if (targets.has(-1)) throw new Error('a character without case mappings matches another one')
  const text = cased.map((point) => symbols[point]).join('\n')
  const found = new Map()
  for (const point of cased) {
    const orbit = (text.match(new RegExp(`${escape(point)}`, `g${flags}`)) ?? []).map((symbol) => symbol.codePointAt(0))
    if (orbit.length > 1) found.set(Math.min(...orbit), orbit)
  }
  return [...found.values()]
}

/** @param {number[]} points @returns {[number, number][]} */
function ranges (points) {
  /** @type {[number, number][]} */
  const result = []
  for (const point of points) {
    const last = result.at(-1)
    if (last !== undefined && last[1] === point - 1) last[1] = point
    else result.push([point, point])
  }
  return result
}


writeFileSync(new URL('../../../testdata/regexp/unicode.json', import.meta.url), JSON.stringify({
  from: { v8: process.versions.v8, unicode: process.versions.unicode },
  properties,
  orbits: { unicode: orbits(true), codeUnits: orbits(false) }
}).replaceAll('],["', '],\n["').replaceAll('],[', '], [').replace(/((?:\S+ ){30})/g, '$1\n') + '\n')
