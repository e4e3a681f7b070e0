// A file to hash, in the system's folder for temporary files; gone afterwards.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { randomBytes } from './inputs.mjs'

/**
 * @template T
 * @param {number} size
 * @param {(file: string) => Promise<T>} use
 */
export async function withFile (size, use) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sidelane-bench-'))
  try {
    const file = path.join(folder, 'data')
    writeFileSync(file, randomBytes(size))
    return await use(file)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
