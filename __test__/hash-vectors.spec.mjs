// Known answers: every case of testdata/hash through everything that hashes.
import test from 'ava'
import { createHash, getHashes, hash, hashFile, hashMany, hashSync, hmac } from 'sidelane'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { all, families } from './helpers/cases.mjs'

/** Compares all at once, so that a failure names every case that is wrong. */
async function check (t, cases, digestOf) {
  const wrong = []
  for (const each of cases) {
    const found = await digestOf(each)
    if (found !== each.digest) wrong.push({ name: each.name, found, expected: each.digest })
  }
  t.deepEqual(wrong, [])
  t.true(cases.length > 0)
}

for (const { family, cases } of families) {
  if (family === 'hmac') continue
  test(`${family}: hashSync`, (t) => check(t, cases, ({ algorithm, data, options }) => hashSync(algorithm, data, options)))
  test(`${family}: hash on the spot`, (t) => check(t, cases, ({ algorithm, data, options }) => hash(algorithm, data, { ...options, inline: true })))
  test(`${family}: hash in a lane`, (t) => check(t, cases, ({ algorithm, data, options }) => hash(algorithm, data, { ...options, inline: false })))
  test(`${family}: createHash`, (t) => check(t, cases, ({ algorithm, data, options }) => createHash(algorithm, options).update(data).digest('hex')))
  test(`${family}: createHash as a stream`, (t) => check(t, cases, ({ algorithm, data, options }) => {
    const stream = createHash(algorithm, options)
    stream.write(data.subarray(0, 5))
    stream.end(data.subarray(5))
    return stream.digestAsync('hex')
  }))
  test(`${family}: hashMany`, async (t) => {
    // In one call what has the same algorithm and options.
    const groups = Map.groupBy ? Map.groupBy(cases, group) : cases.reduce((map, each) => map.set(group(each), [...map.get(group(each)) ?? [], each]), new Map())
    for (const members of groups.values()) {
      const [{ algorithm, options }] = members
      t.deepEqual(await hashMany(algorithm, members.map(({ data }) => data), options), members.map(({ digest }) => digest), algorithm)
    }
  })
  test(`${family}: hashFile`, async (t) => {
    const directory = mkdtempSync(path.join(tmpdir(), 'sidelane-vectors-'))
    t.teardown(() => rmSync(directory, { recursive: true }))
    await check(t, cases, ({ algorithm, data, options }) => {
      writeFileSync(path.join(directory, 'file'), data)
      return hashFile(algorithm, path.join(directory, 'file'), options)
    })
  })
}

const group = ({ algorithm, options: { key, outputLength } }) => `${algorithm} ${outputLength} ${key?.toString('hex')}`

const { cases: macs } = families.find(({ family }) => family === 'hmac')
for (const inline of [true, false]) {
  test(`hmac, inline: ${inline}`, (t) => check(t, macs, ({ algorithm, data, hmacKey }) => hmac(algorithm, hmacKey, data, { inline })))
}

test('texts are hashed as their UTF-8 bytes', (t) => check(t, all.filter(({ text, hmacKey }) => text !== undefined && hmacKey === undefined), ({ algorithm, text, options }) => hashSync(algorithm, text, options)))

test('there are cases for every algorithm', (t) => {
  t.deepEqual([...new Set(all.filter(({ hmacKey }) => hmacKey === undefined).map(({ algorithm }) => algorithm))].toSorted(), getHashes())
})
