package dev.parlor.apps.site;

/**
 * The answer for an address without an app. It is the same for an app that is unpublished and for an
 * app that never existed, so nobody learns which of the two it is.
 */
final class NotFoundPage {
  private static final String HTML =
      """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>There is no app here</title>
      <style>
      :root { color-scheme: light dark }
      body { font: 1rem/1.6 system-ui, sans-serif; max-width: 34rem; margin: 15vh auto; padding: 0 1rem }
      </style>
      </head>
      <body>
      <h1>There is no app here</h1>
      <p>The address may have a typing error, or the app's author has taken it offline. Ask the person
      who sent you the link for a new one.</p>
      </body>
      </html>
      """;

  private NotFoundPage() {}

  /**
   * The answer.
   *
   * @param isNavigation whether the client wants a page
   */
  static Answer answer(boolean isNavigation) {
    var answer =
        isNavigation ? Answer.html(404, HTML) : Answer.text(404, "There is nothing at this address.");
    return answer.with(io.helidon.http.HeaderNames.VARY, "Accept");
  }
}
