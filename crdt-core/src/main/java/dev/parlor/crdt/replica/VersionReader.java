package dev.parlor.crdt.replica;

import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.ChangeHash;
import dev.parlor.crdt.identity.Decoding;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.automerge.AmValue;
import org.automerge.Document;
import org.automerge.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * Reads the strings that concurrent writers put at one path, also inside concurrently made maps. If
 * two people create the same note concurrently, there are two maps, each with a text.
 */
final class VersionReader {
  private final Document document;

  VersionReader(Document document) {
    this.document = document;
  }

  /**
   * The strings at the path.
   *
   * @param heads the state to read; null for the current state
   */
  TextVersions versions(Path path, @Nullable List<ChangeHash> heads) {
    var state = heads == null ? null : heads(heads);
    if (path.isRoot() || !path.steps().stream().allMatch(VersionReader::transferable)) {
      return TextVersions.NONE;
    }
    var maps = List.of(ObjectId.ROOT);
    for (var step : path.steps().subList(0, path.steps().size() - 1)) {
      var next = new ArrayList<ObjectId>();
      for (var map : maps) {
        for (var entry : conflicts(map, (String) step, state)) {
          if (entry.getValue() instanceof AmValue.Map nested) {
            next.add(nested.getId());
          } else if (next.isEmpty()) {
            return TextVersions
                .NONE; // the visible value is not a map, so nothing at the path is visible
          }
        }
      }
      maps = next;
    }
    var hidden = new ArrayList<TextVersion>();
    Optional<TextVersion> visible = Optional.empty();
    var isFirst = true; // the winner of the first map is the visible value
    for (var map : maps) {
      for (var entry : conflicts(map, (String) path.steps().getLast(), state)) {
        var version = version(entry);
        if (isFirst) {
          visible = version;
        } else {
          version.ifPresent(hidden::add);
        }
        isFirst = false;
      }
      isFirst = false;
    }
    return new TextVersions(visible, hidden);
  }

  private static boolean transferable(Object step) {
    return step instanceof String key && Keys.transferable(key);
  }

  private List<Map.Entry<String, AmValue>> conflicts(
      ObjectId map, String key, org.automerge.ChangeHash @Nullable [] heads) {
    Optional<?> conflicts =
        heads == null ? document.getAll(map, key) : document.getAll(map, key, heads);
    return conflicts.isPresent() ? Reader.entries(conflicts.get()) : List.of();
  }

  private static Optional<TextVersion> version(Map.Entry<String, AmValue> entry) {
    return switch (entry.getValue()) {
      case AmValue.Text text -> Optional.of(new TextVersion(entry.getKey(), "", text.getId()));
      case AmValue.Str string ->
          Optional.of(new TextVersion(entry.getKey(), string.getValue(), null));
      default -> Optional.empty();
    };
  }

  String textOf(TextVersion version, @Nullable List<ChangeHash> heads) {
    return version
        .object()
        .map(
            text ->
                (heads == null ? document.text(text) : document.text(text, heads(heads)))
                    .orElse(""))
        .orElse(version.scalar());
  }

  /**
   * The changes that made the versions, by operation. An operation is in its actor's last change
   * whose first operation is not newer.
   */
  static Map<String, ChangeChunk> changesOf(List<Bytes> history, Collection<TextVersion> versions) {
    var changes = new HashMap<String, ChangeChunk>();
    for (var chunk : history) {
      if (!(ChangeCodec.decode(chunk, FormatLimits.DEFAULT)
          instanceof Decoding.Decoded<ChangeChunk>(var change))) {
        throw new ReplicaException("the history contains bytes that are not a change");
      }
      var actor = change.actor().toString();
      for (var version : versions) {
        var separator = version.operation().indexOf('@');
        var latest = changes.get(version.operation());
        if (version.operation().substring(separator + 1).equals(actor)
            && change.startOp() <= Long.parseLong(version.operation().substring(0, separator))
            && (latest == null || latest.startOp() < change.startOp())) {
          changes.put(version.operation(), change);
        }
      }
    }
    return changes;
  }

  private static org.automerge.ChangeHash[] heads(List<ChangeHash> heads) {
    return heads.stream().map(Hash::new).toArray(org.automerge.ChangeHash[]::new);
  }

  /** Makes a hash of the bindings from bytes; they offer only a protected constructor. */
  private static final class Hash extends org.automerge.ChangeHash {
    Hash(ChangeHash hash) {
      super(hash.toArray());
    }
  }
}
