// Keys: what is signed with is what the caller passed, whatever becomes of its memory during the call and after it.
import test from 'ava'
import { tracingChannel } from 'node:diagnostics_channel'
import { Lane, createHash, hash, hashFile, hashMany, hashSync, hmac, hold } from './helpers/sidelane.mjs'
import { expectedHmac } from './helpers/cases.mjs'
import { fileURLToPath } from 'node:url'
import { readFileSync } from 'node:fs'

const FILE = fileURLToPath(new URL('../package.json', import.meta.url))
const SIZE = 65_536
const detach = (buffer) => structuredClone(buffer, { transfer: [buffer] })

/** A message whose first 32 bytes are the key: one buffer for both. */
function frame () {
  const bytes = new Uint8Array(SIZE).fill(1)
  bytes.set([7, 8, 9], 16)
  return { bytes, key: bytes.subarray(0, 32), copy: Buffer.from(bytes) }
}

/** Each call with a key that lies in the message, and the digest that is right. */
const CALLS = {
  hmac: {
    call: ({ bytes, key }, options) => hmac('sha256', key, bytes, options),
    wanted: ({ copy }) => expectedHmac('sha256', copy.subarray(0, 32), copy)
  },
  'keyed hash': {
    call: ({ bytes, key }, options) => hash('blake3', bytes, { ...options, key }),
    wanted: ({ copy }) => hashSync('blake3', copy, { key: copy.subarray(0, 32) })
  },
  'keyed hashMany, packed': {
    call: ({ bytes, key }, options) => hashMany('blake3', { data: bytes, offsets: Uint32Array.of(0, SIZE) }, { ...options, key }).then(([digest]) => digest),
    wanted: ({ copy }) => hashSync('blake3', copy, { key: copy.subarray(0, 32) })
  }
}

for (const [name, { call, wanted }] of Object.entries(CALLS)) {
  test.serial(`${name}: the key is a view of the buffer that is handed over`, async (t) => {
    for (const inline of [undefined, false, true]) {
      const message = frame()
      t.is(await call(message, { transfer: true, inline }), wanted(message), `inline: ${inline}`)
      t.is(message.bytes.byteLength, 0)
    }
  })

  test.serial(`${name}: the same in a lane in which it waits for room`, async (t) => {
    const lane = new Lane({ concurrency: 1, maxQueue: 0, overflow: 'wait' })
    const release = await hold(t, lane)
    const message = frame()
    const digest = call(message, { transfer: true, inline: false, lane })
    await release()
    t.is(await digest, wanted(message))
  })

  test.serial(`${name}: a subscriber of the tracing channel takes the key's memory away`, async (t) => {
    const channel = tracingChannel('sidelane:task')
    for (const inline of [false, true]) {
      const message = frame()
      const key = new Uint8Array(message.key)
      const subscribers = { start: () => { if (key.byteLength > 0) detach(key.buffer) } }
      channel.subscribe(subscribers)
      try {
        t.is(await call({ ...message, key }, { inline }), wanted(message))
      } finally {
        channel.unsubscribe(subscribers)
      }
      t.is(key.byteLength, 0)
    }
  })
}

/** Options of which one detaches `key` when it is read; and those that tell it. */
function taking (key, name, options) {
  return { ...options, get [name] () { detach(key.buffer); return undefined } }
}

test('a getter of the options takes the key away: an error, or the right digest', async (t) => {
  const calls = {
    hmac: (key, options) => hmac('sha256', key, 'data', options),
    hash: (key, options) => hash('blake3', 'data', Object.defineProperties({ key }, Object.getOwnPropertyDescriptors(options))),
    hashMany: (key, options) => hashMany('blake3', ['data'], Object.defineProperties({ key }, Object.getOwnPropertyDescriptors(options))).then(([digest]) => digest),
    hashFile: (key, options) => hashFile('blake3', FILE, Object.defineProperties({ key }, Object.getOwnPropertyDescriptors(options)))
  }
  for (const [name, call] of Object.entries(calls)) {
    for (const option of ['signal', 'lane', 'timeout', 'priority', 'inline']) {
      for (const more of [{}, ...(name === 'hashFile' || option === 'inline' ? [] : [{ inline: false }])]) {
        const key = new Uint8Array(32).fill(5)
        const copy = Buffer.from(key)
        const wanted = name === 'hmac' ? expectedHmac('sha256', copy, 'data') : hashSync('blake3', name === 'hashFile' ? readFileSync(FILE) : 'data', { key: copy })
        let digest
        try {
          digest = await call(key, taking(key, option, more))
        } catch (error) {
          t.is(error.code, 'ERR_INVALID_ARG_VALUE', `${name} ${option}`)
          continue
        }
        t.is(digest, wanted, `${name} ${option}`)
      }
    }
  }
})

test('a key that is overwritten after the call, of whatever kind it is', async (t) => {
  const lane = new Lane({ concurrency: 1, maxQueue: 0, overflow: 'wait' })
  const release = await hold(t, lane)
  const keys = [Buffer.alloc(32, 1), new DataView(new ArrayBuffer(32)), new ArrayBuffer(32), new SharedArrayBuffer(32), new Float64Array(4)]
  const bytesOf = (key) => Buffer.from(ArrayBuffer.isView(key) ? new Uint8Array(key.buffer, key.byteOffset, key.byteLength) : new Uint8Array(key))
  const calls = keys.map((key) => {
    const copy = bytesOf(key)
    const task = hash('blake3', 'data', { key, lane, inline: false })
    const mac = hmac('sha256', key, 'data', { lane, inline: false })
    new Uint8Array(key.buffer ?? key).fill(0xee)
    return [task, hashSync('blake3', 'data', { key: copy }), mac, expectedHmac('sha256', copy, 'data')]
  })
  await release()
  for (const [task, wanted, mac, macWanted] of calls) {
    t.is(await task, wanted)
    t.is(await mac, macWanted)
  }
})

test('a key of a class whose iterator or length lies', async (t) => {
  class Lying extends Uint8Array {
    get byteLength () { return 32 }
    * [Symbol.iterator] () { yield 1 }
  }
  const key = new Lying(5).fill(3)
  t.is(await hmac('sha256', key, 'data'), expectedHmac('sha256', Buffer.alloc(5, 3), 'data'))
  t.is(t.throws(() => { hashSync('blake3', 'data', { key }) }).code, 'ERR_INVALID_ARG_VALUE')
  t.is(t.throws(() => { createHash('blake3', { key }) }).code, 'ERR_INVALID_ARG_VALUE')
})
