// Writes the cases of this folder with the RegExp of the Node that runs it (24 or newer):
//
//   node testdata/regexp/generate.mjs                                    all files here
//   node testdata/regexp/generate.mjs --random 20000 --seed 7 > out.json random patterns, for a run of crates/regexp's tests with
//                                                                        REGEXP_CASES=out.json
//
// A case is { pattern, flags, subject, start, sticky, expected }: expected is null, or the offsets of each group (null: unset); or
// { pattern, flags, error: true }. Code units outside printable ASCII, and the backslash, are written \uXXXX.
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { traps, errors } from './traps.mjs'
import { randomCases } from './random.mjs'

const here = dirname(fileURLToPath(import.meta.url))

function escape (text) {
  return text.replace(/[^ -[\]-~]/g, unit => '\\u' + unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0'))
}

export function run (pattern, flags, subject, start = 0, sticky = false) {
  const regexp = new RegExp(pattern, flags.replace(/[dgy]/g, '') + 'd' + (sticky ? 'y' : 'g'))
  regexp.lastIndex = start
  const match = regexp.exec(subject)
  return {
    pattern: escape(pattern),
    flags,
    subject: escape(subject),
    start,
    sticky,
    expected: match && Array.from(match.indices, range => range ?? null)
  }
}

function lines (cases) {
  return '[\n' + cases.map(entry => '  ' + JSON.stringify(entry)).join(',\n') + '\n]\n'
}

/** What ECMA-262 refuses. V8 does not refuse all of it: that is said, and recorded all the same. */
function refused (pattern, flags) {
  try {
    new RegExp(pattern, flags) // oxlint-disable-line no-new
    console.error(`accepted by this Node: /${pattern}/${flags}`)
  } catch {}
  return { pattern: escape(pattern), flags, error: true }
}

const option = name => process.argv.includes(name) ? Number(process.argv[process.argv.indexOf(name) + 1]) : undefined

const count = option('--random')
if (count !== undefined) {
  process.stdout.write(lines(randomCases(count, option('--seed') ?? 1, run)))
} else {
  writeFileSync(join(here, 'traps.json'), lines(traps.flatMap(([pattern, flags, ...subjects]) =>
    subjects.map(subject => Array.isArray(subject)
      ? run(pattern, flags, ...subject)
      : run(pattern, flags, subject)))))
  writeFileSync(join(here, 'errors.json'), lines(errors.map(([pattern, flags]) => refused(pattern, flags))))
  writeFileSync(join(here, 'random.json'), lines(randomCases(1500, 4, run)))
}
