package dev.parlor.server.generation;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.room.FoldedPrompt;
import dev.parlor.crdt.room.PromptFold;
import dev.parlor.crdt.room.Result;
import dev.parlor.model.ModelClient;
import dev.parlor.server.config.Limits;
import dev.parlor.server.health.Metrics;
import dev.parlor.server.rooms.RoomActor;
import dev.parlor.server.rooms.RoomActors;
import dev.parlor.server.rooms.RoomRefusal;
import dev.parlor.server.rooms.RoomWatcher;
import dev.parlor.server.storage.ChangeStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Generation in all rooms: the door for those who are no peers. Futures may fail with {@link
 * RoomRefusal}. Safe from any thread.
 */
public final class Generations {
  private static final Logger log = LoggerFactory.getLogger(Generations.class);

  private final RoomActors rooms;
  private final GenerationServices services;
  private final ConcurrentMap<DocumentId, RoomGeneration> open = new ConcurrentHashMap<>();

  /** What became of asking for a generation. */
  public sealed interface Asked {
    /** It has the lock, on disk; its result stands under this id. */
    record Started(String request) implements Asked {}

    /** Another one runs. */
    record Busy(String holderRequest, String holder, String holderName) implements Asked {}

    /**
     * It could not run whatever else goes on.
     *
     * @param reason {@code not-allowed}, {@code busy} (too many in a minute) or {@code invalid: ..}
     */
    record Refused(String reason) implements Asked {}
  }

  /** What became of asking for a stop. */
  public sealed interface Halted {
    record Stopping(String request) implements Halted {}

    record NothingRuns() implements Halted {}

    record NotAllowed() implements Halted {}
  }

  /**
   * Watches every room of {@code rooms} from now on.
   *
   * @param modelsAllowed models that a room's settings may name beside the client's own
   */
  public Generations(
      RoomActors rooms,
      ChangeStore store,
      ModelClient model,
      Set<String> modelsAllowed,
      Limits limits,
      Metrics metrics,
      RandomGenerator random) {
    this(rooms, store, model, modelsAllowed, limits, metrics, random, null);
  }

  /**
   * As one of several nodes that share the store's tables: in each room one of them at a time
   * grants and calls the model, by a lease.
   *
   * @param node a name of this process's run that no other run has, without spaces; null when there
   *     are no other nodes
   */
  public Generations(
      RoomActors rooms,
      ChangeStore store,
      ModelClient model,
      Set<String> modelsAllowed,
      Limits limits,
      Metrics metrics,
      RandomGenerator random,
      @Nullable String node) {
    this.rooms = rooms;
    this.services =
        new GenerationServices(
            new Ledger(store),
            model,
            new Preparing(model.name(), modelsAllowed, limits.model()),
            limits.generation(),
            metrics,
            random,
            node == null
                ? null
                : new RoomLease.Terms(store.table("leases"), node, limits.nodes().leaseMillis()),
            gone -> open.remove(gone.document(), gone));
    rooms.watch(this::watch);
  }

  private RoomWatcher watch(RoomActor actor) {
    RoomGeneration generation = new RoomGeneration(actor.document(), services);
    open.put(actor.document(), generation);
    return generation;
  }

  /** Opens the rooms whose last run had no end when the server stopped, which ends them. */
  public void recover() {
    for (DocumentId document : services.ledger().unfinished()) {
      try {
        var _ = rooms.of(document);
      } catch (RoomRefusal refusal) {
        log.warn("room {}: an unfinished run stays so: {}", document, refusal.reason());
      }
    }
  }

  /** Asks for a generation with the stack as it is, in the name of a participant. */
  public CompletableFuture<Asked> generate(DocumentId document, String identity, String query) {
    return in(document, generation -> generation.ask(identity, query));
  }

  /** Stops what runs, in the name of a participant. */
  public CompletableFuture<Halted> stop(DocumentId document, String identity) {
    return in(document, generation -> generation.halt(identity));
  }

  /**
   * What is known of a request, final if it becomes so within the time; empty for one that this
   * server never saw.
   */
  public CompletableFuture<Optional<RunRecord>> result(
      DocumentId document, String request, long waitMillis) {
    return in(document, generation -> generation.result(request, waitMillis));
  }

  /** Puts results that a file brought into the ledger and into the room; each of them is over. */
  public CompletableFuture<Boolean> adopt(DocumentId document, List<Result> results) {
    var records = results.stream().map(RunRecord::adopted).toList();
    return services
        .ledger()
        .seal(document, records)
        .thenCompose(_ -> in(document, generation -> generation.adopt(records)));
  }

  /** What the model would be sent. */
  public CompletableFuture<FoldedPrompt> preview(DocumentId document, String query) {
    return rooms
        .of(document)
        .view()
        .thenApply(view -> PromptFold.fold(view.stack(), query, view.settings()));
  }

  /** Ends every run with the part that came; to be called before the rooms close. */
  public CompletableFuture<Void> interruptAll(long waitMillis) {
    List<CompletableFuture<?>> all = new ArrayList<>();
    for (DocumentId document : List.copyOf(open.keySet())) {
      all.add(in(document, generation -> generation.interrupt(waitMillis)));
    }
    return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).exceptionally(_ -> null);
  }

  private <T> CompletableFuture<T> in(
      DocumentId document, Function<RoomGeneration, CompletableFuture<T>> task) {
    RoomActor actor;
    try {
      actor = rooms.of(document);
    } catch (RoomRefusal refusal) {
      return CompletableFuture.failedFuture(refusal);
    }
    CompletableFuture<T> answer = new CompletableFuture<>();
    var begun =
        actor.call(
            _ -> {
              RoomGeneration generation = open.get(document);
              if (generation == null) {
                throw new RoomRefusal(RoomRefusal.Code.UNAVAILABLE, "", "the room is closing");
              }
              var _ = task.apply(generation).whenComplete((value, e) -> finish(answer, value, e));
              return true;
            });
    var _ =
        begun.whenComplete(
            (_, problem) -> {
              if (problem != null) {
                answer.completeExceptionally(problem);
              }
            });
    return answer;
  }

  private static <T> void finish(
      CompletableFuture<T> answer, T value, @Nullable Throwable problem) {
    if (problem == null) {
      answer.complete(value);
    } else {
      answer.completeExceptionally(problem);
    }
  }
}
