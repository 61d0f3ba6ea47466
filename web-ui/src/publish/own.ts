import { serverApi } from "../room/api";
import { credentialOf } from "../room/credential";
import { memory } from "../room/memory";
import { Addresses } from "./addresses";
import { type AppName, AppsApi, type Deployed, type PublishRequest } from "./api";

/** The apps API for the person who uses this browser; for a person without an identity, it reads published apps only. */
export function ownApps(): AppsApi {
  const me = memory.me();
  return new AppsApi(me === null ? null : credentialOf(me));
}

let addresses: Promise<Addresses> | null = null;

/** The addresses of apps on this server. If the server does not answer, they are the addresses of the apps' pages. */
export function serverAddresses(): Promise<Addresses> {
  addresses ??= serverApi.config().then(
    (config) => new Addresses(config.apps?.address ?? null, window.location.origin),
    () => {
      addresses = null;
      return new Addresses(null, window.location.origin);
    },
  );
  return addresses;
}

/** Stores the files and shows them at the app's address, also if the app was unpublished before. */
export async function publishApp(
  api: AppsApi,
  { name, files, env, author }: PublishRequest,
): Promise<Deployed> {
  const deployed = await api.deploy({ mode: "production", ...name, files, env });
  await api.publish(deployed, deployed.fsId, author);
  return deployed;
}

/** The address under which an app of a room was published last from this browser. */
export const publishedNames = {
  get: (roomSlug: string, appId: string): AppName | null =>
    memory.value<AppName>(`published.${roomSlug}.${appId}`),
  set: (roomSlug: string, appId: string, { userSlug, appSlug }: AppName): void => {
    memory.setValue(`published.${roomSlug}.${appId}`, { userSlug, appSlug });
  },
};
