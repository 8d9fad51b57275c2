/** What there is to say where a host has nothing to show: none answers, or none has containers. */
import type { JSX } from 'solid-js'
import type { Host } from '../../server/wire.ts'
import { Notice } from '../frame/notice.tsx'
import { Problems } from './host-banner.tsx'

/** No engine answers: where Sluice looked, what happened there, what to check. */
export function UnreachableNotice(props: { hosts: readonly Host[] }): JSX.Element {
  const problems = () => props.hosts.flatMap((host) => host.problems)
  return (
    <Notice title={props.hosts.length === 1 ? 'Docker does not answer' : 'No Docker host answers'}>
      <p>Sluice keeps trying. Logs appear here as soon as one answers.</p>
      <Problems problems={problems()} />
      <p>
        To look elsewhere, start Sluice with <code>--docker-host</code> or <code>SLUICE_DOCKER_HOST</code>.
      </p>
    </Notice>
  )
}

export function NoContainersNotice(props: { hosts: readonly Host[] }): JSX.Element {
  return (
    <Notice title={`No containers on ${props.hosts.map((host) => host.name).join(', ') || 'this host'}`}>
      <p>When one is started it appears here by itself. To try it:</p>
      <pre>docker run --rm --name hello alpine ping localhost</pre>
    </Notice>
  )
}
