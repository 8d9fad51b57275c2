/** What is measured, and what it has to be: the names, units and bars of GOALS.md, and the words for the table. */

export interface Goal {
  readonly what: string
  readonly unit: string
  readonly bar: number
  /** Default `lower`. */
  readonly better?: 'higher'
  /** What stands beside it, measured in the same run. */
  readonly referenceName?: string
  /** Counts lines that were lost or doubled: anything over the bar is a failure, not a matter of speed. */
  readonly isPromise?: true
}

export const GOALS = {
  'latency.idle.p50': {
    what: 'a line written until it is painted, one at a time: median of 60 lines',
    unit: 'ms',
    bar: 12,
    referenceName: 'raw follower, p50 ms',
  },
  'latency.idle.p95': {
    what: 'the same, 95th percentile',
    unit: 'ms',
    bar: 22,
    referenceName: 'raw follower, p95 ms',
  },
  'latency.busy.p95': {
    what: 'the same among 500 other lines a second, 95th percentile of 60 lines',
    unit: 'ms',
    bar: 35,
    referenceName: 'raw follower, p95 ms',
  },
  'latency.busy.missed': {
    what: 'of these 60, lines that were never on screen',
    unit: 'lines',
    bar: 0,
    isPromise: true,
  },
  'latency.text.p95': {
    what: '200 [INFO] lines a second for 8 s, written until at an SSE client, 95th percentile',
    unit: 'ms',
    bar: 3,
    referenceName: 'raw follower, p95 ms',
  },
  'throughput.one': {
    what: '300 000 JSON lines at once to one SSE client: lines/s as a share of raw, by a server that ran before, median of 15 pairs',
    unit: 'x raw',
    bar: 0.94,
    better: 'higher',
    referenceName: 'raw lines/s, median of 15',
  },
  'throughput.cpu': {
    what: 'server CPU per million of these lines, median of 15',
    unit: 's',
    bar: 3.5,
    referenceName: 'CPU of dockerd for the same, s',
  },
  'fanout.100.cpu': {
    what: '100 clients, 2 000 lines/s for 6 s: server CPU',
    unit: 's',
    bar: 1.4,
    referenceName: 'with one client, s',
  },
  'fanout.100.engine': {
    what: 'CPU of dockerd meanwhile, as a multiple of that with one client',
    unit: 'x',
    bar: 1.2,
    referenceName: 'with one client, s',
  },
  'burst.page': {
    what: '200 000 lines at once into an open page until the last is painted, median of 3 pairs',
    unit: 'x raw',
    bar: 1.6,
    referenceName: 'raw, median of 3, s',
  },
  'burst.page.frame': { what: 'longest frame meanwhile, median of 3 bursts', unit: 'ms', bar: 100 },
  'burst.page.apart': {
    what: 'the same where the browser has cores for itself, as on another machine; engine and Sluice, or raw, share one',
    unit: 'x raw',
    bar: 1.15,
    referenceName: 'raw on that core, median of 3, s',
  },
  'burst.page.apart.frame': { what: 'longest frame meanwhile, median of 3 bursts', unit: 'ms', bar: 50 },
  'page.scroll': {
    what: 'a page of 1M lines, scrolled from end to end in 10 s: frames under 20 ms',
    unit: '%',
    bar: 99,
    better: 'higher',
  },
  'page.scroll.frame': { what: 'longest frame meanwhile', unit: 'ms', bar: 50 },
  'page.memory': { what: 'what the page holds for a line of these, beside its text', unit: 'bytes', bar: 100 },
  'page.search': { what: 'a search of these, from typing until all matches are counted', unit: 'ms', bar: 300 },
  'page.search.first': { what: 'until the first is', unit: 'ms', bar: 50 },
  'resume.missing': {
    what: '12 cuts of 1 s while 500 lines/s are written, resumed by Last-Event-ID: lines lost',
    unit: 'lines',
    bar: 0,
    referenceName: 'lines written',
    isPromise: true,
  },
  'resume.duplicated': {
    what: 'the same: lines that came twice',
    unit: 'lines',
    bar: 0,
    referenceName: 'lines written',
    isPromise: true,
  },
  'slow.missing': {
    what: 'a client stops reading while 400 000 lines pass, then reads on: lines lost',
    unit: 'lines',
    bar: 0,
    referenceName: 'lines written',
    isPromise: true,
  },
  'slow.rss': {
    what: 'growth of the warm server meanwhile, at its highest',
    unit: 'MiB',
    bar: 12,
    referenceName: 'RSS before, MiB',
  },
  'steady.missing': {
    what: 'half an hour, 500 lines/s of 5 containers, 20 sessions that come, go and halt: lines lost by 16 of them',
    unit: 'lines',
    bar: 0,
    referenceName: 'lines expected',
    isPromise: true,
  },
  'steady.duplicated': {
    what: 'the same: lines that came twice',
    unit: 'lines',
    bar: 0,
    referenceName: 'lines expected',
    isPromise: true,
  },
  'steady.rss': {
    what: 'the same: memory in the last quarter beside that in the second, medians',
    unit: 'x',
    bar: 1.1,
    referenceName: 'RSS in the last, MiB',
  },
  'open.big': {
    what: 'a log of 1M lines: request to first line, warm server and cold feed, median of 5',
    unit: 'ms',
    bar: 12,
    referenceName: 'raw, tail=500, median of 5, ms',
  },
  'resume.far': {
    what: 'the same log: resumed 500 000 lines before its end, request to the very next line, median of 5',
    unit: 'ms',
    bar: 500,
    referenceName: 'raw, tail=500000, median of 5, ms',
  },
  'resume.far.flood': {
    what: 'the same in a log that was written as fast as it went, and so at an uneven rate',
    unit: 'ms',
    bar: 500,
    referenceName: 'raw, tail=500000, median of 5, ms',
  },
  'history.page': {
    what: 'a log of 1M lines: the page of 1 000 before a line 500 000 lines back, median of 5',
    unit: 'ms',
    bar: 320,
    referenceName: 'raw, tail, closed early, median of 5, ms',
  },
  'history.around': {
    what: 'the page of 1 000 around the time of that line, median of 5',
    unit: 'ms',
    bar: 400,
    referenceName: 'raw, since, to the first line, median of 5, ms',
  },
  'download.text': {
    what: 'a log of 1M JSON lines as a text file: lines/s as a share of raw, median of 3 pairs',
    unit: 'x raw',
    bar: 0.9,
    better: 'higher',
    referenceName: 'raw, lines/s',
  },
  'download.rss': { what: 'memory of the server meanwhile, at its highest', unit: 'MiB', bar: 110 },
  'search.newest': {
    what: 'a match 1 000 lines from the end of 1M: until it arrives, median of 5',
    unit: 'ms',
    bar: 50,
    referenceName: 'raw, tail=1000, median of 5, ms',
  },
  'search.whole': {
    what: 'the whole of these, every match, as a multiple of docker logs | grep -c, median of 3 pairs',
    unit: 'x',
    bar: 0.88,
    referenceName: 'docker logs | grep -c, s',
  },
  'search.live.p95': {
    what: 'latency.text.p95 while 10 search the whole of them',
    unit: 'ms',
    bar: 8,
    referenceName: 'raw follower meanwhile, for which no search rests, p95 ms',
  },
  'search.rss': {
    what: 'memory of the server, at its highest, while 10 search and 10 download the whole of them',
    unit: 'MiB',
    bar: 120,
  },
  'stall.pages': {
    what: "1 000 JSON pages asked for and not read: longest delay of the server's event loop",
    unit: 'ms',
    bar: 50,
    referenceName: 'the same of a control process, ms',
  },
  'stall.heads': {
    what: 'the same while 400 HEADs ask for downloads of 200 containers',
    unit: 'ms',
    bar: 50,
    referenceName: 'the same of a control process, ms',
  },
  'stall.merged': {
    what: 'the same while 100 viewers open merged streams of 200 containers, leave, and resume them',
    unit: 'ms',
    bar: 50,
    referenceName: 'the same of a control process, ms',
  },
  'stall.pattern': {
    what: 'patterns made to be slow, refused and admitted, on lines of 65 000 characters: longest delay of the event loop',
    unit: 'ms',
    bar: 50,
    referenceName: "a control server's, ms",
  },
  'stall.containers': {
    what: 'an engine of 10 000 containers comes: longest delay of the event loop, median of 3',
    unit: 'ms',
    bar: 50,
    referenceName: "an idle process's, ms",
  },
  'stall.containers.listed': {
    what: 'the same: from its first request until all are on an open stream, median of 3',
    unit: 'ms',
    bar: 1_500,
  },
  'page.bytes': { what: "cold load of a container's page, transferred without the stream", unit: 'kB', bar: 60 },
  'page.js': { what: 'of these, scripts', unit: 'kB', bar: 48 },
  'page.line': {
    what: 'cold load: navigation until a log line is painted, median of 7',
    unit: 'ms',
    bar: 170,
    referenceName: 'a bare page, median of 7, ms',
  },
  'levels.named': {
    what: 'lines in the manner of programs that the rules were not written with: levels named rightly',
    unit: '%',
    bar: 85,
    better: 'higher',
  },
  'levels.wrong': { what: 'of these lines, named wrongly', unit: '%', bar: 0.2 },
  'levels.cpu': { what: 'to look for the level of such a line, median of 40 rounds', unit: 'us', bar: 1 },
  'idle.rss': { what: 'no viewer, 3 containers, 15 s after the start', unit: 'MiB', bar: 54 },
  'idle.cpu': { what: 'the same, over 20 s', unit: '%', bar: 0.1 },
  start: { what: 'process start until /healthz answers 200, median of 5', unit: 'ms', bar: 220 },
} as const satisfies Record<string, Goal>

export type GoalName = keyof typeof GOALS

export interface Measured {
  readonly name: GoalName
  readonly value: number
  readonly reference?: number
}

export function goalOf(name: GoalName): Goal {
  return GOALS[name]
}

export function isMet({ name, value }: Measured): boolean {
  const { bar, better } = goalOf(name)
  return better === 'higher' ? value >= bar : value <= bar
}
