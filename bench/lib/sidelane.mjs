// The product, as a user's require('sidelane') gives it.
import { createRequire } from 'node:module'

/** @type {typeof import('../../index.js')} */
export const sidelane = createRequire(import.meta.url)('../..')
