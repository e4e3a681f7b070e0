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
  /**
   * Tasks that may wait, beyond those for which the lane has a slot free: it has `concurrency` of them, or `runnerLimit` if that is less. `0`: no more tasks at a time than slots. Slots are the lane's own, the threads
   * are the whole process's: a task with a slot still waits while other lanes have all threads, as long as its `timeout` lets it. Default 1024.
   */
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

/** Digests of many messages as one `Uint8Array`, each `digestLength` bytes, in order. Returned for `encoding: 'packed'`. From 64 KiB on its memory is the addon's until it is collected, so that `postMessage` copies it and cannot transfer it. */
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
}

/**
 * A filter as data: fields, by JSON Pointers without `*`, with the value that they are equal to or {@link FilterTests}; and the groups `and`, `or` and `not`.
 * All of an object's entries must match. At most 4,096 groups and tests, 32 inside each other.
 *
 * @example
 * ```js
 * { '/type': 'PushEvent', '/size': { gt: 10 }, or: [{ '/public': true }, { '/actor/login': { prefix: 'bot-' } }] }
 * ```
 */
export interface NdjsonFilter {
  and?: readonly NdjsonFilter[]
  or?: readonly NdjsonFilter[]
  /** Not all of this may match. */
  not?: NdjsonFilter
  /** The whole value of a line. */
  ''?: FilterOperand | FilterTests
  [pointer: `/${string}`]: FilterOperand | FilterTests
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
