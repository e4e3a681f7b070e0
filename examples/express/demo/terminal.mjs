// The figures in a terminal.
import { CLIENTS, AFTER, ROOM } from './burst.mjs'
import { sizeOf } from './scenarios.mjs'
import { ROWS, number, ratio } from './summary.mjs'

const colour = process.stdout.isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb'
const paint = (/** @type {string} */ code) => (/** @type {string} */ text) => colour ? `\u001b[${code}m${text}\u001b[0m` : text
export const bold = paint('1')
export const dim = paint('2')
const good = paint('32')
const bad = paint('31')

/** Columns of the terminal that are used. */
const WIDTH = Math.min(100, Math.max(72, process.stdout.columns ?? 100))

/**
 * @param {import('./scenarios.mjs').Scenario} scenario
 * @param {import('./summary.mjs').Summary[]} summaries
 */
export function table (scenario, summaries) {
  const [inline, sidelane] = summaries
  const heads = ['', ...summaries.map(({ variant }) => variant.name)]
  heads.splice(3, 0, 'better')
  const rows = ROWS.map((row) => {
    const cells = [row.unit ? `${row.label}, ${row.unit}` : row.label, ...summaries.map(({ figures }) => number(figures[row.key]))]
    cells.splice(3, 0, ratio(row, inline, sidelane))
    return cells
  })
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((cells) => cells[i].length)))
  const line = (/** @type {string[]} */ cells, /** @type {(text: string, i: number) => string} */ style) =>
    '  ' + cells.map((cell, i) => style(i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]), i)).join('   ')
  const rule = '  ' + widths.map((width) => '─'.repeat(width)).join('   ')
  console.log(`\n${bold(scenario.title)} ${dim(`· ${scenario.method} /*${scenario.route.replace(/\?.*/, '')} · ${sizeOf(scenario)} · ${scenario.connections} connections`)}`)
  console.log(wrap(scenario.about).map((text) => dim(`  ${text}`)).join('\n'))
  console.log(line(heads, (text) => bold(text)))
  console.log(dim(rule))
  for (const cells of rows) {
    const times = Number.parseFloat(cells[3].replaceAll(',', ''))
    console.log(line(cells, (text, i) => i !== 3 ? text : times >= 1.2 ? good(text) : times <= 0.83 ? bad(text) : dim(text)))
  }
}

/**
 * @param {Awaited<ReturnType<typeof import('./burst.mjs').overload>>} overload
 * @param {Record<'inline' | 'sidelane', Awaited<ReturnType<typeof import('./burst.mjs').disconnect>>>} gone
 */
export function bursts (overload, gone) {
  console.log(`\n${bold('A burst, and clients that go away')}`)
  for (const text of burstTexts(overload, gone)) console.log(wrap(text).map((line, i) => `  ${i === 0 ? '· ' : '  '}${line}`).join('\n'))
}

/**
 * Also in the report.
 *
 * @param {Awaited<ReturnType<typeof import('./burst.mjs').overload>>} overload
 * @param {Record<'inline' | 'sidelane', Awaited<ReturnType<typeof import('./burst.mjs').disconnect>>>} gone
 */
export function burstTexts (overload, gone) {
  const { inline, sidelane } = gone
  return [
    `${CLIENTS} clients at once ask for the file; the lane has room for ${ROOM} waiting tasks. Served at the first try: ${overload.servedAtOnce}. Refused: ${overload.refused} times, ` +
      `with 503 and Retry-After: ${overload.retryAfter.join(' or ') || '-'}, after ${number(overload.refusedP50)} ms (p50; at most ${number(overload.refusedMax)} ms). ` +
      `They came back as told: after ${overload.seconds.toFixed(1)} s ${overload.served} of ${CLIENTS} had their digest, with ${overload.mostTries} tries at most. ` +
      `Event-loop delay meanwhile: p99 ${number(overload.loop.p99)} ms, max ${number(overload.loop.max)} ms.`,
    `${CLIENTS} clients ask for the document and hang up after 300 ms. CPU spent in the next ${AFTER / 1000} s, for nobody: inline ${number(inline.cpuMs)} ms, sidelane ${number(sidelane.cpuMs)} ms. ` +
      `Sidelane aborted ${sidelane.stats.aborted} tasks, and all slots of the lane were free after ${number(sidelane.freeAfterMs ?? Number.NaN)} ms.`
  ]
}

/** @param {string} text */
export function wrap (text, width = WIDTH - 4) {
  /** @type {string[]} */
  const lines = ['']
  for (const word of text.split(' ')) {
    const last = lines[lines.length - 1]
    if (last.length + word.length >= width && last !== '') lines.push(word)
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
  }
  return lines
}
