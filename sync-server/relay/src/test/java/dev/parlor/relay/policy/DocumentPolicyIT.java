package dev.parlor.relay.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.parlor.relay.Relay;
import dev.parlor.relay.config.PolicySettings;
import dev.parlor.relay.config.RelayConfig;
import dev.parlor.relay.config.SyncSettings;
import dev.parlor.relay.interop.NodeProcess;
import dev.parlor.relay.token.Issuer;
import dev.parlor.relay.token.Issuer.Kind;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Document policies, with unmodified automerge-repo clients and the policy of the documentation.
 */
class DocumentPolicyIT {

  @TempDir private Path folder = Path.of("replaced by JUnit");

  @Test
  @DisplayName(
      "[AD6] [TK2] a table of users and edits: tokens, the app's backend and the policy decide together, and a refused client stays connected")
  void table() throws Exception {
    var key = Issuer.Key.make(Kind.EdDSA, "app");
    var privateKey =
        Files.writeString(
            folder.resolve("private.pem"),
            "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(key.pair().getPrivate().getEncoded())
                + "\n-----END PRIVATE KEY-----\n");
    try (var node = NodeProcess.scenario("policy", "later", privateKey)) {
      var backend = URI.create(node.expect("backend").replace("\"", ""));
      var issuer =
          new SyncSettings.Issuer(
              new SyncSettings.Keys.PemFile(key.pem(folder)),
              Optional.of("my-app"),
              Optional.empty());
      var config =
          RelayConfig.onLoopback(folder.resolve("data"))
              .withSync(
                  new SyncSettings(
                      SyncSettings.Access.TOKEN, Optional.of(issuer), Optional.of(backend)))
              .withPolicy(new PolicySettings(Optional.of(Path.of("interop/lib/policy.json"))));
      try (var relay = Relay.start(config)) {
        node.send(relay.url().toString());
        assertEquals("78", node.expect("attempts"));
        node.expect("passed");
        node.succeeds();
      }
    }
  }
}
