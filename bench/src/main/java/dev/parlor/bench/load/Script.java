package dev.parlor.bench.load;

import org.jspecify.annotations.Nullable;

/** The same keystrokes in the protocol of each server, created on first use. */
final class Script {

  /** Yjs numbers its clients at random in 32 bits; this id has a typical length. */
  static final long YJS_CLIENT = 2_718_281_828L;

  private final int edits;
  private final long seed;
  private @Nullable ClientProtocol automerge;
  private @Nullable ClientProtocol yjs;

  Script(int edits, long seed) {
    this.edits = edits;
    this.seed = seed;
  }

  ClientProtocol protocolFor(ServerUnderTest relay) {
    return switch (relay) {
      case PARLOR, HELIDON, REFERENCE -> automerge();
      case HOCUSPOCUS -> yjs();
      case FLOOR -> new FloorProtocol(edits);
    };
  }

  private ClientProtocol automerge() {
    var protocol = automerge;
    if (protocol == null) {
      protocol = new AutomergeProtocol(Trace.typing(edits, seed), "/sync");
      automerge = protocol;
    }
    return protocol;
  }

  private ClientProtocol yjs() {
    var protocol = yjs;
    if (protocol == null) {
      var keys = Keystrokes.typing(edits, seed);
      protocol = new HocuspocusProtocol(YjsEdits.of(keys, YJS_CLIENT));
      yjs = protocol;
    }
    return protocol;
  }
}
