import wasmUrl from "@automerge/automerge/automerge.wasm?url";
import { initializeWasm } from "@automerge/automerge/slim";

let loading: Promise<void> | undefined;

/** Loads Automerge once; after a failure the next call tries again. Everything in this folder but pure types needs it first. */
export function loadAutomerge(): Promise<void> {
  loading ??= initializeWasm(wasmUrl).catch((problem: unknown) => {
    loading = undefined;
    throw problem;
  });
  return loading;
}
