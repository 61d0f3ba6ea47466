package dev.parlor.room.generation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.relay.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A server process with its store on disk, which a test can kill and start again. */
final class ServerProcess implements AutoCloseable {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path data;
  private final String modelUrl;
  private final int port;
  private @Nullable Process process;

  ServerProcess(Path data, String modelUrl) throws IOException {
    this.data = data;
    this.modelUrl = modelUrl;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      this.port = free.getLocalPort();
    }
  }

  /** Starts the server, always on the same port and data, and waits until it accepts requests. */
  ServerProcess start() throws IOException {
    List<String> command = ChildJvm.shortLivedCommand();
    command.addAll(
        List.of(
            "dev.parlor.server.Main",
            "serve",
            "--port",
            Integer.toString(port),
            "--data",
            data.toString()));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(Map.of("PARLOR_LLM_URL", modelUrl, "PARLOR_LLM_MODEL", "stub"));
    builder.redirectErrorStream(true);
    Process started = builder.start();
    process = started;
    BufferedReader out = started.inputReader(StandardCharsets.UTF_8);
    StringBuilder output = new StringBuilder();
    String line;
    while ((line = out.readLine()) != null) {
      output.append(line).append('\n');
      if (line.startsWith("Parlor is open at ")) {
        Thread.ofVirtual().start(() -> drain(out));
        return this;
      }
    }
    throw new AssertionError("the server did not start:\n" + output);
  }

  private static void drain(BufferedReader out) {
    try {
      while (out.readLine() != null) {}
    } catch (IOException _) {
      // The process was killed.
    }
  }

  /** Kills the process as {@code kill -9} does. */
  void kill() {
    if (process != null) {
      process.destroyForcibly().onExit().orTimeout(20, TimeUnit.SECONDS).join();
    }
  }

  /**
   * Sends a request, and fails if its reply is not a success.
   *
   * @param token the bearer token; empty for none
   * @param key the key of a room's link; empty for none
   */
  JsonNode post(String path, String body, String token, String key)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body));
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    if (!key.isEmpty()) {
      request.header("Parlor-Key", key);
    }
    var response = HTTP.send(request.build(), BodyHandlers.ofString());
    if (response.statusCode() >= 300) {
      throw new AssertionError(path + " -> " + response.statusCode() + " " + response.body());
    }
    return JSON.readTree(response.body());
  }

  @Override
  public void close() {
    kill();
  }
}
