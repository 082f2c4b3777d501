export function emptyUnusedDefaults(code: string): string
export function unusedDefaults(): { name: string }
