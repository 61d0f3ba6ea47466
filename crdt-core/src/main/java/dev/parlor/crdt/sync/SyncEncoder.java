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
 * Writes the sync messages of one document and remembers those that more than one peer can use:
 * peers that stand at the same place in the log get the same {@link Bytes} [SY6]. Belongs to the
 * room's writer; what is remembered is dropped when the graph grows.
 */
public final class SyncEncoder {

  /**
   * A compact form of the document for peers that have nothing.
   *
   * @param chunk an Automerge document chunk
   * @param heads the heads that it stands at
   */
  public record Snapshot(Bytes chunk, List<ChangeHash> heads) {
    public Snapshot {
      heads = List.copyOf(heads);
    }
  }

  /** Beyond this many different messages per state of the graph nothing more is remembered. */
  private static final int REMEMBERED_MAX = 32;

  /** Beyond this many bytes in all nothing more is remembered. */
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
   * @param snapshots asked when a peer that has nothing understands 43; must answer at once, and
   *     only with snapshots whose heads are in the graph
   */
  public SyncEncoder(ChangeGraph graph, Supplier<Optional<Snapshot>> snapshots) {
    this.graph = graph;
    this.snapshots = snapshots;
  }

  /** Gives back the memory of remembered messages; they are made anew when needed. */
  public void forget() {
    remembered.clear();
    rememberedBytes = 0;
    filterOfAll = Bytes.EMPTY;
    filterAtSize = -1;
  }

  /** The have list that says: I am at my heads and so are you, after this message [SY11]. */
  Bytes haveHeads() {
    refresh();
    return haveHeads;
  }

  /** The have list that says: send nothing but what I need. */
  Bytes haveUnsaid() {
    return NO_HAVE;
  }

  /** The have list that says: I have everything up to the frontier, and what the filter holds. */
  Bytes haveFilter(Collection<ChangeHash> frontier) {
    var shared = frontier.stream().filter(graph::contains).distinct().sorted().toList();
    var filter = shared.isEmpty() ? filterOfAll() : filterOf(graph.since(shared));
    return new ByteWriter(16 + ChangeHash.LENGTH * shared.size() + filter.length())
        .u8(1)
        .hashes(shared)
        .prefixed(filter)
        .toBytes();
  }

  /** A message with the changes from a position on, shared by all who want the same. */
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

  /** A 43 with the snapshot and what came after it; empty when there is no usable snapshot. */
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
