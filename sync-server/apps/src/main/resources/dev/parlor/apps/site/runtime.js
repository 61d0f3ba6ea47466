// Runs in the page of a published app before the app's module. It offers the same API as a preview in a room:
// parlor.env, parlor.viewer and parlor.state. A published app has no room, so its state belongs to this browser.
{
  const memoryStorage = () => {
    const values = new Map();
    return {
      getItem: (key) => values.get(String(key)) ?? null,
      setItem: (key, value) => void values.set(String(key), String(value)),
      removeItem: (key) => void values.delete(String(key)),
      clear: () => values.clear(),
      key: (index) => [...values.keys()][index] ?? null,
      get length() {
        return values.size;
      },
    };
  };

  // In a sandbox the browser's storage throws. Then the app gets one that lasts until the page is closed.
  for (const name of ["localStorage", "sessionStorage"]) {
    try {
      window[name].getItem("");
    } catch {
      Object.defineProperty(window, name, { value: memoryStorage() });
    }
  }

  const STATE = "parlor.state.";
  const listeners = new Map();
  const state = {
    get: (key) => {
      try {
        return JSON.parse(localStorage.getItem(STATE + key)) ?? undefined;
      } catch {
        return undefined;
      }
    },
    set: (key, value) => {
      if (value === undefined) localStorage.removeItem(STATE + key);
      else localStorage.setItem(STATE + key, JSON.stringify(value));
      for (const listener of listeners.get(String(key)) ?? []) listener(state.get(key));
    },
    subscribe: (key, listener) => {
      const name = String(key);
      const all = listeners.get(name) ?? new Set();
      listeners.set(name, all.add(listener));
      return () => all.delete(listener);
    },
  };

  const env = JSON.parse(document.getElementById("parlor-env").textContent);
  let viewer = Object.freeze({ identity: "", name: "", canEdit: true });
  window.parlor = Object.freeze({
    env: Object.freeze(env),
    get viewer() {
      return viewer;
    },
    state: Object.freeze(state),
  });

  // The page around the app tells it the viewer. The policy of the app allows only the server's page around it.
  addEventListener("message", (event) => {
    const port = event.ports[0];
    if (event.source !== parent || event.data?.type !== "init" || port === undefined) return;
    port.onmessage = ({ data }) => {
      if (data?.type !== "viewer") return;
      const { identity, name } = data.viewer;
      viewer = Object.freeze({ identity: String(identity), name: String(name), canEdit: true });
      dispatchEvent(new CustomEvent("parlor:viewer", { detail: viewer }));
    };
  });
}
