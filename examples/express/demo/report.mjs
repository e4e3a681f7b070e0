// The report: one HTML file that needs no other.
import { writeFileSync } from 'node:fs'
import { plot } from './plot.mjs'
import { sizeOf } from './scenarios.mjs'
import { ROWS, number, ratio } from './summary.mjs'

const CSS = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --soft: #59636e; --line: #d8dee4; --shade: #f6f8fa; --s0: #c2410c; --s1: #0f766e; --good: #0f766e; --bad: #c2410c }
@media (prefers-color-scheme: dark) { :root { --paper: #11151a; --ink: #e6e9ed; --soft: #9aa5b1; --line: #2c343d; --shade: #181e25; --s0: #fb923c; --s1: #2dd4bf; --good: #2dd4bf; --bad: #fb923c } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif }
main { max-width: 940px; margin: 0 auto; padding: 32px 28px 64px }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 12px }
h2 { font-size: 20px; margin: 44px 0 2px }
p { margin: 6px 0; max-width: 78ch }
.conclusion { font-size: 18px; border-left: 4px solid var(--s1); padding: 8px 16px; margin: 16px 0; background: var(--shade) }
.how, .about, figcaption, dt { color: var(--soft) }
.how { font-size: 14px; font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace }
.about, figcaption { font-size: 15px }
figure { margin: 14px 0 }
svg { width: 100%; height: auto; display: block; background: var(--shade); border: 1px solid var(--line); border-radius: 6px }
.grid { stroke: var(--line) } .axis { stroke: var(--soft) } .divider { stroke: var(--soft); stroke-dasharray: 3 3 }
.tick { fill: var(--soft); font-size: 12px }
.line { fill: none; stroke-width: 1.6 } .area { stroke: none; opacity: .16 }
.line.s0 { stroke: var(--s0) } .line.s1 { stroke: var(--s1) } .area.s0 { fill: var(--s0) } .area.s1 { fill: var(--s1) }
.key { display: inline-block; width: 22px; height: 0; border-top: 3px solid; vertical-align: middle; margin: 0 6px 0 14px }
.key.s0 { border-color: var(--s0); margin-left: 0 } .key.s1 { border-color: var(--s1) }
.scroll { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; min-width: 520px; width: 100% }
th, td { padding: 5px 14px 5px 0; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap }
th:first-child, td:first-child { text-align: left; font-weight: 400 }
th { font-size: 14px; color: var(--soft); font-weight: 600 }
td.better { color: var(--good); font-weight: 600 } td.worse { color: var(--bad); font-weight: 600 }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 18px; font-size: 15px } dd { margin: 0 }
li { margin: 6px 0; max-width: 80ch } ul { padding-left: 22px }
@media (max-width: 600px) {
  main { padding: 20px 16px 40px }
  table { min-width: 0; font-size: 14px } th, td { padding-right: 8px } td:first-child { white-space: normal }
  dl { grid-template-columns: 1fr } dd { margin-bottom: 6px }
}
code { font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .92em }
`

/**
 * @param {string} file
 * @param {{
 *   results: { scenario: import('./scenarios.mjs').Scenario, summaries: import('./summary.mjs').Summary[] }[],
 *   bursts: string[], conclusion: string, machine: ReturnType<typeof import('./machine.mjs').describe>, seconds: number, notes: string[]
 * }} content
 */
export function writeReport (file, { results, bursts, conclusion, machine, seconds, notes }) {
  const greatest = Math.max(...results.flatMap(({ summaries }) => summaries.slice(0, 2).map(({ figures }) => figures.delayMax)))
  const sections = results.map(({ scenario, summaries }) => `
<section>
<h2>${escape(scenario.title)}</h2>
<p class="how">${scenario.method} /*${escape(scenario.route)} &middot; ${sizeOf(scenario)} &middot; ${scenario.connections} connections</p>
<p class="about">${escape(scenario.about)}</p>
<figure>
${plot(summaries.slice(0, 2).map(({ variant, delays }) => ({ name: variant.name, rounds: delays })), { seconds, greatest, label: `Event-loop delay over time: ${escape(scenario.title)}` })}
<figcaption><span class="key s0"></span>inline<span class="key s1"></span>sidelane &nbsp; Event-loop delay over time, logarithmic. A plateau is one turn of the loop in which nobody else was served.</figcaption>
</figure>
<div class="scroll">${table(summaries)}</div>
</section>`)

  writeFileSync(file, `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sidelane: an Express server under load</title>
<style>${CSS}</style>
</head>
<body>
<main>
<h1>An Express server under load, inline and with Sidelane</h1>
<p class="conclusion">${escape(conclusion)}</p>
${sections.join('\n')}
<section>
<h2>A burst, and clients that go away</h2>
<ul>${bursts.map((text) => `<li>${escape(text)}</li>`).join('\n')}</ul>
</section>
<section>
<h2>How it was measured</h2>
<ul>${notes.map((text) => `<li>${escape(text)}</li>`).join('\n')}</ul>
<dl>
<dt>Date</dt><dd>${escape(machine.date)}</dd>
<dt>Machine</dt><dd>${escape(machine.machine)}</dd>
<dt>System</dt><dd>${escape(machine.system)}</dd>
<dt>Versions</dt><dd>${escape(machine.versions)}</dd>
<dt>Runtime</dt><dd>${escape(machine.runtime)}</dd>
<dt>Load</dt><dd>${escape(machine.load)}</dd>
</dl>
</section>
</main>
</body>
</html>
`)
}

/** @param {import('./summary.mjs').Summary[]} summaries */
function table (summaries) {
  const [inline, sidelane, ...others] = summaries
  const head = ['', inline.variant.name, sidelane.variant.name, 'better', ...others.map(({ variant }) => variant.name)]
  const rows = ROWS.map((row) => {
    const better = ratio(row, inline, sidelane)
    const times = Number.parseFloat(better.replaceAll(',', ''))
    const cell = (/** @type {import('./summary.mjs').Summary} */ { figures }) => `<td>${number(figures[row.key])}</td>`
    const name = row.unit ? `${row.label}, ${row.unit}` : row.label
    return `<tr><td>${escape(name)}</td>${cell(inline)}${cell(sidelane)}<td${times >= 1.2 ? ' class="better"' : times <= 0.83 ? ' class="worse"' : ''}>${better.replace('x', '×')}</td>${others.map(cell).join('')}</tr>`
  })
  return `<table><thead><tr>${head.map((name) => `<th>${escape(name)}</th>`).join('')}</tr></thead><tbody>${rows.join('\n')}</tbody></table>`
}

/** @param {string} text */
function escape (text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
