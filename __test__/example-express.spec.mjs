// examples/express: what a user copies has to work.
import test from 'ava'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { hashFile } from 'sidelane'
import { installPackages } from '../examples/express/demo/setup.mjs'

const MiB = 1024 * 1024
const SIDES = ['inline', 'sidelane']

const files = mkdtempSync(path.join(tmpdir(), 'sidelane-example-'))
const small = Buffer.from('a file of the server')
writeFileSync(path.join(files, 'small.txt'), small)
writeFileSync(path.join(files, 'empty'), '')
// Sparse: hashing it takes seconds, writing it nothing.
writeFileSync(path.join(files, 'huge.bin'), '')
truncateSync(path.join(files, 'huge.bin'), 4096 * MiB)
const document = Buffer.alloc(100_000, 'document')

const digest = (/** @type {string} */ algorithm, /** @type {Buffer | string} */ data) => createHash(algorithm).update(data).digest('hex')

/** @type {typeof import('../examples/express/server.mjs').createApp} */
let createApp
test.before(async () => {
  installPackages()
  ;({ createApp } = await import('../examples/express/server.mjs'))
})
test.after.always(() => rmSync(files, { recursive: true, force: true }))

/**
 * A server with small bounds, gone when the test ends.
 *
 * @param {import('ava').ExecutionContext} t
 * @param {Partial<import('../examples/express/server.mjs').Bounds>} [bounds]
 */
async function serve (t, bounds) {
  const { app, lanes } = createApp({ files, documents: new Map([['catalogue', document]]), bounds })
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  const agent = new http.Agent({ keepAlive: true })
  t.teardown(async () => {
    agent.destroy()
    server.closeAllConnections()
    server.close()
    await Promise.all(Object.values(lanes).map((lane) => lane.close({ timeout: 0 })))
  })
  /** A request whose body the caller sends. */
  const open = (method, target, headers) => http.request({ host: '127.0.0.1', port, method, path: target, headers, agent })
  const request = async (method, target, body, headers) => {
    const sent = open(method, target, body && { ...headers, 'Content-Length': body.length })
    const answer = answerOf(sent)
    sent.end(body)
    return answer
  }
  return { get: (target) => request('GET', target), post: (target, body, headers) => request('POST', target, body, headers), open, lanes }
}

/** @param {http.ClientRequest} sent */
async function answerOf (sent) {
  const [response] = await once(sent, 'response')
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) text += chunk
  const json = /json/.test(response.headers['content-type']) ? JSON.parse(text) : undefined
  return { status: response.statusCode, headers: response.headers, text, json }
}

/** Polls, for what has no event. */
async function until (condition, ms = 10_000) {
  const end = performance.now() + ms
  while (!condition()) {
    if (performance.now() > end) throw new Error(`timed out: ${condition}`)
    await wait(2)
  }
}

test('/ping', async (t) => {
  const { get } = await serve(t)
  const { status, text } = await get('/ping')
  t.is(status, 200)
  t.is(text, 'pong')
})

for (const side of SIDES) {
  test(`${side}: digests of an upload`, async (t) => {
    const { post } = await serve(t)
    for (const body of [Buffer.from('abc'), Buffer.alloc(0), Buffer.alloc(1.5 * MiB, 7)]) {
      const { status, json } = await post(`/${side}/digest`, body)
      t.is(status, 200)
      t.deepEqual(json, { bytes: body.length, digests: { sha256: digest('sha256', body) } })
    }
    const body = Buffer.alloc(300_000, 'x')
    const { json } = await post(`/${side}/digest?algorithms=md5,sha3-256,sha512`, body)
    t.deepEqual(json.digests, { md5: digest('md5', body), 'sha3-256': digest('sha3-256', body), sha512: digest('sha512', body) })
  })

  test(`${side}: an upload without a Content-Length`, async (t) => {
    const { open } = await serve(t)
    const sent = open('POST', `/${side}/digest`, {})
    const answer = answerOf(sent)
    const chunks = [Buffer.alloc(70_000, 1), Buffer.alloc(1, 2), Buffer.alloc(200_000, 3)]
    for (const chunk of chunks) sent.write(chunk)
    sent.end()
    const { status, json } = await answer
    t.is(status, 200)
    t.deepEqual(json, { bytes: 270_001, digests: { sha256: digest('sha256', Buffer.concat(chunks)) } })
  })

  test(`${side}: an upload in an encoding is a 415: what would its digest be of?`, async (t) => {
    const { post } = await serve(t)
    for (const route of ['digest', 'scrub']) {
      const { status, json } = await post(`/${side}/${route}`, gzipSync('abc'), { 'Content-Encoding': 'gzip' })
      t.is(status, 415, route)
      t.regex(json.error, /encoding/i)
      t.is((await post(`/${side}/${route}`, Buffer.from('abc'), { 'Content-Encoding': 'identity' })).status, 200)
    }
  })

  test(`${side}: an address that cannot be decoded is the client's fault`, async (t) => {
    const { get } = await serve(t)
    const { status, json } = await get(`/${side}/documents/%E0%A4%A/digest`)
    t.is(status, 400)
    t.is(json.error, 'ERR_BAD_REQUEST')
  })

  test(`${side}: a streamed upload`, async (t) => {
    const { post } = await serve(t)
    for (const body of [Buffer.alloc(0), Buffer.from('abc'), Buffer.alloc(3 * MiB + 1, 'stream')]) {
      const { status, json } = await post(`/${side}/digest/stream?algorithm=sha512`, body)
      t.is(status, 200)
      t.deepEqual(json, { digests: { sha512: digest('sha512', body) } })
    }
  })

  test(`${side}: digests of a file`, async (t) => {
    const { get } = await serve(t)
    const { status, json } = await get(`/${side}/file?name=small.txt&algorithms=sha256,sha1`)
    t.is(status, 200)
    t.deepEqual(json, { digests: { sha256: digest('sha256', small), sha1: digest('sha1', small) } })
    t.is((await get(`/${side}/file?name=empty`)).json.digests.sha256, digest('sha256', ''))
  })

  test(`${side}: no request leaves the directory of files`, async (t) => {
    const { get } = await serve(t)
    for (const name of ['..', '../server.mjs', '..%2fserver.mjs', '%2e%2e%2fserver.mjs', '/etc/passwd', '..%5cserver.mjs', 'small.txt%00', '.hidden', 'C:small.txt', 'a/../small.txt', '']) {
      const { status, json } = await get(`/${side}/file?name=${name}`)
      t.is(status, 400, name)
      t.is(json.error, 'ERR_FILE_NAME')
    }
    t.is((await get(`/${side}/file`)).status, 400)
    t.is((await get(`/${side}/file?name=small.txt&name=small.txt`)).status, 400)
    const { status, text } = await get(`/${side}/file?name=missing`)
    t.is(status, 404)
    t.false(text.includes(files), 'names no path of the server')
  })

  test(`${side}: digests of a document`, async (t) => {
    const { get } = await serve(t)
    const { status, json } = await get(`/${side}/documents/catalogue/digest?algorithms=sha256,md5`)
    t.is(status, 200)
    t.deepEqual(json, { digests: { sha256: digest('sha256', document), md5: digest('md5', document) } })
    t.is((await get(`/${side}/documents/none/digest`)).status, 404)
    t.is((await get(`/${side}/documents/catalogue/digest?algorithms=rot13`)).status, 400)
    t.is((await get(`/${side}/documents/__proto__/digest`)).status, 404)
  })

  test(`${side}: a text is checked and scrubbed`, async (t) => {
    const { post } = await serve(t)
    const { status, json } = await post(`/${side}/scrub`, Buffer.from('write to é.first+last@mail.example.org, \t\nor not  \n'))
    t.is(status, 200)
    t.deepEqual(json, { length: 'write to é[address],\nor not\n'.length, text: 'write to é[address],\nor not\n' })
    t.is((await post(`/${side}/scrub`, Buffer.from('<SCRIPT>'))).json.error, 'ERR_FORBIDDEN_TEXT')
    t.deepEqual((await post(`/${side}/scrub`, Buffer.alloc(0))).json, { length: 0, text: '' })
  })

  test(`${side}: too large an upload is a 413`, async (t) => {
    const { open, post } = await serve(t, { uploadBytes: MiB })
    // Said before it is sent, and found out.
    t.is((await post(`/${side}/digest`, Buffer.alloc(MiB + 1))).status, 413)
    const chunked = open('POST', `/${side}/digest`, {}).on('error', () => {})
    const answer = answerOf(chunked)
    for (let i = 0; i < 20; i++) chunked.write(Buffer.alloc(64 * 1024))
    // express.raw answers only then.
    if (side === 'inline') chunked.end()
    t.is((await answer).status, 413)
    chunked.destroy()
  })
}

/** Rows whose numbers are 0 to 9, and one that is far from them. */
const rows = Buffer.from(Array.from({ length: 1000 }, (_, id) => `${JSON.stringify({ id, payload: { size: id === 700 ? 5000 : id % 10, text: 'x'.repeat(50) } })}\n`).join(''))
const GZIP = { 'Content-Encoding': 'gzip' }
const ROWS = '/rows?field=/payload/size'

for (const side of SIDES) {
  test(`${side}: statistics of uploaded rows, gzipped or not`, async (t) => {
    const { post } = await serve(t)
    for (const answer of [await post(`/${side}${ROWS}`, rows), await post(`/${side}${ROWS}`, gzipSync(rows), GZIP), await post(`/${side}${ROWS}`, Buffer.concat([gzipSync(rows.subarray(0, 5000)), gzipSync(rows.subarray(5000))]), GZIP)]) {
      t.is(answer.status, 200)
      const { deviation, rows, ...json } = answer.json
      t.deepEqual(json, { count: 1000, min: 0, max: 5000, mean: 9.5, anomalies: 1 })
      t.true(Math.abs(deviation - 157.9) < 0.1)
      t.is(rows[0].row, 701)
      t.true(rows[0].score > 31)
    }
    t.is((await post(`/${side}${ROWS}`, Buffer.alloc(0))).json.count, 0)
  })

  test(`${side}: rows that are none, or too much once unpacked`, async (t) => {
    const { post } = await serve(t, { rowsBytes: MiB })
    const status = async (route, body, headers) => (await post(`/${side}${route}`, body, headers)).status
    t.is(await status(ROWS, Buffer.from('{"payload":')), 400)
    t.is(await status(ROWS, Buffer.from('{"payload":{"size":"1"}}\n')), 400)
    t.is(await status(ROWS, gzipSync(rows).subarray(0, 100), GZIP), 400)
    t.is(await status(ROWS, rows, { 'Content-Encoding': 'br' }), side === 'inline' ? 400 : 415)
    for (const field of ['', '?field=size', '?field=/*/a', '?field=/a&field=/b']) t.is(await status(`/rows${field}`, rows), 400)
    t.is(await status(ROWS, gzipSync(Buffer.alloc(50 * MiB, '1\n')), GZIP), 413)
    t.is(await status(ROWS, gzipSync(rows), GZIP), 200)
  })
}

test('rows: a full lane is a 503, and an upload whose client has gone leaves it', async (t) => {
  const { post, open, lanes } = await serve(t, { rows: { maxQueue: 1, concurrency: 1 } })
  const controller = new AbortController()
  const busy = hashFile('sha256', path.join(files, 'huge.bin'), { lane: lanes.rows, signal: controller.signal }).catch(() => {})
  const leaving = open('POST', `/sidelane${ROWS}`, { 'Content-Length': rows.length }).on('error', () => {})
  leaving.end(rows)
  await until(() => lanes.rows.stats().queued === 1)
  const { status, headers } = await post(`/sidelane${ROWS}`, rows)
  t.is(status, 503)
  t.regex(headers['retry-after'], /^[1-9]\d*$/)
  leaving.destroy()
  await until(() => lanes.rows.stats().queued === 0)
  controller.abort()
  await busy
  t.is((await post(`/sidelane${ROWS}`, gzipSync(rows), GZIP)).status, 200)
})

test('a text that stalls a backtracking engine for minutes is scrubbed', async (t) => {
  const { post } = await serve(t)
  for (const text of [`${' '.repeat(300_000)}x`, 'a'.repeat(300_000)]) {
    const { status, json } = await post('/sidelane/scrub', Buffer.from(text))
    t.is(status, 200)
    t.is(json.length, text.length)
  }
})

test('a full lane is a 503 with Retry-After, and the others are served', async (t) => {
  const { get, open, lanes } = await serve(t, { files: { maxQueue: 1, concurrency: 1 } })
  const running = open('GET', '/sidelane/file?name=huge.bin').on('error', () => {}).end()
  await until(() => lanes.files.stats().running === 1)
  const queued = get('/sidelane/file?name=small.txt')
  await until(() => lanes.files.stats().queued === 1)

  const { status, headers, json } = await get('/sidelane/file?name=small.txt')
  t.is(status, 503)
  t.is(json.error, 'ERR_LANE_FULL')
  t.regex(headers['retry-after'], /^[1-9]\d*$/)
  t.is(lanes.files.stats().rejected, 1)
  t.is((await get('/ping')).status, 200)
  t.is((await get('/sidelane/documents/catalogue/digest')).status, 200, 'another lane has room')

  running.destroy()
  t.is((await queued).status, 200)
})

test('a passed timeout is a 504', async (t) => {
  const { get } = await serve(t, { lanes: { timeout: 50 } })
  const { status, json } = await get('/sidelane/file?name=huge.bin')
  t.is(status, 504)
  t.is(json.error, 'ERR_TASK_TIMEOUT')
})

test('the slot of a client that disconnects is free at once', async (t) => {
  const { get, open, lanes } = await serve(t, { files: { concurrency: 1 } })
  const clients = Array.from({ length: 5 }, () => open('GET', '/sidelane/file?name=huge.bin').on('error', () => {}).end())
  await until(() => lanes.files.stats().queued === 4 && lanes.files.stats().running === 1)
  for (const client of clients) client.destroy()
  await until(() => lanes.files.stats().running + lanes.files.stats().queued === 0, 2000)
  t.is(lanes.files.stats().aborted, 5)
  t.is((await get('/sidelane/file?name=small.txt')).status, 200)
})

test('uploads beyond those admitted wait, and beyond those that may wait get a 503 before they are read', async (t) => {
  const { open, post } = await serve(t, { uploads: { reading: 1, waiting: 1, timeout: 10_000 } })
  const size = 4 * MiB
  const first = open('POST', '/sidelane/digest', { 'Content-Length': size })
  const firstAnswer = answerOf(first)
  first.write(Buffer.alloc(10))
  const second = open('POST', '/sidelane/digest', { 'Content-Length': size })
  const secondAnswer = answerOf(second)
  second.write(Buffer.alloc(10))

  // The order in which the server takes them is the order in which they were sent: each must have been seen before the next.
  await wait(200)
  const third = open('POST', '/sidelane/digest', { 'Content-Length': size }).on('error', () => {})
  const thirdAnswer = answerOf(third)
  third.write(Buffer.alloc(10))
  const { status, headers, json } = await thirdAnswer
  t.is(status, 503)
  t.is(json.error, 'ERR_UPLOADS_FULL')
  t.regex(headers['retry-after'], /^[1-9]\d*$/)
  t.is(headers.connection, 'close')
  third.destroy()

  first.end(Buffer.alloc(size - 10))
  t.is((await firstAnswer).status, 200)
  second.end(Buffer.alloc(size - 10))
  t.is((await secondAnswer).status, 200)
  t.is((await post('/sidelane/digest', Buffer.from('abc'))).status, 200, 'all places are free again')
})

test('an upload that is broken off, or too slow, gives its place back', async (t) => {
  for (const route of ['/sidelane/digest', '/sidelane/digest/stream?algorithm=sha256']) {
    const { open, post } = await serve(t, { uploads: { reading: 1, waiting: 10, timeout: 300 } })
    const broken = open('POST', route, { 'Content-Length': MiB }).on('error', () => {})
    broken.write(Buffer.alloc(1000))
    await wait(50)
    broken.destroy()
    t.is((await post(route, Buffer.from('abc'))).status, 200)

    const slow = open('POST', route, { 'Content-Length': MiB })
    const lost = once(slow, 'error')
    slow.write(Buffer.alloc(1000))
    await wait(50)
    t.is((await post(route, Buffer.from('abc'))).status, 200)
    await lost
    t.pass()
  }
})

test('a body whose request is destroyed: its reader ends', async (t) => {
  const { readBody } = await import('../examples/express/http/body.mjs')
  const server = http.createServer().listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const sent = http.request({ host: '127.0.0.1', port: server.address().port, method: 'POST', headers: { 'Content-Length': 100 } }).on('error', () => {})
  sent.write('abc')
  const [req] = await once(server, 'request')
  const body = readBody(req, 1000)
  // Without an error, as http/admission.mjs does with a slow sender.
  req.destroy()
  const { message } = await t.throwsAsync(Promise.race([body, wait(5000).then(() => 'never')]))
  t.is(message, 'the client has gone')
})

test('the server of the README, with a body and without', async (t) => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const express = createRequire(new URL('../examples/express/package.json', import.meta.url)).resolve('express')
  const code = /```js\n(import express [\s\S]*?)```/.exec(readme)[1]
    .replace("'express'", JSON.stringify(pathToFileURL(express)))
    .replace("'sidelane'", JSON.stringify(new URL('../index.mjs', import.meta.url)))
    .replace('app.listen(3000)', 'export default app.listen(0)')
  const { default: server } = await import(`data:text/javascript,${encodeURIComponent(code)}`)
  t.teardown(() => server.close())
  if (!server.listening) await once(server, 'listening')
  // No length at all, as curl -X POST sends it.
  const socket = connect(server.address().port, '127.0.0.1')
  socket.write('POST /digest HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  let answer = ''
  for await (const chunk of socket) answer += chunk
  t.regex(answer, /^HTTP\/1\.1 200 /)
  t.true(answer.includes(digest('sha256', '')), answer)
  for (const body of ['', 'abc', Buffer.alloc(MiB, 'x')]) {
    const response = await fetch(`http://127.0.0.1:${server.address().port}/digest`, { method: 'POST', body })
    t.is(response.status, 200)
    t.is(await response.text(), digest('sha256', body))
  }
})
