export * from "./cards";
export type { By, Command, Done, FieldSet, Plain } from "./command";
export * from "./talk";
export * from "./windows";
