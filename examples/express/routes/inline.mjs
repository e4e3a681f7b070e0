// What is written today: the work is done on the event loop. One request of 8 MiB stops every other client for about 8 ms; 200 of them, for seconds.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import express, { Router } from 'express'
import { algorithmOf, algorithmsOf, documentOf, fileOf } from '../http/parameters.mjs'
import { FORBIDDEN, SCRUBS, forbidden } from '../http/scrub.mjs'

/**
 * @param {{ files: string, documents: Map<string, Buffer>, uploadBytes: number }} options
 */
export function inlineRoutes ({ files, documents, uploadBytes }) {
  const routes = Router()
  const rawBody = express.raw({ limit: uploadBytes, type: () => true })

  // An upload: its digests.
  routes.post('/digest', rawBody, digestUpload)

  // An upload of any size: hashed as it comes.
  routes.post('/digest/stream', async (/** @type {any} */ req, /** @type {any} */ res) => {
    const algorithm = algorithmOf(req.query)
    const hash = createHash(algorithm)
    await pipeline(req, hash)
    res.json({ digests: { [algorithm]: hash.digest('hex') } })
  })

  // A text of a user: checked and scrubbed. What backtracks makes one request of 40 KB cost a second.
  routes.post('/scrub', express.text({ limit: uploadBytes, type: () => true }), (/** @type {any} */ req, /** @type {any} */ res) => {
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
