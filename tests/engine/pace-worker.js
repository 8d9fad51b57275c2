/**
 * The thread that writes lines into a container's pipes at a rate: started by pace.ts, plain JavaScript because a worker
 * gets no TypeScript from Node 20. It sleeps on the stop flag itself, so it is exact to some 0.1 ms and ends at once.
 */
import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'

/**
 * @typedef {object} Job
 * @property {string[]} paths the pipes, written to by turns
 * @property {number} lines
 * @property {number} perSecond
 * @property {string} template
 * @property {number} first
 * @property {Int32Array} stopped becomes 1 when it is to end
 */

/** A pipe holds 64 KiB; half of it a write keeps the reader and us both busy. */
const BURST_BYTES = 32 * 1024

/** How long to wait when the container does not read (it is paused, or its daemon is slow or dead). */
const FULL_RETRY_MS = 1

const job = /** @type {Job} */ (workerData)
const pipes = job.paths.map((path) => openSync(path, constants.O_WRONLY | constants.O_NONBLOCK))
const began = performance.now()
const { written, behindMs } = job.perSecond === Number.POSITIVE_INFINITY ? burst() : paced()
const seconds = (performance.now() - began) / 1000
for (const pipe of pipes) closeSync(pipe)
parentPort?.postMessage({ written, seconds, behindMs })

/** A write a line, each at its own time. */
function paced() {
  let latest = 0
  let n = 0
  for (; n < job.lines; n++) {
    const due = began + (n * 1000) / job.perSecond
    sleepUntil(due)
    if (isStopped()) break
    latest = Math.max(latest, performance.now() - due)
    send(pipes[n % pipes.length] ?? 0, Buffer.from(`${line(n)}\n`))
  }
  return { written: n, behindMs: latest }
}

/** As much as the container takes: many lines a write, whole lines always. */
function burst() {
  let n = 0
  while (n < job.lines && !isStopped()) {
    /** @type {string[]} */
    const texts = pipes.map(() => '')
    for (let length = 0; n < job.lines && length < BURST_BYTES; n++) {
      const text = `${line(n)}\n`
      texts[n % pipes.length] += text
      length += text.length
    }
    for (const [index, pipe] of pipes.entries()) send(pipe, Buffer.from(texts[index] ?? ''))
  }
  return { written: n, behindMs: 0 }
}

/** @param {number} index */
function line(index) {
  const text = job.template.replaceAll('{n}', String(job.first + index))
  return text.includes('{us}') ? text.replaceAll('{us}', String(nowMicroseconds())) : text
}

function nowMicroseconds() {
  return Math.round((performance.timeOrigin + performance.now()) * 1000)
}

/** @param {number} due of performance.now() */
function sleepUntil(due) {
  for (let left = due - performance.now(); left > 0 && !isStopped(); left = due - performance.now()) {
    Atomics.wait(job.stopped, 0, 0, left)
  }
}

function isStopped() {
  return Atomics.load(job.stopped, 0) === 1
}

/**
 * Never blocks in the kernel: a thread that does cannot be ended. If it is stopped inside a line while the container
 * does not read, the line stays unfinished; that is only done when the container is removed.
 * @param {number} pipe
 * @param {Buffer} bytes
 */
function send(pipe, bytes) {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(pipe, bytes, at)
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EAGAIN') throw error
      if (isStopped()) return
      Atomics.wait(job.stopped, 0, 0, FULL_RETRY_MS)
    }
  }
}
