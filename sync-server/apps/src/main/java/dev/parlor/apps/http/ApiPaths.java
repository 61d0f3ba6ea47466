package dev.parlor.apps.http;

import java.util.List;

/** The paths of the apps API; each serves HTTP and WebSocket. */
public final class ApiPaths {
  public static final String API = "/api";
  public static final String SOCKET = "/v1/ws";
  public static final List<String> ALL = List.of(API, SOCKET);

  private ApiPaths() {}
}
