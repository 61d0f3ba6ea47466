import type { DocHandle } from "@automerge/automerge-repo/slim";
import { useCallback, useRef, useSyncExternalStore } from "react";
import type { RoomDoc } from "./document";

/** A value that changes over time, as React's `useSyncExternalStore` wants it. */
export interface Source<T> {
  get(): T;
  subscribe(listener: () => void): () => void;
}

/** A plain observable value; setting an identical value wakes nobody. */
export class Cell<T> implements Source<T> {
  readonly #listeners = new Set<() => void>();

  constructor(private value: T) {}

  get = (): T => this.value;

  set(value: T): void {
    if (Object.is(value, this.value)) return;
    this.value = value;
    for (const listener of [...this.#listeners]) listener();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}

/** The current document as a source; wakes listeners once per change of the handle. */
export function documentSource(handle: DocHandle<RoomDoc>): Source<RoomDoc> {
  return {
    get: () => handle.doc(),
    subscribe: (listener) => {
      handle.on("change", listener);
      return () => handle.off("change", listener);
    },
  };
}

/** Equal when identical, or arrays or plain objects with identical members. */
export function shallowEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && Object.is(left[key], right[key]))
  );
}

/** Selects from a source. The component renders only when the selected value differs (shallowly). */
export function useSource<T, S>(source: Source<T>, select: (value: T) => S): S {
  const last = useRef<{ readonly value: S } | null>(null);
  const get = useCallback(() => {
    const next = select(source.get());
    if (last.current !== null && shallowEqual(last.current.value, next)) return last.current.value;
    last.current = { value: next };
    return next;
  }, [source, select]);
  return useSyncExternalStore(source.subscribe, get, get);
}
