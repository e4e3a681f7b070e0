// What runs found, by folder, and several of them side by side.

/** @typedef {typeof import('./select.mjs').REASONS} Reasons */
/** @typedef {{ name: string, apart?: keyof Reasons, failure?: string }} Tested */
/** @typedef {{ passed: number, total: number }} Count */
/**
 * One engine on one Node.
 *
 * @typedef {object} Run
 * @property {string} engine
 * @property {string} node
 * @property {string} unicode of that Node
 * @property {string} commit of test262
 * @property {Record<string, Count>} folders the tests that count
 * @property {Record<string, Count>} apart by reason, those that do not
 * @property {{ name: string, apart?: keyof Reasons, failure: string }[]} failures
 */

export const FOLDERS = [
  'built-ins/RegExp', 'built-ins/RegExpStringIteratorPrototype', 'annexB/built-ins/RegExp', 'language/literals/regexp',
  'annexB/language/literals/regexp',
  ...['match', 'matchAll', 'replace', 'replaceAll', 'search', 'split'].map((name) => `built-ins/String/prototype/${name}`)
]

/** A row of the report: one of FOLDERS, and for the largest one what is in it. @param {string} name */
function folderOf (name) {
  const [, inner] = /^built-ins\/RegExp\/([^/]*)\//.exec(name) ?? []
  if (inner !== undefined) return `built-ins/RegExp/${inner}`
  return FOLDERS.find((folder) => name.startsWith(`${folder}/`)) ?? name
}

/** @param {Record<string, Count>} counts @param {string} key @param {boolean} passed */
function add (counts, key, passed) {
  const count = counts[key] ??= { passed: 0, total: 0 }
  count.total++
  if (passed) count.passed++
}

/**
 * @param {Tested[]} tests
 * @returns {Pick<Run, 'folders' | 'apart' | 'failures'>}
 */
export function summarize (tests) {
  /** @type {Pick<Run, 'folders' | 'apart' | 'failures'>} */
  const run = { folders: {}, apart: {}, failures: [] }
  for (const { name, apart, failure } of tests) {
    if (apart === undefined) add(run.folders, folderOf(name), failure === undefined)
    else add(run.apart, apart, failure === undefined)
    if (failure !== undefined) run.failures.push({ name, apart, failure })
  }
  return run
}

/** @param {Record<string, Count>} counts @returns {Count} */
export function sum (counts) {
  const total = { passed: 0, total: 0 }
  for (const count of Object.values(counts)) {
    total.passed += count.passed
    total.total += count.total
  }
  return total
}

/** Not rounded up to 100. @param {Count} count */
export function percent ({ passed, total }) {
  return total === 0 ? '-' : `${(Math.floor(10000 * passed / total) / 100).toFixed(2)} %`
}

/** What the columns of the table are called. @param {string} engine */
const NAMES = (engine) => (engine === 'safe' ? '`SafeRegExp`' : engine === 'native' ? '`RegExp`' : `\`${engine}\``)

/**
 * A table in Markdown; runs of one engine that found the same share a column.
 *
 * @param {Run[]} runs
 * @param {Reasons} reasons
 * @returns {string}
 */
export function markdown (runs, reasons) {
  const commits = new Set(runs.map((run) => run.commit))
  if (commits.size !== 1) throw new Error(`the runs are of different test262: ${[...commits].join(', ')}`)
  /** @type {Map<string, { run: Run, nodes: string[] }>} */
  const columns = new Map()
  for (const run of runs) {
    const key = JSON.stringify([run.engine, run.folders, run.apart])
    const column = columns.get(key) ?? { run, nodes: [] }
    column.nodes.push(run.node.split('.')[0])
    columns.set(key, column)
  }
  const all = [...columns.values()]
  /** @param {string} title @param {(run: Run) => Count} count @param {(count: Count) => string} shown */
  const row = (title, count, shown) => {
    const { total } = count(all[0].run)
    return `| ${title} | ${total} | ${all.map(({ run }) => shown(count(run))).join(' | ')} |`
  }
  const passed = (/** @type {Count} */ count) => String(count.passed)
  const none = { passed: 0, total: 0 }
  return [
    `| tests of | | ${all.map(({ run, nodes }) => `${NAMES(run.engine)}, Node ${nodes.join(', ')}`).join(' | ')} |`,
    `|---|--:|${all.map(() => '--:|').join('')}`,
    ...Object.keys(all[0].run.folders).map((folder) => row(`\`${folder}\``, (run) => run.folders[folder] ?? none, passed)),
    row('**all that count**', (run) => sum(run.folders), (count) => `**${count.passed}**`),
    row('', (run) => sum(run.folders), (count) => `**${percent(count)}**`).replace(/\d+/, ''),
    ...Object.entries(reasons).map(([reason, text]) => row(`not counted: ${text}`, (run) => run.apart[reason] ?? none, passed)),
    '',
    `test262 at ${[...commits][0]}; ${runs.map(({ engine, node, unicode }) => `${engine} on Node ${node} (Unicode ${unicode})`).join(', ')}.`
  ].join('\n')
}
