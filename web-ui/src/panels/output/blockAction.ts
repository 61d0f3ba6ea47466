import { createContext, type ReactNode } from "react";

export type CodeOfBlock = { readonly language: string; readonly code: string };

/** Makes a further button for each complete code block of an answer, or null for no button. */
export type BlockAction = (block: CodeOfBlock) => ReactNode;

/** The action for the code blocks below; null while the answer is written. */
export const BlockActionContext = createContext<BlockAction | null>(null);
