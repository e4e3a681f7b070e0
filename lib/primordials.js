'use strict'
// Globals as they were at load: a program that replaces them does not reach our tasks.

module.exports = {
  SafePromise: Promise,
  /** A promise that is settled. Made at load, since Node 20 keeps the async context in which it is made. */
  settled: Promise.resolve()
}
