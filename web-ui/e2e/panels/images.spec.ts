import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "../support/fixtures";
import type { Person } from "../support/person";

const region = (person: Person, name: string) => person.page.getByRole("region", { name, exact: true });

/** A PNG that the page itself draws, as a file for inputs, pastes and drops. */
async function picture(person: Person, color: string): Promise<Buffer> {
  const base64 = await person.page.evaluate((fill) => {
    const canvas = document.createElement("canvas");
    canvas.width = 320;
    canvas.height = 200;
    const paint = canvas.getContext("2d");
    if (paint === null) throw new Error("no canvas");
    paint.fillStyle = fill;
    paint.fillRect(0, 0, 320, 200);
    return canvas.toDataURL("image/png").split(",")[1] ?? "";
  }, color);
  return Buffer.from(base64, "base64");
}

/** Fires a paste or a drop of one file at an element. */
async function give(person: Person, kind: "paste" | "drop", selector: string, name: string, bytes: Buffer) {
  await person.page.locator(selector).evaluate(
    (element, { kind: type, name: fileName, base64 }) => {
      const data = new DataTransfer();
      const content = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      data.items.add(new File([content], fileName, { type: "image/png" }));
      const event =
        type === "paste"
          ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })
          : new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
      element.dispatchEvent(event);
    },
    { kind, name, base64: bytes.toString("base64") },
  );
}

test("an image is uploaded in chat, pasted into a note, dropped on the stack and attached to a question; the other person sees each, and the model gets it [41]", async ({
  arrive,
  server,
  model,
}) => {
  const ada = await arrive("Ada");
  const bob = await arrive("Bob");
  await bob.follow(await ada.openRoom(server.url, "Pictures"));

  // Chat: a chosen file, described, with words.
  await region(ada, "Chat")
    .locator('input[type="file"]')
    .setInputFiles({ name: "IMG_1.png", mimeType: "image/png", buffer: await picture(ada, "#2563eb") });
  await region(ada, "Chat").getByRole("textbox", { name: "Description of IMG_1.png" }).fill("a blue field");
  await expect(region(ada, "Chat").locator('[data-state="stored"]')).toBeVisible();
  const field = region(ada, "Chat").getByRole("textbox", { name: "Message" });
  await field.fill("Look at this");
  await field.press("Enter");
  const seen = region(bob, "Chat").getByRole("img", { name: "a blue field", exact: true });
  await expect(seen).toBeVisible();
  expect(await seen.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(320);
  await expect(region(bob, "Chat").getByRole("article").last()).toContainText("Look at this");
  await region(bob, "Chat").getByRole("button", { name: "Show large: a blue field" }).click();
  const large = bob.page.getByRole("dialog", { name: "a blue field" });
  await expect(large.getByRole("img")).toBeVisible();
  await bob.page.keyboard.press("Escape");
  await expect(large).toHaveCount(0);

  // Stack: a drop makes an image card.
  await give(ada, "drop", "[data-stack-drop]", "green hills.png", await picture(ada, "#16a34a"));
  await expect(region(bob, "Stack").getByRole("img", { name: "green hills", exact: true })).toBeVisible();

  // Note: a paste adds a line, and the image below the text.
  await give(ada, "paste", ".note .cm-content", "red kite.png", await picture(ada, "#dc2626"));
  const ofNote = bob.page.getByRole("list", { name: "Images of this note" });
  await expect(ofNote.getByRole("img", { name: "red kite", exact: true })).toBeVisible();

  // Question: the note's image is attached; the preview names it; the model gets both images.
  await ada.page.getByRole("button", { name: "Attach to question" }).click();
  const attached = ada.page.getByRole("list", { name: "Attached to your question" });
  await expect(attached.getByRole("img", { name: "red kite", exact: true })).toBeVisible();
  await give(ada, "paste", 'form[aria-label="Composer"]', "grey.png", await picture(ada, "#64748b"));
  await expect(attached.getByRole("listitem")).toHaveCount(2);
  await attached.getByRole("button", { name: "Remove “grey” from the question" }).click();
  await expect(attached.getByRole("listitem")).toHaveCount(1);
  await ada.page.getByRole("textbox", { name: "Query" }).fill("Which colors?");
  await ada.page.getByRole("button", { name: "Preview prompt" }).click();
  const preview = ada.page.getByRole("dialog", { name: "Preview prompt" });
  await expect(preview.getByText(/^Image: image\/png/)).toHaveCount(2);
  await ada.page.keyboard.press("Escape");
  model.answer = "Green and red.";
  await ada.page.getByRole("button", { name: "Generate", exact: true }).click();
  await expect(region(bob, "Output").locator("[data-answer]").last()).toHaveAttribute("data-status", "done");
  const sent = JSON.stringify(model.calls.at(-1));
  expect(sent.match(/data:image\/png;base64,/g)).toHaveLength(2);
  expect(sent).toContain("red kite");
  await expect(attached).toHaveCount(0);

  const report = await new AxeBuilder({ page: ada.page }).analyze();
  expect(report.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);

  // Offline: the image waits with a sign, also after a reload, and is stored when the connection is back.
  await ada.setOffline(true);
  await give(ada, "paste", ".chat-field", "later.png", await picture(ada, "#a855f7"));
  await expect(region(ada, "Chat")).toContainText("Waits for the connection.");
  await region(ada, "Chat").getByRole("textbox", { name: "Description of later.png" }).fill("a violet field");
  await ada.page.evaluate(() => navigator.serviceWorker.ready);
  await ada.page.reload();
  await ada.awaitRoom();
  await expect(region(ada, "Chat")).toContainText("Waits for the connection.");
  await ada.setOffline(false);
  await expect(region(ada, "Chat").locator('[data-state="stored"]')).toBeVisible({ timeout: 30_000 });
  await field.press("Enter");
  await expect(region(bob, "Chat").getByRole("img", { name: "a violet field", exact: true })).toBeVisible();
});
