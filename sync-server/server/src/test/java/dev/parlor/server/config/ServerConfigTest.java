package dev.parlor.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.parlor.apps.api.RequestLog;
import dev.parlor.apps.limits.Quotas;
import dev.parlor.apps.rate.RequestRates;
import dev.parlor.model.Endpoint.Timeouts;
import dev.parlor.model.config.EndpointSettings;
import dev.parlor.relay.address.ClientAddresses;
import dev.parlor.relay.address.ForwardedHeader;
import dev.parlor.relay.config.ClusterConfig;
import dev.parlor.relay.config.ConfigException;
import dev.parlor.relay.config.FixedLimits;
import dev.parlor.relay.config.Limits;
import dev.parlor.relay.config.RelayConfig;
import dev.parlor.relay.config.SocketTransport;
import dev.parlor.relay.config.SyncSettings;
import dev.parlor.relay.config.SyncSettings.Access;
import dev.parlor.relay.tls.TestCertificates;
import dev.parlor.room.limits.ServiceLimits;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reading and checking of settings from flags, environment and file. */
class ServerConfigTest {

  @TempDir private Path directory;

  @Test
  void withoutSettingsTheDefaultsApply() throws ConfigException {
    var config = read(List.of(), Map.of());
    assertEquals("127.0.0.1", config.relay().host());
    assertEquals(8787, config.relay().port());
    assertEquals(directory.resolve("data"), config.relay().data());
    assertEquals(Optional.empty(), config.models());
    assertEquals(300, config.limits().relay().documents().idleSeconds());
    assertEquals(Access.OPEN, config.relay().sync().access());
    assertEquals(ServiceLimits.defaults(), config.limits());
  }

  @Test
  void flagsOverrideEnvironmentOverridesFileOverridesDefaults() throws Exception {
    var file = file("port = 1\nhost = 10.0.0.1\nidle-seconds = 7\n");
    var environment = Map.of("PARLOR_PORT", "2", "PARLOR_HOST", "10.0.0.2", "PARLOR_LOG", "debug");
    var config = read(List.of("--config", file, "--port", "3"), environment);
    assertEquals(3, config.relay().port());
    assertEquals("10.0.0.2", config.relay().host());
    assertEquals(7, config.limits().relay().documents().idleSeconds());
    assertEquals(RelayConfig.Log.Level.DEBUG, config.relay().log().level());
    var sources =
        config.effectiveSettings().stream()
            .filter(inForce -> !inForce.source().equals("default"))
            .map(inForce -> inForce.setting() + " " + inForce.source())
            .toList();
    assertEquals(
        List.of(
            "HOST PARLOR_HOST",
            "PORT --port",
            "IDLE_SECONDS " + directory.resolve(file),
            "LOG PARLOR_LOG"),
        sources);
  }

  @Test
  void roomPeersCanBeSet() throws ConfigException {
    assertEquals(1_000, read(List.of(), Map.of()).limits().relay().documents().peersMax());
    var relayLimits = read(List.of(), Map.of("PARLOR_ROOM_PEERS", "1600")).limits().relay();
    assertEquals(1_600, relayLimits.documents().peersMax());
    assertEquals(Limits.defaults().withRoomPeers(1_600), relayLimits);
  }

  @Test
  void shardSettingsAreParsedAndChecked() throws ConfigException {
    assertEquals(RelayConfig.Shards.existing(), read(List.of(), Map.of()).relay().shards());
    var config =
        read(List.of("--shards", "4", "--without-shards", " 3, 0,"), Map.of("PARLOR_SHARDS", "5"));
    assertEquals(new RelayConfig.Shards(OptionalInt.of(4), Set.of(0, 3)), config.relay().shards());
    assertEquals(
        List.of(
            "--shards \"65\" must be a whole number from 1 to 64",
            "PARLOR_WITHOUT_SHARDS \"1,two\" must list numbers from 0 to 63, separated by commas"),
        problems(List.of("--shards", "65"), Map.of("PARLOR_WITHOUT_SHARDS", "1,two")));
    assertEquals(1, problems(List.of("--shards", "0"), Map.of()).size());
    assertEquals(1, problems(List.of("--without-shards", "-1"), Map.of()).size());
  }

  @Test
  @DisplayName(
      "a cluster has the URLs of its servers, a prefix, and a rule for what counts as saved;"
          + " without the setting there is no cluster")
  void clusters() throws ConfigException {
    var config =
        read(
            List.of("--cluster", "nats://a:4222, tls://b", "--cluster-prefix", "team"),
            Map.of("PARLOR_SAVED", "quorum", "PARLOR_CLUSTER_MONITOR", "http://a:8222"));
    assertEquals(
        Optional.of(
            new ClusterConfig(
                List.of("nats://a:4222", "tls://b"),
                Optional.empty(),
                "team",
                ClusterConfig.Saved.QUORUM,
                List.of(URI.create("http://a:8222")))),
        config.relay().cluster());
    assertEquals(Optional.empty(), read(List.of(), Map.of()).relay().cluster());
  }

  @Test
  @DisplayName("each wrong setting of a cluster is named with what to write instead")
  void wrongClusters() throws ConfigException {
    assertEquals(
        List.of(
            "--cluster \"http://a:4222\" must list URLs like nats://HOST:4222, separated by commas,"
                + " without a password; that belongs into --cluster-creds",
            "PARLOR_CLUSTER_MONITOR \"a:8222\" must list URLs like http://HOST:8222, separated by"
                + " commas, without a password; that belongs into --cluster-creds",
            "PARLOR_SAVED \"memory\" must be one of disk, quorum",
            "PARLOR_CLUSTER_PREFIX \"a b\" must have 1 to 32 letters, digits, '_' or '-'"),
        problems(
            List.of("--cluster", "http://a:4222"),
            Map.of(
                "PARLOR_CLUSTER_MONITOR", "a:8222",
                "PARLOR_SAVED", "memory",
                "PARLOR_CLUSTER_PREFIX", "a b")));
    assertEquals(
        1,
        problems(
                List.of("--cluster", "nats://a:4222", "--cluster-creds", "/no/such/file"), Map.of())
            .size());
  }

  @Test
  void environmentCanNameTheFile() throws Exception {
    assertEquals(9, read(List.of(), Map.of("PARLOR_CONFIG", file("port=9"))).relay().port());
  }

  @Test
  void flagAcceptsAnEqualsSign() throws ConfigException {
    assertEquals(0, read(List.of("--port=0"), Map.of()).relay().port());
  }

  @Test
  void openSyncDefaultsToLoopbackOnly() throws ConfigException {
    assertEquals(
        Access.CLOSED, read(List.of("--host", "0.0.0.0"), Map.of()).relay().sync().access());
    assertEquals(
        Access.CLOSED, read(List.of("--host", "example.org"), Map.of()).relay().sync().access());
    assertEquals(Access.OPEN, read(List.of("--host", "::1"), Map.of()).relay().sync().access());
    assertEquals(
        Access.OPEN, read(List.of("--host", "localhost"), Map.of()).relay().sync().access());
    assertEquals(
        Access.OPEN,
        read(List.of("--host", "0.0.0.0", "--open-sync", "open"), Map.of())
            .relay()
            .sync()
            .access());
    assertEquals(
        Access.CLOSED, read(List.of("--open-sync", "closed"), Map.of()).relay().sync().access());
  }

  @Test
  void modelEndpointNeedsAUrlAndAName() throws ConfigException {
    var environment =
        Map.of("PARLOR_LLM_URL", "https://models.example/v1/", "PARLOR_LLM_KEY", "sk-very-secret");
    var problems = problems(List.of(), environment);
    assertEquals(
        List.of("PARLOR_LLM_MODEL is missing: PARLOR_LLM_URL needs the name of a model"), problems);
    var endpoint = endpoint(read(List.of("--llm-model", "small"), environment));
    assertEquals("https://models.example/v1", endpoint.url());
    assertEquals("sk-very-secret", endpoint.key());
    assertEquals(List.of("small"), names(endpoint));
  }

  @Test
  void furtherModelsAreACommaSeparatedList() throws ConfigException {
    var endpoint =
        endpoint(
            read(
                List.of("--llm-models", " large,, m , small,large "),
                Map.of("PARLOR_LLM_URL", "http://127.0.0.1:1/v1", "PARLOR_LLM_MODEL", "m")));
    assertEquals(List.of("m", "large", "small"), names(endpoint));
  }

  private static EndpointSettings endpoint(ServerConfig config) {
    return config.models().orElseThrow().endpoints().getFirst();
  }

  private static List<String> names(EndpointSettings endpoint) {
    return endpoint.models().stream().map(model -> model.name()).toList();
  }

  @Test
  @DisplayName("a preset needs only its key, which may be in the provider's own variable")
  void presetNeedsOnlyItsKey() throws ConfigException {
    var config =
        read(List.of("--llm-preset", "anthropic"), Map.of("ANTHROPIC_API_KEY", "sk-very-secret"));
    assertEquals("https://api.anthropic.com", endpoint(config).url());
    assertEquals("sk-very-secret", endpoint(config).key());
    assertTrue(
        config
            .describe()
            .contains(
                "endpoint anthropic: anthropic at https://api.anthropic.com, key ********, models"
                    + " as the endpoint reports at start"),
        config.describe());
    assertFalse(config.describe().contains("very-secret"));
    assertEquals(
        List.of(
            "PARLOR_LLM_KEY is missing: the preset anthropic needs a key; ANTHROPIC_API_KEY is"
                + " accepted too"),
        problems(List.of("--llm-preset", "anthropic"), Map.of()));
    assertTrue(
        problems(List.of("--llm-preset", "opnai"), Map.of())
            .getFirst()
            .startsWith("--llm-preset \"opnai\" must be one of openai, anthropic, "));
  }

  @Test
  @DisplayName("time limits of a model are settings; a local preset has minutes; the lease follows")
  void timeLimitsAreSettings() throws ConfigException {
    var remote = List.of("--llm-url", "http://127.0.0.1:1", "--llm-model", "m");
    assertEquals(180, read(remote, Map.of()).limits().generation().leaseSeconds());
    var slow =
        read(
            List.of("--llm-preset", "ollama", "--llm-first-word-seconds", "900"),
            Map.of("PARLOR_LLM_TOTAL_SECONDS", "7200"));
    var times = endpoint(slow).timeouts(slow.models().orElseThrow().times(), Timeouts.DEFAULT);
    assertEquals(Duration.ofMinutes(15), times.firstToken());
    assertEquals(Duration.ofMinutes(2), times.betweenTokens());
    assertEquals(Duration.ofHours(2), times.total());
    assertEquals(7_230, slow.limits().generation().leaseSeconds());
    assertEquals(
        List.of("--llm-total-seconds \"0\" must be a whole number from 1 to 86400"),
        problems(List.of("--llm-total-seconds", "0"), Map.of()));
  }

  @Test
  @DisplayName("a problem in the file of models names the file, its line and the field")
  void problemsInTheFileOfModels() throws Exception {
    var file = file("{\"endpoints\": [\n{\"preset\": \"ollama\", \"port\": 1}]}");
    var problems = problems(List.of("--models", file), Map.of());
    assertTrue(
        problems.getFirst().contains(" line 2, endpoints[0].port: is unknown"),
        problems.toString());
    assertTrue(
        problems(List.of("--models", file, "--llm-url", "http://a", "--llm-model", "m"), Map.of())
            .getFirst()
            .contains("excludes PARLOR_LLM_URL and PARLOR_LLM_PRESET"));
  }

  @Test
  void secretsAreMaskedInEveryOutput() throws ConfigException {
    var config =
        read(
            List.of(),
            Map.of(
                "PARLOR_LLM_URL", "http://127.0.0.1:1/v1",
                "PARLOR_LLM_KEY", "sk-very-secret",
                "PARLOR_LLM_MODEL", "m"));
    assertFalse(config.toString().contains("sk-very"), config.toString());
    assertFalse(config.describe().contains("sk-very"), config.describe());
    assertTrue(config.describe().contains("********"));
  }

  @Test
  void adminTokenHasAMinimumLengthAndIsMasked() throws ConfigException {
    assertEquals(Optional.empty(), read(List.of(), Map.of()).adminToken());
    var config = read(List.of(), Map.of("PARLOR_ADMIN_TOKEN", "sixteen letters!"));
    assertEquals("sixteen letters!", config.adminToken().orElseThrow().value());
    assertFalse(config.toString().contains("sixteen letters"), config.toString());
    assertFalse(config.describe().contains("sixteen letters"), config.describe());
    assertEquals(
        List.of("PARLOR_ADMIN_TOKEN must have at least 16 characters"),
        problems(List.of(), Map.of("PARLOR_ADMIN_TOKEN", "fifteen letters")));
    assertEquals(
        List.of("--admin-token: others can read command lines; use PARLOR_ADMIN_TOKEN"),
        problems(List.of("--admin-token", "sixteen letters!"), Map.of()));
  }

  @Test
  void secretsCannotBeFlags() {
    assertEquals(
        List.of("--llm-key: others can read command lines; use PARLOR_LLM_KEY"),
        problems(List.of("--llm-key", "sk-1"), Map.of()));
  }

  @Test
  @DisplayName("tokens for documents need a key; an older name of the setting must not differ")
  void tokensForDocuments() throws ConfigException {
    var key = Map.of("PARLOR_SYNC_KEY", "app.pem", "PARLOR_SYNC_AUDIENCE", "relay");
    var sync = read(List.of("--sync-access", "token"), key).relay().sync();
    assertEquals(
        new SyncSettings(
            Access.TOKEN,
            Optional.of(
                new SyncSettings.Issuer(
                    new SyncSettings.Keys.PemFile(directory.resolve("app.pem")),
                    Optional.empty(),
                    Optional.of("relay"))),
            Optional.empty()),
        sync);
    assertEquals(
        List.of(
            "--sync-access \"token\" needs the key of the tokens' issuer: set PARLOR_SYNC_KEY"
                + " (--sync-key) or PARLOR_SYNC_JWKS_URL (--sync-jwks-url)"),
        problems(List.of("--sync-access", "token"), Map.of()));
    assertEquals(
        List.of(
            "PARLOR_OPEN_SYNC (--open-sync) is an older name of PARLOR_SYNC_ACCESS"
                + " (--sync-access), and both are set to different values; set only the latter"),
        problems(List.of("--sync-access", "closed", "--open-sync", "open"), Map.of()));
    assertEquals(
        Access.OPEN,
        read(List.of("--sync-access", "open", "--open-sync", "open"), Map.of())
            .relay()
            .sync()
            .access());
    assertEquals(
        List.of(
            "--sync-authorizer \"http://app.example\" must be https; otherwise an attacker on the"
                + " network could give permissions"),
        problems(
            List.of("--sync-access", "token", "--sync-authorizer", "http://app.example"), key));
    assertEquals(
        List.of(
            "the settings of tokens for documents have no effect: PARLOR_SYNC_ACCESS is not token"),
        read(List.of(), key).notes());
  }

  @Test
  @DisplayName("a bad document policy is a problem of the settings, with its line")
  void badDocumentPolicy() throws IOException {
    var policy = file("{\"version\": 1,\n\"rules\": 2}");
    assertEquals(
        List.of(
            "--document-policy \"" + policy + "\" line 2: the field rules must be a list of rules"),
        problems(List.of("--document-policy", policy), Map.of()));
  }

  @Test
  void allInvalidSettingsAreReportedTogether() throws IOException {
    var file = file("port = many\ncolour = red\n");
    var problems =
        problems(
            List.of("--config", file, "--host", "http://x", "--nonsense", "1", "--data"),
            Map.of(
                "PARLOR_IDLE_SECONDS", "0",
                "PARLOR_ORIGINS", "example.org",
                "PARLOR_PUBLIC_URL", "ftp://x",
                "PARLOR_OPEN_SYNC", "maybe",
                "PARLOR_LOG", "loud"));
    assertEquals(
        List.of(
            "--nonsense: there is no such setting; parlor --help lists them",
            "--data: a value is missing",
            "colour in " + directory.resolve(file) + ": there is no such setting",
            "--host \"http://x\" is not an address; try 127.0.0.1",
            "port ("
                + directory.resolve(file)
                + ") \"many\" must be a whole number from 0 to 65535",
            "PARLOR_IDLE_SECONDS \"0\" must be a whole number from 1 to 2592000",
            "PARLOR_ORIGINS \"example.org\" must list origins like https://example.org, separated"
                + " by commas",
            "PARLOR_PUBLIC_URL \"ftp://x\" must be a URL that starts with http:// or https://",
            "PARLOR_OPEN_SYNC \"maybe\" must be open, token or closed",
            "PARLOR_LOG \"loud\" must be one of error, warn, info, debug"),
        problems);
  }

  private static final String BASE_PATH_RULE =
      " must begin with a slash and have plain segments like /parlor, and its first segment must"
          + " not be one of the server's own, such as api or r";

  @Test
  @DisplayName("The base path is the one set, or else the path of the public URL, with no mismatch")
  void basePathAgreesWithThePublicUrl() throws Exception {
    var url = "https://tools.example";
    var own =
        read(List.of(), Map.of("PARLOR_BASE_PATH", "/parlor/", "PARLOR_PUBLIC_URL", url)).relay();
    assertEquals("/parlor", own.basePath().text());
    assertEquals(Optional.of(URI.create(url + "/parlor")), own.publicUrl());
    var ofUrl = read(List.of(), Map.of("PARLOR_PUBLIC_URL", url + "/tools/parlor")).relay();
    assertEquals("/tools/parlor", ofUrl.basePath().text());
    assertEquals("", read(List.of(), Map.of()).relay().basePath().text());
    assertEquals(
        List.of(
            "PARLOR_BASE_PATH \"/b\" differs from the path of PARLOR_PUBLIC_URL (--public-url),"
                + " /c"),
        problems(List.of(), Map.of("PARLOR_BASE_PATH", "/b", "PARLOR_PUBLIC_URL", url + "/c")));
    assertEquals(
        List.of("PARLOR_BASE_PATH \"/api\"" + BASE_PATH_RULE),
        problems(List.of(), Map.of("PARLOR_BASE_PATH", "/api")));
    assertEquals(
        List.of("PARLOR_PUBLIC_URL \"" + url + "/r/x\" has a path that" + BASE_PATH_RULE),
        problems(List.of(), Map.of("PARLOR_PUBLIC_URL", url + "/r/x")));
  }

  @Test
  @DisplayName("Origins of apps with their own schemes are read; null and file:// give a warning")
  void originsOfAppsAreRead() throws Exception {
    var config =
        read(
            List.of(),
            Map.of(
                "PARLOR_ORIGINS",
                "capacitor://localhost, Tauri://localhost, file://, null, https://a.example:8443"));
    assertEquals(
        List.of(
            "capacitor://localhost", "tauri://localhost", "null", "null", "https://a.example:8443"),
        config.relay().origins());
    assertEquals(
        List.of(
            "PARLOR_ORIGINS (--origins): every page can send the origin null, so null and file://"
                + " count only for requests with a token, a ticket or a room's key"),
        config.notes());
    for (var bad :
        List.of(
            "capacitor:", "capacitor://", "x y://z", "https://a.example/x", "a://b/c", "http:")) {
      assertEquals(1, problems(List.of(), Map.of("PARLOR_ORIGINS", bad)).size(), bad);
    }
  }

  @Test
  @DisplayName("The PROXY protocol is on or off, and excludes the header Forwarded")
  void proxyProtocolIsRead() throws Exception {
    var on = Map.of("PARLOR_PROXY_PROTOCOL", "on", "PARLOR_TRUSTED_PROXIES", "10.0.0.7");
    assertTrue(read(List.of(), on).relay().clients().proxyProtocol());
    assertFalse(read(List.of(), Map.of()).relay().clients().proxyProtocol());
    assertEquals(
        List.of(
            "PARLOR_PROXY_PROTOCOL (--proxy-protocol) counts no client's address without"
                + " PARLOR_TRUSTED_PROXIES (--trusted-proxies)"),
        read(List.of(), Map.of("PARLOR_PROXY_PROTOCOL", "on")).notes());
    assertEquals(
        List.of("PARLOR_PROXY_PROTOCOL \"yes\" must be on or off"),
        problems(List.of(), Map.of("PARLOR_PROXY_PROTOCOL", "yes")));
    assertEquals(
        List.of(
            "PARLOR_PROXY_PROTOCOL \"on\" needs the value x-forwarded-for of"
                + " PARLOR_FORWARDED_HEADER (--forwarded-header)"),
        problems(
            List.of(),
            Map.of(
                "PARLOR_PROXY_PROTOCOL", "on",
                "PARLOR_FORWARDED_HEADER", "forwarded",
                "PARLOR_TRUSTED_PROXIES", "10.0.0.7")));
  }

  @Test
  void missingFileIsReportedWithItsSetting() {
    assertEquals(
        List.of(
            "--config: the file "
                + directory.resolve("absent.properties")
                + " cannot be read (there is no such file)"),
        problems(List.of("--config", "absent.properties"), Map.of()));
  }

  @Test
  void originsAreReadWithoutTrailingSlashes() throws ConfigException {
    var config = read(List.of("--origins", "https://A.example/, http://b.example:8080"), Map.of());
    assertEquals(List.of("https://a.example", "http://b.example:8080"), config.relay().origins());
  }

  @Test
  @DisplayName("Without a setting no proxy is trusted, and X-Forwarded-For is the header")
  void noProxyIsTrustedByDefault() throws ConfigException {
    assertEquals(ClientAddresses.ofSockets(), read(List.of(), Map.of()).relay().clients());
  }

  @Test
  @DisplayName("Trusted proxies are addresses or blocks of IPv4 and IPv6, and config prints them")
  void trustedProxiesAreBlocksAndAddresses() throws ConfigException {
    var config =
        read(
            List.of("--trusted-proxies", "10.0.0.0/8, 192.0.2.7,,fd00::/8,::1"),
            Map.of("PARLOR_FORWARDED_HEADER", "Forwarded"));
    assertEquals(
        List.of("10.0.0.0/8", "192.0.2.7/32", "fd00:0:0:0:0:0:0:0/8", "0:0:0:0:0:0:0:1/128"),
        config.relay().clients().trusted().stream().map(Object::toString).toList());
    assertEquals(ForwardedHeader.FORWARDED, config.relay().clients().header());
    assertEquals(List.of(), config.notes());
    assertTrue(
        config.describe().contains("10.0.0.0/8, 192.0.2.7,,fd00::/8,::1"), config.describe());
    assertTrue(
        config.describe().matches("(?s).*forwarded-header +Forwarded +\\(PARLOR_FORWARDED_.*"),
        config.describe());
  }

  @Test
  @DisplayName(
      "A trusted proxy that is neither address nor block is refused with setting and value")
  void invalidProxiesAreRefused() {
    assertEquals(
        List.of(
            "--trusted-proxies \"10.0.0.1, nginx\" must list addresses, or blocks like 10.0.0.0/8"
                + " and fd00::/8, separated by commas; \"nginx\" is neither",
            "PARLOR_FORWARDED_HEADER \"x-real-ip\" must be x-forwarded-for or forwarded"),
        problems(
            List.of("--trusted-proxies", "10.0.0.1, nginx"),
            Map.of("PARLOR_FORWARDED_HEADER", "x-real-ip")));
    var manyProxies = "10.0.0.1,".repeat(FixedLimits.TRUSTED_PROXIES_MAX);
    assertTrue(
        problems(List.of("--trusted-proxies", manyProxies + "10.0.0.2"), Map.of())
            .getFirst()
            .endsWith("must list at most 256 blocks; join some of them"));
  }

  @Test
  @DisplayName("Valid but unusual proxy settings are accepted with a note")
  void unusualProxySettingsAreNoted() throws ConfigException {
    assertEquals(
        List.of(
            "PARLOR_TRUSTED_PROXIES (--trusted-proxies): 10.1.2.3/8 is read as 10.0.0.0/8",
            "PARLOR_TRUSTED_PROXIES (--trusted-proxies): ::/0 trusts every address, so clients can"
                + " claim any address"),
        read(List.of("--trusted-proxies", "10.1.2.3/8,::/0,::ffff:10.0.0.0/104"), Map.of())
            .notes());
    assertEquals(
        List.of(
            "PARLOR_FORWARDED_HEADER (--forwarded-header) has no effect without"
                + " PARLOR_TRUSTED_PROXIES (--trusted-proxies)"),
        read(List.of("--forwarded-header", "forwarded"), Map.of()).notes());
  }

  @Test
  @DisplayName("the transport of WebSockets defaults to auto, and an unknown transport is refused")
  void socketTransportIsOneOfThree() throws ConfigException {
    assertEquals(SocketTransport.AUTO, read(List.of(), Map.of()).relay().sockets());
    assertEquals(
        SocketTransport.LOOP, read(List.of("--sockets", "loop"), Map.of()).relay().sockets());
    assertEquals(
        SocketTransport.HELIDON,
        read(List.of(), Map.of("PARLOR_SOCKETS", "Helidon")).relay().sockets());
    assertEquals(
        List.of("--sockets \"nio\" must be one of auto, helidon, loop"),
        problems(List.of("--sockets", "nio"), Map.of()));
  }

  @Test
  @DisplayName("A TLS certificate without a key, or a key without a certificate, is refused")
  void tlsNeedsBothFiles() throws ConfigException {
    assertEquals(Optional.empty(), read(List.of(), Map.of()).relay().tls());
    assertEquals(
        List.of(
            "PARLOR_TLS_KEY (--tls-key) is missing: TLS needs a certificate and its private key"),
        problems(List.of("--tls-cert", "cert.pem"), Map.of()));
    assertEquals(
        List.of(
            "PARLOR_TLS_CERT (--tls-cert) is missing: TLS needs a certificate and its private key"),
        problems(List.of(), Map.of("PARLOR_TLS_KEY", "key.pem")));
  }

  @Test
  @DisplayName(
      "TLS files are checked when settings are read; an error names the setting and the file")
  void tlsFilesAreChecked() throws Exception {
    var authority = TestCertificates.in(directory);
    var files = authority.issueFiles("server");
    var flags = List.of("--tls-cert", "server-cert.pem", "--tls-key", "server-key.pem");
    var config = read(flags, Map.of());
    assertEquals(
        new RelayConfig.Tls(files.certificate(), files.key()), config.relay().tls().orElseThrow());
    assertEquals(List.of(), config.notes());
    assertEquals(SocketTransport.HELIDON, config.relay().sockets());
    assertTrue(config.describe().contains("sockets          helidon "), config.describe());
    assertEquals(
        List.of("--tls-key \"absent.pem\" does not exist; give the path of a PEM file"),
        problems(List.of("--tls-cert", "server-cert.pem", "--tls-key", "absent.pem"), Map.of()));
    assertEquals(
        List.of(
            "PARLOR_TLS_CERT \"server-key.pem\" has a private key and no certificate; --tls-cert and"
                + " --tls-key may be swapped"),
        problems(
            List.of(),
            Map.of("PARLOR_TLS_CERT", "server-key.pem", "PARLOR_TLS_KEY", "server-cert.pem")));
    var key = Files.readAllLines(files.key()).get(1);
    assertFalse(config.describe().contains(key) || config.toString().contains(key));
  }

  @Test
  @DisplayName(
      "an expired certificate, and settings that have no effect with TLS, are accepted with a note")
  void unusualTlsSettingsAreNoted() throws Exception {
    var files = TestCertificates.in(directory).issueFiles("server");
    var flags =
        List.of(
            "--tls-cert",
            files.certificate().toString(),
            "--tls-key",
            files.key().toString(),
            "--sockets",
            "loop",
            "--public-url",
            "http://parlor.example");
    var config =
        ServerConfig.read(flags, Map.of(), directory, () -> Instant.parse("2999-01-01T00:00:00Z"));
    assertEquals(3, config.notes().size(), config.notes().toString());
    assertTrue(
        config
            .notes()
            .get(0)
            .startsWith("PARLOR_TLS_CERT (--tls-cert): " + files.certificate() + " expired at 20"),
        config.notes().get(0));
    assertEquals(
        List.of(
            "PARLOR_SOCKETS (--sockets): the loop serves plain TCP only; with TLS, Helidon serves"
                + " the WebSockets",
            "PARLOR_PUBLIC_URL (--public-url) begins with http://, but with PARLOR_TLS_CERT"
                + " (--tls-cert) the server speaks https only"),
        config.notes().subList(1, 3));
  }

  @Test
  @DisplayName("apps have host names under localhost on loopback, and elsewhere only if set")
  void appsHost() throws ConfigException {
    assertEquals(Optional.of("localhost"), read(List.of(), Map.of()).apps().host());
    for (var flags :
        List.of(
            List.of("--host", "0.0.0.0"),
            List.of("--public-url", "https://parlor.example"),
            List.of("--apps-host", "none"))) {
      var config = read(flags, Map.of());
      assertEquals(Optional.empty(), config.apps().host(), flags.toString());
      assertTrue(config.describe().contains("apps-host        none "), config.describe());
    }
    var set = read(List.of("--apps-host", "Apps.Example.org"), Map.of("PARLOR_HOST", "0.0.0.0"));
    assertEquals(Optional.of("apps.example.org"), set.apps().host());
    for (var bad :
        List.of("https://apps.example.org", "apps.example.org:80", "-a.org", "a..org", "a b")) {
      assertEquals(
          List.of(
              "--apps-host \""
                  + bad
                  + "\" must be a domain such as apps.example.org, without scheme and port, or"
                  + " none"),
          problems(List.of("--apps-host", bad), Map.of()));
    }
  }

  @Test
  @DisplayName(
      "the apps API has no rates on loopback, rates for a public server, and the rates that are set")
  void apiRates() throws ConfigException {
    var local = read(List.of(), Map.of());
    assertEquals(RequestRates.Limits.NONE, local.apps().rates());
    assertEquals(RequestLog.Level.ALL, local.apps().requestLog());
    for (var flags :
        List.of(List.of("--host", "0.0.0.0"), List.of("--public-url", "https://parlor.example"))) {
      var config = read(flags, Map.of());
      assertEquals(new RequestRates.Limits(50, 200), config.apps().rates());
      assertTrue(config.describe().contains("api-user-rate    50 "), config.describe());
    }
    var set =
        read(
            List.of("--host", "0.0.0.0", "--api-user-rate", "0", "--api-log", "refused"),
            Map.of("PARLOR_API_ADDRESS_RATE", "7"));
    assertEquals(new RequestRates.Limits(0, 7), set.apps().rates());
    assertEquals(RequestLog.Level.REFUSED, set.apps().requestLog());
    for (var bad : List.of("-1", "none", "1.5", "100001")) {
      assertEquals(
          List.of("--api-user-rate \"" + bad + "\" must be a whole number from 0 to 100000"),
          problems(List.of("--api-user-rate", bad), Map.of()));
    }
    assertEquals(
        List.of("--api-log \"some\" must be all, refused or none"),
        problems(List.of("--api-log", "some"), Map.of()));
  }

  @Test
  @DisplayName(
      "keys and tokens from before a rotation need their successor and one end time, and are never shown")
  void oldKeys() throws ConfigException {
    var until = Map.of("PARLOR_OLD_KEYS_UNTIL", "2027-01-31T12:00:00Z");
    var secret = "the token before this one";
    var environment = new HashMap<>(until);
    environment.put("PARLOR_ADMIN_TOKEN", "a token of the operator");
    environment.put("PARLOR_ADMIN_TOKEN_OLD", secret);
    var flags =
        List.of(
            "--device-ca",
            "ca.json",
            "--device-ca-old",
            "old.json",
            "--device-revoked",
            "r.txt",
            "--jwt-key",
            "key.pem",
            "--jwt-key-old",
            "old.pem");
    var config = read(flags, environment);
    var end = Instant.parse("2027-01-31T12:00:00Z");
    assertEquals(end, config.oldAdminToken().orElseThrow().until());
    assertEquals(end, config.jwt().orElseThrow().oldKey().orElseThrow().until());
    assertTrue(config.apps().oldDeviceCa().orElseThrow().value().endsWith("old.json"));
    assertTrue(config.apps().revokedDevices().orElseThrow().endsWith("r.txt"));
    assertFalse(config.describe().contains(secret), config.describe());

    assertEquals(
        List.of(
            "PARLOR_DEVICE_CA_OLD is set without PARLOR_DEVICE_CA, which replaces it",
            "PARLOR_DEVICE_CA_OLD needs PARLOR_OLD_KEYS_UNTIL, the time from which on only"
                + " PARLOR_DEVICE_CA counts"),
        problems(List.of("--device-ca-old", "old.json"), Map.of()));
    assertEquals(
        List.of(
            "PARLOR_DEVICE_REVOKED is set without PARLOR_DEVICE_CA: without a CA no device is"
                + " accepted"),
        problems(List.of("--device-revoked", "r.txt"), Map.of()));
    for (var bad : List.of("tomorrow", "2027-01-31", "2027-01-31T12:00:00")) {
      assertEquals(
          List.of(
              "--old-keys-until \""
                  + bad
                  + "\" must be a time in UTC such as 2027-01-31T12:00:00Z"),
          problems(List.of("--old-keys-until", bad), Map.of()));
    }
    assertEquals(
        List.of("PARLOR_OLD_KEYS_UNTIL has no effect: no old key or token is set"),
        read(List.of(), until).notes());
    var late = Map.of("PARLOR_OLD_KEYS_UNTIL", "2001-01-31T12:00:00Z");
    assertEquals(
        List.of(
            "PARLOR_OLD_KEYS_UNTIL has passed: the old keys and tokens no longer count; remove"
                + " their settings"),
        read(flags, late).notes());
  }

  @Test
  @DisplayName("packages of another host need an https URL and a list of their names")
  void outsidePackages() throws ConfigException {
    assertEquals(Optional.empty(), read(List.of(), Map.of()).apps().outsidePackages());
    var config =
        read(
            List.of("--apps-packages", "https://esm.sh/"),
            Map.of("PARLOR_APPS_PACKAGES_ALLOWED", "three@0.180.0, @scope/a"));
    assertEquals("https://esm.sh", config.apps().outsidePackages().orElseThrow().origin());
    var lonely =
        List.of(
            "PARLOR_APPS_PACKAGES and PARLOR_APPS_PACKAGES_ALLOWED need each other: only listed"
                + " packages are loaded from another host");
    assertEquals(lonely, problems(List.of("--apps-packages", "https://esm.sh/"), Map.of()));
    assertEquals(lonely, problems(List.of("--apps-packages-allowed", "three"), Map.of()));
    var rules =
        Map.of(
            "http://esm.sh/", "an https URL without ; , and ', such as https://esm.sh/",
            "https://esm.sh/a;b", "an https URL without ; , and ', such as https://esm.sh/",
            "esm.sh", "a URL that starts with http:// or https://",
            "https://esm.sh/?a", "a URL that starts with http:// or https://",
            "https://u@esm.sh/", "a URL that starts with http:// or https://");
    for (var bad : rules.entrySet()) {
      var problems =
          problems(
              List.of("--apps-packages", bad.getKey(), "--apps-packages-allowed", "three"),
              Map.of());
      assertEquals(
          "--apps-packages \"" + bad.getKey() + "\" must be " + bad.getValue(),
          problems.getFirst());
    }
    for (var bad : List.of("*", "Three", "three@", "../a", "three,", "a b", "three;x")) {
      var problems =
          problems(
              List.of("--apps-packages", "https://esm.sh/", "--apps-packages-allowed", bad),
              Map.of());
      assertEquals(1, problems.size(), bad);
      assertTrue(
          problems
              .getFirst()
              .endsWith("which is no name of an npm package with or without @version"),
          problems.toString());
    }
    assertEquals(
        List.of("PARLOR_APPS_PACKAGES_ALLOWED has three twice"),
        problems(
            List.of(
                "--apps-packages", "https://esm.sh/", "--apps-packages-allowed", "three,three@1"),
            Map.of()));
  }

  @Test
  @DisplayName("the quotas of apps have defaults, can be set and are checked")
  void quotas() throws ConfigException {
    assertEquals(Quotas.defaults(), read(List.of(), Map.of()).apps().quotas());
    var environment =
        Map.of(
            "PARLOR_HANDLES_MAX", "1",
            "PARLOR_APPS_MAX", "2",
            "PARLOR_RELEASES_MAX", "3",
            "PARLOR_APP_MEGABYTES_MAX", "4096",
            "PARLOR_CONTEXTS_MAX", "5");
    assertEquals(
        new Quotas(1, 2, 3, 4_096L << 20, 5), read(List.of(), environment).apps().quotas());
    assertEquals(
        List.of("--apps-max \"0\" must be a whole number from 1 to 1000"),
        problems(List.of("--apps-max", "0"), Map.of()));
  }

  @Test
  @DisplayName(
      "the names of Clerk's variables are accepted for the issuer's key, as a path or text")
  void clerkVariables() throws ConfigException {
    var url = "https://a.clerk.accounts.dev/.well-known/jwks.json";
    assertEquals(
        Optional.of(
            new ServerConfig.Jwt(
                new ServerConfig.Jwt.Keys.JwksUrl(java.net.URI.create(url)),
                Optional.empty(),
                Optional.empty(),
                Optional.empty())),
        read(List.of(), Map.of("CLERK_PUB_JWT_URL", url)).jwt());
    var text = "-----BEGIN PUBLIC KEY-----\\nAAAA\\n-----END PUBLIC KEY-----";
    var config = read(List.of(), Map.of("CLERK_PUB_JWT_KEY", text));
    assertEquals(
        new ServerConfig.Jwt.Keys.PemText(text.replace("\\n", "\n")),
        config.jwt().orElseThrow().keys());
    assertTrue(config.describe().contains("(the text of a key)"), config.describe());
    assertTrue(config.describe().contains("(CLERK_PUB_JWT_KEY)"), config.describe());
    var own = Map.of("CLERK_PUB_JWT_KEY", "clerk.pem", "PARLOR_JWT_KEY", "own.pem");
    assertEquals(
        new ServerConfig.Jwt.Keys.PemFile(directory.resolve("own.pem")),
        read(List.of(), own).jwt().orElseThrow().keys());
    assertEquals(
        List.of("CLERK_PUB_JWT_URL \"ftp://x\" must be a URL that starts with http:// or https://"),
        problems(List.of(), Map.of("CLERK_PUB_JWT_URL", "ftp://x")));
  }

  @Test
  void unknownVariableIsNoted() throws ConfigException {
    assertEquals(
        List.of("PARLOR_PROT is set, but no setting has that name"),
        read(List.of(), Map.of("PARLOR_PROT", "1", "PARLOR_JAVA_HOME", "/jdk")).notes());
  }

  @Test
  void helpNamesEverySetting() {
    for (var setting : ServerConfig.settings()) {
      assertTrue(ServerConfig.help().contains(setting.variable()), setting.name());
    }
  }

  private ServerConfig read(List<String> flags, Map<String, String> environment)
      throws ConfigException {
    return ServerConfig.read(flags, environment, directory);
  }

  private List<String> problems(List<String> flags, Map<String, String> environment) {
    return assertThrows(ConfigException.class, () -> read(flags, environment)).problems();
  }

  private String file(String text) throws IOException {
    Files.writeString(directory.resolve("parlor.properties"), text);
    return "parlor.properties";
  }
}
