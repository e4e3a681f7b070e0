// What is done with a text of a user. The patterns are everyday ones, as they stand in many programs; each can be stalled in an engine that backtracks.
import { httpError } from './parameters.mjs'

/** A text with any of these is refused; with the flag i. */
export const FORBIDDEN = ['<script\\b', '\\bjavascript:', '\\bon\\w+\\s*=', 'data:text/html']

/** What is replaced, one after the other: spaces at the ends of lines, addresses. */
export const SCRUBS = [
  { source: '[ \\t]+$', flags: 'gm', replacement: '' },
  { source: '[\\w.+-]+@[\\w-]+(?:\\.[\\w-]+)+', flags: 'g', replacement: '[address]' }
]

export function forbidden () {
  return httpError(422, 'ERR_FORBIDDEN_TEXT', 'the text holds what is not allowed here')
}
