'use strict'
// Functions whose module is loaded with the first call: require('sidelane') takes 9 ms, most of it compiling, and few programs use everything.

/**
 * @template {object} T
 * @param {() => T} load
 * @param {readonly (keyof T & string)[]} names
 * @returns {Readonly<T>}
 */
function namespace (load, names) {
  /** @type {any} */
  let loaded
  const later = (/** @type {string} */ name) => ({
    [name] (/** @type {any[]} */ ...args) {
      loaded ??= load()
      return loaded[name](...args)
    }
  })
  return Object.freeze(Object.assign({}, ...names.map(later)))
}

module.exports = { namespace }
