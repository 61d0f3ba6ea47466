package dev.parlor.room.http;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Measures the time from playing a card over HTTP to its event. {@code ./parlor bench events} runs
 * it; the build does not, since it asserts nothing.
 */
class EventDelayFigures {

  private static final int WARM_UP = 200;
  private static final int CARDS = 200;

  @Test
  void fromPostToEvent(@TempDir Path folder) throws Exception {
    try (var server = TestServer.start(folder)) {
      var ada = server.room("Delays").join("player", server.person("Ada"));
      var millis = new ArrayList<Double>();
      try (var client = EventsIT.Client.open(ada)) {
        for (var i = 0; i < WARM_UP + CARDS; i++) {
          var before = System.nanoTime();
          ada.post("/play", "{\"type\":\"tone\",\"text\":\"Dry " + i + "\"}");
          client.until(event -> event.name().equals("card-played"));
          if (i >= WARM_UP) {
            millis.add((System.nanoTime() - before) / 1e6);
          }
        }
      }
      millis.sort(null);
      System.out.printf(
          Locale.ROOT,
          "figure: from playing a card over HTTP to its event: p50 %.1f ms, p99 %.1f ms, of %d cards%n",
          millis.get(CARDS / 2),
          millis.get(CARDS * 99 / 100),
          CARDS);
    }
  }
}
