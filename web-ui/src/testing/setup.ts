// Importing Automerge's Node entry initialises the WebAssembly module that the slim entry also uses.
import "@automerge/automerge";
