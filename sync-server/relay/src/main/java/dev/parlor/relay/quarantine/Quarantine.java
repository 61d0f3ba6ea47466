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
 * [AD8]. The document is still relayed and compacted, in plain Java, but it is not opened as a
 * room. The cause of the death is not certain, so the operator may release a document. If the
 * process dies again while it handles the released document, the next start puts the document back
 * into quarantine. The entries are stored in a table, by document id.
 */
public final class Quarantine implements NativeCallGuard, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Quarantine.class);

  private final NativeCallMarkers markers;
  private final RecordTable table;

  /** The documents in quarantine, each with the reason. */
  private final Map<DocumentId, String> reasons = new ConcurrentHashMap<>();

  private Quarantine(NativeCallMarkers markers, RecordTable table) {
    this.markers = markers;
    this.table = table;
  }

  /**
   * Opens the quarantine, and adds the documents whose markers the previous process left behind.
   *
   * @param file in a directory that no other process uses
   */
  public static Quarantine open(Path file, RecordTable table, InstantSource clock)
      throws IOException {
    var quarantine = new Quarantine(NativeCallMarkers.open(file), table);
    table
        .withPrefix("")
        .forEach(
            (id, reason) -> {
              if (DocumentId.parse(id) instanceof Decoding.Decoded<DocumentId>(var document)) {
                quarantine.reasons.put(document, reason.toUtf8());
              }
            });
    table.watch(quarantine::changedByAnotherNode);
    for (var leftover : quarantine.markers.takeLeftovers()) {
      quarantine.add(leftover, clock);
    }
    quarantine.reasons.forEach(
        (document, reason) ->
            LOG.error(
                "document {} is in quarantine, relayed but not opened as a room:"
                    + " {}; POST /api/admin/rooms/{}/release ends it",
                document,
                reason,
                document));
    return quarantine;
  }

  /** Another node put a document into quarantine or released it. */
  private void changedByAnotherNode(String id) {
    if (DocumentId.parse(id) instanceof Decoding.Decoded<DocumentId>(var document)) {
      var reason = table.get(id);
      if (reason.isPresent()) {
        if (reasons.put(document, reason.get().toUtf8()) == null) {
          LOG.error("document {} is in quarantine: {}", document, reason.get().toUtf8());
        }
      } else {
        reasons.remove(document);
      }
    }
  }

  private void add(NativeCallMarkers.Leftover leftover, InstantSource clock) {
    var call = leftover.call();
    var reason =
        "a process died while native code processed it (%s of %d chunks, first %08x), found %s"
            .formatted(
                call.work().name().toLowerCase(Locale.ROOT),
                call.chunks(),
                call.checksum(),
                clock.instant());
    reasons.put(leftover.document(), reason);
    var _ =
        table
            .put(leftover.document().value(), Bytes.utf8(reason))
            .whenComplete(
                (_, failure) -> {
                  if (failure == null) {
                    markers.clear(leftover.slot());
                  } else {
                    LOG.error("the quarantine entry is not on disk yet", failure);
                  }
                });
  }

  @Override
  public <T> T run(DocumentId document, NativeCall call, Supplier<T> body) {
    if (isQuarantined(document)) {
      throw new IllegalStateException("document " + document + " is in quarantine [AD8]");
    }
    var slot = markers.enter(document, call);
    try {
      return body.get();
    } finally {
      markers.leave(slot);
    }
  }

  @Override
  public boolean isQuarantined(DocumentId document) {
    return reasons.containsKey(document);
  }

  /** The documents in quarantine, each with the reason. */
  public Map<DocumentId, String> all() {
    return new TreeMap<>(reasons);
  }

  /** The reason why the document is in quarantine; empty when it is not. */
  public Optional<String> reason(DocumentId document) {
    return Optional.ofNullable(reasons.get(document));
  }

  public int size() {
    return reasons.size();
  }

  /** Releases a document at once, on all nodes; false if it was not in quarantine. */
  public boolean release(DocumentId document) {
    if (reasons.remove(document) == null) {
      return false;
    }
    LOG.warn("document {} is released from quarantine at the operator's request", document);
    var _ = table.remove(document.value());
    return true;
  }

  /** Clears all markers at an orderly stop, since the stop interrupts the calls that still run. */
  @Override
  public void close() {
    markers.close();
  }
}
