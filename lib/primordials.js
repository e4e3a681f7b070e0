'use strict'
// Globals as they were at load: a program that replaces them does not reach our tasks.

module.exports = { SafePromise: Promise }
