// The ava suite with the addon under AddressSanitizer: reads and writes outside of buffers, use after free. Linux x64, nightly Rust, gcc's libasan.
//   node scripts/asan.mjs [ava arguments]
// Node itself is not instrumented, so libasan must be there before it (LD_PRELOAD), and leaks cannot be told from Node's own.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { cache, installDependencies, run, targetDir, tool } from './tools.mjs'
import { copyFileSync, mkdirSync } from 'node:fs'

if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('scripts/asan.mjs is for linux-x64')
installDependencies()

const triple = 'x86_64-unknown-linux-gnu'
const directory = path.join(targetDir, 'asan')
// --target: else cargo would instrument the build scripts too, which then miss the runtime.
run('cargo', ['+nightly', 'build', '--lib', '--locked', '--package', 'sidelane', '--features', 'faults', '--target', triple, '--target-dir', directory], {
  env: { RUSTFLAGS: '-Zsanitizer=address -Cforce-frame-pointers=yes', CARGO_PROFILE_DEV_OPT_LEVEL: '1' }
})
const binary = path.join(cache, 'asan', 'sidelane.node')
mkdirSync(path.dirname(binary), { recursive: true })
copyFileSync(path.join(directory, triple, 'debug', 'libsidelane.so'), binary)

const libasan = run('gcc', ['-print-file-name=libasan.so'], { quiet: true }).trim()
if (!existsSync(libasan)) throw new Error('gcc has no libasan.so: install it (Debian: libgcc-*-dev)')
// ava 7 takes no file list that matches nothing, so what must not run here is left out by each test itself: it looks at SIDELANE_ASAN.
tool('ava/entrypoints/cli.mjs', ['--timeout=10m', '--concurrency=1', ...process.argv.slice(2)], {
  env: {
    LD_PRELOAD: libasan,
    ASAN_OPTIONS: 'detect_leaks=0:abort_on_error=1:disable_coredump=1:allocator_may_return_null=1:detect_stack_use_after_return=0',
    SIDELANE_NATIVE_LIBRARY_PATH: binary,
    SIDELANE_ASAN: '1'
  }
})
console.log('asan: no error was reported')
