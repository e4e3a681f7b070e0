'use strict'
// createHash: node:crypto's Hash, whose streamed work leaves the loop. Documented in index.d.ts.

const { Transform, addAbortSignal } = require('node:stream')
const { native } = require('../native')
const { algorithmOf } = require('../algorithms')
const { invalidState } = require('../errors')
const { invalidValue } = require('../validate')
const { readHashOptions, toChunk, checkEncoding } = require('./hash-options')
const { run } = require('../task')
const { SafePromise } = require('../primordials')

/** @typedef {import('../algorithms').Algorithm} Algorithm */
/** @typedef {import('./hash-options').HashSettings} HashSettings */
/** @typedef {(error?: Error | null) => void} Callback */

/**
 * Chunks are gathered up to this size. A round trip through a lane costs the loop 1 to 25 us, hashing 64 KiB of sha256 takes 36 us: one trip per chunk of 16 to 64 KiB would spend on the way what it saves.
 */
const GATHER = 512 * 1024
/** The first buffer, until more comes: most streams are short, and one of the full size costs 50 us. */
const FIRST = 16 * 1024

/** @type {import('../task-entry').Operation} */
const UPDATE = { name: 'hash.update', submit: native.submitUpdate }
/** @type {import('../task-entry').Operation} */
const DIGEST = { name: 'hash.digest', submit: native.submitDigest }

/** Frees the state of those that were never finished. */
const registry = new FinalizationRegistry((/** @type {number} */ handle) => native.dropHasher(handle))

/** Only createHash and copy make one. */
const OURS = Symbol('sidelane.Hash')

/** Written chunks of which some bytes have found no room yet. */
class Pending {
  /**
   * @param {Uint8Array[]} chunks
   * @param {Callback} callback tells the sender that their memory is its own again
   */
  constructor (chunks, callback) {
    this.chunks = chunks
    this.callback = callback
    this.index = 0
    this.offset = 0
  }
}

class Hash extends Transform {
  /** @type {Algorithm} */
  #algorithm
  /** The state in the binary; -1 once it is gone. */
  #handle
  /** @type {import('../options').TaskSettings} */
  #task
  /** @type {AbortController | undefined} Ends the job under way when the stream is destroyed. Made with the first. */
  #abort
  /** @type {Buffer | undefined} Bytes that have come and are not hashed yet. */
  #gathered
  #gatheredLength = 0
  /** @type {Buffer | undefined} The buffer of the last job, free to be used again. */
  #spare
  /** Whether a job is under way: one at a time, so there are at most two buffers per stream. */
  #busy = false
  /** @type {Pending | undefined} The stream calls back for no more until these are taken: its backpressure. */
  #pending
  /** @type {Callback | undefined} The end of the stream waits for the digest. */
  #flushing
  /** @type {Callback | undefined} digestAsync() waits for it. */
  #asked
  /** Whether no more bytes are taken: the digest is known, or being made. */
  #complete = false
  /** @type {Buffer | undefined} The digest, once it is known. */
  #digest
  /** Whether it was given away. */
  #finalized = false
  /** @type {unknown} Why there will be none. */
  #failure

  /**
   * @param {symbol} ours
   * @param {Algorithm} algorithm
   * @param {HashSettings} settings
   * @param {number} handle
   */
  constructor (ours, algorithm, settings, handle) {
    if (ours !== OURS) throw Object.assign(new TypeError('Hash cannot be constructed, use createHash()'), { code: 'ERR_ILLEGAL_CONSTRUCTOR' })
    super({ writableHighWaterMark: GATHER, ...settings.stream })
    this.#algorithm = algorithm
    this.#task = settings.task
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
    if (this.#complete) throw finalized()
    const bytes = toChunk(data, inputEncoding)
    this.#hashGathered()
    native.updateHasher(this.#handle, bytes)
    return this
  }

  /** @param {any} [encoding] */
  digest (encoding) {
    this.#checkSync('digest()')
    checkEncoding(encoding)
    if (this.#digest === undefined) this.#digestNow()
    return this.#giveAway(encoding)
  }

  /** @param {any} [encoding] */
  digestAsync (encoding) {
    checkEncoding(encoding)
    return new SafePromise((resolve, reject) => {
      this.#checkLive()
      // What was written is in it: also what a corked stream holds back.
      while (this.writableCorked > 0) this.uncork()
      this.#finalized = true
      this.#asked = (error) => (error ? reject(error) : resolve(this.#giveAway(encoding)))
      this.#goOn()
    })
  }

  /** @param {any} [options] */
  copy (options) {
    this.#checkSync('copy()')
    if (this.#complete) throw finalized()
    const settings = readHashOptions(this.#algorithm, options)
    if (settings.key !== undefined) throw invalidValue('options.key.byteLength', settings.key.byteLength, 'must be absent: a copy has the key of its original')
    // Like its key, its lane is the original's, unless another is named.
    const task = settings.lane === undefined ? { ...settings.task, lane: this.#task.lane } : settings.task
    this.#hashGathered()
    return make(this.#algorithm, { ...settings, task }, native.copyHasher(this.#handle, settings.outputLength))
  }

  /**
   * @override
   * @param {any} chunk
   * @param {BufferEncoding} encoding
   * @param {Callback} callback
   */
  _write (chunk, encoding, callback) {
    this.#accept([{ chunk, encoding }], callback)
  }

  /**
   * @override
   * @param {{ chunk: any, encoding: BufferEncoding }[]} chunks
   * @param {Callback} callback
   */
  _writev (chunks, callback) {
    this.#accept(chunks, callback)
  }

  /**
   * @override
   * @param {Callback} callback
   */
  _flush (callback) {
    this.#flushing = (error) => {
      if (!error) this.push(this.#digest)
      callback(error)
    }
    this.#goOn()
  }

  /**
   * @override
   * @param {Error | null} error
   * @param {Callback} callback
   */
  _destroy (error, callback) {
    // After a complete stream the digest may still be asked for.
    if (this.#digest === undefined) {
      const reason = error ?? invalidState('The stream was destroyed')
      this.#fail(reason)
      this.#abort?.abort(reason)
    }
    callback(error)
  }

  /** @param {string} call */
  #checkSync (call) {
    this.#checkLive()
    if (this.#busy || this.#pending !== undefined) throw invalidState(`${call} was called while streamed data is being hashed. Wait for 'finish', or use digestAsync()`)
  }

  #checkLive () {
    if (this.#finalized) throw finalized()
    if (this.#failure !== undefined) throw this.#failure
  }

  /**
   * @param {{ chunk: any, encoding: BufferEncoding }[]} written
   * @param {Callback} callback
   */
  #accept (written, callback) {
    let pending
    try {
      if (this.#failure !== undefined) throw this.#failure
      if (this.#complete) throw finalized()
      pending = new Pending(written.map(({ chunk, encoding }) => toChunk(chunk, encoding)), callback)
    } catch (error) {
      return callback(/** @type {Error} */ (error))
    }
    // At once if there is room: then a synchronous call that follows finds the bytes in their place.
    if (this.#take(pending)) return callback()
    this.#pending = pending
  }

  /**
   * Copies chunks into the gathering buffer, and starts a job whenever it is full.
   *
   * @param {Pending} pending
   * @returns {boolean} false: a job is under way and the buffer behind it is full as well
   */
  #take (pending) {
    const { chunks } = pending
    for (; pending.index < chunks.length; pending.index++, pending.offset = 0) {
      const chunk = chunks[pending.index]
      while (pending.offset < chunk.length) {
        if (this.#gatheredLength === GATHER) {
          if (this.#busy) return false
          this.#hashOffLoop()
        }
        const buffer = this.#makeRoom(chunk.length - pending.offset)
        // Copied: once the callback is called, the chunk's memory is its sender's again.
        const part = chunk.subarray(pending.offset, pending.offset + buffer.length - this.#gatheredLength)
        buffer.set(part, this.#gatheredLength)
        this.#gatheredLength += part.length
        pending.offset += part.length
      }
    }
    if (this.#gatheredLength === GATHER && !this.#busy) this.#hashOffLoop()
    return true
  }

  /**
   * @param {number} length bytes that have come
   * @returns {Buffer} what they are gathered in: with room for all of them, or of the full size
   */
  #makeRoom (length) {
    const gathered = this.#gathered
    const needed = this.#gatheredLength + length
    if (gathered !== undefined && (needed <= gathered.length || gathered.length === GATHER)) return gathered
    const buffer = this.#spare ?? Buffer.allocUnsafeSlow(needed <= FIRST ? FIRST : GATHER)
    this.#spare = undefined
    if (gathered !== undefined) buffer.set(gathered.subarray(0, this.#gatheredLength))
    this.#gathered = buffer
    return buffer
  }

  /** Starts a job for what was gathered. */
  #hashOffLoop () {
    const buffer = /** @type {Buffer} */ (this.#gathered)
    const bytes = buffer.subarray(0, this.#gatheredLength)
    this.#gathered = undefined
    this.#gatheredLength = 0
    this.#start(UPDATE, bytes, () => {
      if (buffer.length === GATHER) this.#spare = buffer
    })
  }

  /** Starts the job that makes a long digest. */
  #digestOffLoop () {
    this.#complete = true
    this.#start(DIGEST, undefined, (digest) => this.#keepDigest(digest))
  }

  /**
   * @param {import('../task-entry').Operation} operation
   * @param {Buffer | undefined} bytes
   * @param {(value: any) => void} onDone
   */
  #start (operation, bytes, onDone) {
    this.#busy = true
    this.#abort ??= new AbortController()
    const settings = { ...this.#task, signal: this.#abort.signal }
    /** @type {(error: unknown, value?: any) => void} */
    const onEnd = (error, value) => {
      this.#busy = false
      // If it failed the state lacks these bytes: no digest must come of it.
      if (error !== undefined) this.#fail(error)
      else if (this.#failure === undefined) onDone(value)
      this.#goOn()
    }
    // In a tick of its own: what listeners of the stream throw is theirs, not the promise's.
    run(operation, settings, bytes, true, undefined, this.#handle).then(
      (value) => process.nextTick(onEnd, undefined, value),
      (error) => process.nextTick(onEnd, error ?? invalidState('The job was aborted'))
    )
  }

  /**
   * After anything has happened: does what can be done now.
   *
   * @returns {void}
   */
  #goOn () {
    if (this.#busy) return
    if (this.#gatheredLength === GATHER) this.#hashOffLoop()
    const pending = this.#pending
    if (pending !== undefined) {
      if (this.#failure === undefined && !this.#take(pending)) return
      this.#pending = undefined
      // From in here the stream may write more, or its listeners do anything else.
      pending.callback(/** @type {Error | undefined} */ (this.#failure))
      return this.#goOn()
    }
    if (this.#busy || (this.#flushing === undefined && this.#asked === undefined)) return
    if (this.#failure === undefined && this.#digest === undefined) this.#conclude()
    if (!this.#busy) this.#tell()
  }

  /**
   * Makes the digest, off the loop if it is much work.
   *
   * @returns {void}
   */
  #conclude () {
    const { inlineBytes, outputLength } = this.#algorithm
    if (this.#gatheredLength > inlineBytes) return this.#hashOffLoop()
    if (native.hasherOutputLength(this.#handle) <= Math.max(inlineBytes, outputLength)) return this.#digestNow()
    this.#hashGathered()
    this.#digestOffLoop()
  }

  /** Tells those who wait of the digest, or of the failure. */
  #tell () {
    const waiting = [this.#asked, this.#flushing]
    this.#asked = this.#flushing = undefined
    for (const callback of waiting) callback?.(/** @type {Error | undefined} */ (this.#failure))
  }

  /** Hashes what was gathered on the spot: for synchronous calls, and for little. */
  #hashGathered () {
    if (this.#gatheredLength === 0) return
    native.updateHasher(this.#handle, /** @type {Buffer} */ (this.#gathered).subarray(0, this.#gatheredLength))
    this.#gatheredLength = 0
  }

  #digestNow () {
    this.#hashGathered()
    this.#keepDigest(native.digestHasher(this.#handle))
  }

  /** @param {Buffer} digest */
  #keepDigest (digest) {
    this.#complete = true
    this.#digest = digest
    this.#release()
  }

  /** @param {unknown} error */
  #fail (error) {
    this.#failure ??= error
    this.#release()
  }

  /** Nothing will be hashed any more. */
  #release () {
    this.#gathered = this.#spare = undefined
    this.#gatheredLength = 0
    if (this.#handle === -1) return
    native.dropHasher(this.#handle)
    registry.unregister(this)
    this.#handle = -1
  }

  /** @param {any} encoding */
  #giveAway (encoding) {
    this.#finalized = true
    const digest = /** @type {Buffer} */ (this.#digest)
    return !encoding || encoding === 'buffer' ? digest : digest.toString(encoding)
  }
}

function finalized () {
  return Object.assign(new Error('Digest already called'), { code: 'ERR_CRYPTO_HASH_FINALIZED' })
}

/**
 * @param {Algorithm} algorithm
 * @param {HashSettings} settings
 * @param {number} handle
 * @returns {Hash}
 */
function make (algorithm, settings, handle) {
  let hash
  try {
    hash = new Hash(OURS, algorithm, settings, handle)
  } catch (error) {
    // The stream does not like an option of its own.
    native.dropHasher(handle)
    throw error
  }
  // Not in the constructor of streams: a signal that has been aborted would destroy what is not there yet.
  return settings.signal === undefined ? hash : addAbortSignal(settings.signal, hash)
}

/**
 * @param {any} algorithm
 * @param {any} [options]
 * @returns {Hash}
 */
function createHash (algorithm, options) {
  const chosen = algorithmOf(algorithm)
  const settings = readHashOptions(chosen, options)
  return make(chosen, settings, native.newHasher(chosen.id, settings.outputLength, settings.key))
}

module.exports = { Hash, createHash }
