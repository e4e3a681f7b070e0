// Waiting, measuring, and the machine's noise.
import { setImmediate, setTimeout } from 'node:timers/promises'

/** What instrumentation makes slower: bounds of time are multiplied by it. */
export const SLOW = process.env.SIDELANE_ASAN ? 10 : 1

export const sleep = (ms) => setTimeout(ms)

/** One turn of the loop, with all that was ready. */
export const turn = () => setImmediate()

/** Waits until `condition` is true. */
export async function until (condition, what = condition.toString(), ms = 10_000) {
  const end = performance.now() + ms
  while (!await condition()) {
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`)
    await sleep(1)
  }
}

/** Milliseconds that `work` takes. */
export async function time (work) {
  const start = performance.now()
  await work()
  return performance.now() - start
}

/** Blocks the event loop. */
export function block (ms) {
  const end = performance.now() + ms
  while (performance.now() < end);
}

/**
 * For bounds of time on a machine that others use too: `attempt` returns milliseconds, and one of the tries must be within the bound.
 *
 * @param {import('ava').ExecutionContext} t
 * @param {number} bound
 * @param {() => Promise<number>} attempt
 */
export async function within (t, bound, attempt, tries = 4) {
  const found = []
  do found.push(await attempt())
  while (found.at(-1) > bound * SLOW && found.length < tries)
  t.true(found.at(-1) <= bound * SLOW, `${found.map((ms) => ms.toFixed(1)).join(', ')} ms, where ${bound * SLOW} are allowed`)
}

/** How a promise ended. */
export const outcome = (promise) => promise.then((value) => ({ value }), (error) => ({ error }))
/** What it rejected with. */
export const reason = async (promise) => (await outcome(promise)).error
/** Whether it has ended, as far as reactions can tell. */
export async function isPending (promise) {
  const none = Symbol('none')
  return await Promise.race([promise.catch(() => {}), turn().then(() => none)]) === none
}

export async function collect () {
  for (let i = 0; i < 4; i++) {
    globalThis.gc()
    await turn()
  }
}
