// npm run demo: the example's server under load, inline and with Sidelane, side by side; in the terminal, and as a report with plots.
//   node examples/express/demo.mjs [--seconds N] [--only SCENARIO,...] [--no-build]
// N: of each round, 3 by default. --no-build: measures the addon that is there.
// It needs Rust, Node and a C linker; what else is missing it builds and installs. All traffic stays on 127.0.0.1.
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { buildAddon, installPackages } from './demo/setup.mjs'

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '3' }, only: { type: 'string' }, 'no-build': { type: 'boolean' } } })
const seconds = Number(values.seconds)
if (!(seconds >= 1 && seconds <= 60)) throw new Error('--seconds must be 1 to 60')

console.log('Building the addon, installing the packages of the example')
try {
  if (!values['no-build']) buildAddon()
  installPackages()
} catch (error) {
  // The output of cargo or npm stands above.
  console.error(/** @type {Error} */ (error).message)
  process.exit(1)
}

// Only now: they need the packages.
const { SCENARIOS, SIZE } = await import('./demo/scenarios.mjs')
const { demoRows } = await import('./demo/rows.mjs')
const { drive } = await import('./demo/drive.mjs')
const { CLIENTS, overload, disconnect } = await import('./demo/burst.mjs')
const { startServer } = await import('./demo/server-process.mjs')
const { describe } = await import('./demo/machine.mjs')
const { number, summarize } = await import('./demo/summary.mjs')
const { bold, bursts, burstTexts, dim, table, wrap } = await import('./demo/terminal.mjs')
const { writeReport } = await import('./demo/report.mjs')

const only = values.only?.split(',')
const scenarios = SCENARIOS.filter(({ id }) => !only || only.includes(id))
if (scenarios.length === 0) throw new Error(`--only takes ${SCENARIOS.map(({ id }) => id).join(', ')}`)

const files = mkdtempSync(path.join(tmpdir(), 'sidelane-demo-'))
process.on('exit', () => rmSync(files, { recursive: true, force: true }))
const body = randomBytes(SIZE)
writeFileSync(path.join(files, 'archive.bin'), body)
const sha256 = (/** @type {Buffer} */ bytes) => createHash('sha256').update(bytes).digest('hex')
const rows = demoRows(SIZE)
const bodies = { upload: body, stream: body, rows: rows.body }
const digests = { document: sha256(Buffer.alloc(SIZE, 'catalogue ')), file: sha256(body), upload: sha256(body), stream: sha256(body), rows: rows.answer }

const probe = await startServer({ files, bounds: {} })
const machine = describe(await probe.ask('runtime'))
await probe.end()
const rounds = scenarios.reduce((sum, { variants }) => sum + variants.reduce((all, variant) => all + variant.rounds, 0), 0)
console.log(`\n${machine.versions}\n${machine.machine}; ${machine.load}\n${dim(`${rounds} rounds of ${seconds} s, a server process for each. Server and load share the cores.`)}`)

const results = []
let failures = 0
for (const scenario of scenarios) {
  /** @type {Map<import('./demo/scenarios.mjs').Variant, import('./demo/drive.mjs').Round[]>} */
  const measured = new Map(scenario.variants.map((variant) => [variant, []]))
  // Alternating, so that what else goes on in the machine meets both.
  for (let round = 0; round < Math.max(...scenario.variants.map((variant) => variant.rounds)); round++) {
    for (const variant of scenario.variants) {
      if (round >= variant.rounds) continue
      progress(`${scenario.title}: ${variant.name}, round ${round + 1}`)
      measured.get(variant)?.push(await drive(scenario, variant, { files, bodies, seconds, digests }))
    }
  }
  progress('')
  const summaries = [...measured].map(([variant, all]) => summarize(variant, all))
  table(scenario, summaries)
  for (const { variant, failures: wrong } of summaries) {
    // 'inline' may lose connections under such a load; whatever it does is its result. Sidelane has to be right.
    if (wrong > 0) console.log(`  ${variant.name}: ${wrong} answers were wrong, lost, or neither 200 nor 503`)
    if (variant.name === 'sidelane') failures += wrong
  }
  results.push({ scenario, summaries })
}

progress('A burst, and clients that go away')
const burst = await overload({ files })
const gone = { inline: await disconnect('inline', { files }), sidelane: await disconnect('sidelane', { files }) }
progress('')
bursts(burst, gone)
if (burst.served < CLIENTS || !gone.sidelane.servesAgain) failures++

const [first] = results
const [inline, sidelane] = first.summaries
const conclusion = `${first.scenario.connections} clients, SHA-256 of 8 MiB per request: event-loop delay p99 ${number(inline.figures.delayP99)} ms inline, ${number(sidelane.figures.delayP99)} ms with Sidelane; ` +
  `/ping p99 ${number(inline.figures.pingP99)} ms and ${number(sidelane.figures.pingP99)} ms; ${number(inline.figures.perSecond)} and ${number(sidelane.figures.perSecond)} requests/s.`
const report = fileURLToPath(new URL('report.html', import.meta.url))
writeReport(report, {
  results,
  bursts: burstTexts(burst, gone),
  conclusion,
  machine,
  seconds,
  notes: [
    `Each round of ${seconds} s has a server process of its own; rounds of inline and Sidelane alternate. Quantiles of the event-loop delay are the mean of the rounds, maxima the greatest of them.`,
    'The load generator (autocannon), the clients of /ping and the server share the machine\'s cores. What the generator takes the server does not have: read these figures as a comparison, ' +
      'not as what the server could do alone.',
    'Event-loop delay: perf_hooks.monitorEventLoopDelay, in the server, its resolution of 1 ms subtracted. The plots come from a timer of 5 ms.',
    'A request to /ping is sent every 25 ms, whether or not the last one was answered. One without an answer at the end counts with the time it had waited.',
    'CPU per request: all threads of the server, user and system, by answered request. Memory: the greatest resident size in the round.',
    'Every answer is checked: it must hold the right digest, the right statistics, or the scrubbed text.'
  ]
})
console.log(`\n${wrap(conclusion).map(bold).join('\n')}\nReport: ${path.relative(process.cwd(), report)}`)
if (failures > 0) {
  console.error(`${failures} failures`)
  process.exitCode = 1
}

/** @param {string} text */
function progress (text) {
  if (process.stdout.isTTY) process.stdout.write(`\r\u001b[K${dim(text)}`)
}
