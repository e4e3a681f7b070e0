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
   * Aborting it rejects the promise at once with `signal.reason` (an `AbortError` if that is undefined, as with old polyfills), takes the task out of the queue, or stops it at its next checkpoint (a few
   * milliseconds). Its slot stays taken until the work has really stopped.
   */
  signal?: AbortSignal | undefined
  /**
   * Milliseconds from the call, queueing included; a positive number, at most 2147483647 (24.8 days). Past it the promise rejects with {@link TaskTimeoutError}. A task that could not be done
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
  /** The call waits, unbounded in number, its input neither copied nor counted, until the lane has room. First come, first served: priorities hold from then on. */
  | 'wait'

/** Settings of a {@link Lane}. */
export interface LaneOptions {
  /** Shown in errors, traces and metrics. Default `'lane-<n>'`. */
  name?: string | undefined
  /** Tasks of this lane that run at the same time, at most: an integer from 1, or Infinity. Bounded by {@link runtime}'s `runnerLimit` in any case. Default: no bound of its own. */
  concurrency?: number | undefined
  /**
   * Tasks that may wait, beyond those for which the lane has a slot free: it has `concurrency` of them, or `runnerLimit` if that is less. `0`: no more tasks at a time than slots. Slots are the lane's own, the threads
   * are the whole process's: a task with a slot still waits while other lanes have all threads, as long as its `timeout` lets it. An integer from 0, or Infinity. Default 1024.
   */
  maxQueue?: number | undefined
  /** Input bytes that waiting tasks may hold. A single task above it is refused with {@link TooLargeError}. An integer from 0, or Infinity. Default 268435456 (256 MiB). */
  maxQueueBytes?: number | undefined
  /** Default `timeout` in milliseconds of every task of the lane, a positive number, at most 2147483647. Default: none. */
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

/**
 * What {@link Lane.stats} returns. The counters grow for ever; the first three are of now. Only tasks of the lane count: work that was done inline, or refused there, is in none of them
 * (it is on the tracing channel).
 */
export interface LaneStats {
  /** Tasks that wait in the lane. */
  queued: number
  /** Input bytes that they hold. */
  queuedBytes: number
  /** Tasks that occupy a slot, those included that were aborted and have not stopped yet. */
  running: number
  /** Tasks whose promise resolved. Each task is counted once, by how its promise ended, when its slot is free again. */
  completed: number
  /** Tasks that ended with an error of their own. */
  failed: number
  /** Tasks that were aborted, by their signal or by `close()`. */
  aborted: number
  /** Tasks whose timeout passed, those refused at once included. */
  timedOut: number
  /** Tasks that were refused or shed because the lane was full or closed. */
  rejected: number
  /** Time from the call to the start of the work; of calls that waited for room (`'wait'`, streams), from when they had it. */
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
   * Refuses new tasks with {@link LaneClosedError} and resolves when the others have ended. After `timeout` milliseconds (0 to 2147483647; default, and `Infinity`: never) what is left is cancelled: it rejects with
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

/** Digests of many messages as one `Uint8Array`, each `digestLength` bytes, in order. Returned for `encoding: 'packed'`. From 64 KiB on its memory is the addon's until it is collected, so that `postMessage` copies it and cannot transfer it. */
export interface PackedDigests {
  data: Buffer
  digestLength: number
}

/**
 * The digests of many messages in one crossing, over all free cores; several SHA-256 messages are interleaved on each core.
 * Few and short messages are hashed inline, where that costs the loop less; the bounds of a lane count 4 bytes more for each message.
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
export function hashMany(algorithm: HashAlgorithm, items: readonly BytesLike[] | PackedItems, options?: HashOptions): Promise<string[] | Buffer[]>
export function hashMany(algorithm: HashAlgorithm, items: readonly BytesLike[] | PackedItems, options?: Omit<HashOptions, 'encoding'> & { encoding?: DigestEncoding | 'packed' | undefined }): Promise<string[] | Buffer[] | PackedDigests>

/** Progress of {@link hashFile}. */
export interface FileProgress {
  /** Bytes hashed so far. */
  bytes: number
  /** Size of the file in bytes when it was opened. */
  total: number
}

/** Options of {@link hashFile}. */
export interface HashFileOptions extends Omit<HashOptions, 'transfer' | 'inline'> {
  /**
   * Called at most every 100 ms while the file is read, in the caller's async context. What it throws, or the promise that it returns rejects with, rejects the call's promise and stops the work.
   */
  onProgress?: ((progress: FileProgress) => void) | undefined
}

/**
 * The digest of a regular file, read natively: no byte of it passes through JavaScript. With an array of algorithms the file is read once and an object by algorithm is returned.
 *
 * @returns Rejects with a system error (`ENOENT`, `EACCES`, ...) as `fs` does, with {@link FileError} `ERR_FILE_NOT_REGULAR` (a directory, FIFO, socket or device) or `ERR_FILE_CHANGED` (its size or
 * modification time changed, or it was deleted, while it was read), and with everything that {@link hash} rejects with.
 */
export function hashFile(algorithm: HashAlgorithm, path: string | Uint8Array | URL, options: HashFileOptions & { encoding: 'buffer' }): Promise<Buffer>
export function hashFile(algorithm: HashAlgorithm, path: string | Uint8Array | URL, options?: HashFileOptions & { encoding?: 'hex' | 'base64' | 'base64url' | undefined }): Promise<string>
export function hashFile<A extends HashAlgorithm>(algorithms: readonly A[], path: string | Uint8Array | URL, options: HashFileOptions & { encoding: 'buffer' }): Promise<Record<A, Buffer>>
export function hashFile<A extends HashAlgorithm>(algorithms: readonly A[], path: string | Uint8Array | URL, options?: HashFileOptions & { encoding?: 'hex' | 'base64' | 'base64url' | undefined }): Promise<Record<A, string>>
export function hashFile(algorithm: HashAlgorithm, path: string | Uint8Array | URL, options?: HashFileOptions): Promise<string | Buffer>
export function hashFile<A extends HashAlgorithm>(algorithms: readonly A[], path: string | Uint8Array | URL, options?: HashFileOptions): Promise<Record<A, string> | Record<A, Buffer>>
export function hashFile<A extends HashAlgorithm>(algorithms: A | readonly A[], path: string | Uint8Array | URL, options: HashFileOptions & { encoding: 'buffer' }): Promise<Buffer | Record<A, Buffer>>
export function hashFile<A extends HashAlgorithm>(algorithms: A | readonly A[], path: string | Uint8Array | URL, options?: HashFileOptions & { encoding?: 'hex' | 'base64' | 'base64url' | undefined }): Promise<string | Record<A, string>>
export function hashFile<A extends HashAlgorithm>(algorithms: A | readonly A[], path: string | Uint8Array | URL, options?: HashFileOptions): Promise<string | Buffer | Record<A, string> | Record<A, Buffer>>

/** The HMAC (RFC 2104) of `data`. The key is copied, also where `data` is handed over. Options as for {@link hash}, without `key` and `outputLength`. */
export function hmac(algorithm: HmacAlgorithm, key: BytesLike, data: BytesLike, options: Omit<HashOptions, 'key' | 'outputLength'> & { encoding: 'buffer' }): Promise<Buffer>
export function hmac(algorithm: HmacAlgorithm, key: BytesLike, data: BytesLike, options?: Omit<HashOptions, 'key' | 'outputLength'> & { encoding?: 'hex' | 'base64' | 'base64url' | undefined }): Promise<string>
export function hmac(algorithm: HmacAlgorithm, key: BytesLike, data: BytesLike, options?: Omit<HashOptions, 'key' | 'outputLength'>): Promise<string | Buffer>

/** Options of {@link createHash}: a stream's, those of the digest, and the lane's for work that leaves the loop. */
export interface CreateHashOptions extends TransformOptions, Pick<DigestOptions, 'outputLength' | 'key'>, Pick<TaskOptions, 'lane' | 'priority' | 'signal'> {}

/**
 * node:crypto's `Hash`: `update` and `digest` work on the calling thread; as a stream, chunks are gathered (up to 512 KiB) and hashed off the loop; a full lane delays a stream and does not fail it.
 * Each stream has up to two such buffers, outside of its lane's bounds: bound the number of streams. Mixing both is allowed; a synchronous call while streamed work is under way throws `ERR_INVALID_STATE`.
 */
export class Hash extends Transform {
  private constructor()
  readonly algorithm: HashAlgorithm
  /** Adds data, on the calling thread. `inputEncoding` is for strings; default `'utf8'`. */
  update(data: string | NodeJS.ArrayBufferView, inputEncoding?: BufferEncoding): this
  /** The digest; the object cannot be used afterwards. */
  digest(): Buffer
  digest(encoding: BufferEncoding | 'base64url'): string
  /** The digest of all that was written, a corked stream's too, once the work under way has ended; long outputs are computed off the loop. */
  digestAsync(): Promise<Buffer>
  digestAsync(encoding: BufferEncoding | 'base64url'): Promise<string>
  /** An independent copy of the state so far, with the same key and lane. As in node:crypto, `outputLength` is the algorithm's own unless given again. */
  copy(options?: CreateHashOptions): Hash
}

/** A {@link Hash} of the named algorithm. */
export function createHash(algorithm: HashAlgorithm, options?: CreateHashOptions): Hash

/** Names of the algorithms, sorted. */
export function getHashes(): HashAlgorithm[]

/**
 * Statistics, order and transforms of typed arrays, off the loop; with `Sync` in the name, on it. Input is any typed array but Float16Array. It is read once,
 * in double precision: a BigInt becomes the nearest number. Options that all functions share are {@link TaskOptions}: with `transfer: true` the
 * input is taken over instead of copied. Results of 64 KiB and more lie in memory of the addon's until they are collected, so that `postMessage`
 * copies them and cannot transfer them.
 *
 * Order is that of `TypedArray.prototype.sort`: -0 before 0, NaN last. A function that answers with positions takes at most 2³² - 1 numbers, else it rejects with {@link TooLargeError}.
 */
export namespace numeric {
  /** What holds numbers. */
  type Numbers = Float64Array | Float32Array | Int8Array | Uint8Array | Uint8ClampedArray | Int16Array | Uint16Array | Int32Array | Uint32Array | BigInt64Array | BigUint64Array

  /** What {@link describe} finds. */
  interface Description {
    /** How many numbers. */
    count: number
    /** Their sum, compensated: a plain loop loses a bit or two with every addition. */
    sum: number
    /** NaN of none. */
    mean: number
    /** That of a population: squared distances from the mean, by `count`. NaN of none. */
    variance: number
    /** As `Math.min` has it: Infinity of none, NaN if there is one. */
    min: number
    /** As `Math.max` has it. */
    max: number
  }

  /**
   * Count, sum, mean, variance, minimum and maximum, in one pass.
   *
   * @example
   * ```js
   * const { mean, max } = await numeric.describe(Float64Array.of(1, 2, 6))
   * ```
   */
  function describe(data: Numbers, options?: TaskOptions): Promise<Description>
  function describeSync(data: Numbers): Description

  /**
   * For each probability from 0 to 1 the value at `probability * (length - 1)` of the sorted numbers, interpolated between neighbours: NumPy's and R's default.
   * In linear time. NaNs count as the largest numbers; of no numbers all are NaN.
   *
   * @throws RangeError `ERR_OUT_OF_RANGE`: a probability outside of 0 to 1.
   */
  function quantiles(data: Numbers, probabilities: number | readonly number[] | Float64Array, options?: TaskOptions): Promise<Float64Array>
  function quantilesSync(data: Numbers, probabilities: number | readonly number[] | Float64Array): Float64Array

  /** Options of {@link histogram}. */
  interface HistogramOptions extends TaskOptions {
    /** How many bins, 1 to 16,777,216. Default: 10. */
    bins?: number | undefined
    /** Where the first bin begins and the last one ends. Default: the least and the greatest finite number. */
    min?: number | undefined
    max?: number | undefined
  }

  /** What {@link histogram} counts. */
  interface Histogram {
    /** One count for each bin. */
    counts: Float64Array
    /** Where bins begin, and where the last one ends. */
    edges: Float64Array
    /** How many numbers are in none: NaN, and what lies outside. */
    outside: number
  }

  /** Counts numbers in ranges of equal width. As in NumPy a bin holds its lower edge and not its upper one; the last holds both. */
  function histogram(data: Numbers, options?: HistogramOptions): Promise<Histogram>
  function histogramSync(data: Numbers, options?: HistogramOptions): Histogram

  /** Options of {@link sort} and {@link argsort}. */
  interface SortOptions extends TaskOptions {
    /** Greatest first; NaN, too. Default: false. */
    descending?: boolean | undefined
  }

  /** The numbers in order, in a new array. Radix sort, on all free cores. */
  function sort<T extends Numbers>(data: T, options?: SortOptions): Promise<T>
  function sortSync<T extends Numbers>(data: T, options?: SortOptions): T

  /** The positions of the numbers in order; equal ones keep theirs. */
  function argsort(data: Numbers, options?: SortOptions): Promise<Uint32Array>
  function argsortSync(data: Numbers, options?: SortOptions): Uint32Array

  /** Options of {@link topK}. */
  interface TopKOptions extends TaskOptions {
    /** `false`: the least numbers. Default: true. */
    largest?: boolean | undefined
  }

  /** The `k` greatest (or least) numbers and their positions, most extreme first, of equal ones the earlier. NaN is none of them. */
  function topK<T extends Numbers>(data: T, k: number, options?: TopKOptions): Promise<{ values: T, indices: Uint32Array }>
  function topKSync<T extends Numbers>(data: T, k: number, options?: TopKOptions): { values: T, indices: Uint32Array }

  /** What {@link rolling} gives of each window. */
  type Statistic = 'mean' | 'sum' | 'min' | 'max'

  /** A statistic of each complete window of numbers: `length - window + 1` of them, none if the window is longer than the input. A NaN spoils its own windows, no others. */
  function rolling(data: Numbers, window: number, statistic: Statistic, options?: TaskOptions): Promise<Float64Array>
  function rollingSync(data: Numbers, window: number, statistic: Statistic): Float64Array

  /**
   * How anomalies are measured. Statistics are of the finite numbers; NaN is never an anomaly.
   *
   * - `zscore`: standard deviations from the mean; threshold 3
   * - `mad`: 0.6745 distances from the median by their median; threshold 3.5
   * - `iqr`: distance from the nearer quartile by the distance of the quartiles; threshold 1.5
   * - `range`: distance from the nearer of two bounds
   */
  type Method = { method: 'zscore' | 'mad' | 'iqr', threshold?: number | undefined } | { method: 'range', min: number, max: number }

  /** Numbers that lie far from the others. */
  interface Anomalies {
    /** Where they are, ascending. */
    indices: Uint32Array
    /** How far, negative below. */
    scores: Float64Array
  }

  /** Finds the numbers whose score is beyond the threshold. */
  function anomalies(data: Numbers, options: TaskOptions & Method): Promise<Anomalies>
  function anomaliesSync(data: Numbers, options: Method): Anomalies

  /**
   * A step of {@link map}: `Math.log1p(x)`; `Math.abs(x)`; `(x - mean) / deviation` and `(x - min) / (max - min)` of what the step before gave;
   * `x < min ? min : x > max ? max : x`; `x * factor + offset`.
   */
  type Step = 'log1p' | 'abs' | 'zscore' | 'minmax' | { clamp: readonly [min: number, max: number] } | { scale: readonly [factor: number, offset: number] }

  /**
   * Applies steps to each number, one after the other. A Float32Array gives one, rounded after each step, as its own `map` does (`log1p`: the nearest float, but for one in some 10⁸ numbers); everything else gives a Float64Array.
   *
   * @example
   * ```js
   * const scaled = await numeric.map(samples, ['abs', 'log1p', { clamp: [0, 10] }])
   * ```
   */
  function map(data: Float32Array, steps: readonly Step[], options?: TaskOptions): Promise<Float32Array>
  function map(data: Numbers, steps: readonly Step[], options?: TaskOptions): Promise<Float64Array | Float32Array>
  function mapSync(data: Float32Array, steps: readonly Step[]): Float32Array
  function mapSync(data: Numbers, steps: readonly Step[]): Float64Array | Float32Array

  /** What {@link groupBy} finds: one element for each key, ascending. */
  interface Groups<K extends Numbers> {
    /** The keys. As in a Map the zeros are one, and so are NaNs, the last. */
    keys: K
    count: Float64Array
    /** Compensated. */
    sum: Float64Array
    mean: Float64Array
    min: Float64Array
    max: Float64Array
  }

  /** Statistics of values by the keys at the same positions. `transfer` is for the keys; values are copied. */
  function groupBy<K extends Numbers>(keys: K, values: Numbers, options?: TaskOptions): Promise<Groups<K>>
  function groupBySync<K extends Numbers>(keys: K, values: Numbers): Groups<K>

  /** Options of {@link batch}. */
  interface BatchOptions extends TaskOptions {
    /** Numbers of a packet, for packets that lie one behind the other; the last may have fewer. */
    length?: number | undefined
    /** Finds anomalies of each packet, by its own statistics: with a NaN or an infinity in it, a packet has no z-scores. */
    anomalies?: { method: 'zscore', threshold?: number | undefined } | { method: 'range', min: number, max: number } | undefined
    /** Steps of a {@link map}, by themselves for each packet. */
    map?: readonly Step[] | undefined
  }

  /** What {@link batch} finds: one element for each packet. */
  interface Batch {
    mean: Float64Array
    /** Standard deviations of a population. */
    deviation: Float64Array
    min: Float64Array
    max: Float64Array
    /** Where anomalies were asked for. Those of packet `i` are from `offsets[i]` to `offsets[i + 1]`; indices are positions in all packets together. */
    anomalies?: Anomalies & { offsets: Uint32Array }
    /** Where a map was asked for: all packets, one behind the other. */
    values?: Float64Array | Float32Array
  }

  /**
   * Statistics, anomalies and transforms of many small arrays in one call, on all free cores. Packets lie one behind the other in `data`, or are an array of typed arrays of one type and length.
   *
   * @example
   * ```js
   * const { mean, anomalies, values } = await numeric.batch(samples, { length: 1024, anomalies: { method: 'zscore' }, map: ['log1p'], transfer: true })
   * ```
   */
  function batch(data: Numbers | readonly Numbers[], options: BatchOptions): Promise<Batch>
  function batchSync(data: Numbers | readonly Numbers[], options: Omit<BatchOptions, keyof TaskOptions>): Batch
}

/** Limits of every function on JSON. */
export interface JsonOptions {
  /** Arrays and objects inside each other, at most, 0 to 100000000; `[[]]` has 2. Above: {@link TooLargeError}. Default 1024. */
  maxDepth?: number | undefined
}

/** As what a selected value is returned: `'json'`, what `JSON.parse` makes of it; `'f64'`, a `Float64Array`, in which NaN stands for what is no number. */
export type JsonColumnType = 'json' | 'f64'

/** Options of {@link json}`.query`. */
export interface JsonQueryOptions extends JsonOptions {
  /** Types by the names of the selection (of an array: by index). Default `'json'` for each. */
  columns?: Record<string, JsonColumnType> | undefined
  /** What integers beyond 2^53 - 1 become, written without fraction and exponent. `'number'`: rounded, as `JSON.parse` does. Default `'number'`. */
  bigint?: 'number' | 'string' | 'bigint' | undefined
  /**
   * The text is known to be JSON without duplicate names: what is not selected is not checked. Other text gives some result or a {@link JsonSyntaxError}, never a
   * crash. Default `false`.
   */
  trusted?: boolean | undefined
}

/**
 * JSON text, checked, reshaped and searched off the event loop: no object is built but of what is asked for.
 *
 * What `JSON.parse` accepts is accepted, with the same meaning (the last of duplicate names counts; `__proto__` is a name like others; no byte-order mark), as
 * long as it is UTF-8 and not nested deeper than `maxDepth`. Else: {@link JsonSyntaxError}, {@link TooLargeError}. Texts up to 4 KiB are worked on inline.
 */
export const json: {
  /** Resolves if the text is JSON. */
  validate(data: BytesLike, options?: JsonOptions & TaskOptions): Promise<void>
  /** The same on the calling thread. */
  validateSync(data: BytesLike, options?: JsonOptions): void
  /** The text without white space between its tokens, which stay as they are written. A string for a string, else a `Buffer`. */
  minify<D extends BytesLike>(data: D, options?: JsonOptions & TaskOptions): Promise<D extends string ? string : Buffer>
  /** The same on the calling thread. */
  minifySync<D extends BytesLike>(data: D, options?: JsonOptions): D extends string ? string : Buffer
  /** The text as `JSON.stringify` sets it with an indent of 0 to 10 spaces (default 2) or a tab. A string for a string, else a `Buffer`. */
  format<D extends BytesLike>(data: D, options?: JsonOptions & { indent?: number | '\t' | undefined } & TaskOptions): Promise<D extends string ? string : Buffer>
  /** The same on the calling thread. */
  formatSync<D extends BytesLike>(data: D, options?: JsonOptions & { indent?: number | '\t' | undefined }): D extends string ? string : Buffer
  /**
   * The values that JSON Pointers (RFC 6901) lead to. The token `*` stands for every element of an array; such a pointer gives an array with a value for each
   * element that its last `*` stands for, null where the rest of it leads nowhere. Other pointers give their value, or undefined.
   *
   * One pointer gives its result, an array of pointers an array, an object of names an object by name, without the names that lead nowhere. At most 1,024
   * pointers of 128 tokens, and 2^24 values (else {@link TooLargeError}). One selection cannot have both `*` and an index for the same array.
   *
   * @example
   * ```js
   * const { id, price } = await json.query(body, { id: '/items/&#42;/id', price: '/items/&#42;/price' }, { columns: { price: 'f64' } })
   * ```
   */
  query(data: BytesLike, selection: string, options?: JsonQueryOptions & TaskOptions): Promise<any>
  query(data: BytesLike, selection: readonly string[], options?: JsonQueryOptions & TaskOptions): Promise<any[]>
  query(data: BytesLike, selection: Readonly<Record<string, string>>, options?: JsonQueryOptions & TaskOptions): Promise<Record<string, any>>
  /** The same on the calling thread. */
  querySync(data: BytesLike, selection: string, options?: JsonQueryOptions): any
  querySync(data: BytesLike, selection: readonly string[], options?: JsonQueryOptions): any[]
  querySync(data: BytesLike, selection: Readonly<Record<string, string>>, options?: JsonQueryOptions): Record<string, any>
  /**
   * Checks the text and keeps it outside of JavaScript's heap, with an index, so that parts of it can be had again and again. For one look {@link json}`.query` is the
   * better one. At most 4,294,967,295 bytes (else {@link TooLargeError}).
   *
   * @example
   * ```js
   * using document = await json.open(body, { transfer: true })
   * const name = document.get('/users/12345/name')
   * ```
   */
  open(data: BytesLike, options?: JsonOpenOptions & TaskOptions): Promise<JsonDocument>
  /** The same on the calling thread. */
  openSync(data: BytesLike, options?: JsonOpenOptions): JsonDocument
  /**
   * An array of rows as JSON text, a row for each position of the columns: byte for byte what `JSON.stringify` writes of such objects. A member is left out where its column has undefined; NaN and
   * the infinities are null, -0 is 0, lone surrogates are escaped. What `JSON.stringify` refuses, a BigInt, is written as its digits.
   *
   * Columns have the same length (else `ERR_INVALID_ARG_VALUE`); they are copied when it is called. Above 536,870,888 bytes: {@link TooLargeError}.
   *
   * @example
   * ```js
   * response.end(await json.fromColumns({ time: timestamps, mean: Float64Array.from(means), name: names }))
   * ```
   */
  fromColumns(columns: JsonColumns, options: FromColumnsOptions & Omit<TaskOptions, 'transfer'> & { as: 'string' }): Promise<string>
  fromColumns(columns: JsonColumns, options?: FromColumnsOptions & Omit<TaskOptions, 'transfer'> & { as?: 'buffer' | undefined }): Promise<Buffer>
  /** The same on the calling thread. */
  fromColumnsSync(columns: JsonColumns, options: FromColumnsOptions & { as: 'string' }): string
  fromColumnsSync(columns: JsonColumns, options?: FromColumnsOptions & { as?: 'buffer' | undefined }): Buffer
}

/**
 * Columns by name, in the order in which members are written. Values are those of a typed array (but Float16Array), or of an array: null, undefined, truth values, numbers, strings, BigInts.
 */
export type JsonColumns = Readonly<Record<string, readonly (null | undefined | boolean | number | string | bigint)[] | numeric.Numbers>>

/** Options of {@link json}`.fromColumns`. */
export interface FromColumnsOptions {
  /** What to return: UTF-8 in a `Buffer`, or a string, which costs the loop its decoding. Default `'buffer'`. */
  as?: 'buffer' | 'string' | undefined
}

/** Options of {@link json}`.open`. */
export interface JsonOpenOptions extends JsonOptions {
  /** What integers beyond 2^53 - 1 become, as for {@link JsonQueryOptions}. Default `'number'`. */
  bigint?: 'number' | 'string' | 'bigint' | undefined
}

/**
 * A JSON text that {@link json}`.open` keeps. Its memory is V8's to know of; it goes with `close()`, at the end of a `using` block, or when the object is collected.
 *
 * Pointers are JSON Pointers (RFC 6901) without `*`; others throw a `TypeError` (`ERR_INVALID_ARG_VALUE`). All methods work on the calling thread, in the time that it takes to make what
 * they return, and a microsecond: elements of large arrays and members of large objects are not looked for one by one. Closed, they throw an error with the code `ERR_INVALID_STATE`.
 */
export interface JsonDocument extends Disposable {
  /** Bytes that it takes: the text and its index, commonly 5 % more; 8 more for each member of objects that have 32 or more. 0 when closed. */
  readonly byteLength: number
  /** The value that the pointer leads to, as `JSON.parse` would have it (of duplicate names the last counts); undefined if it leads nowhere. A new one each time. `''` is the whole text. */
  get(pointer: string): any
  /** The values that several pointers lead to, in one crossing. */
  getMany(pointers: readonly string[]): any[]
  /** Elements of the array, or different names of the object, that the pointer leads to; undefined for anything else. */
  length(pointer: string): number | undefined
  /** What the pointer leads to; undefined if it leads nowhere. No value is made. */
  type(pointer: string): 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object' | undefined
  /** Gives the memory back. Closing twice is no error. */
  close(): void
}

/** A value that a field can be equal to. */
export type FilterOperand = null | boolean | number | string

/** Tests of one field, all of which must hold. Values of different types are never equal and never in any order. */
export interface FilterTests {
  eq?: FilterOperand
  /** Missing fields are not equal to anything. */
  ne?: FilterOperand
  /** Numbers by size, strings by code points. So are the next three. */
  gt?: FilterOperand
  gte?: FilterOperand
  lt?: FilterOperand
  lte?: FilterOperand
  /** Equal to one of these. */
  in?: readonly FilterOperand[]
  /** Whether the field is there; one that is null is. */
  exists?: boolean
  /** Strings that begin so, end so, or have this in them. */
  prefix?: string
  suffix?: string
  contains?: string
  /** Strings in which this finds a match; see {@link NdjsonFilter}. */
  matches?: SafeRegExp
}

/**
 * A filter as data: fields, by JSON Pointers without `*`, with the value that they are equal to or {@link FilterTests}; and the groups `and`, `or` and `not`.
 * All of an object's entries must match. At most 4,096 groups and tests, 32 inside each other.
 *
 * A {@link SafeRegExp} alone is short for `{ matches: regexp }`. It is tested as `new SafeRegExp(regexp).test(value)` would: on the string that `JSON.parse` makes, from its beginning, with
 * `y` only there; `g` means nothing, and `lastIndex` is neither read nor written. What is no string does not match. Where a pattern with backreferences runs out of steps for one value the
 * call fails with a {@link RegExpBudgetError}. Such patterns, and large ones, go to a lane however short the data is. A `RegExp` is a `TypeError`: make a `SafeRegExp` of it.
 *
 * @example
 * ```js
 * { '/type': 'PushEvent', '/size': { gt: 10 }, '/ref': new SafeRegExp('^refs/tags/v\\d'), or: [{ '/public': true }, { '/actor/login': { prefix: 'bot-' } }] }
 * ```
 */
export interface NdjsonFilter {
  and?: readonly NdjsonFilter[]
  or?: readonly NdjsonFilter[]
  /** Not all of this may match. */
  not?: NdjsonFilter
  /** The whole value of a line. */
  ''?: FilterOperand | FilterTests | SafeRegExp
  [pointer: `/${string}`]: FilterOperand | FilterTests | SafeRegExp
}

/** Options of {@link ndjson}. */
export interface NdjsonOptions extends Omit<JsonQueryOptions, 'columns'> {
  /**
   * The text is known to be JSON without duplicate names, on each line, and strings are written without needless escapes: a line is read no further than to what is
   * asked for, and not at all if a string that `where` asks for is not in it. Other text gives some result or a {@link JsonSyntaxError}. Default `false`.
   */
  trusted?: boolean | undefined
}

/**
 * NDJSON (a JSON text on each line; empty lines do not count), filtered and projected off the event loop, over all free cores. Semantics and errors are those of
 * {@link json}, for each line; an error tells its line. A result has at most 536,870,888 bytes (else {@link TooLargeError}). Texts up to 4 KiB are worked on inline.
 */
export const ndjson: {
  /** How many lines match; without `where`, how many there are. */
  count(data: BytesLike, where?: NdjsonFilter, options?: NdjsonOptions & TaskOptions): Promise<number>
  /** The same on the calling thread. */
  countSync(data: BytesLike, where?: NdjsonFilter, options?: NdjsonOptions): number
  /** The values of the lines that match; with `as: 'buffer'`, their lines as NDJSON. */
  filter(data: BytesLike, where: NdjsonFilter | undefined, options: NdjsonOptions & TaskOptions & { as: 'buffer' }): Promise<Buffer>
  filter(data: BytesLike, where?: NdjsonFilter, options?: NdjsonOptions & TaskOptions & { as?: 'values' | undefined }): Promise<any[]>
  /** The same on the calling thread. */
  filterSync(data: BytesLike, where: NdjsonFilter | undefined, options: NdjsonOptions & { as: 'buffer' }): Buffer
  filterSync(data: BytesLike, where?: NdjsonFilter, options?: NdjsonOptions & { as?: 'values' | undefined }): any[]
  /**
   * An object for each line (that matches `where`), with the values that the pointers lead to; names that lead nowhere are left out.
   *
   * @example
   * ```js
   * const pushes = await ndjson.select(body, { id: '/id', login: '/actor/login' }, { where: { '/type': 'PushEvent' } })
   * ```
   */
  select(data: BytesLike, selection: Readonly<Record<string, string>>, options?: NdjsonOptions & TaskOptions & { where?: NdjsonFilter | undefined }): Promise<Record<string, any>[]>
  /** The same on the calling thread. */
  selectSync(data: BytesLike, selection: Readonly<Record<string, string>>, options?: NdjsonOptions & { where?: NdjsonFilter | undefined }): Record<string, any>[]
  /** An array for each name, with a value for each line (that matches `where`): null for what is missing; of type `'f64'`, a `Float64Array`, NaN for what is no number. */
  columns(data: BytesLike, selection: Readonly<Record<string, string>>, options?: JsonQueryOptions & TaskOptions & { where?: NdjsonFilter | undefined }): Promise<Record<string, any>>
  /** The same on the calling thread. */
  columnsSync(data: BytesLike, selection: Readonly<Record<string, string>>, options?: JsonQueryOptions & { where?: NdjsonFilter | undefined }): Record<string, any>
  /** As {@link json}`.fromColumns`, each row on a line of its own, which ends with a line feed. */
  fromColumns(columns: JsonColumns, options: FromColumnsOptions & Omit<TaskOptions, 'transfer'> & { as: 'string' }): Promise<string>
  fromColumns(columns: JsonColumns, options?: FromColumnsOptions & Omit<TaskOptions, 'transfer'> & { as?: 'buffer' | undefined }): Promise<Buffer>
  /** The same on the calling thread. */
  fromColumnsSync(columns: JsonColumns, options: FromColumnsOptions & { as: 'string' }): string
  fromColumnsSync(columns: JsonColumns, options?: FromColumnsOptions & { as?: 'buffer' | undefined }): Buffer
}

/** Options of what compresses. */
export interface CompressOptions {
  /** 0 (not at all) to 9; -1 is the default, 6. */
  level?: number | undefined
}

/** Options of what decompresses. */
export interface DecompressOptions {
  /** Bytes that the result may have; above, {@link TooLargeError}, before there is memory for them. Default 134217728 (128 MiB). At most `buffer.constants.MAX_LENGTH`. */
  maxOutputLength?: number | undefined
}

/**
 * gzip, zlib and deflate off the event loop, in the formats of `node:zlib`'s functions of the same names, and with their answers: what one writes the other reads, and the same data is refused.
 *
 * - Compressing: in pieces of up to 3 MiB, over all free cores, joined to *one* stream, which any reader takes. It is the same however many cores there are.
 * - Decompressing: `gunzip` reads all members of a file, and ignores a zero byte behind one and all that follows; `inflate` and `inflateRaw` ignore what follows their stream. Preset
 *   dictionaries are not supported. What is damaged, or ends too early, is a {@link CompressDataError}.
 *
 * A task stops within a piece (24 ms at level 6, 80 at 9), or 256 KiB of a decompression; a gzip file that states a length of up to 16 MiB is decompressed at once (8 ms). Inputs up to 512 bytes are worked
 * on inline. For brotli, use `node:zlib`, which is as fast.
 *
 * @example
 * ```js
 * const body = await compress.gunzip(upload, { maxOutputLength: 50e6, signal, transfer: true })
 * ```
 */
export const compress: {
  gzip(data: BytesLike, options?: CompressOptions & TaskOptions): Promise<Buffer>
  /** The same on the calling thread. */
  gzipSync(data: BytesLike, options?: CompressOptions): Buffer
  gunzip(data: BytesLike, options?: DecompressOptions & TaskOptions): Promise<Buffer>
  /** The same on the calling thread. */
  gunzipSync(data: BytesLike, options?: DecompressOptions): Buffer
  /** The zlib format, which HTTP calls `deflate`. */
  deflate(data: BytesLike, options?: CompressOptions & TaskOptions): Promise<Buffer>
  /** The same on the calling thread. */
  deflateSync(data: BytesLike, options?: CompressOptions): Buffer
  inflate(data: BytesLike, options?: DecompressOptions & TaskOptions): Promise<Buffer>
  /** The same on the calling thread. */
  inflateSync(data: BytesLike, options?: DecompressOptions): Buffer
  /** A deflate stream with nothing around it. It has no checksum: damage may go unnoticed. */
  deflateRaw(data: BytesLike, options?: CompressOptions & TaskOptions): Promise<Buffer>
  /** The same on the calling thread. */
  deflateRawSync(data: BytesLike, options?: CompressOptions): Buffer
  inflateRaw(data: BytesLike, options?: DecompressOptions & TaskOptions): Promise<Buffer>
  /** The same on the calling thread. */
  inflateRawSync(data: BytesLike, options?: DecompressOptions): Buffer
  /**
   * Zstandard, by `node:zlib`, on libuv's pool and not in a lane; with Node 22.15, 23.8 or newer, else it rejects with {@link UnsupportedError}. `level` is 1 to 22, default 3.
   * Of {@link TaskOptions} it takes `signal` and `transfer`.
   */
  zstd(data: BytesLike, options?: CompressOptions & Pick<TaskOptions, 'signal' | 'transfer'>): Promise<Buffer>
  /** The same on the calling thread. */
  zstdSync(data: BytesLike, options?: CompressOptions): Buffer
  /** Zstandard, decompressed, as {@link compress}`.zstd` compresses. On every Node all frames are read, and what is cut short is a {@link CompressDataError}: Node 22's own functions give what there is of it. */
  unzstd(data: BytesLike, options?: DecompressOptions & Pick<TaskOptions, 'signal' | 'transfer'>): Promise<Buffer>
  /** The same on the calling thread. */
  unzstdSync(data: BytesLike, options?: DecompressOptions): Buffer
}

/** What the fields of a column are read as: see {@link csv}`.parse`. */
export type CsvColumnType = 'f64' | 'i32' | 'i64' | 'bool' | 'utf8' | 'dict' | 'date' | 'date-dmy' | 'date-mdy' | 'date-unix'

/** A column of text: UTF-8 bytes, decoded when asked for. Bytes that are no UTF-8 become U+FFFD. */
export interface CsvStrings extends Iterable<string | null> {
  readonly length: number
  /** One string; null where a row is too short for one, undefined outside. */
  get(index: number): string | null | undefined
  /** All strings. */
  toArray(): (string | null)[]
  /** All texts, one behind the other. */
  readonly bytes: Buffer
  /** Text `i` is from `offsets[i]` to `offsets[i + 1]` in `bytes`; one more than there are texts. */
  readonly offsets: Uint32Array
  /** As in {@link CsvTable}. */
  readonly validity: Uint8Array | undefined
}

/** A column of text with few different values, each of which is kept, and decoded, once. */
export interface CsvDictionary extends Iterable<string | null> {
  readonly length: number
  get(index: number): string | null | undefined
  toArray(): (string | null)[]
  /** For each row, which of `values` it has. */
  readonly codes: Uint32Array
  readonly values: CsvStrings
  /** As in {@link CsvTable}. */
  readonly validity: Uint8Array | undefined
}

/** The column that a type gives. */
export type CsvColumn<T extends CsvColumnType = CsvColumnType> = T extends 'i32' ? Int32Array : T extends 'i64' ? BigInt64Array : T extends 'bool' ? Uint8Array
  : T extends 'utf8' ? CsvStrings : T extends 'dict' ? CsvDictionary : Float64Array

/** What {@link csv}`.parse` finds. */
export interface CsvTable<T extends Record<string, CsvColumnType> = Record<string, CsvColumnType>> {
  readonly rowCount: number
  /** Columns by name. Where a row has no value there is NaN (numbers and dates), 0 (integers, truth values) or an empty text. */
  readonly columns: { [K in keyof T]: CsvColumn<T[K]> } & Record<string, any>
  /** Names in the order of the text (of `select` or `columns`, if those say which). */
  readonly names: string[]
  /** Types by name: those asked for, or inferred; of {@link csv}`.fromArrow` also `'f32'`, `'i8'`, `'u8'`, `'i16'`, `'u16'`, `'u32'` and `'u64'`. */
  readonly types: Record<string, string>
  /**
   * Bitmaps by name, as in Apache Arrow: row `i` has a value if bit `i % 8` of byte `i >> 3`, the lowest first, is 1. Undefined if every row has one. No value have rows that are
   * too short, and, but in columns of text, empty fields and those that are no such value.
   */
  readonly validity: Record<string, Uint8Array | undefined>
  /** By name, how many fields were none of the type; 0 unless `invalid` is `'null'`. */
  readonly invalid: Record<string, number>
  /** Rows left out by `ragged: 'skip'`. */
  readonly skipped: number
  /** A row as an object, with null for no value, `Date`s and booleans; undefined outside. */
  row(index: number): Record<string, any> | undefined
  /** All rows, each made when it is asked for. */
  rows(): IterableIterator<Record<string, any>>
}

/** Bounds of {@link csv}`.parse`; above each: {@link TooLargeError}. */
export interface CsvLimits {
  /** Rows of the result, 1 to 2^32 - 1. Default 2^31. */
  rows?: number | undefined
  /** Fields of a row, 1 to 2^20. Default 16384. */
  columns?: number | undefined
  /** Bytes of a field, 1 to 2^30. Default 2^24, 16 MiB. */
  fieldBytes?: number | undefined
  /** Bytes of all columns of the result, 1 to 2^32 - 1. Default 2^30, 1 GiB. */
  bytes?: number | undefined
}

/**
 * A filter as in {@link NdjsonFilter}, with names of columns for pointers. A column is compared as its type in `columns`; without one, as what it is compared with: with a number
 * as `'f64'`, with a boolean as `'bool'`, else as text. A `SafeRegExp` tests texts only: in a column of another type, those of its fields that are no such thing. Dates are compared as milliseconds. An empty field that is no text is null, one that a short row does not have does not exist. Columns called
 * `and`, `or` or `not` cannot be named.
 */
export interface CsvFilter {
  and?: readonly CsvFilter[]
  or?: readonly CsvFilter[]
  not?: CsvFilter
  [column: string]: FilterOperand | FilterTests | SafeRegExp | CsvFilter | readonly CsvFilter[] | undefined
}

/** Options of {@link csv}`.parse`. */
export interface CsvParseOptions<T extends Record<string, CsvColumnType> = Record<string, CsvColumnType>> {
  /** Where names come from. `true`: the first row; of equal names the second is called `name_2`. `false`: `'0'`, `'1'`, ... An array: these, and the first row is data. Default `true`. */
  header?: boolean | readonly string[] | undefined
  /** One ASCII character. Default `','`. */
  delimiter?: string | undefined
  /** One ASCII character, or null: a quote is a character like others. Default `'"'`. */
  quote?: string | null | undefined
  /** One ASCII character: lines that begin with it do not count. Default none. */
  comment?: string | undefined
  /** Types by name. Unless `select` or `infer` say otherwise, these are the columns of the result; if there are none, all are, as `'utf8'`. */
  columns?: T | undefined
  /** The columns of the result, in this order. Those without a type are `'utf8'`. */
  select?: readonly string[] | undefined
  /** Which rows count. */
  where?: CsvFilter | undefined
  /**
   * Gives columns without a type the first that fits all their fields: `'bool'` (true, false), `'f64'`, `'i64'` (integers beyond 2^53 - 1), `'date'`, else `'utf8'`. Numbers with leading
   * zeros or a plus are text. All rows are read twice. Default `false`.
   */
  infer?: boolean | undefined
  /** For rows with another number of fields than the first: an error; missing fields are null and more do not count; the row does not count. Default `'error'`. */
  ragged?: 'error' | 'pad' | 'skip' | undefined
  /** For fields that are none of their column's type: an error that tells row and column; or null, and counted. Default `'error'`. */
  invalid?: 'error' | 'null' | undefined
  /** Of bytes. Text of other encodings becomes UTF-8 first; offsets of errors are in that. Default `'utf8'`. */
  encoding?: 'utf8' | 'utf16le' | 'utf16be' | 'latin1' | undefined
  limits?: CsvLimits | undefined
}

/** A value that {@link csv}`.stringify` writes: null and undefined as nothing, a `Date` as ISO 8601. */
export type CsvValue = null | undefined | string | number | bigint | boolean | Date

/** What {@link csv}`.stringify` writes: rows, columns by name, or a {@link CsvTable}. */
export type CsvSource = readonly object[] | readonly (readonly CsvValue[])[] | object

/** Options of {@link csv}`.stringify`. */
export interface CsvStringifyOptions {
  /** Names of the columns, in order. Default: those of the data, of rows the first one's. */
  columns?: readonly string[] | undefined
  /** Whether the names are the first row. Default `true`. */
  header?: boolean | undefined
  /** One ASCII character. Default `','`. */
  delimiter?: string | undefined
  /** One ASCII character. Default `'"'`. */
  quote?: string | undefined
  /** Default `'\n'`. */
  newline?: '\n' | '\r\n' | undefined
  /**
   * `'escape'`: texts that begin with `=`, `+`, `-`, `@`, a tab or a carriage return, which a spreadsheet would take for a formula, are quoted and get a `'` in front. Numbers stay as they are. Use it
   * for files that people open with a spreadsheet and that hold what others wrote. Default `'keep'`.
   */
  formulas?: 'keep' | 'escape' | undefined
}

/**
 * CSV (RFC 4180, and what files are like) to typed columns, off the event loop and over all free cores; and back.
 *
 * A row ends with LF, CR or CRLF, mixed as they come. Empty lines do not count, a byte-order mark neither. A field that begins with a quote ends with one, and two stand for one; a quote elsewhere is a
 * {@link CsvSyntaxError}. Spaces belong to a text, and are left out around all else.
 *
 * | type | fields | column |
 * |---|---|---|
 * | `f64` | decimal numbers as JavaScript writes them, `Infinity`, `NaN` | `Float64Array` |
 * | `i32`, `i64` | decimal integers | `Int32Array`, `BigInt64Array` |
 * | `bool` | `true`, `false` in any case, `1`, `0` | `Uint8Array` of 1 and 0 |
 * | `utf8` | any | {@link CsvStrings} |
 * | `dict` | any, few different ones | {@link CsvDictionary} |
 * | `date` | ISO 8601: `2024-02-29`, `2024-02-29T12:30:15.250+01:00`, or with slashes, or a space for the `T`; without zone UTC | `Float64Array` of milliseconds since 1970 |
 * | `date-dmy`, `date-mdy` | `29.2.2024`, `2/29/2024`, with `.`, `/` or `-`, with or without a time as above | the same |
 * | `date-unix` | seconds since 1970 | the same |
 */
export const csv: {
  /**
   * The columns of a text. Texts up to 4 KiB are worked on inline. Errors: {@link CsvSyntaxError}, also for a column that is not there; {@link TooLargeError}.
   *
   * @example
   * ```js
   * const { columns } = await csv.parse(body, { columns: { price: 'f64', name: 'utf8', at: 'date' }, where: { price: { gt: 0 } }, transfer: true })
   * const { mean } = await numeric.describe(columns.price)
   * ```
   */
  parse<const T extends Record<string, CsvColumnType> = Record<never, never>>(data: BytesLike, options?: CsvParseOptions<T> & TaskOptions): Promise<CsvTable<T>>
  /** The same on the calling thread. */
  parseSync<const T extends Record<string, CsvColumnType> = Record<never, never>>(data: BytesLike, options?: CsvParseOptions<T>): CsvTable<T>
  /**
   * The text of rows (objects or arrays, all of one kind), of columns by name (arrays, typed arrays, {@link CsvStrings}, {@link CsvDictionary}) or of a {@link CsvTable}.
   *
   * Columns that all are typed, or text of a table, are copied and written in a lane. So are arrays of which each holds texts, numbers or truth values only (or null, undefined), once they have been read. All
   * else are values of JavaScript, of which the text is made on its own thread, and of the options of a task only `signal` counts. Arrays and rows are read in slices of about 5 ms between which the loop turns:
   * that data must not change meanwhile. What is no {@link CsvValue} is a `TypeError` that tells where. A text has at most 536,870,888 bytes, a buffer 2^32 - 1 (else {@link TooLargeError}).
   *
   * @example
   * ```js
   * response.end(await csv.stringify(rows, { formulas: 'escape' }))
   * response.end(await csv.stringify({ at, price }, { as: 'buffer' }))
   * ```
   */
  stringify(data: CsvSource, options: CsvStringifyOptions & TaskOptions & { as: 'buffer' }): Promise<Buffer>
  stringify(data: CsvSource, options?: CsvStringifyOptions & TaskOptions & { as?: 'string' | undefined }): Promise<string>
  /** The same on the calling thread. */
  stringifySync(data: CsvSource, options: CsvStringifyOptions & { as: 'buffer' }): Buffer
  stringifySync(data: CsvSource, options?: CsvStringifyOptions & { as?: 'string' | undefined }): string
  /**
   * Columns as Apache Arrow IPC, in parts to be sent or written one behind the other: a table, or columns by name (typed arrays, {@link CsvStrings}, {@link CsvDictionary}, arrays of texts, numbers, bigints, booleans
   * or `Date`s, with null or undefined for no value). On the calling thread, since next to nothing is done: parts are the columns' own memory, which must not change until they are
   * sent; only dates and truth values are rewritten, 1 million in some 5 ms, and arrays read. Dates become timestamps in milliseconds, UTC.
   *
   * @example
   * ```js
   * response.type('application/vnd.apache.arrow.stream')
   * Readable.from(csv.toArrow(table)).pipe(response)
   * ```
   */
  toArrow(data: CsvTable | object, options?: CsvToArrowOptions): Uint8Array[]
  /**
   * The columns of Arrow IPC, stream or file: integers, floats of 32 and 64 bits, UTF-8 texts, dictionaries of them, booleans, dates and timestamps (which become milliseconds). On the calling
   * thread: columns are views of `data`, which must not change as long as they are used. Dates and truth values are rewritten, several batches joined, which copies them. Other types and
   * compressed data are refused: {@link ArrowDataError}, which is thrown for damaged data too.
   *
   * @example
   * ```js
   * const { columns } = csv.fromArrow(await readFile('trips.arrow'))
   * ```
   */
  fromArrow(data: BytesLike): CsvTable
}

/** Options of {@link csv}`.toArrow`. */
export interface CsvToArrowOptions {
  /** `'file'` can be read at any place (and is also called Feather, version 2). Default `'stream'`. */
  format?: 'stream' | 'file' | undefined
  /** Names of the columns, in order. Default: all. */
  columns?: readonly string[] | undefined
}

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
  /** Milliseconds until a slot is likely free, at least 1: from this lane's measured run times and what waits and runs in it, as if it had the threads to itself. With other lanes at work it may be too short. */
  retryAfterMs: number
  /** Name of the lane. */
  lane: string
  /** Sidelane makes them; a program does at most in its tests. */
  constructor(details: { lane: string, retryAfterMs: number, message?: string | undefined })
}

/** `ERR_LANE_CLOSED`, 503: the lane was closed. */
export class LaneClosedError extends Error implements SidelaneError {
  code: 'ERR_LANE_CLOSED'
  statusCode: 503
  retryable: false
  lane: string
  /** Sidelane makes them; a program does at most in its tests. */
  constructor(details: { lane: string, cancelled?: boolean | undefined })
}

/** `ERR_TASK_TIMEOUT`, 504: the deadline passed, or could not be met. */
export class TaskTimeoutError extends Error implements SidelaneError {
  code: 'ERR_TASK_TIMEOUT'
  statusCode: 504
  retryable: true
  lane: string
  /** The task's timeout in milliseconds. */
  timeout: number
  /** Sidelane makes them; a program does at most in its tests. */
  constructor(details: { lane: string, timeout: number, expectedWaitMs?: number | undefined })
}

/** `ERR_TOO_LARGE`, 413: a stated limit was passed, or the system refuses the memory that an input, a result or a step on the way to it takes: then `received` are the bytes of that, and nobody knows the limit, which is given as one less. */
export class TooLargeError extends Error implements SidelaneError {
  code: 'ERR_TOO_LARGE'
  statusCode: 413
  retryable: false
  /** The limit that was passed, and what was asked for. */
  limit: number
  received: number
  /** Sidelane makes them; a program does at most in its tests. */
  constructor(details: { message: string, limit: number, received: number })
}

/** `ERR_FILE_NOT_REGULAR` (400) or `ERR_FILE_CHANGED` (409, retryable). */
export class FileError extends Error implements SidelaneError {
  code: 'ERR_FILE_NOT_REGULAR' | 'ERR_FILE_CHANGED'
  statusCode: 400 | 409
  retryable: boolean
  path: string
  /** Sidelane makes them; a program does at most in its tests. */
  constructor(details: { code: 'ERR_FILE_NOT_REGULAR' | 'ERR_FILE_CHANGED', message: string, path: string })
}

/** `ERR_JSON_SYNTAX`, 400: the text is no JSON. */
export class JsonSyntaxError extends SyntaxError implements SidelaneError {
  code: 'ERR_JSON_SYNTAX'
  statusCode: 400
  retryable: false
  /** Bytes before what cannot stand there; the length of the text if it ends too early. */
  offset: number
  /** From 1. */
  line: number
  /** From 1, in characters. */
  column: number
  /** The line around it, and a caret below the place. */
  excerpt: string
  /** Sidelane makes them; a program does at most in its tests. */
  constructor(details: { message: string, offset: number, line: number, column: number, excerpt: string })
}

/** `ERR_COMPRESS_DATA`, 400: compressed data is damaged, is not of its format, or ends too early. */
export class CompressDataError extends Error implements SidelaneError {
  code: 'ERR_COMPRESS_DATA'
  statusCode: 400
  retryable: false
  /** Bytes that were read before that was noticed; -1 where `node:zlib` did, which does not tell. */
  offset: number
}

/** `ERR_UNSUPPORTED`, 501: this version of Node cannot do it. */
export class UnsupportedError extends Error implements SidelaneError {
  code: 'ERR_UNSUPPORTED'
  statusCode: 501
  retryable: false
}

/** `ERR_ARROW_DATA`, 400: the data is no Arrow IPC, is damaged, or has something that is not read. */
export class ArrowDataError extends Error implements SidelaneError {
  code: 'ERR_ARROW_DATA'
  statusCode: 400
  retryable: false
}

/** `ERR_CSV_SYNTAX`, 400: the text is not the CSV that was asked for. */
export class CsvSyntaxError extends SyntaxError implements SidelaneError {
  code: 'ERR_CSV_SYNTAX'
  statusCode: 400
  retryable: false
  /** From 1. The header counts, empty lines and comments do not. */
  row: number
  /** The field in the row, from 1. */
  column: number
  /** In bytes; of a row or field, or of the byte that cannot stand there. */
  offset: number
}

/** `ERR_REGEXP_BUDGET`, 422: a pattern is above one of the limits, or one with backreferences ran out of steps. */
export class RegExpBudgetError extends Error implements SidelaneError {
  code: 'ERR_REGEXP_BUDGET'
  statusCode: 422
  retryable: false
  /** Sidelane makes them; a program does at most in its tests. */
  constructor(details: { message: string })
}

/** What {@link SafeRegExp.explain} says. */
export interface RegExpExplanation {
  /** `'linear'`: a backtracking matcher with an allowance that is linear in the subject, then all threads at once. `'backtracking'`: the former alone, with a budget. */
  engine: 'linear' | 'backtracking'
  /** Whether a search takes time linear in the subject, whatever the subject. */
  linear: boolean
  /** Why not: `'backreference'`. */
  reason?: string
  /** Instructions after counted repeats are unrolled. */
  programSize: number
  /** Capturing groups. */
  captures: number
  /** Lookarounds: each needs a bit for each code unit of the subject, 256 MiB at most together, where all threads run at once. */
  lookarounds: number
  /**
   * Steps of one search, at most: `base + perUnit * (length + 1)`. If `linear`, that is an upper bound on what it takes; if not, the budget at which it ends with a {@link RegExpBudgetError}. A step takes
   * 1 to 10 ns.
   */
  mostSteps: { base: number, perUnit: number }
  /** Forms in which subjects are searched: one byte a code unit where all fit, else two. */
  alphabets: ('latin1' | 'utf16')[]
  /**
   * Present if `test()` can do without the engine: it walks the whole automaton of the pattern, a table of `bytes` bytes, in JavaScript. It does for subjects of up to `mostUnits` code units, from the 128th of them on
   * or once this was asked; with a code unit above U+00FF only if the pattern treats all those alike. There is no table with `g` or `y`, with backreferences, with lookaheads and lookbehinds together, or for a large
   * automaton: above 8 KiB, or 1,000 instructions.
   */
  table?: { bytes: number, mostUnits: number }
}

/** Options of the asynchronous searches. Strings are copied: there is nothing to transfer. */
export type RegExpTaskOptions = Omit<TaskOptions, 'transfer'>

/** What a pattern may cost before {@link SafeRegExp} refuses it with a {@link RegExpBudgetError}. The defaults are safe for patterns from strangers: compilation stays below about 100 ms and 64 MiB. */
export interface RegExpLimits {
  /** Code units, from 1 to 2²⁹. Default 1,000,000. */
  patternLength?: number | undefined
  /** Groups and classes within each other, from 1 to 10,000. Default 1,000. */
  nestingDepth?: number | undefined
  /** Instructions after counted repeats are unrolled, from 1 to 5,000,000. The sets of a pattern may have four times as many ranges and characters (`\p{L}` is 680). Default 250,000. */
  programSize?: number | undefined
  /** Capturing groups, from 1 to 32,767. Default 32,767. */
  captures?: number | undefined
  /** Bytes of the tables that say where lookarounds hold, a bit for each lookaround and position; and of their groups. From 1 to 2³². Above it a search throws. Default 256 MiB. */
  lookaroundBytes?: number | undefined
  /** With backreferences, one search may take `budgetBase + budgetFactor * size of the program * length of the subject` steps. From 1. Default 1,000,000. */
  budgetBase?: number | undefined
  /** See `budgetBase`. From 0 to 1,000,000. Default 4. */
  budgetFactor?: number | undefined
}

/**
 * A `RegExp` that runs in an engine of Sidelane's own, and never in V8's. A search takes time linear in the subject, or, for a pattern with backreferences, ends with a
 * {@link RegExpBudgetError} when its steps run out: never with "no match" for lack of steps.
 *
 * The `*Async` methods search in a lane, and give what the methods of the same name give. The subject is copied before they return, two bytes for each code unit, which is what the lane's bounds count (72 us
 * for a million); subjects of up to 1,024 code units, unless the pattern has backreferences, are searched inline by default. They read `lastIndex` when they are called and write it when the
 * promise resolves, so that calls with the same object, flag `g` or `y`, should wait for each other. They use the pattern itself: an `exec` or `flags` that was put in place of the class's own
 * is not asked. Besides what the lane rejects with, they reject with {@link RegExpBudgetError}.
 *
 * Linear means one search, and one global operation (`matchAll`, `match`, `replace` and `split` with all their matches) as a whole: O(size of the pattern x length of the subject), where every backtracking engine, and RE2,
 * can be quadratic. Two things are not: groups within lookarounds of a global operation cost what the lookaround reads at each match; and patterns with backreferences have a budget of steps
 * (`explain().mostSteps`), at whose end they throw {@link RegExpBudgetError} and never answer "no match". For a pattern *and* a subject from strangers use the `*Async` methods with a `timeout`: the product of both sizes can be seconds.
 *
 * What asks the engine's own object for a pattern gets a stub, which matches nothing, and not this pattern: `structuredClone` and `postMessage` of it, and `new RegExp(safe)`. Give them `safe.source` and `safe.flags`.
 *
 * @example
 * ```js
 * new SafeRegExp('^(a+)+$').test('a'.repeat(50) + '!') // false, at once
 * const masked = await new SafeRegExp('\\d{4}-\\d{4}', 'g').replaceAsync(log, 'XXXX-XXXX', { signal, timeout: 500 })
 * ```
 */
export class SafeRegExp extends RegExp {
  /**
   * @param options Without them the limits of a `SafeRegExp` that is given as pattern, else the defaults. `compile()` keeps them.
   * @throws {SyntaxError} as `new RegExp` does
   * @throws {RegExpBudgetError} for a pattern above one of the {@link RegExpLimits}
   * @example
   * ```js
   * new SafeRegExp(untrusted, 'u', { limits: { patternLength: 200, programSize: 2000 } })
   * ```
   */
  constructor(pattern?: RegExp | string, flags?: string, options?: { limits?: RegExpLimits | undefined })
  /** Which engine runs, why, and how long at most. */
  explain(): RegExpExplanation
  /** `test`, in a lane. */
  testAsync(subject: string, options?: RegExpTaskOptions): Promise<boolean>
  /** `exec`, in a lane. */
  execAsync(subject: string, options?: RegExpTaskOptions): Promise<RegExpExecArray | null>
  /** `subject.match(this)`, in a lane. `lastIndex` becomes 0 with the flag `g`. */
  matchAsync(subject: string, options?: RegExpTaskOptions): Promise<RegExpMatchArray | null>
  /**
   * `subject.matchAll(this)`, in a lane: all matches are found when it resolves, and each array is made when the iterator comes to it. Begins at `lastIndex`, which is not written.
   *
   * @throws `TypeError` without the flag `g`.
   * @returns Also rejects with {@link TooLargeError}: above 2²⁸ offsets, two for each match and each of its groups.
   * @example
   * ```js
   * for (const { index, groups } of await new SafeRegExp('(?<year>\\d{4})-', 'g').matchAllAsync(text)) console.log(index, groups.year)
   * ```
   */
  matchAllAsync(subject: string, options?: RegExpTaskOptions): Promise<IterableIterator<RegExpExecArray>>
  /**
   * `subject.replace(this, replacement)`, in a lane. A text is put together there; a function is called on the event loop when all matches are known, and what it throws rejects the promise.
   *
   * @returns Also rejects with {@link TooLargeError}: the result would be longer than the longest string.
   */
  replaceAsync(subject: string, replacement: string | ((match: string, ...args: any[]) => string), options?: RegExpTaskOptions): Promise<string>
  /**
   * `subject.replaceAll(this, replacement)`, in a lane; as `replaceAsync`.
   *
   * @throws `TypeError` without the flag `g`.
   */
  replaceAllAsync(subject: string, replacement: string | ((match: string, ...args: any[]) => string), options?: RegExpTaskOptions): Promise<string>
  /** `subject.search(this)`, in a lane. `lastIndex` is neither read nor written. */
  searchAsync(subject: string, options?: RegExpTaskOptions): Promise<number>
  /** `subject.split(this, limit)`, in a lane. `lastIndex` is neither read nor written. */
  splitAsync(subject: string, limit?: number, options?: RegExpTaskOptions): Promise<string[]>
  /** `RegExp.escape`, on every Node. */
  static escape(text: string): string
}

/**
 * Many patterns, one subject: which of them match. One pass over the subject looks for texts of which each match must hold one, of all patterns together; only patterns whose texts occur are run. The patterns are
 * those of {@link SafeRegExp}, so that no subject can stall them.
 *
 * @example
 * ```js
 * const rules = new SafeRegExpSet(['union\\s+select', '<script\\b', '\\.\\./'], 'i')
 * rules.match('GET /?q=1 UNION  SELECT 2') // [0]
 * ```
 */
export class SafeRegExpSet {
  /**
   * @param patterns In the order whose positions `match` returns. `g` and `d` mean nothing here; with `y` only a match at the subject's beginning counts.
   * @param flags Of all patterns. Default: none for a text, its own for a `RegExp`.
   * @throws what {@link SafeRegExp} throws for any of them; {@link RegExpBudgetError} for more than 65,536 patterns, or 1,000,000 instructions of all of them
   */
  constructor(patterns: Iterable<RegExp | string>, flags?: string)
  /** How many patterns there are. */
  readonly size: number
  /** Whether any pattern matches. */
  test(subject: string): boolean
  /** The positions of all patterns that match, ascending. */
  match(subject: string): number[]
  /** `test`, in a lane: as the methods of {@link SafeRegExp}. */
  testAsync(subject: string, options?: RegExpTaskOptions): Promise<boolean>
  /** `match`, in a lane. */
  matchAsync(subject: string, options?: RegExpTaskOptions): Promise<number[]>
}

/** Options of {@link findMany}. */
export interface FindManyOptions extends RegExpTaskOptions {
  /** `'matches'` (default): an array of what `exec` returns for each subject. `'offsets'`: an `Int32Array` of `2 * (captures + 1)` offsets for each subject, -1 for what there is not. */
  as?: 'matches' | 'offsets' | undefined
}

/**
 * The first match of one pattern in each of many subjects, in one crossing, over all free cores. `lastIndex` and the flag `g` mean nothing here; with `y` only a match at a subject's beginning counts.
 *
 * @throws `TypeError` (`ERR_INVALID_ARG_TYPE`): a subject that is no string.
 * @returns Rejects with what the `*Async` methods of {@link SafeRegExp} reject with; {@link TooLargeError} when all subjects together are longer than the longest string, or the offsets take more than 1 GiB.
 * @example
 * ```js
 * const matches = await findMany(new SafeRegExp('^(\\w+)@(\\w+)\\.com$'), addresses)
 * const hosts = matches.map((match) => match?.[2])
 * ```
 */
export function findMany(regexp: SafeRegExp, subjects: readonly string[], options: FindManyOptions & { as: 'offsets' }): Promise<Int32Array>
export function findMany(regexp: SafeRegExp, subjects: readonly string[], options?: FindManyOptions & { as?: 'matches' | undefined }): Promise<(RegExpExecArray | null)[]>

/** Options of {@link scanFile}. `timeout` is for each window, not for the file. */
export interface ScanFileOptions extends Omit<RegExpTaskOptions, 'inline'> {
  /** How bytes become characters. In `'utf8'` (default) what is malformed is U+FFFD; in `'latin1'` each byte is a code unit, which is faster. */
  encoding?: 'utf8' | 'latin1' | undefined
  /** Bytes of the longest match, 1 to 67108864, default 65536. Memory is three times that, and a MiB. */
  maxMatchLength?: number | undefined
}

/** A match of {@link scanFile}. */
export interface FileMatch {
  /** Where it begins in the file, in bytes. */
  index: number
  /** Its length in bytes. */
  byteLength: number
  text: string
  /** Its groups, the first one at 0; undefined for those that took no part. */
  captures: (string | undefined)[]
  /** By name, if there are names. */
  groups: Record<string, string | undefined> | undefined
}

/**
 * All matches in a file, which may be far larger than memory: windows of a MiB, which overlap, are read, searched and decoded beside the event loop; only matches become strings. They come in the order
 * in which they begin, those of a set with the position of their `pattern`; of one pattern they do not overlap. The next window is read when all matches of the one before were taken. It waits for room in a full lane.
 *
 * A match is what it would be in the whole file, provided that neither it nor what its lookarounds see reaches further than `maxMatchLength` bytes from its beginning, either way. Of pairs of surrogates in UTF-8, patterns without
 * the flag `u` or `v` may match a half; it has no bytes of its own.
 *
 * @throws `TypeError` (`ERR_INVALID_ARG_VALUE`): a pattern with the flag `y`.
 * @returns An iterator that throws {@link TooLargeError} for a match above `maxMatchLength`, {@link FileError} (`ERR_FILE_NOT_REGULAR`) for a pipe or a device, system errors as `fs` does, and what the `*Async` methods of {@link SafeRegExp} reject with. To leave the loop closes the file.
 * @example
 * ```js
 * for await (const { index, text } of scanFile('access.log', new SafeRegExp('ERROR .*'), { signal })) console.log(index, text)
 * ```
 */
export function scanFile(path: string | Buffer | URL, regexp: SafeRegExp, options?: ScanFileOptions): AsyncGenerator<FileMatch, void, undefined>
export function scanFile(path: string | Buffer | URL, set: SafeRegExpSet, options?: ScanFileOptions): AsyncGenerator<FileMatch & { pattern: number }, void, undefined>

/** `ERR_INTERNAL`, 500: a bug in Sidelane that was caught. Names the operation and the build. */
export class InternalError extends Error implements SidelaneError {
  code: 'ERR_INTERNAL'
  statusCode: 500
  retryable: false
  operation: string
  /** Sidelane makes them; a program does at most in its tests. */
  constructor(details: { message: string, operation: string })
}
