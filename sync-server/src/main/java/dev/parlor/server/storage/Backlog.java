package dev.parlor.server.storage;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding.Decoded;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.server.config.Limits;
import dev.parlor.server.storage.ChangeStore.ChangeRecord;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the change log holds and the trees do not: durable, visible to readers through {@link
 * DocumentIndex}, and to be absorbed. Belongs to the commit thread.
 */
final class Backlog implements Closeable {

  /** A damaged part of the log, kept as it is. */
  private record Damaged(DocumentIndex.Entry entry, Bytes raw) {}

  private static final Logger LOG = LoggerFactory.getLogger(Backlog.class);

  private final ChangeLog log;
  private final DocumentIndex index;
  private final Limits.Storage limits;
  private final List<DocumentIndex.Entry> waiting = new ArrayList<>();
  private final List<Damaged> damaged = new ArrayList<>();
  private int changes;
  private long bytes;
  private volatile long logBytes;

  Backlog(ChangeLog log, DocumentIndex index, Limits.Storage limits) {
    this.log = log;
    this.index = index;
    this.limits = limits;
  }

  /** Whether the change log can take the group: appends only, not too many, nothing damaged. */
  boolean takes(List<Write> group, long groupBytes, Database database) {
    if (group.size() > limits.logRecordsMax() || !log.takes(group, groupBytes)) {
      return false;
    }
    for (var i = 0; i < group.size(); i++) {
      if (!(group.get(i) instanceof Write.Append append)
          || !index.mayLog(append.document(), database)) {
        return false;
      }
    }
    return true;
  }

  /** Makes a group durable that the log {@link #takes}, all of it or nothing. */
  void append(List<Write> group, long groupBytes) throws IOException {
    log.append(group, groupBytes);
    for (var i = 0; i < group.size(); i++) {
      var append = (Write.Append) group.get(i);
      hold(index.logged(append.document()), append.changes());
    }
    bytes += groupBytes;
    logBytes = log.length();
  }

  private void hold(DocumentIndex.Entry entry, List<ChangeRecord> more) {
    if (!entry.hasLogged()) {
      waiting.add(entry);
    }
    entry.log(more);
    changes += more.size();
  }

  private void holdDamaged(DocumentIndex.Entry entry, Bytes raw) {
    if (!entry.hasLogged()) {
      waiting.add(entry);
      entry.log(List.of());
    }
    damaged.add(new Damaged(entry, raw));
  }

  /**
   * Takes in what was in the log at the start.
   *
   * @return what of it is damaged, in words; the log as it was should be kept then
   */
  List<String> replay(Database database) throws IOException {
    var replay = log.replay();
    var damage = new ArrayList<>(replay.damage());
    for (var found : replay.found()) {
      if (DocumentId.parse(found.document()) instanceof Decoded<DocumentId>(var document)) {
        if (opens(document, database)) {
          take(index.logged(document), found);
        } else {
          damage.add("document " + document + ", whose place in the store cannot be read");
        }
      } // Else it is damaged in the very name; the report has it.
    }
    var torn = replay.torn();
    if (torn != null) {
      LOG.warn(
          "the change log ends in an entry that was being written when the server stopped ({});"
              + " nobody was told that it is saved, and it is left out",
          torn);
    }
    logBytes = log.length();
    return damage;
  }

  private boolean opens(DocumentId document, Database database) {
    try {
      return index.mayLog(document, database);
    } catch (RuntimeException | AssertionError | IllegalAccessError e) {
      index.logged(document).damaged("its log cannot be read (" + e + ")");
      return false;
    }
  }

  private void take(DocumentIndex.Entry entry, ChangeLog.Found found) {
    if (found.changes() != null) {
      hold(entry, found.changes());
      bytes += found.changes().stream().mapToLong(LogRecord::bytes).sum();
    } else if (found.raw() != null) {
      holdDamaged(entry, found.raw());
    }
  }

  /** Documents of which a part of the log is damaged. */
  Set<DocumentId> damaged() {
    return damaged.stream().map(part -> part.entry.document()).collect(Collectors.toSet());
  }

  /** Whether the trees should absorb it now. */
  boolean isDue() {
    return changes >= limits.absorbChangesMax()
        || bytes >= limits.absorbBytesMax()
        || waiting.size() >= limits.absorbDocumentsMax();
  }

  int changes() {
    return changes;
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** Bytes in the log that the trees do not have; from any thread. */
  long logBytes() {
    return logBytes;
  }

  List<DocumentIndex.Entry> documents() {
    return List.copyOf(waiting);
  }

  /** The last sequence in the log. */
  long sequence() {
    return log.sequence();
  }

  /** Puts all of it into the trees, uncommitted, with the sequence that tells that they have it. */
  void putInto(DocumentIndex.Group group, Database database) throws IOException {
    if (isEmpty()) {
      return;
    }
    for (var entry : waiting) {
      putInto(group, entry, database);
    }
    database.putAbsorbed(log.sequence() + 1);
  }

  /** One document's part. */
  void putInto(DocumentIndex.Group group, DocumentIndex.Entry entry, Database database)
      throws IOException {
    var known = group.entry(entry.document(), database);
    if (entry.hasLogged()) {
      group.append(known, entry.logged(), database);
    }
    for (var part : damaged) {
      if (part.entry == entry) {
        group.appendDamaged(known, part.raw, database);
      }
    }
  }

  /** What {@link #putInto} put is committed. */
  void absorbed() {
    if (isEmpty()) {
      return;
    }
    waiting.clear();
    damaged.clear();
    changes = 0;
    bytes = 0;
    log.restart(log.sequence() + 1);
    logBytes = 0;
  }

  /** The document's part is given up here; it was kept elsewhere. */
  void giveUp(DocumentIndex.Entry entry, String why) {
    waiting.remove(entry);
    damaged.removeIf(part -> part.entry == entry);
    entry.damaged(why);
    entry.forgetLogged();
  }

  /** Gives the disk the log's space back when nothing is in it, and lets go of the file. */
  @Override
  public void close() throws IOException {
    try (log) {
      if (isEmpty()) {
        log.restart(log.sequence());
        log.truncate();
      }
    }
  }
}
