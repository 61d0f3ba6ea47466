package dev.parlor.apps.message;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.parlor.apps.error.AppsException;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.apps.limits.AppLimits;

/**
 * The frame around a payload. An answer has the same {@code tid}, {@code src} and {@code dst} in
 * each other's place, and a {@code ttl} that is smaller by one.
 *
 * @param tid the client's id of the request
 * @param ttl the number of hops that the message may still make
 */
public record Envelope(String tid, String src, String dst, long ttl) {

  /**
   * Reads the envelope of a message.
   *
   * @throws AppsException {@code invalid-request} with the field, or {@code ttl-expired}
   */
  public static Envelope read(ObjectNode message) {
    var fields = new Fields(message);
    var tid = fields.text("tid", AppLimits.TID_LENGTH_MAX);
    var src = fields.text("src", AppLimits.PEER_LENGTH_MAX);
    var dst = fields.text("dst", AppLimits.PEER_LENGTH_MAX);
    var ttl = fields.whole("ttl");
    if (ttl <= 0) {
      throw AppsException.of(
              ErrorCode.TTL_EXPIRED,
              "ttl counts hops and must be at least 1; this message has none left")
          .at("ttl");
    }
    return new Envelope(tid, src, dst, ttl);
  }

  /** The valid parts of the envelope of a refused message, for the answer; never refuses. */
  public static Envelope salvage(ObjectNode message) {
    return new Envelope(
        salvage(message, "tid", AppLimits.TID_LENGTH_MAX),
        salvage(message, "src", AppLimits.PEER_LENGTH_MAX),
        salvage(message, "dst", AppLimits.PEER_LENGTH_MAX),
        1);
  }

  private static String salvage(ObjectNode message, String name, int lengthMax) {
    var text = message.path(name).asText("");
    return text.length() <= lengthMax ? text : "";
  }

  /** The answer to this request. */
  public ObjectNode answer(ObjectNode payload) {
    var answer = Json.object();
    answer.put("tid", tid);
    answer.put("src", dst);
    answer.put("dst", src);
    answer.put("ttl", ttl - 1);
    answer.set("payload", payload);
    return answer;
  }
}
