package dev.parlor.room.worker;

import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Value;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.regex.Pattern;

/**
 * Produces the traffic from which {@code ./parlor build} trains the class cache. Several peers make
 * acknowledged changes in an open document and in a room, and send ephemeral messages. The cache
 * then has the classes of this path and the profiles of its methods, so that the first clients of a
 * started server need not wait for class loading and compilation.
 *
 * <p>The script runs this file from its source beside the server's jar. It therefore uses only
 * classes of the jar, of the JDK, and {@link TestPeer} beside it.
 */
public final class TrainingTraffic {

  public static final int PEERS = 8;
  public static final int CHANGES = 600;

  /** Changes that a peer sends before it waits until they are acknowledged. */
  private static final int UNACKNOWLEDGED_MAX = 20;

  private static final Bytes PRESENCE = Bytes.ofHex("a1616101");

  private TrainingTraffic() {}

  /** Expects the port of a started server on this machine as the only argument. */
  public static void main(String[] arguments) throws Exception {
    run(Integer.parseInt(arguments[0]));
    System.exit(0); // do not wait for the threads of the HTTP client
  }

  public static void run(int port) throws Exception {
    var open = URI.create("ws://127.0.0.1:" + port + "/sync");
    exchange(
        open,
        DocumentId.of(Bytes.utf8("training traffic")),
        true,
        i -> new Edit.Put(Path.of("n"), Value.of(i)));

    var room = newRoom(port);
    var host = URI.create("ws://127.0.0.1:" + port + "/sync/k/" + room.slug() + "." + room.key());
    exchange(host, room.document(), false, _ -> new Edit.SpliceText(Path.of("title"), 0, 0, "a"));
  }

  /**
   * Lets all peers edit in turn, send ephemeral messages and wait for acknowledgements.
   *
   * @param isNew whether the document does not exist yet
   * @param edit makes the edit with this number
   */
  private static void exchange(URI url, DocumentId document, boolean isNew, IntFunction<Edit> edit)
      throws Exception {
    var peers = new ArrayList<TestPeer>();
    try {
      for (var i = 0; i < PEERS; i++) {
        var peer = new TestPeer("training-" + i, document);
        peers.add(peer);
        if (i == 0 && isNew) {
          peer.edit(
              _ ->
                  List.of(
                      edit.apply(
                          CHANGES))); // a client makes the first change before the server has the
          // document
        }
        peer.connect(url);
        peer.awaitSize(1);
        peer.awaitSaved();
      }
      for (var i = 0; i < CHANGES; i++) {
        var peer = peers.get(i / UNACKNOWLEDGED_MAX % PEERS);
        var change = edit.apply(i);
        peer.edit(_ -> List.of(change));
        peer.sendEphemeral(PRESENCE);
        if ((i + 1) % UNACKNOWLEDGED_MAX == 0) {
          peer.awaitSaved();
        }
      }
    } finally {
      peers.forEach(TestPeer::close);
    }
  }

  private record NewRoom(String slug, DocumentId document, String key) {}

  private static NewRoom newRoom(int port) throws IOException, InterruptedException {
    try (var http = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/rooms"))
              .header("Content-Type", "application/json")
              .POST(BodyPublishers.ofString("{}"));
      var response = http.send(request.build(), BodyHandlers.ofString()).body();
      return new NewRoom(
          find(response, "\"slug\":\"([^\"]+)\""),
          DocumentId.parse(find(response, "\"documentId\":\"([^\"]+)\"")).orElseThrow(),
          find(response, "\"host\":\"[^\"#]*#k=([^\"]+)\""));
    }
  }

  /** Finds a value by a pattern: compiling against the JSON parser of the jar would take longer. */
  private static String find(String json, String pattern) throws IOException {
    var value = Pattern.compile(pattern).matcher(json);
    if (!value.find()) {
      throw new IOException("no " + pattern + " in " + json);
    }
    return value.group(1);
  }
}
