import type { Plugin } from "vite";

/** The shortest time between two messages with changes, in milliseconds. automerge-repo has 100. */
export const SEND_EVERY_MS = 20;

const FILE = /automerge-repo\/dist\/synchronizer\/DocSynchronizer\.js$/;
const PAUSE = /syncDebounceRate = 100;/g;

/** The code of automerge-repo's synchronizer with the shorter pause. Throws if the code has no such pause. */
export function sendSoon(code: string): string {
  if (code.match(PAUSE)?.length !== 1)
    throw new Error(
      "automerge-repo has no syncDebounceRate of 100: adapt scripts/send-soon.ts to this version",
    );
  return code.replace(PAUSE, `syncDebounceRate = ${SEND_EVERY_MS};`);
}

/**
 * A Vite plugin. automerge-repo waits up to 100 ms between two messages, so a letter of a person who types fast would
 * reach the others late. The pause is a private field without a setting.
 */
export function sendSoonPlugin(): Plugin {
  let found = false;
  return {
    name: "parlor-send-soon",
    apply: "build",
    transform(code, id) {
      if (!FILE.test(id.split("?")[0] ?? "")) return null;
      found = true;
      return { code: sendSoon(code), map: null };
    },
    buildEnd(error) {
      if (error === undefined && !found)
        this.error("the page has no DocSynchronizer.js of automerge-repo: adapt scripts/send-soon.ts");
    },
  };
}
