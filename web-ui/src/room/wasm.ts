import wasmUrl from "@automerge/automerge/automerge.wasm?url";
import { initializeWasm } from "@automerge/automerge/slim";
import { CODE_MS } from "../page/lazyCode";
import { withTimeout } from "../page/timeout";

let loading: Promise<void> | undefined;

/**
 * Loads Automerge's WebAssembly once; after a failure the next call loads it again. It must be loaded before any code
 * uses Automerge.
 */
export function loadAutomerge(): Promise<void> {
  loading ??= withTimeout(CODE_MS, initializeWasm(wasmUrl), "Automerge").catch((problem: unknown) => {
    loading = undefined;
    throw problem;
  });
  return loading;
}
