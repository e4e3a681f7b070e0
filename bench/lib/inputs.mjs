// Inputs: generated, the same in every run.

export const KiB = 1024
export const MiB = 1024 * KiB
export const GiB = 1024 * MiB

/**
 * Bytes without structure (xorshift32), own ArrayBuffer.
 * @param {number} size
 * @param {number} [seed]
 */
export function randomBytes (size, seed = 1) {
  const bytes = new Uint8Array(size)
  let x = (seed * 0x9e3779b9) | 1
  // Above 1 MiB the first one is repeated: the contenders cannot tell, and it saves seconds.
  const unique = Math.min(size, MiB)
  for (let i = 0; i < unique; i++) {
    x ^= x << 13; x ^= x >>> 17; x ^= x << 5
    bytes[i] = x
  }
  for (let at = unique; at < size; at += unique) bytes.copyWithin(at, 0, Math.min(unique, size - at))
  return Buffer.from(bytes.buffer)
}

/**
 * A copy with an ArrayBuffer of its own, for calls that take their input over. Collected at once: V8 answers to so much new memory with a collection, which
 * would else fall into the time of the call.
 * @param {Uint8Array} data
 */
export function ownCopy (data) {
  const copy = new Uint8Array(data)
  globalThis.gc?.()
  return copy
}

/**
 * ASCII strings of `length` characters.
 * @param {number} count
 * @param {number} length
 */
export function randomStrings (count, length) {
  const letters = Buffer.from(randomBytes(count * length).map((byte) => 97 + byte % 26)).toString('latin1')
  return Array.from({ length: count }, (_, i) => {
    // Through a Buffer: slices of one long string would be V8's SlicedString, which costs every contender a flattening.
    return Buffer.from(letters.slice(i * length, (i + 1) * length), 'latin1').toString('latin1')
  })
}

/** @param {number} bytes */
export function sizeName (bytes) {
  if (bytes < KiB) return `${bytes} B`
  if (bytes < MiB) return `${bytes / KiB} KiB`
  return bytes < GiB ? `${bytes / MiB} MiB` : `${bytes / GiB} GiB`
}
