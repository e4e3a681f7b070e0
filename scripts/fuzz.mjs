// Fuzzes every target of fuzz/, one after the other. Nightly Rust.
//   node scripts/fuzz.mjs [--seconds 60] [TARGET...]
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { cargoTool, root, run } from './tools.mjs'

const { values: { seconds }, positionals } = parseArgs({ options: { seconds: { type: 'string', default: '60' } }, allowPositionals: true })
const directory = path.join(root, 'fuzz', 'fuzz_targets')
const targets = existsSync(directory) ? readdirSync(directory).filter((name) => name.endsWith('.rs')).map((name) => name.slice(0, -3)) : []
if (targets.length === 0) throw new Error('fuzz/fuzz_targets has no target')
const unknown = positionals.filter((name) => !targets.includes(name))
if (unknown.length > 0) throw new Error(`no such target: ${unknown.join(', ')}; there are ${targets.join(', ')}`)

const program = cargoTool('cargo-fuzz')
for (const target of positionals.length > 0 ? positionals : targets) {
  console.log(`fuzz: ${target}, ${seconds} s`)
  run('cargo', ['+nightly', 'fuzz', 'run', target, '--', `-max_total_time=${seconds}`, '-rss_limit_mb=2048', '-timeout=10'], {
    env: { PATH: `${path.dirname(program)}${path.delimiter}${process.env.PATH}` }
  })
}
