package dev.parlor.apps.content;

import dev.parlor.crdt.identity.Bytes;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The id of a set of files with its environment. The order in which files and variables are given
 * does not count. The id is the content id of this text:
 *
 * <pre>
 *   name,mimetype,cid|name,mimetype,cid|{"VARIABLE":"value"}|entry=name
 * </pre>
 *
 * <p>Names are sorted by their UTF-8 bytes. The mimetype is as the client gave it, or empty. The
 * last part is there only if the client named an entry point. Names and mimetypes contain neither
 * comma nor {@code |}, so that two sets of files never have the same text.
 */
public final class FileSystemId {
  private FileSystemId() {}

  /**
   * A file of the set.
   *
   * @param mimetype as the client gave it
   */
  public record Part(String name, Optional<String> mimetype, ContentId content) {

    /** Checks that the text of the id stays unambiguous. */
    public Part {
      requireNoSeparator(name);
      mimetype.ifPresent(Part::requireNoSeparator);
    }

    private static void requireNoSeparator(String text) {
      if (text.indexOf(',') >= 0 || text.indexOf('|') >= 0) {
        throw new IllegalArgumentException("a name or mimetype has a comma or |");
      }
    }

    private String text() {
      return name + "," + mimetype.orElse("") + "," + content;
    }
  }

  /**
   * The id of the files.
   *
   * @param entryPoint the name of the file that the client named as entry point
   */
  public static ContentId of(
      List<Part> files, Map<String, String> environment, Optional<String> entryPoint) {
    var names =
        files.stream()
            .sorted((a, b) -> Bytes.utf8(a.name()).compareTo(Bytes.utf8(b.name())))
            .map(Part::text)
            .collect(Collectors.joining("|"));
    var entry = entryPoint.map(name -> "|entry=" + name).orElse("");
    return ContentId.of(Bytes.utf8(names + "|" + json(environment) + entry));
  }

  /** As {@code JSON.stringify} of JavaScript writes an object with sorted keys. */
  private static String json(Map<String, String> environment) {
    return new TreeMap<>(environment)
        .entrySet().stream()
            .map(entry -> quoted(entry.getKey()) + ":" + quoted(entry.getValue()))
            .collect(Collectors.joining(",", "{", "}"));
  }

  private static String quoted(String text) {
    var out = new StringBuilder("\"");
    for (var at = 0; at < text.length(); at++) {
      var c = text.charAt(at);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < ' ' || isUnpaired(text, at)) {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    return out.append('"').toString();
  }

  private static boolean isUnpaired(String text, int at) {
    var c = text.charAt(at);
    if (Character.isHighSurrogate(c)) {
      return at + 1 == text.length() || !Character.isLowSurrogate(text.charAt(at + 1));
    }
    return Character.isLowSurrogate(c)
        && (at == 0 || !Character.isHighSurrogate(text.charAt(at - 1)));
  }
}
