/** The token in use, shared by REST and the socket, so that one refusal renews it for both. */
import type { GetToken } from './config'

export class TokenSource {
  private value: string | undefined
  private renewal: Promise<string | undefined> | undefined

  constructor(
    token?: string,
    private readonly getToken?: GetToken,
  ) {
    this.value = token || undefined
  }

  get canRenew(): boolean {
    return this.getToken !== undefined
  }

  /** What was given last; asks nobody. */
  get held(): string | undefined {
    return this.value
  }

  set(token: string | undefined): void {
    this.value = token || undefined
  }

  /** The token to use now; asks the host for the first one. */
  async current(): Promise<string | undefined> {
    return this.value ?? (this.getToken && this.renew(undefined))
  }

  /**
   * A token other than the refused one, or undefined when there is none.
   * Callers that were refused together share one question to the host.
   */
  async renew(refused: string | undefined): Promise<string | undefined> {
    if (this.value !== undefined && this.value !== refused) return this.value
    if (!this.getToken) return undefined
    this.renewal ??= Promise.resolve()
      .then(this.getToken)
      .then((token) => {
        this.value = token || undefined
        return this.value
      })
      .finally(() => (this.renewal = undefined))
    const token = await this.renewal
    return token === refused ? undefined : token
  }
}
