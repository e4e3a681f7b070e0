// Tables for the terminal and for Markdown.

/**
 * Three significant digits, thousands apart: enough for a benchmark, and no more than it can promise.
 * @param {number} number
 */
export function figure (number) {
  if (!Number.isFinite(number)) return '-'
  const size = Math.abs(number)
  if (size >= 100) return Math.round(number).toLocaleString('en-US')
  if (size >= 10) return number.toFixed(1)
  if (size >= 1) return number.toFixed(2)
  if (size === 0) return '0'
  if (size >= 0.1) return number.toFixed(2)
  return size < 0.001 ? number.toExponential(1) : number.toPrecision(2)
}

/** @param {number} ratio */
export const times = (ratio) => (Number.isFinite(ratio) ? `${figure(ratio)}x` : '-')

/** @param {number | null | undefined} share 0 to 1 */
export const percent = (share) => (share == null ? '-' : `${Math.round(share * 100)} %`)

/** @param {import('./types.js').Cell} cell */
const text = (cell) => (typeof cell === 'number' ? figure(cell) : cell ?? '-')

/** Columns of numbers are set to the right, names to the left. @param {import('./types.js').Table} table @param {number} column */
const isRight = (table, column) => column > 0 && table.rows.every((row) => typeof row[column] !== 'string' || /^[-\d<]/.test(/** @type {string} */ (row[column])))

/**
 * @param {import('./types.js').Table} table
 * @param {{ bold(text: string): string, dim(text: string): string }} style
 */
export function forTerminal (table, style) {
  const cells = table.rows.map((row) => table.columns.map((_, i) => text(row[i])))
  const widths = table.columns.map((column, i) => Math.max(column.length, ...cells.map((row) => row[i].length)))
  const right = table.columns.map((_, i) => isRight(table, i))
  /** @param {string[]} row */
  const line = (row) => `  ${row.map((cell, i) => (right[i] ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join('  ')}`.trimEnd()
  return [
    style.bold(table.title),
    ...(table.note ? wrap(table.note, 110).map((part) => style.dim(`  ${part}`)) : []),
    style.dim(line(table.columns)),
    ...cells.map(line),
    ...(table.load ? [style.dim(`  ${loadLine(table.load)}`)] : []),
    ''
  ].join('\n')
}

/** @param {import('./types.js').Table} table */
export function forMarkdown (table) {
  /** @param {string[]} row */
  const line = (row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [
    `### ${table.title}`, '',
    ...(table.note ? [table.note, ''] : []),
    line(table.columns),
    line(table.columns.map((_, i) => (isRight(table, i) ? '---:' : '---'))),
    ...table.rows.map((row) => line(table.columns.map((_, i) => text(row[i])))), '',
    ...(table.load ? [`*${loadLine(table.load)}*`, ''] : [])
  ].join('\n')
}

/** @param {import('./types.js').Load} load */
export function loadLine (load) {
  return `${load.seconds.toFixed(0)} s; others used ${percent(load.foreign)} of the machine, load average ${load.average.toFixed(1)}`
}

/**
 * @param {string} text
 * @param {number} width
 */
export function wrap (text, width) {
  /** @type {string[]} */
  const lines = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line ? `${line} ${word}` : word
  }
  return line ? [...lines, line] : lines
}
