/**
 * Runs a program that re2js has compiled, and answers as re2js does. Unlike re2js it can stop at any character and go on
 * later, and it stops looking for matches at a bound. Its states are sets of instructions, as in Thompson's algorithm, and
 * are remembered, as in a lazy DFA (https://swtch.com/~rsc/regexp/regexp1.html), while that saves time.
 */
import type { Range } from './ranges.ts'

/** Work that can stop: it yields at least every half millisecond, and returns its result. */
export type Work<T> = Generator<undefined, T>

/** re2js's `Inst` and `Prog`, as far as they are read here. */
export interface Instruction {
  readonly op: number
  readonly out: number
  readonly arg: number
  readonly runes: ArrayLike<number>
  matchRune(rune: number): boolean
}

export interface Compiled {
  readonly inst: readonly Instruction[]
  readonly start: number
}

/** `Inst.op`; all that is not here (FAIL, look-behinds, which patterns cannot have) matches nothing. */
const OP = {
  alt: 1,
  altMatch: 2,
  capture: 3,
  empty: 4,
  match: 6,
  nop: 7,
  rune: 8,
  rune1: 9,
  any: 10,
  anyButNewline: 11,
}

/** What an empty-width instruction asks of its place: `Utils.EMPTY_*`. */
const AT = { beginLine: 1, endLine: 2, beginText: 4, endText: 8, wordBoundary: 16, noWordBoundary: 32 }
const FAIL = 0 // the instruction at which every program fails
const END = -1 // stands for the rune after the last one
const LATIN1 = 256
const NEWLINE = 0x0a

/** Instructions looked at between two yields: 0.1 ms, and with large character classes half a millisecond. */
const YIELD_EVERY = 10_000
/** What it takes to remember where a state leads. */
const NEW_STEPS = 20
/** Instructions looked at for the ranges of one text at most: 10 to 30 ms. */
const FIND_STEPS = 1_000_000
/** Memory for the states of one program, in bytes, by estimate. */
const STATES_BYTES = 512 * 1024
const STATE_BYTES = LATIN1 * 8 + 200
const TRANSITION_BYTES = 64 // of a rune beyond Latin-1
/** States are forgotten, and remembered anew, only where each has saved so many steps. */
const STEPS_PER_STATE = 10

/** What the rune before a place is to empty-width instructions. */
type Kind = 'begin' | 'newline' | 'word' | 'other'

interface State {
  /** Where threads go on, before empty-width instructions are followed. */
  readonly pcs: Int32Array
  readonly before: Kind
  readonly next: (State | boolean | undefined)[]
  readonly beyond: Map<number, State | boolean>
}

export class Program {
  readonly #inst: readonly Instruction[]
  readonly #start: number
  /** There are empty-width instructions: what a state does depends on the rune before it. */
  readonly #hasEmpty: boolean
  /** A match can only begin where the text does. */
  readonly #isAnchored: boolean
  // Scratch of one step: which instructions it has been at, which of them wait for a rune, and whose threads these are.
  readonly #seen: Int32Array
  #step = 0
  readonly #list: Int32Array
  readonly #begins: Int32Array
  #length = 0
  readonly #stack: Int32Array
  /** Whether a match can begin with a rune of Latin-1; undefined: not known yet. */
  readonly #begin: (boolean | undefined)[] = []
  #states = new Map<number, State[]>()
  #stateCount = 0
  #stateBytes = 0

  constructor({ inst, start }: Compiled) {
    this.#inst = inst
    this.#start = start
    this.#seen = new Int32Array(inst.length)
    this.#list = new Int32Array(inst.length)
    this.#begins = new Int32Array(inst.length)
    this.#stack = new Int32Array(2 * inst.length + 2)
    this.#hasEmpty = inst.some(({ op }) => op === OP.empty)
    this.#clear()
    this.#add(start, 0, ~AT.beginText)
    this.#isAnchored = this.#length === 0
  }

  /** Whether the pattern matches somewhere. */
  *test(text: string): Work<boolean> {
    let state = this.#stateOf(Int32Array.of(this.#start), 'begin')
    let at = 0
    let steps = 0
    let clearedAt = 0
    while (at <= text.length) {
      const rune = at < text.length ? runeAt(text, at) : END
      let next: State | boolean | undefined = rune < LATIN1 ? state.next[rune + 1] : state.beyond.get(rune)
      if (next === undefined) {
        if (this.#stateBytes > STATES_BYTES) {
          if (at - clearedAt < STEPS_PER_STATE * this.#stateCount) return yield* this.#testWithout(text, at, state)
          clearedAt = at
          this.#forget()
        }
        next = this.#transition(state, rune)
        steps += this.#length + NEW_STEPS
      }
      if (typeof next === 'boolean') return next
      state = next
      at += rune > 0xffff ? 2 : 1
      if (++steps < YIELD_EVERY) continue
      steps = 0
      yield
    }
    return false
  }

  /** The rest of `test` from a place on, where remembering states does not pay. */
  *#testWithout(text: string, from: number, { pcs, before }: State): Work<boolean> {
    let [current, next] = [Int32Array.from({ length: this.#inst.length + 1 }), new Int32Array(this.#inst.length + 1)]
    current.set(pcs)
    let count = pcs.length
    let kind = before
    let steps = 0
    for (let at = from; at <= text.length; ) {
      const rune = at < text.length ? runeAt(text, at) : END
      if (this.#follow(current, count, contextOf(kind, rune))) return true
      if (rune === END) return false
      count = this.#advance(rune, next)
      if (count === 0) return false
      ;[current, next] = [next, current]
      kind = kindOf(rune)
      at += rune > 0xffff ? 2 : 1
      steps += this.#length + 1
      if (steps < YIELD_EVERY) continue
      steps = 0
      yield
    }
    return false
  }

  /** The first `count` matches from left to right, as far as they are found within the bound on steps; empty ones too. */
  *find(text: string, count: number): Work<Range[]> {
    const budget = { steps: FIND_STEPS, yieldAt: FIND_STEPS - YIELD_EVERY }
    const matches: Range[] = []
    for (let from = 0; from <= text.length && matches.length < count; ) {
      const found = yield* this.#findFrom(text, from, budget)
      if (!found) break
      matches.push(found)
      const [start, end] = found
      from = end > start ? end : end + (end < text.length && runeAt(text, end) > 0xffff ? 2 : 1)
    }
    return matches
  }

  /** The leftmost match, and of these the one that a backtracking search would find first. */
  *#findFrom(text: string, from: number, budget: Budget): Work<Range | undefined> {
    const size = this.#inst.length + 1
    let [pcs, begins, nextPcs, nextBegins] = Array.from({ length: 4 }, () => new Int32Array(size)) as Four<Int32Array>
    let count = 0
    let found: Range | undefined
    let before = from === 0 ? END : text.charCodeAt(from - 1)
    for (let at = from; at <= text.length; ) {
      const rune = at < text.length ? runeAt(text, at) : END
      const width = rune > 0xffff ? 2 : 1
      if (--budget.steps < 0) return undefined
      if (budget.steps < budget.yieldAt) {
        budget.yieldAt = budget.steps - YIELD_EVERY
        yield
      }
      if (count > 0 || this.#mayBegin(rune)) {
        const context = contextOf(at === 0 ? 'begin' : kindOf(before), rune)
        this.#clear()
        for (let i = 0; i < count; i++) this.#add(pcs[i] as number, begins[i] as number, context)
        if (!found) this.#add(this.#start, at, context)
        budget.steps -= this.#length
        count = 0
        for (let i = 0; i < this.#length; i++) {
          const instruction = this.#inst[this.#list[i] as number] as Instruction
          const begin = this.#begins[i] as number
          if (instruction.op === OP.match) {
            found = [begin, at]
            break // what comes after it has a lower priority
          }
          if (!isMatched(instruction, rune)) continue
          nextPcs[count] = instruction.out
          nextBegins[count++] = begin
        }
        ;[pcs, begins, nextPcs, nextBegins] = [nextPcs, nextBegins, pcs, begins]
      }
      if (count === 0 && (found || (this.#isAnchored && at > 0))) return found
      before = rune
      at += width
    }
    return found
  }

  /** Whether a match can begin with that rune, wherever it stands. */
  #mayBegin(rune: number): boolean {
    if (rune >= LATIN1) return true
    this.#begin[rune + 1] ??= this.#canBegin(rune)
    return this.#begin[rune + 1] as boolean
  }

  #canBegin(rune: number): boolean {
    this.#clear()
    this.#add(this.#start, 0, ~0)
    for (let i = 0; i < this.#length; i++) {
      const instruction = this.#inst[this.#list[i] as number] as Instruction
      if (instruction.op === OP.match || isMatched(instruction, rune)) return true
    }
    return false
  }

  /** What comes after a state with that rune: whether there is a match before it, or that there can be none. */
  #transition(state: State, rune: number): State | boolean {
    const next = this.#transitionTo(state, rune)
    if (rune < LATIN1) state.next[rune + 1] = next
    else {
      state.beyond.set(rune, next)
      this.#stateBytes += TRANSITION_BYTES
    }
    return next
  }

  #transitionTo({ pcs, before }: State, rune: number): State | boolean {
    if (this.#follow(pcs, pcs.length, contextOf(before, rune))) return true
    if (rune === END) return false
    const next = new Int32Array(this.#length + 1)
    const count = this.#advance(rune, next)
    return count > 0 && this.#stateOf(next.subarray(0, count), kindOf(rune))
  }

  /** Brings the threads to the instructions that wait for a rune. Whether one of them is a match. */
  #follow(pcs: Int32Array, count: number, context: number): boolean {
    this.#clear()
    for (let i = 0; i < count; i++) if (this.#add(pcs[i] as number, 0, context)) return true
    return false
  }

  /** Where the threads are after a rune, each place once, and one that begins there. How many there are. */
  #advance(rune: number, next: Int32Array): number {
    const length = this.#length
    this.#step++
    let count = 0
    const take = (pc: number) => {
      if (this.#seen[pc] === this.#step) return
      this.#seen[pc] = this.#step
      next[count++] = pc
    }
    for (let i = 0; i < length; i++) {
      const instruction = this.#inst[this.#list[i] as number] as Instruction
      if (isMatched(instruction, rune)) take(instruction.out)
    }
    if (!this.#isAnchored) take(this.#start)
    return count
  }

  #clear(): void {
    this.#step++
    this.#length = 0
  }

  /** Follows a thread through what needs no rune, what it prefers first. Whether it comes to a match. */
  #add(pc: number, begin: number, context: number): boolean {
    const stack = this.#stack
    let isMatch = false
    let height = 0
    stack[height++] = pc
    while (height > 0) {
      const at = stack[--height] as number
      if (at === FAIL || this.#seen[at] === this.#step) continue
      this.#seen[at] = this.#step
      const { op, out, arg } = this.#inst[at] as Instruction
      if (op === OP.alt || op === OP.altMatch) {
        stack[height++] = arg
        stack[height++] = out
      } else if (op === OP.nop || op === OP.capture || (op === OP.empty && (arg & ~context) === 0)) {
        stack[height++] = out
      } else if (op !== OP.empty) {
        isMatch ||= op === OP.match
        this.#list[this.#length] = at
        this.#begins[this.#length++] = begin
      }
    }
    return isMatch
  }

  #stateOf(pcs: Int32Array, kind: Kind): State {
    const before = this.#hasEmpty ? kind : 'other'
    let hash = before.length
    for (const pc of pcs) hash = Math.imul(hash ^ pc, 0x01000193)
    const alike = this.#states.get(hash) ?? []
    const known = alike.find((state) => state.before === before && isEqual(state.pcs, pcs))
    if (known) return known
    const state: State = { pcs: pcs.slice(), before, next: new Array(LATIN1 + 1), beyond: new Map() }
    this.#states.set(hash, [...alike, state])
    this.#stateCount++
    this.#stateBytes += STATE_BYTES + pcs.length * 4
    return state
  }

  #forget(): void {
    this.#states = new Map()
    this.#stateCount = 0
    this.#stateBytes = 0
  }
}

interface Budget {
  steps: number
  yieldAt: number
}

type Four<T> = [T, T, T, T]

function isMatched(instruction: Instruction, rune: number): boolean {
  if (rune === END) return false
  switch (instruction.op) {
    case OP.rune1:
      return instruction.runes[0] === rune
    case OP.rune:
      return instruction.matchRune(rune)
    case OP.any:
      return true
    default:
      return instruction.op === OP.anyButNewline && rune !== NEWLINE
  }
}

/** A lone surrogate is a rune of its own. */
function runeAt(text: string, at: number): number {
  return text.codePointAt(at) ?? END
}

function kindOf(rune: number): Kind {
  return rune === NEWLINE ? 'newline' : isWord(rune) ? 'word' : 'other'
}

/** Letters, digits and the underscore of ASCII. */
function isWord(rune: number): boolean {
  return (
    (rune >= 0x61 && rune <= 0x7a) || (rune >= 0x30 && rune <= 0x39) || (rune >= 0x41 && rune <= 0x5a) || rune === 0x5f
  )
}

/** What empty-width instructions may ask for between two runes. */
function contextOf(before: Kind, rune: number): number {
  const isBoundary = (before === 'word') !== isWord(rune)
  let context = isBoundary ? AT.wordBoundary : AT.noWordBoundary
  if (before === 'begin') context |= AT.beginText | AT.beginLine
  if (before === 'newline') context |= AT.beginLine
  if (rune === END) context |= AT.endText | AT.endLine
  if (rune === NEWLINE) context |= AT.endLine
  return context
}

function isEqual(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((each, index) => each === b[index])
}
