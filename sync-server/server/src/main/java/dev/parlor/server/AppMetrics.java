package dev.parlor.server;

import dev.parlor.apps.api.RequestObserver;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.apps.release.StoredAccounts;
import dev.parlor.relay.health.Metrics;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;

/** The metrics of apps and contexts. Safe from any thread. */
final class AppMetrics implements RequestObserver {
  private static final String SUCCEEDED = "ok";

  private final Metrics metrics;
  private final AtomicLong bytes = new AtomicLong();

  /**
   * Registers the metrics.
   *
   * @param sockets the number of open sockets
   */
  AppMetrics(Metrics metrics, IntSupplier sockets) {
    this.metrics = metrics;
    metrics.watch("parlor.apps.sockets", "Sockets of the apps API open now", sockets);
    metrics.watchLong(
        "parlor.apps.bytes",
        "Bytes of the files of all users' apps, as of the start and of each hourly sweep",
        bytes::get);
    // The metric starts at zero, as the server's other metrics do.
    var _ = requests(UNKNOWN_TYPE, ErrorCode.UNKNOWN_TYPE.wire());
  }

  private Timer requests(String type, String outcome) {
    return metrics
        .meters()
        .timer(
            "parlor.apps.requests",
            "Requests of the apps API answered",
            Tags.of("type", type, "outcome", outcome));
  }

  /** Reads the bytes of all users again; waits for the store. */
  void count(StoredAccounts accounts) {
    bytes.set(accounts.bytes());
  }

  /** Types come from the API and codes from an enum, so the number of timers is small. */
  @Override
  public void answered(AnsweredRequest request) {
    requests(request.type(), request.refusal().map(ErrorCode::wire).orElse(SUCCEEDED))
        .record(request.nanos(), TimeUnit.NANOSECONDS);
  }
}
