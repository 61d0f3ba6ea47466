package dev.parlor.bench.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.bench.apps.AppsBench.Part;
import dev.parlor.bench.load.Loop;
import dev.parlor.bench.load.ServerProcess;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class AppsBenchTest {

  private static final Duration STEP_MAX = Duration.ofSeconds(30);

  private static Path root() {
    var here = Path.of("").toAbsolutePath();
    return Files.exists(here.resolve("bench/pom.xml"))
        ? here
        : Objects.requireNonNull(here.getParent());
  }

  /** The settings of the benchmark, with the esbuild that npm installed for the page. */
  private static Map<String, String> settings(Users users) throws Exception {
    var settings = new HashMap<>(AppsBench.settings(users));
    try (var packages = Files.list(root().resolve("web-ui/node_modules/@esbuild"))) {
      packages
          .map(one -> one.resolve("bin/esbuild"))
          .filter(Files::isExecutable)
          .findFirst()
          .ifPresent(esbuild -> settings.put("PARLOR_ESBUILD", esbuild.toString()));
    }
    return settings;
  }

  @Test
  @DisplayName(
      "with small sizes every part of the benchmark of apps gets its answers and prints its rows, and a"
          + " refusal ends the benchmark with the server's words")
  void everyPartRuns() throws Exception {
    var users = new Users(Instant.now());
    var printed = new ByteArrayOutputStream();
    var table = new Table(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try (var server = ServerProcess.parlorOfThisClassPath(root(), settings(users))) {
      var parts = List.of(Part.APPENDS, Part.DEPLOYS, Part.PAGES, Part.ROOM);
      AppsBench.measure(server, users, parts, Sizes.small(), table);
      refusal(server, users);
    }
    assertEquals(12, table.figures().size(), table.figures()::toString);
    var text = printed.toString(StandardCharsets.UTF_8);
    assertEquals(12, text.lines().count(), text);
    text.lines().forEach(line -> assertTrue(line.matches("(\\|[^|]+){5}\\|"), line));
    assertFalse(text.contains("NaN"), text);
  }

  private static void refusal(ServerProcess server, Users users) throws Exception {
    try (var loop = new Loop(true)) {
      var socket = new ApiSocket(loop, server.port(), users.token("ada"));
      loop.runUntil(socket::isOpen, STEP_MAX, "opening");
      socket.send("req-publish-app", "", _ -> {});
      var failure =
          assertThrows(
              IllegalStateException.class,
              () -> loop.runUntil(() -> socket.waiting() == 0, STEP_MAX, "an answer"));
      var message = String.valueOf(failure.getMessage());
      assertTrue(message.contains("ownerHandle is missing"), message);
    }
  }
}
