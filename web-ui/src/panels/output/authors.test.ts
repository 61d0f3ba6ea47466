import { describe, expect, it } from "vitest";
import type { Person } from "../../room/people";
import { type Authors, authorIn, keepAuthors } from "./authors";

const ada: Person = {
  id: "id_ada",
  name: "Ada",
  avatar: null,
  color: 1,
  role: "player",
  status: "online",
  where: null,
  typing: null,
  isMe: true,
  guest: false,
};

describe("the authors of answers", () => {
  const first: Authors = keepAuthors(new Map(), [ada]);

  it("are the same objects while only presence changes, so that no answer is drawn again", () => {
    const moved: Person = { ...ada, status: "idle", where: "chat", typing: "chat" };
    const next = keepAuthors(first, [moved]);
    expect(next.get("id_ada")).toBe(first.get("id_ada"));
  });

  it("are new objects when a name or a colour changes", () => {
    expect(keepAuthors(first, [{ ...ada, name: "Ada L." }]).get("id_ada")).toMatchObject({ name: "Ada L." });
    expect(keepAuthors(first, [{ ...ada, color: 2 }]).get("id_ada")).not.toBe(first.get("id_ada"));
  });

  it("have one placeholder for each unknown identity", () => {
    expect(authorIn(first, "id_gone")).toBe(authorIn(new Map(), "id_gone"));
    expect(authorIn(first, "id_gone").name).toBe("Someone");
    expect(authorIn(first, "id_ada").name).toBe("Ada");
  });
});
