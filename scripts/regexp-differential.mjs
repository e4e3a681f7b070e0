// Every regular expression literal of the installed packages: SafeRegExp against this Node's RegExp, on generated subjects.
//   node scripts/regexp-differential.mjs [--engine safe|PACKAGE] [--folder node_modules]... [--per-kind 3] [--seed 1] [--every 1] [--list 20]
//     --engine    any other name than `safe` is a package of bench/node_modules (re2)
//     --per-kind  subjects of each of eight kinds (ASCII, Latin-1, spaces, line ends, astral, lone surrogates, case, scripts)
//     --every     takes each n-th pattern only        --list  so many differences are printed, as JSON
// Run it on the newest Node: its Unicode version must be the tables', or \p{...} and the flag i differ. Exits with 1 if anything does.
import { createRequire } from 'node:module'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { compare } from './regexp/compare.mjs'
import { harvest } from './regexp/harvest.mjs'
import { subjects } from './regexp/subjects.mjs'
import { root } from './tools.mjs'

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'safe' },
    folder: { type: 'string', multiple: true, default: [path.join(root, 'node_modules'), path.join(root, 'bench', 'node_modules')] },
    'per-kind': { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
    every: { type: 'string', default: '1' },
    list: { type: 'string', default: '20' }
  }
})

const Class = values.engine === 'safe'
  ? createRequire(import.meta.url)('../index.js').SafeRegExp
  : createRequire(path.join(root, 'bench', 'package.json'))(values.engine)

const patterns = harvest(values.folder).filter((_, index) => index % Number(values.every) === 0)
const start = Date.now()
let comparisons = 0
let compiled = 0
let linear = 0
let differing = 0
let listed = 0
for (const pattern of patterns) {
  const result = compare(RegExp, Class, pattern, subjects(pattern.source, { seed: Number(values.seed), perKind: Number(values['per-kind']) }))
  comparisons += result.comparisons
  if (result.compiled) compiled++
  if (result.linear) linear++
  if (result.differences.length > 0) differing++
  // The first of a pattern tells; the others are mostly the same.
  for (const difference of result.differences.slice(0, 1)) {
    if (listed++ < Number(values.list)) console.log(JSON.stringify(difference))
  }
}
const count = (/** @type {number} */ value) => value.toLocaleString('en')
console.log(`${count(patterns.length)} patterns, ${count(compiled)} compiled by ${values.engine}, ${count(linear)} linear, ${count(differing)} differ from Node ${process.versions.node} ` +
  `(Unicode ${process.versions.unicode}) in one of ${count(comparisons)} comparisons, ${((Date.now() - start) / 1000).toFixed(0)} s`)
if (differing > 0) process.exitCode = 1
