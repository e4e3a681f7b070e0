// Rows like those of a shop's export: 80 bytes, nine columns.

const CITIES = ['Berlin', 'Paris', 'New York', 'Lima']

/**
 * At least `bytes` bytes, with a header.
 * @param {number} bytes
 */
export function csvText (bytes) {
  const parts = ['id,name,price,quantity,at,city,paid,note,score\n']
  for (let size = 0, index = 0; size < bytes; index++) {
    const two = (/** @type {number} */ value) => String(value).padStart(2, '0')
    const at = `2026-${two(index % 12 + 1)}-${two(index % 28 + 1)}T${two(index % 24)}:${two(index % 60)}:00Z`
    const note = index % 10 === 0 ? '"said ""no"", twice"' : 'nothing to say'
    const row = `${index},user${index * 7919 % 100_003},${index * 7919 % 100_000 / 100},${index % 50},${at},${CITIES[index % 4]},${index % 2 === 0},${note},${index % 1000 / 8}\n`
    parts.push(row)
    size += row.length
  }
  return Buffer.from(parts.join(''))
}
