import type { DocHandle } from "@automerge/automerge-repo/slim";
import { useCallback, useRef, useSyncExternalStore } from "react";
import type { RoomDoc } from "./schema/document";

/** A value that changes over time, with the methods that React's `useSyncExternalStore` needs. */
export interface Source<T> {
  get(): T;
  subscribe(listener: () => void): () => void;
}

/** An observable value. Setting an identical value notifies no listener. */
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

/** The current document as a source. It notifies listeners once per change of the handle. */
export function documentSource(handle: DocHandle<RoomDoc>): Source<RoomDoc> {
  return {
    get: () => handle.doc(),
    subscribe: (listener) => {
      handle.on("change", listener);
      return () => handle.off("change", listener);
    },
  };
}

/**
 * A source whose value is made from the values of other sources. It is made again only after one of them has changed,
 * and once for all readers. `keep` may return the value before, if the new value is equal to it.
 */
export function derivedSource<I extends readonly unknown[], T>(
  inputs: { readonly [K in keyof I]: Source<I[K]> },
  make: (...values: NoInfer<I>) => T,
  keep: (next: T, before: T) => T = (next) => next,
): Source<T> {
  let last: { readonly inputs: readonly unknown[]; readonly value: T } | null = null;
  return {
    get: () => {
      const now = inputs.map((input) => input.get()) as unknown as I;
      if (last?.inputs.every((value, at) => Object.is(value, now[at])) === true) return last.value;
      const made = make(...now);
      last = { inputs: now, value: last === null ? made : keep(made, last.value) };
      return last.value;
    },
    subscribe: (listener) => {
      const stops = inputs.map((input) => input.subscribe(listener));
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}

/** A part of a source's value. */
export const partOf = <T, P>(source: Source<T>, select: (value: T) => P): Source<P> => ({
  get: () => select(source.get()),
  subscribe: source.subscribe,
});

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const proto = Object.getPrototypeOf(value);
  return proto === Object.prototype || proto === Array.prototype || proto === null;
}

/**
 * Whether two values are identical, or both are arrays or plain objects with identical members. Maps and other objects
 * are equal only if identical.
 */
export function shallowEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (!isPlain(a) || !isPlain(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && Object.is(a[key], b[key]))
  );
}

/** Selects a value from a source. The component renders only when the selected value changes (compared shallowly). */
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
