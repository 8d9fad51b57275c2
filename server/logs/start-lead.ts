/**
 * Docker stamps a container's start, and the end of a pause, later than the first lines that follow it, by this at most: these
 * events belong before lines that are so much older.
 */
export const START_LEAD_MS = 500
