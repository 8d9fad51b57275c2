/**
 * What the Engine API says about a container and about itself: the bodies of `/containers/json`,
 * `/containers/{id}/json`, `/version` and `/info`, with the fields that clients read.
 * https://docs.docker.com/reference/api/engine/version/v1.51/
 */
import type { DemoContainer } from './containers.ts'
import { random } from './random.ts'
import { instant, rfc3339 } from './time.ts'

export const API_VERSION = '1.51'
export const MIN_API_VERSION = '1.24'
const ENGINE_VERSION = '28.5.1'

/** An element of `/containers/json`. */
export function summary(container: DemoContainer, now: number) {
  const { id, name, image, command, labels, life } = container
  const state = life.stateAt(now)
  return {
    Id: id,
    Names: [`/${name}`],
    Image: image,
    ImageID: imageId(image),
    Command: command.map((part) => (/[\s;]/.test(part) ? `'${part}'` : part)).join(' '),
    Created: Math.floor(life.created / 1000),
    Ports: [],
    Labels: labels,
    State: state.status,
    Status: statusText(container, now),
    HostConfig: { NetworkMode: 'bridge' },
    NetworkSettings: { Networks: {} },
    Mounts: [],
  }
}

/** The body of `/containers/{id}/json`. */
export function inspection({ id, name, image, command, labels, tty, restart, life }: DemoContainer, now: number) {
  const state = life.stateAt(now)
  const running = state.status !== 'exited'
  return {
    Id: id,
    Created: time(life.created),
    Path: command[0],
    Args: command.slice(1),
    State: {
      Status: state.status,
      Running: running,
      Paused: false,
      Restarting: state.status === 'restarting',
      OOMKilled: state.oomKilled,
      Dead: false,
      Pid: state.status === 'running' ? random(id, state.startedAt).int(900, 32_000) : 0,
      ExitCode: state.exitCode,
      Error: '',
      StartedAt: time(state.startedAt),
      FinishedAt: state.finishedAt === undefined ? '0001-01-01T00:00:00Z' : time(state.finishedAt),
      ...(state.health && {
        Health: { Status: state.health, FailingStreak: state.health === 'healthy' ? 0 : 3, Log: [] },
      }),
    },
    Image: imageId(image),
    Name: `/${name}`,
    RestartCount: state.restartCount,
    Driver: 'overlay2',
    Platform: 'linux',
    Mounts: [],
    Config: {
      Hostname: id.slice(0, 12),
      User: '',
      AttachStdin: false,
      AttachStdout: true,
      AttachStderr: true,
      Tty: tty,
      OpenStdin: tty,
      StdinOnce: false,
      Env: [],
      Cmd: command.slice(1),
      Image: image,
      WorkingDir: '',
      Entrypoint: [command[0]],
      Labels: labels,
    },
    HostConfig: {
      LogConfig: { Type: 'json-file', Config: {} },
      NetworkMode: 'bridge',
      RestartPolicy: { Name: restart, MaximumRetryCount: 0 },
    },
    NetworkSettings: { Networks: {} },
  }
}

export function version() {
  return {
    Platform: { Name: 'Sluice demo engine' },
    Version: ENGINE_VERSION,
    ApiVersion: API_VERSION,
    MinAPIVersion: MIN_API_VERSION,
    Os: 'linux',
    Arch: 'amd64',
    KernelVersion: '6.12.57',
    Components: [{ Name: 'Engine', Version: ENGINE_VERSION, Details: { ApiVersion: API_VERSION, Os: 'linux' } }],
  }
}

export function info(seed: number, containers: DemoContainer[], now: number) {
  const count = (status: string) => containers.filter(({ life }) => life.stateAt(now).status === status).length
  return {
    ID: random(seed, 'engine').hex(32),
    Name: 'demo',
    Containers: containers.length,
    ContainersRunning: containers.length - count('exited'),
    ContainersPaused: 0,
    ContainersStopped: count('exited'),
    Images: new Set(containers.map(({ image }) => image)).size,
    Driver: 'overlay2',
    LoggingDriver: 'json-file',
    SystemTime: time(now),
    OperatingSystem: 'Sluice demo engine',
    OSType: 'linux',
    Architecture: 'x86_64',
    NCPU: 2,
    MemTotal: 4_294_967_296,
    ServerVersion: ENGINE_VERSION,
    Labels: [],
    Warnings: [],
  }
}

/** `Up 2 hours (healthy)`, in the words of Docker's `State.String()`. */
function statusText({ life }: DemoContainer, now: number): string {
  const { status, startedAt, finishedAt, exitCode, health } = life.stateAt(now)
  const ended = `(${exitCode}) ${duration(now - (finishedAt ?? now))} ago`
  if (status === 'exited') return `Exited ${ended}`
  if (status === 'restarting') return `Restarting ${ended}`
  return `Up ${duration(now - startedAt)}${health ? ` (${health})` : ''}`
}

/** As go-units' `HumanDuration` says it. */
function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  if (seconds < 1) return 'Less than a second'
  if (seconds === 1) return '1 second'
  if (seconds < 60) return `${seconds} seconds`
  const minutes = Math.floor(seconds / 60)
  if (minutes === 1) return 'About a minute'
  if (minutes < 60) return `${minutes} minutes`
  const hours = Math.round(minutes / 60)
  if (hours === 1) return 'About an hour'
  if (hours < 48) return `${hours} hours`
  return `${Math.floor(hours / 24)} days`
}

function imageId(image: string): string {
  return `sha256:${random('image', image).hex(64)}`
}

/** With nine digits; Docker drops zeros at the end. */
function time(ms: number): string {
  return rfc3339(instant(ms + 0.417_305)).replace(/0+Z$/, 'Z')
}
