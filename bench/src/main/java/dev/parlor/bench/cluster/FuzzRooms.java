package dev.parlor.bench.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parlor.nats.proof.History;
import dev.parlor.nats.proof.NodeApi;
import dev.parlor.nats.proof.RealCluster;
import dev.parlor.nats.proof.RoomWatchers;
import dev.parlor.nats.proof.StreamedModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * The rooms of one round. People ask in them through any node, the models answer, and clients on
 * each node watch. The main thread calls all methods; each question has a thread of its own.
 */
final class FuzzRooms implements AutoCloseable {

  private static final int PEOPLE = 4;

  /**
   * Time between two questions of a person. A node that was paused may receive two of them at once,
   * and the limit of ten in a minute must hold all the same.
   */
  private static final long SECONDS_BETWEEN_QUESTIONS = 8;

  /** Answers have so many words, ten in a second. */
  private static final int WORDS_MIN = 5;

  private static final int WORDS_MAX = 30;

  /** A question gets its answer from a node within 30 s, or none. */
  private static final int ANSWER_SECONDS_MAX = 40;

  /** An answer whose node is away longer than this has no end for the fuzzer. */
  private static final int END_SECONDS_MAX = 90;

  private static final int ACCEPTED = 202;

  private static final class Person {
    private final NodeApi.Person identity;
    private long askedNanos = System.nanoTime() - TimeUnit.MINUTES.toNanos(1);

    Person(NodeApi.Person identity) {
      this.identity = identity;
    }

    boolean mayAsk() {
      return System.nanoTime() - askedNanos > TimeUnit.SECONDS.toNanos(SECONDS_BETWEEN_QUESTIONS);
    }
  }

  private record Room(JsonNode links, String slug, List<Person> people) {}

  /** An answer that a node streamed when the node was broken. */
  private record Stalled(String question, int node, boolean killed, long brokenNanos) {}

  private final List<StreamedModel> models;
  private final History calls;
  private final History history;
  private final Random random;
  private final FuzzFigures figures;
  private final List<NodeApi> apis;
  private final List<Room> rooms = new ArrayList<>();
  private final RoomWatchers watchers;
  private final ExecutorService asking = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Future<Boolean>> questions = new ArrayList<>();
  private final List<Stalled> stalled = new ArrayList<>();

  /**
   * Creates the rooms and starts their clients.
   *
   * @param models the endpoint of each node
   * @param calls gets the calls of all endpoints
   * @param history gets everything else
   */
  FuzzRooms(
      Path interop,
      RealCluster cluster,
      int count,
      List<StreamedModel> models,
      History calls,
      History history,
      Random random,
      FuzzFigures figures)
      throws IOException, InterruptedException {
    this.models = models;
    this.calls = calls;
    this.history = history;
    this.random = random;
    this.figures = figures;
    apis = cluster.nodes().stream().map(NodeApi::of).toList();
    var watched = new ArrayList<RoomWatchers.Room>();
    for (var i = 0; i < count; i++) {
      // The node that creates a room decides in it, so each node decides in some of the rooms.
      var room = apis.get(i % apis.size()).createRoom("Room " + i);
      var people = new ArrayList<Person>();
      for (var person = 0; person < PEOPLE; person++) {
        var api = apis.get((i + person) % apis.size());
        people.add(new Person(api.join(room, person == 0 ? "host" : "player", "Person " + person)));
      }
      rooms.add(new Room(room, room.path("slug").asText(), people));
      watched.add(
          new RoomWatchers.Room(
              room.path("slug").asText(),
              room.path("documentId").asText(),
              apis.stream().map(api -> api.syncUrl(room, "spectator")).toList()));
    }
    watchers = new RoomWatchers(interop, watched, history);
  }

  /** Waits until all clients have their rooms. */
  void awaitHere() throws IOException, InterruptedException {
    watchers.awaitHere();
  }

  Set<String> documents() {
    return rooms.stream()
        .map(room -> room.links().path("documentId").asText())
        .collect(Collectors.toSet());
  }

  /** In each room, somebody asks with this probability, through any node. */
  void ask(double probability) {
    for (var room : rooms) {
      if (random.nextDouble() < probability) {
        var node = random.nextInt(apis.size());
        var words = random.nextInt(WORDS_MIN, WORDS_MAX + 1);
        room.people().stream()
            .filter(Person::mayAsk)
            .findFirst()
            .ifPresent(person -> ask(room, person, node, words));
      }
    }
  }

  private void ask(Room room, Person person, int node, int words) {
    person.askedNanos = System.nanoTime();
    var question = "q" + figures.nextQuestion();
    history.add(new History.Asking(room.slug(), question));
    Callable<Boolean> call =
        () -> {
          var text = "question:" + question + " words:" + words;
          NodeApi.Answer answer;
          try {
            answer = apis.get(node).question(room.links(), person.identity, text);
          } catch (IOException _) {
            figures.unanswered();
            return false;
          }
          figures.answered(answer.status());
          if (answer.status() == ACCEPTED) {
            var request = answer.body().path("request").asText();
            history.add(new History.Asked(room.slug(), request, question));
          } else {
            history.add(
                new History.Refused(
                    room.slug(), question + " (" + answer.body() + ")", answer.status()));
          }
          return true;
        };
    questions.add(asking.submit(call));
  }

  /** Notes the answers that a node streams, because the caller is about to break the node. */
  void breaks(int node, boolean kills) {
    var now = System.nanoTime();
    for (var question : models.get(node).running()) {
      stalled.add(new Stalled(question, node, kills, now));
    }
  }

  /**
   * Waits until the clients on the other nodes have seen the end of each answer whose node was
   * broken, or more of its text after the heal.
   *
   * @param single whether nothing else was broken at the same time
   */
  void awaitStalled(long healedNanos, boolean single) throws IOException, InterruptedException {
    var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(END_SECONDS_MAX);
    for (var each : stalled) {
      var seen = seenNanos(each, healedNanos);
      while (seen.isEmpty()) {
        if (System.nanoTime() - end > 0) {
          throw new IOException(
              "the end of question %s, whose node %d was broken, was not seen within %d s"
                  .formatted(each.question(), each.node(), END_SECONDS_MAX));
        }
        TimeUnit.MILLISECONDS.sleep(10);
        seen = seenNanos(each, healedNanos);
      }
      var millis = TimeUnit.NANOSECONDS.toMillis(seen.getAsLong() - each.brokenNanos());
      var status = watchers.status(each.question());
      if (status.equals("interrupted")) {
        figures.takenOver(millis, single);
      } else if (!each.killed()) {
        figures.continued(millis);
      }
    }
    stalled.clear();
  }

  /** When the last client on another node saw the end or the continuation; empty before that. */
  private OptionalLong seenNanos(Stalled answer, long healedNanos) {
    var last = Long.MIN_VALUE;
    for (var node = 0; node < apis.size(); node++) {
      if (node == answer.node()) {
        continue;
      }
      var grown =
          answer.killed() ? OptionalLong.empty() : watchers.grownNanos(answer.question(), node);
      var ended = watchers.endedNanos(answer.question(), node);
      if (ended.isPresent()) {
        last = Math.max(last, ended.getAsLong());
      } else if (grown.isPresent() && grown.getAsLong() - healedNanos > 0) {
        last = Math.max(last, grown.getAsLong());
      } else {
        return OptionalLong.empty();
      }
    }
    return OptionalLong.of(last);
  }

  /** Waits until all questions have ended and all clients agree, and completes the history. */
  void check() throws IOException, InterruptedException {
    for (var question : questions) {
      try {
        var _ = question.get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
      } catch (ExecutionException | java.util.concurrent.TimeoutException e) {
        throw new IOException("a question was not sent", e);
      }
    }
    watchers.check();
    var names = rooms.stream().map(Room::slug).collect(Collectors.toSet());
    calls.events(History.ModelCall.class).stream()
        .filter(call -> names.contains(call.room()))
        .forEach(history::add);
  }

  @Override
  public void close() {
    asking.shutdownNow();
    watchers.close();
  }
}
