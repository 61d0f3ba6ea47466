package dev.parlor.apps.site;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The absolute paths of a page below the root of its host. */
class PageUrlsTest {

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "<link rel=stylesheet href=/style.css>|<link rel=stylesheet href=../style.css>",
        "<script src=\"/a.js\"></script>|<script src=\"../a.js\"></script>",
        "<IMG SRC = '/a b.png' alt=\"/x\">|<IMG SRC = '../a b.png' alt=\"/x\">",
        "<a href=\"/\">home</a>|<a href=\"../\">home</a>",
        "<a href=\" /x?a=/b#/c\">|<a href=\"../x?a=/b#/c\">",
        "<form action=/send><button formaction=/other>|<form action=../send><button formaction=../other>",
        "<video poster=/p.png src=/v.mp4>|<video poster=../p.png src=../v.mp4>",
        "<img srcset=\"/a.png 1x, /b.png 2x\">|<img srcset=\"../a.png 1x, ../b.png 2x\">",
        "<img srcset=\"data:image/jpeg;base64,/9j/ 1x\">|<img srcset=\"data:image/jpeg;base64,/9j/ 1x\">",
        "<style>a { background: url( '/x.png') } @import \"/y.css\";</style>|<style>a { background: url( '../x.png') } @import \"../y.css\";</style>",
        "<base href=\"/\"><img src=/a.png>|<base href=\"../\"><img src=./a.png>",
        "<base href=\"/sub/\"><img src=/a.png>|<base href=\"../sub/\"><img src=../a.png>",
        "<img/src=/a.png/><br>|<img/src=../a.png/><br>",
      })
  @DisplayName("an absolute path in a page becomes relative to the page")
  void changed(String page, String expected) {
    assertEquals(expected, PageUrls.ofPage(page, 2));
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "<a href=\"//other.example/x\">",
        "<a href=\"/\\other.example/x\">",
        "<a href=\"https://other.example/x\">",
        "<a href=\"x/y\"><a href=\"#/x\"><a href=\"?/x\">",
        "<a href=\"&#47;x\">",
        "<script src=\"/~~vendor~~/zSet/react.js\"></script>",
        "<script>const page = '<img src=\"/a.png\">';</script>",
        "<textarea><img src=/a.png></textarea>",
        "<!-- <img src=/a.png> -->",
        "a < b, <3 and </img src=/x>",
        "<img src=\"/a.png",
        "<img src=",
        "<img src",
        "<img",
        "<",
        "<!-- <img src=/a.png>",
        "<script><img src=/a.png>",
        "<p data-src=/a.png title=\"src=/a.png\">"
      })
  @DisplayName("everything that is no absolute path in a known attribute stays as it is")
  void unchanged(String page) {
    assertEquals(page, PageUrls.ofPage(page, 1));
  }

  @Test
  @DisplayName("the depth of the page is the number of steps to the root of the app")
  void depth() {
    assertEquals("<img src=./a.png>", PageUrls.ofPage("<img src=/a.png>", 1));
    assertEquals("<img src=../../a.png>", PageUrls.ofPage("<img src=/a.png>", 3));
    assertEquals(
        "a{b:url(../x.png)} c{d:url(//e/f)}",
        PageUrls.ofStyle("a{b:url(/x.png)} c{d:url(//e/f)}", 2));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"<a ", "<a \"", "<a href='\"<b \" ", "<!--", "<script>", "</", "<a b=", "url("})
  @DisplayName("a page of a megabyte of broken markup is read once, from left to right")
  void hostile(String part) {
    var page = part.repeat(1_000_000 / part.length());
    var read = assertTimeoutPreemptively(Duration.ofSeconds(20), () -> PageUrls.ofPage(page, 1));
    assertEquals(page, read);
    var style =
        assertTimeoutPreemptively(
            Duration.ofSeconds(20), () -> PageUrls.ofStyle("url(" + " ".repeat(1_000_000), 1));
    assertEquals(1_000_004, style.length());
  }
}
