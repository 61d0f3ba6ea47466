export * from "./cards";
export { type By, type Command, type Done, type FieldSet, type Plain, RoomIncomplete } from "./command";
export * from "./talk";
export * from "./windows";
