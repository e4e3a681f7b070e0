// What is written today: the work is done on the event loop. One request of 8 MiB stops every other client for about 8 ms; 200 of them, for seconds.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import express, { Router } from 'express'
import { algorithmOf, algorithmsOf, documentOf, fileOf, httpError } from '../http/parameters.mjs'
import { fieldOf, isGzip, rowsAnswer } from '../http/rows.mjs'
import { FORBIDDEN, SCRUBS, forbidden } from '../http/scrub.mjs'

/**
 * @param {{ files: string, documents: Map<string, Buffer>, uploadBytes: number, rowsBytes: number }} options
 */
export function inlineRoutes ({ files, documents, uploadBytes, rowsBytes }) {
  const routes = Router()
  const rawBody = express.raw({ limit: uploadBytes, inflate: false, type: () => true })

  // An upload: its digests.
  routes.post('/digest', rawBody, digestUpload)

  // An upload of NDJSON, gzipped or not: statistics of one number of each row. express.raw unpacks it.
  routes.post('/rows', express.raw({ limit: rowsBytes, type: () => true }), (/** @type {any} */ req, /** @type {any} */ res) => {
    isGzip(req.headers)
    const values = numbersOf(req.body ?? Buffer.alloc(0), fieldOf(req.query))
    const statistics = describe(values)
    res.json(rowsAnswer(statistics, anomalies(values, statistics)))
  })

  // An upload of any size: hashed as it comes.
  routes.post('/digest/stream', async (/** @type {any} */ req, /** @type {any} */ res) => {
    const algorithm = algorithmOf(req.query)
    const hash = createHash(algorithm)
    await pipeline(req, hash)
    res.json({ digests: { [algorithm]: hash.digest('hex') } })
  })

  // A text of a user: checked and scrubbed. What backtracks makes one request of 40 KB cost a second.
  routes.post('/scrub', express.text({ limit: uploadBytes, inflate: false, type: () => true }), (/** @type {any} */ req, /** @type {any} */ res) => {
    const text = typeof req.body === 'string' ? req.body : ''
    if (FORBIDDEN.some((source) => new RegExp(source, 'i').test(text))) throw forbidden()
    let scrubbed = text
    for (const { source, flags, replacement } of SCRUBS) scrubbed = scrubbed.replace(new RegExp(source, flags), replacement)
    res.json({ length: scrubbed.length, text: scrubbed })
  })

  // A file of the server.
  routes.get('/file', async (/** @type {any} */ req, /** @type {any} */ res) => {
    const algorithms = algorithmsOf(req.query)
    const bytes = await readFile(fileOf(files, req.query))
    res.json({ digests: digestAll(algorithms, bytes) })
  })

  // A document that the server holds in memory.
  routes.get('/documents/:name/digest', (/** @type {any} */ req, /** @type {any} */ res) => {
    res.json({ digests: digestAll(algorithmsOf(req.query), documentOf(documents, req.params)) })
  })

  return routes
}

/** @type {(req: any, res: any) => void} */
export function digestUpload (req, res) {
  // Express 5 leaves req.body undefined when there is none.
  const body = req.body ?? Buffer.alloc(0)
  res.json({ bytes: body.length, digests: digestAll(algorithmsOf(req.query), body) })
}

/**
 * @param {string[]} algorithms
 * @param {Buffer} bytes
 */
function digestAll (algorithms, bytes) {
  return Object.fromEntries(algorithms.map((algorithm) => [algorithm, createHash(algorithm).update(bytes).digest('hex')]))
}

/**
 * @param {Buffer} body
 * @param {string} field
 */
function numbersOf (body, field) {
  const names = field.split('/').slice(1)
  try {
    const rows = body.toString().split('\n').filter((line) => line.trim() !== '').map((line) => JSON.parse(line))
    return rows.map((row) => names.reduce((value, name) => value?.[name], row)).map((value) => (typeof value === 'number' ? value : NaN))
  } catch (error) {
    throw error instanceof SyntaxError ? httpError(400, 'ERR_JSON_SYNTAX', error.message) : error
  }
}

/** @param {number[]} values */
function describe (values) {
  const count = values.length
  const mean = values.reduce((sum, value) => sum + value, 0) / count
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count
  return { count, mean, variance, min: values.reduce((a, b) => Math.min(a, b), Infinity), max: values.reduce((a, b) => Math.max(a, b), -Infinity) }
}

/**
 * More than three standard deviations from the mean.
 *
 * @param {number[]} values
 * @param {{ mean: number, variance: number }} statistics
 */
function anomalies (values, { mean, variance }) {
  const scores = values.map((value) => (value - mean) / Math.sqrt(variance))
  const indices = [...scores.keys()].filter((index) => Math.abs(scores[index]) > 3)
  return { indices, scores: indices.map((index) => scores[index]) }
}
