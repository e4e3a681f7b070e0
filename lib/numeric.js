'use strict'
// numeric: documented in index.d.ts. Every function is one plan: what to do, with which parameters, on which numbers; the binary does all of them through one pair of functions.

const { types } = require('node:util')
const { native } = require('./native')
const { toBytes } = require('./bytes')
const { ELEMENTS, elementOf } = require('./elements')
const { readTaskOptions } = require('./options')
const { checkBoolean, checkInteger, checkOptions, invalidType, invalidValue, isArray, oneOf, outOfRange, readEach } = require('./validate')
const { inline, refuse } = require('./inline')
const { TooLargeError, fromNative, isFailure } = require('./errors')
const { run } = require('./task')

const EXPECTED = 'an instance of Float64Array, Float32Array or an integer typed array'

/**
 * A function of the binary (`What` in src/ops/numeric.rs), and the picoseconds that it takes for each number.
 *
 * @typedef {object} What
 * @property {number} id
 * @property {string} name for traces
 * @property {number} pace
 * @property {boolean} positions whether it answers with positions
 * @property {import('./task-entry').Operation} operation
 */

/** @type {(id: number, name: string, pace: number, positions?: boolean) => What} */
const what = (id, name, pace, positions = false) => ({ id, name: `numeric.${name}`, pace, positions, operation: { name: `numeric.${name}`, submit: native.submitNumeric } })

const DESCRIBE = what(0, 'describe', 1_000)
const QUANTILES = what(1, 'quantiles', 5_000)
const HISTOGRAM = what(2, 'histogram', 5_000)
const SORT = what(3, 'sort', 20_000)
const ARGSORT = what(4, 'argsort', 45_000, true)
const TOP_K = what(5, 'topK', 5_000, true)
const ROLLING = what(6, 'rolling', 10_000)
const ANOMALIES = what(7, 'anomalies', 5_000, true)
const MAP = what(8, 'map', 10_000)
const GROUP_BY = what(9, 'groupBy', 7_000)
const BATCH = what(10, 'batch', 7_000, true)

/** As in src/ops/hash.rs: nanoseconds of main thread that a task costs, picoseconds a byte that a copy costs it, and the most bytes that are worked on on the spot. */
const HOP = 4_000
const COPY = 100
const INLINE_MOST = 4 * 1024 * 1024

const NO_PARAMETERS = new Float64Array(0)

const MOST_POSITIONS = 2 ** 32 - 1

/** Histogram bins, and numbers of a packet. */
const MOST_BINS = 2 ** 24
const MOST = Number.MAX_SAFE_INTEGER

/**
 * What is to be done, checked.
 *
 * @typedef {object} Plan
 * @property {What} what
 * @property {Numbers} numbers
 * @property {Float64Array} parameters
 * @property {Numbers} [others]
 * @property {(value: any) => any} [finish]
 */

/**
 * @typedef {object} Numbers
 * @property {string} name the parameter
 * @property {Uint8Array} bytes
 * @property {number} element
 * @property {number} length
 * @property {boolean} [ours] whether nobody else knows the bytes
 */

/**
 * @param {any} data
 * @param {string} name the parameter
 * @returns {Numbers}
 */
function numbersOf (data, name) {
  const element = elementOf(data)
  if (element === -1) throw invalidType(name, EXPECTED, data)
  // Read before the bytes: those of a Buffer are the array itself.
  const length = data.length
  return { name, bytes: toBytes(data, name), element, length }
}

/**
 * The arrays are read before the options are, whose getters are anybody's: what was detached meanwhile would be no numbers.
 *
 * @param {Plan} plan
 */
function checkAttached ({ numbers, others }) {
  toBytes(numbers.bytes, numbers.name)
  if (others !== undefined) toBytes(others.bytes, others.name)
}

/** @param {Plan} plan */
function now (plan) {
  const { what, numbers, parameters, others, finish } = plan
  checkAttached(plan)
  const error = what.positions ? tooMany(numbers) : undefined
  if (error !== undefined) throw error
  const value = native.numericNow(numbers.bytes, numbers.element, what.id, parameters, others?.bytes, others?.element)
  if (isFailure(value)) throw fromNative(value)
  return finish === undefined ? value : finish(value)
}

/**
 * @param {Plan} plan
 * @param {any} options
 * @returns {Promise<any>}
 */
function start (plan, options) {
  const task = readTaskOptions(options)
  checkAttached(plan)
  const { what, numbers, parameters } = plan
  const others = plan.others && ownOthers(plan.others, numbers, task)
  const error = what.positions ? tooMany(numbers) : undefined
  if (error !== undefined) return refuse(what.name, numbers.bytes, 'rejected', error)
  if (fitsInline(plan, task)) return inline(what.name, numbers.bytes, task, () => now(plan))
  return run(what.operation, task, numbers.bytes, numbers.ours === true, plan.finish, numbers.element, what.id, parameters, others?.bytes, others?.element)
}

/**
 * The second array as the task will find it.
 *
 * @param {Numbers} others
 * @param {Numbers} numbers
 * @param {import('./options').TaskSettings} task
 * @returns {Numbers}
 */
function ownOthers (others, numbers, { transfer, lane }) {
  // What is handed over takes along all that lies in it; and a lane that has its callers wait copies nothing before there is room.
  const copied = lane.waits || (transfer && others.bytes.buffer === numbers.bytes.buffer)
  return copied ? { ...others, bytes: new Uint8Array(others.bytes) } : others
}

/** Positions are 32 bits. @type {(numbers: Numbers) => Error | undefined} */
function tooMany ({ length }) {
  if (length <= MOST_POSITIONS) return undefined
  return new TooLargeError({ message: `Positions are 32 bits: expected at most ${MOST_POSITIONS} numbers, received ${length}`, limit: MOST_POSITIONS, received: length })
}

/**
 * @param {Plan} plan
 * @param {import('./options').TaskSettings} task
 */
function fitsInline ({ what, numbers: { length, bytes } }, task) {
  if (task.inline !== undefined) return task.inline
  const copy = task.transfer ? 0 : bytes.byteLength * COPY
  return bytes.byteLength <= INLINE_MOST && length * what.pace <= HOP * 1000 + copy
}

// Each pair: the plan is made and checked once, and run there or here.

/** @type {(data: any) => Plan} */
const describing = (data) => ({
  what: DESCRIBE,
  numbers: numbersOf(data, 'data'),
  parameters: NO_PARAMETERS,
  finish: ([count, sum, mean, variance, min, max]) => ({ count, sum, mean, variance, min, max })
})

/** @type {(data: any, probabilities: any) => Plan} */
function taking (data, probabilities) {
  const numbers = numbersOf(data, 'data')
  const single = typeof probabilities === 'number'
  if (!single && !isArray(probabilities) && !types.isFloat64Array(probabilities)) throw invalidType('probabilities', 'of type number, an Array of numbers or an instance of Float64Array', probabilities)
  const parameters = single ? [probabilityOf(probabilities, 'probabilities')] : readEach(probabilities, 'probabilities', probabilityOf)
  return { what: QUANTILES, numbers, parameters: Float64Array.from(parameters) }
}

/** @type {(value: any, name: string) => number} */
function probabilityOf (value, name) {
  const probability = checkNumber(value, name)
  if (!(probability >= 0 && probability <= 1)) throw outOfRange(name, 'a number from 0 to 1', value)
  return probability
}

/** @type {(data: any, options: any) => Plan} */
function counting (data, options) {
  const numbers = numbersOf(data, 'data')
  checkOptions(options)
  const { bins = 10, min, max } = options
  checkInteger(bins, 'options.bins', 1, MOST_BINS)
  if ((min === undefined) !== (max === undefined)) throw invalidValue('options', options, 'must have both min and max, or neither')
  if (min !== undefined) checkBounds(min, max, 'options')
  const parameters = Float64Array.of(bins, min ?? NaN, max ?? NaN)
  return { what: HISTOGRAM, numbers, parameters, finish: ([counts, edges, outside]) => ({ counts, edges, outside }) }
}

/** @type {(what: What) => (data: any, options: any) => Plan} */
const ordering = (what) => (data, options = {}) => {
  const numbers = numbersOf(data, 'data')
  checkOptions(options)
  const { descending = false } = options
  checkBoolean(descending, 'options.descending')
  return { what, numbers, parameters: Float64Array.of(descending ? 1 : 0) }
}

const sorting = ordering(SORT)
const argsorting = ordering(ARGSORT)

/** @type {(data: any, k: any, options: any) => Plan} */
function topping (data, k, options = {}) {
  const numbers = numbersOf(data, 'data')
  checkInteger(k, 'k', 0, MOST)
  checkOptions(options)
  const { largest = true } = options
  checkBoolean(largest, 'options.largest')
  return { what: TOP_K, numbers, parameters: Float64Array.of(k, largest ? 1 : 0), finish: ([values, indices]) => ({ values, indices }) }
}

const STATISTICS = ['mean', 'sum', 'min', 'max']

/** @type {(data: any, window: any, statistic: any) => Plan} */
function moving (data, window, statistic) {
  const numbers = numbersOf(data, 'data')
  checkInteger(window, 'window', 1, MOST)
  return { what: ROLLING, numbers, parameters: Float64Array.of(window, oneOf(statistic, 'statistic', STATISTICS)) }
}

const METHODS = ['zscore', 'mad', 'iqr', 'range']
/** Of methods with a threshold, in their order. */
const THRESHOLDS = [3, 3.5, 1.5]
const RANGE = 3

/**
 * A method as three numbers.
 *
 * @param {any} options
 * @param {string} name
 * @param {readonly string[]} methods
 * @returns {[number, number, number]}
 */
function methodOf (options, name, methods) {
  checkOptions(options, name)
  const { method, threshold, min, max } = options
  oneOf(method, `${name}.method`, methods)
  const id = METHODS.indexOf(method)
  if (id === RANGE) {
    checkBounds(min, max, name)
    return [id + 1, min, max]
  }
  const least = threshold ?? THRESHOLDS[id]
  checkNumber(least, `${name}.threshold`)
  if (!(least >= 0)) throw outOfRange(`${name}.threshold`, 'a number of at least 0', threshold)
  return [id + 1, least, 0]
}

/** @type {(data: any, options: any) => Plan} */
function finding (data, options) {
  const numbers = numbersOf(data, 'data')
  const parameters = Float64Array.from(methodOf(options, 'options', METHODS))
  return { what: ANOMALIES, numbers, parameters, finish: ([indices, scores]) => ({ indices, scores }) }
}

const STEPS = ['log1p', 'abs', 'clamp', 'scale', 'zscore', 'minmax']
const CLAMP = 2
const SCALE = 3

/**
 * Steps as three numbers each.
 *
 * @param {any} steps
 * @param {string} name
 * @returns {number[]}
 */
function stepsOf (steps, name) {
  if (!isArray(steps)) throw invalidType(name, 'an Array of steps', steps)
  return Array.from({ length: steps.length }, (_, index) => stepOf(steps[index], `${name}[${index}]`)).flat()
}

/**
 * @param {any} step
 * @param {string} name
 * @returns {[number, number, number]}
 */
function stepOf (step, name) {
  if (typeof step === 'string') {
    const id = oneOf(step, name, STEPS)
    if (id === CLAMP || id === SCALE) throw invalidValue(name, step, `must be an object with two numbers: { ${step}: [${id === CLAMP ? 'min, max' : 'factor, offset'}] }`)
    return [id, 0, 0]
  }
  checkOptions(step, name)
  const [key, ...more] = Object.keys(step)
  if (more.length > 0 || (key !== 'clamp' && key !== 'scale')) throw invalidValue(name, step, "must have one property, 'clamp' or 'scale'")
  const pair = step[key]
  if (!isArray(pair) || pair.length !== 2) throw invalidType(`${name}.${key}`, 'an Array of two numbers', pair)
  const [first, second] = pair
  checkNumber(first, `${name}.${key}[0]`)
  checkNumber(second, `${name}.${key}[1]`)
  if (key === 'clamp' && !(first <= second)) throw invalidValue(`${name}.clamp`, pair, 'must have the smaller number first')
  return [key === 'clamp' ? CLAMP : SCALE, first, second]
}

/** @type {(data: any, steps: any) => Plan} */
const mapping = (data, steps) => ({ what: MAP, numbers: numbersOf(data, 'data'), parameters: Float64Array.from(stepsOf(steps, 'steps')) })

/** @type {(keys: any, values: any) => Plan} */
function grouping (keys, values) {
  const numbers = numbersOf(keys, 'keys')
  const others = numbersOf(values, 'values')
  if (others.length !== numbers.length) throw invalidValue('values', values, `must have as many elements as keys, ${numbers.length}`)
  const finish = (/** @type {any} */ [keys, count, sum, mean, min, max]) => ({ keys, count, sum, mean, min, max })
  return { what: GROUP_BY, numbers, others, parameters: NO_PARAMETERS, finish }
}

/** @type {(data: any, options: any) => Plan} */
function batching (data, options) {
  checkOptions(options)
  const { anomalies, map } = options
  const { numbers, length } = packets(data, options.length)
  const method = anomalies === undefined ? [0, 0, 0] : methodOf(anomalies, 'options.anomalies', ['zscore', 'range'])
  const steps = map === undefined ? [] : stepsOf(map, 'options.map')
  const finish = (/** @type {any} */ [mean, deviation, min, max, offsets, indices, scores, values]) => ({
    mean,
    deviation,
    min,
    max,
    ...(anomalies !== undefined && { anomalies: { offsets, indices, scores } }),
    ...(map !== undefined && { values })
  })
  return { what: BATCH, numbers, parameters: Float64Array.of(length, ...method, ...steps), finish }
}

/**
 * Packets that lie one behind the other, or in arrays of their own, of one type and length.
 *
 * @param {any} data
 * @param {any} length
 * @returns {{ numbers: Numbers, length: number }}
 */
function packets (data, length) {
  if (!isArray(data)) {
    checkInteger(length, 'options.length', 1, MOST)
    return { numbers: numbersOf(data, 'data'), length }
  }
  if (data.length === 0) return { numbers: numbersOf(new Float64Array(0), 'data'), length: 1 }
  // A copy: what is measured must be what is packed.
  const parts = Array.from({ length: data.length }, (_, index) => {
    const part = numbersOf(data[index], `data[${index}]`)
    return { ...part, size: part.bytes.byteLength }
  })
  const [first] = parts
  const wrong = parts.findIndex((part) => part.element !== first.element || part.length !== first.length)
  if (wrong !== -1) throw invalidValue(`data[${wrong}]`, data[wrong], `must be of the same type and length as data[0], ${ELEMENTS[first.element]}(${first.length})`)
  if (length !== undefined && length !== first.length) throw invalidValue('options.length', length, `must be the length of the arrays, ${first.length}, or left out`)
  const { size } = first
  const bytes = Buffer.allocUnsafeSlow(size * parts.length)
  parts.forEach((part, index) => {
    // A getter of a later element may have detached one: what was not written would be whatever the memory held before.
    if (part.bytes.byteLength !== size) throw invalidValue(part.name, data[index], 'must not be changed while it is read')
    bytes.set(part.bytes, index * size)
  })
  return { numbers: { name: 'data', bytes, element: first.element, length: first.length * parts.length, ours: true }, length: Math.max(1, first.length) }
}

/**
 * @param {unknown} value
 * @param {string} name
 * @returns {number}
 */
function checkNumber (value, name) {
  if (typeof value !== 'number') throw invalidType(name, 'of type number', value)
  if (Number.isNaN(value)) throw outOfRange(name, 'a number', value)
  return value
}

/**
 * @param {unknown} min
 * @param {unknown} max
 * @param {string} name
 */
function checkBounds (min, max, name) {
  for (const [key, value] of /** @type {const} */ ([['min', min], ['max', max]])) {
    if (!Number.isFinite(checkNumber(value, `${name}.${key}`))) throw outOfRange(`${name}.${key}`, 'a finite number', value)
  }
  if (!(/** @type {number} */ (min) <= /** @type {number} */ (max))) throw outOfRange(`${name}.min`, `at most max, ${max}`, min)
}

module.exports = {
  describe: (/** @type {any} */ data, /** @type {any} */ options) => start(describing(data), options),
  describeSync: (/** @type {any} */ data) => now(describing(data)),
  quantiles: (/** @type {any} */ data, /** @type {any} */ probabilities, /** @type {any} */ options) => start(taking(data, probabilities), options),
  quantilesSync: (/** @type {any} */ data, /** @type {any} */ probabilities) => now(taking(data, probabilities)),
  histogram: (/** @type {any} */ data, /** @type {any} */ options = {}) => start(counting(data, options), options),
  histogramSync: (/** @type {any} */ data, /** @type {any} */ options = {}) => now(counting(data, options)),
  sort: (/** @type {any} */ data, /** @type {any} */ options) => start(sorting(data, options), options),
  sortSync: (/** @type {any} */ data, /** @type {any} */ options) => now(sorting(data, options)),
  argsort: (/** @type {any} */ data, /** @type {any} */ options) => start(argsorting(data, options), options),
  argsortSync: (/** @type {any} */ data, /** @type {any} */ options) => now(argsorting(data, options)),
  topK: (/** @type {any} */ data, /** @type {any} */ k, /** @type {any} */ options) => start(topping(data, k, options), options),
  topKSync: (/** @type {any} */ data, /** @type {any} */ k, /** @type {any} */ options) => now(topping(data, k, options)),
  rolling: (/** @type {any} */ data, /** @type {any} */ window, /** @type {any} */ statistic, /** @type {any} */ options) => start(moving(data, window, statistic), options),
  rollingSync: (/** @type {any} */ data, /** @type {any} */ window, /** @type {any} */ statistic) => now(moving(data, window, statistic)),
  anomalies: (/** @type {any} */ data, /** @type {any} */ options) => start(finding(data, options), options),
  anomaliesSync: (/** @type {any} */ data, /** @type {any} */ options) => now(finding(data, options)),
  map: (/** @type {any} */ data, /** @type {any} */ steps, /** @type {any} */ options) => start(mapping(data, steps), options),
  mapSync: (/** @type {any} */ data, /** @type {any} */ steps) => now(mapping(data, steps)),
  groupBy: (/** @type {any} */ keys, /** @type {any} */ values, /** @type {any} */ options) => start(grouping(keys, values), options),
  groupBySync: (/** @type {any} */ keys, /** @type {any} */ values) => now(grouping(keys, values)),
  batch: (/** @type {any} */ data, /** @type {any} */ options) => start(batching(data, options), options),
  batchSync: (/** @type {any} */ data, /** @type {any} */ options) => now(batching(data, options))
}
