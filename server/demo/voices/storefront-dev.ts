/** A development server on a terminal: colours, and lines that end in `\r\n`. */
import type { Say, Voice } from '../log.ts'
import { LAMPS } from '../story.ts'
import { twelve } from './write.ts'

const CYAN = '\x1b[36m'
const GREEN = '\x1b[32m'
const YELLOW = '\x1b[33m'
const RED = '\x1b[31m'
const BOLD = '\x1b[1m'
const DIM = '\x1b[2m'
const END = '\x1b[0m'

export const storefrontDev: Voice = ({ start, random }, say) => {
  const write = (at: number, text: string) =>
    say(at, `${DIM}${twelve(start + at)}${END} ${CYAN}${BOLD}[vite]${END} ${text}`)
  for (let at = random.int(2000, 25_000); at < 58_000; at += random.int(9000, 32_000)) {
    const lamp = random.pick(LAMPS).slug
    const file = random.pick(['LampCard.tsx', 'Basket.tsx', 'rooms.css', `lamps/${lamp}.mdx`])
    const roll = random.next()
    if (roll < 0.8) write(at, `${GREEN}hmr update${END} ${DIM}/src/${file}${END}`)
    else if (roll < 0.92) write(at, `${GREEN}page reload${END} ${DIM}src/${file}${END}`)
    else if (roll < 0.97) write(at, `${YELLOW}warning: "${lamp}" has no alternative text${END}`)
    else {
      write(at, `${RED}Internal server error: Expected "}" but found end of file${END}`)
      say(at + 1, `  File: ${CYAN}/srv/storefront/src/${file}${END}:${random.int(12, 80)}:1`)
    }
  }
}

export const storefrontDevOpening = (say: Say) => {
  say(420, `\n  ${GREEN}${BOLD}VITE${END}${GREEN} v7.2.2${END}  ${DIM}ready in${END} ${BOLD}412${END} ms\n`)
  say(421, `  ${GREEN}➜${END}  ${BOLD}Local${END}:   ${CYAN}http://localhost:${BOLD}5173${END}${CYAN}/${END}`)
  say(422, `  ${GREEN}➜${END}  ${BOLD}Network${END}: ${CYAN}http://192.0.2.21:${BOLD}5173${END}${CYAN}/${END}`)
}
