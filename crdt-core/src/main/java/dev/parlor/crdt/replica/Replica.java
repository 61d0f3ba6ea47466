package dev.parlor.crdt.replica;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.Decoding;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.automerge.AmValue;
import org.automerge.Document;
import org.jspecify.annotations.Nullable;

/**
 * A materialised Automerge document with its own actor. One owner thread at a time uses it. The
 * owner must close it: the document is in native memory, which the garbage collector does not free.
 * After {@link #close} every method throws {@link IllegalStateException}.
 */
public final class Replica implements AutoCloseable {

  /** Null after {@link #close}. */
  private @Nullable Document document;

  private Replica(Document document) {
    this.document = document;
  }

  /** Creates an empty document with {@code actor} as the author of its edits. */
  public static Replica create(ActorId actor) {
    return new Replica(new Document(actor.bytes().toArray()));
  }

  /**
   * Loads a document from a snapshot and later changes, in any order.
   *
   * @throws ReplicaException if the bytes are not a snapshot or changes
   */
  public static Replica load(Optional<Bytes> snapshot, List<Bytes> changes, ActorId actor) {
    var replica = create(actor);
    try {
      snapshot.ifPresent(bytes -> replica.feed(bytes, "the snapshot"));
      replica.apply(changes);
      return replica;
    } catch (RuntimeException e) {
      replica.close();
      throw e;
    }
  }

  /**
   * Applies change chunks, plain or deflated, in any order. A change with missing dependencies has
   * no effect until they arrive; a change that was applied already has no effect.
   *
   * @throws ReplicaException if an item is not a change chunk with a correct checksum
   */
  public void apply(List<Bytes> changes) {
    for (var i = 0; i < changes.size(); i++) {
      // The bindings silently skip a chunk that fails its checksum or is cut off.
      if (ChangeCodec.decode(changes.get(i), FormatLimits.DEFAULT)
          instanceof Decoding.Malformed<?>(var rule, var reason)) {
        throw new ReplicaException("item %d is not a change [%s]: %s".formatted(i, rule, reason));
      }
    }
    if (!changes.isEmpty()) {
      feed(Bytes.concat(changes), "the changes");
    }
  }

  private void feed(Bytes chunks, String source) {
    var openDocument = document();
    try {
      openDocument.applyEncodedChanges(chunks.toArray());
    } catch (RuntimeException e) {
      throw new ReplicaException(source + " cannot be applied: " + e.getMessage(), e);
    }
  }

  /**
   * Runs all edits as one change, or none of them.
   *
   * @return the change as a plain chunk, or empty when the edits changed nothing
   * @throws ReplicaException if an edit does not fit the document, which is then unchanged
   */
  public Optional<Bytes> transact(List<Edit> edits) {
    var openDocument = document();
    var headsBefore = openDocument.getHeads();
    var transaction = openDocument.startTransaction();
    var position = 0;
    try {
      var writer = new Writer(transaction);
      for (; position < edits.size(); position++) {
        writer.run(edits.get(position));
      }
    } catch (RuntimeException e) {
      transaction.rollback();
      var edit = edits.get(position);
      throw new ReplicaException(
          "edit %d (%s '%s') does not fit: %s"
              .formatted(position, edit.getClass().getSimpleName(), edit.path(), e.getMessage()),
          e);
    }
    return transaction.commit().map(_ -> Bytes.wrap(openDocument.encodeChangesSince(headsBefore)));
  }

  /** The hashes of the newest changes, ascending. */
  public List<ChangeHash> heads() {
    return Arrays.stream(document().getHeads())
        .map(head -> ChangeHash.read(head.getBytes(), 0))
        .sorted()
        .toList();
  }

  /** The document with its history as one compact document chunk. */
  public Bytes save() {
    return Bytes.wrap(document().save());
  }

  /** Every applied change as a plain chunk, dependencies first. */
  public List<Bytes> changes() {
    var all = document().encodeChangesSince(new org.automerge.ChangeHash[0]);
    return ChangeCodec.split(Bytes.wrap(all), FormatLimits.DEFAULT).orElseThrow();
  }

  /** The whole document. */
  public Value root() {
    return new Reader(document()).read(Path.ROOT).orElseThrow();
  }

  /**
   * Reads only the subtree at the path; empty if there is no value. Maps and lists below {@value
   * Reader#DEPTH_MAX} levels are read as null.
   */
  public Optional<Value> read(Path path) {
    return new Reader(document()).read(path);
  }

  /**
   * The id of the map, list or text at the path, as {@code <counter>@<actor>}; empty if there is
   * none.
   */
  public Optional<String> objectAt(Path path) {
    return new Reader(document())
        .find(path)
        .flatMap(
            found ->
                switch (found) {
                  case AmValue.Map map -> Optional.of(map.getId().toString());
                  case AmValue.List list -> Optional.of(list.getId().toString());
                  case AmValue.Text text -> Optional.of(text.getId().toString());
                  default -> Optional.empty();
                });
  }

  /** The number of items of the list at the path; 0 if there is no list. */
  public int length(Path path) {
    return new Reader(document())
        .find(path)
        .map(
            found ->
                found instanceof AmValue.List list
                    ? Math.toIntExact(document().length(list.getId()))
                    : 0)
        .orElse(0);
  }

  /**
   * All conflicting values of concurrent writers at one map key or list position, the winner first.
   * Every replica agrees on the winner. Empty if there is no value.
   */
  public List<Value> conflicts(Path path) {
    return new Reader(document()).conflicts(path);
  }

  /** The strings that concurrent writers put at the path, also inside concurrently made maps. */
  public TextVersions versions(Path path) {
    return new VersionReader(document()).versions(path, null);
  }

  /** As {@link #versions(Path)}, for the state at these heads, which the replica must have. */
  public TextVersions versions(Path path, List<ChangeHash> heads) {
    return new VersionReader(document()).versions(path, heads);
  }

  /** The current text of the version, even if another value has replaced it. */
  public String textOf(TextVersion version) {
    return new VersionReader(document()).textOf(version, null);
  }

  /** The text of the version in the state at these heads, which the replica must have. */
  public String textOf(TextVersion version, List<ChangeHash> heads) {
    return new VersionReader(document()).textOf(version, heads);
  }

  /**
   * The changes that made the versions, by {@link TextVersion#operation}. Reads the whole history.
   */
  public Map<String, ChangeChunk> changesOf(Collection<TextVersion> versions) {
    return VersionReader.changesOf(changes(), versions);
  }

  /** Frees the native memory; closing twice is harmless. */
  @Override
  public void close() {
    if (document != null) {
      document.free();
      document = null;
    }
  }

  private Document document() {
    if (document == null) {
      throw new IllegalStateException("this replica is closed");
    }
    return document;
  }
}
