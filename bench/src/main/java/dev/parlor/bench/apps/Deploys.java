package dev.parlor.bench.apps;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/** Deploys of one JSX file, each client to an app of its own. */
final class Deploys {

  private final Clients clients;
  private final Load load;
  private final Sizes sizes;

  /** Every source has a number of its own, so that no deploy finds a compiled source. */
  private final AtomicLong sources = new AtomicLong();

  Deploys(Clients clients, Load load, Sizes sizes) {
    this.clients = clients;
    this.load = load;
    this.sizes = sizes;
  }

  void measure(Table table) throws TimeoutException {
    var sockets = clients.open("deployer", sizes.deployers());
    var fresh = fresh(sockets, "deployer");
    load.closed(fresh, sizes.warm());
    var closed = load.closed(fresh, sizes.measured());
    table.rate(
        "deploys of a new file of "
            + Sources.LINES
            + " lines, "
            + fresh.size()
            + " clients, each awaits its answer",
        "30/s",
        closed);
    table.p99("the same: p99", "250 ms", closed);
    table.p99(
        "deploys of a new file at "
            + sizes.offeredDeploys()
            + "/s offered: p99 from the planned time",
        "–",
        load.open(fresh, sizes.offeredDeploys(), sizes.measured()));
    var same = same(sockets);
    load.closed(same, sizes.warm());
    table.rate("the same deploy again", "1,000/s", load.closed(same, sizes.measured()));
  }

  /** Clients that deploy a new source with every request. */
  List<Lane> fresh(List<ApiSocket> sockets, String prefix) {
    var lanes = new ArrayList<Lane>();
    for (var i = 0; i < sockets.size(); i++) {
      var socket = sockets.get(i);
      var slug = "bench-" + prefix + i;
      lanes.add(
          answered ->
              socket.send(
                  "req-ensure-app-slug",
                  Sources.deploy("dev", slug, "app-" + slug, sources.incrementAndGet()),
                  _ -> answered.run()));
    }
    return lanes;
  }

  /** Clients that each deploy the same source again and again. */
  private List<Lane> same(List<ApiSocket> sockets) {
    var lanes = new ArrayList<Lane>();
    for (var i = 0; i < sockets.size(); i++) {
      var socket = sockets.get(i);
      var slug = "bench-deployer" + i;
      var deploy = Sources.deploy("dev", slug, "same-" + slug, sources.incrementAndGet());
      lanes.add(answered -> socket.send("req-ensure-app-slug", deploy, _ -> answered.run()));
    }
    return lanes;
  }

  /**
   * Deploys apps in production, ten for each user.
   *
   * @return the host names of the apps without the domain
   */
  List<String> published(String prefix, int count) throws TimeoutException {
    var users = Math.ceilDiv(count, APPS_OF_A_USER);
    var sockets = clients.open(prefix, users);
    var hosts = new ArrayList<String>();
    for (var app = 0; app < count; app++) {
      var slug = "bench-" + prefix + app / APPS_OF_A_USER;
      var name = prefix + "-" + app;
      sockets
          .get(app / APPS_OF_A_USER)
          .send(
              "req-ensure-app-slug",
              Sources.deploy("production", slug, name, sources.incrementAndGet()),
              _ -> {});
      hosts.add(name + "--" + slug);
    }
    clients.awaitAnswers(sockets, "deploying the apps");
    sockets.forEach(ApiSocket::close);
    return hosts;
  }

  /** The number of apps that a user may have by default. */
  private static final int APPS_OF_A_USER = 10;
}
