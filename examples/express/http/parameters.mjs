// What clients may ask for. Everything else is a 400 or 404 before any work.
import path from 'node:path'

/** Those that node:crypto and Sidelane have in common under one name. */
const ALGORITHMS = /** @type {const} */ (['sha256', 'sha512', 'sha3-256', 'sha1', 'md5'])

/** @typedef {typeof ALGORITHMS[number]} Algorithm */

/**
 * `?algorithms=sha256,md5`; sha256 if there is none.
 *
 * @param {Record<string, unknown>} query
 * @returns {Algorithm[]}
 */
export function algorithmsOf ({ algorithms = 'sha256' }) {
  // Each at most once: `sha256,sha256,...` is no way to make one request cost a thousand.
  const names = [...new Set(String(algorithms).split(','))]
  return names.map((name) => {
    const known = ALGORITHMS.find((algorithm) => algorithm === name)
    if (known === undefined) throw httpError(400, 'ERR_ALGORITHM', `algorithms must be among ${ALGORITHMS.join(', ')}`)
    return known
  })
}

/**
 * `?algorithm=sha256`.
 *
 * @param {Record<string, unknown>} query
 */
export function algorithmOf ({ algorithm }) {
  const algorithms = algorithmsOf({ algorithms: algorithm })
  if (algorithms.length > 1) throw httpError(400, 'ERR_ALGORITHM', 'algorithm must be one name')
  return algorithms[0]
}

/**
 * `?name=report.pdf`: the path of a file that lies directly in `directory`. A name with a separator, a drive, `..` or a NUL is no file name, so no request leaves the directory.
 * (A symbolic link in it leads where it leads: who may create one there decides what is served.)
 *
 * @param {string} directory
 * @param {Record<string, unknown>} query
 */
export function fileOf (directory, { name }) {
  if (typeof name !== 'string' || !/^[\w-][\w .-]*$/.test(name)) throw httpError(400, 'ERR_FILE_NAME', 'name must be a plain file name')
  return path.join(directory, name)
}

/**
 * @param {Map<string, Buffer>} documents
 * @param {{ name: string }} parameters
 */
export function documentOf (documents, { name }) {
  const document = documents.get(name)
  if (document === undefined) throw httpError(404, 'ERR_NO_DOCUMENT', 'no such document')
  return document
}

/**
 * Refuses a body in an encoding, where it is unclear what is to be done with it: as it was sent, or as it was meant?
 *
 * @param {import('node:http').IncomingHttpHeaders} headers
 */
export function checkPlain ({ 'content-encoding': encoding = 'identity' }) {
  if (encoding !== 'identity') throw httpError(415, 'ERR_ENCODING', 'there must be no Content-Encoding')
}

/**
 * @param {number} statusCode
 * @param {string} code
 * @param {string} message
 * @param {Record<string, unknown>} [more]
 */
export function httpError (statusCode, code, message, more) {
  return Object.assign(new Error(message), { statusCode, code, ...more })
}
