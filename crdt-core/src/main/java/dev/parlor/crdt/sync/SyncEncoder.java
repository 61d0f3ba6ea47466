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
   * A document in compact form.
   *
   * @param chunk an Automerge document chunk
   * @param heads the heads of the snapshot
   */
  public record Snapshot(Bytes chunk, List<ChangeHash> heads) {
    public Snapshot {
      heads = List.copyOf(heads);
    }
  }

  /** The maximum number of cached messages for one state of the graph. */
  private static final int CACHED_MESSAGES_MAX = 32;

  /** The maximum number of cached bytes. */
  private static final int CACHED_BYTES_MAX = 16 << 20;

  /** The maximum number of bytes of an encoded length or count. */
  private static final int LENGTH_BYTES_MAX = 5;

  private static final Bytes NO_NEED = Bytes.wrap(new byte[] {0});
  private static final Bytes NO_HAVE = Bytes.wrap(new byte[] {0});

  /** A cached message: the changes from a position on, either one by one or as a whole document. */
  private record CacheKey(int from, boolean isWholeDocument) {}

  private final ChangeGraph graph;
  private final Supplier<Optional<Snapshot>> snapshots;
  private final Map<CacheKey, Bytes> cache = new HashMap<>();
  private long cachedBytes;
  private int cachedAtSize = -1;
  private Bytes heads = Bytes.EMPTY;
  private Bytes haveHeads = Bytes.EMPTY;
  private Bytes filterOfAll = Bytes.EMPTY;
  private int filterAtSize = -1;

  /** Creates an encoder without snapshots. */
  public SyncEncoder(ChangeGraph graph) {
    this(graph, Optional::empty);
  }

  /**
   * Creates an encoder.
   *
   * @param snapshots the current snapshot, for a peer that understands type 43 and lacks much of
   *     the document; must return at once
   */
  public SyncEncoder(ChangeGraph graph, Supplier<Optional<Snapshot>> snapshots) {
    this.graph = graph;
    this.snapshots = snapshots;
  }

  /** Clears the cache; a message is encoded again when it is needed. */
  public void clearCache() {
    cache.clear();
    cachedBytes = 0;
    filterOfAll = Bytes.EMPTY;
    filterAtSize = -1;
  }

  /** The have list which states that the peer has all our changes after this message [SY11]. */
  Bytes haveHeads() {
    refresh();
    return haveHeads;
  }

  /** The empty have list: the peer sends only the changes that the message requests. */
  Bytes haveNone() {
    return NO_HAVE;
  }

  /** The have list which states that we have the frontier's past and the changes in a filter. */
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
    return cached(
        new CacheKey(from, false),
        () -> {
          var writer = begin(SyncMessage.Kind.CHANGES, NO_NEED, haveHeads(), encodedLength(from));
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
    var key = new CacheKey(0, true);
    var cached = cache.get(key);
    if (cached != null) {
      return Optional.of(cached);
    }
    var snapshot = snapshots.get();
    if (snapshot.isEmpty() || !snapshot.get().heads().stream().allMatch(graph::contains)) {
      return Optional.empty();
    }
    var chunk = snapshot.get().chunk();
    var laterPositions = graph.since(snapshot.get().heads());
    var length = (long) chunk.length();
    for (var position : laterPositions) {
      length += graph.chunkLengthAt(position);
    }
    var writer = begin(SyncMessage.Kind.BLOB, NO_NEED, haveHeads(), length);
    writer.uleb(1).uleb(length).bytes(chunk);
    for (var position : laterPositions) {
      writer.bytes(graph.chunkAt(position));
    }
    return Optional.of(cached(key, writer::toBytes));
  }

  /**
   * A message for one peer: changes that are sent again, then the changes from a position on.
   *
   * @param resent positions below {@code from}
   * @param excluded positions from {@code from} on that are left out; null for none
   */
  Bytes single(
      List<ChangeHash> need, Bytes have, int[] resent, int from, @Nullable PositionSet excluded) {
    var count = resent.length;
    var length = 0L;
    for (var position : resent) {
      length += graph.chunkLengthAt(position) + LENGTH_BYTES_MAX;
    }
    for (var position = from; position < graph.size(); position++) {
      if (excluded == null || !excluded.contains(position)) {
        length += graph.chunkLengthAt(position) + LENGTH_BYTES_MAX;
        count++;
      }
    }
    var encodedNeed =
        need.isEmpty()
            ? NO_NEED
            : new ByteWriter(LENGTH_BYTES_MAX + ChangeHash.LENGTH * need.size())
                .hashes(need)
                .toBytes();
    var writer = begin(SyncMessage.Kind.CHANGES, encodedNeed, have, length).uleb(count);
    for (var position : resent) {
      writer.prefixed(graph.chunkAt(position));
    }
    for (var position = from; position < graph.size(); position++) {
      if (excluded == null || !excluded.contains(position)) {
        writer.prefixed(graph.chunkAt(position));
      }
    }
    return writer.toBytes();
  }

  /** Begins a message; the number of changes and the changes must follow. */
  private ByteWriter begin(SyncMessage.Kind kind, Bytes need, Bytes have, long changesLength) {
    refresh();
    var size =
        1L + heads.length() + need.length() + have.length() + 2 * LENGTH_BYTES_MAX + changesLength;
    return new ByteWriter(Math.toIntExact(size))
        .u8(kind.code())
        .bytes(heads)
        .bytes(need)
        .bytes(have);
  }

  /** The maximum encoded length of the changes from a position on. */
  private long encodedLength(int from) {
    var length = 0L;
    for (var position = from; position < graph.size(); position++) {
      length += graph.chunkLengthAt(position) + LENGTH_BYTES_MAX;
    }
    return length;
  }

  /** The cached message; encodes and caches it if it is absent. */
  private Bytes cached(CacheKey key, Supplier<Bytes> encoding) {
    refresh();
    var cached = cache.get(key);
    if (cached != null) {
      return cached;
    }
    var bytes = encoding.get();
    if (cache.size() < CACHED_MESSAGES_MAX && cachedBytes + bytes.length() <= CACHED_BYTES_MAX) {
      cache.put(key, bytes);
      cachedBytes += bytes.length();
    }
    return bytes;
  }

  private void refresh() {
    if (cachedAtSize != graph.size()) {
      cachedAtSize = graph.size();
      clearCache();
      var list = graph.heads();
      heads =
          new ByteWriter(LENGTH_BYTES_MAX + ChangeHash.LENGTH * list.size()).hashes(list).toBytes();
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
