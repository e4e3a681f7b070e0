// A process per file, never a thread: a native crash then ends one file, not the run, and each file has a libuv pool of its own.
export default {
  files: ['__test__/**/*.spec.{mjs,cjs}'],
  workerThreads: false,
  timeout: '2m',
  nodeArguments: ['--expose-gc', '--throw-deprecation']
}
