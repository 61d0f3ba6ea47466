package dev.parlor.relay.webhook;

import dev.parlor.relay.config.DocumentSettings;
import dev.parlor.relay.config.FixedLimits;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.InstantSource;

/** The URL that deliveries are posted to. Blocks on HTTP; safe from any thread. */
final class WebhookReceiver implements AutoCloseable {

  private final URI url;
  private final WebhookSignature signature;
  private final InstantSource clock;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofMillis(FixedLimits.WEBHOOK_MILLIS_MAX))
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  WebhookReceiver(DocumentSettings.Webhook settings, InstantSource clock) {
    this.url = settings.url();
    this.signature = new WebhookSignature(settings.secret().value());
    this.clock = clock;
  }

  /**
   * Posts a delivery.
   *
   * @throws IOException if the receiver does not answer with a status from 200 to 299 in time; the
   *     message has neither the URL nor the answer
   */
  void post(Delivery delivery) throws IOException {
    var seconds = clock.instant().getEpochSecond();
    var body = delivery.body();
    var request =
        HttpRequest.newBuilder(url)
            .timeout(Duration.ofMillis(FixedLimits.WEBHOOK_MILLIS_MAX))
            .header("Content-Type", "application/json")
            .header("User-Agent", "parlor")
            .header("webhook-id", delivery.id())
            .header("webhook-timestamp", Long.toString(seconds))
            .header("webhook-signature", signature.sign(delivery.id(), seconds, body))
            .POST(BodyPublishers.ofByteArray(body))
            .build();
    try {
      var status = client.send(request, BodyHandlers.discarding()).statusCode();
      if (status < 200 || status > 299) {
        throw new IOException("the receiver answered with " + status);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
