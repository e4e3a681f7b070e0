// Processes: how they end with work in flight, and that they end, or live on, as they should.
import { cpSync, mkdtempSync, mkdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { child, helper } from './helpers/child.mjs'
import { SLOW } from './helpers/time.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const CRC = '8cdc1683' // of 'x'

/**
 * Runs a script that prints `now` when it is about to end.
 *
 * @returns {Promise<{ late: number, status: number | null, signal: string | null, stdout: string, stderr: string }>} late: ms from `now` to its end
 */
async function ending (code, { onNow = () => {}, ...options } = {}) {
  let start
  const result = await child(code, {
    ...options,
    onOutput: (text, running) => {
      if (start !== undefined || !text.includes('now')) return
      start = performance.now()
      onNow(running)
    }
  })
  return { ...result, late: performance.now() - start }
}

/** Much less than the work that is under way, and enough for a process to end on a busy machine. */
const PROMPT = 3000 * SLOW

const WORK = {
  'running work': 'for (let i = 0; i < 4; i++) quiet(spin(20_000))',
  'queued work': 'for (let i = 0; i < 64; i++) quiet(spin(20_000))',
  'many short tasks that never poll': 'const many = new Lane({ maxQueue: Infinity }); for (let i = 0; i < 20_000; i++) quiet(nap(1, { lane: many }))',
  'a running hash of 1 GiB': 'quiet(hash("sha3-512", new Uint8Array(1 << 30), { transfer: true, lane: new Lane({ maxQueueBytes: Infinity }) }))',
  'tasks that wait for room': 'const narrow = new Lane({ concurrency: 1, maxQueue: 0, overflow: "wait" }); for (let i = 0; i < 64; i++) quiet(spin(20_000, { lane: narrow }))'
}

for (const [title, code] of Object.entries(WORK)) {
  test(`process.exit: ${title}`, async (t) => {
    const { late, status, stderr } = await ending(`${code}
      setTimeout(() => {
        block(50)
        require('node:fs').writeSync(1, 'now\\n')
        process.exit(7)
      }, 30)`)
    t.is(status, 7, stderr)
    t.is(stderr, '')
    t.true(late < PROMPT, `${late} ms`)
  })
}

test('process.exit in the tick of the call', async (t) => {
  const { status, stderr, late } = await ending('for (let i = 0; i < 64; i++) quiet(spin(20_000)); require("node:fs").writeSync(1, "now\\n"); process.exit(7)')
  t.is(status, 7, stderr)
  t.true(late < PROMPT, `${late} ms`)
})

test('process.exit in a task\'s reaction, a listener and a signal\'s event', async (t) => {
  for (const code of [
    'nap(1).then(() => process.exit(7))',
    'const lane = new Lane({ concurrency: 1, maxQueue: 0 }); lane.on("saturated", () => process.exit(7)); quiet(spin(20_000, { lane })); quiet(spin(20_000, { lane }))',
    'const { signal } = new AbortController(); quiet(spin(20_000, { signal: AbortSignal.timeout(5) }).catch(() => process.exit(7)))'
  ]) {
    const { status, stderr, ms } = await child(`quiet(spin(20_000)); ${code}`)
    t.is(status, 7, stderr)
    t.true(ms < 15_000)
  }
})

test('an uncaught exception with work in flight', async (t) => {
  const { status, stderr, late } = await ending('for (let i = 0; i < 64; i++) quiet(spin(20_000)); setTimeout(() => { require("node:fs").writeSync(1, "now\\n"); throw new Error("on purpose") }, 30)')
  t.is(status, 1)
  t.true(stderr.includes('on purpose'), stderr)
  t.true(late < PROMPT, `${late} ms`)
})

test('SIGTERM with work in flight', async (t) => {
  const { signal, late } = await ending('for (let i = 0; i < 64; i++) quiet(spin(20_000)); setTimeout(() => console.log("now"), 30)', { onNow: (running) => running.kill('SIGTERM') })
  t.is(signal, 'SIGTERM')
  t.true(late < PROMPT, `${late} ms`)
})

test('SIGTERM with a handler that closes the lane and ends by itself', async (t) => {
  const { status, stdout, stderr, late } = await ending(`
    const lane = new Lane({ concurrency: 1 })
    const tasks = [nap(100, { lane }), ...Array.from({ length: 10 }, () => spin(20_000, { lane }))].map((task) => task.then(() => 'done', (error) => error.code))
    process.once('SIGTERM', async () => {
      await lane.close({ timeout: 150 })
      console.log((await Promise.all(tasks)).join())
    })
    const alive = setInterval(() => {}, 1000)
    process.once('SIGTERM', () => clearInterval(alive))
    setTimeout(() => console.log('now'), 30)`, { onNow: (running) => running.kill('SIGTERM') })
  t.is(status, 0, stderr)
  t.is(stdout.split('\n')[1], ['done', ...Array(10).fill('ERR_LANE_CLOSED')].join())
  t.true(late < PROMPT, `${late} ms`)
})

test('a process ends when its tasks have', async (t) => {
  const { status, stdout, stderr, late } = await ending('Promise.all([hash("crc32", "x", { inline: false }), nap(20)]).then(([digest]) => console.log(digest, "now"))')
  t.is(status, 0, stderr)
  t.is(stdout, `${CRC} now`)
  t.true(late < PROMPT, `${late} ms`)
})

test('a process lives while a task is pending, and nothing else', async (t) => {
  for (const code of [
    'nap(300).then(console.log)',
    'const lane = new Lane({ concurrency: 1, maxQueue: 0, overflow: "wait" }); nap(100, { lane }); nap(100, { lane }); nap(1, { lane }).then(console.log)',
    'const lane = new Lane({ concurrency: 1 }); nap(200, { lane }); lane.close().then(() => console.log(0))',
    'nap(1).then(() => nap(1)).then(() => nap(1)).then(console.log)'
  ]) {
    // With a pool of one thread there is nothing of libuv's that would keep it.
    for (const env of [{}, { UV_THREADPOOL_SIZE: '1' }]) {
      const { status, stdout, stderr } = await child(code, { env })
      t.is(status, 0, stderr)
      t.is(stdout, '0')
    }
  }
})

test('lanes, listeners and statistics keep nothing alive', async (t) => {
  const { status, stderr, late } = await ending(`
    const lane = new Lane({ timeout: 60_000 })
    lane.on('saturated', () => {})
    lane.stats(); runtime(); hashSync('sha256', 'x')
    nap(1, { lane, signal: new AbortController().signal }).then(() => console.log('now'))`)
  t.is(status, 0, stderr)
  t.true(late < PROMPT, `${late} ms`)
})

test('an aborted process: what was aborted and polls does not keep it', async (t) => {
  const { status, stderr, late } = await ending(`
    const controller = new AbortController()
    for (let i = 0; i < 64; i++) quiet(spin(20_000, { signal: controller.signal }))
    setTimeout(() => { controller.abort(); console.log('now') }, 30)`)
  t.is(status, 0, stderr)
  t.true(late < PROMPT, `${late} ms`)
})

test('exit handlers may hash, and look', async (t) => {
  const { status, stdout, stderr } = await child(`
    process.on('exit', () => {
      console.log(hashSync('crc32', 'x'), Lane.default.stats().running)
      quiet(hash('crc32', 'x', { inline: false }))
      quiet(hash('sha256', Buffer.alloc(1 << 20)))
      hash('crc32', 'x').then(() => console.log('never'))
      s.createHash('sha256').update('x').digest()
    })
    quiet(spin(20_000)); quiet(nap(50))
    setTimeout(() => process.exit(7), 30)`)
  t.is(status, 7, stderr)
  t.regex(stdout, new RegExp(`^${CRC} \\d$`))
})

test('exit handlers of a process that ends by itself', async (t) => {
  const { status, stdout, stderr, late } = await ending(`
    nap(1)
    process.on('exit', () => {
      quiet(hash('sha256', Buffer.alloc(1 << 20)))
      for (let i = 0; i < 8; i++) quiet(nap(20_000))
      require('node:fs').writeSync(1, 'now ' + hashSync('crc32', 'x'))
    })`)
  t.is(status, 0, stderr)
  t.is(stdout, `now ${CRC}`)
  t.true(late < PROMPT, `${late} ms`)
})

test('beforeExit may start more', async (t) => {
  const { status, stdout, stderr } = await child(`
    let rounds = 3
    process.on('beforeExit', () => {
      if (rounds-- > 0) nap(1).then(() => console.log('round'))
    })`)
  t.is(status, 0, stderr)
  t.is(stdout, 'round\nround\nround')
})

test('two copies of the package in one process', async (t) => {
  const directory = mkdtempSync(path.join(tmpdir(), 'sidelane-copy-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  for (const name of ['index.js', 'lib', 'package.json']) cpSync(path.join(root, name), path.join(directory, name), { recursive: true })
  const binary = path.join(directory, 'copy.node')
  const { status, stdout, stderr } = await child(`
    require('node:fs').copyFileSync(process.env.SIDELANE_NATIVE_LIBRARY_PATH, ${JSON.stringify(binary)})
    process.env.SIDELANE_NATIVE_LIBRARY_PATH = ${JSON.stringify(binary)}
    const other = require(${JSON.stringify(directory)})
    const errors = []
    try { other.hash('md5', 'x', { lane: new Lane() }) } catch (error) { errors.push(error.code) }
    const data = Buffer.alloc(100_000, 1)
    Promise.all([...Array(50)].flatMap(() => [hash('sha256', data), other.hash('sha256', data), other.hash('crc32', 'x', { inline: false, lane: other.Lane.default })])).then((digests) => {
      console.log(other.hash === hash, new Set(digests).size, errors.join(), other.Lane.default.stats().completed, Lane.default.stats().completed)
    })`)
  t.is(status, 0, stderr)
  t.is(stdout, 'false 2 ERR_INVALID_ARG_TYPE 100 50')
})

test('vm contexts: bytes of another realm, and a package loaded in one', async (t) => {
  const { status, stdout, stderr } = await child(`
    const vm = require('node:vm')
    const context = vm.createContext({ require, Buffer, AbortController, setTimeout })
    const foreign = vm.runInContext('new Uint8Array(10_000)', context)
    const options = vm.runInContext('({ inline: false, priority: "high" })', context)
    const wanted = hashSync('sha256', Buffer.alloc(10_000))
    ;(async () => {
      const inside = await vm.runInContext(\`(async () => {
        const { hash } = require(${JSON.stringify(helper)})
        return [await hash('sha256', new Uint8Array(10_000), { inline: false, transfer: true }), await hash('crc32', 'x', { inline: false })]
      })()\`, context)
      console.log(await hash('sha256', foreign, options) === wanted, inside[0] === wanted, inside[1])
    })()`)
  t.is(status, 0, stderr)
  t.is(stdout, `true true ${CRC}`)
})

test('child processes and cluster workers after use', async (t) => {
  const directory = mkdtempSync(path.join(tmpdir(), 'sidelane-fork-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  mkdirSync(directory, { recursive: true })
  const { status, stdout, stderr } = await child(`
    const { fork } = require('node:child_process')
    const cluster = require('node:cluster')
    const { writeFileSync } = require('node:fs')
    const file = ${JSON.stringify(path.join(directory, 'child.cjs'))}
    writeFileSync(file, \`const { hash } = require(${JSON.stringify(helper)}); hash('crc32', 'x', { inline: false }).then((digest) => process.send(digest, () => process.disconnect()))\`)
    const answer = (started) => new Promise((resolve, reject) => {
      started.once('message', (digest) => started.once('exit', (code) => resolve(digest + code))).once('error', reject)
    })
    const all = Array.from({ length: 20 }, () => nap(20))
    nap(1).then(async () => {
      cluster.setupPrimary({ exec: file, execArgv: [] })
      const answers = await Promise.all([answer(fork(file)), answer(cluster.fork())])
      console.log(answers.join(), (await Promise.all(all)).length)
    })`)
  t.is(status, 0, stderr)
  t.is(stdout, `${CRC}0,${CRC}0 20`)
})
