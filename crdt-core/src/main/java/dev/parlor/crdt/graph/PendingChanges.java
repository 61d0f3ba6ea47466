package dev.parlor.crdt.graph;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Changes that arrived before their dependencies. They are held within {@link PendingLimits} until
 * the dependencies are in the {@link ChangeGraph} [SY7]. Not thread-safe.
 *
 * <p>Every waiting change belongs to its source, for example a peer's session, and is dropped when
 * the session ends. The cost of all calls together is proportional to the held changes and their
 * dependency lists.
 */
public final class PendingChanges {

  /** The outcome of {@link #hold}. */
  public enum Held {
    /** The change is held until its dependencies arrive. */
    WAITING,
    /** The change waited already. */
    DUPLICATE,
    /** A limit is reached; the change was not kept. */
    FULL
  }

  private static final class Entry {
    final ChangeChunk change;
    final SourceState source;

    /** The number of dependencies that are not in the graph. */
    int missingCount;

    boolean removed;

    Entry(ChangeChunk change, SourceState source, int missingCount) {
      this.change = change;
      this.source = source;
      this.missingCount = missingCount;
    }
  }

  /** The waiting changes of one source. */
  private static final class SourceState {
    final Set<Entry> entries = new HashSet<>();

    /** The missing dependencies of the waiting changes, except dependencies that wait here too. */
    final TreeSet<ChangeHash> missing = new TreeSet<>();

    /**
     * The result of {@link PendingChanges#missing(Object)}: the first of the missing dependencies.
     */
    List<ChangeHash> firstMissing = List.of();

    boolean firstMissingIsStale;
    long bytes;
  }

  /** The maximum number of hashes to request at once; further hashes are requested afterwards. */
  private static final int REQUESTED_MAX = 256;

  private final PendingLimits limits;
  private final Map<Object, SourceState> sources = new HashMap<>();
  private final Map<ChangeHash, Entry> entries = new HashMap<>();
  private final Map<ChangeHash, List<Entry>> waitingFor = new HashMap<>();
  private long bytes;

  public PendingChanges() {
    this(PendingLimits.DEFAULT);
  }

  public PendingChanges(PendingLimits limits) {
    this.limits = limits;
  }

  /** The number of waiting changes. */
  public int size() {
    return entries.size();
  }

  /** The sum of the waiting chunks' lengths. */
  public long bytes() {
    return bytes;
  }

  public boolean contains(ChangeHash hash) {
    return entries.containsKey(hash);
  }

  /**
   * Keeps a change until {@link #release} was called for every dependency that {@link
   * ChangeGraph#offer} found missing. The bytes are copied.
   *
   * @param source the source of the change; compared by {@code equals}
   */
  public Held hold(Object source, ChangeChunk change, Offer.MissingDependencies offer) {
    if (entries.containsKey(change.hash())) {
      return Held.DUPLICATE;
    }
    var length = change.plain().length();
    var state = sources.get(source);
    if (entries.size() >= limits.changesMax()
        || bytes + length > limits.bytesMax()
        || (state != null && state.entries.size() >= limits.changesPerSourceMax())
        || (state == null ? 0 : state.bytes) + length > limits.bytesPerSourceMax()) {
      return Held.FULL;
    }
    if (state == null) {
      state = new SourceState();
      sources.put(source, state);
    }
    var entry = new Entry(copyOf(change), state, offer.hashes().size());
    entries.put(change.hash(), entry);
    state.entries.add(entry);
    state.bytes += length;
    bytes += length;
    for (var hash : offer.hashes()) {
      waitingFor.computeIfAbsent(hash, _ -> new ArrayList<>(1)).add(entry);
      if (!entries.containsKey(hash)) {
        addMissing(state, hash);
      }
    }
    for (var waiting : waitingFor.getOrDefault(change.hash(), List.of())) {
      removeMissing(waiting.source, change.hash());
    }
    return Held.WAITING;
  }

  /**
   * The first hashes to request from this source, ascending: dependencies of its waiting changes
   * that do not wait here too. It returns the same list instance until these dependencies change.
   */
  public List<ChangeHash> missing(Object source) {
    var state = sources.get(source);
    if (state == null) {
      return List.of();
    }
    if (state.firstMissingIsStale) {
      state.firstMissing = state.missing.stream().limit(REQUESTED_MAX).toList();
      state.firstMissingIsStale = false;
    }
    return state.firstMissing;
  }

  /** The first hashes to request from any peer, ascending. */
  public List<ChangeHash> missing() {
    var all = new TreeSet<ChangeHash>();
    for (var source : sources.keySet()) {
      all.addAll(missing(source));
    }
    return all.stream().limit(REQUESTED_MAX).toList();
  }

  /**
   * Records that a change is in the graph now. Returns the waiting changes whose last missing
   * dependency this change was, in order of arrival; they are no longer held. The caller offers
   * each to the graph, and calls this method again for each that was added.
   */
  public List<ChangeChunk> release(ChangeHash added) {
    if (entries.isEmpty()) {
      return List.of();
    }
    var addedEntry = entries.get(added);
    if (addedEntry != null) {
      remove(addedEntry);
      addedEntry.change.deps().forEach(hash -> removeMissing(addedEntry.source, hash));
      prune(addedEntry.change.deps());
    }
    var waiting = waitingFor.remove(added);
    if (waiting == null) {
      return List.of();
    }
    var ready = new ArrayList<ChangeChunk>();
    for (var entry : waiting) {
      removeMissing(entry.source, added);
      if (!entry.removed && --entry.missingCount == 0) {
        remove(entry);
        ready.add(entry.change);
      }
    }
    return List.copyOf(ready);
  }

  /** Drops all changes of this source. */
  public void forget(Object source) {
    var state = sources.remove(source);
    if (state == null) {
      return;
    }
    var affected = new HashSet<ChangeHash>();
    for (var entry : List.copyOf(state.entries)) {
      remove(entry);
      affected.addAll(entry.change.deps());
      affected.add(entry.change.hash());
    }
    prune(affected);
  }

  /**
   * Drops the changes of this source that follow a refused change, directly or indirectly, since
   * they would wait forever.
   *
   * @return the hashes of the dropped changes, dependencies first
   */
  public List<ChangeHash> dropFollowers(Object source, ChangeHash refused) {
    var state = sources.get(source);
    if (state == null || !waitingFor.containsKey(refused)) {
      return List.of();
    }
    var dropped = new ArrayList<ChangeHash>();
    var affected = new HashSet<ChangeHash>();
    var queue = new ArrayDeque<ChangeHash>(List.of(refused));
    while (!queue.isEmpty()) {
      var hash = queue.remove();
      for (var entry : waitingFor.getOrDefault(hash, List.of())) {
        if (entry.source == state && !entry.removed) {
          remove(entry);
          dropped.add(entry.change.hash());
          queue.add(entry.change.hash());
          affected.add(entry.change.hash());
          affected.addAll(entry.change.deps());
        }
      }
    }
    prune(affected);
    for (var hash : affected) {
      if (waitingFor.getOrDefault(hash, List.of()).stream().noneMatch(e -> e.source == state)) {
        removeMissing(state, hash);
      }
    }
    return dropped;
  }

  /**
   * Removes dropped entries from the lists of entries that wait for these hashes. A hash becomes a
   * missing dependency again if other entries wait for it and its change no longer waits here.
   */
  private void prune(Collection<ChangeHash> hashes) {
    for (var hash : hashes) {
      var waiting = waitingFor.get(hash);
      if (waiting != null) {
        waiting.removeIf(entry -> entry.removed);
        if (waiting.isEmpty()) {
          waitingFor.remove(hash);
        } else if (!entries.containsKey(hash)) {
          waiting.forEach(entry -> addMissing(entry.source, hash));
        }
      }
    }
  }

  private static void addMissing(SourceState source, ChangeHash hash) {
    source.firstMissingIsStale |= source.missing.add(hash);
  }

  private static void removeMissing(SourceState source, ChangeHash hash) {
    source.firstMissingIsStale |= source.missing.remove(hash);
  }

  private void remove(Entry entry) {
    var source = entry.source;
    entry.removed = true;
    entries.remove(entry.change.hash());
    source.entries.remove(entry);
    source.bytes -= entry.change.plain().length();
    bytes -= entry.change.plain().length();
    if (source.entries.isEmpty()) {
      source.missing.clear();
      source.firstMissingIsStale = true;
    }
  }

  /**
   * A copy of the change that shares no array with its network frame, so the frame can be freed.
   */
  private static ChangeChunk copyOf(ChangeChunk change) {
    var plain = Bytes.wrap(change.plain().toArray());
    var columns =
        plain.slice(plain.length() - change.columns().length(), change.columns().length());
    return new ChangeChunk(
        change.hash(),
        new ActorId(Bytes.wrap(change.actor().bytes().toArray())),
        change.seq(),
        change.startOp(),
        change.time(),
        change.message(),
        change.deps(),
        change.otherActors().stream()
            .map(actor -> new ActorId(Bytes.wrap(actor.bytes().toArray())))
            .toList(),
        columns,
        plain);
  }
}
