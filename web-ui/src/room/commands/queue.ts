import { scalar } from "../schema/scalars";
import type { Authorship, Command } from "./command";

/** A command for a waiting request [GE12]. Only the server changes the queue; it carries out each command once. */
export interface QueueCommand extends Authorship {
  readonly id: string;
  readonly do: "cancel" | "move" | "confirm" | "resume";
  /** The waiting request; missing for `resume`. */
  readonly request?: string;
  /** For `move`: the waiting request before which to place it, or null for the end. */
  readonly before?: string | null;
}

/** Asks the server to cancel, move or confirm a waiting request, or to resume the paused queue. */
export function commandQueue(command: QueueCommand): Command {
  return (doc) => {
    if (doc.generation === undefined) return;
    doc.generation.command = {
      id: scalar(command.id),
      do: scalar(command.do),
      by: scalar(command.by),
      at: command.at,
      ...(command.request === undefined ? {} : { request: scalar(command.request) }),
      ...(command.before === undefined
        ? {}
        : { before: command.before === null ? null : scalar(command.before) }),
    };
  };
}
