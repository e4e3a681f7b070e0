// From the rounds of one variant to the figures that are shown.

/** Milliseconds. */
const NOTICED = 25

/**
 * @typedef {object} Summary
 * @property {import('./scenarios.mjs').Variant} variant
 * @property {Record<string, number>} figures
 * @property {number[][]} delays per round: pairs of time and delay, in milliseconds
 * @property {number} failures answers that are wrong, neither a result nor a 503, or never came
 */

/**
 * @param {import('./scenarios.mjs').Variant} variant
 * @param {import('./drive.mjs').Round[]} rounds
 * @returns {Summary}
 */
export function summarize (variant, rounds) {
  const sum = (/** @type {(round: import('./drive.mjs').Round) => number} */ of) => rounds.reduce((total, round) => total + of(round), 0)
  const answered = sum((round) => round.answered)
  const pings = rounds.flatMap((round) => round.pings.latencies).sort((a, b) => a - b)
  return {
    variant,
    figures: {
      perSecond: answered / sum((round) => round.seconds),
      refused: sum((round) => round.refused),
      pingP50: quantile(pings, 0.5),
      pingP99: quantile(pings, 0.99),
      delayP50: sum((round) => round.loop.p50) / rounds.length,
      delayP99: sum((round) => round.loop.p99) / rounds.length,
      delayMax: Math.max(...rounds.map((round) => round.loop.max)),
      stopped: 100 * sum((round) => stoppedMs(round.loop.delays)) / sum((round) => round.loop.delays.at(-2) ?? 0),
      busy: 100 * sum((round) => round.loop.busy) / rounds.length,
      cpuMs: sum((round) => round.loop.cpuMs) / answered,
      peakMiB: Math.max(...rounds.map((round) => round.loop.peakRss)) / 2 ** 20
    },
    delays: rounds.map((round) => round.loop.delays),
    failures: sum((round) => round.wrong + round.pings.errors)
  }
}

/**
 * Time that the loop spent in turns in which a client would notice. Quantiles do not show it: one stop of a second is one delay among hundreds of short ones.
 *
 * @param {number[]} delays pairs of time and delay
 */
function stoppedMs (delays) {
  return delays.reduce((total, delay, i) => total + (i % 2 === 1 && delay > NOTICED ? delay : 0), 0)
}

/**
 * @param {number[]} sorted
 * @param {number} q
 */
function quantile (sorted, q) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN
}

/** What the tables show, in order. @type {{ key: string, label: string, unit: string, better: 'more' | 'less' | 'none' }[]} */
export const ROWS = [
  { key: 'perSecond', label: 'requests/s', unit: '', better: 'more' },
  { key: 'refused', label: 'refused (503)', unit: '', better: 'none' },
  { key: 'pingP50', label: '/ping p50', unit: 'ms', better: 'less' },
  { key: 'pingP99', label: '/ping p99', unit: 'ms', better: 'less' },
  { key: 'delayP50', label: 'event-loop delay p50', unit: 'ms', better: 'none' },
  { key: 'delayP99', label: 'event-loop delay p99', unit: 'ms', better: 'less' },
  { key: 'delayMax', label: 'event-loop delay max', unit: 'ms', better: 'less' },
  { key: 'stopped', label: `time in stops over ${NOTICED} ms`, unit: '%', better: 'less' },
  { key: 'busy', label: 'event loop busy', unit: '%', better: 'less' },
  { key: 'cpuMs', label: 'CPU per request', unit: 'ms', better: 'less' },
  { key: 'peakMiB', label: 'memory, peak RSS', unit: 'MiB', better: 'less' }
]

/**
 * Three digits are all that such a measurement has.
 *
 * @param {number} value
 */
export function number (value) {
  if (!Number.isFinite(value)) return '-'
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

/**
 * How many times better than the first variant; '' where that says nothing.
 *
 * @param {typeof ROWS[number]} row
 * @param {Summary} inline
 * @param {Summary} sidelane
 */
export function ratio ({ key, better }, inline, sidelane) {
  const a = inline.figures[key]
  const b = sidelane.figures[key]
  if (better === 'none' || !(a > 0) || !(b > 0) || !Number.isFinite(a + b)) return ''
  const times = better === 'more' ? b / a : a / b
  const text = times >= 9.95 ? times.toFixed(0) : times.toFixed(1)
  return `${Number(text).toLocaleString('en-US', { minimumFractionDigits: times >= 9.95 ? 0 : 1 })}x`
}
