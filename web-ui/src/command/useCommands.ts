import { useEffect, useRef } from "react";
import { useRoom } from "../room";
import { type CommandSource, commandsIn } from "./registry";

/** Adds commands of a component to the registry while the component is shown. */
export function useCommands(commands: CommandSource): void {
  const registry = commandsIn(useRoom());
  const latest = useRef(commands);
  latest.current = commands;
  useEffect(() => registry.addSource(() => latest.current()), [registry]);
}
