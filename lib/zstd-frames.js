'use strict'
// Where the frames of Zstandard data lie (RFC 8878, section 3.1). node:zlib of Node 22 takes data that was cut short for whole, and before Node 26 it drops all frames but the first.

const MAGIC = 0xfd2fb528
/** Of frames to be skipped: 16 numbers from here. */
const SKIPPABLE = 0x184d2a50
/** Bytes of Frame_Content_Size and Dictionary_ID, by their flags. */
const SIZE_BYTES = [0, 2, 4, 8]
const DICTIONARY_BYTES = [0, 1, 2, 4]
/** Type of a block that is one byte, repeated. */
const RLE = 1

/**
 * The frames that hold data. What follows the last frame and is none is not looked at, as node:zlib does; data that begins with none is one "frame", which node:zlib will refuse.
 *
 * @param {Uint8Array} bytes
 * @returns {{ frames: Uint8Array[], cutAt: number }} `cutAt`: where the data ends within a frame, or -1
 */
function framesOf (bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  /** @type {Uint8Array[]} */
  const frames = []
  let at = 0
  do {
    const magic = bytes.length - at >= 4 ? view.getUint32(at, true) : undefined
    if (magic === undefined) return { frames, cutAt: at === 0 ? bytes.length : -1 }
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) {
      const end = bytes.length - at >= 8 ? at + 8 + view.getUint32(at + 4, true) : Infinity
      if (end > bytes.length) return { frames, cutAt: bytes.length }
      at = end
    } else if (magic === MAGIC) {
      const end = frameEnd(bytes, at)
      if (end > bytes.length) return { frames, cutAt: bytes.length }
      frames.push(bytes.subarray(at, end))
      at = end
    } else {
      if (at === 0) frames.push(bytes)
      return { frames, cutAt: -1 }
    }
  } while (at < bytes.length)
  return { frames, cutAt: -1 }
}

/**
 * @param {Uint8Array} bytes
 * @param {number} start
 * @returns {number} beyond the bytes if the frame is cut short
 */
function frameEnd (bytes, start) {
  if (start + 5 > bytes.length) return Infinity
  const descriptor = bytes[start + 4]
  const isSingle = (descriptor & 0x20) !== 0
  const size = descriptor >> 6 === 0 && isSingle ? 1 : SIZE_BYTES[descriptor >> 6]
  let at = start + 5 + (isSingle ? 0 : 1) + DICTIONARY_BYTES[descriptor & 3] + size
  let isLast = false
  while (!isLast) {
    if (at + 3 > bytes.length) return Infinity
    const header = bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16
    isLast = (header & 1) === 1
    at += 3 + ((header >> 1 & 3) === RLE ? 1 : header >> 3)
  }
  return at + ((descriptor & 4) === 0 ? 0 : 4)
}

module.exports = { framesOf }
