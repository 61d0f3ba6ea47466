package dev.parlor.room.generation;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.relay.storage.ConflictException;
import dev.parlor.relay.storage.RecordTable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One node's copy of a shared record, as in a cluster: the node answers from its copy, and a write
 * counts when it reaches the shared record and that is unchanged. The test decides when messages
 * pass. Has one key. Used by one thread.
 */
final class LaggingTable implements RecordTable {

  /** The shared record and all its values, in the order of their commits. */
  static final class Shared {
    final List<Bytes> values = new ArrayList<>();

    private Optional<Bytes> at(int version) {
      return version == 0 ? Optional.empty() : Optional.of(values.get(version - 1));
    }
  }

  private static final class Write {
    private final Bytes value;
    private final CompletableFuture<Void> committed = new CompletableFuture<>();
    private boolean arrived;
    private boolean refused;

    private Write(Bytes value) {
      this.value = value;
    }
  }

  private final Shared shared;

  /** The number of values that this node has seen. */
  private int seen;

  private final Deque<Write> writes = new ArrayDeque<>();

  LaggingTable(Shared shared) {
    this.shared = shared;
    seen = shared.values.size();
  }

  /**
   * Lets one message pass in each direction: the first write of this node arrives, or its answer
   * does; without a write on its way this node sees the shared record.
   */
  void pass() {
    @Nullable Write first = writes.peek();
    if (first == null) {
      seen = shared.values.size();
    } else if (!first.arrived) {
      first.arrived = true;
      first.refused = shared.values.size() != seen;
      if (!first.refused) {
        shared.values.add(first.value);
        seen++;
      }
    } else if (first.refused) {
      seen = shared.values.size();
      var refused = List.copyOf(writes);
      writes.clear();
      refused.forEach(
          write -> write.committed.completeExceptionally(new ConflictException("another node")));
    } else {
      writes.remove();
      first.committed.complete(null);
    }
  }

  @Override
  public Optional<Bytes> get(String key) {
    var last = writes.peekLast();
    return last == null ? shared.at(seen) : Optional.of(last.value);
  }

  @Override
  public Replaced replace(String key, Optional<Bytes> expected, Bytes value) {
    if (!get(key).equals(expected)) {
      return new Replaced(false, CompletableFuture.completedFuture(null));
    }
    var write = new Write(value);
    writes.add(write);
    return new Replaced(true, write.committed);
  }

  // A lease needs no other operation.

  @Override
  public CompletableFuture<Void> put(String key, Bytes value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public PutIfAbsent putIfAbsent(String key, Bytes value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletableFuture<Void> remove(String key) {
    throw new UnsupportedOperationException();
  }

  @Override
  public SortedMap<String, Bytes> withPrefix(String prefix) {
    throw new UnsupportedOperationException();
  }
}
