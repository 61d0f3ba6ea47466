import type { JSHandle, Page } from "@playwright/test";
import type { RoomSession } from "../../src/room/session";
import type { Person } from "./person";

/**
 * The `RoomSession` object inside the page. With it a test can write what the page offers no control for, as a client
 * with a modified page could.
 */
export function roomSession(page: Page): Promise<JSHandle<RoomSession>> {
  return page.evaluateHandle(() => {
    type Fiber = { return: Fiber | null; memoizedProps?: { room?: RoomSession } };
    const root = document.querySelector(".room") as unknown as Record<string, Fiber>;
    const key = Object.keys(root).find((name) => name.startsWith("__reactFiber$")) ?? "";
    for (let fiber: Fiber | null = root[key] ?? null; fiber !== null; fiber = fiber.return) {
      const room = fiber.memoizedProps?.room;
      if (room?.handle !== undefined) return room;
    }
    throw new Error("the page has no room open");
  });
}

/** The link for a role, read through a host's page. */
export async function linkFor(host: Person, role: "host" | "player" | "spectator"): Promise<string> {
  const room = await roomSession(host.page);
  const link = await room.evaluate((session, as) => session.api.links().then((links) => links[as]), role);
  return new URL(host.page.url()).origin + new URL(link).pathname + new URL(link).hash;
}
