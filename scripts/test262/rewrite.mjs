// Regular expression literals as constructions of the class under test.
import { createRequire } from 'node:module'

/** The names that the worker defines for rewritten code. */
export const CONSTRUCT = '$construct'
export const REWRITE = '$rewrite'

/** @type {typeof import('acorn').Parser | undefined} */
let tolerant

/** A worker loads it, which takes 8 ms, only for a test that needs it. Patterns and flags are for the class under test to judge, not for the parser of the source text. */
function tolerantParser () {
  const { Parser } = createRequire(import.meta.url)('acorn')
  tolerant ??= /** @type {typeof import('acorn').Parser} */ (Parser.extend((/** @type {any} */ Base) => class extends Base {
    validateRegExpFlags () {}
    validateRegExpPattern () {}
  }))
  return tolerant
}

/**
 * @typedef {{ type: string, start: number, end: number, [key: string]: any }} Node
 * @typedef {{ pattern: string, flags: string }} Literal
 */

/** @param {string} source @returns {Node | undefined} undefined if it is not a script */
function parse (source) {
  try {
    return /** @type {Node} */ (/** @type {unknown} */ (tolerantParser().parse(source, { ecmaVersion: 'latest', sourceType: 'script', allowReturnOutsideFunction: true, allowHashBang: true })))
  } catch {
    return undefined
  }
}

/** @param {Node} root @param {(node: Node) => void} visit */
function walk (root, visit) {
  const pending = [root]
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    visit(node)
    for (const child of Object.values(node)) {
      if (Array.isArray(child)) pending.push(...child.filter((item) => typeof item?.type === 'string'))
      else if (typeof child?.type === 'string') pending.push(child)
    }
  }
}

/** @param {Node} node @returns {Node | undefined} the argument that is source text, of a call of `eval` or `Function` */
function sourceArgument (node) {
  if (node.type !== 'CallExpression' && node.type !== 'NewExpression') return undefined
  if (node.callee.type !== 'Identifier') return undefined
  const argument = node.callee.name === 'eval' ? node.arguments[0] : node.callee.name === 'Function' ? node.arguments.at(-1) : undefined
  return argument?.type === 'SpreadElement' ? undefined : argument
}

/**
 * How much a test has to do with RegExp; undefined if it is not a script.
 *
 * @param {string} source
 * @returns {{ literals: number, exercises: boolean } | undefined}
 */
export function describe (source) {
  const root = parse(source)
  if (root === undefined) return undefined
  let literals = 0
  let other = false
  walk(root, (node) => {
    if (node.type === 'Literal' && node.regex !== undefined) literals++
    else if (node.type === 'Identifier' && node.name === 'RegExp') other = true
    else if (sourceArgument(node) !== undefined) other = true
  })
  return { literals, exercises: literals > 0 || other }
}

/** @param {string} source @returns {Literal[]} in the order of the text */
export function literals (source) {
  const root = parse(source)
  /** @type {(Literal & { start: number })[]} */
  const found = []
  if (root !== undefined) {
    walk(root, (node) => {
      if (node.type === 'Literal' && node.regex !== undefined) found.push({ start: node.start, ...node.regex })
    })
  }
  return found.sort((a, b) => a.start - b.start)
}

/**
 * `source` with each literal as a construction, and with the source text that it hands to `eval` and `Function` rewritten when it
 * gets there. What is no script is returned as it is: it fails where it is evaluated.
 *
 * @param {string} source
 * @returns {string}
 */
export function rewrite (source) {
  const root = parse(source)
  if (root === undefined) return source
  /** @type {{ at: number, remove: number, text: string }[]} */
  const edits = []
  walk(root, (node) => {
    if (node.type === 'Literal' && node.regex !== undefined) {
      const { pattern, flags } = node.regex
      edits.push({ at: node.start, remove: node.end - node.start, text: `new ${CONSTRUCT}(${quote(pattern)}, ${quote(flags)})` })
    }
    const argument = sourceArgument(node)
    if (argument !== undefined) {
      edits.push({ at: argument.start, remove: 0, text: `${REWRITE}(` }, { at: argument.end, remove: 0, text: ')' })
    }
  })
  edits.sort((a, b) => a.at - b.at)
  let result = ''
  let from = 0
  for (const { at, remove, text } of edits) {
    result += source.slice(from, at) + text
    from = at + remove
  }
  return result + source.slice(from)
}

/** @param {string} text */
function quote (text) {
  return JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
}
