// Objects that live for a moment keep their hidden classes from one collection to the next, since one of each shape is kept.
import test from 'ava'
import { createRequire } from 'node:module'
import { setFlagsFromString } from 'node:v8'
import { SafeRegExp } from 'sidelane'

const require = createRequire(import.meta.url)
const { kept } = require('../lib/shapes.js')
const { submissionOf } = require('../lib/task.js')
const { Entry } = require('../lib/task-entry.js')

setFlagsFromString('--allow-natives-syntax')
// eslint-disable-next-line no-new-func
const haveSameMap = new Function('a', 'b', 'return %HaveSameMap(a, b)')

/** @param {object} object */
const isKept = (object) => kept.some((example) => haveSameMap(example, object))

test('of an iterator of matchAll(), new, in use and done', (t) => {
  for (const flags of ['g', 'gu', 'gdy']) {
    for (const subject of ['', 'aab', 'a'.repeat(3000)]) {
      const iterator = subject.matchAll(new SafeRegExp('(a)', flags))
      t.true(isKept(iterator))
      iterator.next()
      t.true(isKept(iterator))
      while (!iterator.next().done);
      t.true(isKept(iterator))
    }
  }
})

test('of the arrays of matches with indices, whose parents are those without', (t) => {
  for (const source of ['a', '(a)', '(?<x>a)', '(a)|(?<x>b)', '(((((((a)))))))']) {
    const match = new SafeRegExp(source, 'd').exec('ba')
    t.true(isKept(match), source)
  }
})

test('of what is known of a task, whatever its numbers are', (t) => {
  const lane = { name: 'a' }
  for (const timeout of [0, 1, 0.5, 1e12]) {
    for (const bytes of [0, 2 ** 31, 2 ** 40]) {
      const entry = new Entry({ name: 'a', submit: () => 0 }, { lane, timeout }, bytes, undefined)
      t.true(isKept(entry))
      Object.assign(entry, { tag: 3, submitted: true, settled: true, keep: new Uint8Array(1), trace: {}, deadline: Infinity })
      t.true(isKept(entry))
    }
  }
})

test('of what is handed to the binary, whatever its arguments are', (t) => {
  for (const value of [0, 2 ** 31, 0.5, '', undefined, {}, new Uint8Array(1), true]) t.true(isKept(submissionOf(1, true, false, value, true, value, value, value, value, value)), String(value))
})
