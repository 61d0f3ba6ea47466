package dev.parlor.server;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * The dependencies between packages, as the table in {@code docs/architecture.md} allows them. A
 * test fails for a new package until it is listed here.
 */
class ArchitectureTest {

  private static final String CRDT = "dev.parlor.crdt.";
  private static final String RELAY = "dev.parlor.relay.";
  private static final String ROOM = "dev.parlor.room.";
  private static final String APPS = "dev.parlor.apps.";
  private static final String CLIENT = "dev.parlor.client";
  private static final String CONTEXTS = "dev.parlor.contexts";
  private static final String MODEL = "dev.parlor.model";
  private static final String NATS = "dev.parlor.nats";
  private static final String REPLICA = CRDT + "replica..";
  private static final String SERVER = "dev.parlor.server";
  private static final String RELAY_ROOT = "dev.parlor.relay";

  /**
   * All packages. A test checks that each has classes, since a rule on an empty one always passes.
   */
  private static final Set<String> PACKAGES =
      new TreeSet<>(
          Stream.of(
                  under(
                      CRDT,
                      "content",
                      "document",
                      "format",
                      "graph",
                      "identity",
                      "operations",
                      "replica",
                      "sync",
                      "wire"),
                  under(
                      RELAY,
                      "access",
                      "address",
                      "admission",
                      "backup",
                      "cluster",
                      "config",
                      "deletion",
                      "document",
                      "documents",
                      "documents.http",
                      "health",
                      "http",
                      "nodes",
                      "policy",
                      "quarantine",
                      "rate",
                      "socket",
                      "socket.transport",
                      "storage",
                      "stream",
                      "tls",
                      "token",
                      "webhook"),
                  under(
                      ROOM,
                      "access",
                      "archive",
                      "generation",
                      "http",
                      "image",
                      "limits",
                      "program",
                      "schema",
                      "template",
                      "worker"),
                  under(
                      APPS,
                      "address",
                      "api",
                      "asset",
                      "content",
                      "error",
                      "http",
                      "identity",
                      "limits",
                      "message",
                      "rate",
                      "record",
                      "release",
                      "settings",
                      "site",
                      "slug",
                      "socket",
                      "transform"),
                  Stream.of(
                      CLIENT,
                      CLIENT + ".connection",
                      CLIENT + ".peer",
                      CLIENT + ".store",
                      CONTEXTS,
                      MODEL,
                      MODEL + ".config",
                      NATS,
                      NATS + ".check",
                      NATS + ".client",
                      NATS + ".command",
                      NATS + ".nodes",
                      NATS + ".records",
                      NATS + ".store",
                      RELAY_ROOT,
                      SERVER,
                      SERVER + ".backup",
                      SERVER + ".config",
                      SERVER + ".contexts",
                      SERVER + ".images",
                      "dev.parlor.terminal"))
              .flatMap(names -> names)
              .toList());

  private static Stream<String> under(String root, String... names) {
    return Stream.of(names).map(root::concat);
  }

  private static JavaClasses parlor = new ClassFileImporter().importPackages();

  @BeforeAll
  static void readClasses() {
    parlor =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages(
                "dev.parlor.client",
                "dev.parlor.crdt",
                "dev.parlor.relay",
                "dev.parlor.nats",
                "dev.parlor.room",
                "dev.parlor.apps",
                "dev.parlor.contexts",
                "dev.parlor.server",
                "dev.parlor.terminal",
                "dev.parlor.model");
  }

  @Test
  @DisplayName("every package of the project is listed in this test and has classes")
  void everyPackageIsListedAndHasClasses() {
    var foundPackages = new TreeSet<String>();
    parlor.forEach(type -> foundPackages.add(type.getPackageName()));
    assertEquals(PACKAGES, foundPackages);
  }

  @Test
  @DisplayName("every package is annotated with @NullMarked")
  void everyPackageIsNullMarked() {
    for (var name : PACKAGES) {
      assertTrue(
          parlor.getPackage(name).isAnnotatedWith(NullMarked.class),
          name + " has no @NullMarked package-info");
    }
  }

  @Test
  @DisplayName("only the replica package uses the Automerge bindings")
  void onlyReplicaUsesTheBindings() {
    noClasses()
        .that(not(resideInAPackage(REPLICA)))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.automerge..")
        .check(parlor);
    classes()
        .that()
        .haveFullyQualifiedName(CRDT + "replica.Replica")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.automerge..")
        .check(parlor);
  }

  @Test
  @DisplayName("packages on the path of a change do not use the replica package")
  void pathOfAChangeDoesNotUseReplica() {
    for (var name :
        List.of(
            RELAY + "socket",
            RELAY + "document",
            RELAY + "admission",
            RELAY + "policy",
            RELAY + "storage",
            ROOM + "access",
            CRDT + "wire",
            CRDT + "sync",
            CRDT + "graph",
            CRDT + "document",
            CRDT + "format")) {
      assertUsesNone(name, REPLICA);
    }
  }

  @Test
  @DisplayName("the relay's packages do not use the room or the model")
  void relayUsesNeitherRoomNorModel() {
    noClasses()
        .that(resideInAnyPackage(RELAY_ROOT, RELAY + "."))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(ROOM + ".", SERVER + "..", MODEL + "..")
        .check(parlor);
  }

  @Test
  @DisplayName("only the relay's transport and the HTTP interfaces use Helidon")
  void onlyTransportAndHttpUseHelidon() {
    noClasses()
        .that(
            not(
                resideInAnyPackage(
                    RELAY + "socket..",
                    RELAY + "http",
                    RELAY + "documents.http",
                    ROOM + "http",
                    ROOM + "program",
                    APPS + "http",
                    APPS + "socket",
                    APPS + "site")))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.helidon..")
        .check(parlor);
  }

  @Test
  @DisplayName("apps and contexts do not use the room or the model")
  void appsUseNeitherRoomNorModel() {
    noClasses()
        .that(resideInAnyPackage(APPS + ".", CONTEXTS))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(ROOM + ".", SERVER + "..", MODEL + "..")
        .check(parlor);
    assertUsesNone(APPS + "site", APPS + "api", APPS + "socket");
    assertUsesOnly(APPS + "content", CRDT + "identity");
    assertUsesOnly(APPS + "error");
    assertUsesOnly(APPS + "limits");
    assertUsesOnly(APPS + "rate", APPS + "error", APPS + "limits", RELAY + "rate");
    assertUsesOnly(APPS + "slug", APPS + "error", APPS + "limits");
  }

  @Test
  @DisplayName("only storage uses MapDB")
  void onlyStorageUsesMapDb() {
    noClasses()
        .that(not(resideInAPackage(RELAY + "storage..")))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.mapdb..")
        .check(parlor);
  }

  @Test
  @DisplayName("only the packages of the cluster use the client library of NATS")
  void onlyNatsUsesItsClient() {
    noClasses()
        .that(not(resideInAPackage(NATS + "..")))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.nats..")
        .check(parlor);
  }

  @Test
  @DisplayName("dependencies of the cluster's packages point one way")
  void packagesOfTheClusterDependOneWay() {
    assertUsesOnly(NATS + ".client", RELAY + "health", RELAY + "storage", CRDT + "identity");
    assertUsesOnly(
        NATS + ".nodes",
        NATS + ".client",
        RELAY + "cluster",
        RELAY + "health",
        RELAY + "nodes",
        CRDT + "identity");
    assertUsesOnly(
        NATS + ".records",
        NATS + ".client",
        RELAY + "cluster",
        RELAY + "storage",
        CRDT + "identity");
    assertUsesOnly(
        NATS + ".store",
        NATS + ".client",
        NATS + ".records",
        RELAY + "health",
        RELAY + "storage",
        CRDT + "identity");
    assertUsesOnly(
        NATS + ".check",
        NATS + ".client",
        NATS + ".store",
        RELAY + "config",
        RELAY + "health",
        CRDT + "identity");
    assertUsesOnly(
        NATS + ".command",
        NATS + ".check",
        NATS + ".client",
        NATS + ".nodes",
        NATS + ".records",
        NATS + ".store",
        RELAY + "backup",
        RELAY + "config",
        RELAY + "storage",
        CRDT + "identity");
    assertUsesOnly(
        NATS,
        NATS + ".check",
        NATS + ".client",
        NATS + ".nodes",
        NATS + ".records",
        NATS + ".store",
        RELAY + "cluster",
        RELAY + "config",
        RELAY + "health",
        RELAY + "nodes",
        RELAY + "storage");
  }

  @Test
  @DisplayName("only tokens, access and the identity of apps use JSON Web Tokens")
  void onlyAccessUsesJwts() {
    noClasses()
        .that(
            not(
                resideInAnyPackage(
                    RELAY + "token", RELAY + "access", ROOM + "access..", APPS + "identity")))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.nimbusds..")
        .check(parlor);
  }

  @Test
  @DisplayName("only room files are read as YAML")
  void onlyRoomFilesUseYaml() {
    noClasses()
        .that(not(resideInAPackage(ROOM + "template")))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.snakeyaml..")
        .check(parlor);
  }

  @Test
  @DisplayName(
      "only generation calls the model, and only the composition root and its settings choose it")
  void onlyGenerationUsesTheModel() {
    noClasses()
        .that(
            not(
                resideInAnyPackage(
                    ROOM + "generation..", MODEL + "..", SERVER, SERVER + ".config")))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(MODEL + "..")
        .check(parlor);
    noClasses()
        .that(not(resideInAPackage(MODEL + "..")))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("okhttp3..")
        .check(parlor);
  }

  @Test
  @DisplayName("dependencies of the server's packages point one way")
  void packagesOfTheServerDependOneWay() {
    assertUsesNone(RELAY + "document", RELAY + "socket..", RELAY + "http..", RELAY_ROOT);
    assertUsesNone(
        RELAY + "admission", RELAY + "document..", RELAY + "socket..", RELAY + "storage..");
    assertUsesNone(RELAY + "documents.http", RELAY + "storage..", RELAY + "document.");
    assertUsesOnly(
        RELAY + "documents",
        RELAY + "admission",
        RELAY + "config",
        RELAY + "document",
        RELAY + "storage",
        CRDT + "content",
        CRDT + "document",
        CRDT + "format",
        CRDT + "graph",
        CRDT + "identity",
        CRDT + "operations");
    assertUsesOnly(
        RELAY + "policy",
        RELAY + "admission",
        RELAY + "config",
        CRDT + "operations",
        CRDT + "identity");
    assertUsesOnly(
        RELAY + "deletion",
        RELAY + "cluster",
        RELAY + "config",
        RELAY + "document",
        RELAY + "storage",
        CRDT + "identity");
    assertUsesNone(RELAY + "webhook", RELAY + "socket..", RELAY + "documents..");
    assertUsesNone(RELAY + "stream", RELAY + "documents..", RELAY + "storage..");
    assertUsesOnly(RELAY + "address");
    assertUsesOnly(RELAY + "storage", RELAY + "config", RELAY + "health", CRDT + "identity");
    assertUsesOnly(
        RELAY + "backup",
        RELAY + "storage",
        RELAY + "config",
        CRDT + "document",
        CRDT + "format",
        CRDT + "identity");
    assertUsesOnly(RELAY + "quarantine", RELAY + "storage", CRDT + "identity");
    assertUsesOnly(RELAY + "nodes", CRDT + "identity");
    assertUsesOnly(
        RELAY + "cluster",
        RELAY + "nodes",
        RELAY + "storage",
        RELAY + "config",
        RELAY + "health",
        CRDT + "identity");
    assertUsesOnly(RELAY + "rate");
    assertUsesOnly(RELAY + "health", RELAY + "config");
    assertUsesOnly(RELAY + "config", RELAY + "address", RELAY + "tls");
    assertUsesOnly(RELAY + "tls");
    assertUsesNone(ROOM + "worker", RELAY + "socket..", ROOM + "http..", ROOM + "generation..");
    assertUsesNone(ROOM + "generation", RELAY + "socket..", ROOM + "http..", ROOM + "access..");
    assertUsesNone(
        ROOM + "program", RELAY + "storage..", RELAY + "admission.ChangePolicy", RELAY_ROOT);
    assertUsesNone(ROOM + "http", ROOM + "program..");
    assertUsesOnly("dev.parlor.terminal");
    assertUsesOnly(ROOM + "archive", RELAY + "storage", ROOM + "limits", CRDT + "identity");
    assertUsesOnly(ROOM + "schema", CRDT + "replica", CRDT + "identity");
    assertUsesOnly(ROOM + "limits", RELAY + "config");
    assertUsesOnly(ROOM + "template", ROOM + "schema", ROOM + "limits", CRDT + "replica");
    assertUsesOnly(ROOM + "image", CRDT + "identity");
  }

  @Test
  @DisplayName("dependencies of the core's packages point one way and never out of the core")
  void packagesOfTheCoreDependOneWay() {
    assertUsesOnly(CRDT + "identity");
    assertUsesOnly(CRDT + "format", CRDT + "identity");
    assertUsesOnly(CRDT + "document", CRDT + "format", CRDT + "identity");
    assertUsesOnly(
        CRDT + "content",
        CRDT + "document",
        CRDT + "format",
        CRDT + "identity",
        CRDT + "operations");
    assertUsesOnly(CRDT + "graph", CRDT + "format", CRDT + "identity");
    assertUsesOnly(CRDT + "operations", CRDT + "graph", CRDT + "format", CRDT + "identity");
    assertUsesOnly(CRDT + "sync", CRDT + "graph", CRDT + "format", CRDT + "identity");
    assertUsesOnly(CRDT + "wire", CRDT + "identity");
    assertUsesOnly(CRDT + "replica", CRDT + "format", CRDT + "identity");
    assertUsesOnly(MODEL);
    assertUsesOnly(MODEL + ".config", MODEL);
  }

  @Test
  @DisplayName("the client uses the core only, and its packages point one way")
  void clientUsesTheCoreOnly() {
    assertUsesOnly(CLIENT + ".store", CRDT + "document", CRDT + "format", CRDT + "identity");
    assertUsesOnly(CLIENT + ".connection", CRDT + "wire", CRDT + "identity");
    assertUsesOnly(
        CLIENT + ".peer", CLIENT, CLIENT + ".connection", CRDT + "replica", CRDT + "identity");
    assertUsesOnly(CLIENT, CLIENT + ".connection", CLIENT + ".store", CRDT + ".");
    noClasses()
        .that(resideInAPackage(CLIENT + ".."))
        .should()
        .dependOnClassesThat(
            not(resideInAnyPackage("java..", "org.jspecify..", "dev.parlor.client..", CRDT + ".")))
        .check(parlor);
  }

  @Test
  @DisplayName("the core uses no sockets, threads, clocks or files")
  void coreUsesNoSocketsThreadsClocksOrFiles() {
    noClasses()
        .that(resideInAPackage(CRDT + "."))
        // HashIndex uses a random salt against chosen hashes; no result depends on the salt.
        .and()
        .doNotHaveFullyQualifiedName(CRDT + "graph.HashIndex")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "java.net..", "java.nio.file..", "java.nio.channels..", "java.util.concurrent..")
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(Thread.class)
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(Clock.class)
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(Instant.class, "now")
        .check(parlor);
  }

  @Test
  @DisplayName("no package depends on itself through other packages")
  void packagesHaveNoCycles() {
    slices().matching(RELAY + "(*)..").should().beFreeOfCycles().check(parlor);
    slices().matching(ROOM + "(*)..").should().beFreeOfCycles().check(parlor);
    slices().matching(APPS + "(*)..").should().beFreeOfCycles().check(parlor);
    slices().matching(CRDT + "(*)..").should().beFreeOfCycles().check(parlor);
    slices().matching(NATS + ".(*)..").should().beFreeOfCycles().check(parlor);
  }

  /** Asserts that a package and its subpackages use none of the given packages. */
  private static void assertUsesNone(String from, String... to) {
    noClasses()
        .that(resideInAPackage(from + ".."))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(to)
        .check(parlor);
  }

  /** Asserts that a package uses only itself and the given packages of Parlor. */
  private static void assertUsesOnly(String from, String... allowed) {
    var allowedAndSelf = new java.util.ArrayList<>(List.of(allowed));
    allowedAndSelf.add(from);
    noClasses()
        .that(resideInAPackage(from))
        .should()
        .dependOnClassesThat(
            resideInAPackage("dev.parlor..")
                .and(not(resideInAnyPackage(allowedAndSelf.toArray(String[]::new)))))
        .check(parlor);
  }
}
