'use strict'
// createHash: node:crypto's Hash, whose streamed work leaves the loop. Documented in index.d.ts.

const { Transform } = require('node:stream')
const { native } = require('../native')
const { algorithmOf, readDigestOptions } = require('../algorithms')
const { readTaskOptions } = require('../options')
const { invalidState } = require('../errors')
const { invalidType } = require('../validate')
const { run } = require('../task')

/** @typedef {import('../algorithms').Algorithm} Algorithm */
/** @typedef {(error?: Error | null) => void} Callback */

/**
 * Chunks are gathered up to this size. A round trip through a lane costs the loop 1 to 25 us, hashing 64 KiB of sha256 takes 36 us: one trip per chunk of 16 to 64 KiB would spend on the way what it saves.
 */
const GATHER = 512 * 1024

/** @type {import('../task').Operation} */
const UPDATE = { name: 'hash.update', submit: native.submitUpdate }
/** @type {import('../task').Operation} */
const DIGEST = { name: 'hash.digest', submit: native.submitDigest }

/** Frees the state of those that were never finished. */
const registry = new FinalizationRegistry((/** @type {number} */ handle) => native.dropHasher(handle))

/** Only createHash and copy make one. */
const OURS = Symbol('sidelane.Hash')

class Hash extends Transform {
  /** @type {Algorithm} */
  #algorithm
  /** The state in the binary; -1 once it is gone. */
  #handle = -1
  /** @type {import('../options').TaskSettings} */
  #task
  /** Ends what is under way when the stream is destroyed. */
  #abort = new AbortController()
  /** @type {Buffer | undefined} Chunks that have come and are not hashed yet. */
  #gathered
  #gatheredLength = 0
  /** @type {Buffer | undefined} The buffer of the last job, free to be used again. */
  #spare
  /** @type {Promise<void> | undefined} The job under way. */
  #busy
  /** @type {Buffer | undefined} The digest, once it is known. */
  #digest
  #finalized = false

  /**
   * @param {symbol} ours
   * @param {Algorithm} algorithm
   * @param {any} options
   * @param {number} handle
   */
  constructor (ours, algorithm, options, handle) {
    if (ours !== OURS) throw new TypeError('Hash cannot be constructed, use createHash()')
    const { outputLength, key, lane, priority, ...streamOptions } = options ?? {}
    super({ writableHighWaterMark: GATHER, ...streamOptions })
    this.#algorithm = algorithm
    // A stream that was accepted waits for room in a full lane, instead of failing half-way: that is its backpressure.
    this.#task = { ...readTaskOptions({ lane, priority }), timeout: 0, signal: this.#abort.signal, patient: true }
    this.#handle = handle
    registry.register(this, handle, this)
  }

  get algorithm () {
    return this.#algorithm.name
  }

  /**
   * @param {any} data
   * @param {any} [inputEncoding]
   */
  update (data, inputEncoding) {
    this.#checkSync('update()')
    const bytes = typeof data === 'string' ? Buffer.from(data, inputEncoding) : data
    if (!ArrayBuffer.isView(bytes)) throw invalidType('data', 'of type string or an instance of Buffer, TypedArray, or DataView', data)
    this.#hashGathered()
    native.updateHasher(this.#handle, bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    return this
  }

  /** @param {any} [encoding] */
  digest (encoding) {
    this.#checkSync('digest()')
    if (this.#digest === undefined) {
      this.#hashGathered()
      this.#keepDigest(native.digestHasher(this.#handle))
    }
    return this.#finalize(encoding)
  }

  /** @param {any} [encoding] */
  async digestAsync (encoding) {
    this.#checkLive()
    while (this.#busy !== undefined) await this.#busy
    await this.#conclude()
    return this.#finalize(encoding)
  }

  /** @param {any} [options] */
  copy (options) {
    this.#checkSync('copy()')
    if (this.#digest !== undefined) throw finalized()
    this.#hashGathered()
    return new Hash(OURS, this.#algorithm, options, native.copyHasher(this.#handle))
  }

  /**
   * @override
   * @param {Buffer} chunk
   * @param {BufferEncoding} _
   * @param {Callback} callback
   */
  _write (chunk, _, callback) {
    this.#gather([chunk]).then(() => callback(), callback)
  }

  /**
   * @override
   * @param {{ chunk: Buffer }[]} chunks
   * @param {Callback} callback
   */
  _writev (chunks, callback) {
    this.#gather(chunks.map(({ chunk }) => chunk)).then(() => callback(), callback)
  }

  /**
   * @override
   * @param {Callback} callback
   */
  _flush (callback) {
    this.#conclude().then((digest) => {
      this.push(digest)
      callback()
    }).catch(callback)
  }

  /**
   * @override
   * @param {Error | null} error
   * @param {Callback} callback
   */
  _destroy (error, callback) {
    this.#abort.abort(error ?? undefined)
    this.#gathered = this.#spare = undefined
    this.#gatheredLength = 0
    // After a complete stream the digest may still be asked for.
    if (this.#digest === undefined && !this.writableFinished) this.#drop()
    callback(error)
  }

  /** @param {string} call */
  #checkSync (call) {
    this.#checkLive()
    if (this.#busy !== undefined) throw invalidState(`${call} was called while streamed data is being hashed. Wait for 'finish', or use digestAsync()`)
  }

  #checkLive () {
    if (this.#finalized) throw finalized()
    if (this.#handle === -1 && this.#digest === undefined) throw invalidState('The stream was destroyed')
  }

  /**
   * Takes chunks in; resolves when it has, which is later while the buffers are full.
   *
   * @param {Buffer[]} chunks
   */
  async #gather (chunks) {
    if (this.#finalized) throw finalized()
    for (const chunk of chunks) {
      for (let taken = 0; taken < chunk.length;) {
        const room = GATHER - this.#gatheredLength
        if (room === 0) {
          await this.#hashOffLoop()
          continue
        }
        // Copied: once the callback is called, the chunk's memory is its sender's again.
        const part = chunk.subarray(taken, taken + room)
        this.#gathered ??= this.#spare ?? Buffer.allocUnsafeSlow(GATHER)
        if (this.#gathered === this.#spare) this.#spare = undefined
        this.#gathered.set(part, this.#gatheredLength)
        this.#gatheredLength += part.length
        taken += part.length
      }
    }
  }

  /** Starts a job for what was gathered, once the one before it has ended: at most two buffers per stream. */
  async #hashOffLoop () {
    while (this.#busy !== undefined) await this.#busy
    const buffer = /** @type {Buffer} */ (this.#gathered)
    const bytes = buffer.subarray(0, this.#gatheredLength)
    this.#gathered = undefined
    this.#gatheredLength = 0
    this.#busy = this.#job(bytes, buffer)
    // Whoever waits for it next is told; nobody may have to.
    this.#busy.catch(() => {})
  }

  /**
   * @param {Buffer} bytes
   * @param {Buffer} buffer
   */
  async #job (bytes, buffer) {
    try {
      await run(UPDATE, this.#task, bytes, true, undefined, this.#handle)
      this.#spare = buffer
      this.#busy = undefined
    } catch (error) {
      // The state lacks these bytes: no digest must come of it.
      this.#busy = undefined
      this.#drop()
      throw error
    }
  }

  /** Hashes what was gathered on the spot: for synchronous calls, and for little. */
  #hashGathered () {
    if (this.#gatheredLength === 0) return
    native.updateHasher(this.#handle, /** @type {Buffer} */ (this.#gathered).subarray(0, this.#gatheredLength))
    this.#gatheredLength = 0
  }

  /** @returns {Promise<Buffer>} the digest of all that came */
  async #conclude () {
    if (this.#digest !== undefined) return this.#digest
    const { inlineBytes, outputLength } = this.#algorithm
    if (this.#gatheredLength > inlineBytes) await this.#hashOffLoop()
    while (this.#busy !== undefined) await this.#busy
    this.#checkLive()
    this.#hashGathered()
    const long = native.hasherOutputLength(this.#handle) > Math.max(inlineBytes, outputLength)
    return this.#keepDigest(long ? await run(DIGEST, this.#task, undefined, false, undefined, this.#handle) : native.digestHasher(this.#handle))
  }

  /** @param {Buffer} digest */
  #keepDigest (digest) {
    this.#digest = digest
    this.#gathered = this.#spare = undefined
    this.#drop()
    return digest
  }

  /** @param {any} encoding */
  #finalize (encoding) {
    if (this.#finalized) throw finalized()
    this.#finalized = true
    const digest = /** @type {Buffer} */ (this.#digest)
    return encoding === undefined || encoding === 'buffer' ? digest : digest.toString(encoding)
  }

  #drop () {
    if (this.#handle === -1) return
    native.dropHasher(this.#handle)
    registry.unregister(this)
    this.#handle = -1
  }
}

function finalized () {
  return Object.assign(new Error('Digest already called'), { code: 'ERR_CRYPTO_HASH_FINALIZED' })
}

/**
 * @param {any} algorithm
 * @param {any} [options]
 * @returns {Hash}
 */
function createHash (algorithm, options) {
  const chosen = algorithmOf(algorithm)
  const { outputLength, key } = readDigestOptions(chosen, options)
  return new Hash(OURS, chosen, options, native.newHasher(chosen.id, outputLength, key))
}

module.exports = { Hash, createHash }
