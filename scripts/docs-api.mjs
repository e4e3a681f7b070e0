// Writes docs/api.md from the comments of index.d.ts. Committed; --check (in lint) fails when it is not current.
import { mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { root, tool } from './tools.mjs'

const out = mkdtempSync(path.join(tmpdir(), 'sidelane-docs-'))
const target = path.join(root, 'docs', 'api.md')
try {
  tool('typedoc/bin/typedoc', ['--options', 'typedoc.json', '--out', out, '--logLevel', 'Warn', '--treatWarningsAsErrors'])
  const text = `<!-- Generated from index.d.ts by \`npm run docs:api\`: edit the comments there. -->\n\n${tidy(readFileSync(path.join(out, 'api.md'), 'utf8'))}\n`
  if (!process.argv.includes('--check')) {
    mkdirSync(path.dirname(target), { recursive: true })
    writeFileSync(target, text)
    console.log('wrote docs/api.md')
  } else if (!existsSync(target) || readFileSync(target, 'utf8') !== text) {
    console.error('docs/api.md is not current: npm run docs:api')
    process.exitCode = 1
  }
} finally {
  rmSync(out, { recursive: true, force: true })
}

/**
 * Leaves out what the signature above it already says: half of the generated lines.
 *
 * @param {string} text
 */
function tidy (text) {
  const lines = text.replaceAll('\n***\n', '').split('\n').map((line) => line.trimEnd())
  /** @type {{ level: number, title: string, body: string[] }[]} */
  const sections = [{ level: 0, title: '', body: [] }]
  let code = false
  for (const line of lines) {
    if (line.startsWith('```')) code = !code
    const heading = code ? null : /^(#+) (.*)$/.exec(line)
    if (heading) sections.push({ level: heading[1]?.length ?? 0, title: heading[2] ?? '', body: [] })
    else sections.at(-1)?.body.push(line)
  }
  const said = (/** @type {{ title: string, body: string[] }} */ { title, body }) => {
    const words = body.filter((line) => line !== '')
    if (/^(Inherited from|Overrides|Implementation of|Implements)$/.test(title)) return true
    // Only types, which the signature has.
    if (title === 'Parameters' || title === 'Type Parameters') return !words[0]?.includes('Description')
    return title === 'Returns' && words.length === 1
  }
  const kept = []
  for (let i = 0; i < sections.length; i++) {
    const section = /** @type {(typeof sections)[0]} */ (sections[i])
    const end = sections.findIndex((other, at) => at > i && other.level <= section.level)
    const inside = sections.slice(i, end < 0 ? undefined : end)
    // Error's own constructor, which nobody calls.
    const inherited = section.title === 'Constructors' && inside.some(({ title, body }) => title === 'Inherited from' && body.some((line) => line.includes('Error.constructor')))
    if (inherited) i += inside.length - 1
    else if (!said(section)) kept.push(section)
  }
  return kept.map(({ level, title, body }) => `${level > 0 ? `${'#'.repeat(level)} ${title}\n` : ''}${body.join('\n').trimEnd()}\n`).join('\n').replace(/\n{3,}/g, '\n\n').trim()
}
