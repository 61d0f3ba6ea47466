package dev.parlor.room.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads the test vectors in {@code docs/vectors} and the golden files in the test resources. */
final class Vectors {
  private Vectors() {}

  static JsonNode json(String name) {
    try {
      return new ObjectMapper().readTree(Path.of("..", "..", "docs", "vectors", name).toFile());
    } catch (IOException e) {
      throw new AssertionError("docs/vectors/" + name + " is not readable", e);
    }
  }

  static String golden(String name) {
    try {
      return Files.readString(Path.of("src", "test", "resources", "golden", name));
    } catch (IOException e) {
      throw new AssertionError("the golden file " + name + " is not readable", e);
    }
  }
}
