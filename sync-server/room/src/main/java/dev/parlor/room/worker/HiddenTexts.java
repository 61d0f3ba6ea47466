package dev.parlor.room.worker;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.Decoding.Decoded;
import dev.parlor.crdt.operations.KeyedOperations;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.TextVersion;
import dev.parlor.crdt.replica.TextVersions;
import dev.parlor.crdt.replica.Value;
import dev.parlor.crdt.wire.CborWriter;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.schema.RoomFields;
import dev.parlor.room.schema.RoomTexts;
import dev.parlor.room.schema.TextMerge;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Merges hidden texts into the visible texts [RM10]. Used on the room's thread.
 *
 * <p>If two authors concurrently make the same text, two objects share one key. Every replica shows
 * the same one of them and hides the other, with all that is typed into it. Every change passes the
 * server, so the server merges. It adds an author's words in a hidden text to the visible text. The
 * same change records the state up to which the hidden text was read. With the record, each word is
 * merged once, even after a restart, and later letters follow.
 *
 * <h2>Kinds of versions</h2>
 *
 * A version is <i>hidden</i> if a concurrent version is visible in its place. A text is
 * <i>replaced</i> if a later value overwrote it. Letters that the overwriting author had not seen
 * are merged too. The server watches a replaced text while the room is open; after that it watches
 * only texts with a record.
 */
final class HiddenTexts {
  private static final Path RECORDS = Path.of(RoomFields.JOINED);

  private final Consumer<Bytes> broadcast;

  /** Merged versions by operation, with the words that were merged. */
  private final Map<String, Merged> merged = new LinkedHashMap<>();

  /** The collaborative texts at each place when they were last compared. */
  private Map<Path, Map<String, TextVersion>> last = Map.of();

  private List<ChangeHash> looked = List.of();

  /**
   * True if a value may have been written since the last comparison. Letters in texts do not count.
   */
  private boolean touched = true;

  /**
   * @param seen heads at which the version is at its place; empty without a record in the document
   */
  private record Merged(Path path, TextVersion version, String words, List<ChangeHash> seen) {}

  /** A version with words that are not merged yet. */
  private record Due(TextVersion version, String words, @Nullable String base) {}

  /** All versions at one place, and the versions to merge. */
  private record Place(Path path, TextVersions versions, List<Due> due) {}

  HiddenTexts(Consumer<Bytes> broadcast) {
    this.broadcast = broadcast;
  }

  /** Reads from the opened room which versions were merged before. */
  void begin(Replica replica) {
    if (replica.read(RECORDS).orElse(null) instanceof Value.MapOf(var records)) {
      records.forEach((operation, record) -> remember(replica, operation, record));
    }
  }

  private void remember(Replica replica, String operation, Value record) {
    if (!(record instanceof Value.MapOf(var fields))) {
      return;
    }
    List<String> steps = strings(fields.get(RoomFields.PATH));
    List<ChangeHash> seen = hashes(fields.get(RoomFields.SEEN));
    List<ChangeHash> read = hashes(fields.get(RoomFields.READ));
    if (steps.isEmpty() || steps.contains("") || seen.isEmpty() || read.isEmpty()) {
      return;
    }
    Path path = Path.of(steps.toArray());
    all(replica.versions(path, seen)).stream()
        .filter(version -> version.operation().equals(operation))
        .findFirst()
        .ifPresent(
            version ->
                merged.put(
                    operation, new Merged(path, version, replica.textOf(version, read), seen)));
  }

  private static List<ChangeHash> hashes(@Nullable Value list) {
    List<ChangeHash> hashes = new ArrayList<>();
    for (String hash : strings(list)) {
      if (ChangeHash.parse(hash) instanceof Decoded<ChangeHash>(var head)) {
        hashes.add(head);
      }
    }
    return hashes;
  }

  private static List<String> strings(@Nullable Value list) {
    return list instanceof Value.ListOf(var items)
        ? items.stream().map(item -> item instanceof Value.Str(var text) ? text : "").toList()
        : List.of();
  }

  /** A change was applied. Keystrokes make no version, so the next {@link #look} is short. */
  void took(Bytes change) {
    touched = touched || KeyedOperations.anyIn(change);
  }

  /**
   * Finds words that are hidden on every replica.
   *
   * @return the edits that make them visible, as one change; empty if there are none
   */
  List<Edit> look(Replica replica, Value root) {
    List<ChangeHash> heads = replica.heads();
    if (heads.equals(looked)) {
      return List.of();
    }
    looked = heads;
    List<Path> paths = RoomTexts.paths(root);
    if (!touched) {
      Set<Path> watched = new HashSet<>();
      merged.values().forEach(each -> watched.add(each.path()));
      paths = paths.stream().filter(watched::contains).toList();
    }
    Map<Path, Map<String, TextVersion>> now = touched ? new HashMap<>() : new HashMap<>(last);
    List<Place> places = new ArrayList<>();
    for (Path path : paths) {
      TextVersions versions = replica.versions(path);
      Map<String, TextVersion> texts = texts(versions);
      now.put(path, texts);
      Place place = new Place(path, versions, due(replica, path, versions, texts));
      if (!place.due().isEmpty()) {
        places.add(place);
      }
    }
    last = now;
    touched = !places.isEmpty(); // the next look must read the values of this merge
    return places.isEmpty() ? List.of() : bringIn(replica, root, heads, places);
  }

  private List<Due> due(
      Replica replica, Path path, TextVersions versions, Map<String, TextVersion> texts) {
    List<Due> due = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    versions.visible().ifPresent(standing -> seen.add(standing.operation()));
    for (TextVersion hidden : versions.hidden()) {
      seen.add(hidden.operation());
      addIfNew(replica, hidden, due);
    }
    for (TextVersion replaced : last.getOrDefault(path, Map.of()).values()) {
      if (!texts.containsKey(replaced.operation()) && seen.add(replaced.operation())) {
        addIfNew(replica, replaced, due);
      }
    }
    for (Merged before : List.copyOf(merged.values())) {
      if (before.path().equals(path) && seen.add(before.version().operation())) {
        addIfNew(replica, before.version(), due);
      }
    }
    return due;
  }

  private void addIfNew(Replica replica, TextVersion version, List<Due> due) {
    Merged before = merged.get(version.operation());
    String words = replica.textOf(version);
    if (before == null) {
      due.add(new Due(version, words, null));
    } else if (!before.words().equals(words)) {
      due.add(new Due(version, words, before.words()));
    }
  }

  private List<Edit> bringIn(
      Replica replica, Value root, List<ChangeHash> heads, List<Place> places) {
    Map<String, ChangeChunk> makers = makers(replica, places);
    List<Edit> edits = new ArrayList<>();
    List<Edit> records = new ArrayList<>();
    for (Place place : places) {
      Optional<TextVersion> standing = place.versions().visible();
      String found = standing.map(replica::textOf).orElse("");
      boolean spliced = standing.filter(TextVersion::isText).isPresent();
      String text = found;
      for (Due due : place.due()) {
        boolean hidden = place.versions().hidden().contains(due.version());
        List<ChangeHash> past = past(place, due, hidden, makers);
        String base =
            Optional.ofNullable(due.base())
                .orElseGet(() -> base(replica, place, due, hidden, past));
        var splices = TextMerge.merge(base, text, due.words(), RoomTexts.separator(place.path()));
        if (spliced) {
          edits.addAll(TextMerge.edits(place.path(), text, splices));
        }
        text = TextMerge.apply(text, splices);
        Merged before = merged.remove(due.version().operation()); // keeps the newest last
        List<ChangeHash> seen = before == null ? List.of() : before.seen();
        if (hidden || !splices.isEmpty()) {
          seen = !seen.isEmpty() ? seen : hidden ? heads : past;
          records.add(record(due.version().operation(), place.path(), seen, heads));
        }
        merged.put(
            due.version().operation(), new Merged(place.path(), due.version(), due.words(), seen));
      }
      if (!text.equals(found)) {
        if (!spliced) {
          edits.add(new Edit.Put(place.path(), Value.text(text)));
        }
        if (!found.isBlank()) {
          broadcast.accept(message(place.path()));
        }
      }
    }
    forget();
    if (records.isEmpty()) {
      return List.of();
    }
    if (!(root instanceof Value.MapOf(var entries)
        && entries.get(RoomFields.JOINED) instanceof Value.MapOf)) {
      edits.add(new Edit.Put(RECORDS, Value.map()));
    }
    edits.addAll(records);
    return edits;
  }

  private void forget() {
    int more = merged.size() - FixedServiceLimits.REPLACED_TEXTS_MAX;
    if (more > 0) {
      merged.values().stream()
          .filter(each -> each.seen().isEmpty())
          .limit(more)
          .map(each -> each.version().operation())
          .toList()
          .forEach(merged::remove);
    }
  }

  /** The changes that made the versions without a record, from one pass over the history. */
  private static Map<String, ChangeChunk> makers(Replica replica, List<Place> places) {
    List<TextVersion> wanted = new ArrayList<>();
    for (Place place : places) {
      for (Due due : place.due()) {
        if (due.base() == null) {
          wanted.add(due.version());
          place.versions().visible().ifPresent(wanted::add);
        }
      }
    }
    return wanted.isEmpty() ? Map.of() : replica.changesOf(wanted);
  }

  /**
   * The heads that the author of a hidden version had seen, or that the author who replaced it had
   * seen.
   */
  private static List<ChangeHash> past(
      Place place, Due due, boolean hidden, Map<String, ChangeChunk> makers) {
    Optional<TextVersion> made = hidden ? Optional.of(due.version()) : place.versions().visible();
    return made.map(version -> makers.get(version.operation()))
        .map(ChangeChunk::deps)
        .orElse(List.of());
  }

  /**
   * The words that the text had before the author's own. For a replaced text: the words that the
   * overwriting author had seen.
   */
  private static String base(
      Replica replica, Place place, Due due, boolean hidden, List<ChangeHash> past) {
    if (past.isEmpty()) {
      return hidden ? "" : due.words();
    }
    return hidden
        ? replica
            .versions(place.path(), past)
            .visible()
            .map(version -> replica.textOf(version, past))
            .orElse("")
        : replica.textOf(due.version(), past);
  }

  private static List<TextVersion> all(TextVersions versions) {
    List<TextVersion> all = new ArrayList<>(versions.hidden());
    versions.visible().ifPresent(all::add);
    return all;
  }

  private static Map<String, TextVersion> texts(TextVersions versions) {
    Map<String, TextVersion> texts = new LinkedHashMap<>();
    all(versions).stream()
        .filter(TextVersion::isText)
        .forEach(version -> texts.put(version.operation(), version));
    return texts;
  }

  private static Edit record(
      String operation, Path path, List<ChangeHash> seen, List<ChangeHash> read) {
    return new Edit.Put(
        RECORDS.child(operation),
        Value.map(
            RoomFields.PATH,
            Value.list(path.steps().stream().map(step -> Value.of((String) step)).toList()),
            RoomFields.SEEN,
            hashes(seen),
            RoomFields.READ,
            hashes(read)));
  }

  private static Value hashes(List<ChangeHash> heads) {
    return Value.list(heads.stream().map(head -> Value.of(head.toString())).toList());
  }

  private static Bytes message(Path path) {
    return new CborWriter()
        .map(2)
        .text("type")
        .text("texts-joined")
        .text("path")
        .text(path.toString())
        .toBytes();
  }
}
