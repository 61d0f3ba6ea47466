import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "./support/fixtures";
import { tagged } from "./support/tags";

const FOLDER = fileURLToPath(new URL("../test-results/screens", import.meta.url));

async function expectNoAxeViolations(page: Page, screen: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(" | ")}`,
  );
  expect(found, `axe on ${screen}`).toEqual([]);
}

test(
  "the dialogs for sharing, people and removal have no accessibility violations, on desktop and phone, in light and dark",
  tagged(false),
  async ({ arrive, server }) => {
    test.setTimeout(120_000);
    mkdirSync(FOLDER, { recursive: true });
    const amber = await arrive("Amber Otter", { reducedMotion: "reduce" });
    const quiet = await arrive("Quiet Heron", { reducedMotion: "reduce" });
    await quiet.follow(await amber.openRoom(server.url, "Launch page copy"));
    await quiet.awaitSaved();
    const { page } = amber;
    const more = page.getByRole("button", { name: "More" });

    const openShareDialog = async (isPhone: boolean): Promise<void> => {
      if (isPhone) {
        await more.click();
        await page.getByRole("menuitem", { name: "Share", exact: true }).click();
      } else {
        await page.getByRole("button", { name: "Share", exact: true }).click();
      }
      await expect(page.getByRole("dialog", { name: "Invite people" })).toBeVisible();
    };
    await openShareDialog(false);
    const dialog = page.getByRole("dialog", { name: "Invite people" });
    await dialog.getByRole("button", { name: "Invite" }).click();
    await expect(dialog.getByRole("textbox", { name: /24 hours left/ })).toBeVisible();
    await dialog.getByLabel("Uses", { exact: true }).selectOption("5 people");
    await dialog.getByRole("button", { name: "Invite" }).click();
    await dialog.getByRole("button", { name: "Revoke this invitation: Player" }).last().click();
    await dialog.getByRole("button", { name: "Revoke", exact: true }).click();
    await expect(dialog.getByRole("list", { name: "Invitations that are over" })).toBeVisible();
    await page.keyboard.press("Escape");

    for (const size of [
      { width: 1440, height: 900 },
      { width: 390, height: 844 },
    ]) {
      const isPhone = size.width < 700;
      await page.setViewportSize(size);
      for (const scheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
        const picture = (screen: string): string => join(FOLDER, `${screen}-${size.width}-${scheme}.png`);
        await openShareDialog(isPhone);
        await expect(dialog.getByRole("textbox", { name: /0 of 5 joined/ })).toBeAttached();
        await dialog.getByRole("button", { name: "Revoke the link: Spectator" }).click();
        await expectNoAxeViolations(page, `share ${size.width} ${scheme}`);
        await page.screenshot({ path: picture("share") });
        await dialog.evaluate((box) => box.scrollTo(0, box.scrollHeight));
        await page.screenshot({ path: picture("share-end") });
        await page.keyboard.press("Escape");

        await page
          .getByRole("button", { name: /(person|people) here/ })
          .first()
          .click();
        const people = page.getByRole("dialog", { name: "People in this room" });
        await people.getByRole("button", { name: "Quiet Heron: role and access" }).click();
        await expect(page.getByRole("menuitem", { name: "Make spectator" })).toBeVisible();
        await page.screenshot({ path: picture("person") });
        await page.getByRole("menuitem", { name: "Remove from the room…" }).click();
        await expect(page.getByRole("alertdialog")).toBeVisible();
        await expectNoAxeViolations(page, `remove ${size.width} ${scheme}`);
        await page.screenshot({ path: picture("remove") });
        await page.getByRole("button", { name: "Cancel" }).click();
        await page.keyboard.press("Escape");
      }
    }
  },
);
