import { type ServerConfig, serverApi } from "./api";
import type { ServerCondition } from "./syncTracker";

let config: Promise<ServerConfig> | undefined;

/** The server's settings, which a page reads once. After a failure they are read again. */
export function serverConfig(): Promise<ServerConfig> {
  config ??= serverApi.config().catch((problem: unknown) => {
    config = undefined;
    throw problem;
  });
  return config;
}

export const serverCondition: ServerCondition = {
  storageAway: async () => {
    const { log, store } = (await serverApi.health()).parts;
    return log?.well === false || store?.well === false;
  },
  savesInMemory: async () => (await serverConfig()).saved === "quorum",
};
