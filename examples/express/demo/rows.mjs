// Records for the upload of rows: 8 MiB of NDJSON, some of them out of the ordinary.
import { gzipSync } from 'node:zlib'

const ROWS = 80_000
/** Every one of so many has an amount like no other. */
const RARE = 9973

/** The gzipped body, and what the answer must contain. */
export function makeRows () {
  let text = ''
  /** @type {number[]} */
  const anomalies = []
  for (let id = 0; id < ROWS; id++) {
    const rare = id % RARE === RARE - 1
    if (rare) anomalies.push(id)
    text += `${JSON.stringify({ id, at: `2026-01-01T00:00:${String(id % 60).padStart(2, '0')}Z`, customer: `c${id * 7919 % 5000}`, amount: rare ? 1e6 : id * 31 % 1000, items: [id % 7, id % 11] })}\n`
  }
  return { body: gzipSync(text), expected: `"anomalies":${anomalies.length},"firstAnomalies":${JSON.stringify(anomalies)}` }
}
