'use strict'
// hashFile: documented in index.d.ts.

const { AsyncResource } = require('node:async_hooks')
const { types } = require('node:util')
const { fileURLToPath } = require('node:url')
const { native } = require('./native')
const { copyOf } = require('./bytes')
const { algorithmOf, readDigestOptions } = require('./algorithms')
const { readTaskOptions } = require('./options')
const { checkFunction, checkOptions, invalidType, invalidValue, isArray, isRevoked, readEach } = require('./validate')
const { run } = require('./task')

/** @type {import('./task-entry').Operation} */
const HASH_FILE = { name: 'hashFile', submit: native.submitHashFile, input: 'The path' }

const PATH = 'of type string or an instance of Buffer or URL'

/**
 * @param {any} algorithm
 * @param {any} path
 * @param {any} [options]
 * @returns {Promise<any>}
 */
function hashFile (algorithm, path, options) {
  const many = isArray(algorithm)
  /** @type {{ name: string, chosen: import('./algorithms').Algorithm }[]} */
  const asked = many ? readEach(algorithm, 'algorithms', (name, at) => ({ name, chosen: algorithmOf(name, at) })) : [{ name: algorithm, chosen: algorithmOf(algorithm) }]
  if (asked.length === 0) throw invalidValue('algorithms', algorithm, 'must not be empty')
  const distinct = [...new Set(asked.map(({ chosen }) => chosen))]
  const settings = readDigestOptionsOfAll(distinct, options)
  const task = { ...readTaskOptions(options), transfer: false, onProgress: readProgress(options) }
  const bytes = pathToBytes(path)
  const ids = Uint8Array.from(distinct, (each) => each.id)
  const finish = many
    ? (/** @type {any[]} */ digests) => Object.fromEntries(asked.map(({ name, chosen }) => [name, digests[distinct.indexOf(chosen)]]))
    : (/** @type {any[]} */ digests) => digests[0]
  return run(HASH_FILE, task, bytes, false, finish, ids, settings.encoding, settings.outputLength, settings.key, task.onProgress !== undefined)
}

/**
 * One length or key for several algorithms is right only if it is for each.
 *
 * @param {import('./algorithms').Algorithm[]} algorithms
 * @param {any} options
 * @returns {import('./algorithms').DigestSettings}
 */
function readDigestOptionsOfAll (algorithms, options) {
  if (options === undefined) return readDigestOptions(algorithms[0], options)
  checkOptions(options)
  const { encoding, outputLength, key } = options
  return algorithms.map((each) => readDigestOptions(each, { encoding, outputLength, key }))[0]
}

/**
 * @param {any} options
 * @returns {undefined | ((progress: any) => void)}
 */
function readProgress (options) {
  const onProgress = options?.onProgress
  if (onProgress === undefined) return undefined
  checkFunction(onProgress, 'options.onProgress')
  // It is called from a batch of results of everybody, so it takes the caller's async context with it.
  return /** @type {any} */ (AsyncResource.bind(/** @type {any} */ (onProgress)))
}

/**
 * @param {any} path
 * @returns {Uint8Array}
 */
function pathToBytes (path) {
  if (isRevoked(path)) throw invalidType('path', PATH, path)
  const plain = path instanceof URL ? urlToPath(path) : path
  if (typeof plain !== 'string' && !types.isUint8Array(plain)) throw invalidType('path', PATH, path)
  // A copy: the task may have to wait for room.
  const bytes = typeof plain === 'string' ? Buffer.from(plain) : copyOf(plain, 'path')
  if (bytes.includes(0)) throw invalidValue('path', path, 'must be without null bytes')
  return bytes
}

/**
 * @param {URL} url
 * @returns {string}
 */
function urlToPath (url) {
  try {
    return fileURLToPath(url)
  } catch (error) {
    // Without a code: an object with the prototype of URLs, which is none.
    throw /** @type {any} */ (error)?.code === undefined ? invalidType('path', PATH, url) : error
  }
}

module.exports = { hashFile }
