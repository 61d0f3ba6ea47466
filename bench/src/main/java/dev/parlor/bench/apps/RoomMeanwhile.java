package dev.parlor.bench.apps;

import dev.parlor.bench.load.MeasuredDocument;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeoutException;

/**
 * Edits of a room without and with a load of apps. The two take turns, so that a disturbance of the
 * machine affects both alike.
 */
final class RoomMeanwhile {

  private static final int EDITS_PER_SECOND = 10;
  private static final int TURNS = 2;
  private static final int WARM_EDITS_PER_SECOND = 200;
  private static final int APPENDERS = 8;

  /** A tenth of the rates that the other rows ask for. */
  private static final int APPENDS_PER_SECOND = 400;

  private static final int PAGES_PER_SECOND = 800;
  private static final int DEPLOYS_PER_SECOND = 3;

  private final Clients clients;
  private final Load load;
  private final Sizes sizes;
  private final Appends appends;
  private final Deploys deploys;
  private final Pages pages;

  RoomMeanwhile(
      Clients clients, Load load, Sizes sizes, Appends appends, Deploys deploys, Pages pages) {
    this.clients = clients;
    this.load = load;
    this.sizes = sizes;
    this.appends = appends;
    this.deploys = deploys;
    this.pages = pages;
  }

  void measure(Table table) throws TimeoutException {
    var warmEdits = (int) (sizes.warm().toMillis() * WARM_EDITS_PER_SECOND / 1_000);
    var alone = document(1, warmEdits);
    var busy = document(2, warmEdits);
    var appenders = appends.lanes("meanwhile", Math.min(APPENDERS, sizes.clients()));
    var deployer = deploys.fresh(clients.open("meanwhile-deployer", 1), "meanwhile-deployer");
    var app = deploys.published("meanwhile", 1).getFirst();
    var visitors = pages.lanes(app, sizes.pageConnections());
    var time = Duration.ofMillis(1_000L * sizes.roomEdits() / EDITS_PER_SECOND);
    for (var turn = 0; turn < TURNS; turn++) {
      alone.measure(sizes.roomEdits(), EDITS_PER_SECOND);
      var schedules =
          List.of(
              load.start(appenders, APPENDS_PER_SECOND, time),
              load.start(visitors, PAGES_PER_SECOND, time),
              load.start(deployer, DEPLOYS_PER_SECOND, time));
      busy.measure(sizes.roomEdits(), EDITS_PER_SECOND);
      for (var schedule : schedules) {
        schedule.finish();
      }
    }
    alone.leave();
    busy.leave();
    print(table, alone, busy);
  }

  private MeasuredDocument document(long seed, int warmEdits) throws TimeoutException {
    var edits = warmEdits + TURNS * sizes.roomEdits();
    var document =
        new MeasuredDocument(clients.loop(), clients.port(), sizes.readers(), edits, seed);
    document.warm(warmEdits, WARM_EDITS_PER_SECOND);
    return document;
  }

  private static void print(Table table, MeasuredDocument alone, MeasuredDocument busy) {
    var without = alone.deliveries().millis(99);
    var with = busy.deliveries().millis(99);
    table.plain(
        "a room's edits: p99 without and with "
            + APPENDS_PER_SECOND
            + " appends/s, "
            + PAGES_PER_SECOND
            + " GETs/s and "
            + DEPLOYS_PER_SECOND
            + " deploys/s",
        "factor 2",
        String.format(Locale.ROOT, "%.2f and %.2f ms, factor %.2f", without, with, with / without));
  }
}
