// CommonJS: the whole module, by name and by require.
import sidelane = require('sidelane')
import { Lane, hash } from 'sidelane'

const digest: Promise<string> = sidelane.hash('sha256', 'text', { lane: new sidelane.Lane() })
const same: typeof sidelane.hash = hash
const lane: sidelane.Lane = Lane.default
// @ts-expect-error there is no default export
sidelane.default
export = { digest, same, lane }
