// The process of one scenario: started by run.mjs with the scenario's name.
import { watchLoad } from './load.mjs'

const [name, quick] = [process.argv[2], process.argv[3] === 'true']

/** @type {import('./types.js').Context} */
const context = {
  quick,
  pick: (full, short) => (quick ? short : full),
  progress: (text) => { process.send?.({ progress: text }) }
}

// The stack alone: errors of child processes carry their whole output.
process.on('uncaughtException', (error) => {
  console.error(`\n${String(error.stack).slice(0, 4000)}`)
  process.exit(1)
})

/** @type {import('./types.js').Scenario} */
const scenario = await import(`../scenarios/${name}.mjs`)
const stop = watchLoad()
const { tables, figures } = await scenario.run(context)
const load = stop()
const checks = (scenario.checks ?? []).map((check) => evaluate(check, figures))
process.send?.({ report: { name, title: scenario.title, about: scenario.about, tables, figures, checks, load } }, () => process.exit(0))

/**
 * @param {import('./types.js').Check} check
 * @param {import('./types.js').Figures} figures
 * @returns {import('./types.js').CheckResult}
 */
function evaluate ({ measured, ...check }, figures) {
  const value = measured(figures)
  if (!Number.isFinite(value)) return { ...check, measured: null, met: null }
  return { ...check, measured: value, met: check.sense === 'at most' ? value <= check.limit : value >= check.limit }
}
