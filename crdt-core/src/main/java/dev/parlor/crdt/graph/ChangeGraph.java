package dev.parlor.crdt.graph;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The changes of one document as an append-only log whose order is topological: every change comes
 * after its dependencies. It knows the heads, positions by hash, and ancestry. Used by the
 * document's worker only; no clock, no I/O.
 *
 * <h2>Memory</h2>
 *
 * A change with one dependency takes about 70 bytes besides its chunk: hash, table slots, location
 * of the chunk, dependency, and a mark for walks. A pool holds the dependencies of other changes.
 *
 * <h2>Walks</h2>
 *
 * Queries about ancestry walk the log from high positions to low ones and stop when no further
 * change can be part of the answer. At worst they visit the positions between the newest change and
 * the oldest change of the answer. With a recent frontier they visit only the answer. Marks are not
 * cleared after a walk: the next walk uses higher marks.
 */
public final class ChangeGraph {

  private static final int START = 16;
  private static final int MARK_MAX = Integer.MAX_VALUE - 4;

  private final HashIndex hashes = new HashIndex();
  private final ChunkLog chunks = new ChunkLog();
  private final DependencyTable dependencies = new DependencyTable();
  private final Map<ActorId, long[]> lastSeqs = new HashMap<>();

  /** The latest mark of each position. Each walk uses higher marks than the walks before. */
  private int[] marks = new int[START];

  private int lastMark;
  private final PositionHeap heap = new PositionHeap();

  /** All heads, and former heads that were not dropped yet. */
  private int[] headCandidates = new int[4];

  private int candidateCount;
  private int headCount;
  private int headsMax = Integer.MAX_VALUE;
  private final PositionSet parents = new PositionSet(0);
  private List<ChangeHash> heads = List.of();

  /** The size of the log for which {@link #heads} was computed. */
  private int sizeOfHeads;

  /** The number of changes in the log. */
  public int size() {
    return hashes.size();
  }

  public boolean isEmpty() {
    return size() == 0;
  }

  /** The sum of the chunks' lengths. */
  public long chunkBytes() {
    return chunks.totalBytes();
  }

  /** The number of heads. */
  public int headCount() {
    return headCount;
  }

  /**
   * Sets the maximum number of heads. From now on a change that would exceed it is rejected under
   * AD3. Every message contains all heads, so thousands of heads would slow down all peers. A
   * change that merges heads is always accepted. Set the limit after loading: the stored order of
   * the changes may have more heads for a while.
   */
  public void limitHeads(int headsMax) {
    this.headsMax = headsMax;
  }

  /** The changes that no other change depends on, ascending. Unchanged heads are the same list. */
  public List<ChangeHash> heads() {
    if (sizeOfHeads != size()) {
      dropParentsFromCandidates();
      var sorted = new ArrayList<ChangeHash>(candidateCount);
      for (var i = 0; i < candidateCount; i++) {
        sorted.add(hashes.get(headCandidates[i]));
      }
      sorted.sort(null);
      heads = List.copyOf(sorted);
      sizeOfHeads = size();
    }
    return heads;
  }

  public boolean contains(ChangeHash hash) {
    return hashes.find(hash) >= 0;
  }

  /** The position of the change in the log, or -1. */
  public int position(ChangeHash hash) {
    return hashes.find(hash);
  }

  public ChangeHash hashAt(int position) {
    return hashes.get(checked(position));
  }

  /** The chunk in plain form: a view of the log's own memory, safe for any thread. */
  public Bytes chunkAt(int position) {
    return chunks.get(checked(position));
  }

  public int chunkLengthAt(int position) {
    return chunks.length(checked(position));
  }

  /** The last admitted sequence number of an actor; 0 if there is none. */
  public long lastSeq(ActorId actor) {
    var last = lastSeqs.get(actor);
    return last == null ? 0 : last[0];
  }

  /**
   * Appends the change if all its dependencies are in the log and its sequence number is the
   * actor's next. The chunk's bytes are copied.
   */
  public Offer offer(ChangeChunk change) {
    if (contains(change.hash())) {
      return new Offer.Duplicate();
    }
    var deps = change.deps();
    var positions = new int[deps.size()];
    List<ChangeHash> missing = List.of();
    for (var i = 0; i < positions.length; i++) {
      positions[i] = position(deps.get(i));
      if (positions[i] < 0) {
        missing = missing.isEmpty() ? new ArrayList<>() : missing;
        missing.add(deps.get(i));
      }
    }
    var last = lastSeqs.get(change.actor());
    var lastSeq = last == null ? 0 : last[0];
    if (change.seq() <= lastSeq) {
      return new Offer.Rejected(
          "AD1", "seq " + change.seq() + " of the actor is taken by another change");
    }
    if (!missing.isEmpty()) {
      return new Offer.MissingDependencies(missing);
    }
    if (change.seq() != lastSeq + 1) {
      return new Offer.Rejected(
          "AD1", "seq " + change.seq() + " does not follow the actor's seq " + lastSeq);
    }
    if (headCount >= headsMax && !mergesAHead(positions)) {
      return new Offer.Rejected("AD3", "the document has " + headsMax + " heads already");
    }
    if (last == null) {
      var owned = new ActorId(Bytes.wrap(change.actor().bytes().toArray()));
      lastSeqs.put(owned, new long[] {change.seq()});
    } else {
      last[0] = change.seq();
    }
    return new Offer.Added(append(change, positions));
  }

  /**
   * The positions of the changes that are not in the ancestry of the frontier, ascending. These are
   * the changes that a peer with the frontier as its heads lacks. Unknown hashes are ignored.
   */
  public int[] since(Collection<ChangeHash> frontier) {
    dropParentsFromCandidates();
    var missingMark = nextMark();
    var coveredMark = missingMark + 1;
    var missingInHeap = candidateCount;
    for (var i = 0; i < candidateCount; i++) {
      marks[headCandidates[i]] = missingMark;
      heap.push(headCandidates[i]);
    }
    var nothingIsCovered = true;
    for (var hash : frontier) {
      var position = position(hash);
      if (position >= 0) {
        nothingIsCovered = false;
        missingInHeap -= markCovered(position, coveredMark, missingMark);
      }
    }
    if (nothingIsCovered) {
      heap.clear();
      return IntStream.range(0, size()).toArray();
    }
    var answer = new int[16];
    var count = 0;
    while (missingInHeap > 0) {
      var position = heap.pop();
      var isCovered = marks[position] == coveredMark;
      if (!isCovered) {
        missingInHeap--;
        if (count == answer.length) {
          answer = Arrays.copyOf(answer, count * 2);
        }
        answer[count++] = position;
      }
      var first = dependencies.first(position);
      for (var i = first; i < dependencies.end(position, first); i++) {
        var dependency = dependencies.at(position, i);
        if (isCovered) {
          missingInHeap -= markCovered(dependency, coveredMark, missingMark);
        } else if (marks[dependency] < missingMark) {
          marks[dependency] = missingMark;
          heap.push(dependency);
          missingInHeap++;
        }
      }
    }
    heap.clear();
    var ascending = new int[count];
    for (var i = 0; i < count; i++) {
      ascending[i] = answer[count - 1 - i];
    }
    return ascending;
  }

  /**
   * Adds those of the frontier and its ancestors to the set that are at or above the set's base.
   * The cost is proportional to the added positions and the frontier.
   */
  public void addAncestry(Collection<ChangeHash> frontier, PositionSet set) {
    heap.clear();
    for (var hash : frontier) {
      var position = position(hash);
      if (position >= set.base() && set.add(position)) {
        heap.push(position);
      }
    }
    while (!heap.isEmpty()) {
      var position = heap.pop();
      var first = dependencies.first(position);
      for (var i = first; i < dependencies.end(position, first); i++) {
        var dependency = dependencies.at(position, i);
        if (dependency >= set.base() && set.add(dependency)) {
          heap.push(dependency);
        }
      }
    }
  }

  /**
   * Whether the frontier and its ancestors contain all of these changes. Visits at most {@code
   * visitsMax} changes, and returns false if that is not enough.
   */
  public boolean covers(
      Collection<ChangeHash> frontier, Collection<ChangeHash> targets, int visitsMax) {
    var visitedMark = nextMark();
    var lowest = Integer.MAX_VALUE;
    for (var target : targets) {
      var position = position(target);
      if (position < 0) {
        return false;
      }
      lowest = Math.min(lowest, position);
    }
    for (var hash : frontier) {
      var position = position(hash);
      if (position >= lowest) {
        visit(position, visitedMark);
      }
    }
    for (var visits = 0; !heap.isEmpty() && visits < visitsMax; visits++) {
      var position = heap.pop();
      var first = dependencies.first(position);
      for (var i = first; i < dependencies.end(position, first); i++) {
        if (dependencies.at(position, i) >= lowest) {
          visit(dependencies.at(position, i), visitedMark);
        }
      }
    }
    heap.clear();
    for (var target : targets) {
      if (marks[position(target)] != visitedMark) {
        return false;
      }
    }
    return true;
  }

  /** Whether any dependency of the change at this position is in the set. */
  public boolean dependsOnAny(int position, PositionSet set) {
    var first = dependencies.first(checked(position));
    for (var i = first; i < dependencies.end(position, first); i++) {
      if (set.contains(dependencies.at(position, i))) {
        return true;
      }
    }
    return false;
  }

  private boolean mergesAHead(int[] positions) {
    for (var position : positions) {
      if (!parents.contains(position)) {
        return true;
      }
    }
    return false;
  }

  private int append(ChangeChunk change, int[] positions) {
    var position = size();
    if (position == marks.length) {
      marks = Arrays.copyOf(marks, Math.multiplyExact(position, 2));
    }
    dependencies.add(positions);
    for (var dependency : positions) {
      if (parents.add(dependency)) {
        headCount--;
      }
    }
    headCount++;
    if (candidateCount == headCandidates.length) {
      dropParentsFromCandidates();
      if (candidateCount > headCandidates.length / 2) {
        headCandidates = Arrays.copyOf(headCandidates, headCandidates.length * 2);
      }
    }
    headCandidates[candidateCount++] = position;
    hashes.add(change.hash());
    chunks.add(change.plain());
    return position;
  }

  private void dropParentsFromCandidates() {
    if (candidateCount == headCount) {
      return;
    }
    var kept = 0;
    for (var i = 0; i < candidateCount; i++) {
      if (!parents.contains(headCandidates[i])) {
        headCandidates[kept++] = headCandidates[i];
      }
    }
    candidateCount = kept;
  }

  /**
   * Marks a position as covered, and adds it to the heap unless it was marked as missing. Returns 1
   * if it was marked as missing, otherwise 0.
   */
  private int markCovered(int position, int coveredMark, int missingMark) {
    var wasMissing = marks[position] == missingMark;
    if (wasMissing) {
      marks[position] = coveredMark;
      return 1;
    }
    visit(position, coveredMark);
    return 0;
  }

  /** Marks a position and adds it to the heap, unless it has this mark already. */
  private void visit(int position, int mark) {
    if (marks[position] != mark) {
      marks[position] = mark;
      heap.push(position);
    }
  }

  /** Begins a walk and returns its first mark. A walk may use this mark and the next number. */
  private int nextMark() {
    heap.clear();
    if (lastMark >= MARK_MAX) {
      Arrays.fill(marks, 0);
      lastMark = 0;
    }
    lastMark += 2;
    return lastMark;
  }

  private int checked(int position) {
    if (position < 0 || position >= size()) {
      throw new IndexOutOfBoundsException(position);
    }
    return position;
  }
}
