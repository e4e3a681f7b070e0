'use strict'
// runtime(): documented in index.d.ts.

const { binding } = require('./binding')

function runtime () {
  return binding.runtime()
}

module.exports = { runtime }
