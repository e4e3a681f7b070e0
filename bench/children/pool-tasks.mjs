// Runs in the threads of piscina and tinypool.
import { hash } from 'node:crypto'

/** @param {number} x */
export const noop = (x) => x

/** @param {Uint8Array} data */
export const sha256 = (data) => hash('sha256', data)
