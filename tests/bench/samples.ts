/** The lines that are written: one a service would write, 150 bytes, so that figures stand for something. */

/** A template of the harness's `pace`: `{n}` is the line's number. */
export const JSON_LINE =
  '{"level":"info","msg":"request served","n":{n},"method":"GET","path":"/api/orders/81723","status":200,"ms":12,"client":"10.0.4.17","service":"shop"}'

/** A number that no other member of the line looks like. */
const NUMBER = /"n":(\d+)/

/** The `{n}` of a line made from `JSON_LINE`; undefined for another. */
export function numberOf(message: string): number | undefined {
  const [, digits] = NUMBER.exec(message) ?? []
  return digits === undefined ? undefined : Number(digits)
}
