import { expect } from "@playwright/test";

export interface Deployed {
  readonly entryPointUrl: string;
  readonly wrapperUrl: string;
  readonly ownerHandle: string;
}

/** A person who publishes apps over the API. */
export class Publisher {
  private constructor(
    private readonly server: string,
    private readonly token: string,
  ) {}

  static async arrive(server: string): Promise<Publisher> {
    const answer = await fetch(`${server}/api/identities`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ name: "Mallory" }),
    });
    return new Publisher(server, (await answer.json()).token);
  }

  /** Sends a deploy and returns the answer, which may be an error. */
  async send(appSlug: string, files: readonly object[], env: Readonly<Record<string, string>> = {}) {
    const answer = await fetch(`${this.server}/api`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${this.token}` },
      body: JSON.stringify({
        type: "vibes.diy.req-ensure-app-slug",
        mode: "production",
        appSlug,
        env,
        fileSystem: files,
      }),
    });
    return { status: answer.status, text: await answer.text() };
  }

  async page(appSlug: string, html: string): Promise<Deployed> {
    const file = { type: "code-block", lang: "html", filename: "/index.html", content: html };
    const { status, text } = await this.send(appSlug, [file]);
    expect(status, text).toBe(200);
    return JSON.parse(text);
  }
}
