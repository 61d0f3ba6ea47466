package dev.parlor.apps.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.apps.api.RequestObserver.AnsweredRequest;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.apps.rate.RequestRates;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** The log lines of requests. */
@Isolated // The log belongs to the whole process.
class RequestLogTest {
  private static final String MARKER = "hidden-marker";

  private final Logger logger = Logger.getLogger("dev.parlor");
  private final Recorder recorder = new Recorder();

  private static final class Recorder extends Handler {
    private final Queue<String> lines = new ConcurrentLinkedQueue<>();

    @Override
    public void publish(LogRecord record) {
      lines.add(new SimpleFormatter().formatMessage(record));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}

    /** The line of a request; there is exactly one. */
    String only(String tid) {
      var found = lines.stream().filter(line -> line.contains(" tid=" + tid + " ")).toList();
      assertEquals(1, found.size(), tid + " in " + lines);
      return found.getFirst();
    }
  }

  @BeforeEach
  void record() {
    logger.addHandler(recorder);
  }

  @AfterEach
  void stop() {
    logger.removeHandler(recorder);
  }

  private static String deploy(String tid, String content) throws Exception {
    return BadInputContract.enveloped(
        tid,
        "req-ensure-app-slug",
        """
        {"mode": "production", "appSlug": "my-app", "env": {"KEY": "MARKER-env"},
         "colour": "MARKER-field", "fileSystem": [
          {"type": "code-block", "lang": "jsx", "filename": "/MARKER.jsx", "content": "CONTENT"},
          {"type": "str-asset-block", "filename": "/index.html", "content": "MARKER-html"}]}
        """
            .replace("CONTENT", content)
            .replace("MARKER", MARKER),
        "ada");
  }

  @Test
  @DisplayName(
      "each request over HTTP and WebSocket has one line with its outcome, and no line has a part of a body or token")
  void everyRequest() throws Exception {
    var ok = "outcome=ok user=jwt:ada ms=";
    var outcomes =
        Map.of(
            "deployed", ok,
            "broken", "outcome=transform-failed user=jwt:ada ms=",
            "defect", "outcome=server-error user=jwt:ada ms=",
            "expired", "outcome=bad-token user=- ms=",
            "unknown", "outcome=unknown-type user=- ms=",
            "field", "outcome=invalid-request user=jwt:ada ms=");
    var messages = new LinkedHashMap<String, String>();
    messages.put("deployed", deploy("deployed", MARKER));
    messages.put("broken", deploy("broken", MARKER + " BROKEN"));
    messages.put("defect", deploy("defect", MARKER + " DEFECT"));
    messages.put("expired", deploy("expired", "").replace("good-ada", MARKER));
    messages.put(
        "unknown",
        BadInputContract.enveloped(
            "unknown", "req-open-chat", "{\"secret\":\"" + MARKER + "\"}", "ada"));
    messages.put("field", deploy("field", "").replace("production", MARKER));
    try (var server = new ApiServer(RequestRates.Limits.NONE);
        var calls = new ApiCalls(server)) {
      for (var message : messages.entrySet()) {
        var tid = message.getKey();
        calls.http(message.getValue());
        calls.socket(message.getValue().replace("\"" + tid + "\"", "\"socket-" + tid + "\""));
        var line = recorder.only(tid);
        assertTrue(line.contains(outcomes.get(tid)), line);
        assertTrue(line.contains(" in=" + message.getValue().length() + " out="), line);
        assertTrue(recorder.only("socket-" + tid).contains(outcomes.get(tid)), line);
      }
      calls.http("no json " + MARKER);
      assertTrue(recorder.only("-").startsWith("apps API unknown tid=- outcome=invalid-request"));
      assertTrue(
          recorder.only("deployed").startsWith("apps API vibes.diy.req-ensure-app-slug tid="));
      assertEquals(2 * messages.size() + 1, server.answered.size());
    }
    for (var line : recorder.lines) {
      assertTrue(!line.contains(MARKER), line);
    }
  }

  @Test
  @DisplayName("a tid cannot forge a line: other characters are replaced, and a long tid is cut")
  void forgedTid() {
    var request =
        new AnsweredRequest(
            "vibes.diy.req-publish-app",
            "a\nb outcome=ok " + "x".repeat(100),
            Optional.empty(),
            Optional.of(ErrorCode.NOT_FOUND),
            1_250_000,
            10,
            20);
    new RequestLog(RequestLog.Level.REFUSED).answered(request);
    assertEquals(
        List.of(
            "apps API vibes.diy.req-publish-app tid=a?b?outcome?ok?"
                + "x".repeat(25)
                + " outcome=not-found user=- ms=1.3 in=10 out=20"),
        List.copyOf(recorder.lines));
  }

  @Test
  @DisplayName("with the level refused only errors have a line, and with none no request has")
  void levels() {
    for (var refusal : List.of(Optional.<ErrorCode>empty(), Optional.of(ErrorCode.BAD_TOKEN))) {
      var request = new AnsweredRequest("x", "t", Optional.empty(), refusal, 1, 1, 1);
      new RequestLog(RequestLog.Level.REFUSED).answered(request);
      new RequestLog(RequestLog.Level.NONE).answered(request);
    }
    assertEquals(1, recorder.lines.size());
    assertTrue(recorder.only("t").contains("bad-token"));
  }
}
