// What is driven, and how hard.

export const MiB = 1024 * 1024
/** Bytes per request, everywhere. */
export const SIZE = 8 * MiB

/**
 * @typedef {object} Variant
 * @property {string} name
 * @property {string} base the path before the route
 * @property {number} rounds
 */

/**
 * @typedef {object} Scenario
 * @property {string} id
 * @property {string} title
 * @property {string} about
 * @property {'GET' | 'POST'} method
 * @property {string} route
 * @property {number} connections
 * @property {Record<string, string>} [headers]
 * @property {Variant[]} variants
 * @property {Buffer} [body] what is sent, if it is not SIZE bytes of anything
 * @property {string} [answer] what a right answer holds, if it is no digest
 */

/**
 * What is sent or read for one request, in words.
 *
 * @param {Scenario} scenario
 */
export const sizeOf = ({ body }) => body === undefined ? '8 MiB' : `${Math.round(body.length / 1000)} KB`

const BOTH = [{ name: 'inline', base: '/inline', rounds: 2 }, { name: 'sidelane', base: '/sidelane', rounds: 2 }]

/** @type {Scenario[]} */
export const SCENARIOS = [
  {
    id: 'document',
    title: 'A document in memory',
    about: 'Nothing but the work: SHA-256 of 8 MiB that the server holds. Sidelane copies them first (the document stays the server\'s), which is what its loop spends.',
    method: 'GET',
    route: '/documents/catalogue/digest',
    connections: 200,
    variants: BOTH
  },
  {
    id: 'file',
    title: 'A file of the server',
    about: 'readFile and createHash against hashFile, which reads natively, so that the bytes never are in JavaScript.',
    method: 'GET',
    route: '/file?name=archive.bin',
    connections: 200,
    variants: BOTH
  },
  {
    id: 'upload',
    title: 'An upload, buffered',
    about: 'To receive 8 MiB costs the loop more than to hash them, whoever hashes. "read only" is the floor: the body is thrown away. "inline, admitted" is express.raw and createHash behind ' +
      'the same admission as the Sidelane route: a few uploads at a time. What is left between those two is Sidelane\'s part.',
    method: 'POST',
    route: '/digest',
    connections: 50,
    variants: [...BOTH, { name: 'inline, admitted', base: '/inline-admitted', rounds: 1 }, { name: 'read only', base: '/read-only', rounds: 1 }]
  },
  {
    id: 'stream',
    title: 'An upload, streamed through createHash',
    about: 'pipeline(req, createHash()): node:crypto\'s on the loop, chunk by chunk, against Sidelane\'s, half a megabyte at a time on a lane, behind the admission.',
    method: 'POST',
    route: '/digest/stream?algorithm=sha256',
    connections: 50,
    variants: BOTH
  },
  {
    id: 'rows',
    title: 'An upload of rows',
    about: 'Gzipped NDJSON, 8 MiB once it is unpacked: how many rows, mean and deviation of a number in each, and those far from it. express.raw, JSON.parse and loops, against ' +
      'compress.gunzip, ndjson.columns and numeric on a lane, behind the admission.',
    method: 'POST',
    route: '/rows?field=/payload/size',
    connections: 16,
    headers: { 'Content-Encoding': 'gzip' },
    variants: BOTH
  },
  {
    id: 'scrub',
    title: 'An attack on a regular expression',
    about: 'A text of 20 KB, spaces and a letter, whose trailing spaces are to go: `/[ \\t]+$/gm` looks at each space as often as there are spaces before it, in V8\'s engine. SafeRegExp is linear.',
    method: 'POST',
    route: '/scrub',
    // Inline each request is 0.7 s of the loop, and the round ends when it has done those that have come.
    connections: 10,
    variants: BOTH,
    body: Buffer.from(`${' '.repeat(20_000)}x`),
    answer: '"length":20001'
  }
]
