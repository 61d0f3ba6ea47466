// The unmodified npm client against a running server: an app of HTML, a context and two sections.
// Usage: VIBES_DEVICE_ID=<json> FP_KEYBAG_URL=memory://test node client.mjs API_URL
import { VibesDiyApi } from "@vibes.diy/api-impl";
import { isResEnsureAppSlug } from "@vibes.diy/api-types";
import { ensureSuperThis } from "@vibes.diy/identity";
import { createDeviceIdGetToken, getKeyBag } from "@vibes.diy/identity/node";

const sthis = ensureSuperThis();
const { item } = JSON.parse(process.env.VIBES_DEVICE_ID);
await (await getKeyBag(sthis)).setDeviceId(item.deviceId, item.cert);
const getToken = await createDeviceIdGetToken(sthis, { iss: "parlor-interop" });
console.log("token", (await getToken()).Ok().token);

const api = new VibesDiyApi({ apiUrl: process.argv[2], getToken, timeoutMs: 20_000 });
const is = (type) => (answer) => answer.type === `vibes.diy.${type}`;

async function call(name, request, resMatch) {
  const result = await api.request({ ...request, type: `vibes.diy.req-${name}` }, { resMatch });
  if (result.isErr()) {
    console.log("error", name, JSON.stringify(result.Err()));
    process.exit(1);
  }
  return result.Ok();
}

const html = "<!doctype html><title>Counter</title><button>0</button>";
const app = await call(
  "ensure-app-slug",
  {
    mode: "production",
    appSlug: "counter",
    fileSystem: [{ type: "str-asset-block", filename: "/index.html", content: html, entryPoint: true }],
  },
  isResEnsureAppSlug,
);
console.log("app", JSON.stringify(app));
const { contextId } = await call("ensure-chat-context", {}, is("res-ensure-chat-context"));
console.log("context", contextId);
for (const origin of ["user", "llm"]) {
  const block = {
    type: "prompt.txt",
    streamId: "s1",
    request: { model: "m", messages: [{ role: "user", content: [{ type: "text", text: "hello" }] }] },
    timestamp: new Date().toISOString(),
  };
  const section = await call(
    "append-chat-section",
    { contextId, origin, blocks: [block] },
    is("res-append-chat-section"),
  );
  console.log("seq", section.seq);
}
console.log("done");
process.exit(0);
