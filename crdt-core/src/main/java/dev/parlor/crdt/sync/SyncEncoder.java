package dev.parlor.crdt.sync;

import dev.parlor.crdt.format.ByteWriter;
import dev.parlor.crdt.graph.ChangeGraph;
import dev.parlor.crdt.graph.PositionSet;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Encodes the sync messages of one document and caches the messages that several peers can use:
 * peers with the same cursor get the same {@link Bytes} [SY6]. Used by the document's worker only;
 * the cache is cleared when the graph grows.
 */
public final class SyncEncoder {

  /**
   * A compact form of the document for peers without any change.
   *
   * @param chunk an Automerge document chunk
   * @param heads the heads of the snapshot
   */
  public record Snapshot(Bytes chunk, List<ChangeHash> heads) {
    public Snapshot {
      heads = List.copyOf(heads);
    }
  }

  /** The most cached messages per state of the graph. */
  private static final int REMEMBERED_MAX = 32;

  /** The most cached bytes. */
  private static final int REMEMBERED_BYTES_MAX = 16 << 20;

  private static final Bytes NO_NEED = Bytes.wrap(new byte[] {0});
  private static final Bytes NO_HAVE = Bytes.wrap(new byte[] {0});

  /** A run of the log, from a position to the end; as a whole document when {@code snapshot}. */
  private record Run(int from, boolean snapshot) {}

  private final ChangeGraph graph;
  private final Supplier<Optional<Snapshot>> snapshots;
  private final Map<Run, Bytes> remembered = new HashMap<>();
  private long rememberedBytes;
  private int atSize = -1;
  private Bytes heads = Bytes.EMPTY;
  private Bytes haveHeads = Bytes.EMPTY;
  private Bytes filterOfAll = Bytes.EMPTY;
  private int filterAtSize = -1;

  /** An encoder without snapshots. */
  public SyncEncoder(ChangeGraph graph) {
    this(graph, Optional::empty);
  }

  /**
   * @param snapshots called for a peer without changes that reads type 43; must answer at once, and
   *     only with snapshots whose heads are in the graph
   */
  public SyncEncoder(ChangeGraph graph, Supplier<Optional<Snapshot>> snapshots) {
    this.graph = graph;
    this.snapshots = snapshots;
  }

  /** Clears the cache; messages are encoded again when needed. */
  public void forget() {
    remembered.clear();
    rememberedBytes = 0;
    filterOfAll = Bytes.EMPTY;
    filterAtSize = -1;
  }

  /** The have list that states that after this message both sides are at our heads [SY11]. */
  Bytes haveHeads() {
    refresh();
    return haveHeads;
  }

  /** The have list that requests only the needed changes. */
  Bytes haveUnsaid() {
    return NO_HAVE;
  }

  /** The have list that states: all changes up to the frontier, and the changes in the filter. */
  Bytes haveFilter(Collection<ChangeHash> frontier) {
    var shared = frontier.stream().filter(graph::contains).distinct().sorted().toList();
    var filter = shared.isEmpty() ? filterOfAll() : filterOf(graph.since(shared));
    return new ByteWriter(16 + ChangeHash.LENGTH * shared.size() + filter.length())
        .u8(1)
        .hashes(shared)
        .prefixed(filter)
        .toBytes();
  }

  /** A message with the changes from a position on, shared by all peers at that position. */
  Bytes shared(int from) {
    return remember(
        new Run(from, false),
        () -> {
          var writer = begin(NO_NEED, haveHeads(), chunkBytes(from) + 10, false);
          writer.uleb(graph.size() - from);
          for (var position = from; position < graph.size(); position++) {
            writer.prefixed(graph.chunkAt(position));
          }
          return writer.toBytes();
        });
  }

  /**
   * A message of type 43 with the snapshot and the later changes; empty if there is no usable
   * snapshot.
   */
  Optional<Bytes> wholeDocument() {
    refresh();
    var run = new Run(0, true);
    var known = remembered.get(run);
    if (known != null) {
      return Optional.of(known);
    }
    var snapshot = snapshots.get();
    if (snapshot.isEmpty() || !snapshot.get().heads().stream().allMatch(graph::contains)) {
      return Optional.empty();
    }
    var chunk = snapshot.get().chunk();
    var tail = graph.since(snapshot.get().heads());
    var length = (long) chunk.length();
    for (var position : tail) {
      length += graph.chunkLengthAt(position);
    }
    var writer = begin(NO_NEED, haveHeads(), length + 10, true);
    writer.uleb(1).uleb(length).bytes(chunk);
    for (var position : tail) {
      writer.bytes(graph.chunkAt(position));
    }
    return Optional.of(remember(run, writer::toBytes));
  }

  /** A message for one peer only: chosen changes below the run, then the run without some. */
  Bytes single(
      List<ChangeHash> need, Bytes have, int[] chosen, int from, @Nullable PositionSet without) {
    var count = chosen.length;
    var length = 0L;
    for (var position : chosen) {
      length += graph.chunkLengthAt(position) + 5;
    }
    for (var position = from; position < graph.size(); position++) {
      if (without == null || !without.contains(position)) {
        length += graph.chunkLengthAt(position) + 5;
        count++;
      }
    }
    var needed =
        need.isEmpty()
            ? NO_NEED
            : new ByteWriter(5 + ChangeHash.LENGTH * need.size()).hashes(need).toBytes();
    var writer = begin(needed, have, length + 10, false).uleb(count);
    for (var position : chosen) {
      writer.prefixed(graph.chunkAt(position));
    }
    for (var position = from; position < graph.size(); position++) {
      if (without == null || !without.contains(position)) {
        writer.prefixed(graph.chunkAt(position));
      }
    }
    return writer.toBytes();
  }

  private ByteWriter begin(Bytes need, Bytes have, long more, boolean blob) {
    refresh();
    var size = Math.toIntExact(1L + heads.length() + need.length() + have.length() + more);
    return new ByteWriter(size)
        .u8(blob ? SyncMessage.Kind.BLOB.code() : SyncMessage.Kind.CHANGES.code())
        .bytes(heads)
        .bytes(need)
        .bytes(have);
  }

  private long chunkBytes(int from) {
    var length = 0L;
    for (var position = from; position < graph.size(); position++) {
      length += graph.chunkLengthAt(position) + 5;
    }
    return length;
  }

  private Bytes remember(Run run, Supplier<Bytes> encoding) {
    refresh();
    var known = remembered.get(run);
    if (known != null) {
      return known;
    }
    var bytes = encoding.get();
    if (remembered.size() < REMEMBERED_MAX
        && rememberedBytes + bytes.length() <= REMEMBERED_BYTES_MAX) {
      remembered.put(run, bytes);
      rememberedBytes += bytes.length();
    }
    return bytes;
  }

  private void refresh() {
    if (atSize != graph.size()) {
      atSize = graph.size();
      forget();
      var list = graph.heads();
      heads = new ByteWriter(5 + ChangeHash.LENGTH * list.size()).hashes(list).toBytes();
      haveHeads = new ByteWriter(heads.length() + 2).u8(1).bytes(heads).u8(0).toBytes();
    }
  }

  private Bytes filterOfAll() {
    if (filterAtSize != graph.size()) {
      filterAtSize = graph.size();
      filterOfAll = filterOf(graph.since(List.of()));
    }
    return filterOfAll;
  }

  private Bytes filterOf(int[] positions) {
    Iterable<ChangeHash> hashes = () -> Arrays.stream(positions).mapToObj(graph::hashAt).iterator();
    return BloomFilter.of(hashes, positions.length).encode();
  }
}
