// Automerge's Node entry initialises the WASM module that the slim entry shares.
import "@automerge/automerge";
