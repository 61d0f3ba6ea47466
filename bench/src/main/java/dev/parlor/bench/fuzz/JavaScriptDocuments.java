package dev.parlor.bench.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.crdt.format.ChangeChunk;
import dev.parlor.crdt.format.ChangeCodec;
import dev.parlor.crdt.format.FormatLimits;
import dev.parlor.crdt.identity.Bytes;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * The documents that {@code sync-server/relay/interop/scenarios/random-documents.mjs} prints, one
 * after the other.
 */
final class JavaScriptDocuments implements AutoCloseable {

  private static final String PREFIX = "document ";

  /** A document chunk and its changes in plain form, both as JavaScript encodes them. */
  record Sample(String version, long seed, Bytes chunk, List<Bytes> changes) {
    @Override
    public String toString() {
      return "the document of automerge " + version + " with seed " + seed;
    }
  }

  private final ObjectMapper json = new ObjectMapper();
  private final Process node;
  private final BufferedReader lines;
  private int missing;

  private JavaScriptDocuments(Process node, int count) {
    this.node = node;
    this.lines = node.inputReader(StandardCharsets.UTF_8);
    this.missing = count;
  }

  /** Starts Node in the folder of the interop project, whose packages must be installed. */
  static JavaScriptDocuments start(Path project, String version, long seed, int count)
      throws IOException {
    var process =
        new ProcessBuilder(
                "node",
                "scenarios/random-documents.mjs",
                version,
                Long.toString(seed),
                Integer.toString(count))
            .directory(project.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    return new JavaScriptDocuments(process, count);
  }

  /** The next document; empty after the last one. Fails if the program ends too early. */
  Optional<Sample> next() throws IOException {
    if (missing == 0) {
      return Optional.empty();
    }
    var line = lines.readLine();
    if (line == null || !line.startsWith(PREFIX)) {
      throw new IllegalStateException("the program printed no document, but: " + line);
    }
    missing--;
    var fact = json.readTree(line.substring(PREFIX.length()));
    return Optional.of(
        new Sample(
            fact.path("version").asText(),
            fact.path("seed").asLong(),
            bytes(fact.path("chunk")),
            fact.path("changes").valueStream().map(JavaScriptDocuments::plain).toList()));
  }

  private static Bytes plain(JsonNode base64) {
    ChangeChunk change = ChangeCodec.decode(bytes(base64), FormatLimits.DEFAULT).orElseThrow();
    return change.plain();
  }

  private static Bytes bytes(JsonNode base64) {
    return Bytes.wrap(Base64.getDecoder().decode(base64.asText()));
  }

  @Override
  public void close() {
    node.destroyForcibly();
  }
}
