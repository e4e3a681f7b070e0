// Bad inputs at their full size, each in a process of its own, one at a time: what must come of it, how long that took, and how much memory it had at most.
//   node scripts/large-inputs.mjs [name ...]
// Some take 6 GB. Their small twins are in __test__ and run always.
import { spawnSync } from 'node:child_process'
import { constants } from 'node:buffer'
import { createRequire } from 'node:module'
import { deflateRawSync, gzipSync, constants as zlib } from 'node:zlib'
import { fileURLToPath } from 'node:url'

const { Lane, SafeRegExp, compress, csv, json, ndjson, numeric } = createRequire(import.meta.url)('../index.js')
const GiB = 2 ** 30
const MiB = 2 ** 20

/** A buffer of its own, so that it can be handed over. @param {number} length @param {number} byte */
const filled = (length, byte, head = '', tail = '') => {
  const data = new Uint8Array(length).fill(byte)
  data.set(Buffer.from(head))
  data.set(Buffer.from(tail), length - tail.length)
  return data
}

/** One gzip member of 10 GiB zeros, 10 MB: stretches of it that end on a byte, again and again. Nobody gets as far as its checksum. */
function bomb () {
  const stretch = deflateRawSync(Buffer.alloc(16 * MiB), { level: 9, finishFlush: zlib.Z_FULL_FLUSH })
  const head = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3])
  return Buffer.concat([head, ...Array(640).fill(stretch), Buffer.from([3, 0]), Buffer.alloc(8)])
}

/** The longest string of Node, one byte a unit or two, that ends in `end`. No rope: V8 would make one string of it first. */
const longest = (/** @type {boolean} */ wide, /** @type {string} */ end) => {
  const unit = wide ? '\u6F22' : 'a'
  const units = constants.MAX_STRING_LENGTH - end.length
  const bytes = Buffer.alloc(units * (wide ? 2 : 1), unit, wide ? 'utf16le' : 'latin1')
  return Buffer.concat([bytes, Buffer.from(end, wide ? 'utf16le' : 'latin1')]).toString(wide ? 'utf16le' : 'latin1')
}

/** @param {() => unknown} call what must be thrown, by its code or class */
const thrown = (call) => {
  try {
    return `nothing: ${call()}`
  } catch (error) {
    return /** @type {any} */ (error).code ?? /** @type {any} */ (error).constructor.name
  }
}

/** Searches that read all of the longest string, and what each must give: that of the end. @type {Record<string, (subject: string) => unknown>} */
const SEARCHES = {
  "search('b$')": (subject) => subject.search(new SafeRegExp('b$')) === subject.length - 1,
  'test, with groups and a class': (subject) => new SafeRegExp('([ab\u6F22])b$').test(subject),
  'exec': (subject) => new SafeRegExp('(?<end>b)(c)?').exec(subject)?.index === subject.length - 1,
  'test, a lookahead': (subject) => !new SafeRegExp('(?=b)c').test(subject),
  'the first match of matchAll': (subject) => subject.matchAll(new SafeRegExp('[^]', 'g')).next().value?.index === 0,
  'split at the end': (subject) => subject.split(new SafeRegExp('b')).length === 2,
  'replace at the end': (subject) => subject.replace(new SafeRegExp('b', 'g'), '').length === subject.length - 1,
  'a backreference out of budget': (subject) => thrown(() => new SafeRegExp('^(?:(a)|\u6F22|(a))*\\1[xy]').test(subject)) === 'ERR_REGEXP_BUDGET',
  'more matches than offsets': (subject) => thrown(() => subject.match(new SafeRegExp('[^]', 'g'))) === 'RangeError',
  "replace with $', above the longest string": (subject) => thrown(() => subject.replace(new SafeRegExp('^[^]|b$', 'g'), "$'$'")) === 'RangeError'
}

const SUBJECTS = { 'one byte': false, 'two bytes': true }

/** By default a lane refuses what is larger than its queue. */
const lane = new Lane({ name: 'large', maxQueueBytes: 32 * GiB })
const transfer = true

/** What must come: the code of an error, or that the result is right. The input is made first: it counts into the memory, not into the time. @type {Record<string, () => [wanted: string, call: () => Promise<unknown>]>} */
const CASES = {
  'csv: a quote left open for 1 GiB': () => {
    const data = filled(GiB, 0x78, 'a,b\n1,"')
    return ['ERR_TOO_LARGE', () => csv.parse(data, { lane, transfer })]
  },
  'csv: the same, and fields may be so long': () => {
    const data = filled(GiB, 0x78, 'a,b\n1,"')
    return ['ERR_CSV_SYNTAX', () => csv.parse(data, { lane, transfer, limits: { fieldBytes: GiB } })]
  },
  'csv: 100,000 columns, 1,000 rows': () => {
    const row = `${Array.from({ length: 100_000 }, (_, index) => index).join()}\n`
    const data = Buffer.alloc(row.length * 1000, row)
    return ['right', async () => {
      const table = await csv.parse(data, { lane, limits: { columns: 100_000 }, columns: { 99999: 'i32', 7: 'f64' } })
      return table.rowCount === 999 && table.columns[99999][998] === 99_999
    }]
  },
  'csv: the same, all of them, as types that fit': () => {
    const row = `${Array.from({ length: 100_000 }, (_, index) => index).join()}\n`
    const data = Buffer.from(row.repeat(20))
    return ['right', async () => (await csv.parse(data, { lane, limits: { columns: 100_000 }, infer: true })).names.length === 100_000]
  },
  'csv: the same above the limit': () => {
    const data = Buffer.from(`${'a,'.repeat(99_999)}a\n`.repeat(1000))
    return ['ERR_TOO_LARGE', () => csv.parse(data, { lane })]
  },
  'gunzip: 10 GiB of zeros in one member': () => {
    const data = bomb()
    return ['ERR_TOO_LARGE', () => compress.gunzip(data)]
  },
  'gunzip: the same, and 1 GiB may come': () => {
    const data = bomb()
    return ['ERR_TOO_LARGE', () => compress.gunzip(data, { maxOutputLength: GiB })]
  },
  'gunzip: 10 GiB of zeros in 10 members': () => {
    const data = Buffer.concat(Array(10).fill(gzipSync(Buffer.alloc(GiB), { level: 9 })))
    return ['ERR_TOO_LARGE', () => compress.gunzip(data)]
  },
  'gunzip: 10 GiB of zeros, nested': () => {
    const data = gzipSync(bomb())
    return ['ERR_TOO_LARGE', async () => compress.gunzip(await compress.gunzip(data))]
  },
  'json: a string of 512 MiB': () => {
    const data = filled(512 * MiB, 0x78, '"', '"')
    return ['right', async () => (await json.validate(data, { lane, transfer })) === undefined]
  },
  'json: the same, held; and length of what is beside it': () => {
    const data = filled(512 * MiB, 0x78, '{"a":[1,2],"s":"', '"}')
    return ['right', async () => {
      const document = await json.open(data, { lane, transfer })
      const length = document.length('/a')
      document.close()
      return length === 2
    }]
  },
  'json: the same, asked for: no string of Node is so long': () => {
    const data = filled(512 * MiB + 64, 0x78, '["', '"]')
    return ['ERR_TOO_LARGE', () => json.query(data, '/0', { lane, transfer })]
  },
  'json: the longest string of Node': () => {
    const text = `"${'x'.repeat(constants.MAX_STRING_LENGTH - 2)}"`
    return ['right', async () => (await json.validate(text, { lane })) === undefined]
  },
  'ndjson: a line of 512 MiB': () => {
    const data = filled(512 * MiB, 0x78, '{"s":"', '"}')
    return ['right', async () => (await ndjson.count(data, { '/s': { prefix: 'xx', suffix: 'xx' } }, { lane, transfer })) === 1]
  },
  'json: depth 1,000,000': () => {
    const data = '['.repeat(1_000_000) + ']'.repeat(1_000_000)
    return ['ERR_TOO_LARGE', () => json.validate(data)]
  },
  'json: depth 1,000,000, and that is allowed': () => {
    const data = '['.repeat(1_000_000) + ']'.repeat(1_000_000)
    return ['right', async () => (await json.validate(data, { maxDepth: 1_000_000 })) === undefined && (await json.minify(data, { maxDepth: 1_000_000 })).length === data.length]
  },
  'numeric: describe, 2^32 numbers, which are 32 GiB as doubles': () => {
    const data = new Uint8Array(2 ** 32)
    data[2 ** 32 - 1] = 5
    return ['right', async () => {
      // Refused where the system has no such memory.
      const found = await numeric.describe(data, { lane, transfer }).catch((/** @type {any} */ error) => error)
      return found.code === 'ERR_TOO_LARGE' || (found.count === 2 ** 32 && found.sum === 5 && found.max === 5)
    }]
  },
  'numeric: argsort, 2^32 numbers': () => {
    const data = new Uint8Array(2 ** 32)
    return ['ERR_TOO_LARGE', () => numeric.argsort(data, { lane, transfer })]
  }
}

for (const [kind, wide] of Object.entries(SUBJECTS)) {
  for (const [name, search] of Object.entries(SEARCHES)) {
    CASES[`regexp: the longest string, ${kind}: ${name}`] = () => {
      const subject = longest(wide, 'b')
      return ['right', async () => search(subject)]
    }
  }
  CASES[`regexp: the longest string, ${kind}: in a lane`] = () => {
    const subject = longest(wide, 'b')
    return ['right', async () => (await new SafeRegExp('b$').searchAsync(subject, { lane })) === subject.length - 1 && (await new SafeRegExp('b', 'g').replaceAsync(subject, '', { lane })).length === subject.length - 1]
  }
  CASES[`regexp: the longest string, ${kind}: in a lane, aborted`] = () => {
    const subject = longest(wide, 'b')
    return ['TimeoutError', async () => {
      const found = new SafeRegExp('(?=([^]))[^]*?(?:c|d|[e-g])$').testAsync(subject, { lane, timeout: 600_000, signal: AbortSignal.timeout(50) })
      return found.catch((/** @type {any} */ { name, message }) => { throw Object.assign(new Error(message), { code: name }) })
    }]
  }
}

Object.assign(CASES, {
  'regexp: the longest string is not held when the loop has turned': () => {
    let subject = longest(false, 'b')
    return ['right', async () => {
      new SafeRegExp('b').test(subject)
      subject = ''
      const turn = () => new Promise((resolve) => setTimeout(resolve, 50))
      for (let collection = 0; collection < 3; collection++) {
        await turn()
        globalThis.gc?.()
      }
      const left = process.memoryUsage.rss() / MiB
      return left < 250 || `${Math.round(left)} MiB`
    }]
  },
  'regexp: a pattern of 10 MB': () => ['ERR_REGEXP_BUDGET', async () => new SafeRegExp('a'.repeat(10_000_000))]
})

/** In the process of one case. @param {string} name */
async function run (name) {
  const [wanted, call] = CASES[name]()
  const before = process.resourceUsage().maxRSS
  const start = performance.now()
  const found = await call().then((value) => (value === true ? 'right' : `wrong: ${String(value).slice(0, 80)}`), (error) => error.code ?? String(error))
  const ms = performance.now() - start
  console.log(JSON.stringify({ found, wanted, ms: Math.round(ms), before: Math.round(before / 1024), peak: Math.round(process.resourceUsage().maxRSS / 1024) }))
}

if (process.env.SIDELANE_LARGE_CASE) {
  await run(process.env.SIDELANE_LARGE_CASE)
} else {
  const chosen = process.argv.slice(2)
  const failed = []
  for (const name of chosen.length > 0 ? chosen : Object.keys(CASES)) {
    const { stdout, stderr, status, signal } = spawnSync(process.execPath, ['--expose-gc', fileURLToPath(import.meta.url)], { env: { ...process.env, SIDELANE_LARGE_CASE: name }, encoding: 'utf8' })
    if (status !== 0) {
      failed.push(name)
      console.log(`FAILED  ${name}: ${signal ?? status} ${stderr.slice(-500)}`)
      continue
    }
    const { found, wanted, ms, before, peak } = JSON.parse(stdout)
    if (found !== wanted) failed.push(name)
    console.log(`${found === wanted ? 'ok      ' : 'FAILED  '}${name}: ${found}${found === wanted ? '' : `, expected ${wanted}`}; ${ms} ms; ${peak} MiB, ${before} of them with the input`)
  }
  if (failed.length > 0) process.exitCode = 1
}
