package dev.parlor.client.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.client.Repo;
import dev.parlor.crdt.identity.ActorId;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.Replica;
import dev.parlor.crdt.replica.Value;
import dev.parlor.relay.socket.RelayFixture;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code parlor peer} against a relay. */
class PeerMainIT {

  @TempDir private java.nio.file.Path folder = java.nio.file.Path.of("");

  private record Result(int status, String out, String err) {}

  private static Result run(String url, String... arguments) throws InterruptedException {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    var all = new ArrayList<>(List.of(url));
    all.addAll(List.of(arguments));
    var status =
        Main.run(
            all,
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    return new Result(
        status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  @Test
  @DisplayName("a document is set, shown and exported; each failure has its exit status")
  void setsShowsAndExports() throws Exception {
    try (var relay = RelayFixture.start();
        var repo = Repo.builder().server(relay.url()).open()) {
      var handle =
          repo.create(
              new Edit.Put(
                  Path.of("cards"), Value.list(List.of(Value.map("title", Value.text("old"))))));
      handle.awaitSaved(Duration.ofSeconds(30));
      var url = relay.url().toString();
      var id = handle.id().value();

      assertEquals(
          new Result(Main.DONE, "saved\n", ""), run(url, "set", id, "cards/0/title", "new"));
      assertEquals(new Result(Main.DONE, "\"new\"\n", ""), run(url, "show", id, "cards/0/title"));
      var missing = run(url, "show", id, "cards/7");
      assertEquals(Main.MISSING, missing.status());
      assertEquals("parlor: there is no value at cards/7\n", missing.err());
      var misfit = run(url, "set", id, "nothing/here", "1");
      assertEquals(Main.FAILED, misfit.status(), misfit.err());

      var file = folder.resolve("document.automerge");
      assertEquals(Main.DONE, run(url, "export", id, file.toString()).status());
      var snapshot = Bytes.wrap(Files.readAllBytes(file));
      try (var replica =
          Replica.load(Optional.of(snapshot), List.of(), new ActorId(Bytes.wrap(new byte[16])))) {
        assertEquals(Optional.of(Value.text("new")), replica.read(Path.of("cards", 0, "title")));
      }
      assertEquals(Main.FAILED, run(url, "export", id, folder.toString()).status());

      var unknown = run(url, "show", DocumentId.of(Bytes.utf8("unknown")).value());
      assertEquals(Main.MISSING, unknown.status());
      assertTrue(unknown.err().endsWith("the server does not have it\n"), unknown.err());
      assertEquals(Main.USAGE, run(url, "paint", id).status());
      assertTrue(run("--help").out().startsWith("usage: parlor peer URL"));
    }
  }

  @Test
  @DisplayName("a server that does not answer within the time ends the command with status 4")
  void noServer() throws Exception {
    String url;
    try (var relay = RelayFixture.start()) {
      url = relay.url().toString();
    }
    var id = DocumentId.of(Bytes.utf8("any")).value();
    assertEquals(Main.NO_ANSWER, run(url, "show", id, "--timeout", "1").status());
  }

  @Test
  @DisplayName("watch prints the value and each new value until the process is ended")
  void watches() throws Exception {
    try (var relay = RelayFixture.start();
        var repo = Repo.builder().server(relay.url()).open()) {
      var handle = repo.create(new Edit.Put(Path.of("n"), Value.of(1)));
      handle.awaitSaved(Duration.ofSeconds(30));
      var printed = new LinkedBlockingQueue<String>();
      var out =
          new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8) {
            @Override
            public void println(String line) {
              printed.add(line);
            }
          };
      var arguments = List.of(relay.url().toString(), "watch", handle.id().value(), "n");
      var watching =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      Main.run(arguments, out, out);
                    } catch (InterruptedException _) {
                      printed.add("ended");
                    }
                  });
      assertEquals("1", printed.poll(30, TimeUnit.SECONDS));
      handle.change(new Edit.Put(Path.of("n"), Value.of(2)));
      assertEquals("2", printed.poll(30, TimeUnit.SECONDS));
      watching.interrupt();
      assertEquals("ended", printed.poll(30, TimeUnit.SECONDS));
      watching.join();
    }
  }
}
