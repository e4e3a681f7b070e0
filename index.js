'use strict'
// The face: every public name, once. What each means is in index.d.ts; how it works is in lib/.

const { Lane } = require('./lib/lane')
const { runtime } = require('./lib/runtime')
const { hash, hashSync, hmac, getHashes } = require('./lib/hash')
const { hashMany } = require('./lib/hash-many')
const { hashFile } = require('./lib/hash-file')
const { Hash, createHash } = require('./lib/streams/hash')
const { namespace } = require('./lib/namespace')
const { LaneFullError, LaneClosedError, TaskTimeoutError, TooLargeError, FileError, JsonSyntaxError, CsvSyntaxError, ArrowDataError, CompressDataError, UnsupportedError, RegExpBudgetError, InternalError } = require('./lib/errors')

const json = namespace(() => require('./lib/json'), ['validate', 'validateSync', 'minify', 'minifySync', 'format', 'formatSync', 'query', 'querySync', 'open', 'openSync', 'fromColumns', 'fromColumnsSync'])
const ndjson = namespace(() => require('./lib/ndjson'), ['count', 'countSync', 'filter', 'filterSync', 'select', 'selectSync', 'columns', 'columnsSync', 'fromColumns', 'fromColumnsSync'])
const csv = namespace(() => require('./lib/csv'), ['parse', 'parseSync', 'stringify', 'stringifySync', 'toArrow', 'fromArrow'])
const numeric = namespace(() => require('./lib/numeric'), [
  'describe', 'describeSync', 'quantiles', 'quantilesSync', 'histogram', 'histogramSync', 'sort', 'sortSync', 'argsort', 'argsortSync', 'topK', 'topKSync',
  'rolling', 'rollingSync', 'anomalies', 'anomaliesSync', 'map', 'mapSync', 'groupBy', 'groupBySync', 'batch', 'batchSync'
])
const compress = namespace(() => require('./lib/compress'), [
  'gzip', 'gzipSync', 'gunzip', 'gunzipSync', 'deflate', 'deflateSync', 'inflate', 'inflateSync', 'deflateRaw', 'deflateRawSync', 'inflateRaw', 'inflateRawSync',
  'zstd', 'zstdSync', 'unzstd', 'unzstdSync'
])

const { findMany } = namespace(() => require('./lib/find-many'), ['findMany'])
const { scanFile } = namespace(() => require('./lib/scan-file'), ['scanFile'])

module.exports = {
  Lane, runtime,
  hash, hashSync, hashMany, hashFile, hmac, createHash, getHashes, Hash,
  json, ndjson, csv, numeric, compress,
  // Loaded with the first use, as the namespaces are.
  get SafeRegExp () { return require('./lib/regexp').SafeRegExp },
  get SafeRegExpSet () { return require('./lib/regexp-set').SafeRegExpSet },
  findMany, scanFile,
  LaneFullError, LaneClosedError, TaskTimeoutError, TooLargeError, FileError, JsonSyntaxError, CsvSyntaxError, ArrowDataError, CompressDataError, UnsupportedError, RegExpBudgetError, InternalError
}
