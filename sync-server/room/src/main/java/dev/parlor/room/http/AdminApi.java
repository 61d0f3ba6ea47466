package dev.parlor.room.http;

import dev.parlor.crdt.identity.Decoding;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.document.CompactionOutcome;
import dev.parlor.relay.document.DocumentDescription;
import dev.parlor.relay.storage.CorruptDocumentException;
import dev.parlor.room.access.RoomInfo;
import dev.parlor.room.access.RoomRegistry;
import dev.parlor.room.archive.Archive;
import dev.parlor.room.limits.FixedServiceLimits;
import dev.parlor.room.template.RoomFile;
import dev.parlor.room.template.RoomFiles;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The API for the operator, for requests from the same machine: documents in memory, their peers,
 * the store and the archive. One method handles every path below {@code /api/admin}, so that no
 * request bypasses {@link AdminAuthorizer}. The state of a document comes from the document's
 * worker; this class never reads it directly.
 */
final class AdminApi {
  private static final Logger log = LoggerFactory.getLogger(AdminApi.class);

  static final String PATH = "/api/admin/";

  private static final int PAGE_SIZE_DEFAULT = 50;

  private final Administration admin;
  private final RoomRegistry registry;
  private final RequestLimits limits;
  private final RoomFiles roomFiles;
  private final AdminAuthorizer authorizer;

  AdminApi(Administration admin, RoomRegistry registry, RequestLimits limits, RoomFiles roomFiles) {
    this.admin = admin;
    this.roomFiles = roomFiles;
    this.registry = registry;
    this.limits = limits;
    this.authorizer =
        new AdminAuthorizer(admin.token(), admin.oldToken(), admin.publicUrl(), admin.clock());
  }

  /** Handles any request below {@link #PATH}. */
  Reply handle(HttpCall call) {
    authorize(call);
    var path = List.of(call.path().substring(PATH.length()).split("/", -1));
    var reply =
        switch (path.size()) {
          case 1 -> list(call, path.getFirst());
          case 2 ->
              path.getFirst().equals("access")
                  ? handleMethod("POST", call, () -> askAgain(call, path.get(1)))
                  : showRoom(call, path);
          case 3 -> command(call, path);
          default -> throw unknownPath();
        };
    return reply.header("Cache-Control", "no-store");
  }

  private void authorize(HttpCall call) {
    switch (authorizer.decide(call.adminRequest())) {
      case HIDDEN -> throw unknownPath();
      case TOKEN_MISSING -> {
        limits.countRequest(call.address());
        throw ProblemDetail.unauthorized("send PARLOR_ADMIN_TOKEN as Authorization: Bearer")
            .thrown();
      }
      case ALLOWED -> limits.countRequest(call.address());
    }
  }

  /** Admits a request that needs the admin token even on a server that has none. */
  void authorizeWithToken(HttpCall call) {
    authorize(call);
    if (admin.token().isEmpty()) {
      throw ProblemDetail.of(
              403,
              "no-admin-token",
              "a backup has the secrets of all rooms; set PARLOR_ADMIN_TOKEN for the server and for"
                  + " the backup")
          .thrown();
    }
  }

  private Reply list(HttpCall call, String name) {
    return switch (name) {
      case "rooms" -> handleMethod("GET", call, () -> listRooms(call));
      case "store" -> handleMethod("GET", call, this::describeStore);
      case "archive" -> handleMethod("GET", call, () -> listArchive(call));
      case "room-files" -> handleMethod("GET", call, this::listRoomFiles);
      case "apps" -> handleMethod("GET", call, () -> listUsage(call));
      case "backup" -> throw Endpoints.notAllowed(call, "POST");
      default -> throw unknownPath();
    };
  }

  private Reply showRoom(HttpCall call, List<String> path) {
    var document = document(path);
    return handleMethod("GET", call, () -> describeRoom(document));
  }

  private Reply command(HttpCall call, List<String> path) {
    var document = document(path);
    return switch (path.get(2)) {
      case "compact" -> handleMethod("POST", call, () -> compact(document));
      case "close" -> handleMethod("POST", call, () -> close(document));
      case "release" -> handleMethod("POST", call, () -> release(document));
      case "archive" -> handleMethod("POST", call, () -> archive(document));
      default -> throw unknownPath();
    };
  }

  /** Handles a call with this HTTP method; a call with another method gets 405. */
  private Reply handleMethod(
      String method, HttpCall call, java.util.function.Supplier<Reply> handler) {
    var isGet = method.equals("GET");
    if (!call.method().equals(method) && !(isGet && call.isHead())) {
      throw Endpoints.notAllowed(call, isGet ? "GET, HEAD" : method);
    }
    return handler.get();
  }

  private static ProblemException unknownPath() {
    return ProblemDetail.notFound("there is nothing at this URL").thrown();
  }

  private static DocumentId document(List<String> path) {
    if (path.getFirst().equals("rooms")
        && DocumentId.parse(path.get(1)) instanceof Decoding.Decoded<DocumentId>(var document)) {
      return document;
    }
    throw unknownPath();
  }

  /** Lets the app's backend decide again about a subject of tokens. */
  private Reply askAgain(HttpCall call, String subject) {
    var document = call.query("document").map(AdminApi::documentParameter);
    if (!admin.documentAccess().askAgain(subject, document)) {
      throw ProblemDetail.of(
              409,
              "no-authorizer",
              "no backend decides about documents here: PARLOR_SYNC_AUTHORIZER is not set")
          .thrown();
    }
    return Reply.json(202, Map.of("subject", subject));
  }

  private static DocumentId documentParameter(String text) {
    return switch (DocumentId.parse(text)) {
      case Decoding.Decoded<DocumentId>(var document) -> document;
      case Decoding.Malformed<DocumentId> _ ->
          throw ProblemDetail.field(400, "document", "document is not the id of a document")
              .thrown();
    };
  }

  // Queries.

  /** The room files that are offered, and the faults of the others. */
  private Reply listRoomFiles() {
    var listing = roomFiles.listing();
    return Reply.json(
        200,
        Map.of(
            "offered", listing.usable().stream().map(RoomFile::id).toList(),
            "problems", listing.problems()));
  }

  private Reply listRooms(HttpCall call) {
    var limit = call.query("limit").map(AdminApi::pageSize).orElse(PAGE_SIZE_DEFAULT);
    var after = call.query("after").orElse("");
    var documents = admin.inMemory().documents();
    var page =
        documents.stream().filter(id -> id.value().compareTo(after) > 0).limit(limit).toList();
    var answers = new LinkedHashMap<DocumentId, CompletableFuture<DocumentDescription>>();
    for (var document : page) {
      admin.inMemory().describe(document, false).ifPresent(answer -> answers.put(document, answer));
    }
    var deadline =
        System.nanoTime()
            + TimeUnit.MILLISECONDS.toNanos(FixedServiceLimits.ADMIN_ANSWER_MILLIS_MAX);
    var rooms = new ArrayList<Map<String, Object>>();
    answers.forEach(
        (document, answer) ->
            rooms.add(json(document, await(answer, deadline - System.nanoTime()))));
    var json = new LinkedHashMap<String, Object>();
    json.put("inMemory", documents.size());
    json.put("rooms", rooms);
    if (page.size() == limit && !page.getLast().equals(documents.getLast())) {
      json.put("next", page.getLast().value());
    }
    return Reply.json(200, json);
  }

  private Reply listArchive(HttpCall call) {
    var limit = call.query("limit").map(AdminApi::pageSize).orElse(PAGE_SIZE_DEFAULT);
    var after = call.query("after").orElse("");
    var all = admin.archive().archived().stream().sorted().toList();
    var page = all.stream().filter(id -> id.value().compareTo(after) > 0).limit(limit).toList();
    var rooms = new ArrayList<Map<String, Object>>();
    for (var document : page) {
      admin.archive().entry(document).ifPresent(entry -> rooms.add(json(entry)));
    }
    var json = new LinkedHashMap<String, Object>();
    json.put("archived", all.size());
    json.put("rooms", rooms);
    if (page.size() == limit && !page.getLast().equals(all.getLast())) {
      json.put("next", page.getLast().value());
    }
    return Reply.json(200, json);
  }

  /** The users with apps. {@code next} is the last id of a full page. */
  private Reply listUsage(HttpCall call) {
    var limit = call.query("limit").map(AdminApi::pageSize).orElse(PAGE_SIZE_DEFAULT);
    var page = admin.usage().page(call.query("after").orElse(""), limit);
    var json = new LinkedHashMap<String, Object>();
    json.put("users", page); // The members of a usage are the fields of the answer.
    if (page.size() == limit) {
      json.put("next", page.getLast().user());
    }
    return Reply.json(200, json);
  }

  private Map<String, Object> json(Archive.Entry entry) {
    var json = new LinkedHashMap<String, Object>();
    json.put("documentId", entry.document().value());
    registry
        .byDocument(entry.document())
        .map(RoomInfo::slug)
        .ifPresent(slug -> json.put("slug", slug));
    json.put("archivedAt", entry.archivedAt());
    json.put("bytes", entry.bytes());
    return json;
  }

  private static int pageSize(String text) {
    try {
      var size = Integer.parseInt(text);
      if (size >= 1 && size <= FixedServiceLimits.ADMIN_PAGE_MAX) {
        return size;
      }
    } catch (NumberFormatException _) {
      // refused below
    }
    throw ProblemDetail.field(
            400, "limit", "limit is a whole number from 1 to " + FixedServiceLimits.ADMIN_PAGE_MAX)
        .thrown();
  }

  private Reply describeRoom(DocumentId document) {
    var answer = orNotFound(admin.inMemory().describe(document, true));
    return Reply.json(
        200,
        json(
            document,
            await(
                answer,
                TimeUnit.MILLISECONDS.toNanos(FixedServiceLimits.ADMIN_ANSWER_MILLIS_MAX))));
  }

  private Reply describeStore() {
    var quarantined =
        admin.quarantined().get().stream()
            .map(DocumentId::value)
            .sorted()
            .limit(FixedServiceLimits.ADMIN_NAMES_MAX);
    var json = new LinkedHashMap<String, Object>();
    json.put("documents", admin.documents().get().size());
    json.put("archived", admin.archive().archived().size());
    json.put("queuedBytes", admin.queuedBytes().getAsLong());
    json.put("quarantined", quarantined.toList());
    json.put(
        "suspected",
        admin.suspected().get().entrySet().stream()
            .limit(FixedServiceLimits.ADMIN_NAMES_MAX)
            .map(entry -> Map.of("documentId", entry.getKey().value(), "why", entry.getValue()))
            .toList());
    return Reply.json(200, json);
  }

  private Map<String, Object> json(DocumentId document, Optional<DocumentDescription> answer) {
    var json = new LinkedHashMap<String, Object>();
    json.put("documentId", document.value());
    registry.byDocument(document).map(RoomInfo::slug).ifPresent(slug -> json.put("slug", slug));
    var suspicion = admin.suspected().get().get(document);
    if (suspicion != null) {
      json.put("suspected", suspicion);
    }
    if (answer.isEmpty()) {
      json.put("busy", true);
      return json;
    }
    var description = answer.get();
    if (description.quarantined()) {
      json.put("quarantined", true);
      return json;
    }
    json.put("peers", description.peerCount());
    json.put("changes", description.changes());
    json.put(
        "heads",
        description.heads().stream()
            .limit(FixedServiceLimits.ADMIN_HEADS_MAX)
            .map(Object::toString)
            .toList());
    json.put("headCount", description.heads().size());
    json.put("bytes", description.bytes());
    json.put("snapshotBytes", description.snapshotBytes());
    json.put("uncommitted", description.uncommitted());
    json.put("pending", description.pending());
    json.put("pendingBytes", description.pendingBytes());
    json.put("indexBytes", description.indexBytes());
    json.put("observers", description.observers());
    json.put("storeRefuses", description.refused());
    json.put("compacting", description.compacting());
    json.put("leaving", description.leaving());
    if (!description.peers().isEmpty()) {
      json.put("connections", description.peers().stream().map(AdminApi::json).toList());
    }
    return json;
  }

  private static Map<String, Object> json(DocumentDescription.PeerDescription peer) {
    var json = new LinkedHashMap<String, Object>();
    json.put("peerId", peer.peer().value());
    peer.identity().ifPresent(identity -> json.put("identity", identity));
    json.put("role", peer.role().name().toLowerCase(java.util.Locale.ROOT));
    json.put("framesWaiting", peer.framesWaiting());
    json.put("heldBack", peer.heldBack());
    json.put("putOff", peer.deferred());
    json.put("closing", peer.closing());
    return json;
  }

  // Commands.

  private Reply compact(DocumentId document) {
    log.info("document {}: the operator requested compaction", document);
    var outcome =
        await(
            orNotFound(admin.inMemory().compact(document)),
            TimeUnit.MILLISECONDS.toNanos(FixedServiceLimits.ADMIN_COMPACTION_MILLIS_MAX));
    var json = new LinkedHashMap<String, Object>();
    json.put("documentId", document.value());
    return switch (outcome.orElse(null)) {
      case null -> {
        json.put("running", true);
        yield Reply.json(202, json);
      }
      case CompactionOutcome.Done(var changes, var bytes) -> {
        json.put("changes", changes);
        json.put("snapshotBytes", bytes);
        yield Reply.json(200, json);
      }
      case CompactionOutcome.Refused(var code, var reason) ->
          throw ProblemDetail.of(409, code, reason).thrown();
      case CompactionOutcome.Failed() ->
          throw ProblemDetail.of(
                  500,
                  "compaction-failed",
                  "compaction failed and the change log was kept; see the server's log")
              .thrown();
    };
  }

  private Reply close(DocumentId document) {
    log.warn("document {}: closing its connections, as the operator requested", document);
    var closed =
        await(
            orNotFound(admin.inMemory().close(document)),
            TimeUnit.MILLISECONDS.toNanos(FixedServiceLimits.ADMIN_ANSWER_MILLIS_MAX));
    var json = new LinkedHashMap<String, Object>();
    json.put("documentId", document.value());
    closed.ifPresentOrElse(
        count -> json.put("connectionsClosed", count), () -> json.put("busy", true));
    return Reply.json(closed.isPresent() ? 200 : 202, json);
  }

  private Reply release(DocumentId document) {
    if (!admin.release().test(document)) {
      throw ProblemDetail.of(404, "not-suspected", "this document is not blocked from native code")
          .thrown();
    }
    return Reply.json(200, Map.of("documentId", document.value()));
  }

  private Reply archive(DocumentId document) {
    if (!registry.isRoom(document)) {
      throw ProblemDetail.of(409, "not-a-room", "only rooms can be archived").thrown();
    }
    log.info("document {}: moving it to the archive, as the operator requested", document);
    try {
      switch (admin.archive().archive(document, admin.clock().millis())) {
        case ARCHIVED -> {}
        case IN_USE ->
            throw ProblemDetail.of(409, "in-use", "this room is open or was open a moment ago")
                .thrown();
        case NOT_STORED -> {
          // If the room is archived already, reply as if this request had archived it.
          if (admin.archive().entry(document).isEmpty()) {
            throw ProblemDetail.notFound("this document is not in the store").thrown();
          }
        }
      }
    } catch (CorruptDocumentException e) {
      throw ProblemDetail.of(409, "quarantined", "this document is damaged and cannot be archived")
          .thrown();
    } catch (IOException e) {
      log.error("document {} could not be archived", document, e);
      throw ProblemDetail.of(503, "unavailable", "the disk failed; the document was not moved")
          .header("Retry-After", "5")
          .thrown();
    }
    return Reply.json(
        200, admin.archive().entry(document).map(this::json).orElseGet(LinkedHashMap::new));
  }

  private static <T> CompletableFuture<T> orNotFound(Optional<CompletableFuture<T>> answer) {
    return answer.orElseThrow(
        () -> ProblemDetail.of(404, "not-in-memory", "this document is not in memory").thrown());
  }

  /**
   * Waits for the answer of a document's worker. Empty if no answer comes in time, or if the
   * document failed or left memory meanwhile.
   */
  private static <T> Optional<T> await(CompletableFuture<T> answer, long nanos) {
    try {
      @Nullable T value = answer.get(Math.max(0, nanos), TimeUnit.NANOSECONDS);
      return Optional.ofNullable(value);
    } catch (TimeoutException | ExecutionException _) {
      return Optional.empty();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
