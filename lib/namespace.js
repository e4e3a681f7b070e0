'use strict'
// Modules that are loaded with their first use: each costs require('sidelane') 0.2 ms, most of it compiling, and few programs use everything.

/**
 * Functions whose module is loaded with the first call.
 *
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

/**
 * Adds exports whose module is loaded when one of them is first read. From then on they are properties like any other; and before, if they are written.
 *
 * @template {object} T
 * @param {object} target
 * @param {() => T} load
 * @param {readonly (keyof T & string)[]} names
 */
function addExports (target, load, names) {
  for (const name of names) {
    Object.defineProperty(target, name, {
      get () {
        const value = load()[name]
        become(target, name, value)
        return value
      },
      set (value) { become(this, name, value) },
      enumerable: true,
      configurable: true
    })
  }
}

/** @param {object} target @param {string} name @param {unknown} value */
function become (target, name, value) {
  Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true })
}

module.exports = { namespace, addExports }
