/** Errors of the file system that are the request's fault. @type {Record<string, number>} */
const STATUS = { ENOENT: 404, EACCES: 403, EPERM: 403, EISDIR: 400 }

/**
 * Express's error handler. Sidelane's errors say themselves which status they are (`statusCode`), whether another try can help (`retryable`) and when (`retryAfterMs`).
 *
 * @type {(error: any, req: any, res: any, next: (error?: unknown) => void) => void}
 */
export function answerErrors (error, req, res, next) {
  // The client has gone: there is nobody to tell. This is where tasks end that were aborted by its leaving.
  if (res.destroyed || (req.destroyed && !req.complete)) return
  if (res.headersSent) {
    next(error)
    return
  }
  const status = error.statusCode ?? STATUS[error.code] ?? 500
  if (status === 500) console.error(error)
  res.status(status)
  // In whole seconds, as HTTP has it. A client should add a random part, or all of them come back at the same moment.
  if (status === 503 && error.retryable) res.set('Retry-After', String(Math.max(1, Math.ceil(error.retryAfterMs / 1000))))
  res.set('Cache-Control', 'no-store')
  // Messages about files name paths of the server, and unknown ones may name anything.
  const message = status === 500 ? 'internal error' : error.path === undefined ? error.message : 'the file cannot be read'
  // Express's own errors have a type, or nothing: an address that cannot be decoded, say.
  const answer = { error: error.code ?? error.type ?? (status < 500 ? 'ERR_BAD_REQUEST' : 'ERR_INTERNAL'), message }
  if (req.complete) res.json(answer)
  else refuse(req, res, JSON.stringify(answer))
}

/**
 * Answers a client that is still sending. Node would read the rest of the body to throw it away, which costs the loop more than hashing it; to close the connection at once resets it,
 * and the client may never see the answer. So: the whole answer, and only then, after a second in which nothing is read, the end of the connection.
 *
 * @param {import('node:http').IncomingMessage} req
 * @param {import('node:http').ServerResponse} res
 * @param {string} text
 */
function refuse (req, res, text) {
  req.pause()
  res.setHeader('Content-Type', 'application/json; charset=utf-8')
  res.setHeader('Content-Length', Buffer.byteLength(text))
  res.setHeader('Connection', 'close')
  res.write(text)
  const timer = setTimeout(() => req.destroy(), 1000)
  res.once('close', () => clearTimeout(timer))
}
