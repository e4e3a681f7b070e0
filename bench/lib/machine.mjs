// What a result must name to be worth keeping: the machine, the versions, the commit.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import os from 'node:os'

/** Extensions that decide the hash figures. */
const TELLING = ['sha_ni', 'avx2', 'avx512f', 'vpclmulqdq', 'sha2', 'sha512', 'crc32']

/** @param {string} file */
const read = (file) => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function features () {
  const line = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(read('/proc/cpuinfo'))
  const flags = new Set(line?.[1].split(' '))
  return TELLING.filter((flag) => flags.has(flag))
}

function commit () {
  const git = (/** @type {string[]} */ ...args) => execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no', '--', ':/', ':!/bench/results') !== ''
    return git('rev-parse', '--short', 'HEAD') + (changed ? ' + changes' : '')
  } catch {
    return 'none'
  }
}

/** Versions of the installed peers. */
function peers () {
  const { dependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return Object.fromEntries(Object.keys(dependencies).map((name) => {
    const manifest = readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), 'utf8')
    return [name, JSON.parse(manifest).version]
  }))
}

export function describeMachine () {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  const distribution = /^PRETTY_NAME="?([^"\n]*)/m.exec(read('/etc/os-release'))?.[1]
  return {
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    features: features(),
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    os: [distribution, os.type(), os.release(), process.arch].filter(Boolean).join(' '),
    node: process.versions.node,
    v8: process.versions.v8,
    uv: process.versions.uv,
    openssl: process.versions.openssl,
    sidelane: `${version} (${commit()})`,
    peers: peers()
  }
}
