import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import type { CardType } from "../../room/schema/document";
import type { Card } from "../../room/schema/read";
import { estimatedTokens, type Fate, foldOf } from "./fold";

const GOLDEN = resolve(import.meta.dirname, "../../../../sync-server/room/src/test/resources/golden");

/** The system message and the ids of the used cards of a golden file, which the server's tests compare as well. */
function golden(name: string): { readonly text: string; readonly used: readonly string[] } {
  const file = readFileSync(resolve(GOLDEN, name), "utf8");
  return {
    text: /^\[system\]\n([\s\S]*?)\n\[user\]/.exec(file)?.[1] ?? "",
    used: /^\[used\](.*)$/m.exec(file)?.[1]?.trim().split(" ").filter(Boolean) ?? [],
  };
}

const card = (id: string, type: CardType, text: string, more: Partial<Card> = {}): Card => ({
  id,
  type,
  text,
  image: null,
  by: "anna",
  at: 1,
  order: "a0",
  turn: null,
  muted: false,
  removedBy: null,
  ...more,
});

/** The stack of the server's test `PromptFoldTest`. */
const STACK = [
  card("role1", "role", "You are an editor."),
  card("role2", "role", "You are a pirate."),
  card("role3", "role", "You are a robot.", { muted: true }),
  card("tone1", "tone", "Calm."),
  card("tone2", "tone", "Loud.", { removedBy: "ben" }),
  card("limit90", "token-limit", "90"),
  card("format", "format", "Three bullet points.\n"),
  card("constraint", "constraint", "No exclamation marks."),
  card("limit50", "token-limit", " 50 Tokens "),
  card("custom", "custom", "Mention the tunnel,\r\nand the rain."),
];

const sentIds = (fates: ReadonlyMap<string, Fate>) =>
  [...fates].flatMap(([id, fate]) => (fate.kind === "sent" ? [id] : [])).sort();

describe("the fold of the stack", () => {
  it.each(["latest", "combine"] as const)(
    "with the rule %s is the server's fold in the golden file",
    (stackRule) => {
      const fold = foldOf(STACK, { stackRule, systemPrompt: "Answer in English." });
      const { text, used } = golden(`prompt-${stackRule}.txt`);
      expect(fold.text).toBe(text);
      expect(sentIds(fold.fates)).toEqual([...used].sort());
    },
  );

  it("names the card that wins: the last role and tone, and the smallest limit", () => {
    const { fates } = foldOf(STACK, { stackRule: "latest", systemPrompt: "" });
    expect(fates.get("role1")).toEqual({ kind: "overridden", by: "role2" });
    expect(fates.get("role2")).toEqual({ kind: "sent", wins: true });
    expect(fates.get("role3")).toEqual({ kind: "muted" });
    expect(fates.get("tone1")).toEqual({ kind: "sent", wins: false });
    expect(fates.has("tone2")).toBe(false);
    expect(fates.get("limit90")).toEqual({ kind: "overridden", by: "limit50" });
    expect(fates.get("limit50")).toEqual({ kind: "sent", wins: true });
    expect(fates.get("format")).toEqual({ kind: "sent", wins: false });
  });

  it("with remove cards is the server's fold in the golden file, and names the remove card", () => {
    const stack = [
      card("lonely", "remove", "custom"),
      card("editor", "role", "You are an editor."),
      card("calm", "tone", "Calm."),
      card("limit", "token-limit", "50"),
      card("secret", "custom", "Say the secret word."),
      card("by-id", "format", "A table."),
      card("remove", "remove", "Tone\n say THE secret word. \nby-id\ntoken-limit"),
      card("short", "constraint", "Short lines."),
      card("gone", "remove", "role", { removedBy: "ben" }),
      card("quiet", "remove", "role", { muted: true }),
    ];
    const { fates, text } = foldOf(stack, { stackRule: "latest", systemPrompt: "" });
    expect(text).toBe(golden("prompt-remove.txt").text);
    expect(sentIds(fates)).toEqual([...golden("prompt-remove.txt").used].sort());
    expect(fates.get("calm")).toEqual({ kind: "removed", by: "remove" });
    expect(fates.get("lonely")).toEqual({ kind: "invalid" });
  });

  it("leaves out cards that are not valid for their type, as in the golden file", () => {
    const stack = [
      card("bad-limit", "token-limit", "as short as possible"),
      card("blank", "role", " \n "),
      card("no-image", "image", ""),
      card("picture", "image", "A picture of a tunnel", { image: "cid-1" }),
    ];
    const { fates, text } = foldOf(stack, { stackRule: "latest", systemPrompt: "" });
    expect(text).toBe(golden("prompt-problems.txt").text);
    expect(sentIds(fates)).toEqual(golden("prompt-problems.txt").used);
    expect(["bad-limit", "blank", "no-image"].map((id) => fates.get(id)?.kind)).toEqual(
      Array(3).fill("invalid"),
    );
  });

  it("has an estimated size of a token for four characters", () => {
    expect([0, 1, 4, 5, 412].map(estimatedTokens)).toEqual([0, 1, 1, 2, 103]);
  });
});
