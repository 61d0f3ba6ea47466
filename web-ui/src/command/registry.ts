import type { IconName } from "../icon/Icon";

/** One action of the page. Buttons, menus, keys and the palette show its name and run it. */
export interface PageCommand {
  /** The name for programs. A command that the server has too has the server's name. */
  readonly id: string;
  readonly name: string;
  /** Further words by which the palette finds the command. */
  readonly words?: string;
  readonly icon: IconName;
  /** The key, for example `Mod+Shift+Z`; see keys.ts. */
  readonly keys?: string;
  /** Whether the key works while the person types in a field. Only keys that a field does not use may. */
  readonly inFields?: boolean;
  /** The reason why the command cannot run now, as a sentence; null if it can. Missing for a command that always can. */
  readonly blocked?: () => string | null;
  /** Whether the command is listed now; missing for a command that always is. */
  readonly listed?: () => boolean;
  readonly run: () => void;
}

/** A part of the page adds commands that depend on the room's content, such as one for each window. */
export type CommandSource = () => readonly PageCommand[];

/** All commands of one open room. */
export class CommandRegistry {
  readonly #fixed = new Map<string, PageCommand>();
  readonly #sources = new Set<CommandSource>();

  /** Adds commands. Two commands cannot have one id. */
  add(commands: readonly PageCommand[]): void {
    for (const command of commands) {
      if (this.#fixed.has(command.id)) throw new Error(`there are two commands ${command.id}`);
      this.#fixed.set(command.id, command);
    }
  }

  /** Adds a source, and returns a function that removes it. */
  addSource(source: CommandSource): () => void {
    this.#sources.add(source);
    return () => this.#sources.delete(source);
  }

  /** The commands with a fixed id. */
  get(id: string): PageCommand {
    const command = this.#fixed.get(id);
    if (command === undefined) throw new Error(`there is no command ${id}`);
    return command;
  }

  /** All commands that are listed now. */
  all(): readonly PageCommand[] {
    const all = [...this.#fixed.values(), ...[...this.#sources].flatMap((source) => source())];
    return all.filter((command) => command.listed?.() ?? true);
  }
}

/** Runs a command, unless it is blocked. Returns the reason if it is. */
export function runCommand(command: PageCommand): string | null {
  const reason = command.blocked?.() ?? null;
  if (reason === null) command.run();
  return reason;
}

const registries = new WeakMap<object, CommandRegistry>();

/** The commands of an open room. */
export function commandsIn(room: object): CommandRegistry {
  let registry = registries.get(room);
  if (registry === undefined) {
    registry = new CommandRegistry();
    registries.set(room, registry);
  }
  return registry;
}
