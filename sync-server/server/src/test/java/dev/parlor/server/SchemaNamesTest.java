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
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** {@link RoomFields} alone spells the names of the fields in a room's document. */
class SchemaNamesTest {

  private static final Set<String> NAMES = new TreeSet<>();

  /** A string literal with the name of a field, and the code before it in the same statement. */
  private static Pattern literal = Pattern.compile("");

  /** A call that names a field of a document. JSON and events have other names. */
  private static final Pattern ACCESS =
      Pattern.compile("\\b(?:Path\\.of|child|get|containsKey|isKey|Value\\.map)\\([^()]*$");

  /** A constant of an enum: a value in the document, not a name. */
  private static final Pattern CHOICE = Pattern.compile("^\\s*[A-Z_]+\\($");

  /** Files with such literals for other purposes: digits of an order key, words of an export. */
  private static final Set<String> OTHER_MEANING =
      Set.of("RoomFields.java", "FractionalIndex.java", "RoomMarkdown.java");

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
        .filter(at -> Files.exists(at.resolve("docs/room.md")))
        .findFirst()
        .orElseThrow();
  }

  /** The main sources of a package. The module that has the package does not matter. */
  private static List<Path> sources(String folder) throws IOException {
    var source = Pattern.compile("src/main/java/dev/parlor/" + folder + "/\\w+\\.java$");
    var found = new ArrayList<Path>();
    for (var module : List.of("crdt-core", "sync-server")) {
      try (Stream<Path> files = Files.walk(root().resolve(module))) {
        files.filter(file -> source.matcher(file.toString()).find()).forEach(found::add);
      }
    }
    assertTrue(found.size() > 5, folder + " has too few sources: the scan looks in a wrong place");
    return found;
  }

  /** The literals with a name, as {@code File.java: name}. */
  private static List<String> spelled(String folder, boolean all) throws IOException {
    var spelled = new ArrayList<String>();
    for (var file : sources(folder)) {
      var name = file.getFileName().toString();
      var found = literal.matcher(Files.readString(file));
      while (found.find()) {
        var before = found.group(1).substring(found.group(1).lastIndexOf('\n') + 1);
        if (all ? !CHOICE.matcher(before).find() : ACCESS.matcher(found.group(1)).find()) {
          spelled.add(name + ": " + found.group(2));
        }
      }
    }
    spelled.removeIf(one -> OTHER_MEANING.contains(one.substring(0, one.indexOf(':'))));
    return spelled;
  }

  @Test
  @DisplayName("room.schema spells the schema's field names only in RoomFields")
  void schema() throws IOException {
    assertEquals(List.of(), spelled("room/schema", true));
  }

  @Test
  @DisplayName("the server's room packages name no field of the document by a string literal")
  void server() throws IOException {
    for (var name : List.of("access", "generation", "http", "worker")) {
      assertEquals(List.of(), spelled("room/" + name, false));
    }
  }

  @Test
  @DisplayName("the scan finds a literal that names a field, and passes over names of JSON members")
  void scanFindsLiterals() {
    assertTrue(finds("Path.of(\"chat\")"));
    assertTrue(finds("new Edit.Put(path.child(\"status\")"));
    assertTrue(finds("Path.of(RoomFields.CARDS, \"chat\")"));
    assertFalse(finds("json.put(\"status\", 200)"));
  }

  private static boolean finds(String code) {
    var found = literal.matcher(code);
    return found.find() && ACCESS.matcher(found.group(1)).find();
  }
}
