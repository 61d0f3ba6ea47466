package dev.parlor.room.worker;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.Decoding.Decoded;
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
 * <p>If two authors concurrently make a text at the same path, the document has two text objects
 * under one key. Every replica shows the same text and hides the other text, with everything that
 * is typed into it. The server receives every change, so the server merges: it adds the words of a
 * hidden text to the visible text. The same change records the state up to which the hidden text
 * was read. With this record, each word is merged once, even after a restart, and letters that are
 * typed later are merged too.
 *
 * <h2>Kinds of versions</h2>
 *
 * A version is <i>hidden</i> if a concurrent version is visible at its path. A text is
 * <i>replaced</i> if a later value overwrote it. Letters of a replaced text are merged if the
 * author of the later value had not seen them. The server watches a replaced text while the room is
 * open. After a restart, it watches only texts with a record.
 */
final class HiddenTexts {
  private static final Path RECORDS = Path.of(RoomFields.JOINED);

  private final Consumer<Bytes> broadcast;

  /** The versions that were merged, by the operation that made them; the last merged is last. */
  private final Map<String, Merged> merged = new LinkedHashMap<>();

  /** The collaborative texts at each path at the last comparison, by their operations. */
  private Map<Path, Map<String, TextVersion>> lastTexts = Map.of();

  /** The heads of the last comparison. */
  private List<ChangeHash> comparedHeads = List.of();

  /**
   * Whether a field of a map may have been written since the last comparison. Only such a write
   * makes a new version; typing does not.
   */
  private boolean mayHaveNewVersions = true;

  /**
   * A version whose words are in the visible text.
   *
   * @param words the words up to which it was merged
   * @param seen heads at which the version is found at its path; empty without a record in the
   *     document
   */
  private record Merged(Path path, TextVersion version, String words, List<ChangeHash> seen) {}

  /**
   * A version with words that are not merged yet.
   *
   * @param words all its words
   * @param base the words that were merged before; null if the version was never merged
   */
  private record Unmerged(TextVersion version, String words, @Nullable String base) {}

  /** All versions at one path, and those to merge. */
  private record Place(Path path, TextVersions versions, List<Unmerged> unmerged) {}

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

  /** A change was applied that sets fields of maps. */
  void keyedChangeApplied() {
    mayHaveNewVersions = true;
  }

  /**
   * Merges words that are not visible. The caller writes the edits as one change. Without new
   * versions, it checks only the paths of earlier merges.
   *
   * @return the edits; empty if there is nothing to merge
   */
  List<Edit> merge(Replica replica, Value root) {
    List<ChangeHash> heads = replica.heads();
    if (heads.equals(comparedHeads)) {
      return List.of();
    }
    comparedHeads = heads;
    List<Path> paths = RoomTexts.paths(root);
    if (!mayHaveNewVersions) {
      Set<Path> watched = new HashSet<>();
      merged.values().forEach(each -> watched.add(each.path()));
      paths = paths.stream().filter(watched::contains).toList();
    }
    Map<Path, Map<String, TextVersion>> now =
        mayHaveNewVersions ? new HashMap<>() : new HashMap<>(lastTexts);
    List<Place> places = new ArrayList<>();
    for (Path path : paths) {
      TextVersions versions = replica.versions(path);
      Map<String, TextVersion> texts = texts(versions);
      now.put(path, texts);
      Place place = new Place(path, versions, unmerged(replica, path, versions, texts));
      if (!place.unmerged().isEmpty()) {
        places.add(place);
      }
    }
    lastTexts = now;
    mayHaveNewVersions = !places.isEmpty(); // the next call must read the values of this merge
    return places.isEmpty() ? List.of() : mergeAll(replica, root, heads, places);
  }

  /** The versions at a path that have words which are not merged yet. */
  private List<Unmerged> unmerged(
      Replica replica, Path path, TextVersions versions, Map<String, TextVersion> texts) {
    List<Unmerged> unmerged = new ArrayList<>();
    Set<String> checked = new HashSet<>();
    versions.visible().ifPresent(visible -> checked.add(visible.operation()));
    for (TextVersion hidden : versions.hidden()) {
      checked.add(hidden.operation());
      addIfUnmerged(replica, hidden, unmerged);
    }
    for (TextVersion replaced : lastTexts.getOrDefault(path, Map.of()).values()) {
      if (!texts.containsKey(replaced.operation()) && checked.add(replaced.operation())) {
        addIfUnmerged(replica, replaced, unmerged);
      }
    }
    for (Merged before : List.copyOf(merged.values())) {
      if (before.path().equals(path) && checked.add(before.version().operation())) {
        addIfUnmerged(replica, before.version(), unmerged);
      }
    }
    return unmerged;
  }

  private void addIfUnmerged(Replica replica, TextVersion version, List<Unmerged> unmerged) {
    Merged before = merged.get(version.operation());
    String words = replica.textOf(version);
    if (before == null) {
      unmerged.add(new Unmerged(version, words, null));
    } else if (!before.words().equals(words)) {
      unmerged.add(new Unmerged(version, words, before.words()));
    }
  }

  private List<Edit> mergeAll(
      Replica replica, Value root, List<ChangeHash> heads, List<Place> places) {
    Map<String, ChangeChunk> changes = changesOf(replica, places);
    List<Edit> edits = new ArrayList<>();
    List<Edit> records = new ArrayList<>();
    for (Place place : places) {
      Optional<TextVersion> visible = place.versions().visible();
      String textBefore = visible.map(replica::textOf).orElse("");
      boolean isCollaborative = visible.filter(TextVersion::isText).isPresent();
      String text = textBefore;
      for (Unmerged unmerged : place.unmerged()) {
        boolean isHidden = place.versions().hidden().contains(unmerged.version());
        List<ChangeHash> past = past(place, unmerged, isHidden, changes);
        String base =
            Optional.ofNullable(unmerged.base())
                .orElseGet(() -> base(replica, place, unmerged, isHidden, past));
        var splices =
            TextMerge.merge(base, text, unmerged.words(), RoomTexts.separator(place.path()));
        if (isCollaborative) {
          edits.addAll(TextMerge.edits(place.path(), text, splices));
        }
        text = TextMerge.apply(text, splices);
        // Removed here and put again below, so that the map is in the order of the last merge.
        Merged before = merged.remove(unmerged.version().operation());
        List<ChangeHash> seen = before == null ? List.of() : before.seen();
        if (isHidden || !splices.isEmpty()) {
          if (seen.isEmpty()) {
            seen = isHidden ? heads : past;
          }
          records.add(record(unmerged.version().operation(), place.path(), seen, heads));
        }
        merged.put(
            unmerged.version().operation(),
            new Merged(place.path(), unmerged.version(), unmerged.words(), seen));
      }
      if (!text.equals(textBefore)) {
        if (!isCollaborative) {
          edits.add(new Edit.Put(place.path(), Value.text(text)));
        }
        if (!textBefore.isBlank()) {
          broadcast.accept(message(place.path()));
        }
      }
    }
    forgetOldest();
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

  /** Forgets the oldest versions without a record above the limit. */
  private void forgetOldest() {
    int excess = merged.size() - FixedServiceLimits.REPLACED_TEXTS_MAX;
    if (excess > 0) {
      merged.values().stream()
          .filter(each -> each.seen().isEmpty())
          .limit(excess)
          .map(each -> each.version().operation())
          .toList()
          .forEach(merged::remove);
    }
  }

  /**
   * The changes that made the versions that were never merged, read in one pass over the history.
   */
  private static Map<String, ChangeChunk> changesOf(Replica replica, List<Place> places) {
    List<TextVersion> versions = new ArrayList<>();
    for (Place place : places) {
      for (Unmerged unmerged : place.unmerged()) {
        if (unmerged.base() == null) {
          versions.add(unmerged.version());
          place.versions().visible().ifPresent(versions::add);
        }
      }
    }
    return versions.isEmpty() ? Map.of() : replica.changesOf(versions);
  }

  /**
   * The heads that an author had seen. For a hidden version, this is the author of the version. For
   * a replaced version, this is the author of the later value.
   */
  private static List<ChangeHash> past(
      Place place, Unmerged unmerged, boolean isHidden, Map<String, ChangeChunk> changes) {
    Optional<TextVersion> version =
        isHidden ? Optional.of(unmerged.version()) : place.versions().visible();
    return version
        .map(each -> changes.get(each.operation()))
        .map(ChangeChunk::deps)
        .orElse(List.of());
  }

  /**
   * The base of the merge. For a hidden version, it is the text that its author had seen at this
   * path. For a replaced version, it is the words that the author of the later value had seen of
   * it.
   */
  private static String base(
      Replica replica, Place place, Unmerged unmerged, boolean isHidden, List<ChangeHash> past) {
    if (past.isEmpty()) {
      return isHidden ? "" : unmerged.words();
    }
    return isHidden
        ? replica
            .versions(place.path(), past)
            .visible()
            .map(version -> replica.textOf(version, past))
            .orElse("")
        : replica.textOf(unmerged.version(), past);
  }

  private static List<TextVersion> all(TextVersions versions) {
    List<TextVersion> all = new ArrayList<>(versions.hidden());
    versions.visible().ifPresent(all::add);
    return all;
  }

  /** The collaborative texts among the versions, by their operations. */
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
