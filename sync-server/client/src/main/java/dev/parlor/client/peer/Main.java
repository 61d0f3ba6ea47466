package dev.parlor.client.peer;

import dev.parlor.client.DocumentHandle;
import dev.parlor.client.DocumentUnavailableException;
import dev.parlor.client.Repo;
import dev.parlor.client.SaveState;
import dev.parlor.client.connection.ConnectionState;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.crdt.replica.Path;
import dev.parlor.crdt.replica.ReplicaException;
import dev.parlor.crdt.replica.Value;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** The command {@code parlor peer}. */
public final class Main {
  static final int DONE = 0;
  static final int USAGE = 2;
  static final int MISSING = 3;
  static final int NO_ANSWER = 4;
  static final int REFUSED = 5;
  static final int FAILED = 6;

  private final PrintStream out;
  private final PrintStream err;

  private Main(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  public static void main(String[] arguments) throws Exception {
    var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    var err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
    System.exit(run(List.of(arguments), out, err));
  }

  /** Runs the command and returns the exit status. */
  static int run(List<String> arguments, PrintStream out, PrintStream err)
      throws InterruptedException {
    if (arguments.contains("--help") || arguments.contains("-h")) {
      out.println(PeerCommand.USAGE);
      return DONE;
    }
    try {
      var command = PeerCommand.parse(arguments);
      return new Main(out, err).run(command);
    } catch (UsageException e) {
      err.println("parlor: " + e.getMessage());
      return USAGE;
    }
  }

  private int run(PeerCommand command) throws InterruptedException {
    try (var repo = Repo.builder().server(command.server()).open()) {
      try {
        var handle = repo.find(command.document(), command.timeout());
        return switch (command.action()) {
          case PeerCommand.Action.Show(var path) -> show(handle, path);
          case PeerCommand.Action.Watch(var path) -> watch(handle, path);
          case PeerCommand.Action.Set(var path, var value) ->
              set(handle, path, value, command.timeout());
          case PeerCommand.Action.Export(var file) -> export(handle, file);
        };
      } catch (DocumentUnavailableException e) {
        err.println("parlor: " + e.getMessage());
        return repo.connection() instanceof ConnectionState.Connected ? MISSING : NO_ANSWER;
      }
    }
  }

  private int show(DocumentHandle handle, Path path) {
    var value = handle.read(resolve(handle, path));
    if (value.isEmpty()) {
      err.println("parlor: there is no value at " + path);
      return MISSING;
    }
    out.println(JsonText.of(value.get()));
    return DONE;
  }

  private int watch(DocumentHandle handle, Path path) throws InterruptedException {
    int status;
    try (var _ = handle.onChange(_ -> show(handle, path))) {
      status = show(handle, path);
      if (status == DONE) {
        new CountDownLatch(1).await(); // until the process is ended
      }
    }
    return status;
  }

  private int set(DocumentHandle handle, Path path, Value value, Duration timeout)
      throws InterruptedException {
    try {
      handle.change(new Edit.Put(resolve(handle, path), value));
    } catch (ReplicaException | IllegalArgumentException e) {
      err.println("parlor: the value cannot be put there: " + e.getMessage());
      return FAILED;
    }
    var state = handle.awaitSaved(timeout);
    switch (state) {
      case SAVED -> out.println("saved");
      case UNKNOWN -> out.println("sent; this server does not tell when changes are on its disk");
      case REFUSED -> err.println("parlor: the server refused the change");
      case PENDING ->
          err.println("parlor: the server did not acknowledge the change within the time");
    }
    return state == SaveState.REFUSED ? REFUSED : state == SaveState.PENDING ? NO_ANSWER : DONE;
  }

  private int export(DocumentHandle handle, java.nio.file.Path file) {
    try {
      var bytes = handle.export().toArray();
      Files.write(file, bytes);
      out.println("wrote " + bytes.length + " bytes to " + file);
      return DONE;
    } catch (IOException e) {
      err.println("parlor: the file " + file + " cannot be written: " + e);
      return FAILED;
    }
  }

  /** The path with numbers as positions, where the document has a list. */
  private static Path resolve(DocumentHandle handle, Path path) {
    var steps = new ArrayList<Object>();
    Optional<Value> parent = Optional.of(handle.root());
    for (var step : path.steps()) {
      Object resolved =
          parent.isPresent() && parent.get() instanceof Value.ListOf && isPosition(step)
              ? Integer.valueOf(step.toString())
              : step;
      steps.add(resolved);
      parent = handle.read(new Path(steps));
    }
    return new Path(steps);
  }

  private static boolean isPosition(Object step) {
    return step.toString().matches("[0-9]{1,9}");
  }
}
