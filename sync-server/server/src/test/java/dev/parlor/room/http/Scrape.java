package dev.parlor.room.http;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The text of {@code /metrics}, parsed as Prometheus does. */
record Scrape(
    String text, Map<String, String> help, Map<String, String> types, Map<String, Double> values) {

  private static final Pattern SAMPLE =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? (\\S+)");
  private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

  static Scrape of(HttpClientForTests http) {
    var response = http.get("/metrics");
    if (response.statusCode() != 200) {
      throw new IllegalStateException(response.body());
    }
    var help = new LinkedHashMap<String, String>();
    var types = new LinkedHashMap<String, String>();
    var values = new LinkedHashMap<String, Double>();
    for (var line : response.body().lines().toList()) {
      var words = line.split(" ", 4);
      if (line.startsWith("# HELP ")) {
        help.put(words[2], words.length > 3 ? words[3] : "");
      } else if (line.startsWith("# TYPE ")) {
        types.put(words[2], words[3]);
      } else if (SAMPLE.matcher(line).matches()) {
        var space = line.lastIndexOf(' ');
        values.put(line.substring(0, space), Double.parseDouble(line.substring(space + 1)));
      } else {
        throw new IllegalStateException("invalid line in /metrics: " + line);
      }
    }
    return new Scrape(response.body(), help, types, values);
  }

  /** The value of a sample, which is given as its name and labels in the text; 0 if missing. */
  double value(String sample) {
    return values.getOrDefault(sample, 0.0);
  }

  /** The names of all samples, without labels. */
  TreeSet<String> names() {
    var names = new TreeSet<String>();
    values.keySet().forEach(sample -> names.add(sample.replaceFirst("\\{.*", "")));
    return names;
  }

  /** The values of each label key, in the samples whose names have this prefix. */
  Map<String, TreeSet<String>> labels(String prefix) {
    var labels = new LinkedHashMap<String, TreeSet<String>>();
    for (var sample : values.keySet()) {
      if (sample.startsWith(prefix) && sample.contains("{")) {
        var matcher = LABEL.matcher(sample);
        while (matcher.find()) {
          labels.computeIfAbsent(matcher.group(1), _ -> new TreeSet<>()).add(matcher.group(2));
        }
      }
    }
    return labels;
  }
}
