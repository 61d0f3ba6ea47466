package dev.parlor.room.generation;

import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import dev.parlor.room.schema.RoomEdits;
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
 * Restores the document's values that only the server writes. It finds those that differ, writes
 * them again, and reads back whether that succeeded. A step function without clock or disk; used by
 * one thread at a time.
 */
final class Reassertion {
  private static final long REASSERT_MILLIS = 250;

  // Paths of values that only the server writes, in the order of their repair.
  private static final String INTACT = RoomFields.GENERATION;
  private static final String EPOCH = RoomFields.GENERATION + "/" + RoomFields.EPOCH;
  private static final String GRANT = RoomFields.GENERATION + "/" + RoomFields.GRANT;
  private static final String RESULTS = RoomFields.RESULTS + "/";

  /** Paths whose value the document does not keep as written, with the value that it reads back. */
  private final Map<String, Pair> givenUp = new HashMap<>();

  private boolean looked;
  private long reassertNotBefore;
  private @Nullable Repair repair;

  /**
   * The values that the document must have.
   *
   * @param grant null for none
   * @param sealing whether a request's final record is being stored; its value in the document will
   *     then be replaced
   */
  record Part(
      long epoch,
      @Nullable Value grant,
      SortedMap<String, Value> results,
      Predicate<String> sealing) {}

  /**
   * A repair that was written and has not been read back.
   *
   * @param edits by path
   * @param forged whether a successful repair proves a forged write
   * @param singly whether each path was written as its own change
   */
  private record Repair(SortedMap<String, List<Edit>> edits, boolean forged, boolean singly) {}

  /** Restores values that differ from the shown state; false if that has to wait. */
  boolean look(Part part, GenerationSnapshot snapshot, long now, List<GenerationEffect> effects) {
    SortedMap<String, List<Edit>> wrong = wrong(part, snapshot);
    if (wrong.isEmpty()) {
      looked = true;
      return true;
    }
    if (now < reassertNotBefore) {
      effects.add(new GenerationEffect.LookAgain(reassertNotBefore - now));
      return false;
    }
    if (looked) {
      reassertNotBefore = now + REASSERT_MILLIS;
    }
    // At the first call, a crash may have separated ledger and document. Later, a difference is a
    // forged write.
    repair = new Repair(wrong, looked, false);
    looked = true;
    effects.add(new GenerationEffect.Write(wrong.values().stream().flatMap(List::stream).toList()));
    effects.add(new GenerationEffect.ReadBack());
    return true;
  }

  /**
   * Checks the result of a repair. If the document does not keep a value as written, the value
   * stays as it reads back, since another write would change nothing.
   */
  void readBack(Part part, GenerationSnapshot snapshot, List<GenerationEffect> effects) {
    Repair tried = repair;
    if (tried == null) {
      return;
    }
    repair = null;
    SortedMap<String, List<Edit>> wrong = wrong(part, snapshot);
    wrong.keySet().retainAll(tried.edits.keySet());
    List<String> healed =
        tried.edits.keySet().stream().filter(path -> !wrong.containsKey(path)).toList();
    if (tried.forged && !healed.isEmpty()) {
      effects.add(new GenerationEffect.Forged(healed));
    }
    if (wrong.isEmpty()) {
      return;
    }
    if (!tried.singly && tried.edits.size() > 1) {
      // One edit that does not fit stops all edits of its change.
      repair = new Repair(wrong, tried.forged, true);
      wrong.values().forEach(edits -> effects.add(new GenerationEffect.Write(edits)));
      effects.add(new GenerationEffect.ReadBack());
      return;
    }
    wrong.keySet().forEach(path -> givenUp.put(path, pair(path, part, snapshot)));
    effects.add(new GenerationEffect.GivenUp(List.copyOf(wrong.keySet())));
  }

  /** The edits to write, by path, for values that differ from the shown state. */
  private SortedMap<String, List<Edit>> wrong(Part part, GenerationSnapshot snapshot) {
    SortedMap<String, List<Edit>> wrong = new TreeMap<>();
    for (String path : paths(part, snapshot)) {
      Pair pair = pair(path, part, snapshot);
      if (!pair.agrees() && !pair.equals(givenUp.get(path))) {
        wrong.put(path, edits(path, part, pair.expected()));
      }
    }
    return wrong;
  }

  private static List<String> paths(Part part, GenerationSnapshot snapshot) {
    List<String> paths = new ArrayList<>(List.of(INTACT, EPOCH, GRANT));
    TreeSet<String> requests = new TreeSet<>(part.results().keySet());
    if (snapshot.intact()) {
      // A final record that is being stored will replace this value.
      snapshot.results().keySet().stream()
          .filter(request -> !part.sealing().test(request))
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

  private static Pair pair(String path, Part part, GenerationSnapshot snapshot) {
    return switch (path) {
      case INTACT -> new Pair(Value.of(true), Value.of(snapshot.intact()));
      case EPOCH -> new Pair(Value.of(part.epoch()), snapshot.epoch());
      case GRANT ->
          new Pair(part.grant(), snapshot.grant() instanceof Value.Null ? null : snapshot.grant());
      default -> {
        String request = path.substring(RESULTS.length());
        yield new Pair(
            part.results().get(request),
            snapshot.intact() ? snapshot.results().get(request) : null);
      }
    };
  }

  private static List<Edit> edits(String path, Part part, @Nullable Value value) {
    return switch (path) {
      case INTACT ->
          List.of(
              new Edit.Put(ServerFields.GENERATION, Value.map()),
              new Edit.Put(ServerFields.RESULTS, Value.map()));
      case EPOCH -> RoomEdits.epoch(part.epoch());
      case GRANT ->
          List.of(
              value == null
                  ? new Edit.Delete(ServerFields.GRANT)
                  : new Edit.Put(ServerFields.GRANT, value));
      default -> {
        Path at = ServerFields.RESULTS.child(path.substring(RESULTS.length()));
        yield List.of(value == null ? new Edit.Delete(at) : new Edit.Put(at, value));
      }
    };
  }
}
