/** The files of an archive that is an answer, by name. Rejects where that is cut, or is none. */
import * as yauzl from 'yauzl'

export async function unzipped(body: AsyncIterable<Uint8Array>): Promise<Record<string, string>> {
  const zip: Uint8Array[] = []
  for await (const chunk of body) zip.push(chunk)
  const files: Record<string, string> = {}
  const archive = await yauzl.fromBufferPromise(Buffer.concat(zip), { lazyEntries: true })
  for await (const entry of archive.eachEntry()) {
    const chunks: Buffer[] = []
    for await (const chunk of await archive.openReadStreamPromise(entry)) chunks.push(chunk as Buffer)
    files[entry.fileName] = Buffer.concat(chunks).toString()
  }
  return files
}
