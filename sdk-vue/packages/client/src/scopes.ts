/** The `X-Scope-Config` header. */
import type { ScopeConfig } from './config'

/**
 * Base64 of the scopes as JSON with everything outside ASCII escaped: `btoa` accepts no other letters,
 * and every server reads `\uXXXX`.
 */
export function encodeScopes(scopes: ScopeConfig): string {
  const json = JSON.stringify({
    scope_level0: scopes.scopeLevel0 ?? [],
    scope_level1: scopes.scopeLevel1 ?? [],
    scope_level2: scopes.scopeLevel2 ?? [],
  })
  return btoa(json.replace(/[\u007f-\uffff]/g, (unit) => '\\u' + unit.charCodeAt(0).toString(16).padStart(4, '0')))
}
