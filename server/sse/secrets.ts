/**
 * What looks like a secret among a container's facts is masked before it leaves: labels hold passwords of proxies
 * (`traefik.http.middlewares.auth.basicauth.users=ada:$2y$...`), tokens, addresses with credentials. By name and by value, and
 * rather too much than too little: whoever may read labels at the engine finds them there.
 */

export const MASK = '***'

/** Parts of names, wherever they stand: `DB_PASSWORD`, `accessTokenFile`. */
const SECRET_PART =
  /passw|passphrase|passcode|secret|token|credential|basicauth|digestauth|htpasswd|authorization|api[-_.]?key|(?:private|access|account|encryption|signing|shared|master|session)[-_.]?key|connection[-_.]?string|webhook/i
/** Words of names, which would be found inside of others: `author`, `compass`, `keyboard`. */
const SECRET_WORD = /^(?:pass|pwd|pw|auth|oauth|key|keys|jwt|dsn|cred|creds|salt|bearer|cookie|otp|totp)$/i

/** Forms of values. Each is found in one pass, however long the value is. */
const SECRET_VALUES: readonly RegExp[] = [
  /\$(?:apr1|2[abxy]?|5|6|y|argon2[a-z]*|scrypt|pbkdf2[-a-z0-9]*)\$/i, // crypt(5), as htpasswd writes it
  /\{(?:SHA|SSHA|MD5|CRYPT|PLAIN)\d*\}/i,
  /(?:passw(?:or)?d|passphrase|pwd|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|credentials?|sig|signature|auth)["']?\s{0,9}[=:]\s{0,9}["']?[^\s"',;]/i,
  /--?(?:passw(?:or)?d|passphrase|pwd|secret|token|api-?key)\s{1,9}[^\s-]/i,
  /\b(?:bearer|basic)\s{1,9}[\w+/=.~-]{8}/i,
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY/,
  /\beyJ[\w-]{10}/, // JSON in base64: a JSON Web Token
  /\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|npm_|pypi-|dckr_pat_|hv[sb]\.|sk-|sk_live_|rk_live_|whsec_)\w{8}/,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[\w-]{30}/,
]

/** The value of a label (or of a setting of that name) without what looks like a secret. */
export function masked(name: string, value: string): string {
  if (value === '') return value
  const isSecret = SECRET_PART.test(name) || wordsOf(name).some((word) => SECRET_WORD.test(word))
  if (isSecret || SECRET_VALUES.some((form) => form.test(value))) return MASK
  return withoutCredentials(value)
}

/** `accessKeyId` and `ACCESS_KEY_ID` have the same words. */
function wordsOf(name: string): string[] {
  return name.replaceAll(/([a-z0-9])(?=[A-Z])/g, '$1 ').split(/[^A-Za-z0-9]+/)
}

/** Masks the user and password of each URL: `postgres://***@db/shop`. */
function withoutCredentials(value: string): string {
  const [first = '', ...rest] = value.split('://')
  return [first, ...rest.map(withoutUserInfo)].join('://')
}

/** What follows `://`. A password is found that holds a `/` or another character that should have been encoded, too. */
function withoutUserInfo(rest: string): string {
  const end = rest.search(/[\s"'<>]/)
  const address = end < 0 ? rest : rest.slice(0, end)
  const at = address.lastIndexOf('@')
  if (at < 0) return rest
  const authority = address.split(/[/?#]/, 1)[0] ?? ''
  const hasUserInfo = authority.includes('@') || /:(?!\d{0,5}$)/.test(authority.replace(/^\[[^\]]*\]/, ''))
  if (!hasUserInfo) return rest // the @ is of a path: https://esm.sh/react@19
  return `${MASK}${rest.slice(authority.includes('@') ? authority.lastIndexOf('@') : at)}`
}
