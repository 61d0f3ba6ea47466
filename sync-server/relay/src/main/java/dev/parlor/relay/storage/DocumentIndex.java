package dev.parlor.relay.storage;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.Decoding.Decoded;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.storage.ChangeStore.ChangeRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stored documents. For each it has the number, the committed end of its log in the trees, and
 * the changes that only the change log holds. It takes about 200 bytes for each document. Any
 * thread reads; only the commit thread writes.
 */
final class DocumentIndex {

  private static final Logger LOG = LoggerFactory.getLogger(DocumentIndex.class);
  private static final long UNKNOWN_END = -1;

  /**
   * A linked list of appends that are in the change log and not in the trees; the latest is first.
   */
  private record LoggedRun(List<ChangeRecord> changes, @Nullable LoggedRun older) {}

  /**
   * The visible state of a document. It is replaced as a whole, so that a reader sees no change
   * twice.
   *
   * @param end log sequences below this end are committed in the trees
   */
  private record Visible(long end, @Nullable LoggedRun latest) {

    /** The logged changes, oldest first. */
    List<ChangeRecord> logged() {
      if (latest == null) {
        return List.of();
      }
      var runs = new ArrayList<List<ChangeRecord>>();
      for (var run = latest; run != null; run = run.older) {
        runs.add(run.changes);
      }
      Collections.reverse(runs);
      var changes = new ArrayList<ChangeRecord>();
      runs.forEach(changes::addAll);
      return changes;
    }
  }

  /** The number and state of one document. */
  static final class Entry {
    private final DocumentId document;
    private final long number;
    private boolean inTrees;
    private volatile Visible visible = new Visible(UNKNOWN_END, null);
    private volatile @Nullable String damage;

    private Entry(DocumentId document, long number, boolean inTrees) {
      this.document = document;
      this.number = number;
      this.inTrees = inTrees;
    }

    DocumentId document() {
      return document;
    }

    long number() {
      return number;
    }

    /** A sentence about the damage to the document's place in the store; null if there is none. */
    @Nullable String damage() {
      return damage;
    }

    void markDamaged(String problem) {
      damage = problem;
    }

    /**
     * The state that a reader may see. A reader takes this view first and reads the trees
     * afterwards.
     */
    View view() {
      var now = visible;
      return new View(now.end == UNKNOWN_END ? LogRecord.SEQUENCE_END : now.end, now.logged());
    }

    /** Appends that the trees have not absorbed, oldest first. */
    List<ChangeRecord> logged() {
      return visible.logged();
    }

    boolean hasLoggedChanges() {
      return visible.latest != null;
    }

    /** Records that the change log holds these changes. */
    void addLogged(List<ChangeRecord> changes) {
      visible = new Visible(visible.end, new LoggedRun(changes, visible.latest));
    }

    /** Drops the logged changes, which were not written to the trees. */
    void dropLogged() {
      visible = new Visible(visible.end, null);
    }
  }

  /**
   * The state of a document at one moment.
   *
   * @param end records of the trees with sequences below this end belong to the state
   * @param logged changes of the change log, which follow those records
   */
  record View(long end, List<ChangeRecord> logged) {}

  private final Map<DocumentId, Entry> entries = new ConcurrentHashMap<>();
  private long highestNumber;

  DocumentIndex(Database database) {
    highestNumber = database.highestNumber();
    database.eachDocument(
        (id, number) -> {
          highestNumber = Math.max(highestNumber, number);
          if (DocumentId.parse(id) instanceof Decoded<DocumentId>(var document)) {
            var entry = new Entry(document, number, true);
            if (number < 0) {
              entry.markDamaged("its number cannot be read");
            }
            entries.put(document, entry);
          } else {
            LOG.error("the store names a document \"{}\", which is no id; it is ignored", id);
          }
        });
  }

  @Nullable Entry get(DocumentId document) {
    return entries.get(document);
  }

  int size() {
    return entries.size();
  }

  Set<DocumentId> documents() {
    return Set.copyOf(entries.keySet());
  }

  /**
   * Whether changes of the document may be appended to the change log. Otherwise they go into the
   * trees, which report the damage or the invalid id.
   */
  boolean canLog(DocumentId document, Database database) {
    var entry = entries.get(document);
    if (entry == null) {
      return document.value().length() <= DocumentId.LENGTH_MAX;
    }
    if (entry.damage != null) {
      return false;
    }
    if (entry.visible.end == UNKNOWN_END) {
      // Readers must know the committed end before the next record is put behind it.
      entry.visible = new Visible(database.nextSequence(entry.number), null);
    }
    return true;
  }

  /**
   * The entry of a document whose changes are added to the change log; created if the document is
   * new.
   */
  Entry entryToLog(DocumentId document) {
    var entry = entries.get(document);
    if (entry == null) {
      entry = new Entry(document, ++highestNumber, false);
      entry.visible = new Visible(0, null);
      entries.put(document, entry);
    }
    return entry;
  }

  /** Begins a group of writes to the trees. */
  Group begin() {
    return new Group();
  }

  /** Makes a committed group visible to readers. */
  void publish(Group group) {
    group.removed.forEach(entries::remove);
    group.created.forEach(
        (document, entry) -> {
          entry.inTrees = true;
          entries.putIfAbsent(document, entry);
        });
    group.nextSequences.forEach((entry, end) -> entry.visible = new Visible(end, null));
    highestNumber = group.highestInGroup;
  }

  /**
   * The effect of one group of writes on the index. It is published after the commit, and discarded
   * if the commit fails. A group that appends to a document also contains all changes of the
   * document in the change log.
   */
  final class Group {
    private final Map<DocumentId, Entry> created = new HashMap<>();
    private final Map<Entry, Long> nextSequences = new HashMap<>();
    private final Set<DocumentId> removed = new HashSet<>();
    private long highestInGroup = highestNumber;

    /** The document's entry; created if the document is new. */
    Entry entry(DocumentId document, Database database) throws IOException {
      var entry = existing(document);
      if (entry == null) {
        entry = created.get(document);
      }
      if (entry == null) {
        entry = new Entry(document, ++highestInGroup, false);
      }
      var damage = entry.damage;
      if (damage != null) {
        throw new CorruptDocumentException(document, damage);
      }
      if (!entry.inTrees && created.put(document, entry) == null) {
        database.putDocument(document.value(), entry.number);
      }
      return entry;
    }

    private @Nullable Entry existing(DocumentId document) {
      return removed.contains(document) ? null : entries.get(document);
    }

    /** Removes the document, including the earlier writes of this group to it. */
    void remove(DocumentId document, Database database) throws IOException {
      var existing = existing(document);
      var entry = existing == null ? created.get(document) : existing;
      created.remove(document);
      if (entry == null) {
        return;
      }
      var damage = entry.damage;
      if (damage != null) {
        throw new CorruptDocumentException(document, damage);
      }
      database.removeDocument(document.value(), entry.number);
      nextSequences.remove(entry);
      removed.add(document);
    }

    /** Appends changes to the document's log, in as few records as their size allows. */
    void append(Entry entry, List<ChangeRecord> changes, Database database) {
      var record = new ArrayList<ChangeRecord>();
      var bytes = 0L;
      for (var change : changes) {
        if (!record.isEmpty() && bytes + LogRecord.bytes(change) > LogRecord.BYTES_MAX) {
          database.putLog(nextKey(entry, database), record);
          record.clear();
          bytes = 0;
        }
        record.add(change);
        bytes += LogRecord.bytes(change);
      }
      if (!record.isEmpty()) {
        database.putLog(nextKey(entry, database), record);
      }
    }

    /**
     * Appends the bytes of a damaged section, so that later reads recognize the document as
     * damaged.
     */
    void appendDamaged(Entry entry, Bytes raw, Database database) {
      database.putDamagedLog(nextKey(entry, database), raw);
    }

    private long nextKey(Entry entry, Database database) {
      return LogRecord.key(entry.number, nextSequence(entry, database));
    }

    private long nextSequence(Entry entry, Database database) {
      var sequence = nextSequences.get(entry);
      if (sequence == null) {
        sequence =
            entry.visible.end == UNKNOWN_END
                ? database.nextSequence(entry.number)
                : entry.visible.end;
        // From now on readers must stop at the committed end.
        entry.visible = new Visible(sequence, entry.visible.latest);
      }
      nextSequences.put(entry, sequence + 1);
      return sequence;
    }
  }
}
