// Node's entry of Automerge initialises the WASM module that the slim entry shares.
import "@automerge/automerge";
