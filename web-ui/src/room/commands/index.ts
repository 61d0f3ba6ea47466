export * from "./apps";
export * from "./cards";
export {
  type Authorship,
  type Command,
  type FieldSet,
  type Plain,
  RoomIncomplete,
  type UndoStep,
} from "./command";
export * from "./content";
export * from "./discussion";
export * from "./queue";
export * from "./windows";
