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
    /** A snapshot is made. */
    BUILD(3),
    /** A snapshot is taken apart into changes. */
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
   * A description of the bytes that are passed on.
   *
   * @param chunks the number of chunks
   * @param checksum of the first change, or else of the snapshot: the beginning of its hash
   */
  record Handed(Work work, int chunks, int checksum) {

    /** Describes change chunks. */
    public static Handed of(Work work, List<Bytes> changes) {
      return of(work, Optional.empty(), changes);
    }

    /** Describes a snapshot followed by change chunks. */
    public static Handed of(Work work, Optional<Bytes> snapshot, List<Bytes> changes) {
      var first = changes.isEmpty() ? snapshot : Optional.of(changes.getFirst());
      return new Handed(
          work,
          changes.size() + (snapshot.isPresent() ? 1 : 0),
          first.map(Handed::checksum).orElse(0));
    }

    private static int checksum(Bytes chunk) {
      var checksum = 0;
      for (var i = 4; i < 8 && i < chunk.length(); i++) {
        checksum = checksum << 8 | chunk.at(i);
      }
      return checksum;
    }
  }

  /** Makes the call, and keeps a note of it while it runs. */
  <T> T hand(DocumentId document, Handed what, Supplier<T> call);

  /** Whether the document must be kept from native code. */
  boolean isShut(DocumentId document);

  /** A guard that notes no call and excludes no document. */
  static NativeCallGuard unwatched() {
    return new NativeCallGuard() {
      @Override
      public <T> T hand(DocumentId document, Handed what, Supplier<T> call) {
        return call.get();
      }

      @Override
      public boolean isShut(DocumentId document) {
        return false;
      }
    };
  }
}
