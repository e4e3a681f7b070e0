'use strict'
// Why the native binary did not load, and what to do about it. Only read once loading has failed, so it may take its time.

const fs = require('node:fs')
const path = require('node:path')

/** @typedef {import('./binding').Attempt} Attempt */

/**
 * @typedef {object} Failure
 * @property {Attempt[]} attempts what was tried, in order; only the last is decisive, those before it were not there
 * @property {string} [abi] undefined: no binary for this platform
 * @property {readonly string[]} abis
 * @property {string} version
 * @property {import('./binding').LoadOptions & { env: NodeJS.ProcessEnv, root: string }} options
 */

/**
 * @typedef {object} Diagnosis
 * @property {string} reason stable, for programs
 * @property {string} cause one sentence
 * @property {string[]} remedies
 */

/** `ERR_SIDELANE_LOAD`: the binary could not be loaded. `cause` is the error of the last place that was tried, its `cause` that of the place before. */
class LoadError extends Error {
  /**
   * @param {string} message
   * @param {Diagnosis & { error: any }} details
   */
  constructor (message, { reason, remedies, error }) {
    super(message, error === undefined ? undefined : { cause: error })
    this.name = 'LoadError'
    this.code = 'ERR_SIDELANE_LOAD'
    this.retryable = false
    /** One word for the cause: 'missing-package', 'noexec', 'wrong-libc', ... */
    this.reason = reason
    this.remedies = remedies
  }
}

/**
 * @param {Failure} failure
 * @returns {LoadError}
 */
function loadError (failure) {
  const { attempts, abi, version } = failure
  const diagnosis = diagnose(failure)
  const tried = attempts.map(({ specifier, error }) => {
    return `- ${specifier}: ${error?.code === 'MODULE_NOT_FOUND' ? 'not found' : String(error?.message ?? error).split('\n')[0]}`
  })
  for (const [i, { error }] of attempts.entries()) {
    if (i > 0 && error instanceof Error && error.cause === undefined) error.cause = attempts[i - 1]?.error
  }
  const message = [
    `Cannot load the native binary of sidelane ${version} (${abi ?? target(failure)}, Node ${process.version}).`,
    `Cause: ${diagnosis.cause}`,
    `Remedy:\n${diagnosis.remedies.map((line) => `- ${line}`).join('\n')}`
  ]
  if (tried.length > 0) message.push(`Tried:\n${tried.join('\n')}`)
  return new LoadError(message.join('\n'), { ...diagnosis, error: attempts.at(-1)?.error })
}

/**
 * @param {Failure} failure
 * @returns {string}
 */
function target ({ options: { platform = process.platform, arch = process.arch } }) {
  return `${platform}-${arch}`
}

/**
 * @param {Failure} failure
 * @returns {Diagnosis}
 */
function diagnose (failure) {
  const last = failure.attempts.at(-1)
  if (!last) {
    return {
      reason: 'unsupported-platform',
      cause: `there is no binary for ${target(failure)}. There is one for ${failure.abis.join(', ')}.`,
      remedies: ['run on one of those, or build the binary from the source (see CONTRIBUTING.md) and name the file in SIDELANE_NATIVE_LIBRARY_PATH']
    }
  }
  const { code } = last.error ?? {}
  if (code === 'ERR_DLOPEN_DISABLED' || code === 'ERR_ACCESS_DENIED') return addonsDisabled(code)
  if (code === 'ERR_SIDELANE_VERSION') return versionMismatch(last)
  if (code === 'MODULE_NOT_FOUND') return notFound(failure, last)
  return notLoaded(failure, last)
}

/**
 * @param {string} code
 * @returns {Diagnosis}
 */
function addonsDisabled (code) {
  if (code === 'ERR_DLOPEN_DISABLED' && !('permission' in process && process.permission)) {
    return {
      reason: 'no-addons',
      cause: 'this Node was started with --no-addons, so it loads no native code.',
      remedies: ['start Node without --no-addons (look in NODE_OPTIONS too)']
    }
  }
  const read = code === 'ERR_ACCESS_DENIED'
  return {
    reason: 'permission',
    cause: read
      ? 'the permission model (--permission) does not let this process read the directory of the binary.'
      : 'the permission model (--permission) is on, and native addons are not allowed.',
    remedies: [
      'add --allow-addons to --permission, and --allow-fs-read for the directory of node_modules; in a package.json or NODE_OPTIONS the same flags',
      'know what it means: native code is not bound by the permission model (SECURITY.md)'
    ]
  }
}

/**
 * @param {Attempt} attempt
 * @returns {Diagnosis}
 */
function versionMismatch ({ kind, specifier, error }) {
  const again = kind === 'local'
    ? ['build it again: npm run build']
    : kind === 'override'
      ? [`let SIDELANE_NATIVE_LIBRARY_PATH name the binary of version ${error.expected}, or unset it`]
      : [`npm install sidelane@${error.expected} (it asks for exactly its own version of ${specifier}), and take ${specifier} out of your own dependencies and "overrides"`]
  return {
    reason: error.found === undefined ? 'not-sidelane' : 'version-mismatch',
    cause: `${error.message}.`,
    remedies: again
  }
}

/**
 * @param {Failure} failure
 * @param {Attempt} attempt
 * @returns {Diagnosis}
 */
function notFound ({ abi, abis, version, options: { root, env } }, { kind, specifier, error }) {
  if (kind === 'override') {
    const isDirectory = fs.statSync(specifier, { throwIfNoEntry: false })?.isDirectory() === true
    return {
      reason: 'missing-override',
      cause: `SIDELANE_NATIVE_LIBRARY_PATH names ${specifier}, ${isDirectory ? 'which is a directory' : 'which does not exist'}.`,
      remedies: ['correct the variable, or unset it']
    }
  }
  // `permission` is missing from @types/node 20, whose Node had it behind a flag.
  const { permission } = /** @type {{ permission?: { has (scope: string, path: string): boolean } }} */ (/** @type {unknown} */ (process))
  if (permission && !permission.has('fs.read', path.dirname(root))) return addonsDisabled('ERR_ACCESS_DENIED')
  if (fs.existsSync(path.join(root, 'Cargo.toml'))) {
    return { reason: 'not-built', cause: 'this is a source checkout in which the addon was not built yet.', remedies: ['npm run build'] }
  }
  if (/valid "main" entry/.test(error.message)) {
    return {
      reason: 'damaged-package',
      cause: `the package ${specifier} is installed, but its binary is gone. A cleaner, a bundler or a virus scanner may have taken it.`,
      remedies: ['install again: npm ci', 'let tools that prune node_modules keep *.node files']
    }
  }
  const others = abis.filter((other) => other !== abi && installed(`sidelane-${other}`, root))
  const remedies = [
    'install with optional dependencies: without --omit=optional, --no-optional, or omit=optional in .npmrc (yarn, pnpm: the same settings)',
    'if package-lock.json was made on another operating system (npm/cli#4828): delete node_modules and package-lock.json, then npm install',
    'if node_modules was copied from another system, or into an image: install on the system that runs it, or for it with npm install --os=... --cpu=... --libc=...',
    'if the application is bundled: keep sidelane external',
    `to get on at once: npm install --no-save ${specifier}@${version}`
  ]
  if ((env.npm_config_omit ?? '').includes('optional')) remedies.splice(1, remedies.length - 1)
  const found = others.length > 0 ? ` There is ${others.map((other) => `sidelane-${other}`).join(', ')}: node_modules was installed for another platform.` : ''
  return { reason: 'missing-package', cause: `the optional dependency ${specifier} is not installed.${found}`, remedies }
}

/**
 * @param {string} name
 * @param {string} root
 */
function installed (name, root) {
  return resolve(`${name}/package.json`, root) !== undefined
}

/**
 * @param {string} specifier
 * @param {string} root
 * @returns {string | undefined}
 */
function resolve (specifier, root) {
  try {
    return require.resolve(specifier, { paths: [root] })
  } catch {
    return undefined
  }
}

/**
 * The file is there, and the system's loader refused it. Its message differs between systems, so the file itself is asked first.
 *
 * @param {Failure} failure
 * @param {Attempt} attempt
 * @returns {Diagnosis}
 */
function notLoaded ({ abi, abis, version, options }, { kind, specifier, error }) {
  const text = String(error?.message ?? error)
  const file = path.isAbsolute(specifier) ? specifier : resolve(specifier, options.root) ?? specifier
  const replace = kind === 'override'
    ? `let SIDELANE_NATIVE_LIBRARY_PATH name the binary for ${abi ?? 'this platform'}, or unset it`
    : kind === 'local' ? 'build it again: npm run build' : `install again on this system: delete node_modules and package-lock.json, then npm install (or npm install --no-save sidelane-${abi}@${version})`
  const elsewhere = 'copy the binary to a directory where that holds, and name the copy in SIDELANE_NATIVE_LIBRARY_PATH'

  const mount = noexecMount(file)
  if (mount !== undefined || /failed to map segment|Operation not permitted/i.test(text)) {
    return {
      reason: 'noexec',
      cause: `${file} is on a file system from which no code may be run${mount === undefined ? '' : ` (${mount} is mounted noexec)`}.`,
      remedies: ['install node_modules on a file system without noexec, or mount that one with exec', elsewhere]
    }
  }
  if (/permission denied|access is denied|EACCES/i.test(text) || !readable(file)) {
    return {
      reason: 'no-access',
      cause: `this process may not read ${file}.`,
      remedies: ['let the user that runs Node read the file and enter its directories (chmod -R a+rX); with SELinux or AppArmor on, look in the audit log', elsewhere]
    }
  }
  const binary = inspect(file)
  if (binary.target !== undefined && abi !== undefined && !sameMachine(binary.target, abi)) {
    return {
      reason: 'wrong-platform',
      cause: `${file} is made for ${binary.target}, this process is ${abi}.`,
      remedies: [replace, 'if node_modules was copied from another system: install on the system that runs it']
    }
  }
  const glibc = /version [`'‘]?GLIBC_([\d.]+)['’]? not found/.exec(text)
  if (glibc) {
    return {
      reason: 'old-glibc',
      cause: `${file} needs glibc ${glibc[1]}, this system has ${glibcVersion() ?? 'an older one'}.`,
      remedies: kind === 'package'
        ? ['use a newer Linux: the published binaries need glibc 2.17 (2012), or musl 1.2']
        : ['build it for an older glibc: npm run pack:smoke builds for 2.17', replace]
    }
  }
  const libc = abi?.startsWith('linux') ? abi.split('-')[2] : undefined
  if (libc !== undefined && ((binary.libc !== undefined && binary.libc !== libc) || /libc\.musl|ld-musl|ld-linux|libc\.so: |Error relocating/.test(text))) {
    const other = libc === 'gnu' ? 'musl' : 'gnu'
    return {
      reason: 'wrong-libc',
      cause: `${file} is made for ${NAMES[other]}, this Node for ${NAMES[/** @type {'gnu' | 'musl'} */ (libc)]}.`,
      remedies: [replace, 'if node_modules was installed in another image (a Debian builder, an Alpine runtime): use images of one kind, or install in the one that runs it']
    }
  }
  if (binary.target === undefined || /invalid ELF header|file too short|ELF load command|Exec format error|not a valid Win32|not a mach-o/i.test(text)) {
    return {
      reason: 'damaged-file',
      cause: `${file} is not a shared library: it was cut short, or is another kind of file (${binary.size ?? 0} bytes).`,
      remedies: [replace]
    }
  }
  if (/code signature|disallowed by system policy|not valid for use in process|Application Control|virus|blocked/i.test(text)) {
    return {
      reason: 'blocked',
      cause: `the system's security policy refused ${file}.`,
      remedies: ['allow the file in that policy (macOS: xattr -d com.apple.quarantine FILE; Windows: Application Control, the virus scanner)', elsewhere]
    }
  }
  if (/static TLS/i.test(text)) {
    return {
      reason: 'static-tls',
      cause: 'the process has no room left for thread-local storage of libraries that are loaded late.',
      remedies: ["load sidelane before other native packages: node --require sidelane, or the program's first import", 'set GLIBC_TUNABLES=glibc.rtld.optional_static_tls=4096']
    }
  }
  if (/cannot open shared object file|specified module could not be found|Library not loaded|Error loading shared library/i.test(text)) {
    return {
      reason: 'missing-library',
      cause: `a library that ${file} needs is not on this system: ${text.split('\n')[0]}`,
      remedies: ['install that library (Debian: libgcc-s1; Alpine: libgcc; Windows: the Visual C++ redistributable)', replace]
    }
  }
  return {
    reason: 'unknown',
    cause: `the system's loader refused ${file}: ${text.split('\n')[0]}`,
    remedies: [replace, `there are binaries for ${abis.join(', ')}; report this with the whole text`]
  }
}

const NAMES = { gnu: 'glibc', musl: 'musl (Alpine)' }

/**
 * @param {string} file
 */
function readable (file) {
  try {
    fs.accessSync(file, fs.constants.R_OK)
    return true
  } catch {
    return false
  }
}

/**
 * @param {string} made
 * @param {string} abi
 */
function sameMachine (made, abi) {
  const [platform, arch] = abi.split('-')
  return made === `${platform}-${arch}`
}

/**
 * What the first bytes of a library say about the machine that it is made for.
 *
 * @param {string} file
 * @returns {{ target?: string, libc?: 'gnu' | 'musl', size?: number }}
 */
function inspect (file) {
  let bytes
  try {
    bytes = fs.readFileSync(file)
  } catch {
    return {}
  }
  const size = bytes.length
  if (size < 64) return { size }
  if (bytes.readUInt32BE(0) === 0x7f454c46) {
    const arch = { 3: 'ia32', 40: 'arm', 62: 'x64', 183: 'arm64', 243: 'riscv64' }[bytes.readUInt16LE(18)] ?? 'other'
    const libc = bytes.includes('\0libc.so.6\0') ? 'gnu' : bytes.includes('\0libc.musl-') || bytes.includes('\0libc.so\0') ? 'musl' : undefined
    return { size, target: `linux-${arch}`, libc }
  }
  if (bytes.readUInt32LE(0) === 0xfeedfacf) {
    return { size, target: `darwin-${{ 0x01000007: 'x64', 0x0100000c: 'arm64' }[bytes.readUInt32LE(4)] ?? 'other'}` }
  }
  if (bytes.toString('latin1', 0, 2) === 'MZ') {
    const at = bytes.readUInt32LE(60)
    if (at + 6 > size) return { size }
    return { size, target: `win32-${{ 0x8664: 'x64', 0xaa64: 'arm64', 0x014c: 'ia32' }[bytes.readUInt16LE(at + 4)] ?? 'other'}` }
  }
  return { size }
}

/**
 * The mount point of the file when that mount is noexec (Linux).
 *
 * @param {string} file
 * @returns {string | undefined}
 */
function noexecMount (file) {
  try {
    const real = fs.realpathSync(file)
    const mounts = fs.readFileSync('/proc/self/mounts', 'utf8').split('\n').map((line) => line.split(' ')).filter((fields) => fields.length >= 4)
    let found = { at: '', options: '' }
    for (const [, encoded = '', , options = ''] of mounts) {
      const at = encoded.replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(parseInt(octal, 8)))
      if ((real === at || real.startsWith(at.endsWith('/') ? at : `${at}/`)) && at.length >= found.at.length) found = { at, options }
    }
    return found.options.split(',').includes('noexec') ? found.at : undefined
  } catch {
    return undefined
  }
}

/**
 * @returns {string | undefined}
 */
function glibcVersion () {
  const report = /** @type {any} */ (process.report)
  if (!report) return undefined
  report.excludeNetwork = true
  return report.getReport().header.glibcVersionRuntime
}

module.exports = { LoadError, loadError }
