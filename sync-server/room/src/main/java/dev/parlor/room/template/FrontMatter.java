package dev.parlor.room.template;

import dev.parlor.room.limits.FixedServiceLimits;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads YAML into a tree of lists, maps and texts in which every node knows its line. Anchors,
 * aliases and tags are refused, so a small file cannot become a large tree and no type is
 * constructed. The nesting is limited. Used once by one thread.
 */
final class FrontMatter {

  /** A node of the tree. */
  sealed interface Node {
    /** The line in the file, from 1. */
    int line();
  }

  /**
   * A text, a number or a flag as it stands in the file.
   *
   * @param plain whether it stands without quotes, so that it may be a number or a flag
   */
  record Scalar(String text, boolean plain, int line) implements Node {}

  record Items(List<Node> items, int line) implements Node {}

  /** The entries of a map in the order of the file. */
  record Entries(Map<String, Node> entries, int line) implements Node {}

  /** The YAML cannot be read. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1;

    final int line;
    final String reason;

    Malformed(int line, String reason) {
      super(reason);
      this.line = line;
      this.reason = reason;
    }
  }

  private final int lineOffset;
  private final Iterator<Event> events;

  private FrontMatter(String yaml, int lineOffset) {
    this.lineOffset = lineOffset;
    var settings =
        LoadSettings.builder()
            .setCodePointLimit(FixedServiceLimits.ROOM_FILE_BYTES_MAX)
            .setUseMarks(true)
            .build();
    this.events = new Parse(settings).parseString(yaml).iterator();
  }

  /**
   * Reads a map.
   *
   * @param lineOffset the number of lines in the file before the YAML
   */
  static Entries read(String yaml, int lineOffset) throws Malformed {
    try {
      return new FrontMatter(yaml, lineOffset).document();
    } catch (MarkedYamlEngineException e) {
      var line = e.getProblemMark().or(e::getContextMark).map(mark -> mark.getLine() + 1).orElse(0);
      throw new Malformed(lineOffset + line, "is not valid YAML: " + e.getProblem());
    } catch (YamlEngineException e) {
      throw new Malformed(
          lineOffset + 1, "is not valid YAML: " + firstLine(String.valueOf(e.getMessage())));
    }
  }

  private static String firstLine(String message) {
    return message.lines().findFirst().orElse("unknown fault");
  }

  private Entries document() throws Malformed {
    events.next(); // the start of the stream
    var first = events.next();
    if (first.getEventId() == Event.ID.StreamEnd) {
      return new Entries(Map.of(), lineOffset + 1);
    }
    var root = node(events.next(), 1);
    events.next(); // the end of the document
    var end = events.next();
    if (end.getEventId() != Event.ID.StreamEnd) {
      throw new Malformed(line(end), "the front matter must be one YAML document");
    }
    return switch (root) {
      case Entries entries -> entries;
      case Scalar scalar when scalar.plain() && scalar.text().isEmpty() ->
          new Entries(Map.of(), scalar.line());
      case Scalar _, Items _ ->
          throw new Malformed(root.line(), "the front matter must be a map, such as “name: Ideas”");
    };
  }

  private Node node(Event event, int depth) throws Malformed {
    var line = line(event);
    if (event instanceof AliasEvent
        || (event instanceof NodeEvent named && named.getAnchor().isPresent())) {
      throw new Malformed(line, "anchors (&) and aliases (*) are not allowed");
    }
    if (depth > FixedServiceLimits.ROOM_FILE_DEPTH_MAX) {
      throw new Malformed(
          line,
          "lists and maps are nested deeper than "
              + FixedServiceLimits.ROOM_FILE_DEPTH_MAX
              + " levels");
    }
    return switch (event) {
      case ScalarEvent scalar -> {
        if (scalar.getTag().isPresent()) {
          throw new Malformed(line, "tags (!) are not allowed");
        }
        yield new Scalar(scalar.getValue(), scalar.isPlain(), line);
      }
      case org.snakeyaml.engine.v2.events.CollectionStartEvent start
          when start.getTag().isPresent() ->
          throw new Malformed(line, "tags (!) are not allowed");
      case org.snakeyaml.engine.v2.events.SequenceStartEvent _ -> items(line, depth);
      case org.snakeyaml.engine.v2.events.MappingStartEvent _ -> entries(line, depth);
      default -> throw new Malformed(line, "is not valid YAML");
    };
  }

  private Items items(int line, int depth) throws Malformed {
    List<Node> items = new ArrayList<>();
    var next = events.next();
    while (next.getEventId() != Event.ID.SequenceEnd) {
      items.add(node(next, depth + 1));
      next = events.next();
    }
    return new Items(items, line);
  }

  private Entries entries(int line, int depth) throws Malformed {
    Map<String, Node> entries = new LinkedHashMap<>();
    var next = events.next();
    while (next.getEventId() != Event.ID.MappingEnd) {
      var keyLine = line(next);
      if (!(node(next, depth + 1) instanceof Scalar(var key, _, _))) {
        throw new Malformed(keyLine, "the name of a field must be a text");
      }
      if (entries.containsKey(key)) {
        throw new Malformed(keyLine, "“" + key + "” stands twice");
      }
      entries.put(key, node(events.next(), depth + 1));
      next = events.next();
    }
    return new Entries(entries, line);
  }

  private int line(Event event) {
    return lineOffset + event.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
  }
}
