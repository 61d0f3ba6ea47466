export { v4 as makeId } from "uuid";
export * from "nanoid";
export * as classes from "clsx";
export { clsx } from "clsx";
export { other } from "./other.mjs";
export const url = import.meta.url;
