import type { Plugin } from 'vite'

export declare function shortNames(): Record<string, string>
export declare function shortenNames(): Plugin
