package dev.parlor.room.generation;

import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.crdt.replica.Edit;
import dev.parlor.model.ModelClient;
import dev.parlor.model.ModelRequest;
import dev.parlor.relay.cluster.LiveNodes;
import dev.parlor.relay.storage.ChangeStore;
import dev.parlor.room.image.RoomImages;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.schema.Attachment;
import dev.parlor.room.schema.Card;
import dev.parlor.room.schema.Lock;
import dev.parlor.room.schema.LockRules;
import dev.parlor.room.schema.Paused;
import dev.parlor.room.schema.Problem;
import dev.parlor.room.schema.QueueCommand;
import dev.parlor.room.schema.Queued;
import dev.parlor.room.schema.Result;
import dev.parlor.room.schema.RoomView;
import dev.parlor.room.worker.RoomMetrics;
import dev.parlor.room.worker.RoomRefusal;
import dev.parlor.room.worker.RoomWatcher;
import dev.parlor.room.worker.RoomWorker;
import dev.parlor.room.worker.RoomWorkers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Starts, stops and reads generations in all rooms, for callers that are not peers. Futures may
 * fail with {@link RoomRefusal}. Safe from any thread.
 *
 * <p>The class is longer than 400 lines: half of them are the questions and outcomes of its
 * methods, which only these methods use.
 */
public final class Generations {
  /** Whether this node starts no more runs. */
  private final AtomicBoolean stopping = new AtomicBoolean();

  private final RoomWorkers rooms;
  private final GenerationServices services;
  private final ConcurrentMap<DocumentId, RoomGeneration> open = new ConcurrentHashMap<>();

  /**
   * A question that a caller asks with the present stack.
   *
   * @param after the request whose answer this one follows, empty for a fresh start
   * @param attach texts that go with the question
   * @param chat the id of the chat entry that asks, or null
   */
  public record Question(
      String identity, String query, String after, List<Attachment> attach, @Nullable String chat) {
    public Question {
      attach = List.copyOf(attach);
    }

    /** A question without attachments. */
    public Question(String identity, String query, String after) {
      this(identity, query, after, List.of(), null);
    }

    Lock lock(String request, RoomView view, long epoch, long now) {
      List<String> cards = view.stack().stream().map(Card::id).toList();
      return new Lock(request, identity, now, query, cards, epoch, after, attach, chat);
    }
  }

  /** The outcome of a request for a generation. */
  public sealed interface RequestOutcome {
    /**
     * The request is in the lock and on disk. Its result will have this id.
     *
     * @param place the place in the queue, from 1; 0 if the request runs
     */
    record Accepted(String request, int place) implements RequestOutcome {}

    /**
     * The request is not possible.
     *
     * @param reason {@code not-allowed} or {@code invalid: ..}
     */
    record Refused(String reason) implements RequestOutcome {}

    /**
     * The request is beyond a limit of the room.
     *
     * @param waitMillis time until the next request is permitted
     * @param limit the limit in words
     */
    record TooMany(long waitMillis, String limit) implements RequestOutcome {}
  }

  /** The outcome of a command for the queue. */
  public sealed interface CommandOutcome {
    /**
     * The command was carried out.
     *
     * @param place the place of its request in the queue now; 0 if the request does not wait
     * @param wasPaused whether the queue was paused before
     */
    record Done(int place, boolean wasPaused) implements CommandOutcome {}

    /**
     * The command changes nothing.
     *
     * @param reason {@code not-allowed} or {@code not-waiting}
     */
    record Refused(String reason) implements CommandOutcome {}
  }

  /**
   * The requests of a room that run or wait.
   *
   * @param room the room at the same moment
   * @param running the requests that run, oldest first
   * @param queue the requests that wait, in order
   */
  public record QueueState(
      RoomView room, List<String> running, List<Queued> queue, @Nullable Paused paused) {
    public QueueState {
      running = List.copyOf(running);
      queue = List.copyOf(queue);
    }
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
    this(rooms, store, model, modelsAllowed, limits, metrics, random, null, RoomImages.NONE);
  }

  /** Creates generation with the images of rooms. */
  public Generations(
      RoomWorkers rooms,
      ChangeStore store,
      ModelClient model,
      Set<String> modelsAllowed,
      ServiceLimits limits,
      RoomMetrics metrics,
      RandomGenerator random,
      RoomImages images) {
    this(rooms, store, model, modelsAllowed, limits, metrics, random, null, images);
  }

  /** Creates generation on one of several nodes, without images. */
  public Generations(
      RoomWorkers rooms,
      ChangeStore store,
      ModelClient model,
      Set<String> modelsAllowed,
      ServiceLimits limits,
      RoomMetrics metrics,
      RandomGenerator random,
      @Nullable LiveNodes nodes) {
    this(rooms, store, model, modelsAllowed, limits, metrics, random, nodes, RoomImages.NONE);
  }

  /**
   * Creates generation on one of several nodes that share the store's tables. In each room, a lease
   * permits one node at a time to grant runs and call the model.
   *
   * @param nodes null without other nodes
   */
  public Generations(
      RoomWorkers rooms,
      ChangeStore store,
      ModelClient model,
      Set<String> modelsAllowed,
      ServiceLimits limits,
      RoomMetrics metrics,
      RandomGenerator random,
      @Nullable LiveNodes nodes,
      RoomImages images) {
    this.rooms = rooms;
    this.services =
        new GenerationServices(
            new Ledger(store),
            model,
            new PromptBuilder(
                model.name(),
                modelsAllowed,
                limits.model(),
                // What an endpoint says of its model wins over the setting for all models.
                name ->
                    model
                        .offer(name)
                        .model()
                        .contextTokens()
                        .orElseGet(() -> limits.model().contextTokensOf(name)),
                name -> requiredTokens(model.offer(name)),
                name -> model.offer(name).model().takesImages()),
            new PromptImages(images),
            limits.generation(),
            metrics,
            random,
            nodes == null
                ? null
                : new RoomLease.Settings(
                    store.table("leases"),
                    nodes,
                    limits.relay().nodes().leaseMillis(),
                    ConcurrentHashMap.newKeySet(),
                    stopping::get,
                    leaseCounts(metrics)),
            closed -> open.remove(closed.document(), closed));
    rooms.watch(this::watch);
  }

  private static LeaseCounts leaseCounts(RoomMetrics metrics) {
    var counts = new LeaseCounts();
    counts.watch(metrics.relayMetrics());
    return counts;
  }

  private static OptionalInt requiredTokens(ModelClient.Offer offer) {
    return offer.requiresLimit() ? offer.model().tokensMax() : OptionalInt.empty();
  }

  private RoomWatcher watch(RoomWorker worker) {
    RoomGeneration generation = new RoomGeneration(worker.document(), services);
    open.put(worker.document(), generation);
    return generation;
  }

  /**
   * Opens each room with a run that had not ended when the server stopped. Opening the room ends
   * the run as interrupted. With other nodes: opens such rooms now and later if no live node
   * decides in them.
   */
  public void recover() {
    RoomLease.Settings leases = services.leaseSettings();
    if (leases != null) {
      new RunTakeover(leases, services.ledger(), rooms, open).start();
      return;
    }
    services.ledger().unfinished().forEach(document -> RunTakeover.open(rooms, document));
  }

  /**
   * Requests a generation with the present stack, on behalf of a participant.
   *
   * @param after the request whose answer this one follows, empty for a fresh start
   */
  public CompletableFuture<RequestOutcome> generate(
      DocumentId document, String identity, String query, String after) {
    return generate(document, new Question(identity, query, after), List.of());
  }

  /** Requests a generation with the present stack, as a fresh start. */
  public CompletableFuture<RequestOutcome> generate(
      DocumentId document, String identity, String query) {
    return generate(document, identity, query, "");
  }

  /**
   * Requests a generation with the present stack.
   *
   * @param alongside further edits of the same change, such as the chat entry that asks; they are
   *     written only if the request is
   */
  public CompletableFuture<RequestOutcome> generate(
      DocumentId document, Question question, List<Edit> alongside) {
    return onRoomThread(document, generation -> generation.request(question, alongside));
  }

  /** The limit of the room that would refuse this identity's next request now. */
  public CompletableFuture<Optional<RequestOutcome.TooMany>> tooMany(
      DocumentId document, String identity) {
    return onRoomThread(document, generation -> generation.tooMany(identity));
  }

  /** Carries out a command for the queue on behalf of a participant. */
  public CompletableFuture<CommandOutcome> command(
      DocumentId document,
      QueueCommand.Action action,
      String request,
      String before,
      String identity) {
    return onRoomThread(
        document, generation -> generation.command(action, request, before, identity));
  }

  /** The name of the model that answers in a room. */
  public String modelOf(RoomView room) {
    String name = room.settings().model();
    return name == null || name.isBlank() ? services.model().name() : name;
  }

  /** The requests that run or wait. */
  public CompletableFuture<QueueState> queue(DocumentId document) {
    return onRoomThread(document, RoomGeneration::queue);
  }

  /** The place of a request in the queue, from 1; 0 for a request that does not wait. */
  public CompletableFuture<Integer> placeOf(DocumentId document, String request) {
    return onRoomThread(document, generation -> generation.placeOf(request));
  }

  /** Stops the oldest run on behalf of a participant. */
  public CompletableFuture<StopOutcome> stop(DocumentId document, String identity) {
    return stop(document, identity, "");
  }

  /** Stops a run on behalf of a participant; the oldest if {@code request} is empty. */
  public CompletableFuture<StopOutcome> stop(DocumentId document, String identity, String request) {
    return onRoomThread(document, generation -> generation.stop(identity, request));
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
    return onRoomThread(document, generation -> generation.importResults(records));
  }

  /**
   * The request that the model would get. The same code builds the real request.
   *
   * @param shownMessages the messages for people: each image as its id, type and size
   * @param body the JSON of the request
   * @param tokensMax the token limit sent to the model; null without one
   * @param limitedBy source of the limit, "card", "setting" or "model"; null without a limit
   */
  public record Preview(
      List<ModelRequest.Message> messages,
      List<Map<String, Object>> shownMessages,
      String model,
      String text,
      List<String> cards,
      List<Problem> problems,
      int omitted,
      @Nullable Long tokensMax,
      @Nullable String limitedBy,
      String body,
      Estimate estimate) {}

  /**
   * The expected size and cost of a request.
   *
   * @param endpoint the name of the model's endpoint; empty for the rehearsal model
   * @param contextTokens the most tokens of prompt and answer, or null if unknown
   * @param costMicros the cost of the prompt in millionths of a US dollar, or null if unknown
   * @param costMicrosMax the cost with an answer up to the token limit, or null if unknown
   */
  public record Estimate(
      String endpoint,
      long promptTokens,
      @Nullable Integer contextTokens,
      @Nullable Long costMicros,
      @Nullable Long costMicrosMax) {}

  /** The outcome of a request for a preview. */
  public sealed interface PreviewOutcome {
    record Shown(Preview preview) implements PreviewOutcome {}

    /** A generation with the same arguments would be refused. */
    record Refused(String reason) implements PreviewOutcome {}
  }

  /** Builds the request that the model would get for the present stack. */
  public CompletableFuture<PreviewOutcome> preview(
      DocumentId document, String query, String after) {
    return preview(document, new Question("", query, after));
  }

  /** Builds the request that the model would get for the present stack. */
  public CompletableFuture<PreviewOutcome> preview(DocumentId document, Question question) {
    return rooms.of(document).view().thenCompose(view -> preview(document, view, question));
  }

  private CompletableFuture<PreviewOutcome> preview(
      DocumentId document, RoomView view, Question question) {
    Lock lock = question.lock("", view, 0, 0);
    Optional<String> reason =
        LockRules.invalidReason(
                lock,
                view,
                request ->
                    view.generation().queue().stream()
                        .anyMatch(queued -> queued.request().equals(request)))
            .or(() -> services.preparation().refusalReason(lock, view));
    if (reason.isPresent()) {
      return CompletableFuture.completedFuture(
          new PreviewOutcome.Refused("invalid: " + reason.get()));
    }
    BuiltPrompt prepared = services.preparation().prepare(lock, view);
    return services
        .images()
        .load(document, prepared)
        .thenApply(images -> new PreviewOutcome.Shown(preview(prepared, images)));
  }

  private Preview preview(BuiltPrompt prepared, PromptImages.Loaded images) {
    ModelRequest call = prepared.call(images);
    List<Problem> problems = new ArrayList<>(prepared.problems());
    images
        .sentence()
        .ifPresent(sentence -> problems.add(new Problem(BuiltPrompt.IMAGES, sentence)));
    return new Preview(
        call.messages(),
        images.shown(prepared, call),
        prepared.model(),
        prepared.text(),
        prepared.cards(),
        problems,
        prepared.omitted(),
        prepared.tokensMaxLong(),
        prepared.limitedBy(),
        services.model().body(call),
        estimate(prepared));
  }

  /** The expected size and cost; four characters count as one token. */
  private Estimate estimate(BuiltPrompt prepared) {
    ModelClient.Offer offer = services.model().offer(prepared.model());
    long promptTokens = CurrentRun.estimate(prepared.promptChars(), 0).promptTokens();
    var price = offer.model().price();
    var context = offer.model().contextTokens();
    Long tokensMax = prepared.tokensMaxLong();
    boolean hasMost = price.isPresent() && tokensMax != null;
    return new Estimate(
        offer.endpoint(),
        promptTokens,
        context.isPresent() ? (Integer) context.getAsInt() : null,
        price.isPresent() ? (Long) price.get().micros(promptTokens, 0) : null,
        hasMost
            ? (Long) price.get().micros(promptTokens, tokensMax == null ? 0 : tokensMax)
            : null);
  }

  /**
   * Hands all rooms over to other nodes: from now on no request starts here, and each room's lease
   * is released when its runs have ended.
   *
   * @return completes when no run is left
   */
  public CompletableFuture<Void> handOver() {
    stopping.set(true);
    List<CompletableFuture<?>> all = new ArrayList<>();
    for (DocumentId document : List.copyOf(open.keySet())) {
      all.add(
          onRoomThread(document, RoomGeneration::handOver)
              .exceptionally(_ -> null)); // the room has closed
    }
    return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new));
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
