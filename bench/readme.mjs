// Puts the table of a full run between the markers of README.md.
//   node bench/readme.mjs bench/results/2026-11-23-full.json
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { targetOf, measuredOf } from './lib/report.mjs'

const [file] = process.argv.slice(2)
if (!file) throw new Error('usage: node bench/readme.mjs RESULTS.json')
const { date, machine, checks, scenarios } = JSON.parse(readFileSync(file, 'utf8'))

/** @type {import('./lib/types.js').CheckResult[]} */
const rows = checks.toSorted((/** @type {any} */ a, /** @type {any} */ b) => a.issue - b.issue || a.line - b.line)
const table = [
  '| | target | measured | |',
  '|---|---:|---:|---|',
  ...rows.map((check) => `| ${check.what.replace(/^\s+/, '… ')} | ${targetOf(check)} | ${measuredOf(check)} | ${check.met ? '' : '**not met**'} |`)
]
const busiest = Math.round(100 * Math.max(...scenarios.map((/** @type {any} */ each) => each.load.foreign ?? 0)))
const source = `${date.slice(0, 10)}, ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}; others used up to ${busiest} % of it meanwhile; [the run](bench/results/${path.basename(file, '.json')}.md)`
const readme = new URL('../README.md', import.meta.url)
const text = readFileSync(readme, 'utf8')
const filled = text.replace(/(<!-- bench:begin -->)[\s\S]*(<!-- bench:end -->)/, (_, begin, end) => `${begin}\n\n${table.join('\n')}\n\n${source}\n\n${end}`)
writeFileSync(readme, filled)
