// The models of crates/lanes under loom, which runs every interleaving of their threads. In a target directory of its own: the flag would have all else built anew.
import path from 'node:path'
import { run, targetDir } from './tools.mjs'

run('cargo', ['test', '--package', 'sidelane-lanes', '--locked', '--release', '--target-dir', path.join(targetDir, 'loom'), '--test', 'loom_*', ...process.argv.slice(2)], {
  env: {
    RUSTFLAGS: `${process.env.RUSTFLAGS ?? ''} --cfg loom`.trim(),
    // The models need speed, not the addon's slow link.
    CARGO_PROFILE_RELEASE_LTO: 'off',
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS: '16'
  }
})
