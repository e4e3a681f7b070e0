// Runs in the threads of workerpool.
import workerpool from 'workerpool'
import { noop, sha256 } from './pool-tasks.mjs'

workerpool.worker({ noop, sha256 })
