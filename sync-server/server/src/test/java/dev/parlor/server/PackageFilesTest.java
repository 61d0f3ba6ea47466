package dev.parlor.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.relay.config.RelaySetting;
import dev.parlor.relay.config.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Reads the files for services and containers that the package contains; it builds no image. */
class PackageFilesTest {
  private static final Pattern VARIABLE = Pattern.compile("PARLOR_[A-Z_]+");
  private static final Pattern INSTRUCTION =
      Pattern.compile(
          "(FROM|RUN|COPY|USER|VOLUME|EXPOSE|ENV|STOPSIGNAL|ENTRYPOINT|CMD) .+|#.*",
          Pattern.DOTALL);

  private static String read(String name) throws IOException {
    return Files.readString(Path.of("../package").resolve(name));
  }

  @Test
  @DisplayName("Each variable in the files of the package is a setting of the server")
  void variablesAreSettings() throws IOException {
    var settings =
        Arrays.stream(RelaySetting.values()).map(Setting::variable).collect(Collectors.toSet());
    for (var file : List.of("parlor.service", "Containerfile", "compose.yaml")) {
      var variables = VARIABLE.matcher(read(file)).results().map(found -> found.group()).toList();
      assertTrue(!variables.isEmpty(), file);
      for (var variable : variables) {
        assertTrue(
            settings.contains(variable) || variable.equals("PARLOR_DOMAIN"), file + " " + variable);
      }
    }
  }

  @Test
  @DisplayName("The Containerfile has known instructions and copies folders that the package has")
  void containerfileCopiesThePackage() throws IOException {
    var build = read("build");
    for (var line : read("Containerfile").lines().toList()) {
      assertTrue(INSTRUCTION.matcher(line).matches(), line);
      if (line.startsWith("COPY ")) {
        assertTrue(build.contains("$folder/" + line.split(" ", 3)[1]), line);
      }
    }
  }

  @Test
  @DisplayName("compose.yaml is YAML whose networks and volumes are declared")
  void composeIsWhole() throws IOException {
    var compose = yaml(read("compose.yaml"));
    var declared = names(compose.path("networks").fieldNames());
    var volumes = names(compose.path("volumes").fieldNames());
    assertEquals(Set.of("parlor", "caddy"), names(compose.path("services").fieldNames()));
    for (var service : compose.path("services")) {
      for (var network : service.path("networks")) {
        assertTrue(declared.contains(network.asText()), network::asText);
      }
      for (var volume : service.path("volumes")) {
        assertTrue(volumes.contains(volume.asText().split(":", 2)[0]), volume::asText);
      }
    }
    assertTrue(
        read("build").contains("Containerfile"), "compose.yaml builds with the Containerfile");
  }

  private static JsonNode yaml(String text) {
    return new ObjectMapper()
        .valueToTree(new Load(LoadSettings.builder().build()).loadFromString(text));
  }

  private static Set<String> names(java.util.Iterator<String> names) {
    Iterable<String> all = () -> names;
    return StreamSupport.stream(all.spliterator(), false).collect(Collectors.toSet());
  }
}
