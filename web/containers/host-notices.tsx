/** What there is to say about the hosts: none answers, none has containers, or what is shown is a sample. */
import { For, type JSX, Show } from 'solid-js'
import type { EngineProblem, Host } from '../../server/wire.ts'
import { Notice } from '../frame/notice.tsx'

/** No engine answers: where Sluice looked, what happened there, what to check. */
export function UnreachableNotice(props: { hosts: readonly Host[] }): JSX.Element {
  const problems = () => props.hosts.flatMap((host) => host.problems)
  return (
    <Notice title={props.hosts.length === 1 ? 'Docker does not answer' : 'No Docker host answers'}>
      <p>Sluice keeps trying. This page goes on by itself as soon as one does.</p>
      <Problems problems={problems()} />
      <p>
        To look elsewhere, start Sluice with <code>--docker-host</code> or <code>SLUICE_DOCKER_HOST</code>.
      </p>
    </Notice>
  )
}

function Problems(props: { problems: readonly EngineProblem[] }): JSX.Element {
  return (
    <ul class="problems">
      <For each={props.problems}>
        {(problem) => (
          <li>
            <code>{problem.address}</code>
            {problem.detail}
          </li>
        )}
      </For>
    </ul>
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

/**
 * The sample containers say that they are that, why they are shown, and how to see real ones. Goes when they go. Of a real
 * host that is connected: what a proxy before it forbids.
 */
export function DemoBanner(props: { hosts: readonly Host[] }): JSX.Element {
  const demo = () => props.hosts.find((host) => host.demo === true)
  const forbidden = () =>
    props.hosts.filter((host) => host.state === 'connected' && !host.demo).flatMap((host) => host.problems)
  return (
    <Show when={demo()} fallback={<ForbiddenBanner problems={forbidden()} />}>
      {(host) => (
        <details class="banner">
          <summary>
            <b>Sample containers.</b>
            <span class="why">{host().problems.length === 0 ? 'Started with --demo.' : 'No Docker answered.'}</span>
            <u>How to see yours</u>
          </summary>
          <div>
            <Show when={host().problems.length > 0}>
              <p>Sluice looked here:</p>
              <Problems problems={host().problems} />
            </Show>
            <p>
              Start Docker or Podman, or name the engine with <code>--docker-host</code> or{' '}
              <code>SLUICE_DOCKER_HOST</code>.
              <Show when={host().problems.length > 0}> This page switches over by itself when one answers.</Show>
            </p>
          </div>
        </details>
      )}
    </Show>
  )
}

function ForbiddenBanner(props: { problems: readonly EngineProblem[] }): JSX.Element {
  return (
    <Show when={props.problems.length > 0}>
      <details class="banner">
        <summary>
          <b>Docker forbids a request.</b>
          <u>Details</u>
        </summary>
        <div>
          <Problems problems={props.problems} />
        </div>
      </details>
    </Show>
  )
}
