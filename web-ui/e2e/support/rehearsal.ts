import { ParlorServer } from "./server";

/** Starts the server with the rehearsal model, for tests that use no stub of a model. */
export default async function rehearsal(): Promise<() => Promise<void>> {
  const server = await ParlorServer.start(null);
  process.env.PARLOR_E2E_URL = server.url;
  return () => server.stop();
}
