package dev.parlor.relay.policy;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A second implementation of document policies, for tests. It judges the edits of an author by the
 * paths in the author's replica, without operations, and matches paths as regular expressions.
 */
public final class PolicyModel {

  /**
   * A rule.
   *
   * @param path the pattern as in a policy file
   * @param kinds names of kinds of values; empty for all
   * @param bytesMax 0 for no limit
   */
  public record Rule(
      String path, List<String> write, boolean append, List<String> kinds, int bytesMax) {

    /** The rule as in a policy file. */
    public String json() {
      var text = new StringBuilder("{\"path\":\"" + path + "\",\"write\":" + names(write));
      if (append) {
        text.append(",\"append\":true");
      }
      if (!kinds.isEmpty()) {
        text.append(",\"values\":").append(names(kinds));
      }
      if (bytesMax > 0) {
        text.append(",\"bytes\":").append(bytesMax);
      }
      return text.append('}').toString();
    }

    private static String names(List<String> names) {
      return names.isEmpty() ? "[]" : "[\"" + String.join("\",\"", names) + "\"]";
    }

    boolean matches(List<Object> steps, String subject) {
      var regex = new StringBuilder();
      for (var part : path.substring(1).split("/", -1)) {
        regex.append(
            switch (part) {
              case "*" -> "/[ke]:[^/]*";
              case "**" -> "(/[ke]:[^/]*)*";
              case "{subject}" -> "/k:" + Pattern.quote(subject);
              default -> "/k:" + Pattern.quote(part);
            });
      }
      var text = new StringBuilder();
      for (var step : steps) {
        text.append(step instanceof String key ? "/k:" + key : "/e:" + step);
      }
      return Pattern.matches(regex.toString(), text);
    }
  }

  /**
   * An author.
   *
   * @param permission read, write or own
   */
  public record Author(String subject, String permission, Set<String> roles) {
    boolean isAmong(List<String> writers) {
      var order = List.of("read", "write", "own");
      return writers.stream()
          .anyMatch(
              name ->
                  order.contains(name)
                      ? order.indexOf(permission) >= order.indexOf(name)
                      : roles.contains(name));
    }
  }

  private final List<Rule> rules;

  public PolicyModel(List<Rule> rules) {
    this.rules = rules;
  }

  /**
   * Whether the author may make all of these edits in one change. Edits that insert into a list or
   * remove an element must be the last, so that positions in earlier paths stay as they are;
   * appending is allowed anywhere.
   *
   * @param lengths the length of the list at each path before the change
   */
  public boolean allows(Author author, List<Edit> edits, Map<Path, Integer> lengths) {
    var judged = new ChangeModel(author, new HashMap<>(lengths));
    return edits.stream().allMatch(judged::allows);
  }

  /** The state of one change. */
  private final class ChangeModel {
    private final Author author;
    private final Map<Path, Integer> lengths;

    /** The paths of the objects and list elements that the change made. */
    private final Set<List<Object>> madeObjects = new HashSet<>();

    private final Set<List<Object>> madeElements = new HashSet<>();
    private final Map<Rule, Integer> typed = new HashMap<>();

    ChangeModel(Author author, Map<Path, Integer> lengths) {
      this.author = author;
      this.lengths = lengths;
    }

    boolean allows(Edit edit) {
      var steps = edit.path().steps();
      return switch (edit) {
        case Edit.Put(_, var value) -> writes(steps, value, isAddition(steps));
        case Edit.Delete _ ->
            rule(steps).filter(rule -> !rule.append() || isAddition(steps)).isPresent();
        case Edit.Append(var list, var value) -> {
          var at = lengths.merge(list, 1, Integer::sum) - 1;
          var element = list.child(at).steps();
          madeElements.add(element);
          yield writes(element, value, true);
        }
        case Edit.Insert(var list, var index, var value) ->
            writes(list.child(index).steps(), value, true);
        case Edit.SpliceText(_, _, _, var insert) -> {
          var rule = rule(steps).filter(found -> !found.append() || isInMadeObject(steps));
          yield rule.isPresent() && (insert.isEmpty() || types(rule.get(), insert));
        }
      };
    }

    private Optional<Rule> rule(List<Object> steps) {
      return rules.stream()
          .filter(rule -> rule.matches(steps, author.subject()))
          .findFirst()
          .filter(rule -> author.isAmong(rule.write()));
    }

    private boolean isAddition(List<Object> steps) {
      return madeElements.contains(steps) || isInMadeObject(steps.subList(0, steps.size() - 1));
    }

    private boolean isInMadeObject(List<Object> steps) {
      for (var i = 1; i <= steps.size(); i++) {
        if (madeObjects.contains(steps.subList(0, i))) {
          return true;
        }
      }
      return false;
    }

    private boolean writes(List<Object> steps, Value value, boolean isAddition) {
      var rule = rule(steps).filter(found -> !found.append() || isAddition);
      if (rule.isEmpty() || !isOfKind(rule.get(), kind(value))) {
        return false;
      }
      return switch (value) {
        case Value.Str(var text) -> fits(rule.get(), Bytes.utf8(text).length());
        case Value.Blob(var bytes) -> fits(rule.get(), bytes.length());
        case Value.Text(var text) -> {
          madeObjects.add(steps);
          yield text.isEmpty() || types(rule.get(), text);
        }
        case Value.MapOf(var entries) -> {
          madeObjects.add(steps);
          yield entries.entrySet().stream()
              .allMatch(entry -> writes(child(steps, entry.getKey()), entry.getValue(), true));
        }
        case Value.ListOf(var items) -> {
          madeObjects.add(steps);
          lengths.put(new Path(steps), items.size());
          var allowed = true;
          for (var i = 0; i < items.size(); i++) {
            allowed &= writes(child(steps, i), items.get(i), true);
          }
          yield allowed;
        }
        default -> true;
      };
    }

    private static List<Object> child(List<Object> steps, Object step) {
      var longer = new ArrayList<>(steps);
      longer.add(step);
      return longer;
    }

    private boolean types(Rule rule, String text) {
      return isOfKind(rule, "text")
          && fits(rule, typed.merge(rule, Bytes.utf8(text).length(), Integer::sum));
    }
  }

  private static boolean isOfKind(Rule rule, String kind) {
    return rule.kinds().isEmpty() || rule.kinds().contains(kind);
  }

  private static boolean fits(Rule rule, int bytes) {
    return rule.bytesMax() == 0 || bytes <= rule.bytesMax();
  }

  private static String kind(Value value) {
    return switch (value) {
      case Value.Null _ -> "null";
      case Value.Bool _ -> "boolean";
      case Value.Int _, Value.Uint _, Value.Float _ -> "number";
      case Value.Str _ -> "string";
      case Value.Blob _ -> "bytes";
      case Value.Counter _ -> "counter";
      case Value.Timestamp _ -> "time";
      case Value.Text _ -> "text";
      case Value.MapOf _ -> "map";
      case Value.ListOf _ -> "list";
    };
  }
}
