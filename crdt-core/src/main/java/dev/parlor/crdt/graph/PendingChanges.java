package dev.parlor.crdt.graph;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
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
 * the dependencies are in the {@link ChangeGraph} [SY7]. Used by the document's worker only.
 *
 * <p>Every waiting change belongs to its source (for example a session), so that it is dropped with
 * the session. Costs are proportional to the held changes and their dependency lists.
 */
public final class PendingChanges {

  /** The outcome of {@link #hold}. */
  public enum Held {
    /** The change waits. */
    WAITING,
    /** The change waited already. */
    DUPLICATE,
    /** A limit is reached; the change was not kept. */
    FULL
  }

  private static final class Entry {
    final ChangeChunk change;
    final Source source;
    int missing;
    boolean gone;

    Entry(ChangeChunk change, Source source, int missing) {
      this.change = change;
      this.source = source;
      this.missing = missing;
    }
  }

  private static final class Source {
    final Set<Entry> entries = new HashSet<>();

    /** The missing dependencies of its changes, without those that wait here themselves. */
    final TreeSet<ChangeHash> missing = new TreeSet<>();

    List<ChangeHash> asked = List.of();
    boolean askedIsStale;
    long bytes;
  }

  /** The most hashes requested at once; as they arrive, the next ones are requested. */
  private static final int ASKED_MAX = 256;

  private final PendingLimits limits;
  private final Map<Object, Source> sources = new HashMap<>();
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
   * Keeps a change until the dependencies that {@link ChangeGraph#offer} named as missing have been
   * released. The bytes are copied.
   *
   * @param source the source of the change; compared by {@code equals}
   */
  public Held hold(Object source, ChangeChunk change, Offer.MissingDependencies offer) {
    if (entries.containsKey(change.hash())) {
      return Held.DUPLICATE;
    }
    var length = change.plain().length();
    var owner = sources.get(source);
    if (entries.size() >= limits.changesMax()
        || bytes + length > limits.bytesMax()
        || (owner != null && owner.entries.size() >= limits.changesPerSourceMax())
        || (owner == null ? 0 : owner.bytes) + length > limits.bytesPerSourceMax()) {
      return Held.FULL;
    }
    if (owner == null) {
      owner = new Source();
      sources.put(source, owner);
    }
    var entry = new Entry(detached(change), owner, offer.hashes().size());
    entries.put(change.hash(), entry);
    owner.entries.add(entry);
    owner.bytes += length;
    bytes += length;
    for (var hash : offer.hashes()) {
      waitingFor.computeIfAbsent(hash, _ -> new ArrayList<>(1)).add(entry);
      if (!entries.containsKey(hash)) {
        ask(owner, hash);
      }
    }
    for (var waiting : waitingFor.getOrDefault(change.hash(), List.of())) {
      askNoMore(waiting.source, change.hash());
    }
    return Held.WAITING;
  }

  /**
   * The first hashes to request from this source, ascending: the dependencies of its waiting
   * changes that do not wait here themselves. It is the same list instance until a change is held
   * or released.
   */
  public List<ChangeHash> missing(Object source) {
    var owner = sources.get(source);
    if (owner == null) {
      return List.of();
    }
    if (owner.askedIsStale) {
      owner.asked = owner.missing.stream().limit(ASKED_MAX).toList();
      owner.askedIsStale = false;
    }
    return owner.asked;
  }

  /** The first hashes to request from any peer, ascending. */
  public List<ChangeHash> missing() {
    var all = new TreeSet<ChangeHash>();
    for (var source : sources.keySet()) {
      all.addAll(missing(source));
    }
    return all.stream().limit(ASKED_MAX).toList();
  }

  /**
   * Records that a change is in the graph now. Returns the waiting changes whose dependencies are
   * complete, in order of arrival; they are no longer held. Offer each to the graph, and release it
   * if it was added.
   */
  public List<ChangeChunk> release(ChangeHash added) {
    if (entries.isEmpty()) {
      return List.of();
    }
    var own = entries.get(added);
    if (own != null) {
      remove(own);
      own.change.deps().forEach(hash -> askNoMore(own.source, hash));
      prune(own.change.deps());
    }
    var waiting = waitingFor.remove(added);
    if (waiting == null) {
      return List.of();
    }
    var ready = new ArrayList<ChangeChunk>();
    for (var entry : waiting) {
      askNoMore(entry.source, added);
      if (!entry.gone && --entry.missing == 0) {
        remove(entry);
        ready.add(entry.change);
      }
    }
    return List.copyOf(ready);
  }

  /** Drops all changes of this source. */
  public void forget(Object source) {
    var owner = sources.remove(source);
    if (owner == null) {
      return;
    }
    var affected = new HashSet<ChangeHash>();
    for (var entry : List.copyOf(owner.entries)) {
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
   * @return their hashes, each after those that it follows
   */
  public List<ChangeHash> drop(Object source, ChangeHash refused) {
    var owner = sources.get(source);
    if (owner == null || !waitingFor.containsKey(refused)) {
      return List.of();
    }
    var dropped = new ArrayList<ChangeHash>();
    var affected = new HashSet<ChangeHash>();
    var next = 0;
    for (var hash = refused;
        hash != null;
        hash = next < dropped.size() ? dropped.get(next++) : null) {
      for (var entry : waitingFor.getOrDefault(hash, List.of())) {
        if (entry.source == owner && !entry.gone) {
          remove(entry);
          dropped.add(entry.change.hash());
          affected.add(entry.change.hash());
          affected.addAll(entry.change.deps());
        }
      }
    }
    prune(affected);
    for (var hash : affected) {
      if (waitingFor.getOrDefault(hash, List.of()).stream().noneMatch(e -> e.source == owner)) {
        askNoMore(owner, hash);
      }
    }
    return dropped;
  }

  /**
   * Removes entries that are gone from the lists where they waited; each list is read once. If
   * other entries still wait for a removed change, it is requested from their sources.
   */
  private void prune(Collection<ChangeHash> hashes) {
    for (var hash : hashes) {
      var waiting = waitingFor.get(hash);
      if (waiting != null) {
        waiting.removeIf(entry -> entry.gone);
        if (waiting.isEmpty()) {
          waitingFor.remove(hash);
        } else if (!entries.containsKey(hash)) {
          waiting.forEach(entry -> ask(entry.source, hash));
        }
      }
    }
  }

  private static void ask(Source source, ChangeHash hash) {
    source.askedIsStale |= source.missing.add(hash);
  }

  private static void askNoMore(Source source, ChangeHash hash) {
    source.askedIsStale |= source.missing.remove(hash);
  }

  private void remove(Entry entry) {
    var source = entry.source;
    entry.gone = true;
    entries.remove(entry.change.hash());
    source.entries.remove(entry);
    source.bytes -= entry.change.plain().length();
    bytes -= entry.change.plain().length();
    if (source.entries.isEmpty()) {
      source.missing.clear();
      source.askedIsStale = true;
    }
  }

  /** A copy of the change with its own bytes, so that it keeps no network frame in memory. */
  private static ChangeChunk detached(ChangeChunk change) {
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
