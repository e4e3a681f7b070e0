// The system refuses memory: a call is refused then, and the process lives. Elsewhere than on Linux nothing bounds the memory of a process that runs.
import { execFile, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import test from 'ava'

const run = promisify(execFile)
const REFUSED = 'TooLargeError ERR_TOO_LARGE true'
const bounded = process.platform === 'linux' && !process.env.SIDELANE_ASAN && spawnSync('prlimit', ['--version']).status === 0

const HEAD = `
  const { starve } = require('./helpers/memory.cjs')
  const { compress, json, numeric } = require('sidelane')
  const N = 2 ** 21
  const lane = { inline: false }
  const times = (text, count) => Buffer.from(text.repeat(count))
`

/** By name: what is made, what is called with it, and how many MiB it may take. */
const GROUPS = {
  numeric: `
    const u8 = new Uint8Array(4 * N).map((_, i) => i * 7), f64 = new Float64Array(N).map((_, i) => (i * 7919) % 1000003), fractions = f64.subarray(0, 2 ** 17).map((x) => x / 1000003)
    starve({
      describe: () => numeric.describe(u8, lane), describeSync: () => numeric.describeSync(u8),
      quantiles: () => numeric.quantilesSync(f64, fractions),
      histogram: () => numeric.histogram(f64, { ...lane, bins: 2 ** 22 }),
      sort: () => numeric.sort(f64, lane), argsort: () => numeric.argsortSync(f64), topK: () => numeric.topK(f64, N, lane), ties: () => numeric.topKSync(u8, 4 * N),
      rolling: () => numeric.rolling(u8, 3, 'max', lane), window: () => numeric.rollingSync(f64, N / 2, 'mean'),
      mad: () => numeric.anomalies(f64, { ...lane, method: 'mad', threshold: 0 }), range: () => numeric.anomaliesSync(f64, { method: 'range', min: -2, max: -1 }),
      map: () => numeric.mapSync(u8, ['abs']), groupBy: () => numeric.groupBy(f64, f64, lane), batch: () => numeric.batchSync(f64, { length: 1, map: ['abs'], anomalies: { method: 'range', min: -2, max: -1 } })
    }, [20, 60])`,
  text: `
    const text = times('[' + '{"a":1,"b":"xyz"},'.repeat(N) + '1]', 1)
    starve({
      minify: () => json.minify(text, lane), minifySync: () => json.minifySync(text), format: () => json.formatSync(text, { indent: 10 })
    }, [20])`,
  compress: `
    const noise = require('node:crypto').randomBytes(8 * N)
    const packed = compress.gzipSync(Buffer.alloc(32 * N)), inflated = compress.deflateSync(Buffer.alloc(32 * N))
    starve({
      gzip: () => compress.gzip(noise, { ...lane, level: 1 }), gzipSync: () => compress.gzipSync(noise, { level: 1 }),
      gunzip: () => compress.gunzip(packed, lane), gunzipSync: () => compress.gunzipSync(packed), inflate: () => compress.inflate(inflated, lane)
    }, [20, 60])`
}

/**
 * V8 needs room for its own heap as well, and ends a process that has none, which says nothing of us: so little of it, and another try then.
 *
 * @param {string} code
 * @returns {Promise<string>} what it printed
 */
async function starved (code) {
  for (let tries = 1; ; tries++) {
    try {
      const { stdout } = await run(process.execPath, ['--expose-gc', '--max-semi-space-size=1', '-e', code], { cwd: fileURLToPath(new URL('.', import.meta.url)) })
      return stdout
    } catch (error) {
      if (tries === 5 || !/JavaScript heap out of memory/.test(error.stderr)) throw error
    }
  }
}

for (const [name, code] of Object.entries(GROUPS)) {
  test(`${name}: calls for which there is no memory are refused`, async (t) => {
    if (!bounded) return t.pass('nothing to bound memory with')
    t.timeout(300_000)
    const stdout = await starved(HEAD + code)
    const calls = Object.entries(JSON.parse(stdout))
    for (const [call, outcomes] of calls) t.deepEqual(outcomes.filter((outcome) => outcome !== 'done' && outcome !== REFUSED), [], call)
    // Not all: memory that was kept from the call before may do.
    t.true(calls.filter(([, outcomes]) => outcomes.includes(REFUSED)).length > calls.length / 2, stdout)
  })
}
