export declare const aliases: Record<string, string>
export declare const aliasesWithChat: Record<string, string>
