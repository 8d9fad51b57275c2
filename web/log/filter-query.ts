/** The server's parameters for the lines that a look shows, those of its search included. Loaded where a search leaves lines out. */
import { type Look, lineQuery, showsOnlyMatches } from '../frame/place.ts'
import { ask } from './wanted.ts'

export function filterQuery(look: Look): Record<string, string> {
  const query = lineQuery(look)
  if (!showsOnlyMatches(look)) return query
  const { q, regex, matchCase, word } = look
  const asked = ask({ text: q, regex, matchCase, word })
  return 'error' in asked ? query : { ...query, ...asked.query }
}
