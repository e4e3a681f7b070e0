// A process per file, never a thread: a native crash then ends one file, not the run, and each file has a libuv pool of its own.
export default {
  files: ['__test__/**/*.spec.{mjs,cjs}'],
  workerThreads: false,
  timeout: '2m',
  // Injected panics print a line each; not their stacks.
  environmentVariables: { RUST_BACKTRACE: '0' },
  nodeArguments: ['--expose-gc', '--throw-deprecation']
}
