import { ParlorServer } from "./server";

/** Starts the server without a real model, for all tests that do not bring a model. */
export default async function rehearsal(): Promise<() => Promise<void>> {
  const server = await ParlorServer.start(null);
  process.env.PARLOR_E2E_URL = server.url;
  return () => server.stop();
}
