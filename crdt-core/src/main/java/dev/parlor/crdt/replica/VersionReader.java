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
 * Reads the strings that concurrent writers left at one place, below concurrent maps too: two
 * people who make one note apart make two maps with a text each.
 */
final class VersionReader {
  private final Document document;

  VersionReader(Document document) {
    this.document = document;
  }

  /**
   * @param heads the state to read; null for the present one
   */
  TextVersions versions(Path path, @Nullable List<ChangeHash> heads) {
    var at = heads == null ? null : heads(heads);
    if (path.isRoot() || !path.steps().stream().allMatch(VersionReader::transferable)) {
      return TextVersions.NONE;
    }
    var maps = List.of(ObjectId.ROOT);
    for (var step : path.steps().subList(0, path.steps().size() - 1)) {
      var next = new ArrayList<ObjectId>();
      for (var map : maps) {
        for (var entry : all(map, (String) step, at)) {
          if (entry.getValue() instanceof AmValue.Map inside) {
            next.add(inside.getId());
          } else if (next.isEmpty()) {
            return TextVersions.NONE; // another kind of value hides the path below it
          }
        }
      }
      maps = next;
    }
    var found = new ArrayList<TextVersion>();
    Optional<TextVersion> standing = Optional.empty();
    var first = true;
    for (var map : maps) {
      for (var entry : all(map, (String) path.steps().getLast(), at)) {
        var version = version(entry);
        if (first) {
          standing = version;
        } else {
          version.ifPresent(found::add);
        }
        first = false;
      }
      first = false;
    }
    return new TextVersions(standing, found);
  }

  private static boolean transferable(Object step) {
    return step instanceof String key && Keys.transferable(key);
  }

  private List<Map.Entry<String, AmValue>> all(
      ObjectId map, String key, org.automerge.ChangeHash @Nullable [] heads) {
    Optional<?> all = heads == null ? document.getAll(map, key) : document.getAll(map, key, heads);
    return all.isPresent() ? Reader.entries(all.get()) : List.of();
  }

  private static Optional<TextVersion> version(Map.Entry<String, AmValue> entry) {
    return switch (entry.getValue()) {
      case AmValue.Text text -> Optional.of(new TextVersion(entry.getKey(), "", text.getId()));
      case AmValue.Str string ->
          Optional.of(new TextVersion(entry.getKey(), string.getValue(), null));
      default -> Optional.empty();
    };
  }

  String words(TextVersion version, @Nullable List<ChangeHash> heads) {
    return version
        .object()
        .map(
            text ->
                (heads == null ? document.text(text) : document.text(text, heads(heads)))
                    .orElse(""))
        .orElse(version.scalar());
  }

  /** Of an actor's changes, an operation is in the last that does not begin after it. */
  static Map<String, ChangeChunk> makers(List<Bytes> history, Collection<TextVersion> versions) {
    var makers = new HashMap<String, ChangeChunk>();
    for (var chunk : history) {
      if (!(ChangeCodec.decode(chunk, FormatLimits.DEFAULT)
          instanceof Decoding.Decoded<ChangeChunk>(var change))) {
        throw new ReplicaException("the history holds something that is no change");
      }
      var actor = change.actor().toString();
      for (var version : versions) {
        var at = version.operation().indexOf('@');
        var known = makers.get(version.operation());
        if (version.operation().substring(at + 1).equals(actor)
            && change.startOp() <= Long.parseLong(version.operation().substring(0, at))
            && (known == null || known.startOp() < change.startOp())) {
          makers.put(version.operation(), change);
        }
      }
    }
    return makers;
  }

  private static org.automerge.ChangeHash[] heads(List<ChangeHash> heads) {
    return heads.stream().map(Hash::new).toArray(org.automerge.ChangeHash[]::new);
  }

  /** The bindings make no hash from bytes otherwise. */
  private static final class Hash extends org.automerge.ChangeHash {
    Hash(ChangeHash hash) {
      super(hash.toArray());
    }
  }
}
