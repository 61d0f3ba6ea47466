package dev.parlor.room.http;

import static dev.parlor.room.http.HttpClientForTests.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.crdt.identity.Bytes;
import dev.parlor.crdt.identity.DocumentId;
import dev.parlor.relay.document.CloseCodes;
import dev.parlor.relay.socket.RawClient;
import dev.parlor.relay.socket.SyncPeer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The metrics of a server after requests of many kinds, and the Grafana dashboard that uses them.
 */
class MetricsIT {
  private static TestServer server;

  /** The metrics that only a server on a cluster has. */
  static final Set<String> CLUSTER_METRICS =
      Set.of(
          "parlor_cluster_nodes",
          "parlor_cluster_away",
          "parlor_cluster_entries_damaged",
          "parlor_cluster_queue_bytes",
          "parlor_cluster_leases",
          "parlor_cluster_takeovers_total",
          "parlor_cluster_folds_total",
          "parlor_cluster_log_bytes",
          "parlor_cluster_log_truncations_total",
          "parlor_cluster_objects_swept_total");

  /** Names, ids and secrets that must not appear in the metrics. */
  private static final List<String> SECRETS = new ArrayList<>();

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    server = TestServer.start(folder, webhooks());
    causeAllEvents();
  }

  /** Webhooks to a port that no program listens on. */
  private static Map<String, String> webhooks() {
    var secret = Base64.getEncoder().encodeToString(new byte[32]);
    return Map.of(
        "PARLOR_WEBHOOK_URL", "http://127.0.0.1:1/", "PARLOR_WEBHOOK_SECRET", "whsec_" + secret);
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  private static URI url(String path) {
    return URI.create("ws://127.0.0.1:" + server.port() + path);
  }

  private static Scrape scrape() {
    return Scrape.of(server.http());
  }

  /** Scrapes until the condition holds, at most one minute. */
  private static Scrape until(Predicate<Scrape> condition) {
    var deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    var scrape = scrape();
    while (!condition.test(scrape)) {
      assertTrue(System.nanoTime() < deadline, scrape.text());
      scrape = scrape();
    }
    return scrape;
  }

  /**
   * Runs a generation, a compaction, a refused upgrade, and a connection closed for a text frame.
   */
  private static void causeAllEvents() throws IOException {
    var room = server.room("A room");
    var ada = room.join("host", server.person("Ada"));
    ada.post("/play", "{\"type\":\"tone\",\"text\":\"Dry\"}");
    var request = json(ada.post("/generate", "{\"query\":\"Write a haiku\"}")).path("request");
    var result = json(ada.get("/results/" + request.asText() + "?wait=30"));
    assertEquals("done", result.path("status").asText(), result.toString());
    try (var unauthorized = RawClient.connect(url("/sync/k/" + room.slug() + ".wrong"))) {
      assertEquals(403, unauthorized.status());
    }
    sendText("text-of-everything");
    SECRETS.add("text-of-everything");
    SECRETS.add(room.slug());
    SECRETS.add(room.created().path("documentId").asText());
    SECRETS.add(room.key("host"));
    SECRETS.add(ada.person().identity());
    SECRETS.add(ada.person().token());
    SECRETS.add(request.asText());
    until(scrape -> scrape.value("parlor_connections_closed_total{code=\"1003\"}") == 1);
    var document = room.created().path("documentId").asText();
    var compacted = server.http().post("/api/admin/rooms/" + document + "/compact", "");
    assertEquals(200, compacted.statusCode(), compacted.body());
  }

  private static void sendText(String peer) throws IOException {
    try (var mallory = RawClient.join(url("/sync"), peer)) {
      mallory.frame(RawClient.TEXT, true, Bytes.utf8("{}"));
      assertEquals(CloseCodes.TEXT, mallory.awaitClose().code());
    }
  }

  @DisplayName("a change is counted once when it is received, sent and dispatched")
  @Test
  void changeIsCountedOncePerStage() throws Exception {
    var document = SyncPeer.document(70);
    SECRETS.add(document.value());
    SECRETS.add("ada-of-metrics");
    try (var ada = new SyncPeer(url("/sync"), "ada-of-metrics", document);
        var bob = new SyncPeer(url("/sync"), "bob-of-metrics", document)) {
      ada.edit();
      ada.awaitCommitted();
      bob.sendSync();
      while (!bob.heads().equals(ada.heads())) {
        bob.receive();
      }
      var before = until(current -> current.value("parlor_connections") == 2);
      for (var i = 0; i < 5; i++) {
        bob.awaitChange(ada.edit());
        ada.awaitCommitted();
      }
      var after = scrape();
      // The counter also includes the server's own changes in rooms of other tests.
      assertTrue(
          after.value("parlor_changes_in_total") >= before.value("parlor_changes_in_total") + 5);
      assertGrew(5, before, after, "parlor_changes_out_total");
      assertGrew(0, before, after, "parlor_changes_duplicate_total");
      assertGrew(5, before, after, "parlor_dispatch_seconds_count");
      for (var name :
          List.of(
              "parlor_change_bytes_in_total",
              "parlor_frames_in_total",
              "parlor_frames_out_total",
              "parlor_bytes_in_total",
              "parlor_bytes_out_total",
              "parlor_room_queue_depth_count",
              "parlor_room_queue_dwell_seconds_count",
              "parlor_commit_seconds_count",
              "parlor_commit_records_total",
              "parlor_commit_bytes_total")) {
        assertTrue(after.value(name) > before.value(name), name);
      }
      for (var name : List.of("parlor_dispatch", "parlor_room_queue_dwell", "parlor_commit")) {
        var seconds = after.value(name + "_seconds_sum") - before.value(name + "_seconds_sum");
        assertTrue(seconds > 0 && seconds < 60, name + " took " + seconds + " s");
      }
    }
    until(scrape -> scrape.value("parlor_connections") == 0);
  }

  private static void assertGrew(double by, Scrape before, Scrape after, String name) {
    assertEquals(by, after.value(name) - before.value(name), name);
  }

  @DisplayName("a document that left memory and is opened again counts as one load")
  @Test
  void reopenedDocumentIsLoadedOnce() throws Exception {
    var document = SyncPeer.document(71);
    var before = scrape();
    try (var ada = new SyncPeer(url("/sync"), "ada71", document)) {
      ada.edit();
      ada.awaitCommitted();
      server.http().post("/api/admin/rooms/" + document.value() + "/close", "");
      assertEquals(CloseCodes.RESTART, ada.client().awaitClose().code());
    }
    until(
        current ->
            current.value("parlor_rooms_evicted_total")
                > before.value("parlor_rooms_evicted_total"));
    assertLoadedOnce(document);
  }

  private static void assertLoadedOnce(DocumentId document) throws IOException {
    var before = scrape();
    try (var again = new SyncPeer(url("/sync"), "again71", document)) {
      again.sendSync();
      while (again.size() == 0) {
        again.receive();
      }
      var after = scrape();
      assertGrew(1, before, after, "parlor_load_seconds_count");
      assertGrew(1, before, after, "parlor_rooms_open");
    }
  }

  @DisplayName("refusals are counted by rule id, refused upgrades by HTTP status")
  @Test
  void refusalsAreCountedByRule() throws Exception {
    var before = scrape();
    sendText("mallory-of-metrics");
    var closed = "parlor_connections_closed_total{code=\"1003\"}";
    var after = until(current -> current.value(closed) > before.value(closed));
    assertGrew(1, before, after, "parlor_refusals_total{rule=\"WS1\"}");
    assertTrue(after.value("parlor_upgrades_refused_total{status=\"403\"}") > 0);

    var room = server.room("Another room");
    var unauthorized =
        server.http().get(room.path(""), "Parlor-Key", server.room("A third").key("host"));
    assertEquals(403, unauthorized.statusCode());
    var rule = json(unauthorized).path("rule").asText();
    assertTrue(scrape().value("parlor_refusals_total{rule=\"" + rule + "\"}") > 0, rule);
  }

  @DisplayName("close codes chosen by clients share one series")
  @Test
  void clientCloseCodesShareOneSeries() throws Exception {
    for (var code : List.of(3001, 3002, 4999)) {
      try (var mallory = RawClient.join(url("/sync"), "closing" + code)) {
        mallory.frame(8, true, Bytes.ofHex(String.format("%04x", code)));
        mallory.awaitClose();
      }
    }
    var after =
        until(current -> current.value("parlor_connections_closed_total{code=\"other\"}") >= 3);
    assertFalse(after.text().contains("\"3001\""));
    assertFalse(after.text().contains("\"4999\""));
  }

  @DisplayName("generations are counted by their outcome")
  @Test
  void generationsAreCountedByOutcome() {
    var scrape = scrape();
    assertTrue(scrape.value("parlor_generation_seconds_count{status=\"done\"}") >= 1);
    assertEquals(0, scrape.value("parlor_generation_seconds_count{status=\"error\"}"));
    assertEquals(0, scrape.value("parlor_generations_running"));
    assertTrue(scrape.value("parlor_generation_first_token_seconds_count") >= 1);
    assertTrue(scrape.value("parlor_generation_prompt_tokens_total") > 0);
    assertTrue(scrape.value("parlor_native_apply_seconds_count") > 0);
    assertTrue(scrape.value("parlor_compaction_seconds_count") > 0);
    assertTrue(scrape.value("parlor_store_documents") > 0);
  }

  @DisplayName("every metric has a help text and a unit in its name")
  @Test
  void everyMetricHasHelpAndAUnit() {
    var scrape = scrape();
    var countMetrics = Set.of("parlor_room_queue_depth", "parlor_room_queue_depth_max");
    var currentValueMetrics =
        Set.of(
            "parlor_connections",
            "parlor_rooms_open",
            "parlor_apps_sockets",
            "parlor_events_subscribers",
            "parlor_generations_running",
            "parlor_store_documents",
            "parlor_store_shards_unavailable",
            "parlor_documents_suspected",
            "parlor_heap_full",
            "parlor_backup_last_success_timestamp_seconds",
            "parlor_document_streams",
            "parlor_webhook_waiting");
    var ownMetrics =
        scrape.types().keySet().stream().filter(name -> name.startsWith("parlor_")).toList();
    assertTrue(ownMetrics.size() > 35, ownMetrics.toString());
    for (var name : ownMetrics) {
      assertTrue(scrape.help().getOrDefault(name, "").strip().length() > 5, name + " has no HELP");
      switch (scrape.types().getOrDefault(name, "")) {
        case "counter" -> assertTrue(name.endsWith("_total"), name);
        case "histogram", "summary" ->
            assertTrue(name.endsWith("_seconds") || countMetrics.contains(name), name);
        case "gauge" ->
            assertTrue(
                currentValueMetrics.contains(name)
                    || countMetrics.contains(name)
                    || name.endsWith("_bytes")
                    || name.endsWith("_seconds_max"),
                name);
        default -> throw new AssertionError(name + " has an unknown type");
      }
      if (scrape.help().getOrDefault(name, "").matches(".*[Bb]ytes .*")) {
        assertTrue(name.contains("_bytes"), name);
      }
    }
    for (var name : List.of("dispatch", "commit", "room_queue_dwell", "load", "native_apply")) {
      assertEquals("histogram", scrape.types().get("parlor_" + name + "_seconds"), name);
    }
  }

  @DisplayName("no label of a metric contains an id")
  @Test
  void noLabelContainsAnId() {
    var scrape = scrape();
    var labels = scrape.labels("parlor_");
    assertEquals(
        Set.of("code", "le", "outcome", "reason", "route", "rule", "status", "type"),
        labels.keySet());
    for (var rule : labels.getOrDefault("rule", new TreeSet<>())) {
      assertTrue(rule.matches("[A-Z]{2}[0-9]{1,2}|room"), rule);
    }
    for (var code : labels.getOrDefault("code", new TreeSet<>())) {
      assertTrue(code.matches("1[0-9]{3}|4[0-9]{3}|other"), code);
    }
    for (var reason : labels.getOrDefault("reason", new TreeSet<>())) {
      assertTrue(reason.matches("[a-z-]{2,20}"), reason);
    }
    for (var route : labels.getOrDefault("route", new TreeSet<>())) {
      assertTrue(route.matches("other|/[a-z/{}-]*"), route);
    }
    for (var secret : SECRETS) {
      assertFalse(scrape.text().contains(secret), secret);
    }
  }

  @DisplayName("the Grafana dashboard uses every metric of the server and no other metrics")
  @Test
  void dashboardUsesExactlyTheExistingMetrics() throws IOException {
    var dashboard =
        new ObjectMapper().readTree(Path.of("..", "..", "docs", "grafana", "parlor.json").toFile());
    assertEquals("Parlor", dashboard.path("title").asText());
    var scrape = scrape();
    var exported = scrape.names();
    var queried = new TreeSet<String>();
    var panels = panels(dashboard);
    assertTrue(panels.size() > 10);
    for (var panel : panels) {
      assertFalse(panel.path("title").asText().isBlank());
      assertFalse(panel.path("targets").isEmpty(), panel.path("title").asText());
      for (var target : panel.path("targets")) {
        queried.addAll(metricsOf(target.path("expr").asText()));
      }
    }
    // ClusterAwayIT checks that a server on a cluster exports exactly these.
    assertTrue(queried.containsAll(CLUSTER_METRICS), queried.toString());
    queried.removeAll(CLUSTER_METRICS);
    for (var name : queried) {
      assertTrue(exported.contains(name), name + " is in the dashboard but is not exported");
    }
    var families = new TreeSet<String>();
    for (var name : queried) {
      families.add(name.replaceFirst("_(bucket|count|sum|max)$", ""));
    }
    for (var type : scrape.types().entrySet()) {
      var name = type.getKey();
      if (name.startsWith("parlor_") && !name.endsWith("_max")) {
        assertTrue(families.contains(name), name + " is on no panel");
      }
    }
  }

  private static List<JsonNode> panels(JsonNode dashboard) {
    var panels = new ArrayList<JsonNode>();
    for (var panel : dashboard.path("panels")) {
      if (!panel.path("type").asText().equals("row")) {
        panels.add(panel);
      }
    }
    return panels;
  }

  private static final Pattern WORD = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*(?!\\w*\\s*\\()");
  private static final Set<String> OPERATORS = Set.of("and", "or", "unless", "on", "ignoring");

  /** The metrics of a query: its identifiers without functions, labels, ranges and operators. */
  private static List<String> metricsOf(String expr) {
    assertFalse(expr.isBlank());
    var bare =
        expr.replaceAll("\"[^\"]*\"", "")
            .replaceAll("\\{[^}]*}", "")
            .replaceAll("\\[[^]]*]", "")
            .replaceAll("\\b(by|without)\\s*\\([^)]*\\)", "");
    var found = new ArrayList<String>();
    var matcher = WORD.matcher(bare);
    while (matcher.find()) {
      if (!OPERATORS.contains(matcher.group())) {
        found.add(matcher.group());
      }
    }
    assertFalse(found.isEmpty(), expr);
    return found;
  }

  @DisplayName("this test finds the metrics in a query and the labels in a scrape")
  @Test
  void queryIsParsedIntoItsMetrics() {
    assertEquals(
        List.of("a_bucket"),
        metricsOf("histogram_quantile(0.99, sum by (le) (rate(a_bucket{x=\"y\"}[5m])))"));
    assertEquals(List.of("a_sum", "a_count"), metricsOf("rate(a_sum[1m]) / rate(a_count[1m])"));
    assertEquals(
        Map.of("k", new TreeSet<>(Set.of("v"))),
        new Scrape("", Map.of(), Map.of(), Map.of("a{k=\"v\"}", 1.0)).labels("a"));
  }
}
