package dev.parlor.relay.webhook;

import java.time.Duration;

/** Starts tasks later. Tests decide when. */
@FunctionalInterface
interface WebhookTimer {
  /** Runs the task after the delay, on a thread that it must not block. */
  void after(Duration delay, Runnable task);
}
