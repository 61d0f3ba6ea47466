package dev.parlor.relay.policy;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.parlor.relay.admission.Permission;
import dev.parlor.relay.admission.RoleName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads one rule of a policy file. Used once by one thread. */
final class RuleReader {

  private static final String PATH = "path";
  private static final String WRITE = "write";
  private static final String FIELDS = "path, write, append, values, bytes and note";

  private final JsonParser parser;
  private final int number;
  private final List<String> problems;

  private @Nullable PathPattern path;
  private @Nullable Writers writers;
  private boolean append;
  private final Set<ValueKind> kinds = EnumSet.noneOf(ValueKind.class);
  private int bytesMax = DocumentRule.UNLIMITED;

  /**
   * @param number the number of the rule in the file, from 1
   * @param problems receives the problems
   */
  RuleReader(JsonParser parser, int number, List<String> problems) {
    this.parser = parser;
    this.number = number;
    this.problems = problems;
  }

  /** Reads the rule at the parser's token; empty if it has problems. */
  Optional<DocumentRule> read() throws IOException {
    var problemsBefore = problems.size();
    var line = parser.currentTokenLocation().getLineNr();
    if (!parser.isExpectedStartObjectToken()) {
      problem(line, "must be an object with the fields " + FIELDS);
      parser.skipChildren();
      return Optional.empty();
    }
    var fields = new HashSet<String>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      var name = parser.currentName();
      fields.add(name);
      parser.nextToken();
      readField(name);
    }
    for (var required : List.of(PATH, WRITE)) {
      if (!fields.contains(required)) {
        problem(line, "lacks the field " + required);
      }
    }
    return path == null || writers == null || problems.size() > problemsBefore
        ? Optional.empty()
        : Optional.of(new DocumentRule(path, writers, append, kinds, bytesMax));
  }

  private void readField(String name) throws IOException {
    var line = parser.currentTokenLocation().getLineNr();
    try {
      switch (name) {
        case PATH -> path = PathPattern.parse(text());
        case WRITE -> writers = writers();
        case "append" -> append = flag();
        case "values" -> readKinds();
        case "bytes" -> bytesMax = positive();
        case "note" -> text();
        default -> {
          problem(line, "has an unknown field " + name + "; the fields are " + FIELDS);
          parser.skipChildren();
        }
      }
    } catch (PolicySyntaxException e) {
      problems.add(
          "line " + line + ": the field " + name + " of rule " + number + " " + e.getMessage());
      parser.skipChildren();
    }
  }

  private String text() throws IOException, PolicySyntaxException {
    if (!parser.hasToken(JsonToken.VALUE_STRING)) {
      throw new PolicySyntaxException("must be a string");
    }
    return parser.getText();
  }

  private boolean flag() throws IOException, PolicySyntaxException {
    if (!parser.currentToken().isBoolean()) {
      throw new PolicySyntaxException("must be true or false");
    }
    return parser.getBooleanValue();
  }

  private int positive() throws IOException, PolicySyntaxException {
    if (parser.hasToken(JsonToken.VALUE_NUMBER_INT)
        && parser.getNumberType() == JsonParser.NumberType.INT
        && parser.getIntValue() > 0) {
      return parser.getIntValue();
    }
    throw new PolicySyntaxException("must be a whole number of bytes, 1 or more");
  }

  /** Reads a list of names to its end, also if some item is no name. */
  private List<String> names() throws IOException, PolicySyntaxException {
    if (!parser.isExpectedStartArrayToken()) {
      throw new PolicySyntaxException("must be a list of names");
    }
    var names = new ArrayList<String>();
    var onlyNames = true;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.hasToken(JsonToken.VALUE_STRING)) {
        names.add(parser.getText());
      } else {
        onlyNames = false;
        parser.skipChildren();
      }
    }
    if (!onlyNames) {
      throw new PolicySyntaxException("must be a list of names");
    }
    return names;
  }

  private Writers writers() throws IOException, PolicySyntaxException {
    Optional<Permission> least = Optional.empty();
    var roles = new HashSet<String>();
    for (var name : names()) {
      var permission = Permission.named(name);
      if (permission.isPresent()) {
        if (least.isEmpty() || permission.get().compareTo(least.get()) < 0) {
          least = permission;
        }
      } else if (RoleName.isValid(name)) {
        roles.add(name);
      } else {
        throw new PolicySyntaxException(
            "must have read, write, own and names of roles, which are " + RoleName.RULE);
      }
    }
    return new Writers(least, roles);
  }

  private void readKinds() throws IOException, PolicySyntaxException {
    for (var name : names()) {
      kinds.add(
          ValueKind.named(name)
              .orElseThrow(
                  () ->
                      new PolicySyntaxException(
                          "must have only names of kinds: "
                              + Arrays.stream(ValueKind.values())
                                  .map(ValueKind::wire)
                                  .collect(Collectors.joining(", ")))));
    }
    if (kinds.isEmpty()) {
      throw new PolicySyntaxException(
          "must name a kind of value; without the field all are allowed");
    }
  }

  private void problem(int line, String sentence) {
    problems.add("line " + line + ": rule " + number + " " + sentence);
  }
}
