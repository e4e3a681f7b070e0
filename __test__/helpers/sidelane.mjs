// helpers/sidelane.cjs for ES modules.
import sidelane from './sidelane.cjs'
import { until } from './time.mjs'

export const {
  Lane, LaneFullError, LaneClosedError, TaskTimeoutError, TooLargeError, InternalError,
  hash, hashSync, hashMany, hashFile, hmac, createHash, runtime, numeric,
  native, run, readTaskOptions, fault, spin, nap, fail, panicInKernel, panicInSettle
} = sidelane

/** All counters of tasks that have ended. */
export const ended = ({ completed, failed, aborted, timedOut, rejected }) => ({ completed, failed, aborted, timedOut, rejected })
const NONE = { completed: 0, failed: 0, aborted: 0, timedOut: 0, rejected: 0 }
/** Compares them. What is not named is to be 0. */
export const endedAs = (t, lane, counts) => t.deepEqual(ended(lane.stats()), { ...NONE, ...counts })

/**
 * Occupies a slot of a lane until the returned function is called, which waits for its end. It ends as aborted.
 *
 * @param {import('ava').ExecutionContext} t
 */
export async function hold (t, lane) {
  const controller = new AbortController()
  const before = lane.stats().running
  spin(20_000, { lane, signal: controller.signal }).catch(() => {})
  t.teardown(() => controller.abort())
  await until(() => lane.stats().running === before + 1, 'the slot is taken')
  return async () => {
    const { aborted, running } = lane.stats()
    controller.abort()
    if (running === before) return // It had ended, with its lane.
    await until(() => lane.stats().aborted > aborted, 'the slot is free')
  }
}
