/**
 * What crosses the wire to browsers and scripts: JSON shapes of the HTTP interface and of the SSE events. Types only,
 * shared by server and page. All times are RFC 3339 in UTC; log lines carry nanoseconds.
 */

export type Stream = 'stdout' | 'stderr'

/** Severity as people speak of it. Absent where a line names none: a wrong level is worse than none. */
export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'

/** One log line, as it stands in the array of a `message` event. */
export interface Line {
  /** When Docker received the line: `2026-11-22T10:02:03.114000000Z`, always nine digits. */
  time: string
  /** Counts, from 0, the lines of one incarnation that carry the same time. Left out when 0. */
  ordinal?: number
  stream: Stream
  level?: Level
  /** The text as written, ANSI sequences included, without its line ending. Invalid UTF-8 is U+FFFD. */
  message: string
  /** The line was longer than 64 KiB; `message` is its beginning. */
  truncated?: true
}

/** A line of a merged stream. */
export interface MergedLine extends Line {
  /** The container's key. */
  container: string
  incarnation: string
  /** It came too late for its place: later lines of other containers had been sent. */
  late?: true
}

/** Docker's own words for a container's state. */
export type ContainerState = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead'

export type Health = 'starting' | 'healthy' | 'unhealthy'

export interface Container {
  /** What the URL holds: the name, or `name@host` when several engines are configured. */
  key: string
  name: string
  host: string
  /** The full id, 64 hex digits; its first 12 name the incarnation. */
  id: string
  image: string
  state: ContainerState
  health?: Health
  created: string
  started?: string
  finished?: string
  /** Of the last run, while none is under way. */
  exitCode?: number
  oomKilled?: true
  /** Whether somebody ended the last run (`docker stop`, `restart`, `kill`); absent where that is not known. */
  stopped?: boolean
  /** How often the engine has started it again by its restart policy, since somebody last started it. Absent: never. */
  restarts?: number
  /** Compose project and service. */
  project?: string
  service?: string
  /** What its labels say a list is to call it, and the heading that it stands under, instead of name and project. */
  displayName?: string
  group?: string
  /** Its labels say that lists leave it out. */
  hidden?: true
  /** Inside the server all of them; on the wire those that `labels=` names, what looks like a secret masked. */
  labels?: Record<string, string>
}

/** Why an address did not answer as a Docker Engine, or what it forbids, in words for the person who can mend it. */
export interface EngineProblem {
  code: 'no-socket' | 'permission' | 'refused' | 'timeout' | 'tls' | 'not-docker' | 'forbidden' | 'failed'
  /** Where Sluice looked: `unix:///var/run/docker.sock`, `tcp://10.0.0.5:2375`. */
  address: string
  /** One sentence: what happened, and what to check. */
  detail: string
}

/** One engine ("host" in the page). */
export interface Host {
  name: string
  state: 'connecting' | 'connected' | 'unreachable'
  /** The sample containers of the embedded demo engine; `problems` then says why no real one is shown. */
  demo?: true
  /** `Docker 28.2.2`, `Podman 5.4.0`. */
  version?: string
  /** What was tried and failed, in order. When connected to a real engine: what that forbids (code `forbidden`), if anything. */
  problems: EngineProblem[]
}

/** `containers` event: first a snapshot of everything, then changes. */
export type ContainersEvent =
  | { kind: 'snapshot'; hosts: Host[]; containers: Container[] }
  | { kind: 'change'; hosts?: Host[]; changed?: Container[]; removed?: string[] }

/** One run of a container, from its start to its end. Times as in {@link Line}. */
export interface Run {
  incarnation: string
  /** Absent where only its end is known. */
  started?: string
  /** Absent while it runs. */
  finished?: string
  exitCode?: number
  oomKilled?: true
  /** Whether somebody ended it (`docker stop`, `restart`, `kill`); absent where that is not known. */
  stopped?: boolean
}

/**
 * `state` event: what happened to the container, in its place among the lines. A stream opens with one that tells how
 * the container is now, before any line; `absent` is for a name that no container carries (`wait=true`).
 */
export interface StateEvent {
  container: string
  state:
    | 'created'
    | 'started'
    | 'stopped'
    | 'died'
    | 'oom'
    | 'restarting'
    | 'paused'
    | 'unpaused'
    | 'renamed'
    | 'removed'
    | 'recreated'
    | 'health'
    | 'absent'
  exitCode?: number
  /** With `died`: somebody ended it (`docker stop`, `restart`, `kill`). */
  stopped?: true
  health?: Health
  /** The first 12 hex digits of the container's id; absent when `state` is `absent`. */
  incarnation?: string
  at: string
  /** With `absent`: the names that come closest, best first. */
  closest?: string[]
  /** With `recreated`: the images before and after, where they differ. */
  images?: [before: string, after: string]
  /** In the event that a stream opens with: the container's latest runs, as far as they are known, oldest first. */
  runs?: Run[]
}

/** `gap` event: lines that exist or existed, and cannot be had. */
export interface GapEvent {
  /** Absent in a merged stream that resumes after a container nobody knows any more. */
  container?: string
  /** Cursors of the last line before and the first line after, where known. */
  from?: string
  to?: string
  reason: 'rotated' | 'removed' | 'unknown-cursor' | 'unreadable-driver' | 'damaged'
  /** With `unreadable-driver`: the driver. */
  driver?: string
  /** With `unreadable-driver` and `damaged`: why, in Docker's own words; or the text that Docker gave without a time. */
  detail?: string
}

/** A line of NDJSON that is followed: a line of the log, or in the place of missing ones what a `gap` event says. */
export type NdjsonLine = MergedLine | { gap: GapEvent }

/** `GET /api/containers/:key/logs`: a page of a container's log. */
export interface LogPage {
  container: string
  /** That of all of its lines. */
  incarnation: string
  /** In the engine's order. */
  lines: Line[]
  /**
   * Cursors: `before=` the one and `after=` the other are the neighbouring pages. With filters, the first and the last line
   * that was looked at. Null where the log was empty.
   */
  before: string | null
  after: string | null
  /** There is nothing before it, or after it, as far as the engine has it now. */
  atStart: boolean
  atEnd: boolean
  /** The line that the cursor names cannot be had: why. The page is what there is instead. */
  gap?: GapEvent['reason']
  /** Where Docker cannot read the log: `at` counts the lines before it, `detail` says why. */
  damages?: { at: number; detail: string }[]
}

/** A line that a search found, as it stands in the array of a search's `message` event. */
export interface Match extends Line {
  cursor: string
  /** The container's key; only where several are searched. */
  container?: string
  /** Where in `message` the text and the pattern stand, `[start, end)` in UTF-16 code units; the first 100 of them. */
  ranges: (readonly [start: number, end: number])[]
  /** With `context`: the lines around it, in the engine's order. */
  before?: Line[]
  after?: Line[]
}

/** `progress` event of a search. */
export interface SearchProgress {
  /** Lines looked at, and about how many there are, where that is known. */
  lines: number
  of?: number
  /** Every match up to that time has been sent. */
  scannedTo?: string
}

/** `done` event of a search, its last. */
export interface SearchDone {
  /** There is no more to search, for now if it went forward. */
  complete: boolean
  /**
   * With `before=`, or `after=` for a search forward, what goes on from here. Null where nothing is left. A search forward
   * that is complete has one, with which a stream goes on.
   */
  next: string | null
  lines: number
  matches: number
}

/** RFC 9457 problem details, `application/problem+json`. */
export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  /** With 400: the query parameter that was not understood. */
  parameter?: string
  /** With 404: the names that come closest, best first. */
  closest?: string[]
}
