package dev.parlor.relay.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.slf4j.LoggerFactory;

class LogsTest {

  @Example
  void recordIsOneLineOfLogfmt() {
    assertEquals(
        "time=2026-01-02T03:04:05.678Z level=warn logger=DocumentWorker message=\"two \\\"words\\\"\"\n",
        new LineFormatter(false).format(record(Level.WARNING, "two \"words\"")));
  }

  @Example
  void recordIsOneLineOfJson() {
    assertEquals(
        "{\"time\":\"2026-01-02T03:04:05.678Z\",\"level\":\"info\",\"logger\":\"DocumentWorker\","
            + "\"message\":\"a\\nb\"}\n",
        new LineFormatter(true).format(record(Level.INFO, "a\nb")));
  }

  @Example
  void exceptionIsPartOfItsLine() {
    var record = record(Level.SEVERE, "failed");
    record.setThrown(new IllegalStateException("at /sync/k/abcdef"));
    var line = new LineFormatter(false).format(record);
    assertTrue(line.contains("IllegalStateException: at /sync/k/***"), line);
    assertEquals(1, line.lines().count());
  }

  @Property(tries = 500)
  void anyMessageIsOneLineOfValidJson(@ForAll String message) throws Exception {
    var record = record(Level.INFO, message);
    var line = new LineFormatter(true).format(record);
    assertEquals(line.length() - 1, line.indexOf('\n'));
    assertTrue(new ObjectMapper().readTree(line).get("message").isTextual());
    var logfmt = new LineFormatter(false).format(record);
    assertEquals(logfmt.length() - 1, logfmt.indexOf('\n'));
  }

  @Example
  void secretsAreMasked() {
    for (var leak :
        new String[] {
          "GET /sync/k/s3cr3tKEY0123456789ab?x=1",
          "upgrade of /sync/t/s3cr3t-ticket refused",
          "http://127.0.0.1:8787/r/slug#k=s3cr3t",
          "/api/rooms/x/events?ticket=s3cr3t&a=b",
          "Authorization: Bearer s3cr3t.token",
          "authorization=Basic s3cr3t",
          "Parlor-Key: s3cr3t",
          "{parlor-key=s3cr3t}",
          "a session ps1.id_x.123.s3cr3t",
          "a token id_5Kd3NBUAdUnhyzenEwVLy3.s3cr3ts3cr3ts3cr3ts3cr3ts3cr3t",
          "an invitation inv_5Kd3NBUAdUnhyzenEwVLy3_s3cr3t",
          "the endpoint said: wrong key sk-s3cr3t123"
        }) {
      var masked = Masking.mask(leak);
      assertTrue(masked.contains("***"), masked);
      assertFalse(masked.contains("s3cr3t"), masked);
    }
    assertEquals("/sync/k/***?x=1", Masking.mask("/sync/k/abc?x=1"));
    assertEquals("GET /r/slug 200", Masking.mask("GET /r/slug 200"));
  }

  @Example
  void repeatedLinesAreSuppressedAndCounted() {
    var lines = new ArrayList<String>();
    var now = new long[] {-5};
    var limited = new RateLimitedLog(capture(lines), 1_000, () -> now[0]);
    for (var i = 0; i < 4; i++) {
      limited.write(log -> log.warn("refused"));
    }
    assertEquals(1, lines.size());
    now[0] += 1_000_000_000L;
    limited.write(log -> log.warn("refused"));
    assertEquals(3, lines.size());
    assertEquals("3 similar lines were suppressed since the previous one", lines.getLast());
  }

  @Example
  void concurrentRepeatedLinesAreSuppressed() throws Exception {
    var lines = java.util.Collections.synchronizedList(new ArrayList<String>());
    var now = new java.util.concurrent.atomic.AtomicLong();
    var limited = new RateLimitedLog(capture(lines), 1_000, now::get);
    try (var threads = java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
      for (var i = 0; i < 100; i++) {
        threads.execute(() -> limited.write(log -> log.warn("refused")));
      }
    }
    assertEquals(1, lines.stream().filter("refused"::equals).count());
    now.addAndGet(999_999_999L);
    limited.write(log -> log.warn("refused"));
    assertEquals(1, lines.stream().filter("refused"::equals).count(), "the period is not over");
    now.addAndGet(1);
    limited.write(log -> log.warn("refused"));
    assertEquals(2, lines.stream().filter("refused"::equals).count());
    var suppressed =
        lines.stream()
            .filter(line -> line.endsWith("suppressed since the previous one"))
            .mapToInt(line -> Integer.parseInt(line.split(" ", 2)[0]))
            .sum();
    assertEquals(100, suppressed, "99 lines of the first period and one of the second");
  }

  private static org.slf4j.Logger capture(List<String> lines) {
    var logger = Logger.getLogger("LogsTest.limited");
    logger.setUseParentHandlers(false);
    logger.addHandler(
        new java.util.logging.Handler() {
          @Override
          public void publish(LogRecord record) {
            lines.add(record.getMessage());
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        });
    LOGGERS.add(logger);
    return LoggerFactory.getLogger("LogsTest.limited");
  }

  /**
   * References to the loggers: java.util.logging discards an unreferenced logger with its handlers.
   */
  private static final List<Logger> LOGGERS = new ArrayList<>();

  private static LogRecord record(Level level, String message) {
    var record = new LogRecord(level, message);
    record.setLoggerName("dev.parlor.relay.document.DocumentWorker");
    record.setInstant(java.time.Instant.parse("2026-01-02T03:04:05.678Z"));
    return record;
  }
}
