// The cases of testdata/hash, and the algorithms that node:crypto has as well.
import { createHash as nodeHash, createHmac } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'

const directory = new URL('../../testdata/hash/', import.meta.url)

/** @type {Record<string, (value: any) => Buffer>} */
const INPUTS = {
  utf8: (text) => Buffer.from(text),
  hex: (digits) => Buffer.from(digits, 'hex'),
  repeat: ([byte, count]) => Buffer.alloc(count, Number.parseInt(byte, 16)),
  sequence: (length) => Buffer.from(Array.from({ length }, (_, i) => i % 251))
}

function toCase ({ name, algorithm, input, key, outputLength, hmacKey, digest }) {
  const [[kind, value]] = Object.entries(input)
  const options = { ...(key !== undefined && { key: Buffer.from(key, 'hex') }), ...(outputLength !== undefined && { outputLength }) }
  return { name, algorithm, data: INPUTS[kind](value), text: kind === 'utf8' ? value : undefined, options, hmacKey: hmacKey === undefined ? undefined : Buffer.from(hmacKey, 'hex'), digest }
}

/** By family. */
export const families = readdirSync(directory).toSorted().map((file) => ({
  family: file.replace('.json', ''),
  // A digest of no bytes is something for the kernels only.
  cases: JSON.parse(readFileSync(new URL(file, directory), 'utf8')).cases.filter(({ outputLength }) => outputLength !== 0).map(toCase)
}))

export const all = families.flatMap(({ cases }) => cases)

/** Lengths of the functions whose length can be chosen. Told to Node always: later versions have no default. */
const OWN_LENGTH = { shake128: 16, shake256: 32 }

export const XOFS = Object.keys(OWN_LENGTH)

/** Those that node:crypto has. */
export const NODE = [
  'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha512-256', 'sha3-224', 'sha3-256', 'sha3-384', 'sha3-512', 'shake128', 'shake256',
  'blake2b512', 'blake2s256', 'md5'
]
export const HMACS = NODE.filter((name) => !XOFS.includes(name))

/** node:crypto's digest. */
export function expected (algorithm, data, encoding = 'hex', outputLength = OWN_LENGTH[algorithm]) {
  const digest = nodeHash(algorithm, outputLength === undefined ? {} : { outputLength }).update(data).digest()
  return encoding === 'buffer' ? digest : digest.toString(encoding)
}

export const expectedHmac = (algorithm, key, data, encoding = 'hex') => createHmac(algorithm, key).update(data).digest(encoding === 'buffer' ? undefined : encoding)

export const ENCODINGS = ['hex', 'base64', 'base64url', 'buffer']
