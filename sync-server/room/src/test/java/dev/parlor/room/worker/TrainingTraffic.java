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
 * The traffic from which {@code ./parlor build} trains the class cache: a few hundred changes of
 * several peers in an open document and in a room, each acknowledged, and ephemeral messages. The
 * cache then has the classes of this path and the profiles of its methods, so that the first
 * clients of a started server do not wait for either.
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

  /** The argument is the port of a started server on this machine. */
  public static void main(String[] arguments) throws Exception {
    run(Integer.parseInt(arguments[0]));
    System.exit(0); // the HTTP client's threads would delay the end
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
   * All peers edit in turn, wait for acknowledgements, and send ephemeral messages.
   *
   * @param isNew whether the document does not exist yet
   * @param edit the change of a number from 0
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
                          CHANGES))); // before the handshake: a new document starts at a client
        }
        peer.connect(url);
        peer.awaitSize(1);
        peer.awaitSaved();
      }
      for (var i = 0; i < CHANGES; i++) {
        var peer = peers.get(i / UNACKNOWLEDGED_MAX % PEERS);
        var change = edit.apply(i);
        peer.edit(_ -> List.of(change));
        peer.say(PRESENCE);
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
      var made = http.send(request.build(), BodyHandlers.ofString()).body();
      return new NewRoom(
          found(made, "\"slug\":\"([^\"]+)\""),
          DocumentId.parse(found(made, "\"documentId\":\"([^\"]+)\"")).orElseThrow(),
          found(made, "\"host\":\"[^\"#]*#k=([^\"]+)\""));
    }
  }

  /** The jar has a JSON parser, but compiling against it costs more than three values are worth. */
  private static String found(String json, String pattern) throws IOException {
    var value = Pattern.compile(pattern).matcher(json);
    if (!value.find()) {
      throw new IOException("no " + pattern + " in " + json);
    }
    return value.group(1);
  }
}
