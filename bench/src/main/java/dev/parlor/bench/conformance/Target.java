package dev.parlor.bench.conformance;

import java.net.URI;

/** The address of the server under test. */
record Target(String host, int port, String path) {

  /**
   * Reads {@code ws://host:port/path}.
   *
   * @throws IllegalArgumentException with a sentence for the user
   */
  static Target parse(String url) {
    var uri = URI.create(url);
    if (!"ws".equals(uri.getScheme()) || uri.getHost() == null) {
      throw new IllegalArgumentException("'" + url + "' is not of the form ws://host:port/path");
    }
    var path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    return new Target(
        uri.getHost(),
        uri.getPort() < 0 ? 80 : uri.getPort(),
        uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery());
  }

  /** The value of the Host header. */
  String authority() {
    return host + ":" + port;
  }
}
