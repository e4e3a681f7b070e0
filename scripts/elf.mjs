// What a Linux shared library asks of the system that loads it. No tool for that is on every machine; the format is small.
import { readFileSync } from 'node:fs'

/**
 * @param {string} file a 64-bit little-endian ELF file
 * @returns {{ needed: string[], versions: string[] }} the libraries it needs, and the symbol versions of them (`GLIBC_2.17`)
 */
export function requirements (file) {
  const bytes = readFileSync(file)
  if (bytes.readUInt32BE(0) !== 0x7f454c46 || bytes[4] !== 2 || bytes[5] !== 1) throw new Error(`${file} is not a 64-bit little-endian ELF file`)
  const u16 = (/** @type {number} */ at) => bytes.readUInt16LE(at)
  const u32 = (/** @type {number} */ at) => bytes.readUInt32LE(at)
  const u64 = (/** @type {number} */ at) => Number(bytes.readBigUInt64LE(at))
  const text = (/** @type {number} */ at) => bytes.toString('latin1', at, bytes.indexOf(0, at))

  const sections = Array.from({ length: u16(60) }, (_, i) => {
    const at = u64(40) + i * u16(58)
    return { type: u32(at + 4), offset: u64(at + 24), size: u64(at + 32), link: u32(at + 40), info: u32(at + 44) }
  })
  const strings = (/** @type {{ link: number }} */ section) => sections[section.link]?.offset ?? 0

  const needed = []
  for (const section of sections.filter(({ type }) => type === 6 /* SHT_DYNAMIC */)) {
    for (let at = section.offset; at < section.offset + section.size; at += 16) {
      if (u64(at) === 1 /* DT_NEEDED */) needed.push(text(strings(section) + u64(at + 8)))
    }
  }

  const versions = new Set()
  for (const section of sections.filter(({ type }) => type === 0x6ffffffe /* SHT_GNU_verneed */)) {
    let at = section.offset
    for (let library = 0; library < section.info; library++) {
      let entry = at + u32(at + 8)
      for (let i = 0; i < u16(at + 2); i++) {
        versions.add(text(strings(section) + u32(entry + 8)))
        entry += u32(entry + 12)
      }
      at += u32(at + 12)
    }
  }
  return { needed, versions: [...versions].toSorted() }
}

/**
 * The oldest glibc that has every symbol the file needs, as a number: 2.17 is 217.
 *
 * @param {string} file
 */
export function glibcFloor (file) {
  const found = requirements(file).versions.map((name) => /^GLIBC_2\.(\d+)/.exec(name)).filter((match) => match !== null)
  return 200 + Math.max(0, ...found.map((match) => Number(match[1])))
}
