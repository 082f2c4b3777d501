/** A real server on a port of its own, with its own database and files below a temporary directory. */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** Of the server's environment, by name. */
export type Settings = Record<string, string>

export const ADMIN_TOKEN = 'e2e-admin-token'
const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const BIN = at('../../../.venv/bin/')

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  probe.close()
  await once(probe, 'close')
  return port
}

export class ChatServer {
  private child: ChildProcess | undefined
  private log: string[] = []

  private constructor(
    private readonly command: readonly string[],
    private readonly settings: Settings,
    readonly port: number,
    private readonly home: string,
  ) {}

  /** Make a place for one and start it. */
  static async launch(command: readonly string[] = ['serve', '--embedded'], settings: Settings = {}) {
    const home = await mkdtemp(join(tmpdir(), 'mtchat-e2e-'))
    const server = new ChatServer(command, settings, await freePort(), home)
    await server.start()
    return server
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** Start, with the data of before, and wait until it serves. */
  async start(changed: Settings = {}): Promise<void> {
    this.log = []
    const child = spawn(`${BIN}mtchat`, [...this.command, '--host', '127.0.0.1', '--port', String(this.port)], {
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        MTCHAT_HOME: this.home,
        ADMIN_API_TOKEN: ADMIN_TOKEN,
        PUBLIC_URL: this.url,
        LOG_JSON: '1',
        PRESENCE_GRACE_SECS: '1',
        UPLOADS_PENDING_MAX: '1000',
        ...this.settings,
        ...changed,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.child = child
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${this.log.join('\n')}`)))
      createInterface({ input: child.stderr! }).on('line', (line) => {
        this.log.push(line)
        if (line.includes('"event":"serving"') || line.includes('"event": "serving"')) resolve()
      })
    })
  }

  /** As a crash. */
  async kill(): Promise<void> {
    await this.end('SIGKILL')
  }

  /** So many messages into a dialog, by its members in turns: "Message 1 …" to "Message <count> …". */
  async fill(dialogId: string, count: number): Promise<void> {
    await promisify(execFile)(`${BIN}python`, [at('fill.py'), this.home, dialogId, String(count)])
  }

  async restart(changed?: Settings): Promise<void> {
    await this.kill()
    await this.start(changed)
  }

  /** Stop it and remove what it kept. */
  async dispose(): Promise<void> {
    // A killed one has left its database running: whoever starts and stops properly takes it along.
    if (this.child?.exitCode === null && this.child.signalCode === null) await this.end('SIGTERM')
    await rm(this.home, { recursive: true, force: true })
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }
}
