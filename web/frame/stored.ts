/** Small choices that outlive the page. Storage may be denied: then they last as long as the page does. */

export function readStored(name: string): string | undefined {
  try {
    return localStorage.getItem(`sluice.${name}`) ?? undefined
  } catch {
    return undefined
  }
}

export function store(name: string, value: string): void {
  try {
    localStorage.setItem(`sluice.${name}`, value)
  } catch {
    // The choice holds for this page.
  }
}
