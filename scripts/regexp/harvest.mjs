// Every regular expression literal of installed packages.
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { Parser } from 'acorn'

/** @typedef {{ source: string, flags: string, file: string }} Harvested */

// Source files above this are bundles of what is installed beside them, or data.
const LARGEST = 4 * 1024 * 1024

// The literals are for those who compare to judge.
const TolerantParser = Parser.extend((Base) => class extends Base {
  validateRegExpFlags () {}
  validateRegExpPattern () {}
})

/**
 * The literals of all JavaScript below the folders, each (pattern, flags) once, in an order that does not depend on the machine.
 * Files that do not parse are left out.
 *
 * @param {string[]} folders
 * @returns {Harvested[]}
 */
export function harvest (folders) {
  /** @type {Map<string, Harvested>} */
  const found = new Map()
  for (const folder of folders) {
    for (const file of scripts(folder)) {
      for (const { source, flags } of literals(readFileSync(file, 'utf8'))) {
        const key = `/${source}/${flags}`
        if (!found.has(key)) found.set(key, { source, flags, file })
      }
    }
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, literal]) => literal)
}

/** @param {string} folder @returns {Generator<string>} */
function * scripts (folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const file = path.join(entry.parentPath, entry.name)
    if (entry.isFile() && /\.[cm]?js$/.test(entry.name)) yield file
  }
}

/** @param {string} text @returns {{ source: string, flags: string }[]} */
function literals (text) {
  if (text.length > LARGEST || !text.includes('/')) return []
  for (const sourceType of /** @type {const} */ (['module', 'script'])) {
    /** @type {{ source: string, flags: string }[]} */
    const found = []
    try {
      TolerantParser.parse(text, {
        ecmaVersion: 'latest',
        sourceType,
        allowReturnOutsideFunction: true,
        allowHashBang: true,
        onToken: (token) => {
          const value = /** @type {{ pattern: string, flags: string } | undefined} */ (/** @type {any} */ (token).value)
          if (token.type.label === 'regexp' && value !== undefined) found.push({ source: value.pattern, flags: value.flags })
        }
      })
      return found
    } catch {
      // Neither: left out.
    }
  }
  return []
}
