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
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A server process with its store on disk, which a test can kill and start again. */
final class ServerProcess implements AutoCloseable {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path data;
  private final String modelUrl;
  private final int port;
  private final List<String> flags;
  private final List<String> output = new CopyOnWriteArrayList<>();
  private @Nullable Process process;

  ServerProcess(Path data, String modelUrl) throws IOException {
    this(data, modelUrl, List.of());
  }

  /**
   * @param flags further flags of the command line
   */
  ServerProcess(Path data, String modelUrl, List<String> flags) throws IOException {
    this.data = data;
    this.flags = List.copyOf(flags);
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
    command.addAll(flags);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(Map.of("PARLOR_LLM_URL", modelUrl, "PARLOR_LLM_MODEL", "stub"));
    builder.redirectErrorStream(true);
    Process started = builder.start();
    process = started;
    BufferedReader out = started.inputReader(StandardCharsets.UTF_8);
    String line;
    while ((line = out.readLine()) != null) {
      output.add(line);
      if (line.startsWith("Parlor is open at ")) {
        Thread.ofVirtual().start(() -> drain(out));
        return this;
      }
    }
    throw new AssertionError("the server did not start:\n" + output());
  }

  private void drain(BufferedReader out) {
    try {
      String line;
      while ((line = out.readLine()) != null) {
        output.add(line);
      }
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

  /** The lines that the process has printed. */
  String output() {
    return String.join("\n", output);
  }

  int port() {
    return port;
  }

  /** Sends the signal with which an operator stops the process. */
  void signalToStop() {
    if (process != null) {
      process.toHandle().destroy(); // Process.destroy would close the pipes as well
    }
  }

  /** Waits until the process has ended; returns its exit status. */
  int awaitExit(int secondsMax) throws InterruptedException {
    Process running = java.util.Objects.requireNonNull(process);
    if (!running.waitFor(secondsMax, TimeUnit.SECONDS)) {
      throw new AssertionError("the process did not end:\n" + output());
    }
    return running.exitValue();
  }

  /** Sends a request, and returns its response whatever the status is. */
  HttpResponse<String> send(String method, String path, String body, String token, String key)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (!body.isEmpty()) {
      request.header("Content-Type", "application/json");
    }
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    if (!key.isEmpty()) {
      request.header("Parlor-Key", key);
    }
    return HTTP.send(request.build(), BodyHandlers.ofString());
  }

  /** The lines of a stream of events, which ends with the connection. */
  Stream<String> events(String path, String token, String key)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .header("Accept", "text/event-stream")
            .header("Authorization", "Bearer " + token)
            .header("Parlor-Key", key)
            .build();
    return HTTP.send(request, BodyHandlers.ofLines()).body();
  }

  /**
   * Sends a request, and fails if its reply is not a success.
   *
   * @param token the bearer token; empty for none
   * @param key the key of a room's link; empty for none
   */
  JsonNode post(String path, String body, String token, String key)
      throws IOException, InterruptedException {
    var response = send("POST", path, body, token, key);
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
