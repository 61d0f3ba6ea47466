package dev.parlor.relay.quarantine;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.storage.RecordTable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a document from native code if native code was processing its bytes when the process died
 * [AD8]. The document is still relayed, in plain Java, but it is not opened as a room and not
 * compacted. The cause of the death is not certain, so the operator may release a document. If the
 * process dies on it again, the next start finds it again. Durable in a table, by document.
 */
public final class Quarantine implements NativeCallGuard, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Quarantine.class);

  private final NativeCallMarkers crumbs;
  private final RecordTable table;
  private final Map<DocumentId, String> shut = new ConcurrentHashMap<>();

  private Quarantine(NativeCallMarkers crumbs, RecordTable table) {
    this.crumbs = crumbs;
    this.table = table;
  }

  /**
   * Reads the notes of the previous process.
   *
   * @param file in a directory that no other process uses
   */
  public static Quarantine open(Path file, RecordTable table, InstantSource clock)
      throws IOException {
    var quarantine = new Quarantine(NativeCallMarkers.open(file), table);
    table
        .withPrefix("")
        .forEach(
            (id, why) -> {
              if (DocumentId.parse(id) instanceof Decoding.Decoded<DocumentId>(var document)) {
                quarantine.shut.put(document, why.toUtf8());
              }
            });
    for (var left : quarantine.crumbs.left()) {
      quarantine.shut(left, clock);
    }
    quarantine.shut.forEach(
        (document, why) ->
            LOG.error(
                "document {} is in quarantine, relayed but neither opened as a room nor compacted:"
                    + " {}; POST /api/admin/rooms/{}/release ends it",
                document,
                why,
                document));
    return quarantine;
  }

  private void shut(NativeCallMarkers.Left left, InstantSource clock) {
    var what = left.what();
    var why =
        "a process died, seen %s, while native code had it in hand (%s of %d, first %08x)"
            .formatted(
                clock.instant(),
                what.work().name().toLowerCase(Locale.ROOT),
                what.chunks(),
                what.checksum());
    shut.put(left.document(), why);
    var _ =
        table
            .put(left.document().value(), Bytes.utf8(why))
            .whenComplete(
                (_, failure) -> {
                  if (failure == null) {
                    crumbs.sweep(left.slot());
                  } else {
                    LOG.error("the quarantine entry is not on disk yet", failure);
                  }
                });
  }

  @Override
  public <T> T hand(DocumentId document, Handed what, Supplier<T> call) {
    if (isShut(document)) {
      throw new IllegalStateException("document " + document + " is in quarantine [AD8]");
    }
    var slot = crumbs.enter(document, what);
    try {
      return call.get();
    } finally {
      crumbs.leave(slot);
    }
  }

  @Override
  public boolean isShut(DocumentId document) {
    return shut.containsKey(document);
  }

  /** The documents in quarantine, each with the reason. */
  public Map<DocumentId, String> all() {
    return new TreeMap<>(shut);
  }

  public Optional<String> why(DocumentId document) {
    return Optional.ofNullable(shut.get(document));
  }

  public int size() {
    return shut.size();
  }

  /** Releases a document at once; false if it was not in quarantine. */
  public boolean release(DocumentId document) {
    if (shut.remove(document) == null) {
      return false;
    }
    LOG.warn("document {} is released from quarantine at the operator's request", document);
    var _ = table.remove(document.value());
    return true;
  }

  /** Clears the notes at an orderly stop: calls that are still running did not cause it. */
  @Override
  public void close() {
    crumbs.close();
  }
}
