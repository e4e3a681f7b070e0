// Strings on their way into Rust, as V8 keeps them, and large ones on their way out, whose memory V8 is given.
import { isDeepStrictEqual } from 'node:util'
import test from 'ava'
import { SafeRegExp, SafeRegExpSet, json, ndjson } from 'sidelane'
import { child } from './helpers/child.mjs'

/** From here on results are given to V8: `LEAST` of src/pages.rs. */
const LARGE = 64 * 1024

/** As V8 keeps them: flat or not, a byte a unit or two, two where one would do. @type {Record<string, (length: number) => string>} */
const KINDS = {
  'one byte': (length) => 'ab=ÿ1 '.repeat(length).slice(0, length),
  'two bytes': (length) => 'ab=漢1 \ud83d'.repeat(length).slice(0, length),
  'two bytes where one would do': (length) => ('漢' + 'ab=ÿ1 '.repeat(length)).slice(1, length + 1),
  'a rope of one byte': (length) => 'ab=1 '.repeat(length).slice(0, length >> 1) + 'é=2 '.repeat(length).slice(0, length - (length >> 1)),
  'a rope of both': (length) => 'ab=1 '.repeat(length).slice(0, length - 20) + '漢=2 '.repeat(5)
}
const LENGTHS = [1024, 1025, LARGE + 1]

for (const [kind, make] of Object.entries(KINDS)) {
  test(`subjects, ${kind}`, async (t) => {
    for (const length of LENGTHS) {
      for (const [source, flags] of [['(\\w+)=(.)', 'g'], ['ÿ|漢|é=', 'g'], ['\\ud83d', 'g'], ['nothing', 'g'], ['.$', '']]) {
        const [safe, native] = [new SafeRegExp(source, flags), new RegExp(source, flags)]
        const what = `${length}, /${source}/${flags}`
        const wanted = make(length).replace(native, '<$2|$1>')
        t.is(make(length).replace(safe, '<$2|$1>'), wanted, what)
        t.is(await safe.replaceAsync(make(length), '<$2|$1>', { inline: false }), wanted, what)
        t.is(make(length).search(safe), make(length).search(native), what)
        t.true(isDeepStrictEqual(make(length).match(safe), make(length).match(native)), what)
        t.true(isDeepStrictEqual(await safe.matchAsync(make(length), { inline: false }), make(length).match(native)), what)
        const set = new SafeRegExpSet([safe, '='])
        t.deepEqual(await set.matchAsync(make(length), { inline: false }), set.match(make(length)), what)
        t.is(set.match(make(length)).includes(0), make(length).search(native) >= 0, what)
      }
    }
  })
}

test('a subject that is held is not taken for another', (t) => {
  const subjects = Object.values(KINDS).flatMap((make) => [1025, 5000, 70_000].map(make))
  for (let round = 0; round < 3; round++) {
    for (const subject of subjects) {
      for (const source of ['ÿ', '漢', 'é', '(?<=2 ).$']) t.is(new SafeRegExp(source).test(subject), new RegExp(source).test(subject))
    }
  }
})

test('references to what stands around a match', (t) => {
  const subject = 'a,b'.repeat(1000)
  for (const template of ["[$']", '[$`]', "$$'", '$`$1$&']) t.is(subject.replace(new SafeRegExp('(,)', 'g'), template), subject.replace(/(,)/g, template))
  t.throws(() => 'a'.repeat(2 ** 20).replace(new SafeRegExp('a', 'g'), "$'"), { instanceOf: RangeError })
})

for (const [kind, unit] of [['one byte', 'ÿ'], ['two bytes', '漢']]) {
  test(`large results are strings like all others, ${kind}`, async (t) => {
    const wanted = `x${unit}`.repeat(LARGE)
    const made = await new SafeRegExp('-', 'g').replaceAsync('-'.repeat(LARGE), `x${unit}`)
    t.is(made, wanted)
    t.is(made.length, 2 * LARGE)
    t.is(new Map([[wanted, 1]]).get(made), 1)
    t.is(made + made, wanted + wanted)
    t.is(made.slice(1, -1), wanted.slice(1, -1))
    t.is(Buffer.compare(Buffer.from(made), Buffer.from(wanted)), 0)
    t.is(JSON.parse(JSON.stringify({ made })).made, wanted)
    t.is(structuredClone(made), wanted)
    t.is(made.replace(/x/g, ''), unit.repeat(LARGE))
    t.true(new SafeRegExp(`${unit}$`).test(made))
    t.is({ [made]: 1 }[wanted], 1)
  })
}

test('large JSON texts between Rust and JSON.parse', async (t) => {
  const rows = Array.from({ length: 10_000 }, (_, id) => ({ id, name: `name ${id} é漢` }))
  t.deepEqual(await json.query(JSON.stringify(rows), { names: '/*/name', ids: '/*/id' }), { names: rows.map(({ name }) => name), ids: rows.map(({ id }) => id) })
  const lines = rows.map((row) => JSON.stringify(row)).join('\n')
  t.deepEqual(await ndjson.select(lines, { n: '/name' }), rows.map(({ name }) => ({ n: name })))
})

test('the memory of large results comes back', async (t) => {
  const { status, stdout, stderr } = await child(`
    const subject = ('a'.repeat(63) + '-').repeat(4096)
    const [narrow, wide] = [new s.SafeRegExp('-', 'g'), new s.SafeRegExp('a-', 'g')]
    const round = async () => {
      for (let i = 0; i < 100; i++) {
        await narrow.replaceAsync(subject, '=')
        await wide.replaceAsync(subject, '漢')
        subject.replace(narrow, '+')
      }
      for (let i = 0; i < 3; i++) { gc(); await sleep(5) }
      return process.memoryUsage().rss
    }
    measure().then(console.log)
    async function measure () {
      await round()
      const before = await round()
      return ((await round()) - before) / 2 ** 20
    }
  `)
  t.is(status, 0, stderr)
  // One round makes 100 MiB of them.
  t.true(Number(stdout) < 50, `${stdout} MiB more`)
})

test('workers end with large results alive, also the only one that has loaded the binary', async (t) => {
  const { status, stdout, stderr } = await child(`
    const { Worker } = require('node:worker_threads')
    const { once } = require('node:events')
    const code = \`
      const s = require(\${JSON.stringify(process.argv[1])})
      globalThis.kept = []
      const make = async () => {
        for (let i = 0; i < 8; i++) kept.push(await new s.SafeRegExp('-', 'g').replaceAsync('-'.repeat(100000), i % 2 ? 'é' : '漢'))
        require('node:worker_threads').parentPort.postMessage(kept.length)
        for (;;) kept.push(await new s.SafeRegExp('-', 'g').replaceAsync('-'.repeat(100000), 'é')), kept.length > 40 && kept.shift()
      }
      make()
    \`
    const run = async () => {
      for (let i = 0; i < 6; i++) {
        const worker = new Worker(code, { eval: true })
        await once(worker, 'message')
        await worker.terminate()
      }
      console.log('ended')
    }
    run()
  `, { prelude: '', args: [new URL('helpers/sidelane.cjs', import.meta.url).pathname] })
  t.is(status, 0, stderr)
  t.is(stdout, 'ended')
})
