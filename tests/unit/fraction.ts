import fc from 'fast-check'

/** Even from 0 to 1, where most of fast-check's doubles are next to 0. */
export const fraction = fc.nat(1_000_000).map((millionths) => millionths / 1_000_000)
