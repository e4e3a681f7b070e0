// What the scenarios of numeric run, each in a process of its own: JavaScript's loops as one would write them, and what packages offer.
import * as ss from 'simple-statistics'
import { sidelane } from './sidelane.mjs'

const { numeric } = sidelane
const Q = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]

/** @param {number} length */
export function randomDoubles (length) {
  const numbers = new Float64Array(length)
  let x = 12345
  for (let i = 0; i < length; i++) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0
    numbers[i] = x / 2 ** 32 + i * 1e-12
  }
  return numbers
}

/** @param {Float64Array} data one pass, Welford's */
function describeLoop (data) {
  let [count, mean, squares, min, max, sum, lost] = [0, 0, 0, Infinity, -Infinity, 0, 0]
  for (let i = 0; i < data.length; i++) {
    const x = data[i]
    const distance = x - mean
    mean += distance / ++count
    squares += distance * (x - mean)
    const total = sum + x
    lost += Math.abs(sum) >= Math.abs(x) ? (sum - total) + x : (x - total) + sum
    sum = total
    if (x < min) min = x
    if (x > max) max = x
  }
  return { count, sum: sum + lost, mean, variance: squares / count, min, max }
}

/** @param {Float64Array} data two passes, nothing compensated: the fastest that one can write */
function describeLoopFast (data) {
  let [sum, min, max] = [0, Infinity, -Infinity]
  for (let i = 0; i < data.length; i++) {
    const x = data[i]
    sum += x
    if (x < min) min = x
    if (x > max) max = x
  }
  const mean = sum / data.length
  let squares = 0
  for (let i = 0; i < data.length; i++) squares += (data[i] - mean) ** 2
  return { count: data.length, sum, mean, variance: squares / data.length, min, max }
}

/** @param {Float64Array} data */
function quantilesBySort (data) {
  const sorted = data.slice().sort()
  return Q.map((q) => {
    const at = q * (sorted.length - 1)
    const low = Math.floor(at)
    return sorted[low] + (sorted[Math.min(low + 1, sorted.length - 1)] - sorted[low]) * (at - low)
  })
}

/** @param {Float32Array} data @param {number} length */
function batchLoop (data, length) {
  const count = data.length / length
  const means = new Float64Array(count)
  const values = new Float32Array(data.length)
  const anomalies = []
  for (let packet = 0; packet < count; packet++) {
    const start = packet * length
    let sum = 0
    for (let i = start; i < start + length; i++) sum += data[i]
    const mean = sum / length
    let squares = 0
    for (let i = start; i < start + length; i++) squares += (data[i] - mean) ** 2
    const deviation = Math.sqrt(squares / length)
    means[packet] = mean
    for (let i = start; i < start + length; i++) {
      const score = (data[i] - mean) / deviation
      if (Math.abs(score) > 3) anomalies.push(i, score)
      values[i] = Math.log1p(data[i])
    }
  }
  return { means, values, anomalies }
}

/** @typedef {{ name: string, consumes?: boolean, call: (data: any) => unknown }} Contender */

/** @type {Record<string, { title: string, input: (quick: boolean) => Float64Array | Float32Array, contenders: Contender[] }>} */
export const GROUPS = {
  sort: {
    title: 'sort 1e7 doubles',
    input: (quick) => randomDoubles(quick ? 1e6 : 1e7),
    contenders: [
      { name: 'TypedArray.sort of a copy', call: (data) => data.slice().sort() },
      { name: 'sidelane sort, transfer', consumes: true, call: (own) => numeric.sort(own, { transfer: true }) },
      { name: 'sidelane sort, copy', call: (data) => numeric.sort(data) },
      { name: 'sidelane sortSync', call: (data) => numeric.sortSync(data) }
    ]
  },
  quantiles: {
    title: '7 quantiles of 1e6 doubles',
    input: () => randomDoubles(1e6),
    contenders: [
      { name: 'sort and index', call: quantilesBySort },
      { name: 'simple-statistics quantile', call: (data) => ss.quantile(data, Q) },
      { name: 'sidelane quantiles, transfer', consumes: true, call: (own) => numeric.quantiles(own, Q, { transfer: true }) },
      { name: 'sidelane quantiles, copy', call: (data) => numeric.quantiles(data, Q) },
      { name: 'sidelane quantilesSync', call: (data) => numeric.quantilesSync(data, Q) }
    ]
  },
  describe: {
    title: 'describe 1e6 doubles',
    input: () => randomDoubles(1e6),
    contenders: [
      { name: 'loop, one pass, compensated', call: describeLoop },
      { name: 'loop, two passes', call: describeLoopFast },
      { name: 'simple-statistics, four functions', call: (data) => [ss.sum(data), ss.variance(data), ss.min(data), ss.max(data)] },
      { name: 'sidelane describe, transfer', consumes: true, call: (own) => numeric.describe(own, { transfer: true }) },
      { name: 'sidelane describe, copy', call: (data) => numeric.describe(data) },
      { name: 'sidelane describeSync', call: (data) => numeric.describeSync(data) }
    ]
  },
  batch: {
    title: '10,000 packets of 1,024 floats: mean, z-scores, log1p',
    input: (quick) => Float32Array.from(randomDoubles(1024 * (quick ? 1_000 : 10_000))),
    contenders: [
      { name: 'loop', call: (data) => batchLoop(data, 1024) },
      { name: 'sidelane batch, transfer', consumes: true, call: (own) => numeric.batch(own, { length: 1024, anomalies: { method: 'zscore' }, map: ['log1p'], transfer: true }) },
      { name: 'sidelane batch, copy', call: (data) => numeric.batch(data, { length: 1024, anomalies: { method: 'zscore' }, map: ['log1p'] }) },
      { name: 'sidelane batchSync', call: (data) => numeric.batchSync(data, { length: 1024, anomalies: { method: 'zscore' }, map: ['log1p'] }) }
    ]
  }
}
