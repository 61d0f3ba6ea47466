package dev.parlor.room.generation;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.model.ModelClient;
import dev.parlor.model.ModelRequest;
import dev.parlor.relay.storage.ChangeStore;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.schema.Card;
import dev.parlor.room.schema.Lock;
import dev.parlor.room.schema.LockRules;
import dev.parlor.room.schema.Problem;
import dev.parlor.room.schema.Result;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.worker.RoomMetrics;
import dev.parlor.room.worker.RoomRefusal;
import dev.parlor.room.worker.RoomWatcher;
import dev.parlor.room.worker.RoomWorker;
import dev.parlor.room.worker.RoomWorkers;
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
 * Starts, stops and reads generations in all rooms, for callers that are not peers. Futures may
 * fail with {@link RoomRefusal}. Safe from any thread.
 */
public final class Generations {
  private static final Logger log = LoggerFactory.getLogger(Generations.class);

  private final RoomWorkers rooms;
  private final GenerationServices services;
  private final ConcurrentMap<DocumentId, RoomGeneration> open = new ConcurrentHashMap<>();

  /** The outcome of a request for a generation. */
  public sealed interface RequestOutcome {
    /** The request is in the lock and on disk. Its result will have this id. */
    record Started(String request) implements RequestOutcome {}

    /**
     * Another run is active.
     *
     * @param runningRequest the request of the active run
     * @param requester the identity that made this request
     */
    record Busy(String runningRequest, String requester, String requesterName)
        implements RequestOutcome {}

    /**
     * The request is not possible, even without another run.
     *
     * @param reason {@code not-allowed}, {@code busy} or {@code invalid: ..}
     */
    record Refused(String reason) implements RequestOutcome {}

    /**
     * The identity is above its rate limit in this room.
     *
     * @param waitMillis time until its next request is permitted
     */
    record TooMany(long waitMillis, int perMinuteMax) implements RequestOutcome {}
  }

  /** The outcome of a request to stop the current run. */
  public sealed interface StopOutcome {
    record Stopping(String request) implements StopOutcome {}

    record NothingRuns() implements StopOutcome {}

    record NotAllowed() implements StopOutcome {}
  }

  /**
   * Watches every room of {@code rooms} from now on.
   *
   * @param modelsAllowed models that a room's settings may name, besides the default model of
   *     {@code model}
   */
  public Generations(
      RoomWorkers rooms,
      ChangeStore store,
      ModelClient model,
      Set<String> modelsAllowed,
      ServiceLimits limits,
      RoomMetrics metrics,
      RandomGenerator random) {
    this(rooms, store, model, modelsAllowed, limits, metrics, random, null);
  }

  /**
   * Creates generation on one of several nodes that share the store's tables. In each room, a lease
   * permits one node at a time to grant runs and call the model.
   *
   * @param node a unique name of this run of the process, without spaces; null without other nodes
   */
  public Generations(
      RoomWorkers rooms,
      ChangeStore store,
      ModelClient model,
      Set<String> modelsAllowed,
      ServiceLimits limits,
      RoomMetrics metrics,
      RandomGenerator random,
      @Nullable String node) {
    this.rooms = rooms;
    this.services =
        new GenerationServices(
            new Ledger(store),
            model,
            new PromptBuilder(model.name(), modelsAllowed, limits.model()),
            limits.generation(),
            metrics,
            random,
            node == null
                ? null
                : new RoomLease.Settings(store.table("leases"), node, limits.nodes().leaseMillis()),
            closed -> open.remove(closed.document(), closed));
    rooms.watch(this::watch);
  }

  private RoomWatcher watch(RoomWorker worker) {
    RoomGeneration generation = new RoomGeneration(worker.document(), services);
    open.put(worker.document(), generation);
    return generation;
  }

  /**
   * Opens each room with a run that had not ended when the server stopped. Opening the room ends
   * the run as interrupted.
   */
  public void recover() {
    for (DocumentId document : services.ledger().unfinished()) {
      try {
        var _ = rooms.of(document);
      } catch (RoomRefusal refusal) {
        log.warn("room {}: an unfinished run could not be ended: {}", document, refusal.reason());
      }
    }
  }

  /**
   * Requests a generation with the present stack, on behalf of a participant.
   *
   * @param after the request whose answer this one follows, empty for a fresh start
   */
  public CompletableFuture<RequestOutcome> generate(
      DocumentId document, String identity, String query, String after) {
    return onRoomThread(document, generation -> generation.request(identity, query, after));
  }

  /** Requests a generation with the present stack, as a fresh start. */
  public CompletableFuture<RequestOutcome> generate(
      DocumentId document, String identity, String query) {
    return generate(document, identity, query, "");
  }

  /**
   * The time until the rate limit of the room permits this identity's next request; 0 if it does
   * now.
   */
  public CompletableFuture<Long> waitMillis(DocumentId document, String identity) {
    return onRoomThread(document, generation -> generation.waitMillis(identity));
  }

  /** Stops the current run on behalf of a participant. */
  public CompletableFuture<StopOutcome> stop(DocumentId document, String identity) {
    return onRoomThread(document, generation -> generation.stop(identity));
  }

  /**
   * The record of a request. Waits up to {@code waitMillis} for the final record. Empty for a
   * request that this server does not know.
   */
  public CompletableFuture<Optional<RunRecord>> result(
      DocumentId document, String request, long waitMillis) {
    return onRoomThread(document, generation -> generation.result(request, waitMillis));
  }

  /** Adds the results of an imported file, which are all final, to the ledger and to the room. */
  public CompletableFuture<Boolean> importResults(DocumentId document, List<Result> results) {
    var records = results.stream().map(RunRecord::imported).toList();
    return services
        .ledger()
        .storeFinal(document, records)
        .thenCompose(_ -> onRoomThread(document, generation -> generation.importResults(records)));
  }

  /**
   * The request that the model would get. The same code builds the real request.
   *
   * @param body the JSON of the request
   * @param tokensMax the token limit sent to the model; null without one
   * @param limitedBy source of the limit, "card" or "setting"; null without a limit
   */
  public record Preview(
      List<ModelRequest.Message> messages,
      String model,
      String text,
      List<String> cards,
      List<Problem> problems,
      int omitted,
      @Nullable Long tokensMax,
      @Nullable String limitedBy,
      String body) {}

  /** The outcome of a request for a preview. */
  public sealed interface PreviewOutcome {
    record Shown(Preview preview) implements PreviewOutcome {}

    /** A generation with the same arguments would be refused. */
    record Refused(String reason) implements PreviewOutcome {}
  }

  /** Builds the request that the model would get for the present stack. */
  public CompletableFuture<PreviewOutcome> preview(
      DocumentId document, String query, String after) {
    return rooms.of(document).view().thenApply(view -> preview(view, query, after));
  }

  private PreviewOutcome preview(RoomView view, String query, String after) {
    List<String> stack = view.stack().stream().map(Card::id).toList();
    Lock lock = new Lock("", "", 0, query, stack, 0, after);
    Optional<String> reason =
        LockRules.invalidReason(lock, view)
            .or(() -> services.preparation().refusalReason(lock, view));
    if (reason.isPresent()) {
      return new PreviewOutcome.Refused("invalid: " + reason.get());
    }
    BuiltPrompt prepared = services.preparation().prepare(lock, view);
    return new PreviewOutcome.Shown(
        new Preview(
            prepared.call().messages(),
            prepared.model(),
            prepared.text(),
            prepared.cards(),
            prepared.problems(),
            prepared.omitted(),
            prepared.tokensMax(),
            prepared.limitedBy(),
            services.model().body(prepared.call())));
  }

  /** Ends every run and keeps its text so far. Call it before the rooms close. */
  public CompletableFuture<Void> interruptAll(long waitMillis) {
    List<CompletableFuture<?>> all = new ArrayList<>();
    for (DocumentId document : List.copyOf(open.keySet())) {
      all.add(onRoomThread(document, generation -> generation.interrupt(waitMillis)));
    }
    return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).exceptionally(_ -> null);
  }

  /** Runs a task on the room's thread. */
  private <T> CompletableFuture<T> onRoomThread(
      DocumentId document, Function<RoomGeneration, CompletableFuture<T>> task) {
    RoomWorker worker;
    try {
      worker = rooms.of(document);
    } catch (RoomRefusal refusal) {
      return CompletableFuture.failedFuture(refusal);
    }
    return worker.callAsync(
        _ -> {
          RoomGeneration generation = open.get(document);
          if (generation == null) {
            throw new RoomRefusal(RoomRefusal.Code.UNAVAILABLE, "", "the room is closing");
          }
          return task.apply(generation);
        });
  }
}
