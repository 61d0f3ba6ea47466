package dev.parlor.room.generation;

import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import dev.parlor.room.schema.RoomFields;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Restores fields of the document that only the server may write. It finds values that differ,
 * writes them again, and reads them back. A step function without clock or disk; used by one thread
 * at a time.
 */
final class ServerFieldRepair {
  private static final long INTERVAL_MILLIS = 250;

  // Paths of values that only the server writes, in the order of their repair.
  private static final String CONTAINERS = RoomFields.GENERATION;
  private static final String FIELD = RoomFields.GENERATION + "/";
  private static final String RESULTS = RoomFields.RESULTS + "/";

  /** Values that the document does not keep as written, by their paths. */
  private final Map<String, Pair> givenUp = new HashMap<>();

  /** Whether the document was compared before. */
  private boolean hasCompared;

  private long nextRepairAt;

  /** The repair that has not been read back yet. */
  private @Nullable Repair pending;

  /**
   * The values that the document must have.
   *
   * @param fields the values of {@link ServerFields#NAMES}
   * @param isResultPending whether a request's final record is being stored; it will then replace
   *     the value in the document
   */
  record ExpectedValues(
      SortedMap<String, Value> fields,
      SortedMap<String, Value> results,
      Predicate<String> isResultPending) {}

  /**
   * A repair that was written.
   *
   * @param expected the values that the document had to have then
   * @param edits the edits for each path
   * @param forged whether a peer must have written the values, so that success is reported
   * @param singly whether each path was written in a separate change
   */
  private record Repair(
      ExpectedValues expected,
      SortedMap<String, List<Edit>> edits,
      boolean forged,
      boolean singly) {}

  /**
   * Writes expected values over values that differ. At most one repair is made in {@code
   * INTERVAL_MILLIS}, so that two writers do not overwrite each other in a loop.
   *
   * @return false if the repair has to wait
   */
  boolean restore(
      ExpectedValues expected,
      GenerationSnapshot snapshot,
      long now,
      List<GenerationEffect> effects) {
    SortedMap<String, List<Edit>> repairs = repairEdits(expected, snapshot);
    if (repairs.isEmpty()) {
      hasCompared = true;
      return true;
    }
    if (now < nextRepairAt) {
      effects.add(new GenerationEffect.ObserveLater(nextRepairAt - now));
      return false;
    }
    if (hasCompared) {
      nextRepairAt = now + INTERVAL_MILLIS;
    }
    // At the first call, a crash may be the cause of a difference. Later, only a peer can be.
    pending = new Repair(expected, repairs, hasCompared, false);
    hasCompared = true;
    effects.add(
        new GenerationEffect.Write(repairs.values().stream().flatMap(List::stream).toList()));
    effects.add(new GenerationEffect.ReadBack());
    return true;
  }

  /**
   * Checks the result of a repair. If the document does not keep a value as written, no further
   * repair is made, since another write would change nothing.
   */
  void readBack(GenerationSnapshot snapshot, List<GenerationEffect> effects) {
    Repair tried = pending;
    if (tried == null) {
      return;
    }
    pending = null;
    ExpectedValues expected = tried.expected;
    SortedMap<String, List<Edit>> remaining = repairEdits(expected, snapshot);
    remaining.keySet().retainAll(tried.edits.keySet());
    List<String> repaired =
        tried.edits.keySet().stream().filter(path -> !remaining.containsKey(path)).toList();
    if (tried.forged && !repaired.isEmpty()) {
      effects.add(new GenerationEffect.Forged(repaired));
    }
    if (remaining.isEmpty()) {
      return;
    }
    if (!tried.singly && tried.edits.size() > 1) {
      // One edit that cannot be applied prevents all edits of its change: write each path alone.
      pending = new Repair(expected, remaining, tried.forged, true);
      remaining.values().forEach(edits -> effects.add(new GenerationEffect.Write(edits)));
      effects.add(new GenerationEffect.ReadBack());
      return;
    }
    remaining.keySet().forEach(path -> givenUp.put(path, pair(path, expected, snapshot)));
    effects.add(new GenerationEffect.RepairGivenUp(List.copyOf(remaining.keySet())));
  }

  /** The edits for each path with another value, except the paths with abandoned repairs. */
  private SortedMap<String, List<Edit>> repairEdits(
      ExpectedValues expected, GenerationSnapshot snapshot) {
    SortedMap<String, List<Edit>> repairs = new TreeMap<>();
    for (String path : paths(expected, snapshot)) {
      Pair pair = pair(path, expected, snapshot);
      if (!pair.agrees() && !pair.equals(givenUp.get(path))) {
        repairs.put(path, edits(path, pair.expected()));
      }
    }
    return repairs;
  }

  private static List<String> paths(ExpectedValues expected, GenerationSnapshot snapshot) {
    List<String> paths = new ArrayList<>(List.of(CONTAINERS));
    ServerFields.NAMES.forEach(name -> paths.add(FIELD + name));
    TreeSet<String> requests = new TreeSet<>(expected.results().keySet());
    if (snapshot.hasContainers()) {
      snapshot.results().keySet().stream()
          .filter(request -> !expected.isResultPending().test(request))
          .forEach(requests::add);
    }
    requests.forEach(request -> paths.add(RESULTS + request));
    return paths;
  }

  /** The expected and the present value at a path; null for none. */
  private record Pair(@Nullable Value expected, @Nullable Value found) {
    boolean agrees() {
      return Objects.equals(expected, found);
    }
  }

  private static Pair pair(String path, ExpectedValues expected, GenerationSnapshot snapshot) {
    if (path.equals(CONTAINERS)) {
      return new Pair(Value.of(true), Value.of(snapshot.hasContainers()));
    }
    if (path.startsWith(FIELD)) {
      String name = path.substring(FIELD.length());
      return new Pair(expected.fields().get(name), snapshot.serverFields().get(name));
    }
    String request = path.substring(RESULTS.length());
    return new Pair(
        expected.results().get(request),
        snapshot.hasContainers() ? snapshot.results().get(request) : null);
  }

  private static List<Edit> edits(String path, @Nullable Value value) {
    if (path.equals(CONTAINERS)) {
      return List.of(
          new Edit.Put(ServerFields.GENERATION, Value.map()),
          new Edit.Put(ServerFields.RESULTS, Value.map()));
    }
    if (path.startsWith(FIELD)) {
      return List.of(ServerFields.put(path.substring(FIELD.length()), value));
    }
    Path at = ServerFields.RESULTS.child(path.substring(RESULTS.length()));
    return List.of(value == null ? new Edit.Delete(at) : new Edit.Put(at, value));
  }
}
