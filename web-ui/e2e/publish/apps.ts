import type { Page, Route } from "@playwright/test";
import type { AppsServer } from "../../src/testing/appsServer";

/**
 * Answers the page's requests for apps: the API at `/api`, and the files below `/a/`. Every token of the page counts as
 * the token of `user`.
 */
export async function routeApps(page: Page, apps: AppsServer, user: string): Promise<void> {
  const answer = async (route: Route): Promise<void> => {
    const request = route.request();
    const { pathname } = new URL(request.url());
    const sent = request.headers().authorization;
    const authorization = sent === undefined ? undefined : `Bearer good-${user}`;
    const { status, body, type } = apps.handle(
      { method: request.method(), url: pathname, headers: { authorization } },
      request.postData() ?? "",
    );
    await route.fulfill({ status, body, contentType: type });
  };
  await page.route((url) => url.pathname === "/api", answer);
  await page.route((url) => url.pathname.startsWith("/a/"), answer);
}
