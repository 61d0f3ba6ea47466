import { expect, test } from "./support/fixtures";
import { Nginx } from "./support/nginx";
import { freePort, ParlorServer } from "./support/server";

const PATH = "/parlor";

/** An app that imports a package of the server. */
const APP = `import { useState } from "react";
export default function Lamp() {
  const [on, setOn] = useState(false);
  return <button onClick={() => setOn(true)}>{on ? "bright" : "dark"}</button>;
}`;

test("Behind nginx below a path, people enter by link, edit together, open an app, and reload without a network", async ({
  arrive,
  model,
}) => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}${PATH}`;
  const server = await ParlorServer.start(model.url, "default", {
    PARLOR_PUBLIC_URL: url,
    PARLOR_TRUSTED_PROXIES: "127.0.0.1",
  });
  const nginx = await Nginx.start(port, server.port, PATH);
  try {
    const ada = await arrive("Ada");
    const bob = await arrive("Bob");
    const outside: string[] = [];
    for (const { page } of [ada, bob])
      page.context().on("request", (request) => {
        const { protocol, pathname } = new URL(request.url());
        if (protocol.startsWith("http") && !pathname.startsWith(`${PATH}/`)) outside.push(pathname);
      });

    const link = await ada.openRoom(`${url}/`, "Below a path");
    expect(link).toContain(`${url}/r/`);
    await bob.follow(link);
    await ada.note().click();
    await ada.page.keyboard.type("Written below a path.");
    await expect.poll(() => bob.noteText()).toBe("Written below a path.");
    await ada.awaitSaved();

    model.answer = `\`\`\`jsx\n${APP}\n\`\`\``;
    model.pieceDelayMillis = 1;
    await ada.page.getByRole("textbox", { name: "Query" }).fill("Make an app");
    await ada.page.getByRole("button", { name: "Generate", exact: true }).click();
    await ada.region("Output").getByRole("button", { name: "Open as app" }).click();
    const lamp = ada.region("Lamp").frameLocator("iframe").getByRole("button");
    await lamp.click({ timeout: 30_000 });
    await expect(lamp).toHaveText("bright");

    await ada.page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
    await ada.setOffline(true);
    await ada.page.reload();
    await ada.awaitRoom();
    await expect.poll(() => ada.noteText()).toBe("Written below a path.");
    await ada.setOffline(false);

    await bob.page.getByRole("link", { name: "Parlor" }).first().click();
    await expect(bob.page).toHaveURL(`${url}/`);
    expect(outside).toEqual([]);
    // A page whose server ends would report lost connections.
    for (const { page } of [ada, bob]) await page.goto("about:blank");
  } finally {
    await nginx.stop();
    await server.stop();
  }
});
