// Resident memory of this process in MiB.
import { readFileSync, writeFileSync } from 'node:fs'

const MiB = 1048576

export const rss = () => process.memoryUsage.rss() / MiB

/** The highest value since {@link forgetPeak}, or since the start where that is not possible. */
export function peakRss () {
  if (process.platform === 'linux') {
    const line = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'latin1'))
    if (line) return Number(line[1]) / 1024
  }
  return process.resourceUsage().maxRSS / 1024
}

/** Linux only; elsewhere the peak counts from the start of the process. */
export function forgetPeak () {
  if (process.platform !== 'linux') return
  try {
    writeFileSync('/proc/self/clear_refs', '5')
  } catch {
    // Not allowed in this container: the peak then includes the start, which is small.
  }
}
