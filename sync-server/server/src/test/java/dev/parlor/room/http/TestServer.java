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

/**
 * The whole server inside the test's process, on a free port and with its data in a test folder.
 */
final class TestServer implements AutoCloseable {
  private final Parlor parlor;
  private final HttpClientForTests http;

  private TestServer(Parlor parlor) {
    this.parlor = parlor;
    this.http = new HttpClientForTests(parlor.port());
  }

  static TestServer start(Path folder) throws Exception {
    return start(folder, PageFiles.in(folder), limitsForOneAddress());
  }

  /**
   * The default limits with higher limits per address. All requests of a test class come from
   * 127.0.0.1 within about a minute. Tests of the limits per address pass their own limits.
   */
  private static ServiceLimits limitsForOneAddress() {
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
    return start(folder, PageFiles.in(folder), limitsForOneAddress(), environment);
  }

  /** Starts on a given port, so that a restart can use the same port. */
  static TestServer start(Path folder, Map<String, String> environment, int port) throws Exception {
    return start(folder, PageFiles.in(folder), limitsForOneAddress(), environment, port);
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

    String path(String subpath) {
      return "/api/rooms/" + slug() + subpath;
    }

    String key(String role) {
      var link = created.path("links").path(role).asText();
      return link.substring(link.indexOf("#k=") + 3);
    }

    /** A person who has the link of a role and has not joined. */
    Member withLink(String role, Person person) {
      return new Member(this, role, person);
    }

    /** A person who has joined by the link of a role. */
    Member join(String role, Person person) {
      var member = withLink(role, person);
      var response = member.post("/join", "{\"name\":\"" + role + "\"}");
      assertEquals(200, response.statusCode(), response.body());
      return member;
    }
  }

  /** A person who has the link of a role in a room. */
  record Member(RoomUnderTest room, String role, Person person) {
    String[] headers() {
      return new String[] {
        "Authorization", "Bearer " + person.token(), "Parlor-Key", room.key(role),
      };
    }

    HttpResponse<String> post(String subpath, String json, String... extraHeaders) {
      return room.http().post(room.path(subpath), json, headersAnd(extraHeaders));
    }

    HttpResponse<String> get(String subpath, String... extraHeaders) {
      return room.http().get(room.path(subpath), headersAnd(extraHeaders));
    }

    HttpResponse<String> delete(String subpath) {
      return room.http().delete(room.path(subpath), headers());
    }

    private String[] headersAnd(String... extraHeaders) {
      var all = new java.util.ArrayList<>(List.of(headers()));
      all.addAll(List.of(extraHeaders));
      return all.toArray(String[]::new);
    }
  }

  @Override
  public void close() throws IOException {
    http.close();
    parlor.close();
  }
}
