// Mixed load for minutes, with faults in about 1 % of the tasks: every digest is checked, every task must end once and be counted once, and memory, threads, descriptors and handles must not grow.
//   node scripts/soak.mjs [--minutes 5 | --seconds N] [--seed N] [--users 48]
// The seed replays the choices (not the timing). Every 15 s the load stops for a moment, so that what is measured is what remains.
import { createHash, createHmac } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tracingChannel } from 'node:diagnostics_channel'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import v8 from 'node:v8'
import vm from 'node:vm'
import { Worker } from 'node:worker_threads'
import { installDependencies, root, run as command } from './tools.mjs'

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '5' }, seconds: { type: 'string' }, seed: { type: 'string', default: String(Date.now() % 1e6) }, users: { type: 'string', default: '48' } } })
const minutes = values.seconds === undefined ? Number(values.minutes) : Number(values.seconds) / 60

const require = createRequire(import.meta.url)
const abi = require('../lib/binding.js').hostAbi()
if (!process.env.SIDELANE_NATIVE_LIBRARY_PATH) {
  installDependencies()
  command(process.execPath, [path.join(root, 'scripts', 'build.mjs'), '--faults'])
  process.env.SIDELANE_NATIVE_LIBRARY_PATH = path.join(root, `sidelane.faults.${abi}.node`)
}
const { Lane, hash, hashSync, hashMany, hashFile, hmac, createHash: createLaneHash, runtime } = require('../index.js')
const { run } = require('../lib/task.js')
const { readTaskOptions } = require('../lib/options.js')
const { native } = require('../lib/native.js')
if (!native.submitFault) throw new Error('the binary was built without the feature `faults`')

// Injected panics print a line each; not their stacks.
process.env.RUST_BACKTRACE = '0'
v8.setFlagsFromString('--expose-gc')
const gc = vm.runInNewContext('gc')

/**
 * A generator of numbers in [0, 1), each user's own: mulberry32.
 *
 * @param {number} state
 */
function generator (state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
/** @typedef {ReturnType<typeof generator>} Random */
const upTo = (/** @type {Random} */ random, /** @type {number} */ n) => Math.floor(random() * n)
const pick = /** @type {<T>(random: Random, list: readonly T[]) => T} */ ((random, list) => /** @type {any} */ (list[upTo(random, list.length)]))

/** Those that node:crypto has too. */
const ALGORITHMS = /** @type {const} */ (['sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha512-256', 'sha3-256', 'blake2b512', 'blake2s256', 'md5'])
const SIZES = [0, 1, 64, 1000, 4096, 65_537, 262_144, 1 << 20]
const seed = Number(values.seed)
const fill = generator(seed)
const inputs = [...SIZES, 8 << 20].map((size) => Buffer.from(Uint8Array.from({ length: size }, () => fill() * 256)))
const big = /** @type {Buffer} */ (inputs.pop())
/** @type {Map<string, string>} */
const known = new Map()
function expected (/** @type {string} */ algorithm, /** @type {Buffer} */ data) {
  const key = `${algorithm} ${data.length}`
  if (!known.has(key)) known.set(key, createHash(algorithm).update(data).digest('hex'))
  return known.get(key)
}

const directory = mkdtempSync(path.join(tmpdir(), 'sidelane-soak-'))
const file = path.join(directory, 'file')
writeFileSync(file, big)

const lanes = [
  Lane.default,
  new Lane({ name: 'reject', maxQueue: 8, concurrency: 1 }),
  new Lane({ name: 'oldest', maxQueue: 8, overflow: 'shed-oldest' }),
  new Lane({ name: 'lowest', maxQueueBytes: 1 << 21, overflow: 'shed-lowest' }),
  new Lane({ name: 'wait', maxQueue: 4, overflow: 'wait', concurrency: 2 }),
  new Lane({ name: 'hasty', timeout: 30, maxQueue: 64 })
]

let started = 0
let settled = 0
/** @type {Record<string, number>} */
const outcomes = {}
const EXPECTED = new Set(['ERR_LANE_FULL', 'ERR_LANE_CLOSED', 'ERR_TASK_TIMEOUT', 'ERR_TOO_LARGE', 'AbortError', 'TimeoutError', 'soak', 'ERR_STREAM_PREMATURE_CLOSE'])

/**
 * Counts a task's end, and what it must be.
 *
 * @template T
 * @param {Promise<T>} promise
 * @param {(value: T) => void} [check]
 * @param {string[]} [also] codes that this task may end with too
 */
async function task (promise, check, also = []) {
  started++
  let outcome = 'ok'
  try {
    const value = await promise
    check?.(value)
  } catch (error) {
    const { code, name, message } = /** @type {any} */ (error)
    outcome = typeof code === 'string' && code !== 'ABORT_ERR' ? code : name === 'Error' ? message : name
    if (!EXPECTED.has(outcome) && !also.includes(outcome)) throw error
  } finally {
    settled++
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
  }
}

function same (/** @type {unknown} */ found, /** @type {unknown} */ wanted, /** @type {string} */ what) {
  if (found !== wanted) throw new Error(`${what}: ${found} is not ${wanted}`)
}

/** @param {Random} random */
function taskOptions (random) {
  /** @type {import('../index.js').TaskOptions} */
  const options = { lane: pick(random, lanes), priority: pick(random, /** @type {const} */ (['high', 'normal', 'low'])) }
  if (random() < 0.5) options.inline = false
  if (random() < 0.1) options.timeout = 1 + upTo(random, 20)
  if (random() < 0.1) options.signal = AbortSignal.timeout(1 + upTo(random, 20))
  if (random() < 0.05) {
    const controller = new AbortController()
    options.signal = controller.signal
    if (random() < 0.5) controller.abort(new Error('soak'))
    else setImmediate(() => controller.abort(new Error('soak')))
  }
  return options
}

/** How often, what, and its name. @type {[number, (random: Random) => Promise<unknown>, string][]} */
const SCENARIOS = [
  [40, async (random) => {
    const algorithm = pick(random, ALGORITHMS)
    const data = pick(random, inputs)
    await task(hash(algorithm, data, taskOptions(random)), (digest) => same(digest, expected(algorithm, data), algorithm))
  }, 'hash'],
  [10, async (random) => {
    const data = pick(random, inputs)
    const own = new Uint8Array(data)
    await task(hash('sha256', own, { ...taskOptions(random), transfer: true }), (digest) => same(digest, expected('sha256', data), 'transfer'))
  }, 'transfer'],
  [2, (random) => task(hash('blake3', big, taskOptions(random)), (digest) => same(digest, expectedBlake3, 'blake3')), 'hash of 8 MiB'],
  [10, async (random) => {
    const items = Array.from({ length: 1 + upTo(random, 300) }, () => pick(random, inputs.slice(0, 5)))
    await task(hashMany('sha256', items, taskOptions(random)), (digests) => {
      same(digests.length, items.length, 'hashMany')
      items.forEach((item, i) => same(digests[i], expected('sha256', item), 'hashMany'))
    })
  }, 'hashMany'],
  [5, async (random) => {
    const { signal, timeout, lane, priority } = taskOptions(random)
    await task(hashFile(['sha256', 'md5'], file, { signal, timeout, lane, priority, onProgress () {} }), ({ sha256, md5 }) => {
      same(sha256, expected('sha256', big), 'hashFile')
      same(md5, expected('md5', big), 'hashFile')
    })
  }, 'hashFile'],
  [10, async (random) => {
    const data = pick(random, inputs)
    const hasher = createLaneHash('sha256', { lane: Lane.default })
    const size = 1 + upTo(random, 100_000)
    const chunks = Readable.from((function * () {
      for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size)
    })())
    if (random() < 0.2) setImmediate(() => hasher.destroy(new Error('soak')))
    await task(pipeline(chunks, hasher, async (source) => {
      const out = []
      for await (const chunk of source) out.push(chunk)
      return Buffer.concat(out).toString('hex')
    }), (digest) => same(digest, expected('sha256', data), 'createHash'))
  }, 'createHash'],
  [5, async (random) => {
    const data = pick(random, inputs)
    await task(hmac('sha256', 'key', data, taskOptions(random)), (digest) => same(digest, createHmac('sha256', 'key').update(data).digest('hex'), 'hmac'))
  }, 'hmac'],
  [5, async (random) => {
    const data = pick(random, inputs.slice(0, 6))
    same(hashSync('sha512', data), expected('sha512', data), 'hashSync')
  }, 'hashSync'],
  // A lane that is closed with work in it.
  [2, async (random) => {
    const lane = new Lane({ maxQueue: 16, overflow: pick(random, /** @type {const} */ (['reject', 'shed-oldest', 'shed-lowest', 'wait'])) })
    const tasks = Array.from({ length: 24 }, () => task(hash('sha256', pick(random, inputs), { lane, inline: false })))
    await lane.close({ timeout: upTo(random, 5) })
    await Promise.all(tasks)
  }, 'closed lane'],
  // Faults: about 1 % of the tasks.
  [2, async (random) => {
    const kind = upTo(random, 5)
    const settings = { ...readTaskOptions({ lane: pick(random, lanes) }) }
    const fault = { name: 'fault', submit: native.submitFault }
    await task(run(/** @type {any} */ (fault), settings, undefined, false, undefined, kind, random() * 20, upTo(random, 1 << 20)), undefined, ['ERR_INTERNAL', 'ERR_INVALID_ARG_VALUE'])
  }, 'fault'],
  // A worker that ends, or is ended, with work in flight.
  [0.2, async (random) => {
    const worker = new Worker(`
      const { hash, hashMany } = require(${JSON.stringify(path.join(root, 'index.js'))})
      const data = Buffer.alloc(300_000)
      for (let i = 0; i < 40; i++) hash('sha256', data, { inline: false }).catch(() => {})
      hashMany('sha256', Array(1000).fill('x')).catch(() => {})
      require('node:worker_threads').parentPort.postMessage('started')`, { eval: true })
    await new Promise((resolve, reject) => {
      worker.once('message', resolve).once('error', reject)
    })
    await sleep(upTo(random, 20))
    await worker.terminate()
  }, 'worker']
]
const expectedBlake3 = hashSync('blake3', big)
const total = SCENARIOS.reduce((sum, [weight]) => sum + weight, 0)

const end = Date.now() + minutes * 60_000
/** @type {{ paused: boolean, failure: unknown }} */
const state = { paused: false, failure: undefined }

/** What each user does at the moment. @type {Map<number, { name: string, since: number }>} */
const doing = new Map()

/** Says where everything stands when the load does not come to its end: a promise that never settles, or a lane that never runs empty. */
function hung (/** @type {string} */ where) {
  console.error(`soak failed (--seed ${seed}): ${where}`)
  for (const [number, { name, since }] of doing) console.error(`user ${number}: ${name} for ${((Date.now() - since) / 1000).toFixed(0)} s`)
  for (const lane of lanes) console.error(lane.name, JSON.stringify(lane.stats()))
  console.error(JSON.stringify(runtime()), `${started} started, ${settled} settled`)
  process.exit(1)
}

async function user (/** @type {number} */ number) {
  const random = generator(seed * 1000 + number)
  while (Date.now() < end && !state.paused && state.failure === undefined) {
    let at = random() * total
    const [, scenario, name] = /** @type {(typeof SCENARIOS)[0]} */ (SCENARIOS.find(([weight]) => (at -= weight) < 0) ?? SCENARIOS[0])
    doing.set(number, { name, since: Date.now() })
    try {
      await scenario(random)
    } catch (error) {
      state.failure ??= error
    }
    doing.delete(number)
    if (random() < 0.02) await sleep(1)
  }
}

function measure () {
  for (let i = 0; i < 3; i++) gc()
  const linux = process.platform === 'linux'
  return {
    rss: process.memoryUsage.rss() / 2 ** 20,
    external: process.memoryUsage().external / 2 ** 20,
    threads: linux ? readdirSync('/proc/self/task').length : 0,
    descriptors: linux ? readdirSync('/proc/self/fd').length : 0,
    handles: process.getActiveResourcesInfo().length
  }
}

// What the tasks tell of themselves: each ends once, and is counted once.
/** @type {Map<string, { begun: number, ended: number }>} by lane */
const told = new Map()
const ended = new WeakSet()
const ofLane = (/** @type {any} */ { lane }) => told.get(lane) ?? (told.set(lane, { begun: 0, ended: 0 }), /** @type {any} */ (told.get(lane)))
tracingChannel('sidelane:task').subscribe(/** @type {any} */ ({
  start (/** @type {any} */ message) {
    ofLane(message).begun++
  },
  asyncEnd (/** @type {any} */ message) {
    ofLane(message).ended++
    if (ended.has(message)) state.failure ??= new Error(`a task ended twice: ${JSON.stringify(message)}`)
    ended.add(message)
  }
}))

console.log(`soak: Node ${process.version}, ${minutes.toFixed(1)} min, seed ${seed}, ${values.users} users, addon ${runtime().addonVersion}`)
process.on('uncaughtException', (error) => { state.failure ??= error })
process.on('unhandledRejection', (error) => { state.failure ??= error })
/** @type {({ seconds: number } & ReturnType<typeof measure>)[]} */
const samples = []
const begin = Date.now()
let users = 0
while (Date.now() < end && state.failure === undefined) {
  state.paused = false
  const timer = setTimeout(() => { state.paused = true }, Math.min(15_000, minutes * 6000))
  // New numbers, so that a second round is not the first again.
  const watchdog = setTimeout(() => hung('the load did not end'), 75_000)
  await Promise.all(Array.from({ length: Number(values.users) }, () => user(users++)))
  clearTimeout(timer)
  clearTimeout(watchdog)
  const patience = setTimeout(() => hung('a lane did not become idle'), 30_000)
  await Promise.all(lanes.map((lane) => lane.idle()))
  clearTimeout(patience)
  await sleep(200)
  const sample = { seconds: Math.round((Date.now() - begin) / 1000), ...measure() }
  samples.push(sample)
  console.log(`soak: ${String(sample.seconds).padStart(5)} s  ${String(settled).padStart(8)} tasks  rss ${sample.rss.toFixed(0)} MiB  external ${sample.external.toFixed(1)} MiB  threads ${sample.threads}  descriptors ${sample.descriptors}  handles ${sample.handles}`)
}
rmSync(directory, { recursive: true, force: true })

/** @type {string[]} */
const problems = []
if (state.failure !== undefined) problems.push(/** @type {any} */ (state.failure)?.stack ?? String(state.failure))
if (started !== settled) problems.push(`${started} promises, ${settled} settled`)
for (const lane of lanes) {
  const { queued, running, queuedBytes, completed, failed, aborted, timedOut, rejected } = lane.stats()
  const { begun, ended } = ofLane({ lane: lane.name })
  const counted = completed + failed + aborted + timedOut + rejected
  if (begun !== ended || begun !== counted) problems.push(`lane ${lane.name}: ${begun} tasks, ${ended} ends, ${counted} counted`)
  if (queued + running + queuedBytes > 0) problems.push(`lane ${lane.name} still holds ${queued} queued, ${running} running tasks, ${queuedBytes} bytes`)
}
// The first third warms up: caches, arenas, pools.
const steady = samples.slice(Math.ceil(samples.length / 3))
const [first, last] = [steady[0], steady.at(-1)]
if (first && last && steady.length > 2) {
  const grown = last.rss - first.rss
  const slope = grown / ((last.seconds - first.seconds) / 3600)
  console.log(`soak: rss ${grown >= 0 ? '+' : ''}${grown.toFixed(1)} MiB in ${last.seconds - first.seconds} s (${slope.toFixed(0)} MiB/h)`)
  if (grown > Math.max(16, first.rss * 0.1)) problems.push(`rss grew from ${first.rss.toFixed(0)} to ${last.rss.toFixed(0)} MiB`)
  if (last.threads > first.threads) problems.push(`threads grew from ${first.threads} to ${last.threads}`)
  if (last.handles > first.handles) problems.push(`handles grew from ${first.handles} to ${last.handles}`)
  if (last.descriptors > first.descriptors) problems.push(`descriptors grew from ${first.descriptors} to ${last.descriptors}`)
}
console.log(`soak: outcomes ${JSON.stringify(outcomes)}`)
if (problems.length > 0) {
  console.error(`soak failed (--seed ${seed}):\n${problems.join('\n')}`)
  process.exit(1)
}
console.log(`soak passed: ${settled} tasks`)
