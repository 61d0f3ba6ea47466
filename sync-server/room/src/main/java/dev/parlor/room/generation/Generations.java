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
 * Generation in all rooms, for callers that are not peers. Futures may fail with {@link
 * RoomRefusal}. Safe from any thread.
 */
public final class Generations {
  private static final Logger log = LoggerFactory.getLogger(Generations.class);

  private final RoomWorkers rooms;
  private final GenerationServices services;
  private final ConcurrentMap<DocumentId, RoomGeneration> open = new ConcurrentHashMap<>();

  /** The answer to a request. */
  public sealed interface RequestOutcome {
    /** The request is on disk and in the lock; its result will have this id. */
    record Started(String request) implements RequestOutcome {}

    /** Another run is active. */
    record Busy(String holderRequest, String holder, String holderName) implements RequestOutcome {}

    /**
     * The request is invalid even without another run.
     *
     * @param reason {@code not-allowed}, {@code busy} or {@code invalid: ..}
     */
    record Refused(String reason) implements RequestOutcome {}

    /**
     * The time until the rate limit permits this identity's next request in this room; 0 if it may
     * ask now.
     */
    record TooMany(long waitMillis, int perMinuteMax) implements RequestOutcome {}
  }

  /** The answer to a stop. */
  public sealed interface StopOutcome {
    record Stopping(String request) implements StopOutcome {}

    record NothingRuns() implements StopOutcome {}

    record NotAllowed() implements StopOutcome {}
  }

  /**
   * Watches every room of {@code rooms} from now on.
   *
   * @param modelsAllowed models that a room's settings may name beside the client's own
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
                : new RoomLease.Terms(store.table("leases"), node, limits.nodes().leaseMillis()),
            gone -> open.remove(gone.document(), gone));
    rooms.watch(this::watch);
  }

  private RoomWatcher watch(RoomWorker worker) {
    RoomGeneration generation = new RoomGeneration(worker.document(), services);
    open.put(worker.document(), generation);
    return generation;
  }

  /**
   * Opens the rooms with a run that had not ended when the server stopped. Opening a room ends the
   * run.
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
    return in(document, generation -> generation.ask(identity, query, after));
  }

  /** As above, as a fresh start. */
  public CompletableFuture<RequestOutcome> generate(DocumentId document, String identity, String query) {
    return generate(document, identity, query, "");
  }

  /**
   * Until when this identity asks too often in this room, as a wait from now; 0 when it may ask.
   */
  public CompletableFuture<Long> waitMillis(DocumentId document, String identity) {
    return in(document, generation -> generation.waitMillis(identity));
  }

  /** Stops the current run on behalf of a participant. */
  public CompletableFuture<StopOutcome> stop(DocumentId document, String identity) {
    return in(document, generation -> generation.halt(identity));
  }

  /**
   * The record of a request, final if the run ends within the wait. Empty for a request that this
   * server has not seen.
   */
  public CompletableFuture<Optional<RunRecord>> result(
      DocumentId document, String request, long waitMillis) {
    return in(document, generation -> generation.result(request, waitMillis));
  }

  /** Adds the results of an imported file to the ledger and to the room; each is final. */
  public CompletableFuture<Boolean> importResults(DocumentId document, List<Result> results) {
    var records = results.stream().map(RunRecord::adopted).toList();
    return services
        .ledger()
        .seal(document, records)
        .thenCompose(_ -> in(document, generation -> generation.importResults(records)));
  }

  /**
   * The request that the model would get, built like the real one.
   *
   * @param body the JSON of the request
   * @param tokensMax its token limit, or null
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

  /** The answer to a preview request. */
  public sealed interface PreviewOutcome {
    record Shown(Preview preview) implements PreviewOutcome {}

    /** The same request would be refused. */
    record Refused(String reason) implements PreviewOutcome {}
  }

  /** Builds the request that the model would get for the present stack. */
  public CompletableFuture<PreviewOutcome> preview(DocumentId document, String query, String after) {
    return rooms.of(document).view().thenApply(view -> preview(view, query, after));
  }

  private PreviewOutcome preview(RoomView view, String query, String after) {
    List<String> stack = view.stack().stream().map(Card::id).toList();
    Lock lock = new Lock("", "", 0, query, stack, 0, after);
    Optional<String> fault =
        LockRules.fault(lock, view).or(() -> services.preparation().objection(lock, view));
    if (fault.isPresent()) {
      return new PreviewOutcome.Refused("invalid: " + fault.get());
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

  /** Ends every run with the text so far; call it before the rooms close. */
  public CompletableFuture<Void> interruptAll(long waitMillis) {
    List<CompletableFuture<?>> all = new ArrayList<>();
    for (DocumentId document : List.copyOf(open.keySet())) {
      all.add(in(document, generation -> generation.interrupt(waitMillis)));
    }
    return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).exceptionally(_ -> null);
  }

  private <T> CompletableFuture<T> in(
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
