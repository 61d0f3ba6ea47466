import { describe, expect, it } from "vitest";
import { filterCommands, scoreOf } from "./filter";
import { ariaKey, type KeyPress, matchesKey, shownKey } from "./keys";
import { CommandRegistry, commandsIn, type PageCommand, runCommand } from "./registry";

const command = (id: string, name: string, more: Partial<PageCommand> = {}): PageCommand => ({
  id,
  name,
  icon: "plus",
  run: () => {},
  ...more,
});

const press = (key: string, modifiers: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...modifiers,
});

describe("the registry of commands", () => {
  it("refuses two commands with one id", () => {
    const registry = new CommandRegistry();
    registry.add([command("tile", "Tile")]);
    expect(() => registry.add([command("tile", "Tile again")])).toThrow("two commands tile");
  });

  it("lists fixed commands first, then those of sources, until a source is removed", () => {
    const registry = new CommandRegistry();
    const names = () => registry.all().map((each) => each.name);
    const remove = registry.addSource(() => [command("go_1", "Go to Chat")]);
    registry.add([command("tile", "Tile"), command("map", "Minimap", { listed: () => false })]);
    expect(names()).toEqual(["Tile", "Go to Chat"]);
    remove();
    expect(names()).toEqual(["Tile"]);
  });

  it("does not run a blocked command and tells the reason", () => {
    const ran: string[] = [];
    const blocked = command("undo", "Undo", {
      blocked: () => "Nothing to undo.",
      run: () => ran.push("undo"),
    });
    expect(runCommand(blocked)).toBe("Nothing to undo.");
    expect(runCommand({ ...blocked, blocked: () => null })).toBeNull();
    expect(ran).toEqual(["undo"]);
  });

  it("belongs to one room", () => {
    const [one, other] = [{}, {}];
    commandsIn(one).add([command("tile", "Tile")]);
    expect(commandsIn(one).all()).toHaveLength(1);
    expect(commandsIn(other).all()).toHaveLength(0);
  });
});

describe("keys of commands", () => {
  it("match with Ctrl or Cmd, but with Cmd alone on Apple devices", () => {
    expect(matchesKey("Mod+K", press("k", { ctrlKey: true }), false)).toBe(true);
    expect(matchesKey("Mod+K", press("K", { metaKey: true }), true)).toBe(true);
    expect(matchesKey("Mod+K", press("k", { ctrlKey: true }), true)).toBe(false);
    expect(matchesKey("Mod+K", press("k"), false)).toBe(false);
  });

  it("distinguish Shift for letters and function keys, and take characters such as ? as they come", () => {
    expect(matchesKey("Mod+Z", press("z", { ctrlKey: true, shiftKey: true }), false)).toBe(false);
    expect(matchesKey("Mod+Shift+Z", press("Z", { ctrlKey: true, shiftKey: true }), false)).toBe(true);
    expect(matchesKey("F6", press("F6", { shiftKey: true }), false)).toBe(false);
    expect(matchesKey("?", press("?", { shiftKey: true }), false)).toBe(true);
    expect(matchesKey("?", press("?", { shiftKey: true, ctrlKey: true }), false)).toBe(false);
    expect(matchesKey("Mod+/", press("/", { ctrlKey: true, shiftKey: true }), false)).toBe(true);
  });

  it("are shown and read in the words of the device", () => {
    expect(shownKey("Mod+Shift+Z", false)).toBe("Ctrl Shift Z");
    expect(shownKey("Mod+K", true)).toBe("⌘ K");
    expect(ariaKey("Mod+K", false)).toBe("Control+K");
  });
});

describe("the filter of the palette", () => {
  const commands = [
    command("reset", "Reset layout"),
    command("tile", "Tile", { words: "arrange windows layout" }),
    command("export", "Export layout"),
    command("chat", "Go to Chat"),
  ];
  const names = (typed: string) => filterCommands(commands, typed).map((each) => each.name);

  it("keeps the order without letters", () => {
    expect(names("  ")).toEqual(["Reset layout", "Tile", "Export layout", "Go to Chat"]);
  });

  it("finds letters in their order, also at the beginnings of words", () => {
    expect(names("gtc")).toEqual(["Go to Chat"]);
    expect(names("xlay")).toEqual(["Export layout"]);
    expect(names("zzz")).toEqual([]);
  });

  it("puts matches of the name before matches of further words", () => {
    expect(names("layout").at(-1)).toBe("Tile");
    expect(names("layout")).toHaveLength(3);
  });

  it("prefers letters that stand together", () => {
    const together = scoreOf("Tile", "tile") ?? 0;
    expect(together).toBeGreaterThan(scoreOf("The inner line", "tile") ?? 0);
  });
});
