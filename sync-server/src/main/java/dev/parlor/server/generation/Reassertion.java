package dev.parlor.server.generation;

import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import dev.parlor.crdt.room.RoomEdits;
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
 * Keeps the values in the document that only the server writes: finds those that differ, writes
 * them again, and reads back whether that helped. A step function without clock or disk; used by
 * one thread at a time.
 */
final class Reassertion {
  private static final long REASSERT_MILLIS = 250;

  // Paths of values that only the server writes, in the order of their repair.
  private static final String INTACT = "generation";
  private static final String EPOCH = "generation/epoch";
  private static final String GRANT = "generation/grant";
  private static final String RESULTS = "results/";

  /** Paths whose value the document does not keep as it was written, with how it reads back. */
  private final Map<String, Pair> givenUp = new HashMap<>();

  private boolean looked;
  private long reassertNotBefore;
  private @Nullable Repair repair;

  /**
   * What must stand in the document.
   *
   * @param grant null for none
   * @param sealing whether a request's final record is on its way to the disk: what stands under
   *     its name will be replaced
   */
  record Part(
      long epoch,
      @Nullable Value grant,
      SortedMap<String, Value> results,
      Predicate<String> sealing) {}

  /**
   * A repair that was written and is not read back yet.
   *
   * @param edits by path
   * @param forged whether a forger is to blame if it works
   * @param singly whether each path was written as a change of its own
   */
  private record Repair(SortedMap<String, List<Edit>> edits, boolean forged, boolean singly) {}

  /** Puts right what differs from what we have shown; false when that has to wait a little. */
  boolean look(Part part, GenerationSnapshot sight, long now, List<GenerationEffect> effects) {
    SortedMap<String, List<Edit>> wrong = wrong(part, sight);
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
    // At the first look a crash may have come between ledger and document; later nobody but a
    // forger writes here.
    repair = new Repair(wrong, looked, false);
    looked = true;
    effects.add(new GenerationEffect.Write(wrong.values().stream().flatMap(List::stream).toList()));
    effects.add(new GenerationEffect.ReadBack());
    return true;
  }

  /**
   * Looks whether a repair did what it should. The document may be unable to keep a value as it was
   * written; then it stays as it reads back, since writing it again would change nothing.
   */
  void readBack(Part part, GenerationSnapshot sight, List<GenerationEffect> effects) {
    Repair tried = repair;
    if (tried == null) {
      return;
    }
    repair = null;
    SortedMap<String, List<Edit>> wrong = wrong(part, sight);
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
      // One edit that does not fit keeps back all that are written with it.
      repair = new Repair(wrong, tried.forged, true);
      wrong.values().forEach(edits -> effects.add(new GenerationEffect.Write(edits)));
      effects.add(new GenerationEffect.ReadBack());
      return;
    }
    wrong.keySet().forEach(path -> givenUp.put(path, pair(path, part, sight)));
    effects.add(new GenerationEffect.GivenUp(List.copyOf(wrong.keySet())));
  }

  /** What must be written, by path: where the document says something else than we have shown. */
  private SortedMap<String, List<Edit>> wrong(Part part, GenerationSnapshot sight) {
    SortedMap<String, List<Edit>> wrong = new TreeMap<>();
    for (String path : paths(part, sight)) {
      Pair pair = pair(path, part, sight);
      if (!pair.agrees() && !pair.equals(givenUp.get(path))) {
        wrong.put(path, edits(path, part, pair.expected()));
      }
    }
    return wrong;
  }

  private static List<String> paths(Part part, GenerationSnapshot sight) {
    List<String> paths = new ArrayList<>(List.of(INTACT, EPOCH, GRANT));
    TreeSet<String> requests = new TreeSet<>(part.results().keySet());
    if (sight.intact()) {
      // A final record on its way to the disk will replace what stands there.
      sight.results().keySet().stream()
          .filter(request -> !part.sealing().test(request))
          .forEach(requests::add);
    }
    requests.forEach(request -> paths.add(RESULTS + request));
    return paths;
  }

  /** What should stand at a path, and what does; null for nothing. */
  private record Pair(@Nullable Value expected, @Nullable Value found) {
    boolean agrees() {
      return Objects.equals(expected, found);
    }
  }

  private static Pair pair(String path, Part part, GenerationSnapshot sight) {
    return switch (path) {
      case INTACT -> new Pair(Value.of(true), Value.of(sight.intact()));
      case EPOCH -> new Pair(Value.of(part.epoch()), sight.epoch());
      case GRANT ->
          new Pair(part.grant(), sight.grant() instanceof Value.Null ? null : sight.grant());
      default -> {
        String request = path.substring(RESULTS.length());
        yield new Pair(
            part.results().get(request), sight.intact() ? sight.results().get(request) : null);
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
