'use strict'
// The face: every public name, once. What each means is in index.d.ts; how it works is in lib/. A module is loaded when one of its names is first read, or called.

// At once: why the binary cannot be loaded is told now, its results come in the async context of now and not of some request, and the globals are taken as they are.
require('./lib/native')
require('./lib/primordials')
const { addExports, namespace } = require('./lib/namespace')

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

addExports(exports, () => require('./lib/lane'), ['Lane'])
addExports(exports, () => require('./lib/runtime'), ['runtime'])
addExports(exports, () => require('./lib/hash'), ['hash', 'hashSync', 'hmac', 'getHashes'])
addExports(exports, () => require('./lib/hash-many'), ['hashMany'])
addExports(exports, () => require('./lib/hash-file'), ['hashFile'])
addExports(exports, () => require('./lib/streams/hash'), ['createHash', 'Hash'])
Object.assign(exports, { json, ndjson, csv, numeric, compress })
addExports(exports, () => require('./lib/regexp'), ['SafeRegExp'])
addExports(exports, () => require('./lib/regexp-set'), ['SafeRegExpSet'])
Object.assign(exports, { findMany, scanFile })
addExports(exports, () => require('./lib/errors'), [
  'LaneFullError', 'LaneClosedError', 'TaskTimeoutError', 'TooLargeError', 'FileError', 'JsonSyntaxError', 'CsvSyntaxError', 'ArrowDataError', 'CompressDataError', 'UnsupportedError', 'RegExpBudgetError', 'InternalError'
])
