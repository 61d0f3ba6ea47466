import { Cell } from "../../room/store";
import { perRoom } from "../shared/perRoom";

/** The id of a message that the chat must draw although it is far from the end, or null. */
export const revealIn = perRoom(() => new Cell<string | null>(null));
