/** Numbers for people: `48 211`, with thin spaces that do not break. */
export function groupDigits(n: number): string {
  return String(n).replace(/\B(?=(?:\d{3})+$)/g, '\u202f')
}
