// An Express 5 server that hashes, and reads uploads of rows. Every route is there twice: /inline/* is what is written today, /sidelane/* keeps the event loop free.
//   npm start            then: curl --data-binary @some.file localhost:3000/sidelane/digest
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import express from 'express'
import { answerErrors } from './http/errors.mjs'
import { inlineRoutes } from './routes/inline.mjs'
import { sidelaneRoutes } from './routes/sidelane.mjs'
import { Lane } from './sidelane.mjs'

const MiB = 1024 * 1024

/**
 * @typedef {object} Bounds What the server takes on before it says 503. Sized for 2 cores: a task of 8 MiB takes about 8 ms of one.
 * @property {number} uploadBytes largest upload that is buffered
 * @property {number} rowsBytes what an upload of rows may be once it is unpacked
 * @property {{ reading: number, waiting: number, timeout: number }} uploads see http/admission.mjs
 * @property {import('../../index.mjs').LaneOptions} lanes options for all lanes
 * @property {import('../../index.mjs').LaneOptions} files for the lane of files, on top of those
 * @property {import('../../index.mjs').LaneOptions} rows for the lane of rows
 */

/** @type {Bounds} */
const BOUNDS = {
  uploadBytes: 16 * MiB,
  rowsBytes: 64 * MiB,
  uploads: { reading: 4, waiting: 256, timeout: 10_000 },
  lanes: { maxQueue: 256, timeout: 10_000 },
  files: {},
  rows: {}
}

/**
 * @param {object} [options]
 * @param {string} [options.files] directory whose files may be hashed
 * @param {Map<string, Buffer>} [options.documents] what the server holds in memory, by name
 * @param {Partial<Bounds>} [options.bounds]
 */
export function createApp ({ files = fileURLToPath(new URL('files', import.meta.url)), documents = new Map(), bounds = {} } = {}) {
  const settings = { ...BOUNDS, ...bounds }

  // A lane for each kind of work is a bulkhead: when everybody hashes files, uploads still get their turn.
  const lanes = {
    uploads: new Lane({ ...settings.lanes, name: 'uploads' }),
    files: new Lane({ ...settings.lanes, ...settings.files, name: 'files' }),
    rows: new Lane({ ...settings.lanes, ...settings.rows, name: 'rows' }),
    texts: new Lane({ ...settings.lanes, name: 'texts' }),
    // Its tasks copy a document when they enter the queue. With 'wait' a caller stays outside, and copies nothing, until 32 MiB have room.
    documents: new Lane({ ...settings.lanes, name: 'documents', maxQueueBytes: 32 * MiB, overflow: 'wait' })
  }

  const app = express()
  app.disable('x-powered-by')
  app.get('/ping', (/** @type {any} */ req, /** @type {any} */ res) => { res.type('text').send('pong') })
  app.use('/inline', inlineRoutes({ files, documents, uploadBytes: settings.uploadBytes, rowsBytes: settings.rowsBytes }))
  app.use('/sidelane', sidelaneRoutes({ files, documents, uploadBytes: settings.uploadBytes, rowsBytes: settings.rowsBytes, uploads: settings.uploads, lanes }))
  app.use(answerErrors)
  return { app, lanes }
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const catalogue = Buffer.from(JSON.stringify(Array.from({ length: 100_000 }, (_, i) => ({ id: i, name: `Product ${i}`, price: (i * 37) % 1000, stock: i % 50 }))))
  const { app, lanes } = createApp({ documents: new Map([['catalogue', catalogue]]) })
  const server = app.listen(Number(process.env.PORT ?? 3000), () => {
    console.log(`listening on port ${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`)
  })

  // First no new requests, then the lanes: what has not ended after 5 s is cancelled.
  process.once('SIGTERM', async () => {
    server.close()
    await Promise.all(Object.values(lanes).map((lane) => lane.close({ timeout: 5000 })))
    server.closeAllConnections()
  })
}
