/**
 * Sidelane keeps Node servers responsive: CPU-heavy work runs in Rust, on bounded, cancellable lanes beside the event loop.
 *
 * Every asynchronous function takes {@link TaskOptions} last. Wrong arguments throw synchronously, with a `code`, as Node's own functions do; everything
 * that can go wrong later rejects the promise.
 *
 * @packageDocumentation
 */

import { EventEmitter } from 'node:events'
import { Transform, TransformOptions } from 'node:stream'

/** Input bytes. A string is its UTF-8 bytes (lone surrogates become U+FFFD, as in `Buffer.from`). */
export type BytesLike = string | NodeJS.ArrayBufferView | ArrayBuffer | SharedArrayBuffer

/** `'high'` goes before `'normal'` before `'low'`. A waiting task gains on the classes above it, so none is ever starved. */
export type Priority = 'high' | 'normal' | 'low'

/** What every asynchronous function takes as its last argument. */
export interface TaskOptions {
  /** The lane that runs the task. Default: {@link Lane.default}. */
  lane?: Lane | undefined
  /**
   * Aborting it rejects the promise at once with `signal.reason`, takes the task out of the queue, or stops it at its next checkpoint (a few
   * milliseconds). Its slot stays taken until the work has really stopped.
   */
  signal?: AbortSignal | undefined
  /**
   * Milliseconds from the call, queueing included; a positive number. Past it the promise rejects with {@link TaskTimeoutError}. A task that could not be done
   * in time (by the lane's measured run times) is refused at once. Default: the lane's `timeout`.
   */
  timeout?: number | undefined
  /** Default `'normal'`. */
  priority?: Priority | undefined
  /**
   * Takes the `ArrayBuffer` over instead of copying it: it is detached when the call returns. A view that does not cover its whole `ArrayBuffer` (Node's Buffer
   * pool), an empty, a shared or a resizable buffer is copied all the same, never detached. Default `false`.
   */
  transfer?: boolean | undefined
  /**
   * `false`: always through the lane, however small. `true`: always on the calling thread. Default: whichever costs the event loop less, by operation and size.
   */
  inline?: boolean | undefined
}

/** How a lane answers when it is full. */
export type OverflowPolicy =
  /** Refuse the new task with {@link LaneFullError}. */
  | 'reject'
  /** Drop the task that has waited longest (it rejects with {@link LaneFullError}) and take the new one. */
  | 'shed-oldest'
  /** Drop the youngest task of the lowest priority, if that is below the new one's; else refuse the new one. */
  | 'shed-lowest'
  /** The call waits, unbounded in number, its input neither copied nor counted, until the lane has room. */
  | 'wait'

/** Settings of a {@link Lane}. */
export interface LaneOptions {
  /** Shown in errors, traces and metrics. Default `'lane-<n>'`. */
  name?: string | undefined
  /** Tasks of this lane that run at the same time, at most. Bounded by {@link runtime}'s `runnerLimit` in any case. Default: no bound of its own. */
  concurrency?: number | undefined
  /** Tasks that may wait for a slot. `0`: none, a task runs at once or not at all. Default 1024. */
  maxQueue?: number | undefined
  /** Input bytes that waiting tasks may hold. A single task above it is refused with {@link TooLargeError}. Default 268435456 (256 MiB). */
  maxQueueBytes?: number | undefined
  /** Default `timeout` in milliseconds of every task of the lane. Default: none. */
  timeout?: number | undefined
  /** Default `'reject'`. */
  overflow?: OverflowPolicy | undefined
}

/** A distribution in milliseconds. Quantiles come from a log-linear histogram: at most 3.2 % above the true value. All zero when `count` is. */
export interface Summary {
  count: number
  mean: number
  p50: number
  p90: number
  p99: number
  max: number
}

/** What {@link Lane.stats} returns. The counters grow for ever; the first three are of now. */
export interface LaneStats {
  /** Tasks that wait in the lane. */
  queued: number
  /** Input bytes that they hold. */
  queuedBytes: number
  /** Tasks that occupy a slot, those included that were aborted and have not stopped yet. */
  running: number
  /** Tasks that ended with a result. */
  completed: number
  /** Tasks that ended with an error of their own. */
  failed: number
  /** Tasks that were aborted, by their signal or by `close()`. */
  aborted: number
  /** Tasks whose timeout passed, those refused at once included. */
  timedOut: number
  /** Tasks that were refused or shed because the lane was full or closed. */
  rejected: number
  /** Time from the call to the start of the work. */
  waitMs: Summary
  /** Time of the work itself. */
  runMs: Summary
}

/** Events of a {@link Lane}. */
export interface LaneEvents {
  /** The lane refused, shed or held back a task for lack of room; once, until `'drain'`. */
  saturated: []
  /** The queue is empty again after `'saturated'`; once. */
  drain: []
}

/**
 * A bulkhead: a queue with bounds, over the runners that the whole process shares.
 *
 * @example
 * ```js
 * const lane = new Lane({ name: 'uploads', maxQueue: 64, timeout: 2000 })
 * await hash('sha256', body, { lane, signal })
 * ```
 */
export class Lane extends EventEmitter<LaneEvents> implements AsyncDisposable {
  /** The lane of every call that names none. It cannot be closed. */
  static readonly default: Lane
  constructor(options?: LaneOptions)
  readonly name: string
  /** What the lane did so far and does now. */
  stats(): LaneStats
  /** Resolves when no task waits or runs in this lane. */
  idle(): Promise<void>
  /**
   * Refuses new tasks with {@link LaneClosedError} and resolves when the others have ended. After `timeout` milliseconds (default: never) what is left is cancelled: it rejects with
   * {@link LaneClosedError}, and `close` resolves once it has really stopped.
   */
  close(options?: { timeout?: number | undefined }): Promise<void>
  /** `close({ timeout: 0 })` at the end of an `await using` block: what is still queued or running then is cancelled. */
  [Symbol.asyncDispose](): Promise<void>
}

/** What {@link runtime} found. */
export interface Runtime {
  /** Usable cores: affinity and the cgroup's CPU quota (v1 and v2) counted in. */
  cores: number
  /** Threads of libuv's pool, as libuv has them. */
  threadPoolSize: number
  /** Tasks that can run at the same time in this process, over all isolates: `max(1, min(cores, threadPoolSize - 1))`. */
  runnerLimit: number
  /** Runners at work now, in the whole process. */
  runners: number
  /** Version of the native binary, equal to the package's. */
  addonVersion: string
  /** Node-API version that the running Node offers. */
  nodeApi: number
}

/** What the machine and the process offer, as Sidelane found it. */
export function runtime(): Runtime

/** Names of the hash algorithms. */
export type HashAlgorithm =
  | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512' | 'sha512-256'
  | 'sha3-224' | 'sha3-256' | 'sha3-384' | 'sha3-512' | 'shake128' | 'shake256'
  | 'blake3' | 'blake2b512' | 'blake2s256' | 'md5'
  | 'xxh3-64' | 'xxh3-128' | 'xxh64' | 'crc32' | 'crc32c' | 'crc64nvme'

/** Algorithms that {@link hmac} takes. */
export type HmacAlgorithm = Exclude<HashAlgorithm, 'shake128' | 'shake256' | 'blake3' | 'xxh3-64' | 'xxh3-128' | 'xxh64' | 'crc32' | 'crc32c' | 'crc64nvme'>

/** How a digest is returned. `'buffer'`: a `Buffer`. */
export type DigestEncoding = 'hex' | 'base64' | 'base64url' | 'buffer'

/** Options of a digest. */
export interface DigestOptions {
  /** Default `'hex'`. */
  encoding?: DigestEncoding | undefined
  /** Bytes of the digest; shake128, shake256 and blake3 only, 1 to 1048576. Default: the algorithm's own length (shake128 16, shake256 32, blake3 32). */
  outputLength?: number | undefined
  /** 32 bytes; blake3 only: its keyed mode. */
  key?: BytesLike | undefined
}

/** Options of {@link hash}. */
export interface HashOptions extends DigestOptions, TaskOptions {}

/**
 * The digest of `data`, computed off the event loop (or inline where that costs the loop less).
 *
 * @throws `TypeError` (`ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`), `RangeError` (`ERR_OUT_OF_RANGE`): at once, for wrong arguments.
 * @returns Rejects with {@link LaneFullError}, {@link LaneClosedError}, {@link TaskTimeoutError}, {@link TooLargeError} or the signal's reason.
 * @example
 * ```js
 * const digest = await hash('sha256', request.body, { signal, timeout: 500 })
 * ```
 */
export function hash(algorithm: HashAlgorithm, data: BytesLike, options: HashOptions & { encoding: 'buffer' }): Promise<Buffer>
export function hash(algorithm: HashAlgorithm, data: BytesLike, options?: HashOptions & { encoding?: 'hex' | 'base64' | 'base64url' | undefined }): Promise<string>
export function hash(algorithm: HashAlgorithm, data: BytesLike, options?: HashOptions): Promise<string | Buffer>

/** The digest of `data`, on the calling thread. Right for small inputs; see the README's decision table. */
export function hashSync(algorithm: HashAlgorithm, data: BytesLike, options: DigestOptions & { encoding: 'buffer' }): Buffer
export function hashSync(algorithm: HashAlgorithm, data: BytesLike, options?: DigestOptions & { encoding?: 'hex' | 'base64' | 'base64url' | undefined }): string
export function hashSync(algorithm: HashAlgorithm, data: BytesLike, options?: DigestOptions): string | Buffer

/** Many messages in one `Uint8Array`: message `i` is the bytes from `offsets[i]` up to `offsets[i + 1]`, so `n` messages have `n + 1` ascending offsets. */
export interface PackedItems {
  data: NodeJS.ArrayBufferView | ArrayBuffer | SharedArrayBuffer
  offsets: Uint32Array
}

/** Digests of many messages as one `Uint8Array`, each `digestLength` bytes, in order. Returned for `encoding: 'packed'`. */
export interface PackedDigests {
  data: Buffer
  digestLength: number
}

/**
 * The digests of many messages in one crossing, over all free cores; several SHA-256 messages are interleaved on each core.
 * All digests together are at most 1 GiB, or as text the longest string (about 512 MiB); above, it rejects with {@link TooLargeError}.
 * With `encoding: 'buffer'` the returned buffers are views of one `ArrayBuffer`.
 *
 * @example
 * ```js
 * const etags = await hashMany('sha256', rows)
 * ```
 */
export function hashMany(algorithm: HashAlgorithm, items: readonly BytesLike[] | PackedItems, options: HashOptions & { encoding: 'buffer' }): Promise<Buffer[]>
export function hashMany(algorithm: HashAlgorithm, items: readonly BytesLike[] | PackedItems, options: Omit<HashOptions, 'encoding'> & { encoding: 'packed' }): Promise<PackedDigests>
export function hashMany(algorithm: HashAlgorithm, items: readonly BytesLike[] | PackedItems, options?: HashOptions & { encoding?: 'hex' | 'base64' | 'base64url' | undefined }): Promise<string[]>

/** Progress of {@link hashFile}. */
export interface FileProgress {
  /** Bytes hashed so far. */
  bytes: number
  /** Size of the file in bytes when it was opened. */
  total: number
}

/** Options of {@link hashFile}. */
export interface HashFileOptions extends Omit<HashOptions, 'transfer' | 'inline'> {
  /** Called at most every 100 ms while the file is read, in the caller's async context. What it throws rejects the promise. */
  onProgress?: ((progress: FileProgress) => void) | undefined
}

/**
 * The digest of a regular file, read natively: no byte of it passes through JavaScript. With an array of algorithms the file is read once and an object by algorithm is returned.
 *
 * @returns Rejects with a system error (`ENOENT`, `EACCES`, ...) as `fs` does, with {@link FileError} `ERR_FILE_NOT_REGULAR` (a directory, FIFO, socket or device) or `ERR_FILE_CHANGED` (its size or
 * modification time changed, or it was deleted, while it was read), and with everything that {@link hash} rejects with.
 */
export function hashFile(algorithm: HashAlgorithm, path: string | Buffer | URL, options: HashFileOptions & { encoding: 'buffer' }): Promise<Buffer>
export function hashFile(algorithm: HashAlgorithm, path: string | Buffer | URL, options?: HashFileOptions & { encoding?: 'hex' | 'base64' | 'base64url' | undefined }): Promise<string>
export function hashFile<A extends HashAlgorithm>(algorithms: readonly A[], path: string | Buffer | URL, options: HashFileOptions & { encoding: 'buffer' }): Promise<Record<A, Buffer>>
export function hashFile<A extends HashAlgorithm>(algorithms: readonly A[], path: string | Buffer | URL, options?: HashFileOptions & { encoding?: 'hex' | 'base64' | 'base64url' | undefined }): Promise<Record<A, string>>

/** The HMAC (RFC 2104) of `data`. Options as for {@link hash}, without `key` and `outputLength`. */
export function hmac(algorithm: HmacAlgorithm, key: BytesLike, data: BytesLike, options: Omit<HashOptions, 'key' | 'outputLength'> & { encoding: 'buffer' }): Promise<Buffer>
export function hmac(algorithm: HmacAlgorithm, key: BytesLike, data: BytesLike, options?: Omit<HashOptions, 'key' | 'outputLength'> & { encoding?: 'hex' | 'base64' | 'base64url' | undefined }): Promise<string>

/** Options of {@link createHash}: a stream's, those of the digest, and the lane's for work that leaves the loop. */
export interface CreateHashOptions extends TransformOptions, Pick<DigestOptions, 'outputLength' | 'key'>, Pick<TaskOptions, 'lane' | 'priority' | 'signal'> {}

/**
 * node:crypto's `Hash`: `update` and `digest` work on the calling thread; as a stream, chunks are gathered (up to 512 KiB) and hashed off the loop; a full lane delays a stream and does not fail it.
 * Mixing both is allowed; a synchronous call while streamed work is under way throws `ERR_INVALID_STATE`.
 */
export class Hash extends Transform {
  private constructor()
  readonly algorithm: HashAlgorithm
  /** Adds data, on the calling thread. `inputEncoding` is for strings; default `'utf8'`. */
  update(data: string | NodeJS.ArrayBufferView, inputEncoding?: BufferEncoding): this
  /** The digest; the object cannot be used afterwards. */
  digest(): Buffer
  digest(encoding: BufferEncoding | 'base64url'): string
  /** The digest once all work under way has ended; long outputs are computed off the loop. */
  digestAsync(): Promise<Buffer>
  digestAsync(encoding: BufferEncoding | 'base64url'): Promise<string>
  /** An independent copy of the state so far, with the same key and lane. As in node:crypto, `outputLength` is the algorithm's own unless given again. */
  copy(options?: CreateHashOptions): Hash
}

/** A {@link Hash} of the named algorithm. */
export function createHash(algorithm: HashAlgorithm, options?: CreateHashOptions): Hash

/** Names of the algorithms, sorted. */
export function getHashes(): HashAlgorithm[]

/** What all errors of Sidelane share. */
export interface SidelaneError extends Error {
  /** Stable; compare it, not the message. */
  code: string
  /** The HTTP status that fits, where one does. */
  statusCode?: number
  /** Whether the same call may succeed later. */
  retryable: boolean
}

/** `ERR_LANE_FULL`, 503: the lane's bound on tasks or bytes is reached, or the task was shed for another. */
export class LaneFullError extends Error implements SidelaneError {
  code: 'ERR_LANE_FULL'
  statusCode: 503
  retryable: true
  /** Milliseconds until a slot is likely free, from measured run times and the depth of the queue; at least 1. */
  retryAfterMs: number
  /** Name of the lane. */
  lane: string
}

/** `ERR_LANE_CLOSED`, 503: the lane was closed. */
export class LaneClosedError extends Error implements SidelaneError {
  code: 'ERR_LANE_CLOSED'
  statusCode: 503
  retryable: false
  lane: string
}

/** `ERR_TASK_TIMEOUT`, 504: the deadline passed, or could not be met. */
export class TaskTimeoutError extends Error implements SidelaneError {
  code: 'ERR_TASK_TIMEOUT'
  statusCode: 504
  retryable: true
  lane: string
  /** The task's timeout in milliseconds. */
  timeout: number
}

/** `ERR_TOO_LARGE`, 413: a stated limit was passed. */
export class TooLargeError extends Error implements SidelaneError {
  code: 'ERR_TOO_LARGE'
  statusCode: 413
  retryable: false
  /** The limit that was passed, and what was asked for. */
  limit: number
  received: number
}

/** `ERR_FILE_NOT_REGULAR` (400) or `ERR_FILE_CHANGED` (409, retryable). */
export class FileError extends Error implements SidelaneError {
  code: 'ERR_FILE_NOT_REGULAR' | 'ERR_FILE_CHANGED'
  statusCode: 400 | 409
  retryable: boolean
  path: string
}

/** `ERR_REGEXP_BUDGET`, 422: a pattern is above one of the limits, or one with backreferences ran out of steps. */
export class RegExpBudgetError extends Error implements SidelaneError {
  code: 'ERR_REGEXP_BUDGET'
  statusCode: 422
  retryable: false
}

/**
 * A `RegExp` that runs in an engine of Sidelane's own, and never in V8's. A search takes time linear in the subject, or, for a pattern with backreferences, ends with a
 * {@link RegExpBudgetError} when its steps run out: never with "no match" for lack of steps.
 *
 * @example
 * new SafeRegExp('^(a+)+$').test('a'.repeat(50) + '!') // false, at once
 */
export class SafeRegExp extends RegExp {
  /**
   * @throws {SyntaxError} as `new RegExp` does
   * @throws {RegExpBudgetError} for a pattern above 1,000,000 code units, 1,000 levels of nesting, 32,767 groups or 250,000 instructions after its counted repeats are unrolled
   */
  constructor(pattern?: RegExp | string, flags?: string)
  /** Which engine runs, whether it is linear, and why not. `programSize` is in instructions. */
  explain(): { engine: string, linear: boolean, reason?: string, programSize: number }
  /** `RegExp.escape`, on every Node. */
  static escape(text: string): string
}

/** `ERR_INTERNAL`, 500: a bug in Sidelane that was caught. Names the operation and the build. */
export class InternalError extends Error implements SidelaneError {
  code: 'ERR_INTERNAL'
  statusCode: 500
  retryable: false
  operation: string
}
