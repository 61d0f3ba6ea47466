package dev.parlor.client;

import dev.parlor.client.connection.Loop;
import dev.parlor.client.connection.ServerAddress;
import dev.parlor.client.connection.Timing;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The settings of a {@link Repo}. Without a server it works alone, without a store in memory. */
public final class RepoBuilder {

  private Optional<ServerAddress> address = Optional.empty();
  private boolean addressIsFixed;
  private Optional<Path> store = Optional.empty();
  private Timing timing = Timing.DEFAULT;
  private RandomGenerator random = new SecureRandom();
  private @Nullable Loop loop;
  private @Nullable HttpClient httpClient;

  RepoBuilder() {}

  /**
   * The address of the server, {@code ws:} or {@code wss:}. If the server says that the token in it
   * has expired, the repository stops to connect.
   */
  public RepoBuilder server(URI fixedAddress) {
    var scheme = String.valueOf(fixedAddress.getScheme());
    if (!scheme.equals("ws") && !scheme.equals("wss")) {
      throw new IllegalArgumentException(
          "the address of a server begins with ws: or wss:, not " + scheme + ":");
    }
    address = Optional.of(_ -> fixedAddress);
    addressIsFixed = true;
    return this;
  }

  /** Supplies the address for each connection, for servers whose tokens expire. */
  public RepoBuilder server(ServerAddress addresses) {
    address = Optional.of(addresses);
    addressIsFixed = false;
    return this;
  }

  /** The folder for the documents; created if it is missing. One repository uses it at a time. */
  public RepoBuilder store(Path folder) {
    store = Optional.of(folder);
    return this;
  }

  /** The times of the connection. */
  public RepoBuilder timing(Timing times) {
    timing = times;
    return this;
  }

  /**
   * The source of ids and pauses. It must not repeat itself in another process: ids of documents
   * and authors come from it.
   */
  public RepoBuilder random(RandomGenerator source) {
    random = source;
    return this;
  }

  /** The client for connections, for example with certificates of its own. */
  public RepoBuilder httpClient(HttpClient client) {
    httpClient = client;
    return this;
  }

  /** Runs the repository's tasks; the repository closes it. */
  public RepoBuilder loop(Loop tasks) {
    loop = tasks;
    return this;
  }

  /**
   * Opens the repository.
   *
   * @throws dev.parlor.client.store.StoreException if the store cannot be used
   */
  public Repo open() {
    return new Repo(this, loop == null ? Loop.onThread("parlor-client") : loop);
  }

  Optional<ServerAddress> address() {
    return address;
  }

  boolean addressIsFixed() {
    return addressIsFixed;
  }

  Optional<Path> store() {
    return store;
  }

  Timing timing() {
    return timing;
  }

  RandomGenerator random() {
    return random;
  }

  HttpClient httpClient() {
    return httpClient == null
        ? HttpClient.newBuilder().connectTimeout(timing.join()).build()
        : httpClient;
  }
}
