package dev.parlor.bench.apps;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;

/** Sections appended to contexts, each client to its own. */
final class Appends {

  private final Clients clients;
  private final Load load;
  private final Sizes sizes;

  Appends(Clients clients, Load load, Sizes sizes) {
    this.clients = clients;
    this.load = load;
    this.sizes = sizes;
  }

  void measure(Table table) throws TimeoutException {
    var lanes = lanes("appender", sizes.clients());
    load.closed(lanes, sizes.warm().multipliedBy(2));
    var closed = load.closed(lanes, sizes.measured());
    table.rate("appends, " + lanes.size() + " clients, each awaits its answer", "4,000/s", closed);
    table.p99("the same: p99", "40 ms", closed);
    table.p99(
        "appends at " + sizes.offeredAppends() + "/s offered: p99 from the planned time",
        "–",
        load.open(lanes, sizes.offeredAppends(), sizes.measured()));
    var single = lanes.subList(0, 1);
    load.closed(single, sizes.warm().dividedBy(2));
    table.rate("appends, one awaited client", "150/s", load.closed(single, sizes.measured()));
  }

  /** Opens sockets with a context each. */
  List<Lane> lanes(String prefix, int count) throws TimeoutException {
    var sockets = clients.open(prefix, count);
    var lanes = new ArrayList<Lane>();
    for (var i = 0; i < count; i++) {
      var socket = sockets.get(i);
      var context = "bench-" + prefix + i;
      socket.send("req-ensure-chat-context", ",\"contextId\":\"" + context + "\"", _ -> {});
      var section = Sources.section(context);
      lanes.add(answered -> socket.send("req-append-chat-section", section, _ -> answered.run()));
    }
    clients.awaitAnswers(sockets, "making the contexts");
    return lanes;
  }
}
