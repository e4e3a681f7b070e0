// What a run leaves: lines in the terminal, and a dated pair of files in results/.
import { mkdirSync, writeFileSync } from 'node:fs'
import { stripVTControlCharacters, styleText } from 'node:util'
import { figure, forMarkdown, forTerminal, loadLine, percent } from './table.mjs'

const colours = process.stdout.isTTY && !process.env.NO_COLOR

/** @param {Parameters<typeof styleText>[0]} format */
const style = (format) => (/** @type {string} */ text) => (colours ? styleText(format, text) : text)

export const styles = { bold: style('bold'), dim: style('dim'), good: style('green'), bad: style('red') }

/** @param {ReturnType<import('./machine.mjs').describeMachine>} machine */
export function machineLines (machine) {
  return [
    `${machine.cpu}, ${machine.cores} cores (${machine.features.join(' ')}), ${machine.memoryGiB} GiB; ${machine.os}`,
    `Node ${machine.node} (V8 ${machine.v8}, libuv ${machine.uv}, OpenSSL ${machine.openssl}); Sidelane ${machine.sidelane}`,
    `Peers: ${Object.entries(machine.peers).map(([name, version]) => `${name} ${version}`).join(', ')}`
  ]
}

/** @param {string} number @param {string} unit */
const amount = (number, unit) => (unit === 'x' ? `${number}x` : `${number} ${unit}`.trim())

/** @param {import('./types.js').CheckResult} check */
export const targetOf = (check) => `${check.sense === 'at most' ? '<=' : '>='} ${amount(String(check.limit), check.unit)}`

/** @param {import('./types.js').CheckResult} check */
export const measuredOf = (check) => (check.measured === null ? 'not measured' : amount(figure(check.measured), check.unit))

/**
 * The issue's own table, measured.
 * @param {import('./types.js').CheckResult[]} checks
 * @returns {import('./types.js').Table}
 */
function checkTable (checks) {
  return {
    title: `What issue ${checks[0].issue} must reach`,
    columns: ['', 'target', 'measured', ''],
    rows: checks.toSorted((a, b) => a.line - b.line).map((check) => [
      check.what,
      targetOf(check),
      measuredOf(check),
      check.met === null ? '?' : check.met ? 'met' : 'NOT MET'
    ])
  }
}

/** @param {import('./types.js').ScenarioReport[]} reports */
function checkTables (reports) {
  const checks = reports.flatMap((report) => report.checks)
  const issues = [...new Set(checks.map((check) => check.issue))].sort((a, b) => a - b)
  return issues.map((issue) => checkTable(checks.filter((check) => check.issue === issue)))
}

/** @param {import('./types.js').ScenarioReport} report */
export function printScenario (report) {
  console.log(styles.bold(`\n${report.name}: ${report.title}`))
  console.log(`${report.about}\n`)
  for (const table of report.tables) console.log(forTerminal(table, styles))
}

/**
 * @param {import('./types.js').ScenarioReport[]} reports
 * @param {boolean} quick
 */
export function printChecks (reports, quick) {
  for (const table of checkTables(reports)) {
    const text = forTerminal(table, styles)
      .replace(/ met$/gm, styles.good(' met'))
      .replace(/NOT MET$/gm, styles.bad('NOT MET'))
    console.log(`\n${text}`)
  }
  const checks = reports.flatMap((report) => report.checks)
  const count = (/** @type {boolean | null} */ met) => checks.filter((check) => check.met === met).length
  console.log(`${count(true)} met, ${count(false)} not met, ${count(null)} not measured${quick ? '; a quick run: for looking only' : ''}`)
  const disturbed = reports.filter((report) => (report.load.foreign ?? 0) > 0.1)
  if (disturbed.length > 0) {
    console.log(`Others used much of the machine during ${disturbed.map((report) => `${report.name} (${percent(report.load.foreign)})`).join(', ')}: distrust wall-clock figures there.`)
  }
}

/**
 * Writes results/<date>-<name>.json and .md.
 * @param {string} name
 * @param {ReturnType<import('./machine.mjs').describeMachine>} machine
 * @param {import('./types.js').ScenarioReport[]} reports
 * @param {boolean} quick
 */
export function save (name, machine, reports, quick) {
  const date = new Date()
  // The local date, as YYYY-MM-DD.
  const day = date.toLocaleDateString('sv-SE')
  const folder = new URL('../results/', import.meta.url)
  const base = `${day}-${name}${quick ? '-quick' : ''}`
  const markdown = [
    `# Benchmarks of ${day}${quick ? ' (quick run: for looking only)' : ''}`, '',
    ...machineLines(machine).map((line) => `- ${line}`), '',
    ...checkTables(reports).map((table) => forMarkdown(table).replace('### ', '## ')),
    ...reports.flatMap((report) => [
      `## ${report.name}: ${report.title}`, '', report.about, '',
      `Whole scenario: ${loadLine(report.load)}.`, '',
      ...report.tables.map(forMarkdown)
    ])
  ].join('\n')
  mkdirSync(folder, { recursive: true })
  writeFileSync(new URL(`${base}.md`, folder), stripVTControlCharacters(markdown))
  const scenarios = reports.map(({ checks, ...report }) => report)
  const json = { date: date.toISOString(), quick, machine, checks: reports.flatMap((report) => report.checks), scenarios }
  writeFileSync(new URL(`${base}.json`, folder), `${JSON.stringify(json, null, 2)}\n`)
  return `bench/results/${base}.md`
}
