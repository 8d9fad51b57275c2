/** The strip over the page that says what one has to know of the hosts: what is shown is a sample, or a proxy forbids something. */
import { For, type JSX, Show } from 'solid-js'
import type { EngineProblem, Host } from '../../server/wire.ts'

/**
 * The sample containers say that they are that, why they are shown, and how to see real ones. Goes when they go. Of a real
 * host that is connected: what a proxy before it forbids.
 */
export function HostBanner(props: { hosts: readonly Host[] }): JSX.Element {
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
            <Show
              when={host().problems.length > 0}
              fallback={
                <p>
                  To see your own containers, start Sluice without <code>--demo</code>.
                </p>
              }
            >
              <p>
                Start Docker or Podman, or name the engine with <code>--docker-host</code> or{' '}
                <code>SLUICE_DOCKER_HOST</code>. This page switches over by itself when one answers.
              </p>
            </Show>
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

export function Problems(props: { problems: readonly EngineProblem[] }): JSX.Element {
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
