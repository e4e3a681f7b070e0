// Puts the table of a full run between the markers of README.md. Rows that a later run measured again, as it was disturbed, are that one's.
//   node bench/readme.mjs bench/results/2026-11-23-full.json [AGAIN.json...]
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { targetOf, measuredOf } from './lib/report.mjs'

const files = process.argv.slice(2)
if (files.length === 0) throw new Error('usage: node bench/readme.mjs RESULTS.json [AGAIN.json...]')
const runs = files.map((file) => JSON.parse(readFileSync(file, 'utf8')))

/** @type {Map<string, import('./lib/types.js').CheckResult>} */
const checks = new Map(runs.flatMap((run) => run.checks).map((check) => [`${check.issue} ${check.line}`, check]))
const rows = [...checks.values()].toSorted((/** @type {any} */ a, /** @type {any} */ b) => a.issue - b.issue || a.line - b.line)
const table = [
  '| | target | measured | |',
  '|---|---:|---:|---|',
  ...rows.map((check) => `| ${check.what.replace(/^\s+/, '… ')} | ${targetOf(check)} | ${measuredOf(check)} | ${check.met ? '' : '**not met**'} |`)
]
const [{ date, machine }] = runs
const sources = runs.map(({ scenarios }, index) => {
  const busiest = Math.round(100 * Math.max(...scenarios.map((/** @type {any} */ each) => each.load.foreign ?? 0)))
  const what = index === 0 ? 'the run' : `${scenarios.map((/** @type {any} */ each) => each.name).join(', ')} again`
  return `[${what}](bench/results/${path.basename(files[index], '.json')}.md), others used up to ${busiest} % of the machine`
})
const source = `${date.slice(0, 10)}, ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}: ${sources.join('; ')}`
const readme = new URL('../README.md', import.meta.url)
const text = readFileSync(readme, 'utf8')
const filled = text.replace(/(<!-- bench:begin -->)[\s\S]*(<!-- bench:end -->)/, (_, begin, end) => `${begin}\n\n${table.join('\n')}\n\n${source}\n\n${end}`)
writeFileSync(readme, filled)
