// Compiles __test__/types against index.d.ts and index.d.mts, as each kind of project reads them.
import { tool } from './tools.mjs'

for (const [name, config] of [['nodenext', 'tsconfig.json'], ['bundler', 'tsconfig.bundler.json']]) {
  tool('typescript/bin/tsc', ['-p', `__test__/types/${config}`])
  console.log(`types: ${name} passed`)
}
