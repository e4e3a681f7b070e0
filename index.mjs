// The same instance as require('sidelane'): one copy of the state however the package is loaded.
import sidelane from './index.js'

export const {
  Lane, runtime,
  hash, hashSync, hashMany, hashFile, hmac, createHash, getHashes, Hash,
  json, ndjson, csv, numeric, compress, SafeRegExp, SafeRegExpSet, findMany, scanFile,
  LaneFullError, LaneClosedError, TaskTimeoutError, TooLargeError, FileError, JsonSyntaxError, CsvSyntaxError, ArrowDataError, CompressDataError, UnsupportedError, RegExpBudgetError, InternalError
} = sidelane
