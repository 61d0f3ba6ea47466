package dev.parlor.apps.release;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.parlor.apps.asset.StoredAssets;
import dev.parlor.apps.error.ErrorCode;
import dev.parlor.apps.limits.Quotas;
import dev.parlor.apps.record.Transactions;
import dev.parlor.apps.transform.BuiltPackages;
import dev.parlor.relay.storage.MemoryRecordStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Deploys with the real compiler and the real packages. */
class DeployWithPackagesTest {
  private final MemoryRecordStore store = new MemoryRecordStore();
  private final Transactions transactions = new Transactions(store);
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-29T12:00:00Z"));
  private final StoredAssets assets = new StoredAssets(store, transactions, now::get);

  @Test
  @DisplayName(
      "A deploy with an unknown package succeeds with a warning, and the module in its place is a"
          + " file of the release that a sweep keeps")
  void unknownPackageIsAFileOfTheRelease() throws Exception {
    var deployment =
        AppsFixture.get(
            apps()
                .deploy(
                    AppsFixture.ADA,
                    AppsFixture.request(
                        Mode.DEV,
                        "demo",
                        AppsFixture.code(
                            "/App.jsx",
                            """
                            import { findUp } from "find-up";
                            import { Heart } from "lucide-react";
                            export default () => <Heart onClick={() => findUp("x")} />;
                            """))));

    assertEquals(1, deployment.warnings().size(), () -> deployment.warnings().toString());
    assertTrue(deployment.warnings().getFirst().startsWith("\"find-up\" is not on this server"));
    var map =
        new ObjectMapper()
            .readTree(read(deployment.release(), "/~~calculated~~/import-map.json"))
            .get("imports");
    assertTrue(map.get("lucide-react").asText().startsWith("/~~vendor~~/z"));
    now.updateAndGet(time -> time.plus(Duration.ofDays(2)));
    assertEquals(0, assets.sweep());
    var module = read(deployment.release(), map.get("find-up").asText());
    assertTrue(module.contains("missing as findUp"), module);
  }

  @Test
  @DisplayName("A deploy of JSX that does not compile is refused with file, line and column")
  void brokenSourceIsRefused() throws Exception {
    var refusal =
        AppsFixture.refusal(
            apps()
                .deploy(
                    AppsFixture.ADA,
                    AppsFixture.request(
                        Mode.PRODUCTION,
                        "demo",
                        AppsFixture.code("/App.jsx", "export default () => <p>\n  { ) }\n</p>;"))));

    assertEquals(ErrorCode.TRANSFORM_FAILED, refusal.code());
    assertEquals(Map.of("file", "/App.jsx", "line", 2, "column", 5), refusal.details());
  }

  private String read(Release release, String name) throws Exception {
    var file =
        release.files().stream().filter(one -> one.fileName().equals(name)).findFirst().orElseThrow();
    return AppsFixture.get(assets.get(file.assetId())).orElseThrow().toUtf8();
  }

  private StoredApps apps() throws Exception {
    return new StoredApps(
        transactions,
        assets,
        BuiltPackages.esbuild(),
        BuiltPackages.load(),
        Quotas.defaults(),
        () -> "drawn-slug",
        now::get);
  }
}
