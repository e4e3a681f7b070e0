// The upload of the demo's rows.
import { gzipSync } from 'node:zlib'

/**
 * Gzipped NDJSON of about so many bytes, and how a right answer to it begins. A row in a thousand has a number far from the others.
 *
 * @param {number} bytes
 */
export function demoRows (bytes) {
  const lines = []
  let [length, sum, anomalies] = [0, 0, 0]
  for (let id = 0; length < bytes; id++) {
    const far = id % 1000 === 500
    const size = far ? 5000 : id % 23
    sum += size
    anomalies += far ? 1 : 0
    lines.push(JSON.stringify({ id: 2_489_651_045 + id, type: 'PushEvent', actor: { login: `user${id * 7919 % 100_003}` }, payload: { size, ref: 'refs/heads/main', message: 'Größe prüfen' }, public: true }))
    length += lines[id].length + 1
  }
  const count = lines.length
  return { body: gzipSync(`${lines.join('\n')}\n`), answer: `{"count":${count},"min":0,"max":5000,"mean":${sum / count},"anomalies":${anomalies},` }
}
