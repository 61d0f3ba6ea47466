package dev.parlor.room.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.parlor.room.limits.ServiceLimits;
import dev.parlor.server.Parlor;
import dev.parlor.server.config.ServerConfig;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The whole server in this process, with a free port and a directory of its own. */
final class TestServer implements AutoCloseable {
  private final Parlor parlor;
  private final HttpClientForTests http;

  private TestServer(Parlor parlor) {
    this.parlor = parlor;
    this.http = new HttpClientForTests(parlor.port());
  }

  static TestServer start(Path folder) throws Exception {
    return start(folder, PageFiles.in(folder), forManyFromOneAddress());
  }

  /**
   * The default limits, raised for a whole suite: all tests come from 127.0.0.1 within one minute
   * and would exceed the limits per address. Tests of those limits set their own.
   */
  private static ServiceLimits forManyFromOneAddress() {
    var limits = ServiceLimits.defaults();
    var access = limits.access();
    var http = limits.http();
    return limits
        .with(
            new ServiceLimits.Access(access.ticketSeconds(), access.ticketsMax(), 100_000, 100_000))
        .with(
            new ServiceLimits.Http(
                http.bodyBytesMax(),
                http.resultWaitSecondsMax(),
                100_000,
                http.idempotencyKeysMax(),
                http.idempotencySeconds()));
  }

  static TestServer start(Path folder, ClassLoader page, ServiceLimits limits) throws Exception {
    return start(folder, page, limits, Map.of());
  }

  /** Starts with further settings, given as environment variables. */
  static TestServer start(Path folder, Map<String, String> environment) throws Exception {
    return start(folder, PageFiles.in(folder), forManyFromOneAddress(), environment);
  }

  /** Starts on a port that was free, so that a restart can use it again. */
  static TestServer start(Path folder, Map<String, String> environment, int port) throws Exception {
    return start(folder, PageFiles.in(folder), forManyFromOneAddress(), environment, port);
  }

  static TestServer start(
      Path folder, ClassLoader page, ServiceLimits limits, Map<String, String> environment)
      throws Exception {
    return start(folder, page, limits, environment, 0);
  }

  private static TestServer start(
      Path folder,
      ClassLoader page,
      ServiceLimits limits,
      Map<String, String> environment,
      int port)
      throws Exception {
    var read =
        ServerConfig.read(
            List.of("--port", Integer.toString(port), "--data", folder.resolve("data").toString()),
            environment,
            folder);
    var config = read.withLimits(limits.withAnswerTokens(read.limits().model().tokensDefault()));
    return new TestServer(Parlor.start(config, "test", page));
  }

  HttpClientForTests http() {
    return http;
  }

  int port() {
    return parlor.port();
  }

  /** A new room with its links. */
  RoomUnderTest room(String title) {
    var response = http.post("/api/rooms", "{\"title\":\"" + title + "\"}");
    assertEquals(201, response.statusCode(), response.body());
    return new RoomUnderTest(http, HttpClientForTests.json(response));
  }

  /** A new identity with a token. */
  Person person(String name) {
    var response = http.post("/api/identities", "{\"name\":\"" + name + "\"}");
    assertEquals(201, response.statusCode(), response.body());
    var json = HttpClientForTests.json(response);
    return new Person(json.path("identity").asText(), json.path("token").asText());
  }

  /** An identity and its token. */
  record Person(String identity, String token) {}

  /** A room with its keys by role. */
  record RoomUnderTest(HttpClientForTests http, JsonNode created) {
    String slug() {
      return created.path("slug").asText();
    }

    String path(String rest) {
      return "/api/rooms/" + slug() + rest;
    }

    String key(String role) {
      var link = created.path("links").path(role).asText();
      return link.substring(link.indexOf("#k=") + 3);
    }

    /** A person with a role's link, before joining. */
    Member with(String role, Person who) {
      return new Member(this, role, who);
    }

    /** As {@link #with}, and joins. */
    Member join(String role, Person who) {
      var member = with(role, who);
      var response = member.post("/join", "{\"name\":\"" + role + "\"}");
      assertEquals(200, response.statusCode(), response.body());
      return member;
    }
  }

  /** A person with a link. */
  record Member(RoomUnderTest room, String role, Person who) {
    String[] headers() {
      return new String[] {
        "Authorization", "Bearer " + who.token(), "Parlor-Key", room.key(role),
      };
    }

    HttpResponse<String> post(String rest, String json, String... more) {
      return room.http().post(room.path(rest), json, plus(more));
    }

    HttpResponse<String> get(String rest, String... more) {
      return room.http().get(room.path(rest), plus(more));
    }

    private String[] plus(String... more) {
      var all = new java.util.ArrayList<>(List.of(headers()));
      all.addAll(List.of(more));
      return all.toArray(String[]::new);
    }
  }

  @Override
  public void close() throws IOException {
    http.close();
    parlor.close();
  }
}
