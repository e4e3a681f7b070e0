// What fast-check draws: inputs that hash functions and conversions are known to trip over.
import * as fc from 'fast-check'
import { ENCODINGS } from './cases.mjs'

/** Code units where conversions differ: NUL, the ends of ASCII, latin1 and two-byte characters, surrogates of both kinds, BOM, non-characters. */
const UNITS = [0, 0x0a, 0x41, 0x7f, 0x80, 0xe9, 0xff, 0x100, 0x7ff, 0x800, 0xd7ff, 0xd800, 0xd83d, 0xdbff, 0xdc00, 0xde00, 0xdfff, 0xe000, 0xfeff, 0xfffe, 0xffff]
const unit = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...UNITS) }, { weight: 1, arbitrary: fc.nat(0xffff) })

/** Any string that JavaScript can hold. */
export const text = fc.oneof(
  fc.array(unit, { maxLength: 40 }).map((units) => String.fromCharCode(...units)),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'binary-ascii', maxLength: 200 }),
  // Around the longest string that is converted on the stack.
  fc.tuple(fc.array(unit, { minLength: 1, maxLength: 3 }), fc.integer({ min: 330, max: 1100 })).map(([units, count]) => String.fromCharCode(...units).repeat(count).slice(0, 1200))
)

/** Around the places where implementations switch: blocks, chunks, checkpoints. */
const EDGES = [0, 1, 3, 8, 16, 55, 56, 63, 64, 111, 112, 127, 128, 135, 136, 143, 144, 167, 168, 240, 255, 256, 1023, 1024, 1025, 4096, 8191, 8192, 65_535, 65_536, 131_071, 131_072, 131_073]
const length = fc.oneof({ weight: 4, arbitrary: fc.nat(300) }, { weight: 2, arbitrary: fc.constantFrom(...EDGES) }, { weight: 1, arbitrary: fc.nat(70_000) })

export const bytes = fc.tuple(length, fc.integer()).map(([length, seed]) => {
  const data = Buffer.alloc(length)
  let state = seed >>> 0
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    data[i] = state >>> 24
  }
  return data
})

/** The same bytes as anything that counts as bytes. */
export const dressed = fc.tuple(bytes, fc.nat(9), fc.constantFrom('buffer', 'view', 'dataview', 'arraybuffer', 'shared', 'resizable', 'tracking', 'float64', 'uint16')).map(([data, offset, kind]) => ({ data, kind, dress: () => dress(data, offset, kind) }))

function dress (data, offset, kind) {
  if (kind === 'buffer') return data
  const width = { float64: 8, uint16: 2 }[kind] ?? 1
  // Only whole elements fit a typed array; a view of bytes takes what is left.
  if (data.length % width !== 0) return data
  const start = kind === 'arraybuffer' || kind === 'shared' ? 0 : offset * width
  const size = start + data.length
  const buffer = kind === 'shared'
    ? new SharedArrayBuffer(size)
    : new ArrayBuffer(size, kind === 'resizable' || kind === 'tracking' ? { maxByteLength: size + 100 } : undefined)
  new Uint8Array(buffer, start).set(data)
  switch (kind) {
    case 'dataview': return new DataView(buffer, start, data.length)
    case 'float64': return new Float64Array(buffer, start, data.length / 8)
    case 'uint16': return new Uint16Array(buffer, start, data.length / 2)
    case 'view': case 'resizable': return new Uint8Array(buffer, start, data.length)
    case 'tracking': return new Uint8Array(buffer, start)
    default: return buffer
  }
}

export const encoding = fc.constantFrom(...ENCODINGS)
export const inline = fc.constantFrom(undefined, true, false)

/** A message cut into pieces, some empty. */
export const pieces = fc.tuple(bytes, fc.array(fc.nat(200_000), { maxLength: 8 })).map(([data, cuts]) => {
  const at = [0, ...cuts.map((cut) => cut % (data.length + 1)).toSorted((a, b) => a - b), data.length]
  return { data, pieces: at.slice(1).map((end, index) => data.subarray(at[index], end)) }
})
