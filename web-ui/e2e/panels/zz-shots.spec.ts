import { test } from "../support/fixtures";

test("shots", async ({ arrive, server, model }) => {
  const ada = await arrive("Ada");
  await ada.openRoom(server.url, "Pictures");
  const page = ada.page;
  const png = async (a: string, b: string) =>
    Buffer.from(
      await page.evaluate(([from, to]) => {
        const c = document.createElement("canvas");
        c.width = 640;
        c.height = 400;
        const p = c.getContext("2d") as CanvasRenderingContext2D;
        const g = p.createLinearGradient(0, 0, 640, 400);
        g.addColorStop(0, from as string);
        g.addColorStop(1, to as string);
        p.fillStyle = g;
        p.fillRect(0, 0, 640, 400);
        return c.toDataURL("image/png").split(",")[1] as string;
      }, [a, b]),
      "base64",
    );
  const put = async (selector: string, name: string, buffer: Buffer) =>
    page.locator(selector).first().setInputFiles({ name, mimeType: "image/png", buffer });
  await put('.chat input[type="file"]', "sunset hills.png", await png("#f97316", "#7c3aed"));
  await page.locator('.chat [data-state="stored"]').waitFor();
  await page.screenshot({ path: "/tmp/shots/1440-pending.png" });
  await page.getByRole("textbox", { name: "Message" }).fill("What do you think of these colors?");
  await page.getByRole("textbox", { name: "Message" }).press("Enter");
  await put('.stack-window input[type="file"]', "green meadow.png", await png("#16a34a", "#a7f3d0"));
  await put('.note input[type="file"]', "red kite.png", await png("#dc2626", "#fde68a"));
  await page.getByRole("button", { name: "Attach to question" }).waitFor();
  await page.getByRole("button", { name: "Attach to question" }).click();
  await put('input[data-images="question"]', "sea.png", await png("#0ea5e9", "#1e3a8a"));
  await page.getByRole("listitem").filter({ has: page.getByRole("button", { name: /Remove “sea”/ }) }).waitFor();
  await page.getByRole("textbox", { name: "Query" }).fill("Which palette fits the launch page?");
  await page.screenshot({ path: "/tmp/shots/1440.png" });
  await page.emulateMedia({ colorScheme: "dark" });
  await page.screenshot({ path: "/tmp/shots/1440-dark.png" });
  await page.emulateMedia({ colorScheme: "light" });
  await page.getByRole("button", { name: "Preview prompt" }).click();
  await page.screenshot({ path: "/tmp/shots/1440-preview.png" });
  await page.keyboard.press("Escape");
  model.answer = "The warm palette of the kite fits best.";
  await page.getByRole("button", { name: "Generate", exact: true }).click();
  await page.locator('[data-answer][data-status="done"]').waitFor();
  await page.screenshot({ path: "/tmp/shots/1440-answer.png" });
  await page.setViewportSize({ width: 1024, height: 768 });
  await page.screenshot({ path: "/tmp/shots/1024.png" });
  await page.setViewportSize({ width: 390, height: 844 });
  for (const tab of await page.getByRole("tab").all()) {
    await tab.click();
    await page.screenshot({ path: `/tmp/shots/390-${(await tab.innerText()).replace(/\W+/g, "")}.png` });
  }
});
