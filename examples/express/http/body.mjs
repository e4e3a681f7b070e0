import { httpError } from './parameters.mjs'

/**
 * The body of a request in one buffer that owns its whole ArrayBuffer, so that `transfer: true` can take it over.
 *
 * express.raw() gathers chunks and joins them at the end: twice the memory, and for 8 MiB a stop of the event loop of some milliseconds. With a Content-Length the buffer can be
 * made first, and each chunk put where it belongs as it comes.
 *
 * @param {import('node:http').IncomingMessage} req
 * @param {number} limit bytes
 * @returns {Promise<Buffer>}
 */
export function readBody (req, limit) {
  const header = req.headers['content-length']
  const length = header === undefined ? undefined : Number(header)
  if (length !== undefined && length > limit) throw tooLarge(limit, length)
  return new Promise((resolve, reject) => {
    // Chunked, so of unknown length: starts small, and doubles.
    let body = Buffer.allocUnsafeSlow(length ?? Math.min(limit, 64 * 1024))
    let received = 0
    req.on('data', (/** @type {Buffer} */ chunk) => {
      if (received + chunk.length > limit) {
        req.pause()
        reject(tooLarge(limit, received + chunk.length))
        return
      }
      if (received + chunk.length > body.length) {
        const larger = Buffer.allocUnsafeSlow(Math.min(limit, Math.max(body.length * 2, received + chunk.length)))
        larger.set(body.subarray(0, received))
        body = larger
      }
      body.set(chunk, received)
      received += chunk.length
    })
    req.once('end', () => resolve(received === body.length ? body : Buffer.from(body.buffer.slice(0, received))))
    // The client has gone. Nobody will see the answer, but the handler must end. A request that was destroyed has no 'error', only this; after 'end' it means nothing.
    req.once('error', reject)
    req.once('close', () => reject(new Error('the client has gone')))
  })
}

/**
 * @param {number} limit
 * @param {number} received
 */
function tooLarge (limit, received) {
  return httpError(413, 'ERR_TOO_LARGE', `the body has more than ${limit} bytes`, { limit, received })
}
