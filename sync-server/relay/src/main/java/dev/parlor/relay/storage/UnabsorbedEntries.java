package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding.Decoded;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.storage.ChangeStore.ChangeRecord;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The entries of the change log that the trees have not absorbed yet. They are durable, and readers
 * see them through {@link DocumentIndex}. Used by the commit thread only.
 */
final class UnabsorbedEntries implements Closeable {

  /** A damaged section of the log, with its unchanged bytes. */
  private record Damaged(DocumentIndex.Entry entry, Bytes raw) {}

  private static final Logger LOG = LoggerFactory.getLogger(UnabsorbedEntries.class);

  private final ChangeLog log;
  private final DocumentIndex index;
  private final Limits.Storage limits;
  private final List<DocumentIndex.Entry> entries = new ArrayList<>();
  private final List<Damaged> damaged = new ArrayList<>();
  private int changes;
  private long bytes;
  private volatile long logBytes;

  UnabsorbedEntries(ChangeLog log, DocumentIndex index, Limits.Storage limits) {
    this.log = log;
    this.index = index;
    this.limits = limits;
  }

  /**
   * Whether the change log can hold the group: it has appends only, it fits, and its documents are
   * undamaged.
   */
  boolean canAppend(List<Write> group, long groupBytes, Database database) {
    if (group.size() > limits.logRecordsMax() || !log.hasRoomFor(group, groupBytes)) {
      return false;
    }
    for (var i = 0; i < group.size(); i++) {
      if (!(group.get(i) instanceof Write.Append append)
          || !index.canLog(append.document(), database)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Makes a group durable, as a whole or not at all. Call it only if {@link #canAppend} is true.
   */
  void append(List<Write> group, long groupBytes) throws IOException {
    log.append(group, groupBytes);
    for (var i = 0; i < group.size(); i++) {
      var append = (Write.Append) group.get(i);
      addChanges(index.entryToLog(append.document()), append.changes());
    }
    bytes += groupBytes;
    logBytes = log.length();
  }

  private void addChanges(DocumentIndex.Entry entry, List<ChangeRecord> more) {
    if (!entry.hasLoggedChanges()) {
      entries.add(entry);
    }
    entry.addLogged(more);
    changes += more.size();
  }

  private void addDamaged(DocumentIndex.Entry entry, Bytes raw) {
    if (!entry.hasLoggedChanges()) {
      entries.add(entry);
      entry.addLogged(List.of());
    }
    damaged.add(new Damaged(entry, raw));
  }

  /**
   * Reads the entries that the last process left in the log.
   *
   * @return a sentence for each damaged part; if there is one, the caller keeps a copy of the log
   */
  List<String> replay(Database database) throws IOException {
    var replay = log.replay();
    var damage = new ArrayList<>(replay.damage());
    for (var section : replay.sections()) {
      if (DocumentId.parse(section.document()) instanceof Decoded<DocumentId>(var document)) {
        if (isReadable(document, database)) {
          addReplayed(index.entryToLog(document), section);
        } else {
          damage.add("document " + document + ", whose place in the store cannot be read");
        }
      } // Otherwise the document's id is damaged too; the replay has reported that.
    }
    var torn = replay.torn();
    if (torn != null) {
      LOG.warn(
          "the change log ends in an entry that was being written when the server stopped ({});"
              + " it was never acknowledged, so it is skipped",
          torn);
    }
    logBytes = log.length();
    return damage;
  }

  /**
   * Whether the document's place in the trees can be read; if not, marks the document as damaged.
   */
  private boolean isReadable(DocumentId document, Database database) {
    try {
      return index.canLog(document, database);
    } catch (RuntimeException | AssertionError | IllegalAccessError e) {
      index.entryToLog(document).markDamaged("its log cannot be read (" + e + ")");
      return false;
    }
  }

  private void addReplayed(DocumentIndex.Entry entry, ChangeLog.ReplayedSection section) {
    if (section.changes() != null) {
      addChanges(entry, section.changes());
      bytes += section.changes().stream().mapToLong(LogRecord::bytes).sum();
    } else if (section.raw() != null) {
      addDamaged(entry, section.raw());
    }
  }

  /** The documents that have a damaged part in the log. */
  Set<DocumentId> damaged() {
    return damaged.stream().map(part -> part.entry.document()).collect(Collectors.toSet());
  }

  /** Whether the trees should absorb the entries now. */
  boolean isDue() {
    return changes >= limits.absorbChangesMax()
        || bytes >= limits.absorbBytesMax()
        || entries.size() >= limits.absorbDocumentsMax();
  }

  int changes() {
    return changes;
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  /** The number of bytes in the log that the trees have not absorbed; safe from any thread. */
  long logBytes() {
    return logBytes;
  }

  List<DocumentIndex.Entry> documents() {
    return List.copyOf(entries);
  }

  /** The last sequence in the log. */
  long sequence() {
    return log.sequence();
  }

  /**
   * Puts all entries into the trees, uncommitted, together with the sequence up to which the trees
   * have absorbed the log.
   */
  void putInto(DocumentIndex.Group group, Database database) throws IOException {
    if (isEmpty()) {
      return;
    }
    for (var entry : entries) {
      putInto(group, entry, database);
    }
    database.putAbsorbed(log.sequence() + 1);
  }

  /** Puts the entries of one document into the trees. */
  void putInto(DocumentIndex.Group group, DocumentIndex.Entry entry, Database database)
      throws IOException {
    var groupEntry = group.entry(entry.document(), database);
    if (entry.hasLoggedChanges()) {
      group.append(groupEntry, entry.logged(), database);
    }
    for (var part : damaged) {
      if (part.entry == entry) {
        group.appendDamaged(groupEntry, part.raw, database);
      }
    }
  }

  /** Records that the entries put by {@link #putInto} are committed. */
  void absorbed() {
    if (isEmpty()) {
      return;
    }
    entries.clear();
    damaged.clear();
    changes = 0;
    bytes = 0;
    log.restart(log.sequence() + 1);
    logBytes = 0;
  }

  /**
   * Drops the entries of a document and marks the document as damaged. The caller has kept a copy
   * of the log.
   */
  void abandon(DocumentIndex.Entry entry, String reason) {
    entries.remove(entry);
    damaged.removeIf(part -> part.entry == entry);
    entry.markDamaged(reason);
    entry.dropLogged();
  }

  /** Truncates the log if it is empty, and closes the file. */
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
