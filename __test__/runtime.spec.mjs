// What is found out about the process: libuv's pool, cores.
import { spawnSync } from 'node:child_process'
import test from 'ava'
import { child, helper } from './helpers/child.mjs'
import { nap, runtime } from './helpers/sidelane.mjs'
import { SLOW, until } from './helpers/time.mjs'

const major = Number(process.versions.node.split('.')[0])
const linux = process.platform === 'linux' ? test : test.skip

/** What a new process finds, with that code before the first use. */
async function found (t, { env, code = '', wrap, after = '' } = {}) {
  const { status, stdout, stderr } = await child(`${code}
    nap(1).then(async (value) => {
      ${after}
      console.log(JSON.stringify({ ...runtime(), value }))
    })`, { env, wrap })
  t.is(status, 0, stderr)
  return { ...JSON.parse(stdout), stderr }
}

test('the properties', async (t) => {
  await nap(0)
  await until(() => runtime().runners === 0)
  const all = runtime()
  t.deepEqual(Object.keys(all), ['cores', 'threadPoolSize', 'runnerLimit', 'runners', 'addonVersion', 'nodeApi'])
  t.is(all.runnerLimit, Math.max(1, Math.min(all.cores, all.threadPoolSize - 1)))
  t.true(all.nodeApi >= 9)
})

for (const [size, threads] of [['2', 2], ['3', 3], ['1024', 1024], ['5000', 1024], [' 7', 7], ['6 threads', 6], ['-3', 1024], ['', 1]]) {
  test(`UV_THREADPOOL_SIZE=${JSON.stringify(size)}: ${threads}`, async (t) => {
    const { threadPoolSize, runnerLimit, cores, value } = await found(t, { env: { UV_THREADPOOL_SIZE: size } })
    t.is(threadPoolSize, threads)
    t.is(runnerLimit, Math.max(1, Math.min(cores, threads - 1)))
    t.is(value, '0')
  })
}

for (const size of ['1', '0', 'abc']) {
  test(`UV_THREADPOOL_SIZE=${size}: one thread, which is left alone`, async (t) => {
    const { threadPoolSize, runnerLimit, value, stderr } = await found(t, { env: { UV_THREADPOOL_SIZE: size } })
    t.is(threadPoolSize, 1)
    t.is(runnerLimit, 1)
    t.is(value, '0')
    t.is(stderr.match(/SIDELANE_POOL_OF_ONE/g)?.length, 1, stderr)
    t.true(stderr.includes('UV_THREADPOOL_SIZE=1'), stderr)
  })
}

test('a pool of one: fs goes on, tasks too, and a blocked loop stops nothing', async (t) => {
  const { status, stdout, stderr } = await child(`
    const fs = require('node:fs/promises')
    const tasks = Array.from({ length: 20 }, () => nap(50))
    ;(async () => {
      const start = performance.now()
      await sleep(20)
      for (let i = 0; i < 5; i++) await fs.readFile(${JSON.stringify(helper)})
      const read = performance.now() - start
      block(600)
      const { completed } = Lane.default.stats()
      console.log(JSON.stringify({ read, completed, ends: (await Promise.all(tasks)).length }))
    })()`, { env: { UV_THREADPOOL_SIZE: '1' } })
  t.is(status, 0, stderr)
  const { read, completed, ends } = JSON.parse(stdout)
  t.true(read < 400 * SLOW, `${read} ms`)
  t.true(completed >= 3, `${completed} of 20`)
  t.is(ends, 20)
})

test('a pool of one: process.exit, panics, aborts', async (t) => {
  const { status, stdout, stderr } = await child(`
    const controller = new AbortController()
    const aborted = spin(20_000, { signal: controller.signal }).catch((error) => error.name)
    setTimeout(() => controller.abort(), 20)
    ;(async () => {
      console.log(await aborted, await s.panicInKernel().catch((error) => error.code), (await hash('crc32', 'x', { inline: false })))
      quiet(spin(20_000))
      quiet(nap(10_000))
      await sleep(20)
      process.exit(5)
    })()`, { env: { UV_THREADPOOL_SIZE: '1', RUST_BACKTRACE: '0' } })
  t.is(status, 5, stderr)
  t.is(stdout, 'AbortError ERR_INTERNAL 8cdc1683')
})

test('process.env.UV_THREADPOOL_SIZE changed before the first use', async (t) => {
  t.is((await found(t, { code: 'process.env.UV_THREADPOOL_SIZE = "9"' })).threadPoolSize, 9)
  t.is((await found(t, { env: { UV_THREADPOOL_SIZE: '2' }, code: 'delete process.env.UV_THREADPOOL_SIZE' })).threadPoolSize, 4)
})

// libuv gives its threads a name since Node 22: before, only the variable tells.
;(major >= 22 ? linux : test.skip)('process.env.UV_THREADPOOL_SIZE changed after the pool was started', async (t) => {
  const { status, stdout, stderr } = await child(`
    require('node:fs').stat('.', () => {
      process.env.UV_THREADPOOL_SIZE = '9'
      nap(0).then(() => console.log(runtime().threadPoolSize))
    })`)
  t.is(status, 0, stderr)
  t.is(stdout, '4')
})

;(major >= 22 ? linux : test.skip)('as many threads as libuv has', async (t) => {
  for (const size of ['1', '3', '8']) {
    const { threadPoolSize, stderr } = await found(t, {
      env: { UV_THREADPOOL_SIZE: size },
      after: `
        await require('node:fs/promises').stat('.')
        const { readdirSync, readFileSync } = require('node:fs')
        console.error('threads', readdirSync('/proc/self/task').filter((id) => readFileSync('/proc/self/task/' + id + '/comm', 'utf8') === 'libuv-worker\\n').length)`
    })
    t.true(stderr.includes(`threads ${threadPoolSize}\n`), stderr)
  }
})

linux('one core', async (t) => {
  if (spawnSync('taskset', ['-c', '0', 'true']).status !== 0) return t.pass('no taskset')
  const { cores, runnerLimit, threadPoolSize, value } = await found(t, { wrap: ['taskset', '-c', '0'] })
  t.deepEqual({ cores, runnerLimit, threadPoolSize, value }, { cores: 1, runnerLimit: 1, threadPoolSize: 4, value: '0' })
})

/** In a mount namespace with a /proc/self/cgroup and a /sys/fs/cgroup of the test's. $1: the former; $2: a directory of the latter, and its files as pairs of name and text. */
const IN_CGROUP = `
  files=$(mktemp -d); mount -t tmpfs none $files; printf "%s\\n" "$1" > $files/cgroup; mount --bind $files/cgroup /proc/$$/cgroup
  mount -t tmpfs none /sys/fs/cgroup; mkdir -p "/sys/fs/cgroup/$2"; cd "/sys/fs/cgroup/$2"; shift 2
  while [ "$1" != -- ]; do printf "%s\\n" "$2" > "$1"; shift 2; done
  shift; cd /; exec "$@"`

for (const [title, cores, cgroup, directory, files] of [
  ['v2, one core', 1, '0::/pod/container', 'pod/container', { 'cgroup.controllers': 'cpu', 'cpu.max': '100000 100000' }],
  ['v2, half a core', 1, '0::/', '.', { 'cgroup.controllers': 'cpu', 'cpu.max': '50000 100000' }],
  ['v2, no quota', undefined, '0::/pod', 'pod', { 'cgroup.controllers': 'cpu', 'cpu.max': 'max 100000' }],
  ['v1, one core', 1, '2:cpu,cpuacct:/pod', 'cpu/pod', { 'cpu.cfs_quota_us': '100000', 'cpu.cfs_period_us': '100000' }],
  ['v1, no quota', undefined, '2:cpu,cpuacct:/pod', 'cpu/pod', { 'cpu.cfs_quota_us': '-1', 'cpu.cfs_period_us': '100000' }]
]) {
  linux(`the quota of a cgroup: ${title}`, async (t) => {
    const wrap = ['unshare', '--map-root-user', '--mount', 'sh', '-ec', IN_CGROUP, 'sh', cgroup, directory, ...Object.entries(files).flat(), '--']
    if (spawnSync(wrap[0], [...wrap.slice(1), 'true']).status !== 0) return t.pass('no namespaces for this user')
    const all = (await found(t)).cores
    const limited = await found(t, { wrap })
    t.is(limited.cores, cores ?? all)
    t.is(limited.runnerLimit, Math.max(1, Math.min(limited.cores, limited.threadPoolSize - 1)))
    t.is(limited.value, '0')
  })
}

test('asking starts nothing', async (t) => {
  const { status, stdout, stderr } = await child(`
    const threads = () => process.platform === 'linux' ? require('node:fs').readdirSync('/proc/self/task').length : 0
    threads()
    const before = threads()
    const { runners } = runtime()
    new Lane()
    console.log(threads() - before, runners, process.getActiveResourcesInfo().filter((name) => !/Pipe|TTY/.test(name)).length)`)
  t.is(status, 0, stderr)
  t.is(stdout, '0 0 0')
})
