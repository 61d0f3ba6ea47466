package dev.parlor.relay.quarantine;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Guards each call that passes bytes from peers to native code [AD8]. Safe from any thread. */
public interface NativeCallGuard {

  /** The kind of call. */
  enum Work {
    /** A room's replica is opened. */
    OPEN(1),
    /** A change is applied to a room's replica. */
    APPLY(2),
    /** A snapshot was built from changes, in an earlier version. */
    BUILD(3),
    /** A snapshot was expanded into its changes, in an earlier version. */
    EXPAND(4);

    /** Stored in files; never change a code. */
    final int code;

    Work(int code) {
      this.code = code;
    }

    static Optional<Work> of(int code) {
      return Arrays.stream(values()).filter(work -> work.code == code).findAny();
    }
  }

  /**
   * A description of one native call and its input.
   *
   * @param chunks the number of chunks that are passed in
   * @param checksum the first four bytes of the hash of the first change, or of the snapshot if no
   *     change is passed in
   */
  record NativeCall(Work work, int chunks, int checksum) {

    /** Describes a call whose input is change chunks. */
    public static NativeCall of(Work work, List<Bytes> changes) {
      return of(work, Optional.empty(), changes);
    }

    /** Describes a call whose input is a snapshot, if present, followed by change chunks. */
    public static NativeCall of(Work work, Optional<Bytes> snapshot, List<Bytes> changes) {
      var first = changes.isEmpty() ? snapshot : Optional.of(changes.getFirst());
      return new NativeCall(
          work,
          changes.size() + (snapshot.isPresent() ? 1 : 0),
          first.map(NativeCall::checksum).orElse(0));
    }

    private static int checksum(Bytes chunk) {
      var checksum = 0;
      for (var i = 4; i < 8 && i < chunk.length(); i++) {
        checksum = checksum << 8 | chunk.at(i);
      }
      return checksum;
    }
  }

  /** Runs the native call. A marker of the call exists while it runs. */
  <T> T run(DocumentId document, NativeCall call, Supplier<T> body);

  /** Whether the document must be kept from native code. */
  boolean isQuarantined(DocumentId document);

  /** A guard that marks no call and excludes no document. */
  static NativeCallGuard unguarded() {
    return new NativeCallGuard() {
      @Override
      public <T> T run(DocumentId document, NativeCall call, Supplier<T> body) {
        return body.get();
      }

      @Override
      public boolean isQuarantined(DocumentId document) {
        return false;
      }
    };
  }
}
