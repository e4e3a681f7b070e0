// Keeps index.d.ts true: compiled, never run (npm run test:types). Each @ts-expect-error must be an error.
// Also copied into an empty project by scripts/pack-smoke.mjs, so it imports nothing but 'sidelane' and Node.
import type { Transform } from 'node:stream'
import {
  csv, json, ndjson, CsvSyntaxError, Lane, LaneFullError, TaskTimeoutError, InternalError, FileError,
  TooLargeError, LaneClosedError, Hash, createHash, getHashes, hash, hashFile, hashMany, hashSync, hmac,
  numeric, runtime, compress, SafeRegExp, SafeRegExpSet, findMany, scanFile
} from 'sidelane'
import type {
  BytesLike, DigestEncoding, FileProgress, HashAlgorithm, HashFileOptions, HashOptions, JsonDocument, LaneOptions, LaneStats, OverflowPolicy,
  PackedDigests, Priority, Runtime, SidelaneError, Summary, TaskOptions
} from 'sidelane'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
/** Compiles when the two types are the same. */
declare function same<A, B> (proof: Same<A, B>): void

declare const bytes: BytesLike
declare const algorithm: HashAlgorithm
declare const view: DataView
declare const shared: SharedArrayBuffer
declare const encoding: HashOptions['encoding']

// hash: the encoding decides the result.
same<ReturnType<typeof runtime>, Runtime>(true)
const hex = await hash('sha256', 'text')
same<typeof hex, string>(true)
const base64 = await hash(algorithm, bytes, { encoding: 'base64url' })
same<typeof base64, string>(true)
const buffer = await hash('blake3', view, { encoding: 'buffer', outputLength: 64, key: new Uint8Array(32) })
same<typeof buffer, Buffer>(true)
const either = await hash('sha256', shared, { encoding })
same<typeof either, string | Buffer>(true)
await hash('sha256', new ArrayBuffer(8), { lane: Lane.default, signal: AbortSignal.timeout(5), timeout: 100, priority: 'high', transfer: true, inline: false })
await hash('sha256', new Float64Array(2))

// @ts-expect-error no such algorithm
await hash('sha257', '')
// @ts-expect-error a number is not data
await hash('sha256', 1)
// @ts-expect-error no such encoding
await hash('sha256', '', { encoding: 'latin1' })
// @ts-expect-error no such priority
await hash('sha256', '', { priority: 'urgent' })
// @ts-expect-error the timeout is a number of milliseconds
await hash('sha256', '', { timeout: '1s' })
// @ts-expect-error a signal, not its controller
await hash('sha256', '', { signal: new AbortController() })
// @ts-expect-error the lane itself, not its name
await hash('sha256', '', { lane: 'uploads' })
// @ts-expect-error a misspelt option
await hash('sha256', '', { prioritty: 'low' })
// @ts-expect-error no data
await hash('sha256')

// hashSync takes no options of a task.
const sync = hashSync('crc32', 'text')
same<typeof sync, string>(true)
const syncBuffer = hashSync('crc32', 'text', { encoding: 'buffer' })
same<typeof syncBuffer, Buffer>(true)
// @ts-expect-error nothing to wait for
hashSync('sha256', '', { timeout: 1 })

// hashMany
const many = await hashMany('sha256', ['a', new Uint8Array(1), new ArrayBuffer(1)])
same<typeof many, string[]>(true)
const frozen: readonly string[] = ['a']
const manyBuffers = await hashMany('sha256', frozen, { encoding: 'buffer' })
same<typeof manyBuffers, Buffer[]>(true)
const packed = await hashMany('sha256', { data: new Uint8Array(8), offsets: new Uint32Array([0, 4, 8]) }, { encoding: 'packed' })
same<typeof packed, PackedDigests>(true)
same<PackedDigests['data'], Buffer>(true)
// @ts-expect-error one input is not a list
await hashMany('sha256', 'text')
// @ts-expect-error offsets are a Uint32Array
await hashMany('sha256', { data: new Uint8Array(8), offsets: [0, 8] })

// hashFile: a list of algorithms gives an object of exactly those.
const file = await hashFile('sha256', '/etc/hosts')
same<typeof file, string>(true)
const files = await hashFile(['sha256', 'blake3'], new URL('file:///etc/hosts'))
same<typeof files, Record<'sha256' | 'blake3', string>>(true)
const fileBuffers = await hashFile(['md5'], Buffer.from('/etc/hosts'), { encoding: 'buffer' })
same<typeof fileBuffers, Record<'md5', Buffer>>(true)
await hashFile('sha256', '/etc/hosts', {
  onProgress (progress) {
    same<typeof progress, FileProgress>(true)
    same<typeof progress.bytes, number>(true)
  }
})
// @ts-expect-error not asked for
files.md5
// @ts-expect-error a file is not taken over
await hashFile('sha256', '/etc/hosts', { transfer: true })
// @ts-expect-error a descriptor is not a path
await hashFile('sha256', 3)

// hmac
const mac = await hmac('sha256', 'key', 'data')
same<typeof mac, string>(true)
const macBuffer = await hmac('sha512', Buffer.alloc(4), 'data', { encoding: 'buffer', timeout: 1 })
same<typeof macBuffer, Buffer>(true)
// @ts-expect-error no HMAC of a checksum
await hmac('crc32', 'key', 'data')
// @ts-expect-error the key is an argument
await hmac('sha256', 'key', 'data', { key: 'other' })

// An encoding that is known at run time only; one algorithm or several.
declare const chosen: DigestEncoding
const fileOptions: HashFileOptions = { encoding: chosen }
same<Awaited<ReturnType<typeof chosenFile>>, string | Buffer>(true)
function chosenFile () { return hashFile('sha256', new Uint8Array(3), fileOptions) }
const chosenFiles = await hashFile(['sha256', 'md5'], 'x', { encoding: chosen })
same<typeof chosenFiles, Record<'sha256' | 'md5', string> | Record<'sha256' | 'md5', Buffer>>(true)
const chosenMac = await hmac('sha256', 'key', 'data', { encoding: chosen })
same<typeof chosenMac, string | Buffer>(true)
const chosenMany = await hashMany('sha256', ['a'], { encoding: chosen })
same<typeof chosenMany, string[] | Buffer[]>(true)
declare const anyMany: DigestEncoding | 'packed'
const any = await hashMany('sha256', ['a'], { encoding: anyMany })
same<typeof any, string[] | Buffer[] | PackedDigests>(true)
declare const oneOrMore: 'sha256' | 'sha256'[]
const found = await hashFile(oneOrMore, 'x')
same<typeof found, string | Record<'sha256', string>>(true)

// Errors: a class to compare with, and to make in tests.
const made = new LaneFullError({ lane: 'uploads', retryAfterMs: 5 })
same<typeof made.retryAfterMs, number>(true)
export const constructor: new (details: any) => Error = LaneFullError
// @ts-expect-error it needs its details
export const unmade = new LaneFullError()
// @ts-expect-error no message alone
export const unmadeToo = new TooLargeError('too large')

// createHash
const hasher = createHash('sha3-256', { lane: Lane.default, priority: 'low', highWaterMark: 1024 })
same<typeof hasher, Hash>(true)
const stream: Transform = hasher
const streamed = hasher.update('a').update(new Uint8Array(1)).update('00', 'hex').copy().digest('hex')
same<typeof streamed, string>(true)
const streamedBuffer = hasher.digest()
same<typeof streamedBuffer, Buffer>(true)
const later = await hasher.digestAsync('base64')
same<typeof later, string>(true)
// @ts-expect-error made by createHash only
new Hash()
// @ts-expect-error data is needed
hasher.update()

// Lane
const options: LaneOptions = { name: 'uploads', concurrency: 2, maxQueue: 0, maxQueueBytes: 2 ** 28, timeout: 1000, overflow: 'shed-oldest' }
const lane = new Lane(options)
same<typeof lane.name, string>(true)
lane.on('saturated', () => {}).once('drain', () => {})
// @ts-expect-error no such event
lane.on('full', () => {})
// @ts-expect-error read only
lane.name = 'other'
// @ts-expect-error no such policy
new Lane({ overflow: 'block' })
// @ts-expect-error read only
Lane.default = lane
const stats = lane.stats()
same<typeof stats, LaneStats>(true)
same<typeof stats.waitMs, Summary>(true)
same<keyof Summary, 'count' | 'mean' | 'p50' | 'p90' | 'p99' | 'max'>(true)
same<OverflowPolicy, 'reject' | 'shed-oldest' | 'shed-lowest' | 'wait'>(true)
same<Priority, 'high' | 'normal' | 'low'>(true)
await lane.idle()
await lane.close({ timeout: 10 })
async function scoped () {
  await using temporary = new Lane()
  await hash('sha256', '', { lane: temporary })
}

// Errors: a code, and what belongs to it.
function status (error: unknown) {
  if (error instanceof LaneFullError) {
    same<typeof error.code, 'ERR_LANE_FULL'>(true)
    same<typeof error.retryAfterMs, number>(true)
    same<typeof error.statusCode, 503>(true)
  }
  if (error instanceof TaskTimeoutError) same<typeof error.code, 'ERR_TASK_TIMEOUT'>(true)
  if (error instanceof FileError) same<typeof error.statusCode, 400 | 409>(true)
  if (error instanceof TooLargeError) same<typeof error.limit, number>(true)
  if (error instanceof LaneClosedError) same<typeof error.retryable, false>(true)
  if (error instanceof InternalError) same<typeof error.operation, string>(true)
}
declare const anyError: LaneFullError | LaneClosedError | TaskTimeoutError | TooLargeError | FileError | InternalError
const shared2: SidelaneError & Error = anyError
same<typeof shared2.statusCode, number | undefined>(true)

same<Awaited<ReturnType<typeof json.validate>>, void>(true)
const minified = json.minifySync('{}')
same<typeof minified, string>(true)
const formatted = json.format(Buffer.from('{}'), { indent: '\t', timeout: 5 })
same<typeof formatted, Promise<Buffer>>(true)
const queried = json.query('[]', { id: '/*/id' }, { columns: { id: 'f64' }, bigint: 'bigint', trusted: true, lane: Lane.default })
same<typeof queried, Promise<Record<string, any>>>(true)
// @ts-expect-error: no such type
json.querySync('[]', ['/a'], { columns: { 0: 'i8' } })

const opened = json.open(Buffer.from('{}'), { bigint: 'bigint', maxDepth: 3, transfer: true, timeout: 5 })
same<typeof opened, Promise<JsonDocument>>(true)
using document = json.openSync('{}')
const length = document.length('/a')
same<typeof length, number | undefined>(true)
document.getMany(['/a']) satisfies any[]
// @ts-expect-error: one pointer
document.get(['/a'])
// @ts-expect-error: nothing is skipped
json.openSync('{}', { trusted: true })

const written = json.fromColumns({ a: new Float64Array(1), b: ['x', null, undefined, 1n] as const }, { timeout: 5 })
same<typeof written, Promise<Buffer>>(true)
const lines = ndjson.fromColumnsSync({ a: [1] }, { as: 'string' })
same<typeof lines, string>(true)
// @ts-expect-error: no objects
json.fromColumnsSync({ a: [{}] })
// @ts-expect-error: columns are copied
json.fromColumns({ a: [1] }, { transfer: true })

const counted = ndjson.count('', { '/a': 1, '/b': { gt: 1, in: ['x', null] }, or: [{ '/c': { exists: true } }], not: { '': null } })
same<typeof counted, Promise<number>>(true)
const kept = ndjson.filterSync('', undefined, { as: 'buffer' })
same<typeof kept, Buffer>(true)
ndjson.countSync('', { '/a': new SafeRegExp('a', 'i'), '/b': { matches: new SafeRegExp('b'), exists: true }, not: { '': new SafeRegExp('c') } })
csv.parseSync('', { where: { a: new SafeRegExp('a'), b: { matches: new SafeRegExp('b') } } })
// @ts-expect-error a RegExp is not safe
ndjson.countSync('', { '/a': /a/ })
// @ts-expect-error neither here
ndjson.countSync('', { '/a': { matches: /a/ } })
const rows = ndjson.select('', { a: '/a' }, { where: { '/a': true }, trusted: true, timeout: 5 })
same<typeof rows, Promise<Record<string, any>[]>>(true)
ndjson.columnsSync('', { a: '/a' }, { columns: { a: 'f64' } })
// @ts-expect-error: no such test
ndjson.countSync('', { '/a': { above: 1 } })
// @ts-expect-error: a field is named by a pointer
ndjson.countSync('', { a: 1 })

const names = getHashes()
same<typeof names, HashAlgorithm[]>(true)
const task: TaskOptions = {}
export { scoped, status, stream, task }

// numeric: types of arrays go through.
const { mean } = await numeric.describe(new Float32Array(2), { transfer: true })
same<typeof mean, number>(true)
const sorted = await numeric.sort(new BigInt64Array(2), { descending: true })
same<typeof sorted.constructor, Function>(true)
sorted satisfies BigInt64Array
numeric.topKSync(new Int8Array(2), 1, { largest: false }).values satisfies Int8Array
numeric.mapSync(new Float32Array(1), ['log1p', { clamp: [0, 1] }]) satisfies Float32Array
numeric.anomaliesSync(new Float64Array(1), { method: 'range', min: 0, max: 1 }).indices satisfies Uint32Array
const batch: numeric.Batch = await numeric.batch([new Float32Array(2)], { anomalies: { method: 'zscore' }, map: ['abs'], lane: Lane.default })
batch.anomalies?.offsets satisfies Uint32Array | undefined
// @ts-expect-error plain arrays are not numbers of a typed array
await numeric.describe([1, 2])
// @ts-expect-error a range has bounds
numeric.anomaliesSync(new Float64Array(1), { method: 'range' })
// @ts-expect-error no such step
numeric.mapSync(new Float64Array(1), ['sqrt'])
// @ts-expect-error packets have no quartiles
await numeric.batch(new Float64Array(1), { length: 1, anomalies: { method: 'iqr' } })

// compress
const zipped = await compress.gzip('text', { level: 9, transfer: true, lane: Lane.default })
same<typeof zipped, Buffer>(true)
const unzipped = compress.gunzipSync(zipped, { maxOutputLength: 100 })
same<typeof unzipped, Buffer>(true)
await compress.unzstd(zipped, { signal: AbortSignal.timeout(5) })
// @ts-expect-error a result is bounded where it grows
await compress.deflate('text', { maxOutputLength: 100 })
// @ts-expect-error not in a lane
await compress.zstd('text', { lane: Lane.default })
// csv: a column's type decides what it is.
const table = await csv.parse('a,b', { columns: { a: 'f64', b: 'utf8', c: 'i64', d: 'dict' }, where: { a: { gt: 1 }, or: [{ b: 'x' }], not: { c: null } }, timeout: 5 })
same<typeof table.columns.a, Float64Array>(true)
same<typeof table.columns.c, BigInt64Array>(true)
same<ReturnType<typeof table.columns.b.get>, string | null | undefined>(true)
table.columns.d.codes satisfies Uint32Array
csv.parseSync(Buffer.from(''), { header: ['a'], quote: null, infer: true, select: ['a'], ragged: 'pad', invalid: 'null', encoding: 'latin1', limits: { rows: 1 } }).rows()
const writtenText = csv.stringifySync({ a: [1] })
same<typeof writtenText, string>(true)
const writtenBuffer = await csv.stringify(table, { as: 'buffer', lane: Lane.default })
same<typeof writtenBuffer, Buffer>(true)
await csv.stringify([{ a: 1 }], { formulas: 'escape', signal: AbortSignal.timeout(5) })
// @ts-expect-error no such type
csv.parseSync('', { columns: { a: 'float' } })
// @ts-expect-error nothing to wait for
csv.parseSync('', { timeout: 1 })
declare const csvError: CsvSyntaxError
same<typeof csvError.row, number>(true)
// SafeRegExp: what RegExp's methods return, promised.
const regexp = new SafeRegExp(/a(?<b>c)/, 'g')
regexp satisfies RegExp
same<Awaited<ReturnType<typeof regexp.testAsync>>, boolean>(true)
same<Awaited<ReturnType<typeof regexp.execAsync>>, RegExpExecArray | null>(true)
for (const { index, groups } of await regexp.matchAllAsync('ac', { timeout: 5, inline: false })) [index, groups] satisfies [number, object | undefined]
await regexp.replaceAsync('ac', (match, b: string) => match + b, { lane: Lane.default })
await regexp.splitAsync('ac', 2, { priority: 'low' }) satisfies string[]
regexp.explain().mostSteps.perUnit satisfies number
regexp.explain().table?.mostUnits satisfies number | undefined
// @ts-expect-error nothing to transfer
await regexp.testAsync('', { transfer: true })
// @ts-expect-error options come after the limit
await regexp.splitAsync('', { timeout: 5 })
const set = new SafeRegExpSet(['a', /b/], 'i')
same<ReturnType<typeof set.match>, number[]>(true)
await set.testAsync('', { signal: AbortSignal.timeout(5) }) satisfies boolean
const firsts = await findMany(regexp, ['a'])
same<typeof firsts, (RegExpExecArray | null)[]>(true)
const offsets = await findMany(regexp, ['a'], { as: 'offsets' })
same<typeof offsets extends Int32Array ? true : false, true>(true)
// @ts-expect-error the pattern itself, not its text
await findMany('a', ['a'])
for await (const { pattern, index, groups } of scanFile('a.log', set, { encoding: 'latin1', maxMatchLength: 100 })) [pattern, index, groups] satisfies [number, number, object | undefined]
for await (const match of scanFile(new URL('file:///a.log'), regexp)) {
  // @ts-expect-error there is one pattern
  match.pattern
}
new SafeRegExp('a', 'g', { limits: { patternLength: 200, nestingDepth: 10, programSize: 2000, captures: 9, lookaroundBytes: 1 << 20, budgetBase: 1000, budgetFactor: 0 } })
