import wasmUrl from "@automerge/automerge/automerge.wasm?url";
import { initializeWasm } from "@automerge/automerge/slim";
import { CODE_MS } from "../page/lazyCode";
import { withTimeout } from "../page/timeout";

let loading: Promise<void> | undefined;

/**
 * Loads Automerge once; after a failure the next call tries again. All files of this folder but pure types need it
 * first.
 */
export function loadAutomerge(): Promise<void> {
  loading ??= withTimeout(CODE_MS, initializeWasm(wasmUrl), "Automerge").catch((problem: unknown) => {
    loading = undefined;
    throw problem;
  });
  return loading;
}
