// What POST /*/rows takes and answers.
import { httpError } from './parameters.mjs'

/** Anomalies that an answer lists; it counts the others. */
const LISTED = 100

/**
 * `?field=/payload/size`: where the number is in each row, as a JSON Pointer of plain names.
 *
 * @param {Record<string, unknown>} query
 */
export function fieldOf ({ field }) {
  if (typeof field !== 'string' || !/^(\/[\w-]{1,64}){1,8}$/.test(field)) throw httpError(400, 'ERR_FIELD', 'field must be a JSON Pointer such as /payload/size')
  return field
}

/**
 * Whether the body is gzip.
 *
 * @param {import('node:http').IncomingHttpHeaders} headers
 */
export function isGzip ({ 'content-encoding': encoding = 'identity' }) {
  if (encoding !== 'gzip' && encoding !== 'identity') throw httpError(415, 'ERR_ENCODING', 'Content-Encoding must be gzip, or there must be none')
  return encoding === 'gzip'
}

/**
 * @param {{ count: number, mean: number, variance: number, min: number, max: number }} statistics
 * @param {{ indices: Uint32Array | number[], scores: Float64Array | number[] }} anomalies
 */
export function rowsAnswer ({ count, mean, variance, min, max }, { indices, scores }) {
  // NaN stands for what is no number.
  if (count > 0 && !Number.isFinite(mean)) throw httpError(400, 'ERR_FIELD', 'every row must have a number there')
  const rows = Array.from(indices.slice(0, LISTED), (index, i) => ({ row: index + 1, score: scores[i] }))
  return { count, min, max, mean, anomalies: indices.length, rows, deviation: Math.sqrt(variance) }
}
