/**
 * A browser's page, driven by the DevTools protocol alone. Playwright's own pages report all that their network brings, every
 * event of a stream with its text, and that cost more than to show the lines; nobody who reads a log pays it. Playwright
 * leaves pages of contexts that it did not make alone.
 */
import type { Browser, CDPSession } from 'playwright-core'

interface Answer {
  readonly id?: number
  readonly method?: string
  readonly params?: unknown
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

export class DevtoolsPage {
  readonly #browser: CDPSession
  readonly #context: string
  readonly #session: string
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  readonly #listeners = new Map<string, (params: never) => void>()
  #id = 0

  private constructor(browser: CDPSession, context: string, session: string) {
    this.#browser = browser
    this.#context = context
    this.#session = session
    browser.on('Target.receivedMessageFromTarget', ({ sessionId, message }) => {
      if (sessionId === this.#session) this.#receive(JSON.parse(message) as Answer)
    })
  }

  /** An empty page with an empty cache, of this size in px. */
  static async open(browser: Browser, { width, height }: { width: number; height: number }): Promise<DevtoolsPage> {
    const session = await browser.newBrowserCDPSession()
    const { browserContextId } = await session.send('Target.createBrowserContext')
    const { targetId } = await session.send('Target.createTarget', { url: 'about:blank', browserContextId })
    const { sessionId } = await session.send('Target.attachToTarget', { targetId, flatten: false })
    const page = new DevtoolsPage(session, browserContextId, sessionId)
    await page.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false })
    await page.send('Emulation.setFocusEmulationEnabled', { enabled: true })
    await page.send('Page.enable')
    return page
  }

  /** Sends a command of the protocol; rejects with its error. */
  async send(method: string, params: object = {}): Promise<unknown> {
    const id = ++this.#id
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve))
    const message = JSON.stringify({ id, method, params })
    await this.#browser.send('Target.sendMessageToTarget', { sessionId: this.#session, message })
    const { result, error } = await answered
    if (error) throw new Error(`${method}: ${error.message}`)
    return result
  }

  /** The browser's processes, each with what it has used of the CPU, in seconds. */
  async processes(): Promise<readonly { readonly id: number; readonly cpuTime: number }[]> {
    return (await this.#browser.send('SystemInfo.getProcessInfo')).processInfo
  }

  /** One listener an event. */
  on<Params>(event: string, listener: (params: Params) => void): void {
    this.#listeners.set(event, listener)
  }

  /** Calls a function that uses nothing from outside itself in every document, before its own scripts. */
  async addInitScript<Arg>(script: (arg: Arg) => void, arg: Arg): Promise<void> {
    await this.send('Page.addScriptToEvaluateOnNewDocument', { source: call(script, arg) })
  }

  /** Resolves when the document is there, and its scripts are not. */
  async goto(url: string): Promise<void> {
    const { errorText } = (await this.send('Page.navigate', { url })) as { errorText?: string }
    if (errorText) throw new Error(`${url}: ${errorText}`)
  }

  /** What a function that uses nothing from outside itself returns in the page, or what its promise brings. */
  async evaluate<Arg, Value>(script: (arg: Arg) => Value | Promise<Value>, arg: Arg): Promise<Value> {
    const expression = call(script, arg)
    const answer = await this.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true })
    const { result, exceptionDetails } = answer as {
      result: { value: Value }
      exceptionDetails?: { text: string; exception?: { description?: string } }
    }
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
    return result.value
  }

  /** Presses a key that types a character. */
  async press(key: string): Promise<void> {
    await this.send('Input.dispatchKeyEvent', { type: 'keyDown', key, text: key })
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', key })
  }

  async close(): Promise<void> {
    await this.#browser.send('Target.disposeBrowserContext', { browserContextId: this.#context })
    await this.#browser.detach()
  }

  #receive(answer: Answer): void {
    if (answer.id === undefined) {
      this.#listeners.get(answer.method ?? '')?.(answer.params as never)
      return
    }
    this.#waiting.get(answer.id)?.(answer)
    this.#waiting.delete(answer.id)
  }
}

function call<Arg>(script: (arg: Arg) => unknown, arg: Arg): string {
  return `(${script})(${JSON.stringify(arg)})`
}
