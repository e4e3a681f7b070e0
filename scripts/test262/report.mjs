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

/**
 * Runs that found the same, as `SafeRegExp` on Node 20 and 22.
 *
 * @param {Run[]} runs
 * @param {(run: Run) => string} found
 * @returns {{ title: string, run: Run }[]}
 */
function alike (runs, found) {
  /** @type {Map<string, { run: Run, nodes: string[] }>} */
  const groups = new Map()
  for (const run of runs) {
    const key = `${run.engine} ${found(run)}`
    const group = groups.get(key) ?? { run, nodes: [] }
    group.nodes.push(run.node.split('.')[0])
    groups.set(key, group)
  }
  return [...groups.values()].map(({ run, nodes }) => {
    const name = run.engine === 'safe' ? 'SafeRegExp' : run.engine === 'native' ? 'RegExp' : run.engine
    return { title: `\`${name}\`, Node ${nodes.join(', ')}`, run }
  })
}

/**
 * A table in Markdown, and behind it what does not count.
 *
 * @param {Run[]} runs
 * @param {Reasons} reasons
 * @returns {string}
 */
export function markdown (runs, reasons) {
  const commits = new Set(runs.map((run) => run.commit))
  if (commits.size !== 1) throw new Error(`the runs are of different test262: ${[...commits].join(', ')}`)
  const columns = alike(runs, (run) => JSON.stringify(run.folders))
  /** @param {string} title @param {string | number} total @param {(run: Run) => string | number} cell */
  const row = (title, total, cell) => `| ${title} | ${total} | ${columns.map(({ run }) => cell(run)).join(' | ')} |`
  const lines = [
    `| | tests | ${columns.map(({ title }) => title).join(' | ')} |`,
    `|---|--:|${columns.map(() => '--:|').join('')}`,
    ...Object.entries(runs[0].folders).map(([folder, { total }]) => row(`\`${folder}\``, total, (run) => run.folders[folder]?.passed ?? 0)),
    row('all that count', sum(runs[0].folders).total, (run) => `**${sum(run.folders).passed}**`),
    row('', '', (run) => `**${percent(sum(run.folders))}**`),
    ''
  ]
  for (const [reason, text] of Object.entries(reasons)) {
    const passed = (/** @type {Run} */ run) => run.apart[reason]?.passed ?? 0
    const each = alike(runs, (run) => String(passed(run))).map(({ title, run }) => `${passed(run)} ${title}`)
    lines.push(`- ${runs[0].apart[reason]?.total ?? 0} do not count: ${text}. Of them pass: ${each.join('; ')}.`)
  }
  const nodes = new Set(runs.map(({ node, unicode }) => `${node} (Unicode ${unicode})`))
  lines.push('', `test262 at ${[...commits][0]}; Node ${[...nodes].join(', ')}.`)
  return lines.join('\n')
}
