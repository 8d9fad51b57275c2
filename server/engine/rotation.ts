/**
 * How much of a log its driver keeps when it rotates the log's files. Sources: Docker's "JSON File logging driver" and
 * "Local file logging driver"; moby: daemon/logger/loggerutils/logfile.go (a file is closed before the line that would not
 * fit, and with a single file all of it goes).
 */

/** What a driver does where nothing is set. Drivers that are not here do not rotate, or not by size. */
const DEFAULTS: Readonly<Record<string, { size: string | undefined; files: number }>> = {
  'json-file': { size: undefined, files: 1 },
  local: { size: '20m', files: 5 },
}
const UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, k: 1e3, m: 1e6, g: 1e9 }
/** Up to a line less than its size may be in a file: of the largest that Docker writes as one. */
const SLACK_BYTES = 32 * 1024

/** Engine API, `HostConfig.LogConfig`. */
export interface LogConfig {
  readonly Type?: string
  readonly Config?: Readonly<Record<string, string>> | null
}

/** Bytes of its files that a log has at least once its beginning was rotated away; undefined where it never is. */
export function keptBytes({ Type = '', Config }: LogConfig): number | undefined {
  const defaults = DEFAULTS[Type]
  const size = bytesOf(Config?.['max-size'] ?? defaults?.size ?? '')
  if (!defaults || size === undefined) return undefined
  const files = Number(Config?.['max-file'] ?? defaults.files)
  return Math.max(0, files - 1) * Math.max(0, size - SLACK_BYTES)
}

/** Of `10m`, as Docker reads it; undefined for no size, and for -1, which is none. */
function bytesOf(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?) ?([bkmg]?)b?$/i.exec(text) ?? []
  return number === undefined ? undefined : Number(number) * (UNITS[unit.toLowerCase()] ?? 1)
}
