// The package as a whole: one instance, one list of names, quick to load, nothing started.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import ts from 'typescript'
import * as imported from 'sidelane'

const require = createRequire(import.meta.url)
const root = fileURLToPath(new URL('..', import.meta.url))
const required = require('sidelane')
const manifest = require('../package.json')

test('require and import share one instance', (t) => {
  t.deepEqual(Object.keys(imported).filter((name) => name !== 'default').toSorted(), Object.keys(required).toSorted())
  for (const name of Object.keys(required)) t.is(imported[name], required[name], name)
})

test('index.d.ts declares what index.js exports, and nothing else', (t) => {
  const file = path.join(root, 'index.d.ts')
  const program = ts.createProgram([file], { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, types: ['node'] })
  const checker = program.getTypeChecker()
  const values = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file))).filter((symbol) => symbol.flags & ts.SymbolFlags.Value)
  t.deepEqual(values.map(({ name }) => name).toSorted(), Object.keys(required).toSorted())
})

test('classes have the methods that index.d.ts declares', (t) => {
  const file = path.join(root, 'index.d.ts')
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)
  for (const node of source.statements.filter(ts.isClassDeclaration)) {
    const Class = required[node.name.text]
    for (const member of node.members.filter(ts.isMethodDeclaration)) {
      const key = ts.isComputedPropertyName(member.name) ? Symbol.asyncDispose ?? Symbol.for('nodejs.asyncDispose') : member.name.text
      const holder = ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Static ? Class : Class.prototype
      t.is(typeof holder[key], 'function', `${node.name.text}.${String(key)}`)
    }
  }
})

test('loading is quick and starts nothing', (t) => {
  // In a Node of its own, again until one was quick enough: the machine may be busy.
  const code = `
    const fs = require('node:fs')
    const threads = () => process.platform === 'linux' ? fs.readdirSync('/proc/self/task').length : 0
    // The first read of that directory, and of Node's own modules, is not ours.
    threads()
    for (const name of ['events', 'stream', 'diagnostics_channel', 'async_hooks', 'path', 'util', 'buffer']) require('node:' + name)
    const before = threads()
    const start = process.hrtime.bigint()
    require('sidelane')
    const ms = Number(process.hrtime.bigint() - start) / 1e6
    console.log(JSON.stringify({ ms, started: threads() - before, active: process.getActiveResourcesInfo().filter((name) => name !== 'PipeWrap' && name !== 'TTYWrap') }))`
  let fastest = Number.MAX_VALUE
  // 10 ms is promised, and measured by `npm run bench`; beside other tests on two cores, twice that.
  const enough = process.env.SIDELANE_ASAN ? 1000 : 20
  for (let i = 0; i < 30 && fastest > enough; i++) {
    const { stdout, stderr, status } = spawnSync(process.execPath, ['-e', code], { cwd: root, encoding: 'utf8' })
    t.is(status, 0, stderr)
    const { ms, started, active } = JSON.parse(stdout)
    t.is(started, 0)
    t.deepEqual(active, [])
    fastest = Math.min(fastest, ms)
  }
  t.log(`${fastest.toFixed(2)} ms`)
  t.true(fastest <= enough, `${fastest} ms`)
})

test('one version everywhere', (t) => {
  t.is(required.runtime().addonVersion, manifest.version)
  t.regex(readFileSync(path.join(root, 'Cargo.toml'), 'utf8'), new RegExp(`^version = "${manifest.version.replaceAll('.', '\\.')}"$`, 'm'))
})

test('nothing runs when it is installed, and nothing is installed with it', (t) => {
  for (const name of ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish']) t.false(name in manifest.scripts, name)
  t.false('dependencies' in manifest)
})

test('a panic unwinds in release builds', (t) => {
  const release = /^\[profile\.release\]$([^[]*)/m.exec(readFileSync(path.join(root, 'Cargo.toml'), 'utf8'))?.[1]
  t.regex(release, /^panic = "unwind"$/m)
})
