package dev.parlor.room.http;

import dev.parlor.room.access.RoomInfo;
import dev.parlor.room.image.ImageLimits;
import dev.parlor.room.image.RoomImages;
import dev.parlor.room.image.RoomImages.Addition;
import dev.parlor.room.image.RoomImages.StoredImage;
import dev.parlor.room.image.UploadedImage;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.room.schema.RoomLimits;
import dev.parlor.room.worker.FutureCause;
import io.helidon.http.HeaderNames;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;

/**
 * Uploads and serves the images of a room. The body of an upload is the image. Its type is read
 * from its bytes, never from a header, and no image is fetched from a URL.
 */
final class ImagesApi {
  static final String PATH = "/api/rooms/{slug}/images";

  private static final String UNCHANGING = "private, max-age=31536000, immutable";

  private final RequestAuthorizer authorizer;
  private final RoomGateway gateway;
  private final RoomImages images;
  private final RequestLimits rates;
  private final ServiceLimits.Images limits;
  private final Semaphore permits;

  ImagesApi(
      RequestAuthorizer authorizer,
      RoomGateway gateway,
      RoomImages images,
      RequestLimits rates,
      ServiceLimits.Images limits) {
    this.authorizer = authorizer;
    this.gateway = gateway;
    this.images = images;
    this.rates = rates;
    this.limits = limits;
    this.permits = new Semaphore(limits.concurrentMax());
  }

  Reply upload(HttpCall call) {
    call.refuseTooLargeBody();
    var visitor = authorizer.enter(call);
    var identity = authorizer.requireIdentity(call);
    RoomGateway.requireWriter(visitor, identity, gateway.read(visitor.room()).view());
    rates.countImage(identity, visitor.room().slug());
    if (!permits.tryAcquire()) {
      throw ProblemDetail.of(503, "busy", "other images are being stored; try again")
          .retryAfter(2)
          .thrown();
    }
    try {
      return switch (UploadedImage.read(call.bodyOfAnyType())) {
        case UploadedImage.Reading.Clean(var image) -> store(visitor.room(), identity, image);
        case UploadedImage.Reading.Refused(var code, var reason) ->
            throw ProblemDetail.of(status(code), code, reason).thrown();
      };
    } finally {
      permits.release();
    }
  }

  private static int status(String code) {
    return switch (code) {
      case "image-too-large" -> 413;
      case "not-an-image" -> 415;
      default -> 422;
    };
  }

  private Reply store(RoomInfo room, String identity, UploadedImage image) {
    var quota =
        new RoomImages.Quota(
            limits.imagesMax(),
            limits.bytesMax(),
            limits.imagesOfPersonMax(),
            limits.bytesOfPersonMax());
    return switch (await(images.add(room.documentId(), identity, image, quota))) {
      case Addition.Stored(var id, var isNew) ->
          Reply.json(
                  isNew ? 201 : 200,
                  Map.of(
                      "id",
                      id,
                      "type",
                      image.type().mediaType(),
                      "width",
                      image.width(),
                      "height",
                      image.height(),
                      "bytes",
                      image.content().length()))
              .header("Location", "/api/rooms/" + room.slug() + "/images/" + id);
      case Addition.Full(var reason) -> throw ProblemDetail.of(409, "image-quota", reason).thrown();
    };
  }

  /** An image. Opened by its address, it is shown without scripts and in an origin of its own. */
  Reply show(HttpCall call) {
    var room = authorizer.enter(call).room();
    var id = call.pathParameter("image");
    var found =
        id.length() > RoomLimits.SHORT_LENGTH_MAX
            ? java.util.Optional.<StoredImage>empty()
            : await(images.find(room.documentId(), id));
    var image =
        found.orElseThrow(
            () -> ProblemDetail.notFound("this room has no image with this id").thrown());
    var etag = "\"" + image.id() + "\"";
    var isKnown =
        call.header(HeaderNames.IF_NONE_MATCH)
            .filter(tags -> ETags.matches(tags, etag))
            .isPresent();
    var reply =
        isKnown
            ? Reply.empty(304)
            : new Reply(200, image.mediaType(), image.content(), Map.of())
                .header("Content-Disposition", "inline");
    return reply
        .header("ETag", etag)
        .header("Cache-Control", UNCHANGING)
        .header("Vary", "Authorization, Parlor-Key")
        .header("Content-Security-Policy", "default-src 'none'; sandbox");
  }

  /** Refuses with 422 unless the room has the image. */
  void require(RoomInfo room, String field, String id) {
    if (!await(images.has(room.documentId(), id))) {
      throw ProblemDetail.field(
              422,
              field,
              field + " is not the id of an image of this room; upload it first: POST …/images")
          .thrown();
    }
  }

  /** Waits for the store; refuses with 503 if the disk does. */
  static <T> T await(CompletableFuture<T> answer) {
    return RoomGateway.await(
        answer.exceptionallyCompose(
            thrown ->
                CompletableFuture.failedFuture(
                    FutureCause.of(thrown) instanceof IOException
                        ? ProblemDetail.of(
                                503,
                                "not-stored",
                                "the server's disk refuses at the moment; nothing was stored")
                            .retryAfter(10)
                            .thrown()
                        : thrown)));
  }

  /** The size of an upload's body. */
  static int bodyBytesMax() {
    return ImageLimits.BYTES_MAX;
  }
}
