package dev.parlor.room.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.apps.identity.DeviceAuthority;
import dev.parlor.apps.identity.DeviceCa;
import dev.parlor.apps.identity.DeviceIds;
import dev.parlor.apps.identity.RevokedDevices;
import dev.parlor.apps.identity.TrustedAuthorities;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * The unmodified npm client and command-line tool of the apps API, with a device certificate of the
 * test's own CA. Needs Node and the packages of {@code sync-server/apps/interop} ({@code npm ci}).
 */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(300)
class RealAppClientsIT {
  private static final int SECONDS_MAX = 120;
  private static final String[] PUSH = {
    "push", "--handle", "someone", "--app-slug", "demo", "--no-access-fn"
  };

  private final DeviceAuthority authority = DeviceAuthority.create(new SecureRandom());
  @TempDir private Path folder;

  /** The exit status and the output of a program. */
  private record Ended(int status, String output) {
    /** The rest of the line that begins with a word. */
    String line(String word) {
      return output
          .lines()
          .filter(line -> line.startsWith(word + " "))
          .map(line -> line.substring(word.length() + 1))
          .findFirst()
          .orElseThrow(() -> new AssertionError(word + " is missing in: " + output));
    }
  }

  private TestServer start() throws Exception {
    var caFile = Files.writeString(folder.resolve("ca.json"), authority.publicJwk());
    return TestServer.start(folder, Map.of("PARLOR_DEVICE_CA", caFile.toString()));
  }

  private String certified(String identity) {
    return authority.certify(identity, "laptop", Duration.ofDays(1), Instant.now());
  }

  private static Path project() {
    // Maven runs the tests of each module in the module's folder.
    return Path.of("..", "apps", "interop").toAbsolutePath().normalize();
  }

  /** Runs a Node program to its end, in a folder and with a device. */
  private Ended node(Path directory, String keyBag, String device, List<String> arguments)
      throws Exception {
    assertTrue(
        Files.isDirectory(project().resolve("node_modules/vibes-diy")),
        "the packages of sync-server/apps/interop are missing: run `npm ci` in that folder first");
    var command = new ArrayList<String>(List.of("node"));
    command.addAll(arguments);
    var output = Files.createTempFile(folder, "node", ".txt");
    var builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("VIBES_DEVICE_ID", device);
    builder.environment().put("FP_KEYBAG_URL", keyBag);
    // Node 20 has the standard WebSocket behind this option.
    builder.environment().put("NODE_OPTIONS", "--experimental-websocket");
    var process = builder.start();
    try {
      assertTrue(
          process.waitFor(SECONDS_MAX, TimeUnit.SECONDS),
          () -> "the program does not end: " + arguments);
    } finally {
      process.destroyForcibly();
    }
    return new Ended(process.exitValue(), Files.readString(output));
  }

  @Test
  @DisplayName(
      "the npm client signs a token that is accepted, and makes an app, a context, sections")
  void npmClient() throws Exception {
    try (var server = start()) {
      var ada = server.person("Ada");
      var url = "http://127.0.0.1:" + server.port() + "/api";
      var ended =
          node(
              project(),
              "memory://interop",
              certified(ada.identity()),
              List.of("scenarios/client.mjs", url));
      assertEquals(0, ended.status(), ended.output());
      var ids =
          new DeviceIds(
              TrustedAuthorities.of(DeviceCa.read(folder.resolve("ca.json"))),
              RevokedDevices.none(),
              Instant::now);
      assertEquals(ada.identity(), ids.userOf(ended.line("token")));
      var app = ApiClient.json(ended.line("app"));
      assertEquals("counter", app.path("appSlug").asText());
      assertEquals(1, app.path("releaseSeq").asInt());
      assertTrue(ended.line("context").matches("[1-9A-HJ-NP-Za-km-z]{12}"), ended.output());
      assertEquals(
          List.of("seq 0", "seq 1"),
          ended.output().lines().filter(line -> line.startsWith("seq ")).toList());
    }
  }

  @Test
  @DisplayName("the command-line tool claims a handle, pushes an app in JSX, and publishes it")
  void commandLineTool() throws Exception {
    try (var server = start()) {
      publishDemo(server, new Tool(server, certified(server.person("Ada").identity())));
    }
  }

  @Test
  @Tag("long") // The tool needs nine seconds of processor time for each command.
  @DisplayName("the command-line tool shows the versions of an app, unpublishes it and lists it")
  void otherCommands() throws Exception {
    try (var server = start()) {
      var tool = new Tool(server, certified(server.person("Ada").identity()));
      publishDemo(server, tool);
      var versions = tool.run("versions", "someone/demo");
      assertTrue(versions.contains("seq=1"), versions);
      tool.run("unpublish", "someone/demo");
      assertEquals(404, server.http().get("/a/someone/demo/").statusCode());
      var list = tool.run("list");
      assertTrue(list.contains("demo"), list);
    }
  }

  private void publishDemo(TestServer server, Tool tool) throws Exception {
    assertTrue(tool.run("claim-handle", "someone").contains("Claimed @someone"));
    Files.writeString(
        folder.resolve("App.jsx"),
        """
        import { useState } from "react";
        export default function App() {
          const [count, setCount] = useState(0);
          return <button onClick={() => setCount(count + 1)}>{count}</button>;
        }
        """);
    tool.run(PUSH);
    tool.run("publish", "someone/demo");
    var page = server.http().get("/a/someone/demo/");
    assertEquals(200, page.statusCode());
    assertTrue(page.body().contains("importmap"), page.body());
  }

  /** The command-line tool with the device of one person. */
  private final class Tool {
    private final TestServer server;
    private final String device;

    Tool(TestServer server, String device) {
      this.server = server;
      this.device = device;
    }

    /** Runs a command of the tool and returns its output. */
    String run(String... words) throws Exception {
      var arguments = new ArrayList<String>();
      arguments.add(project().resolve("node_modules/vibes-diy/cli/run.js").toString());
      arguments.addAll(List.of(words));
      arguments.addAll(List.of("--api-url", "http://127.0.0.1:" + server.port() + "/api"));
      var ended = node(folder, "file://" + folder.resolve("keys"), device, arguments);
      assertEquals(0, ended.status(), String.join(" ", words) + ": " + ended.output());
      return ended.output();
    }
  }
}
