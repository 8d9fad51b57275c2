/** A row of a log's page, for tests that care for some of what it is. */
import type { Row } from '../../../web/log/line-store.ts'

export function row(text: string, more: Partial<Row> = {}): Row {
  return {
    kind: 'stdout',
    level: undefined,
    seconds: 1_795_341_723,
    nanos: 114_000_000,
    ordinal: 0,
    incarnation: 'a1b2c3d4e5f6',
    source: '',
    text,
    truncated: false,
    ...more,
  }
}
