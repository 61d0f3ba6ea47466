package dev.parlor.relay.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.config.SocketTransport;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.management.ObjectName;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Measures the heap use of idle connections. It counts the objects of both ends after a full
 * collection, since both ends are in this process. {@code ./parlor bench connections} counts only
 * the server's objects and the process's memory.
 */
@Isolated("it measures")
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class IdleMemoryIT {

  private static final int SOCKETS = 500;

  private static final Pattern TOTAL = Pattern.compile("(?m)^Total +\\d+ +(\\d+)$");

  /**
   * On the event loop a connection keeps about 7 KiB; one of Helidon's buffers for each connection
   * would exceed the limit. On Helidon's transport a connection also keeps two such buffers and a
   * thread.
   */
  @ParameterizedTest(name = "on {0}, {1} bytes")
  @CsvSource({"LOOP, 12288", "HELIDON, 49152"})
  @DisplayName(
      "an idle connection to a document keeps at most the given heap on both ends together")
  void idleSocketsAreSmall(SocketTransport transport, int bytesPerSocketMax) throws Exception {
    var document = SyncPeer.document(62);
    // No client reads, so no ping is answered.
    var limits = Limits.defaults().with(new Limits.Liveness(600_000));
    try (var relay = RelayFixture.start(new RelayFixture.Setup(transport).limits(limits));
        var author = new SyncPeer(relay.url(), "author", document)) {
      author.edit();
      author.awaitCommitted();
      // This allocates everything that is loaded or sized once.
      close(open(relay, document, SOCKETS / 10));
      awaitConnections(relay, 1);
      var before = liveBytes();
      var sockets = open(relay, document, SOCKETS);
      assertEquals(1 + SOCKETS, relay.sockets().size());
      var bytesPerSocket = (liveBytes() - before) / SOCKETS;
      System.out.println("an idle connection, both ends, keeps " + bytesPerSocket + " bytes");
      assertTrue(bytesPerSocket <= bytesPerSocketMax, bytesPerSocket + " bytes for each socket");
      close(sockets);
      awaitConnections(relay, 1);
    }
  }

  /** Opens clients that receive the document, acknowledge it, and then stay idle. */
  private static List<RawClient> open(RelayFixture relay, DocumentId document, int count)
      throws IOException {
    var clients = new ArrayList<RawClient>(count);
    for (var i = 0; i < count; i++) {
      var reader = new SyncPeer(relay.url(), "reader-" + i, document);
      reader.sendSync();
      while (reader.size() == 0) {
        reader.receive();
      }
      clients.add(reader.detach());
    }
    return clients;
  }

  private static void close(List<RawClient> clients) throws IOException {
    for (var client : clients) {
      client.close();
    }
  }

  private static void awaitConnections(RelayFixture relay, int count) {
    var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (relay.sockets().size() != count) {
      assertTrue(System.nanoTime() < deadline, () -> relay.sockets().size() + " sockets are open");
      Thread.onSpinWait();
    }
  }

  /** The total of the heap histogram, which the JVM takes after a full collection. */
  private static long liveBytes() throws Exception {
    var histogram =
        ManagementFactory.getPlatformMBeanServer()
            .invoke(
                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                "gcClassHistogram",
                new Object[] {new String[0]},
                new String[] {String[].class.getName()});
    var total = TOTAL.matcher(histogram.toString());
    assertTrue(total.find(), "the histogram has a total");
    return Long.parseLong(total.group(1));
  }
}
