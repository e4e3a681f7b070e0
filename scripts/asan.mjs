// The ava suite with the addon under AddressSanitizer: reads and writes outside of buffers, use after free. Linux x64, nightly Rust, gcc's libasan.
//   node scripts/asan.mjs [ava arguments]
// Node itself is not instrumented, so libasan must be there before it (LD_PRELOAD), and leaks cannot be told from Node's own.
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { cache, installDependencies, run, targetDir, tool } from './tools.mjs'

if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('scripts/asan.mjs is for linux-x64')
installDependencies()

const triple = 'x86_64-unknown-linux-gnu'
const directory = path.join(targetDir, 'asan')
// --target: else cargo would instrument the build scripts too, which then miss the runtime.
run('cargo', ['+nightly', 'build', '--lib', '--locked', '--package', 'sidelane', '--features', 'faults', '--target', triple, '--target-dir', directory], {
  env: { RUSTFLAGS: '-Zsanitizer=address -Cforce-frame-pointers=yes', CARGO_PROFILE_DEV_OPT_LEVEL: '1' }
})
const output = path.join(cache, 'asan')
rmSync(output, { recursive: true, force: true })
mkdirSync(output, { recursive: true })
const binary = path.join(output, 'sidelane.node')
copyFileSync(path.join(directory, triple, 'debug', 'libsidelane.so'), binary)

const libasan = run('gcc', ['-print-file-name=libasan.so'], { quiet: true }).trim()
if (!existsSync(libasan)) throw new Error('gcc has no libasan.so: install it (Debian: libgcc-*-dev)')

// Tests of timing and of memory in use leave themselves out, or allow more, when SIDELANE_ASAN is set: the addon is several times slower, and freed memory stays in quarantine.
let failure
try {
  tool('ava/entrypoints/cli.mjs', ['--timeout=10m', '--concurrency=1', ...process.argv.slice(2)], {
    env: {
      LD_PRELOAD: libasan,
      // Reports go to files: also those of child processes whose end a test expects.
      ASAN_OPTIONS: `detect_leaks=0:abort_on_error=1:disable_coredump=1:allocator_may_return_null=1:quarantine_size_mb=32:log_path=${path.join(output, 'report')}`,
      SIDELANE_NATIVE_LIBRARY_PATH: binary,
      SIDELANE_ASAN: '1'
    }
  })
} catch (error) {
  failure = error
}
const reports = readdirSync(output).filter((name) => name.startsWith('report'))
for (const name of reports) console.error(`\n${name}\n${readFileSync(path.join(output, name), 'utf8')}`)
console.log(`asan: ${reports.length} ${reports.length === 1 ? 'report' : 'reports'}`)
if (failure) throw failure
if (reports.length > 0) process.exitCode = 1
