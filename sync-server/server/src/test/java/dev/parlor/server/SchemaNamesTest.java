package dev.parlor.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.room.schema.RoomFields;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Only {@link RoomFields} contains the names of a document's fields as string literals. */
class SchemaNamesTest {

  private static final Set<String> NAMES = new TreeSet<>();

  /** A string literal that equals the name of a field, with the code before it in the statement. */
  private static Pattern literal = Pattern.compile("");

  /** The start of a call whose argument is a field name; calls for JSON and events do not match. */
  private static final Pattern FIELD_ACCESS =
      Pattern.compile("\\b(?:Path\\.of|child|get|containsKey|isKey|Value\\.map)\\([^()]*$");

  /** A constant of an enum, whose literal is a value in the document and no field name. */
  private static final Pattern ENUM_CONSTANT = Pattern.compile("^\\s*[A-Z_]+\\($");

  /** Files with equal literals for other purposes, for example words in an export. */
  private static final Set<String> OTHER_MEANING =
      Set.of("RoomFields.java", "FractionalIndex.java", "RoomMarkdown.java", "FollowerEvents.java");

  @BeforeAll
  static void readNames() throws IllegalAccessException {
    for (var field : RoomFields.class.getDeclaredFields()) {
      if (Modifier.isPublic(field.getModifiers()) && field.getType() == String.class) {
        assertTrue(NAMES.add((String) field.get(null)), field.getName() + " is spelled twice");
      }
    }
    assertTrue(NAMES.containsAll(Set.of("participants", "generation", "lock", "by")), "" + NAMES);
    literal = Pattern.compile("([^;{}\"]*)\"(" + String.join("|", NAMES) + ")\"");
  }

  private static Path root() {
    return Stream.of("", "..", "../..")
        .map(Path::of)
        .filter(folder -> Files.exists(folder.resolve("docs/room.md")))
        .findFirst()
        .orElseThrow();
  }

  /** The main sources of a package, in any module. */
  private static List<Path> sources(String folder) throws IOException {
    var source = Pattern.compile("src/main/java/dev/parlor/" + folder + "/\\w+\\.java$");
    var found = new ArrayList<Path>();
    for (var module : List.of("crdt-core", "sync-server")) {
      try (Stream<Path> files = Files.walk(root().resolve(module))) {
        files.filter(file -> source.matcher(file.toString()).find()).forEach(found::add);
      }
    }
    assertTrue(found.size() > 5, "too few sources found in " + folder);
    return found;
  }

  /**
   * The literals that equal the name of a field, as {@code File.java: name}.
   *
   * @param counts decides from the code before a literal, in the same statement, whether it counts
   */
  private static List<String> literals(String folder, Predicate<String> counts) throws IOException {
    var literals = new ArrayList<String>();
    for (var file : sources(folder)) {
      var name = file.getFileName().toString();
      var found = literal.matcher(Files.readString(file));
      while (found.find()) {
        if (counts.test(found.group(1))) {
          literals.add(name + ": " + found.group(2));
        }
      }
    }
    literals.removeIf(entry -> OTHER_MEANING.contains(entry.substring(0, entry.indexOf(':'))));
    return literals;
  }

  @Test
  @DisplayName("in room.schema, only RoomFields has field names as string literals")
  void schemaSpellsNamesOnlyInRoomFields() throws IOException {
    assertEquals(List.of(), literals("room/schema", code -> !startsEnumConstant(code)));
  }

  @Test
  @DisplayName("the other packages of rooms access no field of the document by a string literal")
  void roomPackagesUseNoLiteralFieldNames() throws IOException {
    for (var name : List.of("access", "generation", "http", "worker")) {
      assertEquals(List.of(), literals("room/" + name, SchemaNamesTest::accessesField));
    }
  }

  @Test
  @DisplayName("this test finds literals that access a field, and ignores names of JSON members")
  void scanFindsLiterals() {
    assertTrue(isFieldLiteral("Path.of(\"chat\")"));
    assertTrue(isFieldLiteral("new Edit.Put(path.child(\"status\")"));
    assertTrue(isFieldLiteral("Path.of(RoomFields.CARDS, \"chat\")"));
    assertFalse(isFieldLiteral("json.put(\"status\", 200)"));
  }

  private static boolean isFieldLiteral(String code) {
    var found = literal.matcher(code);
    return found.find() && accessesField(found.group(1));
  }

  private static boolean accessesField(String codeBefore) {
    return FIELD_ACCESS.matcher(codeBefore).find();
  }

  private static boolean startsEnumConstant(String codeBefore) {
    var line = codeBefore.substring(codeBefore.lastIndexOf('\n') + 1);
    return ENUM_CONSTANT.matcher(line).find();
  }
}
