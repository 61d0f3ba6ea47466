/**
 * A replacement of `localStorage` and `sessionStorage`. The frame has an opaque origin, where the real ones throw. The
 * values live until the app is run again.
 */
export function memoryStorage(): Storage {
  const values = new Map<string, string>();
  const methods = {
    getItem: (key: string) => values.get(String(key)) ?? null,
    setItem: (key: string, value: string) => void values.set(String(key), String(value)),
    removeItem: (key: string) => void values.delete(String(key)),
    clear: () => values.clear(),
    key: (index: number) => [...values.keys()][index] ?? null,
  };
  return new Proxy(methods as unknown as Storage, {
    get(target, name) {
      if (name === "length") return values.size;
      if (typeof name === "symbol" || name in target) return Reflect.get(target, name);
      return values.get(name);
    },
    set(_target, name, value) {
      values.set(String(name), String(value));
      return true;
    },
    deleteProperty(_target, name) {
      values.delete(String(name));
      return true;
    },
    has: (target, name) => name in target || values.has(String(name)),
    ownKeys: () => [...values.keys()],
    getOwnPropertyDescriptor: (_target, name) =>
      values.has(String(name))
        ? { value: values.get(String(name)), writable: true, enumerable: true, configurable: true }
        : undefined,
  });
}
