// Writes npm/<abi>/: the manifest, README and LICENSE of each platform's package, from package.json. Committed, so that a change shows in review.
//   node scripts/npm-manifests.mjs [--check]      --check: writes nothing, fails if a file is not what it would write
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { manifest, root } from './tools.mjs'

/** @type {{ ABIS: string[] }} */
const { ABIS } = createRequire(import.meta.url)('../lib/binding.js')

const SYSTEMS = { linux: 'Linux', darwin: 'macOS', win32: 'Windows' }
const LIBCS = { gnu: 'glibc 2.17 or newer', musl: 'musl' }

/**
 * @param {string} abi
 * @returns {Record<string, unknown>}
 */
export function platformManifest (abi) {
  const [os = '', cpu = '', libc] = abi.split('-')
  const file = `sidelane.${abi}.node`
  const { version, license, repository, bugs, homepage, engines } = manifest
  return {
    name: `sidelane-${abi}`,
    version,
    description: `The native binary of sidelane for ${os} ${cpu}${libc ? ` ${libc}` : ''}`,
    license,
    repository: { ...repository, directory: `npm/${abi}` },
    bugs,
    homepage,
    engines,
    os: [os],
    cpu: [cpu],
    ...(os === 'linux' ? { libc: [libc === 'gnu' ? 'glibc' : 'musl'] } : {}),
    main: file,
    files: [file],
    publishConfig: { access: 'public' }
  }
}

/** What the root package asks for once the platforms' packages are published: exactly its own version of each. */
export function optionalDependencies () {
  return Object.fromEntries(ABIS.map((abi) => [`sidelane-${abi}`, manifest.version]))
}

function files () {
  /** @type {Record<string, string>} */
  const wanted = {}
  for (const abi of ABIS) {
    const [os = '', cpu, libc] = abi.split('-')
    const system = `${SYSTEMS[/** @type {keyof typeof SYSTEMS} */ (os)]} on ${cpu}${os === 'linux' ? ` with ${LIBCS[/** @type {keyof typeof LIBCS} */ (libc)]}` : ''}`
    wanted[`npm/${abi}/package.json`] = `${JSON.stringify(platformManifest(abi), null, 2)}\n`
    wanted[`npm/${abi}/README.md`] = `# sidelane-${abi}\n\nThe native binary of [sidelane](${manifest.homepage}) for ${system}. ` +
      'Install `sidelane`: it asks for this package where it fits. This package runs no script when it is installed.\n'
    wanted[`npm/${abi}/LICENSE`] = readFileSync(path.join(root, 'LICENSE'), 'utf8')
  }
  return wanted
}

function cargoVersion () {
  return /^\[workspace\.package\][^[]*^version = "([^"]+)"/ms.exec(readFileSync(path.join(root, 'Cargo.toml'), 'utf8'))?.[1]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wanted = files()
  const problems = []
  // The loader compares the two: a release in which they differ would load nowhere.
  if (cargoVersion() !== manifest.version) problems.push(`Cargo.toml says ${cargoVersion()}, package.json ${manifest.version}`)
  for (const [file, text] of Object.entries(wanted)) {
    const at = path.join(root, file)
    if (existsSync(at) && readFileSync(at, 'utf8') === text) continue
    if (process.argv.includes('--check')) {
      problems.push(`${file} is not current: node scripts/npm-manifests.mjs`)
    } else {
      mkdirSync(path.dirname(at), { recursive: true })
      writeFileSync(at, text)
      console.log(`wrote ${file}`)
    }
  }
  for (const name of readdirSync(path.join(root, 'npm'))) if (!ABIS.includes(name)) problems.push(`npm/${name} belongs to no platform`)
  if (problems.length > 0) {
    console.error(problems.join('\n'))
    process.exitCode = 1
  }
}
