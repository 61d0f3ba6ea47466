package dev.parlor.bench.load;

import dev.parlor.crdt.identity.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeoutException;

/**
 * Many clients without data request one large document at the same moment: once from a server that
 * has it open, and once from a server that has just restarted.
 */
final class JoinStorm implements Sample {

  private final Path root;
  private final int clients;
  private final Map<ServerUnderTest, ClientProtocol> pages;
  private final int count;
  private final double megabytes;

  JoinStorm(Path root, int clients, int bytes) {
    this.root = root;
    this.clients = clients;
    var text = new PageText(bytes, 1);
    this.count = text.pages().size();
    var trace = text.trace();
    this.megabytes = trace.chunks().stream().mapToLong(Bytes::length).sum() / 1e6;
    var automerge = new AutomergeProtocol(trace, "/sync");
    this.pages =
        Map.of(
            ServerUnderTest.PARLOR, automerge,
            ServerUnderTest.REFERENCE, automerge,
            ServerUnderTest.HOCUSPOCUS, new HocuspocusProtocol(text.yjs()));
  }

  @Override
  public List<ServerUnderTest> relays() {
    return List.of(ServerUnderTest.PARLOR, ServerUnderTest.REFERENCE, ServerUnderTest.HOCUSPOCUS);
  }

  @Override
  public Map<String, Double> measure(ServerUnderTest relay) throws TimeoutException {
    var protocol = Objects.requireNonNull(pages.get(relay));
    var figures = new LinkedHashMap<String, Double>();
    var server = relay.start(root);
    try (var loop = new Loop()) {
      var document = new BenchDocument(loop, server.port(), protocol, new Random(1));
      document.fill(count);
      loop.runFor(Duration.ofSeconds(3)); // Hocuspocus stores after two
      storm(loop, server, protocol, document.writer(), "open", figures);
      document.leave();
      server = server.restart();
      storm(loop, server, protocol, document.writer(), "server just started", figures);
      return figures;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      server.close();
    }
  }

  private void storm(
      Loop loop,
      ServerProcess server,
      ClientProtocol protocol,
      DocumentWriter writer,
      String state,
      Map<String, Double> figures)
      throws TimeoutException {
    server.memory().resetPeak();
    var resident = server.memory().residentKib();
    var cpu = server.cpuNanos();
    var begin = System.nanoTime();
    var joining = new ArrayList<DocumentReader>();
    for (var i = 0; i < clients; i++) {
      var name = "storm-" + state.hashCode() + "-" + i;
      joining.add(protocol.reader(loop, server.port(), name, writer, new Latencies()));
    }
    loop.runUntil(
        () ->
            joining.stream()
                .allMatch(client -> client.isJoined() && hasWholeDocument(client, writer)),
        BenchDocument.STEP_TIME_MAX,
        "a join storm");
    var seconds = (System.nanoTime() - begin) / 1e9;
    var prefix =
        String.format(
            Locale.ROOT, "%d clients join %.1f MB at once, %s: ", clients, megabytes, state);
    figures.put(prefix + "until the last has it, s", seconds);
    figures.put(prefix + "CPU of the server, s", (server.cpuNanos() - cpu) / 1e9);
    figures.put(prefix + "most resident, MiB", server.memory().residentPeakKib() / 1024.0);
    figures.put(prefix + "resident before, MiB", resident / 1024.0);
    joining.forEach(DocumentReader::leave);
  }

  private static boolean hasWholeDocument(DocumentReader client, DocumentWriter writer) {
    return client.receipts().lastPosition() == writer.log().sent() - 1;
  }
}
