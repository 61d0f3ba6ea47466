/**
 * The details of a test that runs in every test run, or only in those with the tests that take long. Of tests that
 * differ only in a parameter, the most different ones run always.
 */
export const tagged = (always: boolean) => (always ? {} : { tag: "@long" });
