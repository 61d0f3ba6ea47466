package dev.parlor.bench.apps;

import dev.parlor.bench.load.Latencies;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.TimeoutException;

/** Requests for the page and the module of a published app, on its own host. */
final class Pages {

  private static final Duration FIRST_MAX = Duration.ofSeconds(30);

  private final Clients clients;
  private final Load load;
  private final Sizes sizes;
  private final Deploys deploys;

  Pages(Clients clients, Load load, Sizes sizes, Deploys deploys) {
    this.clients = clients;
    this.load = load;
    this.sizes = sizes;
    this.deploys = deploys;
  }

  void measure(Table table) throws TimeoutException {
    var lanes = lanes(deploys.published("shown", 1).getFirst(), sizes.pageConnections());
    load.closed(lanes, sizes.warm());
    table.rate(
        "GET of a published app from the cache, " + lanes.size() + " connections",
        "8,000/s",
        load.closed(lanes, sizes.measured()));
    table.p99(
        "GET at " + sizes.offeredPages() + "/s offered: p99 from the planned time",
        "5 ms",
        load.open(lanes, sizes.offeredPages(), sizes.measured()));
    first(table);
  }

  /** Connections that request the page and the module in turns. */
  List<Lane> lanes(String host, int count) {
    var lanes = new ArrayList<Lane>();
    var page = PageConnection.request(hostHeader(host), "/");
    var module = PageConnection.request(hostHeader(host), "/App.jsx");
    for (var i = 0; i < count; i++) {
      var connection = new PageConnection(clients.loop(), clients.port());
      Queue<byte[]> turns = new ArrayDeque<>(List.of(page, module));
      lanes.add(
          answered -> {
            var next = turns.remove();
            turns.add(next);
            connection.get(next, answered);
          });
    }
    return lanes;
  }

  private String hostHeader(String host) {
    return host + ".localhost:" + clients.port();
  }

  /** The first request for each of many new apps, with a new connection for each. */
  private void first(Table table) throws TimeoutException {
    var hosts = deploys.published("unseen", sizes.newApps());
    var times = new Latencies();
    for (var host : hosts) {
      var answers = times.count();
      var startedAt = System.nanoTime();
      var connection = new PageConnection(clients.loop(), clients.port());
      connection.get(
          PageConnection.request(hostHeader(host), "/"),
          () -> times.add(System.nanoTime() - startedAt));
      clients.loop().runUntil(() -> times.count() > answers, FIRST_MAX, "the first page");
      connection.close();
    }
    table.plain(
        "first GET of each of " + hosts.size() + " new apps, connection included: p95",
        "15 ms",
        String.format(
            Locale.ROOT,
            "%.2f ms (p50 %.2f ms, longest %.2f ms)",
            times.millis(95),
            times.millis(50),
            times.millis(100)));
  }
}
