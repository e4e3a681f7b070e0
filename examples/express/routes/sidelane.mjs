// The same routes with Sidelane: the work runs on a lane beside the event loop, within bounds, and stops when its client has gone.
// What a full lane or a passed timeout throws becomes a 503 or 504 in http/errors.mjs: no handler needs a line for it.
import { pipeline } from 'node:stream/promises'
import { Router } from 'express'
import { admission } from '../http/admission.mjs'
import { readBody } from '../http/body.mjs'
import { disconnectSignal } from '../http/disconnect.mjs'
import { algorithmOf, algorithmsOf, checkPlain, documentOf, fileOf } from '../http/parameters.mjs'
import { fieldOf, isGzip, rowsAnswer } from '../http/rows.mjs'
import { FORBIDDEN, SCRUBS, forbidden } from '../http/scrub.mjs'
import { SafeRegExp, SafeRegExpSet, compress, createHash, hash, hashFile, ndjson, numeric } from '../sidelane.mjs'

const FORBIDDEN_SET = new SafeRegExpSet(FORBIDDEN, 'i')
const SAFE_SCRUBS = SCRUBS.map(({ source, flags, replacement }) => ({ regexp: new SafeRegExp(source, flags), replacement }))

/** @typedef {import('../../../index.mjs').Lane} Lane */

/**
 * @param {{
 *   files: string, documents: Map<string, Buffer>, uploadBytes: number, rowsBytes: number,
 *   uploads: Parameters<typeof admission>[0], lanes: { uploads: Lane, files: Lane, rows: Lane, texts: Lane, documents: Lane }
 * }} options
 */
export function sidelaneRoutes ({ files, documents, uploadBytes, rowsBytes, uploads, lanes }) {
  const routes = Router()
  // A lane bounds the hashing. What has to come before it, the reading of bodies, is bounded here.
  const admit = admission(uploads)

  // An upload: its digests.
  routes.post('/digest', admit, async (/** @type {any} */ req, /** @type {any} */ res) => {
    const algorithms = algorithmsOf(req.query)
    checkPlain(req.headers)
    const body = await readBody(req, uploadBytes)
    const bytes = body.length
    const options = { lane: lanes.uploads, signal: disconnectSignal(res) }
    // `transfer` gives the body away instead of copying it. Of several digests only the last may do so; the others have copied it by then.
    const digests = await Promise.all(algorithms.map((algorithm, i) => hash(algorithm, body, { ...options, transfer: i === algorithms.length - 1 })))
    res.json({ bytes, digests: byAlgorithm(algorithms, digests) })
  })

  // An upload of NDJSON, gzipped or not: statistics of one number of each row. No row becomes an object. A bomb ends at `rowsBytes` with a 413.
  routes.post('/rows', admit, async (/** @type {any} */ req, /** @type {any} */ res) => {
    const field = fieldOf(req.query)
    const gzip = isGzip(req.headers)
    const body = await readBody(req, uploadBytes)
    const options = { lane: lanes.rows, signal: disconnectSignal(res) }
    const text = gzip ? await compress.gunzip(body, { ...options, transfer: true, maxOutputLength: rowsBytes }) : body
    // Without `transfer`: results lie in memory of Sidelane's, which Node 20 can only take over by copying it, and more slowly.
    const { values } = await ndjson.columns(text, { values: field }, { ...options, columns: { values: 'f64' } })
    const [statistics, anomalies] = await Promise.all([numeric.describe(values, options), numeric.anomalies(values, { ...options, method: 'zscore' })])
    res.json(rowsAnswer(statistics, anomalies))
  })

  // An upload of any size: never more than about a megabyte of it is in memory. A full lane slows the sender down, through the stream's backpressure.
  routes.post('/digest/stream', admit, async (/** @type {any} */ req, /** @type {any} */ res) => {
    const algorithm = algorithmOf(req.query)
    const hasher = createHash(algorithm, { lane: lanes.uploads })
    // If the client disconnects, pipeline() destroys the hasher, which stops its task.
    await pipeline(req, hasher)
    res.json({ digests: { [algorithm]: hasher.digest('hex') } })
  })

  // A text of a user: checked and scrubbed, in time linear in its length, whatever it holds.
  routes.post('/scrub', admit, async (/** @type {any} */ req, /** @type {any} */ res) => {
    checkPlain(req.headers)
    const text = (await readBody(req, uploadBytes)).toString()
    const options = { lane: lanes.texts, signal: disconnectSignal(res) }
    if (await FORBIDDEN_SET.testAsync(text, options)) throw forbidden()
    let scrubbed = text
    for (const { regexp, replacement } of SAFE_SCRUBS) scrubbed = await regexp.replaceAsync(scrubbed, replacement, options)
    res.json({ length: scrubbed.length, text: scrubbed })
  })

  // A file of the server: read and hashed natively, in one pass for all algorithms. None of its bytes passes through JavaScript.
  routes.get('/file', async (/** @type {any} */ req, /** @type {any} */ res) => {
    const algorithms = algorithmsOf(req.query)
    const digests = await hashFile(algorithms, fileOf(files, req.query), { lane: lanes.files, signal: disconnectSignal(res) })
    res.json({ digests })
  })

  // A document that the server holds in memory, and needs again: so no `transfer` here. (Where its bytes never change, keep the digest instead.)
  routes.get('/documents/:name/digest', async (/** @type {any} */ req, /** @type {any} */ res) => {
    const algorithms = algorithmsOf(req.query)
    const document = documentOf(documents, req.params)
    const options = { lane: lanes.documents, signal: disconnectSignal(res) }
    const digests = await Promise.all(algorithms.map((algorithm) => hash(algorithm, document, options)))
    res.json({ digests: byAlgorithm(algorithms, digests) })
  })

  return routes
}

/**
 * @param {string[]} algorithms
 * @param {string[]} digests
 */
function byAlgorithm (algorithms, digests) {
  return Object.fromEntries(algorithms.map((algorithm, i) => [algorithm, digests[i]]))
}
