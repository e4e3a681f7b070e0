/**
 * The value below which the share `q` of the samples lies, interpolated. NaN without samples.
 * @param {number[]} samples
 * @param {number} q 0 to 1
 */
export function quantile (samples, q) {
  if (samples.length === 0) return NaN
  const sorted = Float64Array.from(samples).sort()
  const place = (sorted.length - 1) * q
  const below = Math.floor(place)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below)
}

/** @param {number[]} samples */
export const median = (samples) => quantile(samples, 0.5)

/** @param {number[]} samples */
export const p25 = (samples) => quantile(samples, 0.25)

/**
 * The median of every numeric property over the samples.
 * @template {Record<string, number>} T
 * @param {T[]} samples
 * @returns {T}
 */
export function medians (samples) {
  const names = /** @type {(keyof T)[]} */ (Object.keys(samples[0] ?? {}))
  const entries = names.map((name) => [name, median(samples.map((sample) => sample[name]))])
  return Object.fromEntries(entries)
}
