'use strict'
// TaskOptions, read once and checked.

const { Lane, stateOf } = require('./lane')
const { checkOptions, checkBoolean, checkSignal, checkTimeout, oneOf, invalidType } = require('./validate')

/**
 * @typedef {object} TaskSettings
 * @property {import('./lane-state').LaneState} lane
 * @property {AbortSignal | undefined} signal
 * @property {number} timeout 0: none
 * @property {number} priority position in PRIORITIES
 * @property {boolean} transfer
 * @property {boolean | undefined} inline
 * @property {boolean} patient whether it waits for room in a full lane, whatever the lane's policy
 * @property {undefined | ((progress: any) => void)} onProgress for operations that report any
 */

const PRIORITIES = ['high', 'normal', 'low']
const NORMAL = 1

/** @type {TaskSettings} */
const DEFAULTS = Object.freeze({ lane: stateOf(Lane.default), signal: undefined, timeout: 0, priority: NORMAL, transfer: false, inline: undefined, patient: false, onProgress: undefined })

/**
 * @param {any} options
 * @param {import('./lane').Lane} [fallback] the lane of calls that name none
 * @returns {TaskSettings}
 */
function readTaskOptions (options, fallback = Lane.default) {
  if (options === undefined) return DEFAULTS
  checkOptions(options)
  // Each property is read once: a getter could answer differently the second time.
  const { lane = fallback, signal, timeout, priority, transfer, inline } = options
  const state = checkLane(lane)
  if (signal !== undefined) checkSignal(signal, 'options.signal')
  if (timeout !== undefined) checkTimeout(timeout, 'options.timeout')
  if (transfer !== undefined) checkBoolean(transfer, 'options.transfer')
  if (inline !== undefined) checkBoolean(inline, 'options.inline')
  return {
    lane: state,
    signal,
    timeout: timeout ?? state.timeout,
    priority: priority === undefined ? NORMAL : oneOf(priority, 'options.priority', PRIORITIES),
    transfer: transfer === true,
    inline,
    patient: false,
    onProgress: undefined
  }
}

/**
 * Not by `instanceof`, which a Proxy or Object.create(Lane.prototype) pass.
 *
 * @param {any} lane
 * @returns {import('./lane-state').LaneState}
 */
function checkLane (lane) {
  try {
    return stateOf(lane)
  } catch {
    throw invalidType('options.lane', 'an instance of Lane', lane)
  }
}

module.exports = { readTaskOptions }
