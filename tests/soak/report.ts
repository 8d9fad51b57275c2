/** What a soak says in the end: one summary, or the first difference with all that is needed to understand it. */
import type { LineNote } from './lines.ts'
import type { Finding, SoakOptions, SoakResult } from './run.ts'
import type { Session } from './session.ts'

/** Lines shown before and after the difference, on both sides. */
const CONTEXT = 10
const SHOWN_FINDINGS = 5
const SHOWN_OFFENCES = 10

export function isClean({ findings, offences, torn }: SoakResult): boolean {
  return findings.length === 0 && offences.length === 0 && torn.length === 0
}

/** A few lines. */
export function summary({ seed, seconds }: SoakOptions, result: SoakResult): string {
  const { journal, sessions } = result
  const kinds = counted(sessions.map(({ plan }) => plan.kind))
  const sum = (of: (session: Session) => number) => sessions.reduce((total, session) => total + of(session), 0)
  const gaps = sessions.flatMap(({ inboxes }) => [...inboxes.values()].flatMap(({ gaps }) => gaps))
  const faults = ['way', 'container', 'daemon', 'sluice'].map((group) => `${group}: ${listed(journal.counts(group))}`)
  return [
    `seed ${seed}, ${seconds} s; ${faults.join('; ')}`,
    `${result.linesWritten} lines written; sessions: ${listed(kinds)}; ${sum(({ resumes }) => resumes)} resumes; ` +
      `${sum(({ received }) => received)} lines received; gaps: ${listed(counted(gaps.map(({ reason }) => reason)))}; ` +
      `${result.missing} lines missing where a log was damaged; ` +
      `Sluice's peak ${result.sluicePeakMiB.toFixed(0)} MiB`,
  ].join('\n')
}

/** All there is to say of a soak that is not clean. */
export function failure(options: SoakOptions, result: SoakResult): string {
  const { journal, findings, offences, torn, sluiceLog } = result
  return [
    `What was done (seconds):\n${journal.text()}`,
    `The end of Sluice's log:\n${sluiceLog.slice(-6_000)}`,
    ...distinct(findings)
      .slice(0, SHOWN_FINDINGS)
      .map((finding) => described(finding, result)),
    ...(findings.length > 0 ? [`${findings.length} differences:\n${findings.map(headline).join('\n')}`] : []),
    ...offences.slice(0, SHOWN_OFFENCES),
    ...(torn.length > 0 ? [`Torn in the reference, the harness's own failure:\n${torn.join('\n')}`] : []),
    summary(options, result),
    `NOT CLEAN. Again: npm run soak -- --seed ${options.seed}`,
  ].join('\n\n')
}

/** One for each place of a log: what a container's feed lacks, each of its sessions lacks. */
function distinct(findings: readonly Finding[]): Finding[] {
  const byPlace = new Map(findings.map((finding) => [placeOf(finding), finding]))
  return [...byPlace.values()]
}

function placeOf({ container, difference: { tenure, expected } }: Finding): string {
  return `${container}, line ${expected} of tenure ${tenure}`
}

function headline(finding: Finding): string {
  const { session, difference } = finding
  return `${difference.what}: ${session.name}, ${placeOf(finding)}: ${difference.detail}`
}

function described(finding: Finding, { journal }: SoakResult): string {
  const { session, container, tenures, difference } = finding
  const tenure = tenures[difference.tenure]
  const inbox = session.inboxes.get(container)
  const connections = session.connections.map(({ at, until, from, ended, lines, url }) => {
    const end = until === undefined ? 'open' : `${journal.seconds(until)} ${ended}`
    return `  ${journal.seconds(at)} to ${end}: ${lines} lines, after "${from}" ${new URL(url).port}`
  })
  const gaps = inbox?.gaps.map(({ before, reason, at }) => `  ${journal.seconds(at)} ${reason} before line ${before}`)
  const incarnations = inbox?.incarnations.map(({ from, incarnation }) => `  from line ${from}: ${incarnation}`)
  const stays = tenures.map(({ incarnation, from, to, removedAt, isGone }, at) => {
    const removed = removedAt === undefined ? '' : `, removed at ${journal.seconds(removedAt)}`
    return `  ${at}: ${incarnation} lines ${from} to ${to}${removed}${isGone ? ', rotating' : ''}`
  })
  return [
    `DIFFERENCE: ${headline(finding)}`,
    `${session.plan.path}`,
    `Received line ${difference.received}`,
    `Connections:\n${connections.join('\n')}`,
    `Gaps:\n${gaps?.join('\n')}`,
    `Received incarnations:\n${incarnations?.join('\n')}`,
    `Tenures of the name:\n${stays.join('\n')}`,
    `Received:\n${around(difference.received, inbox?.lines.length ?? 0, (at) => inbox?.lines.note(at))}`,
    `Docker's (${tenure?.incarnation}):\n${around(difference.expected, tenure?.lines.length ?? 0, (at) => tenure?.lines.note(at))}`,
  ].join('\n')
}

function around(middle: number, length: number, note: (at: number) => LineNote | undefined): string {
  const rows: string[] = []
  for (let at = Math.max(0, middle - CONTEXT); at < Math.min(length, middle + CONTEXT + 1); at++) {
    const line = note(at)
    if (!line) continue
    const { time, ordinal, stream, number, truncated, hash } = line
    const mark = at === middle ? '>' : ' '
    rows.push(
      `${mark} ${at}  ${time} ${ordinal} ${stream} n=${number} ${hash.toString(16)}${truncated ? ' truncated' : ''}`,
    )
  }
  return rows.join('\n')
}

function counted(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

function listed(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts)
  return entries.length === 0 ? 'none' : entries.map(([name, count]) => `${count} ${name}`).join(', ')
}
