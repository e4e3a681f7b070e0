// The event-loop delay over time, as inline SVG. Colours come from the page's CSS, for light and dark.

const WIDTH = 880
const HEIGHT = 250
const LEFT = 58
const RIGHT = 14
const TOP = 14
const BOTTOM = 34
/** Width of a step of the line, in pixels: what falls into it shows as its maximum. */
const STEP = 2
/** The logarithmic axis begins here, in milliseconds; what is less is drawn on it. */
const LEAST = 0.3

/**
 * @param {{ name: string, rounds: number[][] }[]} series each round: pairs of time and delay, in milliseconds
 * @param {{ seconds: number, greatest: number, label: string }} options greatest: of all plots, so that they can be compared
 */
export function plot (series, { seconds, greatest, label }) {
  const rounds = Math.max(...series.map((one) => one.rounds.length))
  const length = seconds * 1000
  const top = 10 ** Math.ceil(Math.log10(Math.max(100, greatest)))
  const x = (/** @type {number} */ ms) => LEFT + (WIDTH - LEFT - RIGHT) * ms / (length * rounds)
  const y = (/** @type {number} */ ms) => {
    const share = Math.log10(Math.max(LEAST, ms) / LEAST) / Math.log10(top / LEAST)
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - Math.min(1, share))
  }
  const floor = HEIGHT - BOTTOM
  const parts = []

  for (let tick = 1; tick <= top; tick *= 10) {
    parts.push(`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${px(y(tick))}" y2="${px(y(tick))}"/>`)
    parts.push(`<text class="tick" x="${LEFT - 8}" y="${px(y(tick) + 4)}" text-anchor="end">${tick >= 1000 ? `${tick / 1000} s` : `${tick} ms`}</text>`)
  }
  for (let round = 0; round < rounds; round++) {
    for (let second = 0; second < seconds; second++) {
      const at = x(round * length + second * 1000)
      parts.push(`<text class="tick" x="${px(at + 3)}" y="${floor + 16}">${second} s</text>`)
      parts.push(`<line class="axis" x1="${px(at)}" x2="${px(at)}" y1="${floor}" y2="${floor + 5}"/>`)
    }
    if (rounds > 1) parts.push(`<text class="tick" x="${px(x((round + 0.5) * length))}" y="${HEIGHT - 3}" text-anchor="middle">round ${round + 1}</text>`)
    if (round > 0) parts.push(`<line class="divider" x1="${px(x(round * length))}" x2="${px(x(round * length))}" y1="${TOP}" y2="${floor + 5}"/>`)
  }
  parts.push(`<line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${floor}" y2="${floor}"/>`)

  for (const [i, one] of series.entries()) {
    for (const [round, pairs] of one.rounds.entries()) {
      const from = x(round * length)
      const columns = steps(pairs, { length, count: Math.floor((x((round + 1) * length) - from) / STEP) })
      const points = columns.map((delay, column) => `H${px(from + column * STEP)}V${px(y(delay))}`)
      const line = `M${px(from)},${px(y(columns[0]))}${points.join('')}H${px(x((round + 1) * length))}`
      parts.push(`<path class="area s${i}" d="${line}V${floor}H${px(from)}Z"/><path class="line s${i}" d="${line}"/>`)
    }
  }
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">${parts.join('')}</svg>`
}

/**
 * The greatest delay of each step of time. A delay of 2 s noted at second 3 means that the loop stood still from second 1 on.
 *
 * @param {number[]} pairs
 * @param {{ length: number, count: number }} options
 */
function steps (pairs, { length, count }) {
  const columns = Array.from({ length: count }, () => 0)
  const columnOf = (/** @type {number} */ ms) => Math.floor(ms / length * count)
  for (let i = 0; i < pairs.length; i += 2) {
    const [at, delay] = [pairs[i], pairs[i + 1]]
    for (let column = Math.max(0, columnOf(at - delay)); column <= Math.min(count - 1, columnOf(at)); column++) {
      columns[column] = Math.max(columns[column], delay)
    }
  }
  return columns
}

/** @param {number} value */
function px (value) {
  return Number(value.toFixed(1))
}
