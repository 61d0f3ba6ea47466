package dev.parlor.room.limits;

import dev.parlor.relay.config.Limits;
import java.util.Map;

/**
 * The limits of rooms and of their HTTP interface, by area. Each name has the unit, and each
 * comment says what happens beyond the limit. {@link FixedServiceLimits} has the limits that are
 * equal on every server and in every test. {@code RoomLimits} has the lengths of names and texts
 * inside a room's document, because the browser enforces them too.
 *
 * <p>{@code relay} has the limits of the relay on which the rooms run.
 *
 * <p>Tests change one area: {@code ServiceLimits.defaults().with(new ServiceLimits.Imports(1, 1))}.
 */
public record ServiceLimits(
    Limits relay,
    Archive archive,
    Http http,
    Imports imports,
    Images images,
    Events events,
    Access access,
    Generation generation,
    Model model) {

  /** A group of limits that belong together. */
  public sealed interface Area {}

  /** Time by which the lease of a run is longer than its longest call. */
  private static final int LEASE_SECONDS_MORE = 30;

  private static final int KIB = 1024;
  private static final int MIB = 1024 * KIB;

  /**
   * Rooms that are moved from the store to the archive.
   *
   * @param idleDays calendar days on which a room was not open; then: the next sweep archives it; 0
   *     disables the archive
   * @param sweepRoomsMax rooms archived in one sweep; above: the others wait for the next sweep
   * @param sweepMinutes time between two sweeps
   */
  public record Archive(int idleDays, int sweepRoomsMax, int sweepMinutes) implements Area {}

  /**
   * HTTP requests.
   *
   * @param bodyBytesMax size of a request's body; above: 413
   * @param resultWaitSecondsMax value of {@code ?wait=}; above: reduced to this limit
   * @param requestsPerMinuteMax requests of one identity, or of one address if the request has no
   *     identity; above: 429
   * @param idempotencyKeysMax idempotency keys kept; above: the oldest is dropped
   * @param idempotencySeconds lifetime of an idempotency key; then: it is dropped
   */
  public record Http(
      int bodyBytesMax,
      int resultWaitSecondsMax,
      int requestsPerMinuteMax,
      int idempotencyKeysMax,
      int idempotencySeconds)
      implements Area {}

  /**
   * Imports of rooms from files.
   *
   * @param bodyBytesMax size of a file without its images; above: 413. Each character of a card or
   *     note becomes an operation of the new document. {@link FixedServiceLimits#FILE_BYTES_MAX} is
   *     the limit of a file with its images
   * @param concurrentMax concurrent imports in the process; above: 503 with {@code Retry-After}. A
   *     file with more bytes than {@code bodyBytesMax} is imported alone
   */
  public record Imports(int bodyBytesMax, int concurrentMax) implements Area {}

  /**
   * Images of rooms. {@code ImageLimits} has the limits of one image.
   *
   * @param perMinuteMax uploads of one identity; above: 429
   * @param perMinuteOfRoomMax uploads of all identities in a room; above: 429
   * @param imagesMax images of a room; above: 409
   * @param bytesMax bytes of the images of a room; above: 409
   * @param imagesOfPersonMax images of one identity in a room; above: 409
   * @param bytesOfPersonMax bytes of the images of one identity in a room; above: 409
   * @param concurrentMax uploads that are read at the same time in the process; above: 503 with
   *     {@code Retry-After}
   */
  public record Images(
      int perMinuteMax,
      int perMinuteOfRoomMax,
      int imagesMax,
      long bytesMax,
      int imagesOfPersonMax,
      long bytesOfPersonMax,
      int concurrentMax)
      implements Area {}

  /**
   * Server-sent events of a room.
   *
   * @param ringMax events kept for resuming; above: the oldest is dropped, and a client that
   *     resumes before it gets a {@code reload} event
   * @param subscriberQueueMax events waiting for one subscriber; above: its stream is closed, and
   *     it resumes
   * @param subscribersPerRoomMax open streams of one room; above: 503
   * @param heartbeatSeconds time between two heartbeat comments on an idle stream
   */
  public record Events(
      int ringMax, int subscriberQueueMax, int subscribersPerRoomMax, int heartbeatSeconds)
      implements Area {}

  /**
   * Rooms, identities and tickets.
   *
   * @param ticketSeconds lifetime of a ticket; then: 401
   * @param ticketsMax unused tickets; above: the oldest is dropped
   * @param roomsPerMinuteMax rooms created by one identity or address; above: 429
   * @param identitiesPerMinuteMax identities created from one address; above: 429
   * @param proofs limits of identities with a key pair
   * @param invitations limits of invitations to rooms
   */
  public record Access(
      int ticketSeconds,
      int ticketsMax,
      int roomsPerMinuteMax,
      int identitiesPerMinuteMax,
      Proofs proofs,
      Invitations invitations)
      implements Area {
    /** With the standard proofs and invitations. */
    public Access(
        int ticketSeconds, int ticketsMax, int roomsPerMinuteMax, int identitiesPerMinuteMax) {
      this(
          ticketSeconds,
          ticketsMax,
          roomsPerMinuteMax,
          identitiesPerMinuteMax,
          Proofs.STANDARD,
          Invitations.STANDARD);
    }
  }

  /**
   * Nonces and sessions of identities with a key pair.
   *
   * @param nonceSeconds lifetime of a nonce; then: 401
   * @param noncesUsedMax used nonces that have not expired; above: 503, so that no nonce can be
   *     used twice
   * @param sessionSeconds lifetime of a session's token; then: 401, and the page proves its
   *     identity again
   */
  public record Proofs(int nonceSeconds, int noncesUsedMax, int sessionSeconds) {
    static final Proofs STANDARD = new Proofs(60, 100_000, 900);
  }

  /**
   * Invitations to a room.
   *
   * @param perRoomMax invitations kept of one room; above: the oldest ended invitation is deleted.
   *     If none has ended: 409
   * @param usesMax largest number of uses of one invitation; above: 400
   * @param secondsMax longest lifetime of one invitation; above: 400
   * @param secretAnswersPerMinuteMax attempts to prove a room's secret from one address; six times
   *     as many from all addresses together; above: 429
   */
  public record Invitations(
      int perRoomMax, int usesMax, int secondsMax, int secretAnswersPerMinuteMax) {
    static final Invitations STANDARD = new Invitations(200, 500, 366 * 86_400, 10);
  }

  /**
   * Model calls in rooms.
   *
   * @param perMinuteMax requests of one identity in a room; above: 429 for a request over HTTP, or
   *     the result {@code refused} for a lock request in the document
   * @param leaseSeconds lifetime of a grant; then: the run ends as {@code interrupted}
   * @param chunkFlushMillis time after which streamed text is written to the document
   * @param chunkFlushBytes size of streamed text that is written to the document at once
   * @param deltaMillis time for which tokens are collected into one ephemeral message
   * @param answerBytesMax size of one answer; above: the call is stopped, and the answer keeps the
   *     text so far
   * @param perMinuteOfRoomMax requests of all identities in a room; above: as for {@code
   *     perMinuteMax}
   * @param waitingMax waiting requests of one identity in a room; above: as for {@code
   *     perMinuteMax}
   * @param waitingOfRoomMax waiting requests of a room; above: as for {@code perMinuteMax}
   */
  public record Generation(
      int perMinuteMax,
      int leaseSeconds,
      int chunkFlushMillis,
      int chunkFlushBytes,
      int deltaMillis,
      int answerBytesMax,
      int perMinuteOfRoomMax,
      int waitingMax,
      int waitingOfRoomMax)
      implements Area {
    /** With the standard limits of a room and of its queue. */
    public Generation(
        int perMinuteMax,
        int leaseSeconds,
        int chunkFlushMillis,
        int chunkFlushBytes,
        int deltaMillis,
        int answerBytesMax) {
      this(
          perMinuteMax,
          leaseSeconds,
          chunkFlushMillis,
          chunkFlushBytes,
          deltaMillis,
          answerBytesMax,
          60,
          10,
          100);
    }
  }

  /**
   * One call of the model endpoint.
   *
   * @param tokensDefault token limit sent if no card limits the answer; 0 sends none, so the
   *     model's own limit applies. A card's number is sent unchanged
   * @param connectMillisMax time to connect to the endpoint; then: retry, and after the last
   *     attempt status {@code error}
   * @param firstTokenMillisMax time from the request to the first token; then: as for {@code
   *     connectMillisMax}
   * @param tokenGapMillisMax time between two tokens; then: status {@code error}, and the answer
   *     keeps the text so far
   * @param totalMillisMax duration of one call; then: as for {@code tokenGapMillisMax}
   * @param attemptsMax attempts before the first token; then: status {@code error}
   * @param eventBytesMax size of one event of the endpoint's stream; above: status {@code error}
   * @param contextTokens the contexts of models in tokens, by their names; the name {@code *}
   *     stands for the others. Above: the oldest pairs of a conversation are left out and counted.
   *     For a model without a number, {@code RoomLimits.PATH_LENGTH_MAX} alone limits the
   *     conversation
   */
  public record Model(
      int tokensDefault,
      int connectMillisMax,
      int firstTokenMillisMax,
      int tokenGapMillisMax,
      int totalMillisMax,
      int attemptsMax,
      int eventBytesMax,
      Map<String, Integer> contextTokens)
      implements Area {
    public Model {
      contextTokens = Map.copyOf(contextTokens);
    }

    /** Without contexts of models. */
    public Model(
        int tokensDefault,
        int connectMillisMax,
        int firstTokenMillisMax,
        int tokenGapMillisMax,
        int totalMillisMax,
        int attemptsMax,
        int eventBytesMax) {
      this(
          tokensDefault,
          connectMillisMax,
          firstTokenMillisMax,
          tokenGapMillisMax,
          totalMillisMax,
          attemptsMax,
          eventBytesMax,
          Map.of());
    }

    /** The context of a model in tokens; 0 if it is unknown. */
    public int contextTokensOf(String name) {
      return contextTokens.getOrDefault(name, contextTokens.getOrDefault("*", 0));
    }
  }

  public static ServiceLimits defaults() {
    return new ServiceLimits(
        Limits.defaults(),
        new Archive(0, 100, 60),
        new Http(256 * KIB, 60, 600, 10_000, 86_400),
        new Imports(4 * MIB, 2),
        new Images(20, 60, 1_000, 256L * MIB, 400, 100L * MIB, 8),
        new Events(1_000, 512, 500, 15),
        new Access(30, 10_000, 60, 120),
        new Generation(10, 180, 500, KIB, 30, 256 * KIB),
        new Model(0, 10_000, 30_000, 30_000, 150_000, 3, 256 * KIB));
  }

  /** A copy with another value for one area of the relay. */
  public ServiceLimits with(Limits.Area value) {
    return with(relay.with(value));
  }

  /** A copy with other limits of the relay. */
  public ServiceLimits with(Limits other) {
    return new ServiceLimits(
        other, archive, http, imports, images, events, access, generation, model);
  }

  /** A copy with another value for one area. */
  public ServiceLimits with(Area value) {
    return new ServiceLimits(
        relay,
        value instanceof Archive area ? area : archive,
        value instanceof Http area ? area : http,
        value instanceof Imports area ? area : imports,
        value instanceof Images area ? area : images,
        value instanceof Events area ? area : events,
        value instanceof Access area ? area : access,
        value instanceof Generation area ? area : generation,
        value instanceof Model area ? area : model);
  }

  /** Applies the setting {@code PARLOR_LLM_MAX_TOKENS}. */
  public ServiceLimits withAnswerTokens(int tokensDefault) {
    return with(
        new Model(
            tokensDefault,
            model.connectMillisMax,
            model.firstTokenMillisMax,
            model.tokenGapMillisMax,
            model.totalMillisMax,
            model.attemptsMax,
            model.eventBytesMax,
            model.contextTokens));
  }

  /** Applies the setting {@code PARLOR_LLM_CONTEXT}. */
  public ServiceLimits withContextTokens(Map<String, Integer> contextTokens) {
    return with(
        new Model(
            model.tokensDefault,
            model.connectMillisMax,
            model.firstTokenMillisMax,
            model.tokenGapMillisMax,
            model.totalMillisMax,
            model.attemptsMax,
            model.eventBytesMax,
            contextTokens));
  }

  /**
   * A copy whose lease of a run is longer than the longest call of a model, so that a slow answer
   * does not end as interrupted.
   *
   * @param callSeconds the time limits of the longest call, with all endpoints that it may ask
   */
  public ServiceLimits withLeaseAtLeast(int callSeconds) {
    return with(
        new Generation(
            generation.perMinuteMax,
            Math.max(generation.leaseSeconds, callSeconds + LEASE_SECONDS_MORE),
            generation.chunkFlushMillis,
            generation.chunkFlushBytes,
            generation.deltaMillis,
            generation.answerBytesMax,
            generation.perMinuteOfRoomMax,
            generation.waitingMax,
            generation.waitingOfRoomMax));
  }

  /** Applies the setting {@code PARLOR_ARCHIVE_DAYS}. */
  public ServiceLimits withArchiveDays(int idleDays) {
    return with(new Archive(idleDays, archive.sweepRoomsMax, archive.sweepMinutes));
  }
}
